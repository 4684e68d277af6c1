// Package faults makes the table of docs/faults.md true for what needs real parts beside the program: a fault proxy, a
// process of its own, signals, limits of the machine. Rows that need none of these are tests of the rooms themselves; the
// table names them all, and TestTheTable compares.
//
// Every test asserts both sides: what the caller saw, and what the CRM was asked. A caller waits for the budget and one
// second; that is the only time that is asserted. That nothing is left over, goroutines, connections, files, memory, is
// asserted by the rig at the end of every program.
package faults

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"bonus-adapter/crm/crmtest"

	"bonus-adapter/test/rig"
)

var program rig.Binary // built by TestMain

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "faults") // the program in it is run by other users too
	if err == nil {
		err = os.Chmod(dir, 0o755) //nolint:gosec
	}
	if err == nil {
		program, err = rig.Build(dir)
	}
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

const (
	budget   = 2 * time.Second
	patience = budget + time.Second // of a caller

	empty   = "{\"bonuses\":[]}\n"
	history = "{\"bonuses\":[{\"added\":250,\"expired\":0,\"definitionMessage\":\"Покупка\",\"activationDate\":\"1627391774032\",\"expirationDate\":null}]}\n"
)

// settings are a config with %s for the CRM's address and for more of the section crm.
const settings = `
adapter:
  keys: ["${env:IRP_KEY}"]
  budget: 2s
  pprof: true
crm:
  base_url: http://%s
  timeout: 1s
  breaker: { window: 1m, requests: 100000 }
%s
  steps:
    - name: history
      get: /customers/{{ user }}
mapping:
  records: history.items
  fields:
    amount: { at: amount, as: decimal }
    at:     { at: at, as: time, layout: unix_ms }
    text:   { at: text }
  rules: [{ added: amount }]
  entry: { definitionMessage: text, activationDate: at }
`

const record = `{"amount":250,"at":1627391774032,"text":"Покупка"}`

// good answers with one record. For a customer called big the answer has a long tail that the mapping does not read.
func good(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	padding := ""
	if strings.HasSuffix(r.URL.Path, "/big") {
		padding = strings.Repeat("x", 64<<10)
	}
	_, _ = fmt.Fprintf(w, `{"items":[%s],"padding":%q}`, record, padding)
}

// scene is the program, its CRM, and a fault proxy between them.
type scene struct {
	*rig.Program
	crm   *crmtest.CRM
	proxy *rig.Proxy
	waits time.Duration // of a caller; patience if it is zero
}

func newScene(t *testing.T, more string, answer http.HandlerFunc) *scene {
	t.Helper()
	s := &scene{crm: crmtest.New(t, answer)}
	s.proxy = rig.NewProxy(t, strings.TrimPrefix(s.crm.URL, "http://"))
	s.Program = program.Serve(t, fmt.Sprintf(settings, s.proxy.Address, more))
	s.Frees(s.proxy.Down)
	return s
}

// newStage is a scene without a proxy, with settings of its own.
func newStage(t *testing.T, settings string, answer http.HandlerFunc) *scene {
	t.Helper()
	s := &scene{crm: crmtest.New(t, answer)}
	s.Program = program.Serve(t, fmt.Sprintf(settings, s.address(), ""))
	s.Frees(s.crm.Drop)
	return s
}

// address is where the CRM is, host:port.
func (s *scene) address() string { return strings.TrimPrefix(s.crm.URL, "http://") }

// expect asks, and compares what the caller sees.
func (s *scene) expect(t *testing.T, customer, wantHistory string) {
	t.Helper()
	got, err := s.Ask(t.Context(), cmp.Or(s.waits, patience), customer)
	if err != nil {
		t.Fatalf("no answer within the budget and a second: %v", err)
	}
	wantBody := empty
	if wantHistory == "live" {
		wantBody = history
	}
	if got.Status != 200 || got.History != wantHistory || got.Body != wantBody {
		t.Errorf("%d %q %s, want %q", got.Status, got.History, got.Body, wantHistory)
	}
	t.Logf("%s: %s after %v", customer, got.History, got.Took.Round(time.Millisecond))
}
