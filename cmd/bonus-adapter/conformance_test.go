package main

import (
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"bonus-adapter/adapter"
	"bonus-adapter/cmd/bonus-adapter/conformance"
)

// TestConformanceOfTheDemo judges the adapter itself: no clause fails.
func TestConformanceOfTheDemo(t *testing.T) {
	url, _ := startDemo(t)
	out, code := runs(t, "conformance", url, "--key", demoKey, "--user", "12345", "--unknown", "unknown")
	if code != 0 || strings.Contains(out, "fail ") || strings.Count(out, "pass ") < 18 {
		t.Errorf("exit %d\n%s", code, out)
	}
}

// endpoint is an IRP endpoint that does everything right, until a part of it is replaced.
type endpoint struct {
	entries  string
	respond  func(w http.ResponseWriter, r *http.Request, body []byte) bool // true if it has answered
	requests atomic.Int64
}

const goodEntries = `[{"added":250,"expired":0.5,"definitionMessage":"За покупку","activationDate":"1627391774032","expirationDate":null},
{"added":0,"expired":100,"definitionMessage":"Списание","activationDate":"1617391774032","expirationDate":"1727391774032"}]`

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.requests.Add(1)
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Cache-Control", "no-store")
	if e.respond != nil && e.respond(w, r, body) {
		return
	}
	request, err := adapter.ParseRequest(body)
	key := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if key == "" {
		key = r.Header.Get("key")
	}
	if key == "" && request.Key != nil {
		key = *request.Key
	}
	status, entries := http.StatusOK, "[]"
	switch {
	case r.Method != http.MethodPost:
		status = http.StatusMethodNotAllowed
	case key != "secret":
		status = http.StatusUnauthorized
	case err != nil:
		status = http.StatusBadRequest
	case request.UserIdentifier == "12345":
		entries = e.entries
	}
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"bonuses":%s}`, entries)
}

// judgedClauses runs conformance against an endpoint and gives the clauses that fail, with their details.
func judgedClauses(t *testing.T, e *endpoint) (failed, noted []string, whole string) {
	t.Helper()
	if e.entries == "" {
		e.entries = goodEntries
	}
	server := httptest.NewTLSServer(e)
	t.Cleanup(server.Close)
	authority := filepath.Join(t.TempDir(), "ca.pem")
	writeFile(t, authority, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})))
	out, code := runs(t, "conformance", server.URL+"/bonus-history", "--key", "secret", "--user", "12345", "--ca", authority, "--json")
	var report conformance.Report
	if err := json.Unmarshal([]byte(out), &report); err != nil || report.OK != (code == 0) {
		t.Fatalf("exit %d, %v\n%s", code, err, out)
	}
	for _, found := range report.Findings {
		switch found.Verdict {
		case conformance.Fail:
			failed = append(failed, found.Clause)
		case conformance.Note:
			noted = append(noted, found.Clause)
		}
	}
	return failed, noted, out
}

func TestConformanceOfAGoodEndpoint(t *testing.T) {
	failed, noted, whole := judgedClauses(t, &endpoint{})
	if len(failed)+len(noted) > 0 {
		t.Errorf("%v %v\n%s", failed, noted, whole)
	}
	if strings.Contains(whole, "secret") || strings.Contains(whole, "12345") {
		t.Errorf("the key or the customer is in the report\n%s", whole)
	}
}

// TestConformanceFindsWhatIsWrong breaks one thing of an endpoint at a time.
func TestConformanceFindsWhatIsWrong(t *testing.T) {
	entry := func(change ...string) string {
		return "[" + strings.NewReplacer(change...).Replace(`{"added":250,"expired":0,"definitionMessage":"x","activationDate":"1627391774032","expirationDate":null}`) + "]"
	}
	answers := func(status int, body string, when func(r *http.Request, body []byte) bool) func(http.ResponseWriter, *http.Request, []byte) bool {
		return func(w http.ResponseWriter, r *http.Request, got []byte) bool {
			if !when(r, got) {
				return false
			}
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
			return true
		}
	}
	whole := `{"bonuses":` + goodEntries + `}`
	var count atomic.Int64
	for name, c := range map[string]struct {
		endpoint *endpoint
		clause   string
		says     string
	}{
		"seconds":          {&endpoint{entries: entry("1627391774032", "1627391774")}, "C04", "looks like seconds"},
		"dates as numbers": {&endpoint{entries: entry(`"1627391774032"`, "1627391774032")}, "C04", "stand in a text"},
		"ISO dates":        {&endpoint{entries: entry("1627391774032", "2021-07-27T13:16:14Z")}, "C04", "9999-99-99a99:99:99a"},
		"no date":          {&endpoint{entries: entry(`,"expirationDate":null`, "")}, "C04", "null says that there is none"},
		"negative":         {&endpoint{entries: entry(`"expired":0`, `"expired":-5`)}, "C03", "is negative"},
		"text amount":      {&endpoint{entries: entry(`"added":250`, `"added":"250"`)}, "C03", "is a text, not a number"},
		"exponent":         {&endpoint{entries: entry(`"added":250`, `"added":2.5e2`)}, "C03", "exponent"},
		"binary noise":     {&endpoint{entries: entry(`"added":250`, `"added":215.09999999999999432`)}, "C03", "noise"},
		"null amount":      {&endpoint{entries: entry(`"added":250`, `"added":null`)}, "C03", "is not a number"},
		"no message":       {&endpoint{entries: entry(`"definitionMessage":"x",`, "")}, "C03", "definitionMessage is missing"},
		"null message":     {&endpoint{entries: entry(`"definitionMessage":"x"`, `"definitionMessage":null`)}, "C03", "is not a text"},
		"no list":          {&endpoint{entries: `{}`}, "C02", "not a list"},
		"HTML":             {&endpoint{respond: answers(200, "<html>", func(r *http.Request, _ []byte) bool { return r.Method == http.MethodPost })}, "C02", "not a JSON object"},
		"oldest first":     {&endpoint{entries: strings.ReplaceAll(strings.ReplaceAll(goodEntries, "1627", "1517"), "1617", "1627")}, "C05", "is newer"},
		"Bearer only":      {&endpoint{respond: answers(401, `{"bonuses":[]}`, func(r *http.Request, _ []byte) bool { return r.Header.Get("Authorization") == "" })}, "C08", "the status is 401"},
		"any key":          {&endpoint{respond: answers(200, whole, func(r *http.Request, b []byte) bool { return strings.Contains(string(b), `"12345"`) })}, "C09", "anybody can read"},
		"unknown is 404":   {&endpoint{respond: answers(404, ``, func(_ *http.Request, b []byte) bool { return strings.Contains(string(b), "unknown-") })}, "C11", "the status is 404"},
		"somebody's":       {&endpoint{respond: answers(200, whole, func(_ *http.Request, b []byte) bool { return strings.Contains(string(b), "unknown-") })}, "C11", "somebody's history"},
		"strict fields":    {&endpoint{respond: answers(400, ``, func(_ *http.Request, b []byte) bool { return strings.Contains(string(b), "installId") })}, "C12", "the status is 400"},
		"no integers":      {&endpoint{respond: answers(400, ``, func(_ *http.Request, b []byte) bool { return strings.Contains(string(b), ":12345") })}, "C13", "the status is 400"},
		"strict type":      {&endpoint{respond: answers(415, ``, func(r *http.Request, _ []byte) bool { return strings.HasPrefix(r.Header.Get("Content-Type"), "text/") })}, "C14", "the status is 415"},
		"crashes":          {&endpoint{respond: answers(500, ``, func(r *http.Request, b []byte) bool { return string(b) == "[]" })}, "C15", "not the server"},
		"bare text":        {&endpoint{respond: answers(400, `bad`, func(r *http.Request, b []byte) bool { return string(b) == "{" })}, "C15", "not a JSON object"},
		"GET":              {&endpoint{respond: answers(200, whole, func(r *http.Request, _ []byte) bool { return r.Method == http.MethodGet })}, "C16", "405"},
		"another each time": {&endpoint{respond: func(w http.ResponseWriter, r *http.Request, b []byte) bool {
			if !strings.Contains(string(b), `"12345"`) || !strings.Contains(r.Header.Get("Authorization")+r.Header.Get("key")+string(b), "secret") || strings.Contains(r.Header.Get("Authorization"), "not-") {
				return false
			}
			_, _ = fmt.Fprintf(w, `{"bonuses":%s}`, strings.Replace(goodEntries, "250", fmt.Sprint(count.Add(1)), 1))
			return true
		}}, "C17", "are different"},
	} {
		t.Run(name, func(t *testing.T) {
			failed, noted, whole := judgedClauses(t, c.endpoint)
			found := slices.Contains(append(failed, noted...), c.clause)
			if !found || !strings.Contains(whole, c.says) {
				t.Errorf("failed %v, noted %v, want %s: %s\n%s", failed, noted, c.clause, c.says, whole)
			}
		})
	}
}

func TestConformanceWantsACertificate(t *testing.T) {
	server := httptest.NewTLSServer(&endpoint{entries: goodEntries})
	defer server.Close()
	out, code := runs(t, "conformance", server.URL, "--key", "secret", "--user", "12345")
	if code != 1 || !strings.Contains(out, "authority that is not trusted") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if out, code := runs(t, "conformance", "http://irp.example.ru.invalid/", "--key", "k", "--user", "1", "--within", "1s"); code != 1 || !strings.Contains(out, "https:// URLs only") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if out, code := runs(t, "conformance", server.URL); code != 2 {
		t.Errorf("exit %d\n%s", code, out)
	}
}
