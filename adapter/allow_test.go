package adapter_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"bonus-adapter/adapter"
)

// TestCallersFromElsewhere: the address counts, and a header changes it only if a trusted proxy wrote it.
func TestCallersFromElsewhere(t *testing.T) {
	cfg := settings()
	cfg.Allow = []string{"203.0.113.0/24", "2001:db8::7"}
	cfg.TrustedProxies = []string{"10.0.0.0/8"}
	handler, logs := newHandler(t, cfg, reads())
	for i, test := range []struct {
		peer      string
		forwarded []string
		status    int
	}{
		{"203.0.113.9:4711", nil, 200},
		{"[2001:db8::7]:4711", nil, 200},
		{"[::ffff:203.0.113.9]:4711", nil, 200},
		{"198.51.100.1:4711", nil, 403},
		{"198.51.100.1:4711", []string{"203.0.113.9"}, 403}, // anybody can write this
		{"203.0.113.9:4711", []string{"198.51.100.1"}, 200},
		{"10.1.1.1:4711", []string{"203.0.113.9"}, 200},
		{"10.1.1.1:4711", []string{"203.0.113.9, 198.51.100.1"}, 403}, // the last hop is who the proxy saw
		{"10.1.1.1:4711", []string{"198.51.100.1, 203.0.113.9, 10.2.2.2"}, 200},
		{"10.1.1.1:4711", []string{"198.51.100.1", "203.0.113.9"}, 200},
		{"10.1.1.1:4711", nil, 403},
		{"10.1.1.1:4711", []string{"203.0.113.9, unknown"}, 403},
		{"10.1.1.1:4711", []string{"10.2.2.2"}, 403},
		{"@", nil, 403},
	} {
		request := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
		request.Header.Set("key", key)
		request.RemoteAddr = test.peer
		for _, line := range test.forwarded {
			request.Header.Add("X-Forwarded-For", line)
		}
		got := httptest.NewRecorder()
		handler.ServeHTTP(got, request)
		if got.Code != test.status {
			t.Errorf("row %d: %d, want %d", i, got.Code, test.status)
		}
		if history := got.Header().Get("Bonus-History"); got.Code == 403 && (history != "rejected; reason=unauthorized" || got.Header().Get("WWW-Authenticate") != "") {
			t.Errorf("row %d: %q %v", i, history, got.Header())
		}
	}
	refused := logs.FilterFieldKey("from").All()
	if len(refused) == 0 || refused[0].ContextMap()["from"] != "198.51.100.1" {
		t.Errorf("the log does not say who was refused: %v", refused)
	}
	health := httptest.NewRequest(http.MethodGet, "/healthz", nil)
	health.RemoteAddr = "198.51.100.1:1"
	got := httptest.NewRecorder()
	if handler.ServeHTTP(got, health); got.Code != 200 {
		t.Errorf("health: %d", got.Code)
	}
}

func TestNetworksThatAreNone(t *testing.T) {
	cfg := settings()
	cfg.Allow, cfg.TrustedProxies = []string{"203.0.113.0/24", "example.ru"}, []string{"10.0.0.0/33"}
	_, err := adapter.New(cfg, adapter.Options{})
	if text := fmt.Sprint(err); !strings.Contains(text, `allow[1]: "example.ru"`) || !strings.Contains(text, "trusted_proxies[0]") {
		t.Error(text)
	}
}
