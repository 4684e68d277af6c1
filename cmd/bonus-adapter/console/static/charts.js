// The two charts of the status page, drawn into an <svg> at the size that it has: text stays as large as text is.
import { groups } from "./causes.js";

// The room around a chart, for texts of the page's own size.
function room() {
  const size = parseFloat(getComputedStyle(document.documentElement).fontSize);
  return { left: 3.9 * size, right: 8, top: 0.7 * size, bottom: 1.5 * size };
}

// nice gives the end of an axis for values up to most, and how far its lines are apart.
function nice(most) {
  const rough = Math.max(most, 1e-9) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((times) => times * power >= rough) * power;
  return { end: step * Math.ceil(most / step - 1e-9), step };
}

// plot draws what all charts have: the lines of the value axis and the times, and gives the places of both.
function plot(ctx, picture, slots, most, label) {
  const { svg } = ctx;
  const { left, right, top, bottom } = room();
  const width = Math.max(picture.clientWidth, 240), height = picture.clientHeight || 180;
  picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const axis = nice(most);
  const slot = (width - left - right) / slots.length;
  const x = (i) => left + i * slot;
  const y = (value) => height - bottom - (height - top - bottom) * value / axis.end;
  const parts = [];
  for (let value = 0; value <= axis.end + axis.step / 2; value += axis.step) {
    parts.push(svg("line", { class: "grid", x1: left, x2: width - right, y1: y(value), y2: y(value) }));
    parts.push(svg("text", { class: "axis end", x: left - 6, y: y(value) + 4 }, label(value)));
  }
  const every = slot * 10 >= 60 ? 10 : 20;
  slots.forEach((minute, i) => {
    const time = new Date(minute.at);
    if (time.getMinutes() % every !== 0 || x(i) > width - right - left / 2) return;
    parts.push(svg("text", { class: "axis", x: x(i), y: height - 6 }, clock(ctx, minute.at)));
    parts.push(svg("line", { class: "tick", x1: x(i), x2: x(i), y1: height - bottom, y2: height - bottom + 4 }));
  });
  return { x, y, slot, parts, top, inner: height - top - bottom };
}

export const clock = (ctx, at, seconds) => new Intl.DateTimeFormat(ctx.locale, { hour: "2-digit", minute: "2-digit", second: seconds ? "2-digit" : undefined }).format(at);

function cursorAt(ctx, { x, slot, top, inner }, cursor) {
  return ctx.svg("rect", { class: "cursor", x: x(cursor), width: slot, y: top, height: inner });
}

// patterns tell the kinds of answers apart without colour. Their names are the picture's own.
function patterns(svg, name) {
  return svg("defs", {},
    svg("pattern", { id: name + "-failed", width: 6, height: 6, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      svg("rect", { class: "fill-failed", width: 6, height: 6 }), svg("rect", { class: "fill-mark", width: 2, height: 6 })),
    svg("pattern", { id: name + "-unserved", width: 6, height: 6, patternUnits: "userSpaceOnUse" },
      svg("rect", { class: "fill-unserved", width: 6, height: 6 }), svg("circle", { class: "fill-mark", cx: 3, cy: 3, r: 1.3 })),
    svg("pattern", { id: name + "-empty", width: 6, height: 4, patternUnits: "userSpaceOnUse" },
      svg("rect", { class: "fill-empty", width: 6, height: 4 }), svg("rect", { class: "fill-mark", width: 6, height: 1 })));
}

const filled = (name, group) => (group === "entries" ? { class: "fill-entries" } : { fill: `url(#${name}-${group})` });

// swatch is the sign of a kind in a legend.
export function swatch(ctx, group) {
  const name = "swatch-" + group;
  return ctx.svg("svg", { class: "swatch", viewBox: "0 0 14 14", "aria-hidden": "true" }, patterns(ctx.svg, name), ctx.svg("rect", { width: 14, height: 14, rx: 3, ...filled(name, group) }));
}

// drawReasons stacks the requests of each minute by their kind, the worst at the bottom, where the eye compares best.
export function drawReasons(ctx, picture, slots, cursor) {
  const most = Math.max(1, ...slots.map((minute) => minute.total));
  const place = plot(ctx, picture, slots, most, (value) => (Number.isInteger(value) ? number(ctx, value) : ""));
  const gap = place.slot > 5 ? 1 : 0;
  const bars = [];
  slots.forEach((minute, i) => {
    let below = 0;
    for (const group of [...groups].reverse()) {
      const count = minute.groups[group];
      if (!count) continue;
      const base = place.y(below), height = Math.max(base - place.y(below + count), 1.5);
      bars.push(ctx.svg("rect", { x: place.x(i) + gap / 2, width: place.slot - gap, y: base - height, height, ...filled("bars", group) }));
      below += count;
    }
  });
  picture.replaceChildren(patterns(ctx.svg, "bars"), ...place.parts, cursorAt(ctx, place, cursor), ...bars);
}

// drawLatency draws both quantiles; where there were no requests there is no line.
export function drawLatency(ctx, picture, slots, cursor) {
  const most = Math.max(1, ...slots.map((minute) => minute.took.p99));
  const place = plot(ctx, picture, slots, most, (value) => span(ctx, value));
  const lines = [];
  for (const name of ["p99", "p50"]) {
    let path = "";
    slots.forEach((minute, i) => {
      if (!minute.timed) return;
      const x = place.x(i) + place.slot / 2, y = place.y(minute.took[name]);
      path += (i > 0 && slots[i - 1].timed ? "L" : "M") + x.toFixed(1) + " " + y.toFixed(1);
      if (name === "p99") lines.push(ctx.svg("path", { class: "dot p99", d: `M${x} ${y - 3}l3 3l-3 3l-3 -3z` }));
      else lines.push(ctx.svg("circle", { class: "dot p50", cx: x, cy: y, r: 2.2 }));
    });
    if (path) lines.push(ctx.svg("path", { class: "line " + name, d: path }));
  }
  picture.replaceChildren(...place.parts, cursorAt(ctx, place, cursor), ...lines);
}

// minuteAt finds the minute below a pointer.
export function minuteAt(picture, slots, event) {
  const box = picture.getBoundingClientRect();
  const { left, right } = room();
  const at = Math.floor((event.clientX - box.left - left) / (box.width - left - right) * slots.length);
  return Math.min(Math.max(at, 0), slots.length - 1);
}

export const number = (ctx, value) => new Intl.NumberFormat(ctx.locale, { maximumFractionDigits: 1 }).format(value);

// span tells milliseconds as people do.
export function span(ctx, ms) {
  if (ms >= 1000) return number(ctx, Math.round(ms / 10) / 100) + " " + ctx.t("status.s");
  return number(ctx, ms >= 10 ? Math.round(ms) : Math.round(ms * 10) / 10) + " " + ctx.t("status.ms");
}
