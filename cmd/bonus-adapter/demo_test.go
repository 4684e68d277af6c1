package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

var loadFor = flag.Duration("load", 2*time.Second, "how long TestDemoUnderLoad asks")

// output is a writer that can be waited for.
type output struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func newOutput() *output { return &output{changed: make(chan struct{}, 1)} }

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	select {
	case o.changed <- struct{}{}:
	default:
	}
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// await gives the first group of the first match, once there is one.
func (o *output) await(t *testing.T, pattern string) string {
	t.Helper()
	expression := regexp.MustCompile(pattern)
	timeout := time.After(30 * time.Second)
	for {
		if match := expression.FindStringSubmatch(o.String()); match != nil {
			return match[1]
		}
		select {
		case <-o.changed:
		case <-timeout:
			t.Fatalf("%s never appeared in:\n%s", pattern, o)
		}
	}
}

// startDemo runs the command as a user would and gives the URL of the curl that it prints, and what it logs.
func startDemo(t *testing.T, args ...string) (string, *output) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	out, log := newOutput(), newOutput()
	p := &program{out: out, err: log, getenv: os.LookupEnv, readFile: os.ReadFile}
	done := make(chan int, 1)
	go func() { done <- p.execute(ctx, append([]string{"demo", "--listen", "127.0.0.1:0"}, args...)) }()
	t.Cleanup(func() {
		stop()
		if code := <-done; code != 0 {
			t.Errorf("demo ended with %d:\n%s", code, log)
		}
	})
	return out.await(t, `curl -i (http://\S+)`), log
}

// post asks as Imshop would and gives status, Bonus-History and body.
func post(t *testing.T, client *http.Client, url, id string) (int, string, string) {
	t.Helper()
	body, _ := json.Marshal(map[string]string{"userIdentifier": id})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+demoKey)
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Bonus-History"), string(text)
}

type irp struct {
	Bonuses []struct {
		Added             json.Number
		Expired           json.Number
		DefinitionMessage string
		ActivationDate    *string
		ExpirationDate    *string
	}
}

func parseIRP(t *testing.T, text string) irp {
	t.Helper()
	var answer irp
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&answer); err != nil || answer.Bonuses == nil {
		t.Fatalf("%v in %.200s", err, text)
	}
	return answer
}

func TestDemoCustomers(t *testing.T) {
	url, log := startDemo(t)
	for _, test := range []struct {
		id, history string
		entries     int
	}{
		{"12345", "live", 1},
		{"1000", "live", -1},
		{"empty", "live; reason=no_transactions", 0},
		{"unknown", "live; reason=user_not_found", 0},
		{"failing", "fallback; reason=crm_status", 0},
		{"broken", "fallback; reason=path_missing", 0},
		{"denied", "fallback; reason=crm_error_body", 0},
		{"slow", "fallback; reason=crm_timeout", 0},
	} {
		status, history, body := post(t, http.DefaultClient, url, test.id)
		got := len(parseIRP(t, body).Bonuses)
		if status != 200 || history != test.history || (test.entries >= 0 && got != test.entries) || (test.entries < 0 && got < 900) {
			t.Errorf("%s: %d %q with %d entries", test.id, status, history, got)
		}
	}
	if text := log.String(); strings.Contains(text, "12345") || strings.Contains(text, demoKey) || strings.Contains(text, demoToken) {
		t.Errorf("the log tells too much:\n%s", text)
	}
}

// TestTheDocumentedAnswer compares with the JSON of IRP's documentation, in meaning: numbers are numbers, dates texts.
func TestTheDocumentedAnswer(t *testing.T) {
	const documented = `{"bonuses": [{
	  "added": 250, "expired": 100,
	  "definitionMessage": "За покупку Машинка для стрижки волос и бороды Philips HC 3510/15 Hairclipper series 3000",
	  "activationDate": "1627391774032", "expirationDate": null}]}`
	url, _ := startDemo(t)
	_, _, body := post(t, http.DefaultClient, url, "12345")
	if got, want := canonical(t, body), canonical(t, documented); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func canonical(t *testing.T, text string) string {
	t.Helper()
	var value any
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		t.Fatal(err)
	}
	out, _ := json.Marshal(value)
	return string(out)
}

// TestDemoUnderLoad asks 200 times a second while a tenth of the CRM's answers fail: no answer is malformed, every empty
// one says why, nothing is left over.
func TestDemoUnderLoad(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	t.Run("asking", func(t *testing.T) {
		url, _ := startDemo(t, "--fail", "10%")
		counts := askSteadily(t, client, url)
		t.Logf("answers: %v", counts)
		if counts["live"] == 0 || counts["fallback; reason=crm_status"] == 0 {
			t.Errorf("expected both: %v", counts)
		}
	})
}

func askSteadily(t *testing.T, client *http.Client, url string) map[string]int {
	t.Helper()
	var mu sync.Mutex
	counts := map[string]int{}
	var asking sync.WaitGroup
	ticker := time.NewTicker(time.Second / 200)
	defer ticker.Stop()
	for range int(*loadFor / (time.Second / 200)) {
		<-ticker.C
		id := []string{"12345", "1000"}[rand.IntN(2)]
		asking.Go(func() {
			status, history, body := post(t, client, url, id)
			entries := len(parseIRP(t, body).Bonuses)
			if status != 200 || (history == "live") != (entries > 0) || (entries == 0 && !strings.Contains(history, "reason=")) {
				t.Errorf("%s: %d %q with %d entries", id, status, history, entries)
			}
			mu.Lock()
			defer mu.Unlock()
			counts[history]++
		})
	}
	asking.Wait()
	return counts
}
