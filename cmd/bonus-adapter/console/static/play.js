// The playground: a CRM's answers, a config, and what the one makes of the other. Nothing that is typed here leaves the
// adapter's own process; it explains as bonus-adapter explain does.

import { makeEditor } from "./editor.js";
import * as views from "./results.js";
import { words } from "./playwords.js";

export { words };

// What was typed outlives the page, but not the browser's tab.
const state = { preset: "example", recording: "", config: null, customer: "12345", now: null, env: null, answers: [], answer: 0, view: "phone", told: null };
let presets = null, point = null;

// open takes over what another page has made: {config, answers}.
export function open(made) {
  Object.assign(state, { preset: "", recording: "", now: null, env: null, answer: 0, told: null }, made);
  point = null;
}

const kindOf = (body) => {
  const start = body.trimStart().slice(0, 15).toLowerCase();
  if (start.startsWith("<!doctype") || start.startsWith("<html")) return "text/html";
  if (start.startsWith("<")) return "application/xml";
  return start ? "application/json" : "";
};

const newAnswer = (body, name) => ({ name: name || "", status: 200, headers: { "Content-Type": kindOf(body) }, body, fail: "" });

export async function mount(root, ctx) {
  const { h, t, put } = ctx;
  let turn = 0, timer = 0, gone = false;
  presets ??= await ctx.api("presets");
  if (state.config === null) await start(ctx, "example");

  const verdict = h("div", { class: "verdict box", id: "verdict" });
  const findings = h("div", { class: "findings", id: "findings" });
  const result = h("div", { class: "view", id: "view", role: "tabpanel", tabindex: "-1", "aria-labelledby": "view-" + state.view });
  const pane = h("div", { class: "answer" });
  const editor = makeEditor(ctx, { label: t("play.config"), describedBy: "findings", onInput: (text) => { state.config = text; later(); }, onLine: atLine });
  editor.value = state.config;

  function later() {
    clearTimeout(timer);
    verdict.classList.add("stale");
    timer = setTimeout(explain, 300);
  }

  const question = () => ({ config: state.config, customer: state.customer, now: state.now || undefined, env: state.env || undefined, answers: state.answers.filter((one) => one.body || one.fail || one.status !== 200) });

  async function explain() {
    const mine = ++turn;
    try {
      const told = await ctx.api("explain", question());
      if (mine !== turn || gone) return;
      state.told = told;
      show();
    } catch (error) {
      if (mine !== turn || gone) return;
      verdict.classList.remove("stale");
      put(verdict, h("p", { class: "bad", role: "alert" }, error.message));
    }
  }

  // show tells what the server has said.
  function show() {
    const told = state.told;
    const all = [...told.problems.map((one) => ({ ...one, kind: "bad" })), ...told.doubts.map((one) => ({ ...one, kind: "warn" }))]
      .map((one) => ({ ...one, text: one.message + (one.hint ? " — " + one.hint : "") }));
    editor.mark(all);
    put(findings, all.map(finding));
    verdict.classList.remove("stale");
    put(verdict, judged(told));
    ctx.announce(verdict.textContent);
    render();
  }

  const goTo = (line, column) => editor.goTo(line, column || 1);

  function finding(one) {
    return h("button", { type: "button", class: "finding " + one.kind, "data-line": one.line, onclick: () => goTo(one.line, one.column) },
      h("span", { class: "where" }, (one.kind === "bad" ? "✕ " : "! ") + t("play.line", { line: one.line })),
      h("span", {}, one.place ? h("code", {}, one.place) : null, one.place ? ": " : "", one.message, one.hint ? h("span", { class: "hint" }, one.hint) : null));
  }

  function judged(told) {
    const first = told.problems[0];
    const todo = first ? h("button", { type: "button", class: "line", onclick: () => goTo(first.line, first.column) }, t("play.goto", { line: first.line })) : null;
    if (!told.explained) {
      const text = first ? t("play.broken", { count: told.problems.length }) : t("play.noAnswers");
      return [h("span", { class: "chip " + (first ? "bad" : "warn") }, first ? t("play.chip.broken") : t("play.chip.empty")), h("span", { class: "grow" }, text), todo];
    }
    const history = told.explained.answer.bonus_history;
    const reason = /reason=(\w+)/.exec(history)?.[1];
    const entries = (told.explained.answer.body?.bonuses || []).length;
    const good = !reason && !first;
    return [
      h("span", { class: "chip mono " + (good ? "good" : history.startsWith("live") ? "warn" : "bad") }, history),
      h("span", { class: "grow" }, reason ? t("play.reason", { what: t("cause." + reason), todo: t("todo." + reason) }) : t("play.read", { entries, records: told.explained.records.length + (told.left_out || 0) }), " ",
        history.includes("partial=") ? t("play.partial") + " " : null,
        first ? h("span", { class: "bad" }, t("play.first") + " " + first.message) : null),
      todo,
    ];
  }

  // The views of the result.

  const names = ["phone", "json", "records", "steps"];
  const tabs = names.map((name) => h("button", {
    type: "button", role: "tab", id: "view-" + name, "aria-controls": "view",
    onclick: () => choose(name),
    onkeydown: (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step) return;
      choose(names[(names.indexOf(name) + step + names.length) % names.length]);
      document.getElementById("view-" + state.view).focus();
    },
  }, t("play." + name)));

  function choose(name) {
    state.view = name;
    render();
  }

  function render() {
    tabs.forEach((tab, i) => {
      tab.setAttribute("aria-selected", names[i] === state.view);
      tab.tabIndex = names[i] === state.view ? 0 : -1;
    });
    result.setAttribute("aria-labelledby", "view-" + state.view);
    const told = state.told?.explained;
    copy.disabled = !told;
    if (!told) {
      put(result, h("p", { class: "faint" }, state.told?.problems.length ? t("play.notYet") : t("play.noAnswers")));
      return;
    }
    const odd = told.records.filter((one) => one.fate === "unmatched" || one.fate === "unreadable").length;
    tabs[2].textContent = t("play.records") + (odd ? ` ⚠ ${odd}` : "");
    const view = { phone: () => views.phone(ctx, told, state.told.left_out), json: () => views.json(ctx, told), records: () => views.records(ctx, told, state.told.left_out, goTo), steps: () => views.steps(ctx, told, goTo) };
    put(result, view[state.view]());
  }

  // What is pointed at, or has the focus, shows where it comes from and what it became.
  function pointAt(event) {
    const at = event.target.closest("[data-record], [data-lines]");
    for (const element of result.querySelectorAll(".linked")) element.classList.remove("linked");
    editor.link(at?.dataset.lines ? at.dataset.lines.split(" ").map(Number) : []);
    const record = event.target.closest("[data-record]")?.dataset.record;
    if (record) for (const element of result.querySelectorAll(`[data-record="${record}"]`)) element.classList.add("linked");
  }
  for (const event of ["pointerover", "focusin"]) result.addEventListener(event, pointAt);
  for (const event of ["pointerleave", "focusout"]) result.addEventListener(event, () => editor.link([]));

  // The line of the caret shows which records it has decided about.
  function atLine(line) {
    for (const element of result.querySelectorAll("[data-record]")) {
      element.classList.toggle("linked", (element.dataset.lines || "").split(" ").includes(String(line)));
    }
    for (const element of findings.children) element.classList.toggle("here", element.dataset.line === String(line));
  }

  // The CRM's answers.

  function drawAnswers() {
    state.answer = Math.min(state.answer, state.answers.length - 1);
    const one = state.answers[state.answer];
    put(pane,
      h("div", { class: "row list", role: "group", "aria-label": t("play.answers") }, state.answers.map((each, i) => h("button", {
        type: "button", class: i === state.answer ? "chosen" : "", "aria-pressed": i === state.answer, title: each.name, onclick: () => { state.answer = i; drawAnswers(); },
      }, t("play.answer", { number: i + 1 }))),
      h("button", { type: "button", onclick: () => { state.answers.push(newAnswer("")); state.answer = state.answers.length - 1; drawAnswers(); } }, t("play.add")),
      h("button", { type: "button", onclick: () => file.click() }, t("play.file"))),
      one ? answerForm(one) : h("p", { class: "faint" }, t("play.noAnswers")));
  }

  function answerForm(one) {
    const body = h("textarea", { class: "code plain", id: "answer", spellcheck: "false", autocomplete: "off", "aria-label": t("play.body"), placeholder: t("play.paste"), wrap: "off" });
    body.value = one.body;
    body.addEventListener("input", () => {
      one.body = body.value;
      const kind = kindOf(one.body), now = one.headers?.["Content-Type"] || "";
      if (kind && !now.startsWith(kind)) one.headers = { ...one.headers, "Content-Type": kind };
      later();
    });
    const status = h("input", { type: "number", min: "100", max: "599", value: one.status || 200, oninput: () => { one.status = Number(status.value) || 200; later(); } });
    return [
      one.name ? h("p", { class: "mono faint break" }, one.name) : null,
      body,
      h("div", { class: "row" },
        h("label", { class: "inline" }, t("play.status"), status),
        one.fail ? h("span", { class: "chip bad" }, one.fail) : null,
        h("span", { class: "grow" }),
        h("button", { type: "button", onclick: () => { state.answers.splice(state.answer, 1); drawAnswers(); later(); } }, t("play.remove"))),
    ];
  }

  async function addFiles(files) {
    const read = [];
    for (const file of files) read.push(newAnswer(await file.text(), file.name));
    if (!read.length) return;
    state.answers = state.answers.filter((one) => one.body || one.fail).concat(read);
    state.answer = state.answers.length - read.length;
    drawAnswers();
    later();
  }

  // Where to start.

  const choice = h("select", { id: "preset", onchange: async () => { await start(ctx, choice.value); restart(); } },
    state.preset ? null : h("option", { value: "" }, t("play.own")),
    presets.map((one) => h("option", { value: one.name, selected: one.name === state.preset }, one.name === "example" ? t("play.example") : one.name)));
  const recording = h("select", { id: "recording", onchange: () => { record(recording.value); restart(); } });

  function restart() {
    put(recording, (point?.recordings || []).map((one) => h("option", { value: one.name, selected: one.name === state.recording }, one.name)));
    recording.disabled = !point;
    editor.value = state.config;
    customer.value = state.customer;
    drawAnswers();
    explain();
  }

  const customer = h("input", { id: "customer", size: "10", autocomplete: "off", value: state.customer, oninput: () => { state.customer = customer.value; later(); } });
  const file = h("input", { type: "file", multiple: true, hidden: true, onchange: () => addFiles(file.files) });
  const copy = h("button", { type: "button", onclick: async () => {
    await navigator.clipboard.writeText(JSON.stringify(state.told.explained.answer.body, null, 2));
    ctx.announce(t("play.copied"));
  } }, t("play.copy"));
  const saveCase = h("button", { type: "button", id: "save-case", onclick: async () => {
    try {
      ctx.download("playground-case.zip", await ctx.api("case", question()));
      ctx.announce(t("play.saved"));
    } catch (error) {
      put(verdict, h("p", { class: "bad", role: "alert" }, error.message));
    }
  } }, t("play.saveCase"));

  function live() {
    if (!ctx.about.live) return null;
    const who = h("input", { size: "12", autocomplete: "off", "aria-label": t("play.liveWho"), placeholder: t("play.liveWho") });
    const go = h("button", { type: "button", onclick: async () => {
      go.disabled = true;
      try {
        const got = await ctx.api("ask", { customer: who.value.trim() });
        Object.assign(state, { answers: got.answers, answer: 0, now: got.now, customer: "12345", recording: "" });
        restart();
      } catch (error) {
        put(verdict, h("p", { class: "bad", role: "alert" }, error.message));
      }
      go.disabled = false;
    } }, t("play.liveGo"));
    return h("span", { class: "row live" }, who, go);
  }

  pane.addEventListener("dragover", (event) => event.preventDefault());
  pane.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    addFiles(event.dataTransfer.files);
  });

  root.append(
    h("h1", { class: "unseen" }, t("tab.play")),
    h("div", { class: "row bench" },
      h("label", { class: "inline" }, t("play.start"), choice), h("label", { class: "inline" }, t("play.recording"), recording), live(),
      h("span", { class: "grow" }),
      h("button", { type: "button", id: "save-config", onclick: () => ctx.download("config.yaml", state.config) }, t("play.saveConfig")), saveCase, copy),
    verdict,
    h("div", { class: "three" },
      h("section", { class: "panel", "aria-labelledby": "h-answers" },
        h("div", { class: "panel-head" }, h("h2", { id: "h-answers" }, t("play.crm")), h("label", { class: "inline" }, t("play.customer"), customer), file),
        pane),
      h("section", { class: "panel", "aria-labelledby": "h-config" },
        h("div", { class: "panel-head" }, h("h2", { id: "h-config" }, "config.yaml"), h("span", { class: "faint" }, t("play.private"))),
        editor.element, findings),
      h("section", { class: "panel", "aria-labelledby": "h-result" },
        h("div", { class: "panel-head" }, h("h2", { id: "h-result", class: "unseen" }, t("play.result")), h("div", { class: "views", role: "tablist", "aria-labelledby": "h-result" }, tabs)),
        result)));
  restart();
  return () => { gone = true; clearTimeout(timer); };
}

// start takes a preset with its first recording.
async function start(ctx, name) {
  point = await ctx.api("presets/" + name);
  state.preset = name;
  state.config = point.config;
  const first = point.recordings.find((one) => one.name === "kinds") || point.recordings[0];
  record(first?.name);
}

function record(name) {
  const one = point?.recordings.find((each) => each.name === name);
  if (!one) return;
  const now = one.now.startsWith("0001") ? null : one.now;
  Object.assign(state, { recording: name, customer: one.customer, now, env: one.env, answers: one.answers.map((each) => ({ ...each })), answer: one.answers.length - 1 });
}
