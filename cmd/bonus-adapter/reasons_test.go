package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"bonus-adapter/adapter"
	"bonus-adapter/config"
	"bonus-adapter/crm/crmtest"
)

const reasonsConfig = `
adapter:
  keys: [one-key, another-key]
  budget: 2s
  limits: { body: 1KiB, concurrent: 2, queue: 0 }
crm:
  base_url: %s
  timeout: 500ms
  fail: body.ok == false
  limits: { body: 2KiB, depth: 8, pages: 3, records: 20, concurrent: 1 }
  breaker: { window: 1m, requests: 3, open: 1m }
  steps:
    - name: history
      get: /customers/{{ user }}
      not_found: status == 404 and body.code == "nobody"
      pages: { param: page, last: body.pages }
mapping:
  records: history.items
  fields:
    type:   { at: type }
    amount: { at: amount, as: decimal }
    at:     { at: at, as: time, optional: true }
  rules:
    - { when: type == "EARN", added: amount }
    - { when: type == "NOTE", skip: true }
  entry: { definitionMessage: type, activationDate: at }
`

// subject is a whole adapter in front of a CRM, over real HTTP.
type subject struct {
	url   string
	crm   *crmtest.CRM
	logs  *observer.ObservedLogs
	watch *operations
}

func newSubject(t *testing.T, yaml string, answer http.HandlerFunc) *subject {
	t.Helper()
	s := &subject{crm: crmtest.New(t, answer)}
	s.start(t, fmt.Sprintf(yaml, s.crm.URL))
	return s
}

func (s *subject) start(t *testing.T, yaml string) {
	t.Helper()
	file, err := parseConfig("config.yaml", []byte(yaml))
	if err != nil {
		t.Fatal(err)
	}
	core, logs := observer.New(zap.DebugLevel)
	s.watch = newOperationsOf(zap.New(core), zap.NewAtomicLevel())
	made, err := constructIn(file, s.watch.around(func(string, string) (string, error) { return "value-of-crm-key", nil }))
	if err != nil {
		t.Fatal(err)
	}
	s.watch.started(made)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- adapter.Serve(ctx, listener, adapter.NewDoor(made.handler)) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		made.close(nil)
	})
	s.url, s.logs = "http://"+listener.Addr().String(), logs
}

type reply struct {
	status  int
	history string
	body    string
	header  http.Header
}

func (s *subject) send(t *testing.T, method, path, body string, headers ...string) reply {
	t.Helper()
	return s.sendIn(t.Context(), t, method, path, body, headers...)
}

func (s *subject) sendIn(ctx context.Context, t *testing.T, method, path, body string, headers ...string) reply {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(body))
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
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{response.StatusCode, response.Header.Get("Bonus-History"), string(text), response.Header}
}

func (s *subject) ask(t *testing.T) reply {
	t.Helper()
	return s.askFor(t, "secret-id")
}

func (s *subject) askFor(t *testing.T, customer string) reply {
	t.Helper()
	return s.send(t, "POST", "/bonus-history", `{"userIdentifier":"`+customer+`"}`, "Authorization", "Bearer one-key")
}

func items(list string) http.HandlerFunc {
	return crmtest.Answer(200, `{"pages":1,"items":[`+list+`]}`)
}

// TestEveryReason injects every failure and asks over real HTTP: header, status, body and log line agree.
func TestEveryReason(t *testing.T) {
	proven := map[adapter.Reason]bool{}
	for _, test := range []struct {
		reason adapter.Reason
		header string
		answer http.HandlerFunc
	}{
		{adapter.NoTransactions, "live", items("")},
		{adapter.UserNotFound, "live", crmtest.Answer(404, `{"code":"nobody"}`)},
		{adapter.AllFiltered, "live", items(`{"type":"NOTE","amount":1}`)},
		{adapter.PathMissing, "fallback", crmtest.Answer(200, `{"pages":1,"rows":[]}`)},
		{adapter.DecodeFailed, "fallback", crmtest.Answer(200, `<html>`)},
		{adapter.MappingFailed, "fallback", items(`{"type":"EARN","amount":"x"}`)},
		{adapter.CRMUnreachable, "fallback", crmtest.Raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")},
		{adapter.CRMTimeout, "fallback", func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }},
		{adapter.CRMStatus, "fallback", crmtest.Answer(404, `{"code":"mistyped"}`)},
		{adapter.CRMErrorBody, "fallback", crmtest.Answer(200, `{"ok":false}`)},
		{adapter.CRMAuth, "fallback", crmtest.Answer(401, ``)},
		{adapter.CRMRateLimited, "fallback", crmtest.Answer(429, ``)},
		{adapter.HostRefused, "fallback", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(302)
		}},
		{adapter.TooLarge, "fallback", items(`"` + strings.Repeat("x", 4096) + `"`)},
		{adapter.TooManyPages, "fallback", crmtest.Answer(200, `{"pages":9,"items":[]}`)},
	} {
		t.Run(string(test.reason), func(t *testing.T) {
			s := newSubject(t, reasonsConfig, test.answer)
			s.expect(t, s.ask(t), 200, test.header, test.reason)
			proven[test.reason] = true
		})
	}
	for reason, prove := range map[adapter.Reason]func(*testing.T){
		adapter.BreakerOpen: func(t *testing.T) {
			s := newSubject(t, reasonsConfig, crmtest.Answer(500, ``))
			for range 3 {
				s.ask(t)
			}
			s.expect(t, s.ask(t), 200, "fallback", adapter.BreakerOpen)
			if asked := len(s.crm.Asked()); asked != 3 {
				t.Errorf("the CRM was asked %d times", asked)
			}
		},
		adapter.CRMBusy:    func(t *testing.T) { testCrowd(t, 1, 200, "fallback", adapter.CRMBusy) },
		adapter.Overloaded: func(t *testing.T) { testCrowd(t, 2, 503, "rejected", adapter.Overloaded) },
		adapter.Canceled:   testCanceled,
		adapter.Internal:   testInternal,
		adapter.BadRequest: func(t *testing.T) {
			s := newSubject(t, reasonsConfig, items(""))
			s.expect(t, s.send(t, "POST", "/bonus-history", `{}`, "key", "one-key"), 400, "rejected", adapter.BadRequest)
			s.expect(t, s.send(t, "POST", "/bonus-history", `{"userIdentifier":"../x"}`, "key", "one-key"), 400, "rejected", adapter.BadRequest)
			s.expect(t, s.send(t, "POST", "/bonus-history", strings.Repeat("x", 1025), "key", "one-key"), 413, "rejected", adapter.BadRequest)
		},
		adapter.Unauthorized: func(t *testing.T) {
			s := newSubject(t, reasonsConfig, items(""))
			got := s.send(t, "POST", "/bonus-history", `{"userIdentifier":"secret-id"}`)
			s.expect(t, got, 401, "rejected", adapter.Unauthorized)
			if got.header.Get("WWW-Authenticate") != "Bearer" {
				t.Error(got.header)
			}
		},
		adapter.NotFound: func(t *testing.T) {
			s := newSubject(t, reasonsConfig, items(""))
			for _, path := range []string{"/", "/bonus-history/", "//bonus-history", "/bonus-history/%2e%2e/x", "/other"} {
				s.expect(t, s.send(t, "POST", path, ``), 404, "rejected", adapter.NotFound)
			}
		},
		adapter.MethodNotAllowed: func(t *testing.T) {
			s := newSubject(t, reasonsConfig, items(""))
			for _, method := range []string{"GET", "PUT", "DELETE", "OPTIONS", "TRACE"} {
				got := s.send(t, method, "/bonus-history", ``)
				s.expect(t, got, 405, "rejected", adapter.MethodNotAllowed)
				if got.header.Get("Allow") != "POST" {
					t.Errorf("%s: %v", method, got.header)
				}
			}
		},
	} {
		t.Run(string(reason), prove)
		proven[reason] = true
	}
	for _, reason := range adapter.Reasons() {
		if !proven[reason] {
			t.Errorf("%s was not proven", reason)
		}
	}
}

func (s *subject) expect(t *testing.T, got reply, status int, source string, reason adapter.Reason) {
	t.Helper()
	if got.status != status || got.history != source+"; reason="+string(reason) {
		t.Errorf("%d %q, want %d %s; reason=%s", got.status, got.history, status, source, reason)
	}
	var body struct {
		Bonuses []any
		Error   *struct{ Message string }
	}
	err := json.Unmarshal([]byte(got.body), &body)
	if err != nil || body.Bonuses == nil || len(body.Bonuses) > 0 || (body.Error != nil) != (status != 200) {
		t.Errorf("%v in %s", err, got.body)
	}
	if got.header.Get("Cache-Control") != "no-store" || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("%v", got.header)
	}
	s.logged(t, reason)
	s.counted(t, source, reason)
}

func (s *subject) logged(t *testing.T, reason adapter.Reason) {
	t.Helper()
	if s.logs.FilterField(zap.String("reason", string(reason))).Len() == 0 {
		t.Errorf("no line of log says %s: %v", reason, s.logs.All())
	}
	for _, line := range s.logs.All() {
		if text := fmt.Sprint(line.Message, line.ContextMap()); strings.Contains(text, "secret-id") || strings.Contains(text, "one-key") {
			t.Errorf("the log tells too much: %s", text)
		}
	}
}

// testCrowd holds so many customers' requests in the CRM, or on their way to it, and asks once more.
func testCrowd(t *testing.T, held, status int, source string, reason adapter.Reason) {
	release, arrived := make(chan struct{}), make(chan struct{}, 10)
	s := newSubject(t, strings.Replace(reasonsConfig, "records: 20, concurrent: 1", fmt.Sprintf("records: 20, concurrent: %d", held), 1), func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-release
		items("")(w, r)
	})
	var crowd sync.WaitGroup
	for i := range held {
		crowd.Go(func() { s.askFor(t, fmt.Sprint("secret-id", i)) })
	}
	for range held {
		<-arrived
	}
	got := s.ask(t)
	close(release)
	crowd.Wait()
	s.expect(t, got, status, source, reason)
	if status == 503 && got.header.Get("Retry-After") != "1" {
		t.Error(got.header)
	}
}

func testCanceled(t *testing.T) {
	arrived, gone := make(chan struct{}), make(chan struct{})
	s := newSubject(t, reasonsConfig, func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
		close(gone)
	})
	ctx, leave := context.WithCancel(t.Context())
	request, _ := http.NewRequestWithContext(ctx, "POST", s.url+"/bonus-history", strings.NewReader(`{"userIdentifier":"1"}`))
	request.Header.Set("key", "one-key")
	go func() { <-arrived; leave() }()
	if response, err := http.DefaultClient.Do(request); err == nil {
		_ = response.Body.Close()
		t.Error("the caller left and got an answer")
	}
	<-gone // the CRM is not kept busy for somebody who left
	waitUntil(t, func() bool { return s.logs.FilterField(zap.String("reason", "canceled")).Len() == 1 })
	s.logged(t, adapter.Canceled)
	s.counted(t, "fallback", adapter.Canceled)
}

// testInternal gives the adapter a bug: no ledger.
func testInternal(t *testing.T) {
	core, logs := observer.New(zap.DebugLevel)
	cfg := adapter.DefaultConfig()
	cfg.Keys = append(cfg.Keys, config.Plain("one-key"))
	watch := newOperationsOf(zap.New(core), zap.NewAtomicLevel())
	handler, err := adapter.New(cfg, adapter.Options{Log: zap.New(core), Observe: watch.metrics.Answered})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	defer server.Close()
	s := &subject{url: server.URL, logs: logs, watch: watch}
	s.expect(t, s.ask(t), 500, "rejected", adapter.Internal)
}

func TestPartsThatAreLeftOutAreTold(t *testing.T) {
	s := newSubject(t, reasonsConfig, items(strings.Repeat(`{"type":"EARN","amount":1},`, 8)+`{"type":"EARN","amount":"x"},{"type":"GIFT","amount":1},{"type":"GIFT","amount":2}`))
	got := s.ask(t)
	if got.status != 200 || got.history != "live; skipped=1; unmatched=2" || strings.Count(got.body, `"added":1,`) != 8 {
		t.Errorf("%+v", got)
	}
}

func TestKeys(t *testing.T) {
	s := newSubject(t, reasonsConfig, items(""))
	for i, test := range []struct {
		body    string
		headers []string
		status  int
	}{
		{`{"userIdentifier":"1"}`, []string{"Authorization", "Bearer one-key"}, 200},
		{`{"userIdentifier":"1"}`, []string{"Authorization", "bearer another-key"}, 200},
		{`{"userIdentifier":"1"}`, []string{"key", "one-key"}, 200},
		{`{"userIdentifier":"1","key":"one-key"}`, nil, 200},
		{`{"userIdentifier":"1","key":"one-key"}`, []string{"key", "one-key", "Authorization", "Bearer one-key"}, 200},
		{`{"userIdentifier":"1","key":"another-key"}`, []string{"key", "one-key"}, 401},
		{`{"userIdentifier":"1","key":"wrong"}`, []string{"Authorization", "Bearer one-key"}, 401},
		{`{"userIdentifier":"1"}`, []string{"Authorization", "Bearer one-key", "Authorization", "Bearer another-key"}, 401},
		{`{"userIdentifier":"1"}`, []string{"Authorization", "Bearer wrong"}, 401},
		{`{"userIdentifier":"1"}`, []string{"Authorization", "Bearer "}, 401},
		{`{"userIdentifier":"1"}`, []string{"Authorization", "Basic b25lLWtleQ=="}, 401},
		{`{"userIdentifier":"1","KEY":"one-key"}`, nil, 401},
		{`{"userIdentifier":"1","key":"one-key","key":"one-key"}`, nil, 401},
		{`{"userIdentifier":"1","key":5}`, nil, 401},
		{`not json`, nil, 401},
		{`not json`, []string{"key", "one-key"}, 400},
		{`{}`, []string{"key", "wrong"}, 401},
	} {
		if got := s.send(t, "POST", "/bonus-history", test.body, test.headers...); got.status != test.status {
			t.Errorf("row %d: %s %v: %d, want %d", i, test.body, test.headers, got.status, test.status)
		}
	}
	if got := s.send(t, "POST", "/bonus-history?key=one-key", `{"userIdentifier":"1"}`); got.status != 401 {
		t.Errorf("a key in the URL: %d", got.status)
	}
}

func TestHealth(t *testing.T) {
	s := newSubject(t, reasonsConfig, crmtest.Answer(500, ``))
	for _, path := range []string{"/healthz", "/readyz"} {
		for _, method := range []string{"GET", "HEAD"} {
			if got := s.send(t, method, path, ``); got.status != 200 {
				t.Errorf("%s %s: %d", method, path, got.status)
			}
		}
	}
	if len(s.crm.Asked()) != 0 {
		t.Error("readiness asked the CRM")
	}
}

func TestNothingIsLeftOver(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Run("asking", func(t *testing.T) {
		s := newSubject(t, reasonsConfig, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		for range 3 {
			s.ask(t)
		}
	})
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
}

func TestReasonsAreDocumented(t *testing.T) {
	words := adapter.Reasons()
	slices.Sort(words)
	if len(slices.Compact(words)) != 24 {
		t.Errorf("%d reasons", len(words))
	}
}
