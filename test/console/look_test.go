package console_test

import (
	"fmt"
	"testing"

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
	if wide := ask(t, b, chromedp.Evaluate[float64](`document.documentElement.scrollWidth - innerWidth`)); wide > 0 {
		t.Errorf("%s: the page is %v px wider than the window", name, wide)
	}
	readable(b, t, name)
	b.shot(t, name)
}
