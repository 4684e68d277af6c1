// Start from a sample: what bonus-adapter init would propose after an answer, field by field, with what speaks for it.
// Each can be accepted, replaced by another member of the records, or dropped.

import { words } from "./samplewords.js";

export { words };

// What was pasted and decided outlives the page, but not the browser's tab.
const state = { body: "", choices: {}, codes: {}, agreed: {}, told: null };
const example = `{"data":{"items":[
  {"id":"a1","kind":"ACCRUAL","bonus":250,"created_at":"2026-05-30T18:12:05+03:00","burn_at":"2026-12-31","comment":"За покупку"},
  {"id":"a2","kind":"SPEND","bonus":100,"created_at":"2026-05-21T09:40:00+03:00","burn_at":null,"comment":"Оплата заказа"},
  {"id":"a3","kind":"CORRECTION","bonus":40,"created_at":"2026-05-12T10:00:00+03:00","burn_at":null,"comment":null}]}}`;

const confidence = { sure: "good", guessed: "warn", asked: "bad" };

export function mount(root, ctx) {
  const { h, t, put } = ctx;
  let turn = 0, timer = 0;
  const body = h("textarea", { class: "code plain", id: "sample", spellcheck: "false", autocomplete: "off", wrap: "off", "aria-label": t("sample.body"), placeholder: t("sample.paste") });
  const proposal = h("div", { class: "proposal", id: "proposal" });
  const file = h("input", { type: "file", hidden: true, onchange: async () => { if (file.files[0]) take(await file.files[0].text()); } });
  body.value = state.body;
  body.addEventListener("input", () => {
    Object.assign(state, { body: body.value, choices: {}, codes: {}, agreed: {} });
    clearTimeout(timer);
    timer = setTimeout(propose, 400);
  });

  function take(text) {
    body.value = text;
    body.dispatchEvent(new Event("input"));
  }

  async function propose() {
    const mine = ++turn;
    if (!state.body.trim()) {
      state.told = null;
      return show();
    }
    try {
      const told = await ctx.api("propose", { bodies: [state.body], choices: state.choices, codes: state.codes });
      if (mine !== turn) return;
      state.told = told;
      show();
    } catch (error) {
      if (mine !== turn) return;
      state.told = null;
      put(proposal, h("p", { class: "bad box", role: "alert" }, error.message));
    }
  }

  function show() {
    const told = state.told;
    if (!told) {
      put(proposal, h("div", { class: "box empty" }, h("p", {}, t("sample.empty")), h("button", { type: "button", id: "try", onclick: () => take(example) }, t("sample.try"))));
      return;
    }
    const focused = document.activeElement?.id;
    const open = told.asked.length;
    put(proposal,
      h("div", { class: "box row" },
        h("span", { class: "grow" }, t("sample.found", { count: told.count, format: told.format, path: told.records || "·" })),
        h("span", { class: "chip " + (open ? "warn" : "good") }, t("sample.open", { count: open })),
        h("button", { type: "button", class: "main", id: "to-playground", onclick: () => ctx.go("play", { config: told.config, customer: "12345", answers: [{ name: t("sample.name"), status: 200, headers: {}, body: state.body, fail: "" }] }) }, t("sample.go"))),
      h("ul", { class: "fields-list" }, rows(told)),
      told.codes?.length ? codes(told) : null,
      findings(told),
      h("details", { class: "box" }, h("summary", {}, "config.yaml"), h("pre", { class: "quote" }, told.config)));
    if (focused) document.getElementById(focused)?.focus();
    ctx.announce(t("sample.found", { count: told.count, format: told.format, path: told.records }) + " " + t("sample.open", { count: open }));
  }

  // rows are the proposed fields, and those that there could be.
  function rows(told) {
    const there = Object.fromEntries(told.fields.map((field) => [field.name, field]));
    const names = told.fields.map((field) => field.name).concat(told.offered.filter((name) => !there[name] && useful(name, there)));
    // A member that is read already has one field for all that it is chosen for.
    const shared = (name) => state.choices[name] && told.fields.find((field) => field.at === state.choices[name]);
    return names.map((name) => row(told, name, there[name] || shared(name)));
  }

  // useful leaves out what excludes what is there: one column of points, or one of earned and one of lost points.
  const useful = (name, there) => !(name === "amount" && there.earned) && !((name === "earned" || name === "lost" || name === "debit") && there.amount);

  function row(told, name, field) {
    const can = told.offered.includes(name);
    const fits = (column) => (["amount", "earned", "lost"].includes(name) ? column.number : ["created", "active", "expires"].includes(name) ? column.time : true);
    const select = h("select", { id: "field-" + name, "aria-label": t("sample.reads", { name: t("field." + name) }), disabled: !can, onchange: () => { state.choices[name] = select.value; state.agreed[name] = true; propose(); } },
      name === "amount" && field ? null : h("option", { value: "", selected: !field }, t("sample.none")),
      told.columns.filter((column) => fits(column) || column.path === field?.at).map((column) => h("option", { value: column.path, selected: column.path === field?.at }, `${column.path}   (${column.values.join(", ").slice(0, 48)})`)));
    const agreed = h("input", { type: "checkbox", id: "agreed-" + name, checked: state.agreed[name], onchange: () => { state.agreed[name] = agreed.checked; line.classList.toggle("agreed", agreed.checked); } });
    const sure = field && (name in state.choices ? h("span", { class: "chip good" }, t("sample.decided")) : h("span", { class: "chip " + confidence[field.confidence] }, t("sample." + field.confidence)));
    const line = h("li", { class: (field ? "" : "absent ") + (state.agreed[name] ? "agreed" : "") },
      h("div", { class: "row" }, h("strong", { class: "role" }, t("field." + name)), h("span", { class: "grow" }, select), sure,
        field ? h("label", { class: "inline" }, agreed, t("sample.agree")) : null),
      field ? h("ul", { class: "evidence" }, evidence(field).map((text) => h("li", {}, text))) : null);
    return line;
  }

  const evidence = (field) => [...new Set([...(field.findings || []), ...(field.notes || [])])];

  function codes(told) {
    return h("section", { class: "box", "aria-labelledby": "h-codes" },
      h("h2", { id: "h-codes" }, t("sample.codes")), h("p", { class: "faint" }, t("sample.codesWhy")),
      h("ul", { class: "codes" }, told.codes.map((code, i) => {
        const select = h("select", { id: "code-" + i, "aria-label": t("sample.means", { code: code.text }), onchange: () => { state.codes[code.text] = select.value; propose(); } },
          h("option", { value: "", selected: !code.group }, t("sample.ask")),
          told.groups.map((group) => h("option", { value: group, selected: group === code.group }, t("group." + group))));
        return h("li", { class: "row" }, h("code", {}, code.text), select, h("span", { class: code.group ? "faint" : "bad" }, (code.group ? "" : "? ") + code.evidence));
      })));
  }

  function findings(told) {
    return h("div", { class: "found" }, ["asked", "guessed", "sure"].filter((kind) => told[kind]?.length).map((kind) => h("section", { class: "box" },
      h("h2", {}, h("span", { class: "chip " + confidence[kind] }, t("sample." + kind))), h("ul", {}, told[kind].map((text) => h("li", {}, text))))));
  }

  root.append(
    h("h1", { class: "unseen" }, t("tab.sample")),
    h("div", { class: "two" },
      h("section", { class: "panel", "aria-labelledby": "h-sample" },
        h("div", { class: "panel-head" }, h("h2", { id: "h-sample" }, t("sample.title")), h("button", { type: "button", onclick: () => file.click() }, t("sample.file")), file),
        h("div", { class: "answer" }, body, h("p", { class: "faint" }, t("sample.private")))),
      h("section", { "aria-labelledby": "h-proposal" }, h("h2", { id: "h-proposal", class: "unseen" }, t("sample.proposal")), proposal)));
  show();
  if (state.body && !state.told) propose();
  return () => { clearTimeout(timer); turn++; };
}
