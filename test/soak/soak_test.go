// Package soak runs the program for long, under load, while its CRM and its callers misbehave by turns, and looks whether
// it stays as small as it began.
package soak

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bonus-adapter/test/rig"
)

var (
	soakFor = flag.Duration("soak", 10*time.Second, "how long the program is asked")
	rate    = flag.Int("rate", 20, "requests a second")
	report  = flag.String("report", "", "write the figures to this `file`, as Markdown")
)

const settings = `
adapter:
  keys: ["${env:IRP_KEY}"]
  budget: 1s
  cache: { store: memory, ttl: 10s, size: 4MiB, stale_if_error: 10s }
crm:
  base_url: http://%s
  timeout: 500ms
  breaker: { window: 10s, open: 1s }
  steps:
    - name: history
      get: /customers/{{ user }}
      pages: { param: page, last: body.pages }
mapping:
  records: history.items
  fields:
    amount: { at: amount, as: decimal }
    at:     { at: at, as: time, layout: unix_ms }
    text:   { at: text }
  rules: [{ added: amount }]
  entry: { definitionMessage: text, activationDate: at }
`

// The faults take turns; between two of them all is well.
var faults = []struct {
	name   string
	toxics []rig.Toxic
	down   bool
}{
	{name: "refused", down: true},
	{name: "silence", toxics: []rig.Toxic{{Type: "timeout", Attributes: map[string]any{"timeout": 0}}}},
	{name: "reset", toxics: []rig.Toxic{{Type: "reset_peer", Attributes: map[string]any{"timeout": 10}}}},
	{name: "slow", toxics: []rig.Toxic{{Type: "latency", Attributes: map[string]any{"latency": 300, "jitter": 300}}}},
	{name: "cut", toxics: []rig.Toxic{{Type: "limit_data", Attributes: map[string]any{"bytes": 500}}}},
	{name: "trickle", toxics: []rig.Toxic{{Type: "bandwidth", Attributes: map[string]any{"rate": 1}}}},
}

// TestSoak asks at an even rate. A fault lasts a tenth of a minute, or of the whole if that is shorter, and so does the
// time between two. Now and then a caller leaves, another never ends its headers, and the config is reloaded.
func TestSoak(t *testing.T) {
	dir, machine := t.TempDir(), rig.Machine()
	program, err := rig.Build(dir)
	if err != nil {
		t.Fatal(err)
	}
	crm := httptest.NewServer(http.HandlerFunc(history))
	defer crm.Close()
	proxy := rig.NewProxy(t, strings.TrimPrefix(crm.URL, "http://"))
	p := program.ServeQuietly(t, fmt.Sprintf(settings, proxy.Address))
	ctx, stop := context.WithTimeout(t.Context(), *soakFor)
	defer stop()
	s := &soak{p: p, answers: map[string]int{}, started: time.Now()}
	var parts sync.WaitGroup
	parts.Go(func() { s.load(ctx) })
	parts.Go(func() { s.misbehave(ctx, t) })
	parts.Go(func() { s.sample(ctx, t) })
	rotate(ctx, t, proxy)
	parts.Wait()
	s.judge(t)
	s.quiet(t, program)
	t.Log("\n" + s.markdown())
	if *report != "" {
		if err := os.WriteFile(*report, []byte(head(machine)+s.markdown()), 0o644); err != nil { //nolint:gosec // it is to be read
			t.Fatal(err)
		}
	}
}

func head(machine string) string {
	return fmt.Sprintf(`# %s of faults

Written by `+"`make soak REPORT=docs/soak.md`"+` on %s (%s/%s, %d processors, which the callers and the CRM share with the
program). The CRM is behind a fault proxy; for a part of each minute it refuses connections, says nothing, resets, is slow, is cut off or
trickles, by turns. Once a second a caller leaves before the answer and another never ends his headers; once a minute
the config is reloaded. Answers are kept for ten seconds, in 4 MiB. %s

`, soakFor, time.Now().UTC().Format("2006-01-02"), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), machine)
}

// history is the CRM: two pages of fifty records.
func history(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	record := `{"amount":215.1,"at":1627391774032,"text":"За покупку в магазине","shop":{"id":17,"name":"Центр"},"tags":["a","b"]}`
	_, _ = fmt.Fprintf(w, `{"pages":1,"items":[%s]}`, strings.TrimSuffix(strings.Repeat(record+",", 50), ","))
}

func rotate(ctx context.Context, t *testing.T, proxy *rig.Proxy) {
	turn := min(6*time.Second, *soakFor/10)
	for i := 0; pause(ctx, turn); i++ {
		fault := faults[i%len(faults)]
		if fault.down {
			proxy.Down()
		}
		proxy.Poison(t, fault.toxics...)
		pause(ctx, turn)
		proxy.Heal(context.WithoutCancel(ctx))
		if fault.down {
			proxy.Up(t)
		}
	}
}

// pause waits, and tells whether it is to go on.
func pause(ctx context.Context, span time.Duration) bool {
	select {
	case <-time.After(span):
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// soak is a run in progress.
type soak struct {
	p       *rig.Program
	started time.Time

	mu      sync.Mutex
	answers map[string]int // by header, failures included
	slowest time.Duration
	late    int // answers that took longer than the budget and a second
	samples []sampled

	fresh, left int // goroutines of a program after one request, and of this one after all
}

type sampled struct {
	at      time.Duration
	answers int
	rig.Figures
}

// load asks at the rate, whatever becomes of the requests before.
func (s *soak) load(ctx context.Context) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	tick := time.NewTicker(time.Second / time.Duration(*rate))
	defer tick.Stop()
	var asking sync.WaitGroup
	for i := 0; ctx.Err() == nil; i++ {
		asking.Go(func() {
			got, err := rig.Ask(context.WithoutCancel(ctx), client, s.p.URL+"/bonus-history", rig.Patience, fmt.Sprint(i))
			word := fmt.Sprint(got.Status, " ", got.History)
			if err != nil {
				word = noAnswer + reason(err)
			}
			s.count(word, got.Took)
		})
		<-tick.C
	}
	asking.Wait()
}

const noAnswer = "no answer: "

// reason is the innermost error: the outer ones name addresses.
func reason(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return err.Error()
}

func (s *soak) count(word string, took time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[word]++
	if took > 2*time.Second {
		s.late++
	}
	s.slowest = max(s.slowest, took)
}

// misbehave is callers who leave, and callers who never end, and an operator who reloads.
func (s *soak) misbehave(ctx context.Context, t *testing.T) {
	for i := 0; pause(ctx, time.Second); i++ {
		leaving, leave := context.WithTimeout(ctx, 2*time.Millisecond)
		_, _ = s.p.Ask(leaving, time.Second, "leaves")
		leave()
		if connection, err := net.Dial("tcp", strings.TrimPrefix(s.p.URL, "http://")); err == nil {
			_, _ = io.WriteString(connection, "POST /bonus-history HTTP/1.1\r\nX-Slow: ")
			time.AfterFunc(10*time.Second, func() { _ = connection.Close() })
		}
		if i%60 == 30 {
			s.p.Signal(t, syscall.SIGHUP)
		}
	}
}

// sample asks the kernel a hundred times.
func (s *soak) sample(ctx context.Context, t *testing.T) {
	every := max(*soakFor/100, 100*time.Millisecond)
	for pause(ctx, every) {
		figures := s.p.Figures(t)
		s.mu.Lock()
		sum := 0
		for _, count := range s.answers {
			sum += count
		}
		s.samples = append(s.samples, sampled{time.Since(s.started), sum, figures})
		s.mu.Unlock()
	}
}
