// What became of the answers, in four views: as the customer sees it, as Imshop gets it, record by record, and step by
// step. An element with data-record belongs to that record; one with data-lines to those lines of the config.

const odd = ["unmatched", "unreadable"];
const mostShown = 500; // entries of the JSON; all of it can be copied
const fates = { shown: "good", unmatched: "bad", unreadable: "bad" };

// lineButton leads to a line of the config.
function lineButton(ctx, line, goTo) {
  if (!line) return null;
  return ctx.h("button", { type: "button", class: "line", "data-lines": line.line, onclick: () => goTo(line.line, line.column), title: line.source.trim() }, ctx.t("play.line", { line: line.line }));
}

// linesOf are the lines of the config that decided about a record.
function linesOf(record) {
  return [record.config, ...(record.entry?.entry ? record.entry.config || [] : [])].filter(Boolean).map((line) => line.line);
}

const amount = (text) => text.replace("-", "−").replace(".", ",");

function points(ctx, entry) {
  const zero = (text) => Number(text) === 0;
  return [
    zero(entry.added) ? null : ctx.h("b", { class: "plus" }, "+" + amount(entry.added)),
    zero(entry.expired) ? null : ctx.h("b", { class: "minus" }, "−" + amount(entry.expired)),
    zero(entry.added) && zero(entry.expired) ? ctx.h("b", {}, "0") : null,
  ];
}

const day = (time) => new Date(time).toLocaleDateString("ru-RU", { day: "numeric", month: "long", year: "numeric", timeZone: "Europe/Moscow" });

// phone shows the history as the app does; what it says is Russian, as in the app.
export function phone(ctx, told, left) {
  const { h } = ctx;
  const shown = told.records.filter((record) => record.entry?.entry).sort((a, b) => a.entry.entry - b.entry.entry);
  const rows = shown.map((record) => h("li", { tabindex: "0", "data-record": record.record, "data-lines": linesOf(record).join(" ") },
    h("span", { class: "what" }, record.entry.message || "—",
      h("small", {}, record.entry.activation ? day(record.entry.activation) : "без даты", record.entry.expiration ? h("em", {}, "сгорят " + day(record.entry.expiration)) : null)),
    h("span", { class: "points" }, points(ctx, record.entry))));
  return [h("div", { class: "phone", lang: "ru" },
    h("div", { class: "screen" },
      h("div", { class: "phone-head" }, h("span", { "aria-hidden": true }, "‹"), h("strong", {}, "История бонусов")),
      rows.length ? h("ol", {}, rows) : h("p", { class: "nothing" }, "Пока нет операций"))),
  h("p", { class: "faint under" }, ctx.t("play.moscow"), left ? " " + ctx.t("play.left", { count: left }) : null)];
}

// json shows the answer as Imshop gets it, entry by entry.
export function json(ctx, told) {
  const { h } = ctx;
  const bonuses = told.answer.body?.bonuses || [];
  const of = {};
  for (const record of told.records) if (record.entry?.entry) of[record.entry.entry] = record;
  const blocks = bonuses.slice(0, mostShown).map((bonus, i) => {
    const record = of[i + 1];
    const text = JSON.stringify(bonus, null, 2).split("\n").map((line) => "    " + line).join("\n");
    return h("span", { class: "entry", tabindex: "0", "data-record": record?.record, "data-lines": record && linesOf(record).join(" ") }, text + (i + 1 < bonuses.length ? ",\n" : "\n"));
  });
  return h("div", {},
    h("p", { class: "head mono" }, `HTTP ${told.answer.status} · Bonus-History: ${told.answer.bonus_history}`),
    bonuses.length > mostShown ? h("p", { class: "faint" }, ctx.t("play.left", { count: bonuses.length - mostShown })) : null,
    h("pre", { class: "json", "aria-label": ctx.t("play.json") }, bonuses.length ? ["{\n  \"bonuses\": [\n", blocks, "  ]\n}"] : JSON.stringify(told.answer.body, null, 2)));
}

function fields(ctx, record) {
  return ctx.h("dl", { class: "fields" }, record.fields.map((field) => ctx.h("div", {},
    ctx.h("dt", {}, field.name),
    ctx.h("dd", { class: "mono" }, field.kind ? ctx.h("span", { class: "faint" }, field.kind) : field.value, field.read ? ctx.h("span", { class: "faint" }, " → " + field.read) : null))));
}

// records shows what became of every record, and which line decided it.
export function records(ctx, told, left, goTo) {
  const { h, t } = ctx;
  const strange = told.records.filter((record) => odd.includes(record.fate)).length;
  const list = h("ol", { class: "records" }, told.records.map((record) => h("li", {
    class: odd.includes(record.fate) ? "odd" : "", tabindex: "0", "data-record": record.record, "data-lines": linesOf(record).join(" "),
  },
  h("div", { class: "row" },
    h("span", { class: "number" }, "№ " + record.record),
    h("span", { class: "chip " + (fates[record.fate] || "") }, t("fate." + record.fate)),
    h("span", { class: "why mono" }, record.why),
    lineButton(ctx, record.config, goTo)),
  record.entry?.entry ? h("div", { class: "row" }, h("span", { class: "points" }, points(ctx, record.entry)), h("span", {}, record.entry.message)) : null,
  h("details", { open: odd.includes(record.fate) }, h("summary", {}, t("play.fields")), fields(ctx, record),
    (record.rules || []).map((rule) => h("p", { class: "row faint" }, t("play.no"), h("code", {}, rule.text), lineButton(ctx, rule.config, goTo)))))));
  const only = h("input", { type: "checkbox", onchange: () => list.classList.toggle("only-odd", only.checked) });
  return h("div", {},
    strange ? h("label", { class: "inline" }, only, t("play.onlyOdd", { count: strange })) : null,
    list.children.length ? list : h("p", { class: "faint" }, t("play.noRecords")),
    left ? h("p", { class: "faint" }, t("play.left", { count: left })) : null,
    (told.notes || []).map((note) => h("p", { class: "row warn" }, note.name + ": " + note.text, lineButton(ctx, note.config, goTo))));
}

function exchange(ctx, one, goTo) {
  const { h, t } = ctx;
  return h("div", { class: "exchange" + (one.failed ? " failed" : "") },
    h("p", { class: "mono break" }, one.method + " " + one.url, " ", lineButton(ctx, one.config?.[0], goTo)),
    h("p", {}, h("span", { class: "chip " + (one.failed ? "bad" : "good") }, one.status ? "HTTP " + one.status : t("play.noAnswer")), " ",
      one.type, one.size ? ` · ${one.size} B` : "", one.page > 1 ? " · " + t("play.page", { page: one.page }) : ""),
    (one.conditions || []).map((asked) => h("p", { class: "row" },
      h("code", {}, asked.name + ": " + asked.text), asked.why ? h("span", { class: "bad" }, asked.why) : h("span", { class: asked.held ? "warn" : "faint" }, t(asked.held ? "play.holds" : "play.not")), lineButton(ctx, asked.config, goTo))),
    h("p", { class: "row" }, h("span", { class: one.failed ? "bad" : "" }, t("play.verdict") + " " + one.verdict), lineButton(ctx, one.decided, goTo)),
    one.head ? h("pre", { class: "quote" }, one.head) : null);
}

// steps shows what was asked, and what the answers mean.
export function steps(ctx, told, goTo) {
  const { h, t } = ctx;
  return h("ol", { class: "steps" }, (told.steps || []).map((step) => h("li", {},
    h("h3", { class: "row" }, step.name, lineButton(ctx, step.config, goTo)),
    step.left_out ? h("p", { class: "faint" }, t("play.leftOut")) : null,
    (step.exchanges || []).map((one) => exchange(ctx, one, goTo)),
    (step.kept || []).map((kept) => h("p", { class: "row" }, h("code", {}, kept.name + " = " + kept.text), lineButton(ctx, kept.config, goTo))),
    step.failure ? h("p", { class: "row bad" }, step.failure.text, lineButton(ctx, step.failure.config, goTo)) : h("p", { class: "faint" }, t("play.count", { count: step.records })))));
}
