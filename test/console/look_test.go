package console_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
)

// views are what is looked at: a page, and what is done on it first.
func views() []struct{ name, hash, prepare, ready string } {
	return []struct{ name, hash, prepare, ready string }{
		{"play", "play", `document.querySelector("#view-phone").click()`, `document.querySelectorAll(".phone li").length === 5`},
		{"json", "play", `document.querySelector("#view-json").click()`, `document.querySelectorAll(".json .entry").length === 5`},
		{"records", "play", `document.querySelector("#view-records").click()`, `document.querySelectorAll(".records > li").length === 7`},
		{"steps", "play", `document.querySelector("#view-steps").click()`, `document.querySelector(".steps .exchange")`},
		{"sample", "sample", `document.querySelector("#try")?.click()`, `document.querySelector("#field-amount")`},
		{"status", "status", `true`, `document.querySelector(".page-status").children.length > 0`},
	}
}

// TestEveryViewCanBeReadByEverybody: contrast, names and width of every view, light and dark, wide and narrow.
func TestEveryViewCanBeReadByEverybody(t *testing.T) {
	_, address := demo(t)
	b := open(t, address)
	b.until(t, `document.querySelectorAll(".phone li").length === 5`)
	t.Logf("first paint after %s ms", ask(t, b, chromedp.Evaluate[string](`String(Math.round(performance.getEntriesByType("paint")[0]?.startTime))`)))
	for _, theme := range []string{"light", "dark"} {
		b.until(t, `(() => {
			if (document.documentElement.dataset.theme === "`+theme+`") return true;
			document.querySelector("#theme").click();
		})()`)
		for _, width := range []int64{1440, 360, 3840} {
			b.run(t, chromedp.EmulateViewport(width, 900))
			for _, view := range views() {
				b.look(t, view, fmt.Sprintf("%s-%s-%d", view.name, theme, width))
			}
		}
	}
}

func (b *tab) look(t *testing.T, view struct{ name, hash, prepare, ready string }, name string) {
	t.Helper()
	ask(t, b, chromedp.Evaluate[bool](`(location.hash = "`+view.hash+`", true)`))
	b.until(t, `document.querySelector(".page-`+view.hash+`")?.children.length`)
	ask(t, b, chromedp.Evaluate[bool](`(`+view.prepare+`, true)`))
	b.until(t, view.ready)
	for _, faint := range ask(t, b, chromedp.Evaluate[[]string](contrast)) {
		t.Errorf("%s: %s", name, faint)
	}
	if wide := ask(t, b, chromedp.Evaluate[float64](`document.documentElement.scrollWidth - innerWidth`)); wide > 0 {
		t.Errorf("%s: the page is %v px wider than the window", name, wide)
	}
	b.named(t, name)
	b.shot(t, name)
}

// contrast gives every text whose contrast with its ground is below 4.5. Grounds that let others through are mixed.
const contrast = `(() => {
	const numbers = (colour) => {
		const c = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
		c.fillStyle = colour;
		c.clearRect(0, 0, 1, 1);
		c.fillRect(0, 0, 1, 1);
		const [r, g, b, a] = c.getImageData(0, 0, 1, 1).data;
		return [r, g, b, a / 255];
	};
	const known = new Map();
	const of = (colour) => known.get(colour) ?? known.set(colour, numbers(colour)).get(colour);
	const ground = (element) => {
		let over = [0, 0, 0, 0];
		for (let e = element; e; e = e.parentElement) {
			const [r, g, b, a] = of(getComputedStyle(e).backgroundColor);
			const rest = (1 - over[3]) * a;
			over = [over[0] + r * rest, over[1] + g * rest, over[2] + b * rest, over[3] + rest];
			if (over[3] > 0.99) break;
		}
		return over;
	};
	const light = (c) => [0.2126, 0.7152, 0.0722].reduce((sum, k, i) => {
		const v = c[i] / 255;
		return sum + k * (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
	}, 0);
	const wrong = [];
	for (const element of document.querySelectorAll("body *")) {
		const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
		const box = element.getBoundingClientRect();
		if (!own || !box.width || element.closest("dialog:not([open]), option, .unseen, :disabled, svg") || !element.checkVisibility()) continue;
		const one = light(of(getComputedStyle(element).color)), other = light(ground(element));
		const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
		if (ratio < 4.5) wrong.push(ratio.toFixed(2) + " " + element.tagName + "." + element.className + " " + element.textContent.trim().slice(0, 40));
	}
	return [...new Set(wrong)];
})()`

// named judges the accessibility tree: whatever can be operated has a name.
func (b *tab) named(t *testing.T, view string) {
	t.Helper()
	tree, err := chromedp.Call(b, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		t.Fatal(err)
	}
	operated := map[string]bool{"button": true, "link": true, "textbox": true, "combobox": true, "checkbox": true, "spinbutton": true, "tab": true, "dialog": true, "main": false}
	for _, node := range tree.Nodes {
		if node.Ignored || node.Role == nil {
			continue
		}
		role, name := strings.Trim(string(node.Role.Value), `"`), ""
		if node.Name != nil {
			name = strings.Trim(string(node.Name.Value), `"`)
		}
		if operated[role] && strings.TrimSpace(name) == "" {
			t.Errorf("%s: a %s has no name (node %v)", view, role, node.BackendDOMNodeID)
		}
	}
}
