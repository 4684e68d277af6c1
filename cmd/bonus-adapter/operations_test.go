package main

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"bonus-adapter/crm/crmtest"
)

// fetch asks the admin port of a process.
func (p *process) fetch(t *testing.T, method, path, body string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, p.admin+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// TestTheAdminPortOfTheProgram asks the real process.
func TestTheAdminPortOfTheProgram(t *testing.T) {
	server := crmtest.New(t, crmtest.Answer(500, ``))
	p := startServe(t, strings.Replace(referenceConfig(t), "crm:\n", "crm:\n  breaker: { requests: 2 }\n", 1), server.URL)
	for range 3 {
		post(t, http.DefaultClient, p.url, "secret-id")
	}
	status, text := p.fetch(t, http.MethodGet, "/metrics", "")
	if status != 200 || !strings.Contains(text, `bonus_adapter_requests_total{reason="breaker_open",source="fallback"} 1`) || strings.Contains(text, "secret") {
		t.Errorf("%d %s", status, text)
	}
	status, text = p.fetch(t, http.MethodGet, "/readyz", "")
	var told struct {
		Status   string
		Breakers map[string]string
		Config   struct{ Generation int }
	}
	if err := json.Unmarshal([]byte(text), &told); err != nil || status != 200 || told.Status != "ready" || told.Breakers["history"] != "open" || told.Config.Generation != 1 {
		t.Errorf("%v %d %s", err, status, text)
	}
	for _, path := range []string{"/metrics", "/log-level", "/debug/pprof/"} {
		response, err := http.Get(strings.TrimSuffix(p.url, "/bonus-history") + path)
		if err != nil {
			t.Fatal(err)
		}
		if _ = response.Body.Close(); response.StatusCode != 404 {
			t.Errorf("%s on the public port: %d", path, response.StatusCode)
		}
	}
}

func TestTheVersionNamesTheBuild(t *testing.T) {
	out := newOutput()
	p := &program{out: out, err: out}
	if code := p.execute(t.Context(), []string{"version"}); code != 0 || !regexp.MustCompile(`^bonus-adapter \S+ (commit \S+ )?go1\.\d+\S*\n$`).MatchString(out.String()) {
		t.Errorf("%d %q", code, out)
	}
}

func TestTheDemoHasAnAdminPortIfItIsAskedFor(t *testing.T) {
	if _, log := startDemo(t); strings.Contains(log.String(), "admin port") {
		t.Errorf("it has one unasked:\n%s", log)
	}
	_, log := startDemo(t, "--admin", "127.0.0.1:0")
	response, err := http.Get("http://" + log.await(t, `"listens":"([^"]+)"`) + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	if _ = response.Body.Close(); response.StatusCode != 200 {
		t.Errorf("%d", response.StatusCode)
	}
}
