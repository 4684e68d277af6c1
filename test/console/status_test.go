package console_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"bonus-adapter/test/rig"
)

const watchedConfig = `adapter:
  keys: ["${env:IRP_KEY}"]
  pprof: true
crm:
  base_url: %s
  timeout: 300ms
  retry: { attempts: 1 }
  breaker: { requests: %d }
  steps:
    - name: account
      get: /account
      query: { id: "{{ user }}" }
      not_found: status == 404
      keep:
        id: body.id
    - name: history
      get: /history/{{ account.id }}
      fail: body.error
mapping:
  records: history.items
  fields:
    type: { at: type }
    amount: { at: amount, as: decimal }
  rules:
    - { when: type == "EARN", added: amount }
  entry: { definitionMessage: type }
`

// secretPart is in every customer's id, and must never get into the page.
const secretPart = "79160000"

// failing is a CRM that answers as the customer's id says.
func failing(t *testing.T) *httptest.Server {
	t.Helper()
	gone := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		id, found := strings.CutPrefix(r.URL.Path, "/history/")
		if !found {
			id = strings.TrimPrefix(r.URL.Query().Get("id"), secretPart)
		}
		switch {
		case id == "gone":
			w.WriteHeader(http.StatusNotFound)
		case id == "down":
			w.WriteHeader(http.StatusServiceUnavailable)
		case id == "locked":
			w.WriteHeader(http.StatusUnauthorized)
		case id == "slow":
			select {
			case <-r.Context().Done():
			case <-gone:
			}
		case !found:
			_, _ = fmt.Fprintf(w, `{"id":%q}`, id)
		case id == "error":
			_, _ = io.WriteString(w, `{"error":true}`)
		case id == "page":
			_, _ = io.WriteString(w, `<html>log in, please</html>`)
		case id == "empty":
			_, _ = io.WriteString(w, `{"error":false,"items":[]}`)
		case id == "moved":
			_, _ = io.WriteString(w, `{"error":false,"elements":[]}`)
		default:
			_, _ = io.WriteString(w, `{"error":false,"items":[{"type":"EARN","amount":"250"},{"type":"GIFT","amount":"10"}]}`)
		}
	}))
	t.Cleanup(func() { close(gone); server.Close() })
	return server
}

// watched runs the program in front of a failing CRM, and gives the address of its console.
func watched(t *testing.T, breaker int) (*rig.Program, string) {
	t.Helper()
	p := binary.Serve(t, fmt.Sprintf(watchedConfig, failing(t).URL, breaker))
	return p, "http://" + p.Log.Await(t, `"msg":"admin port","listens":"([^"]+)"`) + "/console/"
}

// toStatus goes to the status page.
func toStatus() []chromedp.Action[chromedp.Void] {
	return []chromedp.Action[chromedp.Void]{chromedp.Click(chromedp.CSS(`.tabs a[href="#status"]`)), chromedp.WaitVisible(chromedp.CSS(".page-status .tiles"))}
}

func asked(t *testing.T, p *rig.Program, customers ...string) {
	t.Helper()
	for _, customer := range customers {
		if _, err := p.Ask(t.Context(), rig.Patience, secretPart+customer); err != nil {
			t.Fatal(err)
		}
	}
}

// view writes what the window shows, if somebody wants to look: a dialog stands before the page.
func view(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	if *pages == "" {
		return
	}
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err == nil {
		err = os.WriteFile(filepath.Join(*pages, name+".png"), picture, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// contains is an expression that holds when an element has a text.
func contains(selector, text string) string {
	return fmt.Sprintf("document.querySelector(%q)?.innerText.includes(%q)", selector, text)
}

// TestTheStatusShowsWhatFails lets the CRM fail in several ways, and wants to see each reason, and of a request what was
// asked, the line that decided, and what to do.
func TestTheStatusShowsWhatFails(t *testing.T) {
	p, address := watched(t, 1000)
	asked(t, p, "well", "well", "empty", "gone", "down", "slow", "locked", "page", "moved", "error")
	b := open(t, address)
	b.run(t, toStatus()...)
	for reason, count := range map[string]int{
		"with entries": 2, "no_transactions": 1, "user_not_found": 1, "crm_status": 1, "crm_timeout": 1, "crm_auth": 1, "decode_failed": 1, "path_missing": 1, "crm_error_body": 1,
	} {
		b.until(t, fmt.Sprintf(`[...document.querySelectorAll(".cause")].some((cause) => cause.innerText.replace(/\s+/g, " ").trim() === "%s %d")`, reason, count))
	}
	b.until(t, contains(".attention", "crm_auth ×1 401 or 403"))
	b.until(t, `document.querySelectorAll(".requests tbody tr").length === 10`)
	b.until(t, contains(".calls", "crm_error_body"))
	b.shot(t, "status-failing")

	b.run(t, chromedp.Click(chromedp.CSS(".requests tbody tr:first-child button")))
	for _, text := range []string{"crm_error_body", "an error that the config declares (fail)", "What to do", "account", "history", "HTTP 200", ":18", "fail: body.error", "fail holds"} {
		b.until(t, contains("dialog.request", text))
	}
	readable(b, t, "status-request")
	view(b, t, "status-request")
	b.run(t, chromedp.KeyEvent(kb.Escape))
	b.until(t, `!document.querySelector("dialog.request") && document.activeElement.closest(".requests")`)

	if text := ask(t, b, chromedp.Evaluate[string](`document.documentElement.outerHTML`)); strings.Contains(text, secretPart) {
		t.Error("the page holds a customer's id")
	}
}

// TestTheStatusGoesOn wants requests that come while the page is looked at, unless it is paused; and the list by result.
func TestTheStatusGoesOn(t *testing.T) {
	p, address := watched(t, 1000)
	b := open(t, address)
	b.run(t, toStatus()...)
	b.until(t, contains(".attention", "Nothing needs attention"))
	asked(t, p, "well")
	b.until(t, `document.querySelectorAll(".requests tbody tr").length === 1`)
	b.until(t, `document.querySelector(".minutes tbody").textContent.includes("with entries 1")`)
	asked(t, p, "gone")
	b.until(t, `document.querySelectorAll(".requests tbody tr").length === 2`)
	b.run(t, chromedp.Click(chromedp.CSS(".status-head button")))
	b.until(t, contains(".status-head button", "Resume"))
	asked(t, p, "down")
	b.run(t, chromedp.Click(chromedp.CSS(".status-head button")))
	b.until(t, `document.querySelectorAll(".requests tbody tr").length === 3`)

	b.run(t, chromedp.Click(chromedp.CSS(`.cause[data-key="crm_status"]`)))
	b.until(t, `document.querySelectorAll(".requests tbody tr").length === 1 && document.activeElement.tagName === "SELECT"`)
}

// TestTheStatusByKeyboard walks over the minutes with the arrow keys, and opens a request with Enter. Each chart has its
// name, and a table beside it.
func TestTheStatusByKeyboard(t *testing.T) {
	p, address := watched(t, 1000)
	asked(t, p, "well", "down")
	b := open(t, address)
	b.run(t, toStatus()...)
	b.run(t, chromedp.Focus(chromedp.CSS(".minute")), chromedp.KeyEvent(kb.Home))
	b.until(t, contains(".readout", "no requests")+` && document.querySelector(".minute").getAttribute("aria-valuetext").includes("no requests")`)
	b.run(t, chromedp.KeyEvent(kb.ArrowRight))
	b.until(t, `["0", "1"].includes(document.querySelector(".minute").value)`) // 0 if a minute has just gone by
	b.until(t, `[...document.querySelectorAll(".chart")].every((chart) => chart.getAttribute("role") === "img" && chart.getAttribute("aria-label").length > 20)`)
	b.run(t, chromedp.Focus(chromedp.CSS(".page-status summary")), chromedp.KeyEvent(kb.Enter))
	b.until(t, contains(".minutes tbody", "crm_status 1"))
	b.run(t, chromedp.Focus(chromedp.CSS(".requests tbody button")), chromedp.KeyEvent(kb.Enter))
	b.until(t, contains("dialog.request", "crm_status"))
}

// TestTheStatusShowsTheBreaker lets the CRM fail until it is left alone.
func TestTheStatusShowsTheBreaker(t *testing.T) {
	p, address := watched(t, 2)
	asked(t, p, "down", "down", "down", "down")
	b := open(t, address)
	b.run(t, toStatus()...)
	b.until(t, contains(".attention", "The breaker of step account is open"))
	b.until(t, contains(`[data-tile="breakers"]`, "account: open"))
	b.until(t, contains(".calls", "breaker_open"))
	b.shot(t, "status-breaker")
}

// TestTheStatusShowsARefusedConfig breaks the config, and mends it.
func TestTheStatusShowsARefusedConfig(t *testing.T) {
	p, address := watched(t, 1000)
	asked(t, p, "well", "down", "gone", "slow")
	good, err := os.ReadFile(p.ConfigFile)
	if err != nil {
		t.Fatal(err)
	}
	reload := func(text string) {
		if err := os.WriteFile(p.ConfigFile, []byte(text), 0o644); err != nil { //nolint:gosec // it holds no secret
			t.Fatal(err)
		}
		p.Signal(t, syscall.SIGHUP)
	}
	b := open(t, address)
	b.run(t, toStatus()...)
	reload(strings.Replace(string(good), "rules:", "rulez:", 1))
	b.until(t, contains(".attention", "is refused"))
	b.until(t, contains(".attention", "rulez"))
	b.until(t, contains(".attention", "did you mean rules?"))
	b.until(t, contains(`[data-tile="config"]`, "refused"))
	for _, look := range []struct {
		name, theme string
		width       int64
	}{{"status-light", "light", 1440}, {"status-dark", "dark", 1440}, {"status-phone", "light", 360}, {"status-phone-dark", "dark", 360}, {"status-4k", "light", 3840}} {
		b.run(t, chromedp.EmulateViewport(look.width, 900))
		_ = ask(t, b, chromedp.Evaluate[bool](fmt.Sprintf(`document.documentElement.dataset.theme = %q, true`, look.theme)))
		b.until(t, fmt.Sprintf(`document.documentElement.scrollWidth <= %d && document.querySelector(".chart").viewBox.baseVal.width <= %d`, look.width, look.width))
		readable(b, t, look.name)
		b.shot(t, look.name)
	}
	b.run(t, chromedp.EmulateViewport(1440, 900), chromedp.Click(chromedp.CSS("#language")))
	b.until(t, contains(".attention", "отклонён"))
	b.shot(t, "status-russian")
	reload(strings.Replace(string(good), "definitionMessage: type", `definitionMessage: '"other"'`, 1))
	b.until(t, contains(`[data-tile="config"]`, "№ 2"))
	b.until(t, "!"+contains(".attention", "отклонён"))
}

// TestTheStatusAsksAgain asks the CRM anew for a request of the list, where the console may; elsewhere it says how to.
func TestTheStatusAsksAgain(t *testing.T) {
	for _, live := range []bool{false, true} {
		var args []string
		if live {
			args = append(args, "--console-live")
		}
		public, address := demo(t, args...)
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, public+"/bonus-history", strings.NewReader(`{"userIdentifier":"12345","key":"demo-key"}`))
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		b := open(t, address)
		b.run(t, toStatus()...)
		b.run(t, chromedp.Click(chromedp.CSS(".requests tbody tr:first-child button")), chromedp.WaitVisible(chromedp.CSS("dialog.request")))
		if !live {
			b.until(t, contains("dialog.request", "bonus-adapter explain USER")+` && !document.querySelector("dialog.request .again")`)
			continue
		}
		b.run(t, chromedp.Click(chromedp.CSS("dialog.request .again button")))
		b.until(t, `document.querySelectorAll("dialog.request .again tbody tr").length > 0`)
		view(b, t, "status-again")
		if text := ask(t, b, chromedp.Evaluate[string](`document.querySelector("dialog.request").innerText`)); strings.Contains(text, "12345") {
			t.Errorf("the page shows the customer's id:\n%s", text)
		}
	}
}
