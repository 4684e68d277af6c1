// How the running adapter fares: the last hour in charts, what needs attention, and the last requests.
import { clock, drawLatency, drawReasons, minuteAt, number, span, swatch } from "./charts.js";
import { openRequest } from "./request.js";
import { groupOf, groups, words as reasonWords } from "./causes.js";
import { words as own } from "./status-words.js";

export const words = { en: { ...reasonWords.en, ...own.en }, ru: { ...reasonWords.ru, ...own.ru } };

const grave = ["overloaded", "unauthorized"]; // of what is not served, what somebody should see to
const every = 3000, minutesShown = 60, lately = 5;

// What outlives a change of the language.
let paused = false, filter = "", search = "";

export function mount(root, ctx) {
  const page = build(root, ctx);
  let timer = 0, gone = false, warned = "";

  async function refresh() {
    clearTimeout(timer);
    try {
      const told = await ctx.api("status");
      if (gone) return;
      const attention = show(page, ctx, told);
      page.state.textContent = ctx.t("status.updated", { at: clock(ctx, told.seen.now, true) });
      page.state.className = "faint";
      if (attention !== warned) ctx.announce(attention || ctx.t("status.fine"));
      warned = attention;
    } catch (error) {
      if (gone) return;
      page.state.textContent = error.message;
      page.state.className = "bad";
    }
    plan();
  }

  function plan() {
    clearTimeout(timer);
    if (!paused && !document.hidden && !gone) timer = setTimeout(refresh, every);
  }

  const seen = () => (document.hidden || paused ? clearTimeout(timer) : refresh());
  const sized = new ResizeObserver(() => page.told && draw(page, ctx));
  page.pause.addEventListener("click", () => {
    paused = !paused;
    showPause(page, ctx);
    seen();
  });
  showPause(page, ctx);
  document.addEventListener("visibilitychange", seen);
  sized.observe(page.reasons);
  refresh();
  return () => {
    gone = true;
    clearTimeout(timer);
    sized.disconnect();
    document.removeEventListener("visibilitychange", seen);
  };
}

function showPause(page, ctx) {
  page.pause.textContent = ctx.t(paused ? "status.resume" : "status.pause");
}

// build makes everything that stays from one look to the next.
function build(root, ctx) {
  const { h, svg, t } = ctx;
  const page = { told: null, cursor: minutesShown - 1, rows: new Map() };
  page.state = h("span", { class: "faint" });
  page.pause = h("button", { type: "button" });
  page.attention = h("div", { class: "attention" });
  page.tiles = h("dl", { class: "tiles" });
  page.reasons = svg("svg", { class: "chart", role: "img" });
  page.latency = svg("svg", { class: "chart", role: "img" });
  page.minute = h("input", { type: "range", class: "minute", min: 0, max: minutesShown - 1, value: page.cursor });
  page.readout = h("p", { class: "readout" });
  page.causes = h("ul", { class: "causes" });
  page.minutes = h("tbody");
  page.calls = h("tbody");
  page.none = h("p", { class: "faint" }, t("status.calls.none"));
  page.list = h("tbody");
  page.nobody = h("p", { class: "faint" }, t("status.requests.none"));
  page.filter = h("select", { onchange: () => { filter = page.filter.value; list(page, ctx); } });
  page.search = h("input", { type: "search", value: search, spellcheck: "false", autocomplete: "off", oninput: () => { search = page.search.value.trim(); list(page, ctx); } });
  for (const picture of [page.reasons, page.latency]) {
    picture.addEventListener("pointermove", (event) => point(page, ctx, minuteAt(picture, page.slots || [1], event)));
    picture.addEventListener("pointerdown", (event) => point(page, ctx, minuteAt(picture, page.slots || [1], event)));
  }
  page.minute.addEventListener("input", () => point(page, ctx, Number(page.minute.value)));

  const head = (...names) => h("thead", {}, h("tr", {}, names.map((name) => h("th", { scope: "col" }, t("status.col." + name)))));
  const legend = h("ul", { class: "legend" }, groups.map((group) => h("li", {}, swatch(ctx, group), t("status.group." + group))));
  const lines = h("ul", { class: "legend" }, ["p50", "p99"].map((name) => h("li", {},
    svg("svg", { class: "swatch wide", viewBox: "0 0 26 14", "aria-hidden": "true" }, svg("path", { class: "line " + name, d: "M1 7h24" })), t("status." + name))));
  root.append(
    h("div", { class: "row status-head" }, h("h1", { class: "grow" }, t("tab.status")), page.state, page.pause),
    page.attention, page.tiles,
    h("div", { class: "charts" },
      h("section", { class: "box", "aria-labelledby": "status-reasons" }, h("h2", { id: "status-reasons" }, t("status.reasons")), legend, page.reasons, h("h3", {}, t("status.causes")), page.causes),
      h("section", { class: "box", "aria-labelledby": "status-latency" }, h("h2", { id: "status-latency" }, t("status.latency")), lines, page.latency,
        h("h3", {}, t("status.calls")), page.none,
        h("div", { class: "wide" }, h("table", { class: "calls" }, h("caption", { class: "unseen" }, t("status.calls")), head("step", "verdict", "count", "share"), page.calls))),
      h("div", { class: "box across" }, h("label", { class: "pick" }, h("span", {}, t("status.minute")), page.minute), page.readout,
        h("details", {}, h("summary", {}, t("status.table")), h("div", { class: "wide" },
          h("table", { class: "minutes" }, h("caption", { class: "unseen" }, t("status.table")), head("minute", "requests", "entries", "empty", "unserved", "failed", "p50", "p99", "why"), page.minutes))))),
    h("section", { class: "box", "aria-labelledby": "status-requests" },
      h("div", { class: "row" }, h("h2", { class: "grow", id: "status-requests" }, t("status.requests")),
        h("label", { class: "aside" }, h("span", {}, t("status.filter")), page.filter), h("label", { class: "aside" }, h("span", {}, t("status.search")), page.search)),
      page.nobody,
      h("table", { class: "requests" }, h("caption", { class: "unseen" }, t("status.requests")), head("time", "result", "customer", "took", "steps"), page.list)));
  return page;
}

// show puts a look onto the page, and gives what is to be said about it.
function show(page, ctx, told) {
  const before = page.slots?.at(-1).at;
  page.told = told;
  page.slots = slotsOf(told.seen);
  if (before && page.cursor < minutesShown - 1) { // the minute that somebody looks at moves on with the others
    page.cursor = Math.max(0, page.cursor - Math.round((page.slots.at(-1).at - before) / 60000));
    page.minute.value = page.cursor;
  }
  const said = attend(page, ctx);
  tiles(page, ctx);
  draw(page, ctx);
  causes(page, ctx);
  minutes(page, ctx);
  calls(page, ctx);
  list(page, ctx);
  return said;
}

// slotsOf gives sixty minutes, also before there were that many.
function slotsOf(seen) {
  const last = seen.minutes[seen.minutes.length - 1].at;
  const known = new Map(seen.minutes.map((minute) => [minute.at, minute]));
  return Array.from({ length: minutesShown }, (_, i) => {
    const at = last - (minutesShown - 1 - i) * 60000;
    const minute = known.get(at) || { at, reasons: {}, sources: {}, partial: 0, took: { p50: 0, p99: 0, slowest: 0 } };
    const sums = { entries: 0, empty: 0, unserved: 0, failed: 0 };
    for (const [reason, count] of Object.entries(minute.reasons)) sums[groupOf(reason)] += count;
    return { ...minute, groups: sums, total: total(Object.values(sums)), timed: minute.took.slowest > 0 };
  });
}

const total = (counts) => counts.reduce((sum, count) => sum + count, 0);

// sums adds up what slots count under the same names, the most frequent first.
function sums(slots, member) {
  const all = new Map();
  for (const slot of slots) for (const [name, count] of Object.entries(slot[member])) all.set(name, (all.get(name) || 0) + count);
  return [...all].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}

const nameOf = (ctx, reason) => reason || ctx.t("status.group.entries");

// attend shows what somebody should see to.
function attend(page, ctx) {
  const { h, t } = ctx;
  const { config, crm, cache } = page.told;
  const notes = [];
  if (config.refused) notes.push({ kind: "bad", title: t("status.refused", { at: clock(ctx, config.tried, true), generation: config.generation }), lines: config.problems, code: true });
  for (const { step, state } of crm.breakers) {
    if (state !== "closed") notes.push({ kind: state === "open" ? "bad" : "warn", title: t("status.breaker." + state, { step }), lines: [t("todo.breaker_open")] });
  }
  const failing = sums(page.slots.slice(-lately), "reasons").filter(([reason]) => groupOf(reason) === "failed" || grave.includes(reason));
  if (failing.length) notes.push({ kind: "bad", title: t("status.lately", { minutes: lately }) + failing.map(([reason]) => reason).join(", "), lines: failing.map(([reason, count]) =>
    [h("b", {}, reason + " ×" + number(ctx, count)), " " + t("cause." + reason) + " → " + t("todo." + reason)]) });
  if (cache?.open) notes.push({ kind: "warn", title: t("status.store.open"), lines: [] });
  const said = notes.map((note) => note.title).join(". ");
  const told = JSON.stringify([ctx.locale, said, config.problems, failing]);
  if (page.said === told) return said; // a text that somebody reads or marks stays
  page.said = told;
  if (notes.length === 0) notes.push({ kind: "good", title: t("status.fine"), lines: [] });
  page.attention.replaceChildren(...notes.map((note) => h("div", { class: "note " + note.kind },
    h("strong", {}, h("span", { class: "sign", "aria-hidden": "true" }, { good: "✓", warn: "!", bad: "✕" }[note.kind]), note.title),
    note.lines.map((line) => h(note.code ? "code" : "span", { class: "line-of" }, line)))));
  return said;
}

function tiles(page, ctx) {
  const { h, t } = ctx;
  const { seen, crm, cache, config, door } = page.told;
  const requests = total(page.slots.map((minute) => minute.total)), failed = total(page.slots.map((minute) => minute.groups.failed));
  const sources = Object.fromEntries(sums(page.slots, "sources"));
  const share = (part, whole) => new Intl.NumberFormat(ctx.locale, { style: "percent", maximumFractionDigits: part / whole < 0.1 ? 1 : 0 }).format(whole ? part / whole : 0);
  const partial = total(page.slots.map((minute) => minute.partial));
  const day = (at) => new Intl.DateTimeFormat(ctx.locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at);
  const open = crm.breakers.filter((breaker) => breaker.state !== "closed");
  const tile = (name, value, detail, kind) => h("div", { class: "tile", "data-tile": name }, h("dt", {}, t("status.tile." + name)), h("dd", {}, h("span", { class: "value " + (kind || "") }, value), h("span", { class: "faint" }, detail)));
  page.tiles.replaceChildren(
    tile("requests", number(ctx, requests), t("status.under_way", { count: number(ctx, door.requests) })),
    tile("failed", requests ? share(failed, requests) : "—", partial ? t("status.partial", { count: number(ctx, partial) }) : t("status.of_requests", { count: number(ctx, failed) }), failed ? "bad" : ""),
    tile("latency", seen.took.slowest ? span(ctx, seen.took.p50) : "—", seen.took.slowest ? t("status.slowest", { p99: span(ctx, seen.took.p99), took: span(ctx, seen.took.slowest) }) : ""),
    tile("breakers", crm.breakers.length === 0 ? "—" : open.length ? t("status.breakers.open", { count: open.length }) : t("status.breakers.closed"),
      crm.breakers.map(({ step, state }) => h("span", { class: "breaker" }, h("span", { class: "chip " + ({ closed: "good", open: "bad" }[state] || "warn") }, step + ": " + t("status.state." + state)))), open.length ? "bad" : ""),
    tile("cache", cache ? share((sources.cache || 0) + (sources.stale || 0), requests) : t("status.off"),
      cache ? t("status.cache", { store: cache.store, fresh: number(ctx, sources.cache || 0), stale: number(ctx, sources.stale || 0) }) : t("status.cache.off")),
    tile("crm", t("status.of", { some: crm.under_way, all: crm.places }), crm.waiting ? t("status.waiting", { count: number(ctx, crm.waiting) }) : t("status.crm")),
    tile("config", "№ " + config.generation, [t("status.since", { at: day(config.since) }),
      h("span", { class: config.refused ? "bad" : "" }, config.tried ? t(config.refused ? "status.reload.refused" : "status.reload.taken", { at: day(config.tried) }) : t("status.reload.none"))], config.refused ? "bad" : ""));
}

function draw(page, ctx) {
  drawReasons(ctx, page.reasons, page.slots, page.cursor);
  drawLatency(ctx, page.latency, page.slots, page.cursor);
  const { seen } = page.told;
  page.reasons.setAttribute("aria-label", ctx.t("status.reasons") + ": " + (sums(page.slots, "reasons").map(([reason, count]) => nameOf(ctx, reason) + " " + number(ctx, count)).join(", ") || ctx.t("status.requests.none")));
  page.latency.setAttribute("aria-label", ctx.t("status.latency") + ": " + ctx.t("status.p50") + " " + span(ctx, seen.took.p50) + ", " + ctx.t("status.p99") + " " + span(ctx, seen.took.p99));
  readout(page, ctx);
}

function point(page, ctx, cursor) {
  if (!page.told || cursor === page.cursor) return;
  page.cursor = cursor;
  page.minute.value = cursor;
  draw(page, ctx);
}

const why = (ctx, minute) => sums([minute], "reasons").map(([reason, count]) => nameOf(ctx, reason) + " " + number(ctx, count)).join(", ");

function readout(page, ctx) {
  const minute = page.slots[page.cursor];
  const text = clock(ctx, minute.at) + ": " + (why(ctx, minute) || ctx.t("status.quiet")) +
    (minute.timed ? "; " + ctx.t("status.p50") + " " + span(ctx, minute.took.p50) + ", " + ctx.t("status.p99") + " " + span(ctx, minute.took.p99) : "");
  page.readout.textContent = text;
  page.minute.setAttribute("aria-valuetext", text);
}

// causes lists the reasons of the hour. Each shows the requests that have it.
function causes(page, ctx) {
  const { h, svg } = ctx;
  const all = sums(page.slots, "reasons");
  const most = Math.max(1, ...all.map(([, count]) => count));
  keepFocus(page.causes, all.map(([reason, count]) => h("li", {},
    h("button", { type: "button", class: "cause quiet", "data-key": reason || "entries", title: reason ? ctx.t("cause." + reason) : null, onclick: () => { filter = reason || "entries"; list(page, ctx); page.filter.focus(); } },
      swatch(ctx, groupOf(reason)), h("span", { class: "cause-name" }, nameOf(ctx, reason)),
      svg("svg", { class: "share", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("rect", { class: "fill-" + groupOf(reason), width: 100 * count / most, height: 8, rx: 1 })),
      h("span", { class: "count" }, number(ctx, count))))));
}

// keepFocus replaces children, and the focus stays with what has the same key.
function keepFocus(parent, children) {
  const key = parent.contains(document.activeElement) && document.activeElement.dataset.key;
  parent.replaceChildren(...children);
  if (key) [...parent.querySelectorAll("[data-key]")].find((child) => child.dataset.key === key)?.focus();
}

function minutes(page, ctx) {
  const { h } = ctx;
  page.minutes.replaceChildren(...page.slots.filter((minute) => minute.total).reverse().map((minute) => h("tr", {},
    h("th", { scope: "row" }, clock(ctx, minute.at)), h("td", {}, number(ctx, minute.total)),
    groups.map((group) => h("td", {}, number(ctx, minute.groups[group]))),
    ["p50", "p99"].map((name) => h("td", {}, minute.timed ? span(ctx, minute.took[name]) : "—")), h("td", { class: "why" }, why(ctx, minute)))));
}

function calls(page, ctx) {
  const { h, svg } = ctx;
  const { attempts } = page.told.seen;
  const byStep = new Map();
  for (const one of attempts) byStep.set(one.step, (byStep.get(one.step) || 0) + one.count);
  page.none.hidden = attempts.length > 0;
  page.calls.closest("table").hidden = attempts.length === 0;
  page.calls.replaceChildren(...attempts.map(({ step, verdict, count }, i) => h("tr", { class: attempts[i - 1]?.step === step ? "" : "first" },
    attempts[i - 1]?.step === step ? h("td", {}) : h("th", { scope: "row" }, step),
    h("td", {}, h("span", { class: "chip " + verdictKind(verdict) }, verdict)), h("td", { class: "count" }, number(ctx, count)),
    h("td", {}, svg("svg", { class: "share", viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" }, svg("rect", { class: verdict === "ok" ? "fill-entries" : "fill-" + groupOf(verdict), width: 100 * count / byStep.get(step), height: 8 }))))));
}

export const verdictKind = (verdict) => (verdict === "ok" ? "good" : { failed: "bad", unserved: "warn" }[groupOf(verdict)] || "");

// list shows the last requests. A row is made once: what somebody has focused or marked stays.
function list(page, ctx) {
  const { h, t } = ctx;
  const { requests } = page.told.seen;
  const known = new Set(requests.map((request) => request.reason || "entries"));
  if (filter) known.add(filter);
  const options = ["", ...[...known].sort()];
  if (page.options !== options.join() + ctx.locale) {
    page.options = options.join() + ctx.locale;
    page.filter.replaceChildren(...options.map((name) => h("option", { value: name }, name === "" ? t("status.all") : name === "entries" ? nameOf(ctx, "") : name)));
  }
  page.filter.value = filter;
  const shown = requests.filter((request) => (!filter || (request.reason || "entries") === filter) && (!search || (request.customer || "").startsWith(search)));
  page.nobody.hidden = shown.length > 0;
  page.nobody.textContent = t(requests.length ? "status.requests.filtered" : "status.requests.none");
  page.list.closest("table").hidden = shown.length === 0;
  const rows = shown.map((request) => page.rows.get(request.number) || row(page, ctx, request));
  page.rows = new Map(requests.map((request) => [request.number, page.rows.get(request.number)]).filter(([, made]) => made));
  shown.forEach((request, i) => page.rows.set(request.number, rows[i]));
  for (const [i, made] of rows.entries()) if (page.list.children[i] !== made) page.list.insertBefore(made, page.list.children[i] || null);
  while (page.list.children.length > rows.length) page.list.lastChild.remove();
}

function row(page, ctx, request) {
  const { h } = ctx;
  const open = () => openRequest(ctx, request);
  return h("tr", { onclick: (event) => { if (!event.target.closest("button")) open(); } },
    h("td", { class: "time" }, h("button", { type: "button", class: "quiet", "aria-haspopup": "dialog", onclick: open }, clock(ctx, request.at, true))),
    h("td", {}, h("span", { class: "result" }, swatch(ctx, groupOf(request.reason)), h("span", {}, resultOf(ctx, request)))),
    h("td", { class: "customer" }, h("code", {}, request.customer || "—")),
    h("td", { class: "count" }, span(ctx, request.took)),
    h("td", { class: "steps" }, request.steps.length ? request.steps.map((step) => h("span", { class: "chip " + verdictKind(step.verdict) }, step.step + ": " + step.verdict + (step.attempts > 1 ? " ×" + step.attempts : ""))) : h("span", { class: "faint" }, request.source)));
}

export function resultOf(ctx, request) {
  if (request.reason) return request.reason + (request.entries ? " · " + ctx.t("status.entries", { count: request.entries }) : "");
  return ctx.t("status.entries", { count: request.entries }) + (request.partial ? " · " + ctx.t("status.partly", { reason: request.partial }) : "");
}
