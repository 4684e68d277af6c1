package crm

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// These tests put a sender of their own into a Client, so that its time can be the bubble's.

// fake is a Client whose requests are answered by send.
func fake(t *testing.T, cfg Config, send func(ctx context.Context, req request) (string, *Error)) *Client {
	t.Helper()
	records, err := document.ParsePath("items")
	mustHold(t, err)
	id, err := document.ParsePath("id")
	mustHold(t, err)
	made, err := New(cfg, document.Plan{Sources: []document.Source{{Step: "history", Records: records}}, Fields: []document.Path{id}}, Options{})
	mustHold(t, err)
	made.steps[0].asker.send = func(ctx context.Context, req request, verdict verdict) (*answer, *Error) {
		body, failed := send(ctx, req)
		if failed != nil {
			return nil, failed
		}
		value, err := document.ParseJSON([]byte(body), document.Limits{Depth: 9})
		got := &answer{Answer: document.Answer{Status: 200, Body: value}}
		if err != nil {
			got.bad = documentFailure(err)
		}
		return got, verdict.judge(got)
	}
	return made
}

func fakeConfig(t *testing.T, steps ...Step) Config {
	t.Helper()
	cfg := DefaultConfig()
	cfg.BaseURL, cfg.Steps = templateOf(t, "http://crm.example.ru"), steps
	return cfg
}

func getStep(t *testing.T, name, path string) Step {
	t.Helper()
	return Step{Name: name, Request: Request{Get: templateOf(t, path)}}
}

func pickOf(t *testing.T, text string) (made document.Pick) {
	t.Helper()
	mustHold(t, made.UnmarshalText([]byte(text)))
	return made
}

// TestEngineKeepsForATime: what is the same for all is asked for again after its time, by whoever comes first then, and
// once for however many.
func TestEngineKeepsForATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := getStep(t, "shop", "/shop")
		shop.KeepFor, shop.Keep = config.Duration(time.Minute), map[string]Keep{"id": {at: pickOf(t, "body.id")}}
		var mu sync.Mutex
		asked, began := []time.Duration{}, time.Now()
		made := fake(t, fakeConfig(t, shop, getStep(t, "history", "/{{ shop.id }}/tx")), func(_ context.Context, req request) (string, *Error) {
			if req.path != "/shop" {
				return `{"items":[{"id":"` + req.path + `"}]}`, nil
			}
			time.Sleep(time.Second)
			mu.Lock()
			defer mu.Unlock()
			asked = append(asked, time.Since(began))
			return fmt.Sprintf(`{"id":"s%d"}`, len(asked)), nil
		})
		defer made.Close()
		for round := range 3 {
			together(100, func() {
				history, err := made.History(t.Context(), NewCustomer("1"))
				if want := fmt.Sprintf("/s%d/tx", round+1); err != nil || history.Records[0].Field(0).Text() != want {
					t.Errorf("%+v %v, want %s", history, err, want)
				}
			})
			time.Sleep(time.Minute)
		}
		if want := []time.Duration{time.Second, 62 * time.Second, 123 * time.Second}; !slices.Equal(asked, want) {
			t.Errorf("asked at %v, want %v", asked, want)
		}
	})
}

// TestEngineKeepsItsBudget: elements, windows, pages and repetitions end together when the caller's time is over.
func TestEngineKeepsItsBudget(t *testing.T) {
	for name, newest := range map[string]bool{"nothing": false, "newest": true} {
		synctest.Test(t, func(t *testing.T) {
			member := getStep(t, "member", "/member")
			cards := pickOf(t, "body.cards[*]")
			member.Keep = map[string]Keep{"cards": {at: cards}}
			history := getStep(t, "history", `/{{ each }}/{{ format(window.from, "unix") }}`)
			history.Each, history.Parallel = "member.cards", 3
			history.Windows = &Windows{Span: config.Duration(time.Hour), Back: config.Duration(4 * time.Hour)}
			history.Pages = &Pages{Param: "page", Count: pickOf(t, "body.n")}
			cfg := fakeConfig(t, member, history)
			if newest {
				cfg.OnPartial = partialNewest
			}
			var mu sync.Mutex
			here, most, calls := 0, 0, 0
			made := fake(t, cfg, func(ctx context.Context, req request) (string, *Error) {
				if req.path == "/member" {
					return `{"cards":["a","b","c"]}`, nil
				}
				if late := enoughTime(ctx, time.Second); late != nil { // as an attempt does
					return "", late
				}
				mu.Lock()
				here, calls = here+1, calls+1
				most = max(most, here)
				mu.Unlock()
				defer func() { mu.Lock(); here--; mu.Unlock() }()
				select {
				case <-time.After(time.Second):
					return fmt.Sprintf(`{"n":4,"items":[{"id":"%s?%s"}]}`, req.path, req.query), nil
				case <-ctx.Done():
					return "", transportFailure(ctx, ctx.Err())
				}
			})
			defer made.Close()
			began := time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), 6500*time.Millisecond)
			defer cancel()
			got, err := made.History(ctx, NewCustomer("1"))
			if most != 3 || here != 0 || calls > 21 || time.Since(began) != 6500*time.Millisecond {
				t.Errorf("%s: %d at once, %d left over, %d calls, %s", name, most, here, calls, time.Since(began))
			}
			if !newest && (err == nil || err.(*Error).Kind != Timeout) || newest && (err != nil || got.Partial.Kind != Timeout) {
				t.Errorf("%s: %+v %v", name, got, err)
			}
			if newest && !withoutGap(got.Records) {
				t.Errorf("%s: %+v", name, got.Records)
			}
		})
	}
}

// withoutGap tells whether records are those of the first pages, without a gap.
func withoutGap(records []document.Record) bool {
	for i, record := range records {
		if !strings.HasSuffix(record.Field(0).Text(), fmt.Sprintf("page=%d", i%4+1)) {
			return false
		}
	}
	return len(records) > 0
}

// TestParallelGivesABugBack to the caller, who recovers from it: on its own goroutine it would end the program.
func TestParallelGivesABugBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		defer func() {
			if bug := recover(); bug != "a bug" {
				t.Error(bug)
			}
		}()
		parallel(t.Context(), 5, 3, true, func(ctx context.Context, i int) *Error {
			if i == 1 {
				panic("a bug")
			}
			<-ctx.Done()
			return transportFailure(ctx, ctx.Err())
		})
		t.Error("the bug is lost")
	})
}

// TestParallelPrefix: what stands before a failure is let finish, what stands behind it is not.
func TestParallelPrefix(t *testing.T) {
	for prefix, want := range map[bool]string{true: "- - F c c c", false: "c c F c c c"} {
		synctest.Test(t, func(t *testing.T) {
			failed := parallel(t.Context(), 6, 4, prefix, func(ctx context.Context, i int) *Error {
				select {
				case <-time.After([]time.Duration{10, 8, 3, 5, 1, 1}[i] * time.Second):
				case <-ctx.Done():
					return transportFailure(ctx, ctx.Err())
				}
				if i == 2 {
					return failure(Status, "it fails")
				}
				return nil
			})
			var got []string
			for _, each := range failed {
				switch {
				case each == nil:
					got = append(got, "-")
				case each.Kind == Canceled:
					got = append(got, "c")
				default:
					got = append(got, "F")
				}
			}
			if strings.Join(got, " ") != want || cause(failed).Kind != Status {
				t.Errorf("prefix %v: %q, want %q", prefix, got, want)
			}
		})
	}
}

func TestLinkNext(t *testing.T) {
	for header, want := range map[string]string{
		"":                     "",
		`<a>; rel="next"`:      "a",
		`<a>; rel=next`:        "a",
		`<a>;rel=NEXT;title=x`: "a",
		`< a >; rel = "next"`:  "a",
		`<a>; rel="prev next"`: "a",
		`<a>; rel="prev"`:      "",
		`<a>; rel="nextish"`:   "",
		`<a>; title="next"`:    "",
		`<a>`:                  "",
		`<a`:                   "",
		`a; rel="next"`:        "",
		`<a,b;c>; rel="next"`:  "a,b;c",
		`<>; rel="next"`:       "",
		`<a>; rel`:             "",
		`<a>; rel=`:            "",
		`<a>; rel="next`:       "a",
		`<a>; x="\"; <b>; rel=next"; rel="last", <c>; rel="next"`: "c",
		`<a>; rel="last", <c>; title="a, <b>; c"; rel="next"`:     "c",
		`<a>; rel="last",, <c>; rel="next"`:                       "c",
		`<a>; x="\`:                                               "",
	} {
		if got := linkNext([]string{`<z>; rel="first"`, header}); got != want {
			t.Errorf("%s: %q, want %q", header, got, want)
		}
	}
}
