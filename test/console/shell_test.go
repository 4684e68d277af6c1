package console_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestTheConsoleOpens: every page is shown without an error, in both languages.
func TestTheConsoleOpens(t *testing.T) {
	_, address := demo(t)
	b := open(t, address)
	for _, page := range []string{"play", "sample", "status"} {
		b.run(t, chromedp.Click(chromedp.CSS(`.tabs a[href="#`+page+`"]`)), chromedp.WaitVisible(chromedp.CSS(".page-"+page)))
	}
	b.run(t, chromedp.Click(chromedp.CSS("#language")))
	b.until(t, `document.documentElement.lang === "ru" && document.querySelector(".tabs a").textContent === "Песочница"`)
	b.shot(t, "shell")
}
