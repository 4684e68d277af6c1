package main

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"bonus-adapter/crm/crmtest"
)

const windowed = `steps: [{ name: history, get: /tx, windows: { span: %s, back: %s }, query: { from: '{{ format(window.from, "unix_ms") }}', to: '{{ format(window.to, "unix_ms") }}' }%s }]`

// TestEngineWindows: from now backwards, each where the one before began, as far as it is told and no further.
func TestEngineWindows(t *testing.T) {
	for _, test := range []struct {
		span, back string
		widths     []int // in hours
	}{
		{"24h", "72h", []int{24, 24, 24}},
		{"24h", "60h", []int{24, 24, 12}},
		{"24h", "1h", []int{1}},
		{"24h", "24h", []int{24}},
		{"168h", "1176h", []int{168, 168, 168, 168, 168, 168, 168}},
	} {
		t.Run(test.back, func(t *testing.T) {
			e := newEngine(t, fmt.Sprintf(windowed, test.span, test.back, ""), func(w http.ResponseWriter, r *http.Request) {
				_, _ = fmt.Fprint(w, page(r.URL.Query().Get("to")+" "+r.URL.Query().Get("from")))
			})
			var edges []int
			for edge := range strings.FieldsSeq(e.tell(t)) {
				var at int
				_, _ = fmt.Sscan(edge, &at)
				edges = append(edges, at)
			}
			var widths []int
			for i := 0; i+1 < len(edges); i += 2 {
				widths = append(widths, (edges[i]-edges[i+1])/3_600_000)
				if i > 0 && edges[i] != edges[i-1] {
					t.Errorf("a gap or an overlap behind window %d: %v", i/2, edges)
				}
			}
			if !slices.Equal(widths, test.widths) {
				t.Errorf("%v, want %v", widths, test.widths)
			}
		})
	}
}

func TestEngineWindowsThatFail(t *testing.T) {
	// Windows are known by their place from the newest, which is told by the width of the last one.
	const section = `, parallel: 1, not_found: status == 404`
	for name, test := range map[string]struct {
		more   string
		bodies []string
		want   string
	}{
		"all":                {"", []string{page("1"), page(""), page("2 3")}, "1 2 3"},
		"the CRM is deaf":    {"", []string{page("1")}, "! too many pages"},
		"deaf, newest":       {"on_partial: newest\n", []string{page("1")}, "1 | too many pages"},
		"deaf, and empty":    {"", []string{page("")}, ""},
		"the second fails":   {"", []string{page("1"), `500!`, page("2")}, "! status"},
		"... newest":         {"on_partial: newest\n", []string{page("1"), `500!`, page("2")}, "1 | status"},
		"the first fails":    {"on_partial: newest\n", []string{`500!`, page("1")}, "! status"},
		"none knows him":     {"", []string{`404!`}, "! no such customer"},
		"the second alone":   {"", []string{page("1"), `404!`, page("2")}, "! error body"},
		"... newest, prefix": {"on_partial: newest\n", []string{page("1"), `404!`, page("2")}, "1 | error body"},
	} {
		t.Run(name, func(t *testing.T) {
			newEngine(t, test.more+fmt.Sprintf(windowed, "24h", "72h", section), replies(test.bodies...)).expect(t, test.want, 0)
		})
	}
}

// TestEngineEverythingAtOnce: elements, windows and pages, in order, within the step's own bound and that of its pages.
func TestEngineEverythingAtOnce(t *testing.T) {
	const section = `
steps:
  - { name: member, get: /member, keep: { cards: "body.cards[*].id" } }
  - name: history
    each: member.cards
    windows: { span: 24h, back: 72h }
    get: "/cards/{{ each }}/tx"
    query: { from: '{{ format(window.from, "unix") }}', to: '{{ format(window.to, "unix") }}' }
    pages: { param: page, count: body.n }
`
	answer := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/member" {
			_, _ = fmt.Fprint(w, `{"cards":[{"id":"a"},{"id":"b"},{"id":"c"}]}`)
			return
		}
		query := r.URL.Query()
		_, _ = fmt.Fprint(w, page(strings.Split(r.URL.Path, "/")[2]+"-"+query.Get("to")+"-"+query.Get("page"), `,"n":2`))
	}
	got := strings.Fields(newEngine(t, section, answer).tell(t))
	sorted := slices.SortedFunc(slices.Values(got), func(a, b string) int { // cards forwards, windows backwards, pages forwards
		x, y := strings.Split(a, "-"), strings.Split(b, "-")
		if x[0] != y[0] {
			return strings.Compare(x[0], y[0])
		}
		if x[1] != y[1] {
			return strings.Compare(y[1], x[1])
		}
		return strings.Compare(x[2], y[2])
	})
	if len(got) != 18 || !slices.Equal(got, sorted) {
		t.Errorf("%v", got)
	}
	newEngine(t, section+"limits: { pages: 17 }", answer).expect(t, "! too many pages", 0)
}

// TestEngineEndsWithItsCaller: whether he leaves or his time is over, nothing goes on for him.
func TestEngineEndsWithItsCaller(t *testing.T) {
	const section = `
timeout: 10s
breaker: { window: 1m }
steps:
  - { name: member, get: /member, keep: { cards: "body.cards[*].id" } }
  - name: history
    each: member.cards
    parallel: 8
    windows: { span: 24h, back: 72h }
    get: "/cards/{{ each }}/tx"
    query: { from: '{{ format(window.from, "unix") }}', to: '{{ format(window.to, "unix") }}' }
    pages: { param: page, count: body.n }
`
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for name, want := range map[string]string{"leaves": "! canceled", "deadline": "! timeout", "optional": "! canceled", "newest": "! canceled"} {
		t.Run(name, func(t *testing.T) {
			more := map[string]string{"optional": "    optional: true\n", "newest": "on_partial: newest\n"}[name]
			crowd := crmtest.NewCrowd(100)
			hold := crowd.Hold(func(http.ResponseWriter, *http.Request) {})
			var under atomic.Int32
			e := newEngine(t, section+more, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/member" {
					_, _ = fmt.Fprint(w, `{"cards":[{"id":"a"},{"id":"b"},{"id":"c"}]}`)
					return
				}
				if n := under.Add(1); n > 8 { // the first pages are answered, and the second ones hang
					hold(w, r)
					return
				}
				_, _ = fmt.Fprint(w, page(r.URL.Path+r.URL.RawQuery, `,"n":5`))
			})
			ctx, leave := context.WithCancel(t.Context())
			if name == "deadline" {
				ctx, leave = context.WithTimeout(t.Context(), 1_500_000_000)
			}
			defer leave()
			told := make(chan string)
			go func() { told <- e.tellIn(ctx, t, engineID) }()
			if crowd.Await(8); crowd.Most() != 8 {
				t.Errorf("%d at once", crowd.Most())
			}
			if name != "deadline" {
				leave()
			}
			if got := <-told; got != want {
				t.Errorf("%s, want %s", got, want)
			}
			// The CRM is not kept busy: its Close waits for all that are held.
		})
	}
}

func TestEngineKeepsForAll(t *testing.T) {
	const section = `
steps:
  - { name: shops, get: /shops, keep_for: 1h, keep: { id: "body.id", name: "body.name?" }, verdicts: [{ when: body.none == true, then: empty, reason: no_transactions }]%s }
  - { name: history, get: /tx, query: { shop: "{{ shops.id }}" } }
`
	for name, test := range map[string]struct {
		shops http.HandlerFunc
		more  string
		want  string
		asked int
	}{
		"kept":                 {says(`{"id":"7","name":"x"}`), "", "1", 1},
		"fails":                {crmtest.Answer(500, ``), "", "! status", 1},
		"a part is not there":  {says(`{"id":"7","name":null}`), "", "1", 1},
		"is not there":         {says(`{"name":"x"}`), "", "! path missing", 1},
		"is null":              {says(`{"id":null}`), "", "! path missing", 1},
		"an empty answer":      {says(`{"none":true}`), "", "! decode failed", 1}, // and never a request for the shop ""
		"unknown by a verdict": {says(`{"gone":true}`), "\nverdicts: [{ when: body.gone == true, then: empty }]", "! error body", 1},
	} {
		t.Run(name, func(t *testing.T) {
			crowd := crmtest.NewCrowd(300)
			var shops atomic.Int32
			e := newEngine(t, "limits: { concurrent: 200 }"+test.more+fmt.Sprintf(section, ""), routes(map[string]http.HandlerFunc{
				"/shops": crowd.Hold(func(w http.ResponseWriter, r *http.Request) { shops.Add(1); test.shops(w, r) }),
				"/tx": func(w http.ResponseWriter, r *http.Request) {
					if r.URL.RawQuery != "shop=7" {
						t.Errorf("asked for %q", r.URL.RawQuery)
					}
					_, _ = fmt.Fprint(w, page("1"))
				},
			}))
			var all sync.WaitGroup
			for range 100 {
				all.Go(func() {
					if got := e.tell(t); got != test.want {
						t.Errorf("%s, want %s", got, test.want)
					}
				})
			}
			crowd.Await(1)
			crowd.Let(300)
			if all.Wait(); int(shops.Load()) != test.asked {
				t.Errorf("asked %d times", shops.Load())
			}
		})
	}
}
