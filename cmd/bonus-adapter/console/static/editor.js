// A textarea with line numbers, marks at lines, and a place for what is wrong with the line of the caret. It stays a
// textarea, so that keyboards, screen readers and browsers know what to do with it.
//
//   const editor = makeEditor(ctx, { label, describedBy, onInput(text), onLine(line) })
//   editor.element, editor.value, editor.mark(findings), editor.link(lines), editor.goTo(line, column)
//
// findings: [{line, column, kind: "bad" or "warn", text}]; lines count from 1.

const lineHeight = 20; // px, as in play.css

export function makeEditor(ctx, options) {
  const { h } = ctx;
  const numbers = h("pre", { class: "numbers", "aria-hidden": true });
  const signs = h("div", { class: "signs", "aria-hidden": true });
  const marks = h("div", { class: "marks", "aria-hidden": true });
  const links = h("div", { class: "marks", "aria-hidden": true });
  const area = h("textarea", {
    class: "code", spellcheck: "false", autocomplete: "off", autocapitalize: "off", wrap: "off",
    "aria-label": options.label, "aria-describedby": options.describedBy,
  });
  const element = h("div", { class: "editor" },
    h("div", { class: "gutter" }, numbers, signs), h("div", { class: "sheet" }, links, marks, area));
  let count = 0, line = 0;

  function number() {
    const lines = area.value.split("\n").length;
    if (lines === count) return;
    count = lines;
    numbers.textContent = Array.from({ length: lines }, (_, i) => i + 1).join("\n");
  }

  function scrolled() {
    for (const layer of [numbers, signs]) layer.style.transform = `translateY(${-area.scrollTop}px)`;
    for (const layer of [marks, links]) layer.style.transform = `translate(${-area.scrollLeft}px, ${-area.scrollTop}px)`;
  }

  function moved() {
    const now = area.value.slice(0, area.selectionStart).split("\n").length;
    if (now === line) return;
    line = now;
    options.onLine?.(line);
  }

  area.addEventListener("scroll", scrolled);
  area.addEventListener("input", () => { number(); moved(); options.onInput?.(area.value); });
  for (const event of ["keyup", "click", "focus"]) area.addEventListener(event, moved);
  area.addEventListener("blur", () => { line = 0; options.onLine?.(0); });

  const top = (at) => (at - 1) * lineHeight + "px";

  return {
    element,
    area,
    get value() { return area.value; },
    set value(text) {
      if (area.value === text) return;
      area.value = text;
      area.scrollTop = 0;
      number();
      scrolled();
    },
    // mark shows what is wrong where.
    mark(findings) {
      signs.replaceChildren(...findings.map((found) => h("span", { class: "sign " + found.kind, title: found.text, "data-top": found.line }, found.kind === "bad" ? "✕" : "!")));
      marks.replaceChildren(...findings.map((found) => {
        const text = area.value.split("\n")[found.line - 1] || "";
        const mark = h("div", { class: "mark " + found.kind }, h("i"));
        mark.style.top = top(found.line);
        const from = Math.min(found.column, text.length + 1) - 1;
        mark.firstChild.style.marginLeft = from + "ch";
        mark.firstChild.style.width = Math.max(text.trimEnd().length - from, 1) + "ch";
        return mark;
      }));
      for (const sign of signs.children) sign.style.top = top(Number(sign.dataset.top));
      area.setAttribute("aria-invalid", findings.some((found) => found.kind === "bad"));
      scrolled();
    },
    // link shows the lines that belong to something that is pointed at.
    link(lines) {
      links.replaceChildren(...lines.map((at) => {
        const mark = h("div", { class: "mark linked" });
        mark.style.top = top(at);
        return mark;
      }));
      const first = Math.min(...lines);
      if (lines.length && (first * lineHeight < area.scrollTop + lineHeight || first * lineHeight > area.scrollTop + area.clientHeight - lineHeight)) {
        area.scrollTop = Math.max(first * lineHeight - area.clientHeight / 2, 0);
      }
      scrolled();
    },
    goTo(at, column) {
      const lines = area.value.split("\n");
      const from = lines.slice(0, at - 1).reduce((sum, text) => sum + text.length + 1, 0) + Math.min(column - 1, (lines[at - 1] || "").length);
      area.focus();
      area.setSelectionRange(from, from);
      area.scrollTop = Math.max(at * lineHeight - area.clientHeight / 2, 0);
      moved();
    },
  };
}
