package console_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestFromASampleToThePlayground: a proposal is asked for what it cannot know, corrected field by field, and played.
func TestFromASampleToThePlayground(t *testing.T) {
	_, address := demo(t)
	b := open(t, address+"#sample")
	b.run(t, chromedp.Click(chromedp.CSS("#try")))
	b.until(t, `document.querySelector("#field-amount")?.value === "bonus" && document.querySelector("#field-expires").value === "burn_at"`)
	b.until(t, `document.querySelectorAll(".codes li").length === 3 && document.querySelector(".codes .bad").textContent.includes("CORRECTION")`)
	b.shot(t, "sample")
	b.choose(t, "#code-"+ask(t, b, chromedp.Evaluate[string](`String([...document.querySelectorAll(".codes code")].findIndex((one) => one.textContent === "CORRECTION"))`)), "added")
	b.until(t, `!document.querySelector(".codes .bad")`)
	b.choose(t, "#field-text", "kind")
	b.until(t, `document.querySelector("#field-text").closest("li").textContent.includes("decided")`)
	b.choose(t, "#field-expires", "")
	b.until(t, `document.querySelector("#field-expires").closest("li").classList.contains("absent")`)
	b.run(t, chromedp.Click(chromedp.CSS("#to-playground")))
	b.until(t, `document.querySelectorAll(".phone li").length === 3 && !document.querySelector(".finding.bad")`)
	b.until(t, `document.querySelector(".phone").textContent.includes("ACCRUAL") && !document.querySelector(".phone em")`)
}

// choose takes an option of a select.
func (b *tab) choose(t *testing.T, selector, value string) {
	t.Helper()
	ask(t, b, chromedp.Evaluate[bool](`(() => {
		const select = document.querySelector(`+quoted(selector)+`);
		select.value = `+quoted(value)+`;
		return select.dispatchEvent(new Event("change", { bubbles: true }));
	})()`))
}
