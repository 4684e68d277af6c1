package watch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"

	"bonus-adapter/adapter"
	"bonus-adapter/crm"
	"bonus-adapter/mapping"
)

// clock is a time that a test sets.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 25, 12, 0, 30, 0, time.UTC)} }

func (c *clock) time() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func nowhere(string) (Line, bool) { return Line{}, false }

func answered(reason adapter.Reason, took time.Duration) adapter.Answered {
	return adapter.Answered{Source: "live", Reason: reason, Status: 200, Took: took}
}

// TestEveryWordHasAPlace proves the arrays large enough.
func TestEveryWordHasAPlace(t *testing.T) {
	if len(reasons()) > mostReasons || len(adapter.Sources()) > mostSources || len(crm.Kinds())+1 > kinds {
		t.Errorf("%d reasons, %d sources, %d kinds", len(reasons()), len(adapter.Sources()), len(crm.Kinds())+1)
	}
}

func TestTheHourGoesBy(t *testing.T) {
	c := newClock()
	w := New(Options{Now: c.time})
	w.Answered(answered(adapter.CRMTimeout, time.Second), nowhere)
	w.Attempted(t.Context(), crm.Attempt{Step: "history", Kind: crm.Timeout})
	c.pass(30 * time.Second) // 12:01:00
	w.Answered(answered("", time.Second), nowhere)
	w.Answered(answered("", time.Second), nowhere)

	seen := w.Seen()
	if len(seen.Minutes) != 2 || seen.Minutes[0].Reasons[adapter.CRMTimeout] != 1 || seen.Minutes[1].Reasons[""] != 2 {
		t.Errorf("two minutes: %+v", seen.Minutes)
	}
	if at := time.UnixMilli(seen.Minutes[0].At).UTC(); at.Format(time.TimeOnly) != "12:00:00" {
		t.Errorf("the first minute began at %s", at)
	}
	c.pass(59 * time.Minute) // the first minute is over an hour old
	seen = w.Seen()
	if len(seen.Minutes) != hour || seen.Minutes[0].Reasons[""] != 2 || len(seen.Attempts) != 0 {
		t.Errorf("an hour later: %d minutes, the first is %+v; attempts %v", len(seen.Minutes), seen.Minutes[0], seen.Attempts)
	}
	c.pass(24 * time.Hour)
	seen = w.Seen()
	for _, minute := range seen.Minutes {
		if len(minute.Reasons) > 0 {
			t.Errorf("a day later: %+v", minute)
		}
	}
	if len(seen.Requests) != 3 {
		t.Errorf("the last requests stay: %d", len(seen.Requests))
	}
}

// TestAClockThatIsSetBack counts on: what is counted goes into the minute under way.
func TestAClockThatIsSetBack(t *testing.T) {
	c := newClock()
	w := New(Options{Now: c.time})
	c.pass(10 * time.Minute)
	w.Answered(answered("", 0), nowhere)
	c.pass(-5 * time.Minute)
	w.Answered(answered("", 0), nowhere)
	if seen := w.Seen(); len(seen.Minutes) != 11 || seen.Minutes[10].Reasons[""] != 2 {
		t.Errorf("%+v", seen.Minutes)
	}
}

func TestQuantiles(t *testing.T) {
	var h histogram
	if got := h.quantile(.5); got != 0 {
		t.Errorf("of nothing: %s", got)
	}
	for i := 1; i <= 1000; i++ {
		h.add(time.Duration(i) * time.Millisecond)
	}
	for share, want := range map[float64]time.Duration{.5: 500 * time.Millisecond, .99: 990 * time.Millisecond, 1: time.Second} {
		if got := h.quantile(share); got < want || got > want*6/5 {
			t.Errorf("quantile %g is %s, not %s or up to a fifth more", share, got, want)
		}
	}
	for _, took := range []time.Duration{-1, 0, 1, finest, finest + 1, time.Hour, 1<<63 - 1} {
		h.add(took) // none is out of bounds
	}
	h = histogram{}
	h.add(3 * time.Millisecond)
	if got := h.quantile(.99); got != 3*time.Millisecond {
		t.Errorf("one of 3 ms: %s", got) // never more than the slowest
	}
}

// ledger asks as a CRM's client would: it tells the watch of attempts, in the context of the history.
type ledger struct {
	watch    *Watch
	attempts []crm.Attempt
	failed   *crm.Error
}

func (l *ledger) History(ctx context.Context, _ crm.Customer) (*crm.History, error) {
	for _, attempt := range l.attempts {
		l.watch.Attempted(ctx, attempt)
	}
	if l.failed != nil {
		return nil, l.failed
	}
	return &crm.History{Calls: len(l.attempts)}, nil
}

// through asks an adapter in front of a ledger for one customer.
func through(t *testing.T, w *Watch, l *ledger, lines Lines) Request {
	t.Helper()
	l.watch = w
	cfg := adapter.DefaultConfig()
	if err := json.Unmarshal([]byte(`["a-key-of-enough-length"]`), &cfg.Keys); err != nil {
		t.Fatal(err)
	}
	handler, err := adapter.New(cfg, adapter.Options{
		Ledger: l, Mapping: &mapping.Mapping{}, Log: zap.NewNop(), Observe: func(_ context.Context, a adapter.Answered) { w.Answered(a, lines) },
	})
	if err != nil {
		t.Fatal(err)
	}
	asking := httptest.NewRequest(http.MethodPost, cfg.Path, strings.NewReader(`{"userIdentifier":"canary-79161234567"}`))
	asking.Header.Set("Authorization", "Bearer a-key-of-enough-length")
	handler.ServeHTTP(httptest.NewRecorder(), asking)
	return w.Seen().Requests[0]
}

// TestARequestHasItsSteps joins what happens on the way to the CRM to the request that it happens for.
func TestARequestHasItsSteps(t *testing.T) {
	lines := func(place string) (Line, bool) {
		line, known := map[string]int{"steps[0]": 10, "steps[1]": 20, "fail": 5}[place]
		return Line{"config.yaml", line, "source"}, known
	}
	w := New(Options{})
	got := through(t, w, &ledger{attempts: []crm.Attempt{
		{Step: "account", Place: "steps[0]", Page: 1, Number: 1, Kind: crm.Status, Status: 503, Took: time.Millisecond, Sent: true},
		{Step: "account", Place: "steps[0]", Page: 1, Number: 2, Status: 200, Took: time.Millisecond, Sent: true},
		{Step: "history", Place: "steps[1]", Page: 1, Number: 1, Status: 200, Sent: true},
		{Step: "history", Place: "steps[1]", Page: 2, Number: 1, Kind: crm.ErrorBody, Status: 200, Decided: "fail", Sent: true},
		{Step: "history", Place: "steps[1]", Page: 3, Number: 1, Kind: crm.Canceled, Sent: true},
	}, failed: &crm.Error{Kind: crm.ErrorBody, Step: "history", Err: errors.New("fail holds")}}, lines)
	want := []Asked{
		{Step: "account", Verdict: "ok", Status: 200, Attempts: 2, Failed: 1, Pages: 1, Took: 2, Config: &Line{"config.yaml", 10, "source"}},
		{Step: "history", Verdict: "crm_error_body", Status: 200, Attempts: 3, Failed: 2, Pages: 3, Config: &Line{"config.yaml", 5, "source"}},
	}
	if told, wanted := string(asJSON(t, got.Steps)), string(asJSON(t, want)); told != wanted {
		t.Errorf("steps\n%s\nnot\n%s", told, wanted)
	}
	if got.Reason != adapter.CRMErrorBody || got.FailedStep != "history" || !strings.Contains(got.Failure, "fail holds") || got.Customer == "" {
		t.Errorf("%+v", got)
	}
}

func asJSON(t *testing.T, value any) []byte {
	t.Helper()
	text, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestNoCustomerIsTold looks for the id in everything that a Watch gives.
func TestNoCustomerIsTold(t *testing.T) {
	for _, kept := range []bool{false, true} {
		w := New(Options{})
		if kept {
			w.KeepCustomers()
		}
		got := through(t, w, &ledger{}, nowhere)
		for _, text := range []string{string(asJSON(t, w.Seen())), fmt.Sprintf("%+v %#v", w.requests[0], w.requests[0])} {
			if strings.Contains(text, "canary") || strings.Contains(text, "79161234567") {
				t.Errorf("customers kept: %t: it tells %s", kept, text)
			}
		}
		whom, known := w.Customer(got.Number)
		if known != kept || got.Again != kept || kept != (whom.Reveal() == "canary-79161234567") {
			t.Errorf("customers kept: %t: it knows whom: %t, %+v", kept, known, got)
		}
		for _, number := range []uint64{0, 2, 1 << 63} {
			if _, known := w.Customer(number); known {
				t.Errorf("it knows who asked request %d", number)
			}
		}
	}
}

// TestMemoryIsFixed lets far more happen than is remembered.
func TestMemoryIsFixed(t *testing.T) {
	w := New(Options{})
	w.KeepCustomers()
	long := strings.Repeat("я", 10_000)
	for i := range 1000 {
		a := answered(adapter.CRMStatus, time.Second)
		a.Err, a.History, a.Customer, a.Problems = errors.New(long), uint64(i)+1, crm.NewCustomer(fmt.Sprint(i)), []string{long}
		w.Answered(a, nowhere)
		for step := range MostSteps + 4 {
			w.Attempted(t.Context(), crm.Attempt{Step: fmt.Sprint("step", i, step), Place: fmt.Sprint(step)})
		}
	}
	seen := w.Seen()
	if len(seen.Requests) != lastRequests || seen.Requests[0].Number != 1000 || len(seen.Attempts) != MostSteps || len(seen.Requests[0].Failure) > longestText+3 || len(seen.Requests[0].Problems[0]) > longestText+3 {
		t.Errorf("%d requests, %d attempts", len(seen.Requests), len(seen.Attempts))
	}
	if _, known := w.Customer(900); known {
		t.Error("a customer of long ago is still known")
	}
	if _, known := w.Customer(901); !known {
		t.Error("a customer of the last hundred is not known")
	}
}

// TestAStepMakesRoom gives the place of a step that nobody has asked by for an hour to another one.
func TestAStepMakesRoom(t *testing.T) {
	c := newClock()
	w := New(Options{Now: c.time})
	for step := range MostSteps {
		w.Attempted(t.Context(), crm.Attempt{Step: fmt.Sprint("old", step)})
	}
	c.pass(2 * time.Hour)
	w.Seen()
	w.Attempted(t.Context(), crm.Attempt{Step: "new"})
	if told := w.Seen().Attempts; len(told) != 1 || told[0] != (Attempts{"new", "ok", 1}) {
		t.Errorf("%+v", told)
	}
}

// TestManyAtOnce is for the race detector.
func TestManyAtOnce(t *testing.T) {
	w := New(Options{})
	w.KeepCustomers()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 100 {
				through(t, w, &ledger{attempts: []crm.Attempt{{Step: fmt.Sprint("step", i), Place: "steps[0]"}}}, nowhere)
				_ = json.NewEncoder(io.Discard).Encode(w.Seen())
				w.Customer(1)
			}
		})
	}
	all.Wait()
	var requests uint32
	for _, minute := range w.Seen().Minutes {
		for _, count := range minute.Reasons {
			requests += count
		}
	}
	if requests != 800 {
		t.Errorf("%d requests are counted", requests)
	}
}

// BenchmarkWatch is what a request with two steps costs.
func BenchmarkWatch(b *testing.B) {
	w := New(Options{})
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		w.Attempted(ctx, crm.Attempt{Step: "account", Place: "steps[0]", Number: 1})
		w.Attempted(ctx, crm.Attempt{Step: "history", Place: "steps[1]", Number: 1})
		w.Answered(adapter.Answered{Source: "live", Status: 200, Took: 3 * time.Millisecond, History: 1}, nowhere)
	}
}
