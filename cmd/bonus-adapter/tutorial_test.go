package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// coffee is a CRM that nobody has seen before: of a chain of coffee shops.
func coffee(t *testing.T) *httptest.Server {
	t.Helper()
	pages := map[string]string{"1": coffeePage1, "2": coffeePage2}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.Header.Get("X-Coffee-Token") != "crm-secret":
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"success":false,"message":"token"}`)
		case r.URL.Path != "/api/guests/12345/beans":
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `{"success":false,"message":"no such guest"}`)
		default:
			_, _ = io.WriteString(w, pages[r.URL.Query().Get("page")])
		}
	}))
	t.Cleanup(server.Close)
	return server
}

const (
	coffeePage1 = `{"success": true, "pager": {"page": 1, "totalPages": 2}, "beans": [
  {"no": 9104, "what": "EARN", "beans": 12.5, "at": "14.03.2026 08:41", "till": "14.03.2027 08:41", "receipt": {"title": "Капучино, Невский 24"}, "internalNote": "loud guest"},
  {"no": 9077, "what": "SPEND", "beans": 40, "at": "02.03.2026 09:15", "till": null, "receipt": {"title": "Фильтр-кофе в подарок"}, "internalNote": null},
  {"no": 9033, "what": "FIX", "beans": 3, "at": "21.02.2026 18:00", "till": null, "receipt": null, "internalNote": "wrong cup"}]}`
	coffeePage2 = `{"success": true, "pager": {"page": 2, "totalPages": 2}, "beans": [
  {"no": 8950, "what": "EARN", "beans": 8, "at": "30.01.2026 10:20", "till": "30.01.2027 10:20", "receipt": {"title": "Раф, Лиговский 50"}, "internalNote": null}]}`
)

// transcript is the tutorial as it is written: text, and what commands print.
type transcript struct {
	t    *testing.T
	crm  string
	env  map[string]string
	text strings.Builder
}

func (s *transcript) say(text string) { s.text.WriteString(text + "\n\n") }

// run runs a command and shows what it prints.
func (s *transcript) run(code int, args ...string) {
	s.t.Helper()
	var printed bytes.Buffer
	p := &program{out: &printed, err: &printed, readFile: os.ReadFile, getenv: func(name string) (string, bool) {
		value, set := s.env[name]
		return value, set
	}}
	if got := p.execute(s.t.Context(), args); got != code {
		s.t.Fatalf("%v: exit %d, want %d\n%s", args, got, code, printed.String())
	}
	s.show("bonus-adapter "+strings.Join(args, " "), printed.String())
}

var (
	tookTime  = regexp.MustCompile(`\b\d+(\.\d+)?( ?(ms|µs)\b| s\b|s( of| on average| at most))`)
	loopbacks = regexp.MustCompile(`127\.0\.0\.1:\d{4,5}`)
)

// show writes a command and its output as anybody would see it: without the folder and the times of this run.
func (s *transcript) show(command, output string) {
	shown := "$ " + command + "\n" + output
	if key := s.env["IRP_KEY"]; key != "" {
		shown = strings.ReplaceAll(shown, key, `"$IRP_KEY"`)
	}
	shown = tookTime.ReplaceAllString(loopbacks.ReplaceAllString(shown, "127.0.0.1:8080"), "3 ms$4")
	s.text.WriteString("```text\n" + strings.TrimRight(shown, "\n") + "\n```\n\n")
}

// answer edits the config: each line that is there once becomes another one.
func (s *transcript) answer(changes ...string) {
	s.t.Helper()
	const name = "config.yaml"
	text, err := os.ReadFile(name)
	if err != nil {
		s.t.Fatal(err)
	}
	config := string(text)
	var shown strings.Builder
	for i := 0; i < len(changes); i += 2 {
		if strings.Count(config, changes[i]) != 1 {
			s.t.Fatalf("%q is there %d times:\n%s", changes[i], strings.Count(config, changes[i]), config)
		}
		config = strings.Replace(config, changes[i], changes[i+1], 1)
		for _, line := range strings.Split(changes[i], "\n") {
			fmt.Fprintf(&shown, "-%s\n", line)
		}
		for _, line := range strings.Split(changes[i+1], "\n") {
			fmt.Fprintf(&shown, "+%s\n", line)
		}
	}
	if err := os.WriteFile(name, []byte(config), 0o600); err != nil {
		s.t.Fatal(err)
	}
	s.text.WriteString("```diff\n" + shown.String() + "```\n\n")
}

// TestTutorial walks the whole way for a CRM that nobody has seen before, and compares the transcript with
// docs/tutorial.md.
func TestTutorial(t *testing.T) {
	name, err := filepath.Abs("../../docs/tutorial.md")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	s := &transcript{t: t, crm: coffee(t).URL, env: map[string]string{}}
	s.write()
	if *updateGolden {
		writeFile(t, name, s.text.String())
	}
	if kept, err := os.ReadFile(name); err != nil || string(kept) != s.text.String() {
		t.Errorf("%v: docs/tutorial.md is not what happens; go test -run TestTutorial -update-golden writes it", err)
	}
}

func (s *transcript) write() {
	const sample, config = "beans.json", "config.yaml"
	writeFile(s.t, sample, coffeePage1)
	s.say("# From a CRM's answer to a tested config")
	s.say("A chain of coffee shops counts beans. Its CRM is in no list of presets; there is one answer of it, `beans.json`:")
	s.text.WriteString("```json\n" + coffeePage1 + "\n```\n\n")
	s.say("(This page is the transcript of a test, which runs every command below.)\n\n## Propose")
	s.run(0, "init", "--sample", sample)
	s.say("Everything is proposed with its evidence; what cannot be known is asked. Nobody can tell from the sample whether FIX adds beans\nor takes some away, so its record is left out and counted as `unmatched` until that is answered. The note for the staff is no description.\n\n## Answer")
	s.say("The vendor's documentation tells the request, the header of the token, and what FIX is:")
	s.answer(
		`  auth: { bearer: "${env:CRM_TOKEN}" }  # ASK: how does the CRM know the adapter? see Auth in CONFIGURATION.md`,
		`  auth: { headers: { X-Coffee-Token: "${env:CRM_TOKEN}" } }`,
		"      get: /customers/{{ user }}/transactions   # ASK: which request gives beans.json?",
		"      get: /guests/{{ user }}/beans\n      not_found: status == 404",
		"      # ASK: without pages only the first answer is read. How does the request name the page? By\n      # what the answer says:\n      # pages: { param: page, count: body.pager.totalPages }   # it is \"2\"",
		"      pages: { param: page, count: body.pager.totalPages }",
		"    # Put each of these into its group: added, refunded, spent, burned, canceled, or skip for what\n    # is no entry.\n    # ASK: \"FIX\" seen once, always positive: does it add points or take points away?\n    # added: [FIX]",
		"    refunded: { FIX: \"Исправление\" }",
	)
	s.say("`check` says all that is wrong at once. Here a word is misspelt on purpose:")
	text, err := os.ReadFile(config)
	if err != nil {
		s.t.Fatal(err)
	}
	writeFile(s.t, config, strings.Replace(string(text), "not_found:", "not_fuond:", 1))
	s.run(1, "check", config)
	writeFile(s.t, config, string(text))
	s.env = map[string]string{"IRP_KEY": "8c1f0c5e4b7a9d26f3e1", "CRM_URL": s.crm + "/api", "CRM_TOKEN": "crm-secret"}
	s.say("With the values of its references set, it is fine:")
	s.run(0, "check", config)
	s.say("## Ask for one customer")
	s.run(0, "explain", "12345", "--record", "tests/guest")
	s.say("## Test\n\nThe case that `init` made of the sample has another conversation than the config now: it is done with. The recorded one stays.")
	if err := os.RemoveAll("tests/sample"); err != nil {
		s.t.Fatal(err)
	}
	s.run(0, "test")
	s.serve(config)
}

// serve runs the adapter, asks it as Imshop does, and judges it.
func (s *transcript) serve(config string) {
	ctx, stop := context.WithCancel(s.t.Context())
	log, done := newOutput(), make(chan int, 1)
	p := &program{out: log, err: log, readFile: os.ReadFile, getenv: func(name string) (string, bool) {
		value, set := s.env[name]
		return value, set
	}}
	go func() { done <- p.execute(ctx, []string{"serve", "--config", config, "--listen", "127.0.0.1:0"}) }()
	defer func() {
		stop()
		if code := <-done; code != 0 {
			s.t.Errorf("serve ended with %d\n%s", code, log)
		}
	}()
	url := "http://" + log.await(s.t, `"msg":"listening","address":"([^"]+)"`) + "/bonus-history"
	s.say("## Serve\n\n```text\n$ bonus-adapter serve\n```")
	s.say("Imshop asks like this:")
	body, _ := json.Marshal(map[string]string{"userIdentifier": "12345"})
	request, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.env["IRP_KEY"])
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	got, err := io.ReadAll(response.Body)
	if err != nil || response.Header.Get("Bonus-History") != "live" {
		s.t.Fatalf("%v %s\n%s", err, response.Header.Get("Bonus-History"), got)
	}
	s.show(`curl `+url+` -H "Authorization: Bearer $IRP_KEY" -d '`+string(body)+`'`, strings.ReplaceAll(string(got), "},{", "},\n{"))
	s.say("## Judge\n\nAnybody's endpoint can be asked as Imshop asks, this one too:")
	s.run(0, "conformance", url, "--key", s.env["IRP_KEY"], "--user", "12345", "--unknown", "99999")
}
