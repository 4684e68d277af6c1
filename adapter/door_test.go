package adapter_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"bonus-adapter/adapter"
	"bonus-adapter/config"
	"bonus-adapter/crm"
	"bonus-adapter/document"
	"bonus-adapter/mapping"
	"bonus-adapter/store"
)

const (
	path  = "/bonus-history"
	key   = "first-secret-key"
	other = "second-secret-key"
	id    = "secret-id-12345"
	body  = `{"userIdentifier":"` + id + `"}`
)

// ledger is a fake account: a function.
type ledger func(context.Context, crm.Customer) (*crm.History, error)

func (l ledger) History(ctx context.Context, customer crm.Customer) (*crm.History, error) {
	return l(ctx, customer)
}

func reads(records ...string) ledger {
	history := &crm.History{Pages: 1, Calls: 1}
	for _, text := range records {
		amount, err := document.ParseJSON([]byte(text), document.Limits{Depth: 4})
		if err != nil {
			panic(err)
		}
		history.Records = append(history.Records, document.NewRecord(amount))
	}
	return func(context.Context, crm.Customer) (*crm.History, error) { return history, nil }
}

func fails(err error) ledger {
	return func(context.Context, crm.Customer) (*crm.History, error) { return nil, err }
}

// door is a Handler on a real server, and what it logs.
type door struct {
	handler *adapter.Handler
	url     string
	logs    *observer.ObservedLogs
}

func settings() adapter.Config {
	cfg := adapter.DefaultConfig()
	cfg.Keys = []config.Secret{config.Plain(key), config.Plain(other)}
	cfg.IDKey = config.Plain("id-key")
	return cfg
}

func newHandler(t testing.TB, cfg adapter.Config, asked ledger) (*adapter.Handler, *observer.ObservedLogs) {
	t.Helper()
	return newKeeper(t, cfg, asked, nil)
}

// newKeeper makes a Handler that keeps its answers.
func newKeeper(t testing.TB, cfg adapter.Config, asked ledger, answers store.Store) (*adapter.Handler, *observer.ObservedLogs) {
	t.Helper()
	core, logs := observer.New(zap.DebugLevel)
	handler, err := adapter.New(cfg, adapter.Options{Ledger: asked, Mapping: newMapping(t), Log: zap.New(core), Answers: answers, Identity: "config 1"})
	if err != nil {
		t.Fatal(err)
	}
	return handler, logs
}

func newMapping(t testing.TB) *mapping.Mapping {
	t.Helper()
	var at document.Path
	if err := at.UnmarshalText([]byte("amount")); err != nil {
		t.Fatal(err)
	}
	meaning := mapping.DefaultConfig()
	meaning.Records = mapping.Places{"history.items"}
	meaning.Fields = map[string]mapping.Field{"amount": {At: mapping.Paths{at}, As: "decimal"}}
	meaning.Rules = []mapping.Rule{{When: "amount > 0", Added: "amount"}, {When: "amount == 0", Skip: true}}
	meaning.Entry.DefinitionMessage = `"Бонусы"`
	made, err := mapping.New(meaning)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func open(t *testing.T, cfg adapter.Config, asked ledger) *door {
	t.Helper()
	handler, logs := newHandler(t, cfg, asked)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &door{handler, server.URL, logs}
}

type answer struct {
	status int
	header http.Header
	body   string
}

func (d *door) send(t *testing.T, method, target, text string, headers ...string) answer {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, d.url+target, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	all, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, string(all)}
}

func (d *door) ask(t *testing.T) answer {
	t.Helper()
	return d.askFor(t, id)
}

func (d *door) askFor(t *testing.T, customer string) answer {
	t.Helper()
	return d.send(t, "POST", path, `{"userIdentifier":"`+customer+`"}`, "Authorization", "Bearer "+key)
}

// expect judges everything an answer promises. A source with its reason is the header Bonus-History.
func (d *door) expect(t *testing.T, got answer, status int, history string) {
	t.Helper()
	if got.status != status || got.header.Get("Bonus-History") != history {
		t.Errorf("%d %q, want %d %q", got.status, got.header.Get("Bonus-History"), status, history)
	}
	for name, want := range map[string]string{"Content-Type": "application/json", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
		if got.header.Get(name) != want {
			t.Errorf("%s: %q", name, got.header.Get(name))
		}
	}
	var parsed struct {
		Bonuses []any
		Error   *struct{ Message string }
	}
	err := json.Unmarshal([]byte(got.body), &parsed)
	if err != nil || parsed.Bonuses == nil || (parsed.Error != nil) != (status != 200) {
		t.Errorf("%v in %s", err, got.body)
	}
	if strings.Contains(got.body, id) || strings.Contains(got.body, "secret-key") {
		t.Errorf("the answer echoes: %s", got.body)
	}
	source, rest, _ := strings.Cut(history, ";")
	d.logged(t, source, strings.TrimPrefix(rest, " reason="))
}

// logged looks at the newest request's line, and that no line at all tells an id or a key.
func (d *door) logged(t *testing.T, source, reason string) {
	t.Helper()
	lines := d.logs.FilterMessage("request").All()
	if len(lines) == 0 {
		t.Fatal("nothing was logged")
	}
	newest := lines[len(lines)-1].ContextMap()
	if newest["source"] != source || (!strings.Contains(reason, "=") && newest["reason"] != reason) {
		t.Errorf("logged %v, want %s %s", newest, source, reason)
	}
	for _, line := range d.logs.All() {
		if text := fmt.Sprint(line.Message, line.ContextMap()); strings.Contains(text, id) || strings.Contains(text, "secret-key") {
			t.Errorf("the log tells too much: %s", text)
		}
	}
}
