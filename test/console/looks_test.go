package console_test

import (
	"context"
	"testing"

	"github.com/chromedp/chromedp"

	"bonus-adapter/test/rig"
)

// hardToRead finds texts with less contrast than 4.5 (3 if they are large), as WCAG counts it.
const hardToRead = `(() => {
  const parts = (colour) => (colour.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const over = ([r, g, b, a = 1], below) => [r, g, b].map((value, i) => value * a + below[i] * (1 - a));
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.unshift(parts(getComputedStyle(at).backgroundColor));
    return layers.reduce((below, layer) => over(layer, below), [255, 255, 255]);
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data.trim()).join("");
    const style = getComputedStyle(element);
    if (!text || !element.checkVisibility({ checkVisibilityCSS: true }) || element.closest(".unseen, :disabled, option, dialog:not([open])")) continue;
    const below = ground(element);
    const [one, other] = [light(over(parts(element.closest("svg") ? style.fill : style.color), below)), light(below)].sort((a, b) => b - a);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const contrast = (one + 0.05) / (other + 0.05);
    if (contrast < (large ? 3 : 4.5)) found.push(contrast.toFixed(2) + ": " + text.slice(0, 40));
  }
  return found.join("\n");
})()`

// nameless finds what can be used and has no name that a screen reader could say.
const nameless = `[...document.querySelectorAll("a, button, input, select, textarea, summary, [role=img], dialog, [tabindex]:not(main)")].filter((element) => {
  if (element.closest("dialog:not([open]), [hidden]")) return false;
  const labelled = (element.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id)?.textContent || "").join("");
  const labels = [...(element.labels || [])].map((label) => label.textContent).join("");
  const own = /^(A|BUTTON|SUMMARY|LI|SPAN)$/.test(element.tagName) ? element.textContent : ""; // what can be pointed at is read as it is
  return !(element.getAttribute("aria-label") || labelled || labels || own).trim();
}).map((element) => element.outerHTML.slice(0, 100)).join("\n")`

// readable asks that everything on the page can be read, and everything that can be used has a name.
func readable(ctx context.Context, t *testing.T, where string) {
	t.Helper()
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](`document.getAnimations().length === 0`, chromedp.WithPollingTimeout(rig.Patience))); err != nil {
		t.Fatal(err) // a colour on its way to another one is none that anybody reads
	}
	for what, expression := range map[string]string{"has too little contrast": hardToRead, "has no name": nameless} {
		found, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression))
		if err != nil {
			t.Fatal(err)
		}
		if found != "" {
			t.Errorf("%s: this %s:\n%s", where, what, found)
		}
	}
}
