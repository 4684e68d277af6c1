package tracing_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"bonus-adapter/adapter"
	"bonus-adapter/cmd/bonus-adapter/tracing"
	"bonus-adapter/config"
	"bonus-adapter/crm"
)

const (
	secret = "canary-4711" // stands for an id and for a secret alike
	trace  = "0af7651916cd43dd8448eb211c80319c"
	parent = "b7ad6b7169203331"
)

func start(t *testing.T, c *collector, change func(*adapter.Tracing)) (traced *tracing.Tracing, failed func() []string) {
	t.Helper()
	cfg := adapter.Tracing{Endpoint: c.url, Sample: 1, Headers: map[string]config.Secret{"Authorization": config.Plain("Bearer " + secret)}}
	change(&cfg)
	var failures []string
	traced = tracing.New(cfg, tracing.Options{Version: "v1", Failed: func(err error) { failures = append(failures, err.Error()) }})
	return traced, func() []string {
		if err := traced.Close(context.Background()); err != nil {
			t.Error(err)
		}
		return failures
	}
}

// serve is a request through both doors: an adapter that asks a CRM.
func serve(t *testing.T, traced *tracing.Tracing, network http.RoundTripper, request *http.Request) {
	t.Helper()
	asks := traced.Network(network)
	door := traced.Door(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out, err := http.NewRequestWithContext(r.Context(), http.MethodGet, "http://crm.example.ru/"+secret+"?token="+secret, nil)
		if err != nil {
			t.Error(err)
			return
		}
		if response, err := asks.RoundTrip(out); err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
		traced.Attempted(r.Context(), crm.Attempt{Step: "history", Number: 1, Kind: crm.Timeout, Sent: true})
		traced.Answered(r.Context(), adapter.Answered{Source: "fallback", Reason: adapter.CRMTimeout})
		w.WriteHeader(http.StatusOK)
	}))
	door.ServeHTTP(httptest.NewRecorder(), request)
}

type network func(*http.Request) (*http.Response, error)

func (n network) RoundTrip(r *http.Request) (*http.Response, error) { return n(r) }

func answering(seen *http.Header) network {
	return func(r *http.Request) (*http.Response, error) {
		*seen = r.Header.Clone()
		return &http.Response{StatusCode: 404, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"X": {secret}}, Body: io.NopCloser(strings.NewReader(secret)), Request: r}, nil
	}
}

// fromACaller is a request with everything in it that an instrument could note.
func fromACaller(sampled string) *http.Request {
	request := httptest.NewRequest(http.MethodPost, "/"+secret+"?key="+secret, strings.NewReader(secret))
	request.Header.Set("Traceparent", "00-"+trace+"-"+parent+"-"+sampled)
	request.Header.Set("Tracestate", "a="+secret)
	request.Header.Set("User-Agent", secret)
	request.Header.Set("X-Forwarded-For", secret)
	request.Host = secret + ".example.ru"
	return request
}

func TestARequestIsTwoSpansOfOneTrace(t *testing.T) {
	collected := newCollector(t)
	traced, end := start(t, collected, func(*adapter.Tracing) {})
	var sent http.Header
	serve(t, traced, answering(&sent), fromACaller("01"))
	if failures := end(); len(failures) != 0 {
		t.Fatal(failures)
	}
	outer, inner := collected.named("request"), collected.named("crm ")
	if len(outer) != 1 || len(inner) != 1 {
		t.Fatalf("%v", collected.spans)
	}
	if hex.EncodeToString(outer[0].TraceId) != trace || hex.EncodeToString(outer[0].ParentSpanId) != parent {
		t.Errorf("the caller's trace is not gone on with: %v", outer[0])
	}
	if !bytes.Equal(inner[0].TraceId, outer[0].TraceId) || !bytes.Equal(inner[0].ParentSpanId, outer[0].SpanId) {
		t.Errorf("the CRM's span is not within the request's: %v", inner[0])
	}
	if want := fmt.Sprintf("00-%s-%x-01", trace, inner[0].SpanId); sent.Get("Traceparent") != want {
		t.Errorf("the CRM got %q, want %q", sent.Get("Traceparent"), want)
	}
	if got := attributes(outer[0]); got["bonus.reason"] != "crm_timeout" || got["bonus.source"] != "fallback" {
		t.Errorf("%v", got)
	}
	if len(outer[0].Events) != 1 || outer[0].Events[0].Name != "crm attempt" {
		t.Errorf("%v", outer[0].Events)
	}
	if collected.headers[0].Get("Authorization") != "Bearer "+secret {
		t.Error("the collector's header is missing")
	}
}

// TestNothingOfACallerLeaves looks at every byte that the collector received.
func TestNothingOfACallerLeaves(t *testing.T) {
	collected := newCollector(t)
	traced, end := start(t, collected, func(*adapter.Tracing) {})
	var sent http.Header
	serve(t, traced, answering(&sent), fromACaller("01"))
	serve(t, traced, network(func(*http.Request) (*http.Response, error) { return nil, errors.New("dial " + secret) }), fromACaller("01"))
	end()
	if len(collected.spans) != 4 {
		t.Errorf("%d spans", len(collected.spans))
	}
	if bytes.Contains(collected.whole, []byte(secret)) {
		t.Errorf("%s left:\n%v", secret, collected.spans)
	}
}

func TestTheShareIsKeptWhateverCallersWant(t *testing.T) {
	for _, sampled := range []string{"00", "01"} {
		collected := newCollector(t)
		traced, end := start(t, collected, func(cfg *adapter.Tracing) { cfg.Sample = 0 })
		var sent http.Header
		serve(t, traced, answering(&sent), fromACaller(sampled))
		if end(); len(collected.spans) != 0 {
			t.Errorf("%d spans of a request with %s", len(collected.spans), sampled)
		}
	}
}

func TestHealthIsNotTraced(t *testing.T) {
	collected := newCollector(t)
	traced, end := start(t, collected, func(*adapter.Tracing) {})
	traced.Door(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/healthz", nil))
	if end(); len(collected.spans) != 0 {
		t.Errorf("%d spans", len(collected.spans))
	}
}

// TestSpansThatAreLostAreTold, without saying where they went or with which key.
func TestSpansThatAreLostAreTold(t *testing.T) {
	collected := newCollector(t)
	collected.status = http.StatusUnauthorized
	for endpoint, want := range map[string]string{collected.url: "the collector of traces answers 401", "http://127.0.0.1:1": "the collector of traces cannot be reached"} {
		traced, end := start(t, collected, func(cfg *adapter.Tracing) { cfg.Endpoint = endpoint })
		var sent http.Header
		serve(t, traced, answering(&sent), fromACaller("01"))
		if failures := end(); len(failures) != 1 || failures[0] != want {
			t.Errorf("%s: %q", endpoint, failures)
		}
	}
}

func TestWithoutAnEndpointThereIsNothing(t *testing.T) {
	traced := tracing.New(adapter.Tracing{}, tracing.Options{})
	if traced != nil || traced.Close(t.Context()) != nil || traced.Network(http.DefaultTransport) != http.DefaultTransport {
		t.Error("something is traced")
	}
	traced.Answered(t.Context(), adapter.Answered{})
	traced.Attempted(t.Context(), crm.Attempt{})
}
