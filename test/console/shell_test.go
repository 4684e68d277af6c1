package console_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"bonus-adapter/test/rig"
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
}

// TestTheKeyIsAsked: with adapter.admin_keys the page asks for one, and keeps it nowhere.
func TestTheKeyIsAsked(t *testing.T) {
	text, err := os.ReadFile("../../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	config := strings.Replace(string(text), "adapter:\n", "adapter:\n  admin_keys: [admin-key-of-the-test]\n", 1)
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	// Not by the rig: it reads the admin port, and has no key of it.
	log := start(t, []string{"serve", "--config", file, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"}, "IRP_KEY="+rig.Key, "CRM_URL=http://127.0.0.1:9/api", "CRM_TOKEN=token")
	b := open(t, "http://"+log.Await(t, `"msg":"admin port","listens":"([^"]+)"`)+"/console/")
	b.until(t, `document.getElementById("key").open`)
	b.run(t, chromedp.SendKeys(chromedp.CSS("#key-input"), "wrong\r"))
	b.until(t, `document.getElementById("key").open && document.getElementById("key-wrong").textContent !== ""`)
	if got := b.text(t, "#key-wrong"); got != "This key is not known." {
		t.Errorf("%q", got)
	}
	b.run(t, chromedp.SendKeys(chromedp.CSS("#key-input"), "admin-key-of-the-test\r"))
	b.until(t, `document.getElementById("version").textContent !== ""`)
	kept := ask(t, b, chromedp.Evaluate[string](`document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)`))
	if strings.Contains(kept, "admin-key") {
		t.Errorf("the key is kept: %s", kept)
	}
	b.shot(t, "key")
	b.forget() // the browser itself tells of each 401
}
