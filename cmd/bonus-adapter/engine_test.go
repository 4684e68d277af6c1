package main

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"bonus-adapter/crm"
	"bonus-adapter/crm/crmtest"
)

// The tests engine_*_test.go ask a CRM over real HTTP as a config in YAML has it, and tell the history in one line.

// engine is the crm of a config, in front of a CRM.
type engine struct {
	client *crm.Client
	crm    *crmtest.CRM
}

const engineMapping = `
  fields: { id: { at: id } }
  rules: [{ when: id != "", added: "1" }]
  entry: { definitionMessage: id }
`

// newEngine takes the section crm without its base_url; the records are in the items of the step history.
func newEngine(t *testing.T, section string, answer http.HandlerFunc) *engine {
	t.Helper()
	return newEngineOf(t, "history.items", section, answer)
}

// newEngineOf takes the place of the records too. In the section CRM is the CRM's address, and HOST its host.
func newEngineOf(t *testing.T, records, section string, answer http.HandlerFunc) *engine {
	t.Helper()
	e := &engine{crm: crmtest.New(t, answer)}
	e.client = engineClient(t, e.crm.URL, records, section)
	return e
}

func engineClient(t *testing.T, base, records, section string) *crm.Client {
	t.Helper()
	made, err := tryEngine(base, records, section)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(made.client.Close)
	return made.client
}

func tryEngine(base, records, section string) (*built, error) {
	if !strings.Contains(section, "base_url: CRM") {
		section = "base_url: CRM\n" + strings.Trim(section, "\n")
	}
	host := ""
	if target, err := url.Parse(base); err == nil {
		host = target.Hostname()
	}
	section = strings.NewReplacer("CRM", base, "HOST", host, "\n", "\n  ").Replace("\n" + section)
	file, err := parseConfig("config.yaml", []byte("adapter: { keys: [one-key], limits: { concurrent: 1000 } }\ncrm:"+section+"\nmapping:\n  records: "+records+engineMapping))
	if err != nil {
		return nil, err
	}
	return construct(file, func(_, name string) (string, error) { return "value-of-" + name, nil }, zap.NewNop())
}

const engineID = "secret-id-4711"

// tell asks for a history: its ids, then what is missing of it; or the kind of the error behind an exclamation mark.
func (e *engine) tell(t *testing.T) string {
	t.Helper()
	return e.tellOf(t, engineID)
}

func (e *engine) tellOf(t *testing.T, id string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	return e.tellIn(ctx, t, id)
}

func (e *engine) tellIn(ctx context.Context, t *testing.T, id string) string {
	t.Helper()
	history, err := e.client.History(ctx, crm.NewCustomer(id))
	if err != nil {
		return "! " + e.kind(t, err)
	}
	var told []string
	for _, record := range history.Records {
		told = append(told, record.Field(0).Text())
	}
	if history.Partial != nil {
		told = append(told, "| "+e.kind(t, history.Partial))
	}
	return strings.Join(told, " ")
}

// kind names an error's kind, and looks whether its text tells too much.
func (e *engine) kind(t *testing.T, err error) string {
	t.Helper()
	var failed *crm.Error
	if !errors.As(err, &failed) {
		t.Fatalf("an error of another type: %T %v", err, err)
	}
	for _, secret := range []string{engineID, "127.0.0.1", "secret", "token-", "value-of"} {
		if strings.Contains(failed.Error(), secret) || strings.Contains(failed.Head, secret) {
			t.Errorf("the error tells too much: %v, %q", failed, failed.Head)
		}
	}
	if t.Logf("%v", failed); strings.ContainsAny(failed.Head, "0123456789") {
		t.Errorf("the head has digits: %q", failed.Head)
	}
	return failed.Kind.String()
}

// asked gives the URIs that the CRM was asked for.
func (e *engine) asked() []string {
	var all []string
	for _, request := range e.crm.Asked() {
		all = append(all, request.URI)
	}
	return all
}

// expect compares a told history and how often the CRM was asked.
func (e *engine) expect(t *testing.T, want string, calls int) {
	t.Helper()
	if got := e.tell(t); got != want || calls > 0 && len(e.crm.Asked()) != calls {
		t.Errorf("%q after %d calls, want %q after %d:\n%s", got, len(e.crm.Asked()), want, calls, strings.Join(e.asked(), "\n"))
	}
}

// head asks for a history that fails, and gives the head of the answer with the text of the error.
func (e *engine) head(t *testing.T) (head, text string) {
	t.Helper()
	_, err := e.client.History(t.Context(), crm.NewCustomer(engineID))
	var failed *crm.Error
	if !errors.As(err, &failed) {
		t.Fatalf("%v", err)
	}
	e.kind(t, failed)
	return failed.Head, failed.Error()
}
