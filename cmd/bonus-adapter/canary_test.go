package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"go.uber.org/zap"

	"bonus-adapter/adapter"
	"bonus-adapter/crm"
	"bonus-adapter/crm/crmtest"
)

// Canaries: texts that nothing the program tells about itself may hold, in any form.
const (
	birdCustomer = "canary-customer 4711"
	birdKey      = "canary-irp-key"
	birdToken    = "canary-crm-token"
	birdAdmin    = "canary-admin-key"
	birdIDKey    = "canary-id-key"
	birdOTLP     = "canary-otlp-token"
	birdHost     = "canary-account" // a reference's value, in the CRM's URL
)

const canaryConfig = `
adapter:
  keys: ["${env:CANARY_KEY}"]
  admin_keys: ["${env:CANARY_ADMIN}"]
  id_key: ${env:CANARY_ID_KEY}
  budget: 2s
  tracing: { endpoint: %q, headers: { Authorization: "Bearer ${env:CANARY_OTLP}" }, sample: 100%% }
crm:
  base_url: %s/${env:CANARY_HOST}
  timeout: 500ms
  auth: { bearer: "${env:CANARY_TOKEN}", query: { token: "${env:CANARY_TOKEN}" } }
  breaker: { requests: 1000 }
  steps: [{ name: history, get: "/customers/{{ user }}/tx", query: { user: "{{ user }}" }, not_found: status == 404 }]
mapping:
  records: history.items
  fields: { n: { at: n, as: decimal } }
  rules: [{ added: n }]
  entry: { definitionMessage: '"x"' }
`

// forms are the ways in which a text may be written.
func forms(text string) []string {
	reversed := []rune(text)
	slices.Reverse(reversed)
	return []string{
		text, url.QueryEscape(text), url.PathEscape(text), string(reversed), hex.EncodeToString([]byte(text)),
		base64.StdEncoding.EncodeToString([]byte(text)), base64.URLEncoding.EncodeToString([]byte(text)),
	}
}

// silent asks that no canary is in a text.
func silent(t *testing.T, what, text string) {
	t.Helper()
	if text == "" {
		t.Errorf("%s: nothing was told, so nothing is proven", what)
	}
	for _, canary := range []string{birdCustomer, birdKey, birdToken, birdAdmin, birdIDKey, birdOTLP, birdHost} {
		for _, form := range forms(canary) {
			if at := strings.Index(text, form); at >= 0 {
				t.Errorf("%s tells %q: …%s…", what, form, text[max(0, at-80):min(len(text), at+len(form)+80)])
			}
		}
	}
}

// echoing is a CRM that puts whatever it was asked into its answers, and fails in a new way each time.
func echoing() http.HandlerFunc {
	var mu sync.Mutex
	asked := 0
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		asked++
		way := asked
		mu.Unlock()
		echo := r.URL.String() + " " + birdCustomer + " " + r.Header.Get("Authorization")
		w.Header().Set("X-Echo", echo)
		switch way % 9 {
		case 0:
			crmtest.Answer(500, `{"error":"`+echo+`"}`)(w, r)
		case 1:
			crmtest.Answer(200, `{"items":[{"n":1}],"echo":"`+echo+`"}`)(w, r)
		case 2:
			crmtest.Answer(200, `<html><title>`+echo+`</title>`)(w, r)
		case 3:
			w.Header().Set("Location", "http://other.example.ru/?"+url.QueryEscape(echo))
			w.WriteHeader(http.StatusFound)
		case 4:
			crmtest.Answer(404, `{"nobody":"`+echo+`"}`)(w, r)
		case 5:
			crmtest.Answer(200, `{"items":[{"n":"`+echo+`"}]}`)(w, r)
		case 6:
			crmtest.Raw("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\""+birdCustomer)(w, r)
		case 7:
			crmtest.Raw("SSH-2.0-"+birdCustomer+"\r\n")(w, r)
		case 8:
			<-r.Context().Done()
		}
	}
}

// gossip is a collector that keeps every byte.
type gossip struct {
	mu   sync.Mutex
	text strings.Builder
}

func (g *gossip) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	text := unpacked(r.Body)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.text.WriteString(text)
}

func (g *gossip) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.text.String()
}

// provoke asks in every way that could make the program talk.
func provoke(t *testing.T, base string) {
	t.Helper()
	send := func(method, target, body string, headers ...string) {
		request, err := http.NewRequestWithContext(t.Context(), method, base+target, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(headers); i += 2 {
			request.Header.Set(headers[i], headers[i+1])
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return
		}
		_, _ = io.Copy(io.Discard, response.Body)
		_ = response.Body.Close()
	}
	good, right := `{"userIdentifier":"`+birdCustomer+`"}`, []string{"Authorization", "Bearer " + birdKey}
	for range 12 {
		send("POST", "/bonus-history", good, right...)
	}
	send("POST", "/bonus-history", good, append(right, "Tracestate", "a="+url.QueryEscape(birdCustomer), "Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "User-Agent", birdCustomer)...)
	send("POST", "/bonus-history?key="+birdKey+"&user="+url.QueryEscape(birdCustomer), good, right...)
	send("POST", "/bonus-history", good, "key", birdToken)
	send("POST", "/bonus-history", `{"userIdentifier":{"`+birdCustomer+`":1}}`, right...)
	send("POST", "/bonus-history", `{"userIdentifier":"../`+birdCustomer+`"}`, right...)
	send("POST", "/bonus-history", `{"`+birdCustomer, right...)
	send("POST", "/"+url.PathEscape(birdCustomer), good, right...)
	send("DELETE", "/bonus-history", birdCustomer, right...)
	send("POST", "/bonus-history", good, append(right, "X-Forwarded-For", birdCustomer)...)
}

// TestCanaries searches all that the real program tells, at the level debug, for ids and secrets.
func TestCanaries(t *testing.T) {
	collected := &gossip{}
	collector := httptest.NewServer(collected)
	defer collector.Close()
	server := httptest.NewServer(echoing())
	p := startProgram(t, buildProgram(t), fmt.Sprintf(canaryConfig, collector.URL, server.URL), map[string]string{
		"CANARY_KEY": birdKey, "CANARY_TOKEN": birdToken, "CANARY_ADMIN": birdAdmin, "CANARY_ID_KEY": birdIDKey, "CANARY_OTLP": birdOTLP, "CANARY_HOST": birdHost,
	}, "--log-level", "debug")
	base := strings.TrimSuffix(p.url, "/bonus-history")
	provoke(t, base)
	server.Close()
	provoke(t, base) // nobody is there any more
	for _, path := range []string{"/metrics", "/readyz", "/log-level"} {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, p.admin+path, nil)
		request.Header.Set("Authorization", "Bearer "+birdAdmin)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if response.StatusCode != 200 {
			t.Errorf("%s: %d", path, response.StatusCode)
		}
		silent(t, path, string(text))
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
	if !strings.Contains(p.log.String(), `"msg":"crm attempt"`) {
		t.Error("the log is not at the level debug")
	}
	silent(t, "the log", p.log.String())
	silent(t, "the spans", collected.String())
	if !strings.Contains(collected.String(), "crm_timeout") {
		t.Error("the spans hold no reasons")
	}
}

// TestTheTraceGoesThroughTheProgram: the CRM gets the caller's trace (W3C), and the collector the spans of both doors in it,
// the reason among their attributes.
func TestTheTraceGoesThroughTheProgram(t *testing.T) {
	const trace, parent = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	collected, server := &gossip{}, crmtest.New(t, crmtest.Answer(http.StatusInternalServerError, ``))
	collector := httptest.NewServer(collected)
	defer collector.Close()
	p := startProgram(t, buildProgram(t), fmt.Sprintf(canaryConfig, collector.URL, server.URL), map[string]string{
		"CANARY_KEY": birdKey, "CANARY_TOKEN": birdToken, "CANARY_ADMIN": birdAdmin, "CANARY_ID_KEY": birdIDKey, "CANARY_OTLP": birdOTLP, "CANARY_HOST": birdHost,
	})
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url, strings.NewReader(`{"userIdentifier":"1"}`))
	request.Header.Set("Authorization", "Bearer "+birdKey)
	request.Header.Set("Traceparent", "00-"+trace+"-"+parent+"-01")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
	sent := strings.Split(server.Asked()[0].Header.Get("Traceparent"), "-")
	if len(sent) != 4 || sent[1] != trace || sent[2] == parent || sent[3] != "01" {
		t.Fatalf("the CRM got %q", sent)
	}
	for what, id := range map[string]string{"the caller's trace": trace, "the caller's span": parent, "the CRM's parent": sent[2]} {
		if raw, err := hex.DecodeString(id); err != nil || !strings.Contains(collected.String(), string(raw)) {
			t.Errorf("the collector has nothing of %s", what)
		}
	}
	for _, word := range []string{"bonus.reason", "crm_status", "bonus.source", "fallback", "crm history"} {
		if !strings.Contains(collected.String(), word) {
			t.Errorf("the spans do not say %s", word)
		}
	}
}

// gossiping is a ledger with a bug: it panics with all it knows.
type gossiping struct{}

func (gossiping) History(_ context.Context, customer crm.Customer) (*crm.History, error) {
	panic(fmt.Errorf("the customer %s with %s", customer.Reveal(), birdToken))
}

func TestCanariesInAPanic(t *testing.T) {
	out := newOutput()
	level := zap.NewAtomicLevelAt(zap.DebugLevel)
	watch, closeLog := newOperations(out, logging{level: level})
	file, err := parseConfig("config.yaml", []byte(fmt.Sprintf(canaryConfig, "http://127.0.0.1:1", "http://127.0.0.1:1")))
	if err != nil {
		t.Fatal(err)
	}
	around := watch.around(func(_, name string) (string, error) {
		return map[string]string{"CANARY_KEY": birdKey, "CANARY_TOKEN": birdToken, "CANARY_ADMIN": birdAdmin, "CANARY_ID_KEY": birdIDKey, "CANARY_OTLP": birdOTLP, "CANARY_HOST": birdHost}[name], nil
	})
	around.ledger = func(crm.Ledger) crm.Ledger { return gossiping{} }
	made, err := constructIn(file, around)
	if err != nil {
		t.Fatal(err)
	}
	defer made.close(nil)
	watch.started(made)
	server := httptest.NewServer(adapter.NewDoor(made.handler))
	provoke(t, server.URL)
	server.Close()
	text := watch.exposition(t)
	closeLog()
	if !strings.Contains(out.String(), `"panic"`) || !strings.Contains(text, `duration_seconds_count{reason="internal"} `) {
		t.Errorf("there was no panic:\n%s", out)
	}
	silent(t, "the log", out.String())
	silent(t, "the metrics", text)
}

// TestTheLogsLevelChangesAtRunTime, by the admin port and by a signal.
func TestTheLogsLevelChangesAtRunTime(t *testing.T) {
	server := crmtest.New(t, crmtest.Answer(200, `{"data":{"items":[]},"meta":{"totalPages":1}}`))
	p := startServe(t, referenceConfig(t), server.URL)
	told := func() int { return strings.Count(p.log.String(), `"msg":"crm attempt"`) }
	post(t, http.DefaultClient, p.url, "1")
	if status, text := p.fetch(t, http.MethodPut, "/log-level", `{"level":"debug"}`); status != 200 || told() != 0 {
		t.Errorf("%d %s, %d attempts told before", status, text, told())
	}
	post(t, http.DefaultClient, p.url, "2")
	waitUntil(t, func() bool { return told() == 1 })
	for i, want := range []string{"info", "debug"} {
		if err := p.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
			t.Fatal(err)
		}
		waitUntil(t, func() bool { return strings.Count(p.log.String(), "the log's level is changed") == i+1 })
		if _, text := p.fetch(t, http.MethodGet, "/log-level", ""); !strings.Contains(text, want) {
			t.Errorf("%s, want %s", text, want)
		}
	}
}

func TestTheLogForPeople(t *testing.T) {
	out := newOutput()
	watch, closeLog := newOperations(out, logging{level: zap.NewAtomicLevel(), console: true})
	watch.log.Warn("a\nmessage", zap.String("text", "two\nlines"))
	closeLog()
	if text := out.String(); !strings.Contains(text, "WARN") || strings.Contains(text, "two\nlines") {
		t.Errorf("%q", text)
	}
	for _, args := range [][]string{{"--log", "xml"}, {"--log-level", "loud"}, {"--log-level", "panic"}} {
		p := &program{out: newOutput(), err: newOutput()}
		if code := p.execute(t.Context(), append([]string{"serve"}, args...)); code != exitUsage {
			t.Errorf("%v: %d", args, code)
		}
	}
}

// unpacked gives what a gzip holds; what is none is given as it is.
func unpacked(r io.Reader) string {
	packed, err := io.ReadAll(r)
	if err != nil {
		return ""
	}
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return string(packed)
	}
	text, _ := io.ReadAll(reader)
	return string(text)
}
