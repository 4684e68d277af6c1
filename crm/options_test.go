package crm_test

import (
	"net/http"
	"testing"
	"time"

	"bonus-adapter/crm"
	"bonus-adapter/crm/crmtest"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestOptions: a request speaks of the time it is given, and passes the transport that is wrapped around the network.
func TestOptions(t *testing.T) {
	server := crmtest.New(t, crmtest.Answer(200, `{"items":[]}`))
	cfg := simple(t, server.URL)
	cfg.Headers = map[string]crm.Template{"X-Time": tmpl(t, `{{ format(now, "rfc3339") }}`)}
	var passed []string
	made, err := crm.New(cfg, plan(t), crm.Options{
		Now: func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) },
		Transport: func(network http.RoundTripper) http.RoundTripper {
			return roundTrip(func(r *http.Request) (*http.Response, error) {
				passed = append(passed, r.URL.Path)
				return network.RoundTrip(r)
			})
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(made.Close)
	if _, failed := ask(t, made, "1"); failed != nil {
		t.Fatal(failed)
	}
	if got := server.Asked()[0].Header.Get("X-Time"); got != "2026-01-02T03:04:05Z" || len(passed) != 1 {
		t.Errorf("asked at %s, passed %v", got, passed)
	}
}
