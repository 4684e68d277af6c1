// The shell of the console: pages by the hash of the address, language, theme, key, and what all pages share.
//
// A page is a module that exports
//
//   mount(root, ctx)   fills root, an empty <section>; may be async; may return a function that is called before the page
//                      is left. It is called again when the language changes, so what must outlive that is kept in
//                      variables of the module.
//   words              {en: {...}, ru: {...}}: the page's texts, by keys of its own, such as "status.title"
//
// and ctx is
//
//   h(tag, props, ...children)  makes an element. Children are elements, texts, or nothing (null, false); texts become
//                               text, never markup. props: class, on* handlers as functions, everything else attributes
//                               (true for one without a value, null or false for none; of aria-* the words true and
//                               false). svg(tag, ...) makes SVG. put(element, ...children) replaces what is in it.
//   t(key, values)     the text in the language of the user; {name} in it stands for values.name
//   api(path, body)    asks the server: GET without a body, POST JSON with one. Gives what the JSON holds; throws an Error
//                      whose message may be shown. Asks the user for the key where one is needed.
//   download(name, content)     offers a Blob or a text as a file
//   announce(text)     tells it to who cannot see the page
//   locale             "en-GB" or "ru-RU", for Intl
//   about              {version, live}; live: the CRM may be asked
//   go(page, state)    shows another page ("play", "sample", "status") and hands state to its module's open(state), if it
//                      exports one

import * as play from "./play.js";
import * as sample from "./sample.js";
import * as status from "./status.js";
import { words as own } from "./words.js";

const pages = { play, sample, status };
const find = (id) => document.getElementById(id);

// Elements.

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props || {})) {
    if (value === null || value === undefined) continue;
    if (name.startsWith("aria-")) element.setAttribute(name, String(value));
    else if (value === false) continue;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== ""));
  return element;
}

const h = (tag, props, ...children) => fill(document.createElement(tag), props, children);
const put = (element, ...children) => { element.replaceChildren(); return fill(element, null, children); };
const svg = (tag, props, ...children) => fill(document.createElementNS("http://www.w3.org/2000/svg", tag), props, children);

// What the browser remembers; nothing of it is secret.

function remembered(name) {
  try { return localStorage.getItem("bonus-adapter." + name); } catch { return null; }
}

function remember(name, value) {
  try { localStorage.setItem("bonus-adapter." + name, value); } catch { /* then it is asked again */ }
}

// Language.

const dictionaries = { en: {}, ru: {} };
for (const words of [own, play.words, sample.words, status.words]) {
  for (const language of Object.keys(dictionaries)) Object.assign(dictionaries[language], words?.[language]);
}
let language = remembered("language") || (navigator.language.startsWith("ru") ? "ru" : "en");

function t(key, values) {
  const text = dictionaries[language][key] ?? dictionaries.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (found, name) => values?.[name] ?? found);
}

function translate() {
  document.documentElement.lang = language;
  document.title = t("title");
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", t(element.dataset.label));
  find("language").textContent = language === "en" ? "RU" : "EN";
  find("language").setAttribute("aria-label", language === "en" ? "Русский (RU)" : "English (EN)");
  showTheme();
}

// Theme: as the system has it, until the user says otherwise.

const themes = ["system", "light", "dark"];
let theme = remembered("theme") || "system";

function showTheme() {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  find("theme").textContent = t("theme." + theme);
  find("theme").setAttribute("aria-label", t("theme") + ": " + t("theme." + theme));
}

// The server. The key is kept in memory only: never in a cookie, which other pages could make use of.

let key = "";

async function api(path, body) {
  for (;;) {
    const response = await ask(path, body);
    if (response.status !== 401) return answered(response);
    await askKey(key !== "");
  }
}

async function ask(path, body) {
  const headers = {};
  if (key) headers.Authorization = "Bearer " + key;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  try {
    return await fetch("api/" + path, { method: body === undefined ? "GET" : "POST", headers, body: body === undefined ? undefined : JSON.stringify(body), credentials: "omit", cache: "no-store" });
  } catch {
    throw new Error(t("unreachable"));
  }
}

async function answered(response) {
  const type = response.headers.get("Content-Type") || "";
  if (response.ok && type.startsWith("application/zip")) return response.blob();
  const text = await response.text();
  let told;
  try { told = JSON.parse(text); } catch { told = { error: text.trim() }; }
  if (!response.ok) throw new Error(told.error || "HTTP " + response.status);
  return told;
}

let asking = null; // one dialog for all who wait

function askKey(wrong) {
  asking ??= new Promise((resolve) => {
    const dialog = find("key"), input = find("key-input");
    find("key-wrong").textContent = wrong ? t("key.wrong") : "";
    input.value = "";
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", () => {
      key = input.value.trim();
      input.value = "";
      asking = null;
      resolve();
    }, { once: true });
    dialog.showModal();
  });
  return asking;
}

function download(name, content) {
  const address = URL.createObjectURL(content instanceof Blob ? content : new Blob([content], { type: "text/plain" }));
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function announce(text) {
  find("announcer").textContent = text;
}

// Pages.

const ctx = {
  h, svg, put, t, api, download, announce, go, about: { version: "", live: false },
  get locale() { return language === "ru" ? "ru-RU" : "en-GB"; },
};
let leave = null;
let shown = 0;

function current() {
  const name = location.hash.slice(1).split("/")[0];
  return pages[name] ? name : "play";
}

function go(page, state) {
  if (state !== undefined) pages[page].open?.(state);
  if (current() === page) show();
  else location.hash = page;
}

async function show() {
  const turn = ++shown;
  leave?.();
  leave = null;
  const name = current();
  for (const link of document.querySelectorAll(".tabs a")) {
    if (link.hash === "#" + name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const root = h("section", { class: "page page-" + name, "aria-label": t("tab." + name) });
  find("main").replaceChildren(root);
  try {
    const left = await pages[name].mount(root, ctx);
    if (typeof left !== "function") return;
    if (turn === shown) leave = left;
    else left();
  } catch (error) {
    root.replaceChildren(h("p", { class: "bad box", role: "alert" }, error.message));
  }
}

find("language").addEventListener("click", () => {
  language = language === "en" ? "ru" : "en";
  remember("language", language);
  translate();
  show();
});
find("theme").addEventListener("click", () => {
  theme = themes[(themes.indexOf(theme) + 1) % themes.length];
  remember("theme", theme);
  showTheme();
});
addEventListener("hashchange", () => { if (location.hash !== "#main") show(); });

translate();
try {
  ctx.about = await api("about");
  find("version").textContent = ctx.about.version;
} catch (error) {
  announce(error.message);
}
show();
