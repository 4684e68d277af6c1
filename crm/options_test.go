package crm_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"bonus-adapter/config"
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

// TestReplay: a recording is played without a connection and without waiting, and its requests are the same every time.
func TestReplay(t *testing.T) {
	play := func() []string {
		var asked []string
		cfg := simple(t, "https://crm.invalid")
		cfg.Headers = map[string]crm.Template{"X-Id": tmpl(t, "{{ uuid }}")}
		cfg.TLS.CA = config.Plain("no certificate")
		cfg.Proxy = config.Plain("no proxy")
		cfg.Rate = crm.Rate{Requests: 1, Per: config.Duration(time.Hour)}
		made, err := crm.New(cfg, plan(t), crm.Options{Replay: true, Transport: func(http.RoundTripper) http.RoundTripper {
			return roundTrip(func(r *http.Request) (*http.Response, error) {
				asked = append(asked, r.Header.Get("X-Id"))
				status, body := http.StatusServiceUnavailable, ""
				if len(asked) > 1 {
					status, body = http.StatusOK, `{"items":[]}`
				}
				header := http.Header{"Retry-After": {"3"}}
				return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
			})
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer made.Close()
		if _, failed := ask(t, made, "1"); failed != nil {
			t.Fatal(failed)
		}
		return asked
	}
	first, again := play(), play()
	if len(first) != 2 || !slices.Equal(first, again) || first[0] == first[1] {
		t.Errorf("%v, then %v", first, again)
	}
}
