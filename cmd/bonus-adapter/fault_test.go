package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"bonus-adapter/crm/crmtest"
)

// The tests fault_*_test.go make rows of docs/faults.md come true with the whole adapter over real HTTP: what the caller
// saw, what the CRM was asked, what the log says, and that the next customer notices nothing.

const faultConfig = `
adapter:
  keys: [key-of-the-caller]
  budget: 3s
crm:
  base_url: %s
  auth: { headers: { X-Api-Key: "${env:CRM_KEY}" } }
  timeout: 1s
  fail: body.ok == false
  retry: { wait: 1ms }
  limits: { body: 1MiB }
  breaker: { requests: 100000 }
  steps:
    - name: history
      get: /customers/{{ user }}
      not_found: status == 404 and body.code == "nobody"
mapping:
  records: history.items
  fields:
    type:   { at: type }
    amount: { at: amount, as: decimal }
    at:     { at: at, as: time, optional: true }
    text:   { at: text, optional: true }
  rules:
    - { when: type == "EARN", added: amount }
  entry: { definitionMessage: text ?? "Бонусы", activationDate: at }
`

const (
	goodItems = `{"items":[{"type":"EARN","amount":250}]}`
	goodBody  = `{"bonuses":[{"added":250,"expired":0,"definitionMessage":"Бонусы","activationDate":null,"expirationDate":null}]}` + "\n"
	emptyBody = `{"bonuses":[]}` + "\n"
)

// fault is one customer whose answer is as bad as the row says.
type fault struct {
	answer http.HandlerFunc
	want   string // the header Bonus-History
	calls  int    // that the CRM saw
	body   string // of the answer, where it is not the usual one of that header
}

// prove asks for the customer with the fault, and then for another one, several times.
func (f fault) prove(t *testing.T) {
	t.Helper()
	s := newSubject(t, faultConfig, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/secret-id") {
			f.answer(w, r)
			return
		}
		crmtest.Answer(200, goodItems)(w, r)
	})
	got := s.history(t, "secret-id")
	want := f.body
	if want == "" {
		want = emptyBody
		if f.want == "live" {
			want = goodBody
		}
	}
	if got.status != 200 || got.history != f.want || got.body != want {
		t.Errorf("%d %q …%s\nwant %q …%s", got.status, got.history, got.body[max(0, len(got.body)-300):], f.want, want[max(0, len(want)-300):])
	}
	if asked := len(s.crm.Asked()); asked != f.calls {
		t.Errorf("the CRM was asked %d times, want %d", asked, f.calls)
	}
	for range 3 {
		if next := s.history(t, "another"); next.history != "live" || next.body != goodBody {
			t.Errorf("the next customer sees %q %s", next.history, next.body)
		}
	}
	s.logsNothingSecret(t)
}

// history asks as a caller who waits for the budget and one second. It is a deadline, not a measurement.
func (s *subject) history(t *testing.T, customer string) reply {
	t.Helper()
	waits, cancel := context.WithTimeout(t.Context(), 4*time.Second)
	defer cancel()
	return s.sendIn(waits, t, "POST", "/bonus-history", fmt.Sprintf(`{"userIdentifier":%q}`, customer), "Authorization", "Bearer key-of-the-caller")
}

// logsNothingSecret looks for what no line of log may hold, in every form in which it could be there.
func (s *subject) logsNothingSecret(t *testing.T) {
	t.Helper()
	var all strings.Builder
	for _, line := range s.logs.All() {
		fmt.Fprintln(&all, line.Message, line.ContextMap())
	}
	for _, secret := range []string{"secret-id", "key-of-the-caller", "value-of-crm-key", "poison", "SSH-2.0", "127.0.0.1"} {
		backwards := []byte(secret)
		slices.Reverse(backwards)
		encoded := base64.StdEncoding.EncodeToString([]byte(secret))
		for _, form := range []string{secret, url.QueryEscape(secret), encoded[:len(encoded)/4*4-4], string(backwards)} {
			if strings.Contains(all.String(), form) {
				t.Errorf("the log holds %s, as %s:\n%s", secret, form, all.String())
			}
		}
	}
}

// proveAll proves faults, and that nothing is left over of them.
func proveAll(t *testing.T, faults map[string]fault) {
	t.Helper()
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	for name, fault := range faults {
		t.Run(name, fault.prove)
	}
}

// raw is an answer as it stands on the wire.
func raw(head, body string) string {
	return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + head + "\r\n" + body
}

func contentLength(size int) string { return fmt.Sprintf("Content-Length: %d\r\n", size) }
