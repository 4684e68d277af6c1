package console

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func ask(handler http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, "http://127.0.0.1:9090"+path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	got := httptest.NewRecorder()
	handler.ServeHTTP(got, request)
	return got
}

func engine() Engine {
	return Engine{
		Explain: func(context.Context, Question) (any, error) { return map[string]string{"told": "yes"}, nil },
		Presets: func() (any, error) { return []string{}, nil },
	}
}

// TestOnlyTheConsolesOwnPageAsks: a page of another origin gets nothing, whatever a browser lets it send.
func TestOnlyTheConsolesOwnPageAsks(t *testing.T) {
	handler := API("v1", engine())
	for _, test := range []struct {
		why     string
		headers []string
		want    int
	}{
		{"the page", []string{"Content-Type", "application/json", "Sec-Fetch-Site", "same-origin", "Origin", "http://127.0.0.1:9090"}, 200},
		{"a program", []string{"Content-Type", "application/json; charset=utf-8"}, 200},
		{"a form", []string{"Content-Type", "text/plain"}, 415},
		{"nothing said", nil, 415},
		{"another site", []string{"Content-Type", "application/json", "Sec-Fetch-Site", "cross-site"}, 403},
		{"another port", []string{"Content-Type", "application/json", "Sec-Fetch-Site", "same-site"}, 403},
		{"another origin", []string{"Content-Type", "application/json", "Origin", "http://127.0.0.1:8081"}, 403},
		{"no origin", []string{"Content-Type", "application/json", "Origin", "null"}, 403},
	} {
		if got := ask(handler, "POST", "/console/api/explain", "{}", test.headers...); got.Code != test.want {
			t.Errorf("%s: %d %s, want %d", test.why, got.Code, got.Body, test.want)
		}
	}
	if got := ask(handler, "GET", "/console/api/presets", "", "Origin", "http://evil.example"); got.Code != 403 {
		t.Errorf("another origin reads: %d", got.Code)
	}
}

// TestTheBrowserIsHeldBack: neither the page nor an answer may load or be loaded elsewhere.
func TestTheBrowserIsHeldBack(t *testing.T) {
	for name, got := range map[string]*httptest.ResponseRecorder{
		"page":   ask(Pages(), "GET", "/console/", ""),
		"answer": ask(API("v1", engine()), "GET", "/console/api/about", ""),
	} {
		header := got.Header()
		if got.Code != 200 || !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'; script-src 'self'") ||
			header.Get("X-Content-Type-Options") != "nosniff" || header.Get("Cache-Control") != "no-store" || header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %d %v", name, got.Code, header)
		}
	}
}

func TestQuestionsAreBounded(t *testing.T) {
	handler := API("v1", engine())
	for _, test := range []struct {
		body string
		want int
	}{
		{`{"config":"` + strings.Repeat("x", maxConfig+1) + `"}`, 413},
		{`{"answers":[{"body":"` + strings.Repeat("x", maxAnswers) + `"},{"body":"x"}]}`, 413},
		{`{"config":"` + strings.Repeat("x", maxBody) + `"}`, 413},
		{`{`, 400},
		{`{"config":"` + strings.Repeat("x", maxConfig) + `"}`, 200},
	} {
		if got := ask(handler, "POST", "/console/api/explain", test.body, "Content-Type", "application/json"); got.Code != test.want {
			t.Errorf("%.40s: %d %s, want %d", test.body, got.Code, got.Body, test.want)
		}
	}
}

// TestTheCRMIsNotAskedWithoutLeave: read-only is what the console is unless it was started otherwise.
func TestTheCRMIsNotAskedWithoutLeave(t *testing.T) {
	got := ask(API("v1", engine()), "POST", "/console/api/ask", `{"customer":"1"}`, "Content-Type", "application/json")
	if got.Code != 403 || !strings.Contains(got.Body.String(), "--console-live") {
		t.Errorf("%d %s", got.Code, got.Body)
	}
}

// TestFewQuestionsAreWorkedOnAtOnce: one more waits, and leaves when nobody waits for it.
func TestFewQuestionsAreWorkedOnAtOnce(t *testing.T) {
	begun, end := make(chan bool), make(chan bool)
	slow := engine()
	slow.Explain = func(context.Context, Question) (any, error) {
		begun <- true
		<-end
		return "", nil
	}
	handler := API("v1", slow)
	done := make(chan int)
	for range atOnce {
		go func() {
			done <- ask(handler, "POST", "/console/api/explain", "{}", "Content-Type", "application/json").Code
		}()
		<-begun
	}
	ctx, leave := context.WithCancel(context.Background())
	leave()
	request := httptest.NewRequestWithContext(ctx, "POST", "http://127.0.0.1:9090/console/api/explain", strings.NewReader("{}"))
	request.Header.Set("Content-Type", "application/json")
	got := httptest.NewRecorder()
	handler.ServeHTTP(got, request)
	if got.Code != 503 {
		t.Errorf("one more than the places: %d", got.Code)
	}
	close(end)
	for range atOnce {
		if code := <-done; code != 200 {
			t.Errorf("%d", code)
		}
	}
}

// TestThePageIsLight: all of it, uncompressed.
func TestThePageIsLight(t *testing.T) {
	entries, err := static.ReadDir("static")
	if err != nil {
		t.Fatal(err)
	}
	size := 0
	for _, entry := range entries {
		content, err := static.ReadFile("static/" + entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		size += len(content)
	}
	t.Logf("%d bytes", size)
	if size > 150_000 {
		t.Errorf("the page has %d bytes", size)
	}
}
