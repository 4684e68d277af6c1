package adapter_test

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"bonus-adapter/adapter"
	"bonus-adapter/config"
)

func adminOf(t *testing.T, cfg adapter.Config) (*adapter.Admin, *adapter.Door) {
	t.Helper()
	handler, _ := newHandler(t, cfg, reads())
	door := adapter.NewDoor(handler)
	return adapter.NewAdmin(adapter.AdminOptions{
		Door:   door,
		Detail: func() map[string]any { return map[string]any{"breakers": map[string]string{"history": "open"}} },
		Open:   map[string]http.Handler{"GET /page": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("a page")) })},
		Pages:  map[string]http.Handler{"GET /metrics": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("numbers")) })},
	}), door
}

func get(admin http.Handler, url string, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodGet, url, nil)
	for i := 0; i < len(headers); i += 2 {
		request.Header.Add(headers[i], headers[i+1])
	}
	got := httptest.NewRecorder()
	admin.ServeHTTP(got, request)
	return got
}

func TestTheAdminPortTellsHealthWithDetail(t *testing.T) {
	admin, door := adminOf(t, settings())
	if got := get(admin, "http://127.0.0.1/healthz"); got.Code != 200 {
		t.Errorf("%d", got.Code)
	}
	got := get(admin, "http://10.0.0.1/readyz")
	if got.Code != 200 || strings.TrimSpace(got.Body.String()) != `{"breakers":{"history":"open"},"status":"ready"}` {
		t.Errorf("%d %s", got.Code, got.Body)
	}
	door.Drain()
	var told struct{ Status string }
	got = get(admin, "http://127.0.0.1/readyz")
	if err := json.Unmarshal(got.Body.Bytes(), &told); err != nil || got.Code != 503 || told.Status != "draining" {
		t.Errorf("%v %d %s", err, got.Code, got.Body)
	}
}

// TestWhoMayReadTheAdminPort: keys if there are any, and without them nobody who was led there under another name.
func TestWhoMayReadTheAdminPort(t *testing.T) {
	keyed := settings()
	keyed.Admin, keyed.AdminKeys = ":9090", []config.Secret{config.Plain("admin-one"), config.Plain("admin-two")}
	for i, test := range []struct {
		cfg     adapter.Config
		url     string
		headers []string
		status  int
	}{
		{settings(), "http://127.0.0.1:9090/metrics", nil, 200},
		{settings(), "http://localhost:9090/metrics", nil, 200},
		{settings(), "http://[::1]:9090/metrics", nil, 200},
		{settings(), "http://evil.example:9090/metrics", nil, 403},
		{keyed, "http://10.0.0.1:9090/metrics", nil, 401},
		{keyed, "http://127.0.0.1:9090/metrics", nil, 401},
		{keyed, "http://10.0.0.1:9090/metrics", []string{"Authorization", "Bearer admin-two"}, 200},
		{keyed, "http://10.0.0.1:9090/metrics", []string{"Authorization", "Bearer " + key}, 401}, // Imshop's is none of them
		{keyed, "http://10.0.0.1:9090/metrics", []string{"key", "admin-one"}, 401},
		{keyed, "http://10.0.0.1:9090/readyz", nil, 200},
		{keyed, "http://10.0.0.1:9090/page", nil, 200},
		{settings(), "http://127.0.0.1:9090/page", nil, 200},
		{settings(), "http://evil.example:9090/page", nil, 403},
		{settings(), "http://127.0.0.1:9090/other", nil, 404},
		{settings(), "http://127.0.0.1:9090/debug/pprof/", nil, 404},
	} {
		admin, _ := adminOf(t, test.cfg)
		if got := get(admin, test.url, test.headers...); got.Code != test.status {
			t.Errorf("row %d: %d, want %d", i, got.Code, test.status)
		}
	}
}

func TestProfilesAreThereWhereTheConfigSaysSo(t *testing.T) {
	cfg := settings()
	cfg.Pprof = true
	admin, door := adminOf(t, cfg)
	for _, path := range []string{"", "cmdline", "goroutine?debug=1"} {
		if got := get(admin, "http://127.0.0.1/debug/pprof/"+path); got.Code != 200 || got.Body.Len() == 0 {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
	without, _ := newHandler(t, settings(), reads())
	door.Replace(without)()
	if got := get(admin, "http://127.0.0.1/debug/pprof/"); got.Code != 404 {
		t.Errorf("after a reload without it: %d", got.Code)
	}
}

func TestAnAdminPortForOthersNeedsKeys(t *testing.T) {
	for address, keyed := range map[string]bool{":9090": true, "0.0.0.0:9090": true, "[::]:9090": true, "10.0.0.1:9090": true, "127.0.0.1:9090": false, "localhost:9090": false, "[::1]:0": false, "off": false} {
		if err := adapter.CheckAdmin(address, false); (err != nil) != keyed {
			t.Errorf("%s: %v", address, err)
		}
		if err := adapter.CheckAdmin(address, true); err != nil {
			t.Errorf("%s with keys: %v", address, err)
		}
	}
	if adapter.CheckAdmin("9090", true) == nil {
		t.Error("a port alone is no address")
	}
}

func TestTheAdminPortEndsWithItsContext(t *testing.T) {
	admin, _ := adminOf(t, settings())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- adapter.ServeAdmin(ctx, listener, admin) }()
	response, err := http.Get("http://" + listener.Addr().String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	stop()
	if err := <-done; err != nil || response.StatusCode != 200 {
		t.Errorf("%d, then %v", response.StatusCode, err)
	}
}
