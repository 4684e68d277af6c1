// What is known of one request, in a dialog; with the live console, also what the CRM says about the customer now.
import { clock, span } from "./charts.js";
import { groupOf } from "./causes.js";
import { resultOf, verdictKind } from "./status.js";

export function openRequest(ctx, request) {
  const { h, t } = ctx;
  const close = h("button", { type: "button", class: "quiet", "aria-label": t("status.close") }, "✕");
  const dialog = h("dialog", { class: "request", "aria-labelledby": "request-title" },
    h("div", { class: "row request-head" }, h("h2", { id: "request-title", class: "grow" }, t("status.request", { at: clock(ctx, request.at, true) })), close),
    verdict(ctx, request), facts(ctx, request), steps(ctx, request), failure(ctx, request), further(ctx, request));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function verdict(ctx, request) {
  const { h, t } = ctx;
  const reason = request.reason || request.partial;
  const kind = { entries: "good", empty: "good", unserved: "warn", failed: "bad" }[groupOf(reason || "")];
  return h("div", { class: "note " + kind }, h("strong", {}, resultOf(ctx, request)),
    reason && [h("span", { class: "line-of" }, t("cause." + reason)), h("span", { class: "line-of" }, t("status.todo") + ": " + t("todo." + reason))]);
}

function facts(ctx, request) {
  const { h, t } = ctx;
  const all = [
    ["source", request.source + ", HTTP " + request.status], ["customer", request.customer && h("code", {}, request.customer)],
    ["took", span(ctx, request.took) + (request.crm ? " (" + t("status.in_crm", { took: span(ctx, request.crm) }) + ")" : "")],
    ["records", request.records], ["entries", request.entries], ["unmatched", request.unmatched || null], ["unreadable", request.unreadable || null],
    ["left_out", request.left_out], ["shared", request.shared && t("status.shared")],
  ];
  return h("dl", { class: "facts" }, all.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== "")
    .map(([name, value]) => h("div", {}, h("dt", {}, t("status.fact." + name)), h("dd", {}, value instanceof Node ? value : String(value)))));
}

function steps(ctx, request) {
  const { h, t } = ctx;
  if (request.steps.length === 0) return h("p", { class: "faint" }, t("status.no_steps"));
  return [h("h3", {}, t("status.steps")), h("ol", { class: "asked" }, request.steps.map((step) => h("li", {},
    h("div", { class: "row" }, h("strong", {}, step.step), h("span", { class: "chip " + verdictKind(step.verdict) }, step.verdict),
      h("span", { class: "faint" }, [step.status ? "HTTP " + step.status : t("status.no_answer"), t("status.attempts", { count: step.attempts, failed: step.failed }),
        step.pages > 1 ? t("status.pages", { count: step.pages }) : "", span(ctx, step.took), step.waited >= 1 ? t("status.waited", { took: span(ctx, step.waited) }) : ""].filter(Boolean).join(", "))),
    step.config && h("code", { class: "source" }, h("span", { class: "faint" }, step.config.file + ":" + step.config.line), " " + step.config.source))))];
}

function failure(ctx, request) {
  const { h, t } = ctx;
  const lines = [request.failure, ...(request.problems || [])].filter(Boolean);
  return lines.length > 0 && [h("h3", {}, t("status.failure")), lines.map((line) => h("code", { class: "source" }, line))];
}

// further says how to learn more: by the command, or by asking again where that is allowed.
function further(ctx, request) {
  const { h, t } = ctx;
  if (!request.customer) return null;
  if (!request.again) return h("p", { class: "faint" }, t("status.explain"));
  const result = h("div", { "aria-live": "polite" });
  const button = h("button", { type: "button", class: "main" }, t("status.again"));
  button.addEventListener("click", async () => {
    button.disabled = true;
    result.replaceChildren(h("p", { class: "faint" }, t("status.asking")));
    try {
      result.replaceChildren(...explained(ctx, (await ctx.api("again", { request: request.number })).explained));
    } catch (error) {
      result.replaceChildren(h("p", { class: "bad", role: "alert" }, error.message));
    }
    button.disabled = false;
  });
  return h("div", { class: "again" }, button, result);
}

const at = (h, line) => line && h("span", { class: "faint" }, " " + line.file + ":" + line.line + " " + line.source.trim());

// explained shows what explain --json tells: the steps with what decided, and what became of every record.
function explained(ctx, told) {
  const { h, t } = ctx;
  const steps = (told.steps || []).map((step) => h("li", {}, h("strong", {}, step.name), at(h, step.config),
    (step.exchanges || []).map((one) => h("div", {}, h("code", { class: "source" }, one.method + " " + one.url),
      h("span", { class: one.failed ? "bad" : "good" }, (one.status || t("status.no_answer")) + ", " + span(ctx, one.took_ms) + ", " + one.verdict), at(h, one.decided))),
    step.failure && h("div", { class: "bad" }, step.failure.text, at(h, step.failure.config))));
  const records = (told.records || []).map((record) => h("tr", { class: ["unmatched", "unreadable"].includes(record.fate) ? "odd" : "" },
    h("th", { scope: "row" }, record.record), h("td", {}, record.fate), h("td", {}, record.why || "", at(h, record.config)),
    h("td", {}, record.entry ? "+" + record.entry.added + " −" + record.entry.expired + " " + record.entry.message : "—")));
  return [
    h("h3", {}, told.answer.bonus_history), h("ol", { class: "asked" }, steps),
    records.length > 0 && h("div", { class: "wide" }, h("table", {}, h("caption", { class: "unseen" }, t("status.fact.records")),
      h("thead", {}, h("tr", {}, ["record", "fate", "why", "entry"].map((name) => h("th", { scope: "col" }, t("status.col." + name))))), h("tbody", {}, records))),
    (told.notes || []).map((note) => h("p", { class: "warn" }, (note.name ? note.name + ": " : "") + note.text, at(h, note.config))),
  ].flat().filter(Boolean);
}
