package console_test

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"

	"bonus-adapter/test/rig"
)

// answer is what somebody pastes.
const answer = `{"items":[
 {"type":"EARN","amount":250,"date":"2026-05-01T12:00:00+03:00","text":"За покупку"},
 {"type":"BURN","amount":100,"date":"2026-05-02T12:00:00+03:00","text":"Бонусы сгорели"}]}`

// mistaken has a type that no rule covers: BURN is misspelt.
const mistaken = `adapter:
  keys: ["${env:IRP_KEY}"]
crm:
  base_url: https://crm.example.ru
  auth: { bearer: "${env:CRM_TOKEN}" }
  steps:
    - name: history
      get: /customers/{{ user }}/transactions
mapping:
  records: history.items
  fields:
    type:   { at: type }
    amount: { at: amount, as: decimal }
    date:   { at: date, as: time }
    text:   { at: text }
  rules:
    - { when: type == "EARN", added: amount }
    - { when: type == "BRUN", expired: amount }
  entry: { definitionMessage: text, activationDate: date }
`

// set puts a text where a user would paste it.
func (b *tab) set(t *testing.T, selector, text string) {
	t.Helper()
	script := fmt.Sprintf(`(() => {
		const field = document.querySelector(%s);
		field.focus();
		field.value = %s;
		field.dispatchEvent(new Event("input", { bubbles: true }));
		return true;
	})()`, quoted(selector), quoted(text))
	ask(t, b, chromedp.Evaluate[bool](script))
}

// quoted writes a text as JavaScript has it.
func quoted(text string) string {
	literal, _ := json.Marshal(text) // a string always encodes
	return string(literal)
}

// TestFromAPasteToATestCase is the way of an integrator: paste, be told what is wrong at its line, put it right, see what
// the customer sees, take the case home.
func TestFromAPasteToATestCase(t *testing.T) {
	_, address := demo(t)
	b := open(t, address)
	b.until(t, `document.querySelectorAll(".phone li").length === 5`) // of the example
	b.set(t, "#answer", answer)
	b.set(t, ".sheet textarea", strings.Replace(mistaken, "as: decimal", "as: decimall", 1))
	b.until(t, `document.querySelector('.finding.bad[data-line="13"]') && document.querySelector(".sign.bad").style.top === "240px"`)
	if got := b.text(t, ".finding.bad"); !strings.Contains(got, "mapping.fields.amount.as") || !strings.Contains(got, "decimal") {
		t.Errorf("the finding is %q", got)
	}
	b.set(t, ".sheet textarea", mistaken)
	b.until(t, `document.querySelectorAll(".phone li").length === 1 && document.querySelector("#verdict").textContent.includes("unmatched=1")`)
	b.run(t, chromedp.Click(chromedp.CSS("#view-records")))
	b.until(t, `document.querySelector(".records .odd").textContent.includes("BURN")`)
	b.set(t, ".sheet textarea", strings.Replace(mistaken, "BRUN", "BURN", 1))
	b.until(t, `document.querySelectorAll(".records li").length === 2 && !document.querySelector(".records .odd") && !document.querySelector(".finding")`)
	b.run(t, chromedp.Click(chromedp.CSS("#view-phone")))
	b.until(t, `document.querySelector(".plus").textContent === "+250" && document.querySelector(".minus").textContent === "−100"`)
	b.judgeCase(t)
}

// TestARecordIsLinkedToItsLineAndItsEntry: what is pointed at, or has the focus, shows where it comes from; the line of
// the caret shows what it has decided.
func TestARecordIsLinkedToItsLineAndItsEntry(t *testing.T) {
	_, address := demo(t)
	b := open(t, address)
	b.until(t, `document.querySelectorAll(".phone li").length === 5`)
	linked := `[...document.querySelectorAll(".mark.linked")].map((mark) => parseInt(mark.style.top) / 20 + 1).join(" ")`
	ask(t, b, chromedp.Evaluate[bool](`(document.querySelector(".phone li").focus(), true)`))
	b.until(t, linked+` === "29 33 34 35"`) // its rule, and the lines of mapping.entry
	b.run(t, chromedp.Click(chromedp.CSS("#view-records")))
	b.until(t, `document.querySelectorAll(".records > li").length === 7`)
	ask(t, b, chromedp.Evaluate[bool](`document.querySelectorAll(".records > li")[3].dispatchEvent(new PointerEvent("pointerover", { bubbles: true }))`))
	b.until(t, linked+`.startsWith("31") && document.querySelector(".records .linked").textContent.includes("215,1")`)
	ask(t, b, chromedp.Evaluate[bool](`(() => {
		const area = document.querySelector(".sheet textarea");
		const at = area.value.split("\n").slice(0, 29).join("\n").length + 3;
		area.focus();
		area.setSelectionRange(at, at);
		return area.dispatchEvent(new Event("click", { bubbles: true }));
	})()`))
	b.until(t, `[...document.querySelectorAll(".records .linked .number")].map((one) => one.textContent).join() === "№ 3,№ 7"`) // ACCRUAL
}

// TestWhatACRMSendsIsText: an answer that holds markup is shown, and never run.
func TestWhatACRMSendsIsText(t *testing.T) {
	_, address := demo(t)
	b := open(t, address)
	b.until(t, `document.querySelectorAll(".phone li").length === 5`)
	b.set(t, ".sheet textarea", strings.Replace(mistaken, "BRUN", "BURN", 1))
	b.set(t, "#answer", strings.ReplaceAll(answer, "За покупку", `<img src=x onerror=\"window.pwned=1\"><script>window.pwned=1</script>`))
	b.until(t, `document.querySelector(".phone").textContent.includes("<img src=x")`)
	for _, view := range []string{"json", "records", "steps"} {
		b.run(t, chromedp.Click(chromedp.CSS("#view-"+view)))
	}
	b.until(t, `window.pwned === undefined && !document.querySelector("main img, main script")`)
}

// TestALiveCustomerBecomesARecording: where the console may ask the CRM, what it says is held against the typed config.
func TestALiveCustomerBecomesARecording(t *testing.T) {
	_, address := demo(t, "--console-live")
	b := open(t, address)
	b.until(t, `document.querySelectorAll(".phone li").length === 5`)
	b.run(t, chromedp.SendKeys(chromedp.CSS(".live input"), "1000"), chromedp.Click(chromedp.CSS(".live button")))
	b.until(t, `document.querySelectorAll(".list [aria-pressed]").length === 10 && document.querySelectorAll(".phone li").length > 100`)
}

// judgeCase downloads the config and the case, and lets bonus-adapter test play them.
func (b *tab) judgeCase(t *testing.T) {
	t.Helper()
	if _, err := chromedp.CallBrowser(b, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{Behavior: "allow", DownloadPath: b.downloads}); err != nil {
		t.Fatal(err)
	}
	b.run(t, chromedp.Click(chromedp.CSS("#save-config")))
	config := filepath.Join(b.downloads, "config.yaml")
	rig.Until(t, "the config is there", func() bool { return isFile(config) })
	b.run(t, chromedp.Click(chromedp.CSS("#save-case")))
	archive := filepath.Join(b.downloads, "playground-case.zip")
	rig.Until(t, "the case is there", func() bool { return isFile(archive) })
	unpack(t, archive, b.downloads)
	test := exec.Command(string(binary), "test", "--config", config)
	test.Dir = b.downloads
	out, err := test.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "playground") {
		t.Errorf("%v\n%s", err, out)
	}
}

func isFile(name string) bool {
	found, err := os.Stat(name)
	return err == nil && found.Size() > 0
}

func unpack(t *testing.T, archive, into string) {
	t.Helper()
	r, err := zip.OpenReader(archive)
	if err == nil {
		err = os.CopyFS(into, r)
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Close()
}
