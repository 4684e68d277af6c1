package main

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"bonus-adapter/crm"
	"bonus-adapter/crm/crmtest"
)

// clocked notes when requests arrive.
type clocked struct {
	mu sync.Mutex
	at []time.Time
}

func (c *clocked) noting(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c.mu.Lock()
		c.at = append(c.at, time.Now())
		c.mu.Unlock()
		next(w, r)
	}
}

// most gives the most arrivals in any stretch of time.
func (c *clocked) most(per time.Duration) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	slices.SortFunc(c.at, time.Time.Compare)
	most, first := 0, 0
	for last := range c.at {
		for c.at[last].Sub(c.at[first]) >= per {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}

// TestEngineKeepsToTheRate, as the server counts. The wire may bring two requests closer together than they were sent,
// so a stretch is taken much shorter than the second that the config says.
func TestEngineKeepsToTheRate(t *testing.T) {
	for name, test := range map[string]struct {
		section string
		most    int
	}{
		"pages":   {"rate: { requests: 5 }\n" + paged("get: /tx, parallel: 20", "{ param: page, count: body.count }"), 5},
		"weights": {"rate: { requests: 18 }\n" + paged("get: /tx, weight: 3, parallel: 20", "{ param: page, count: body.count }"), 6},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var arrivals clocked
			list := crmtest.List{Records: 12, Size: 1}.ByNumber("page", 1)
			e := newEngine(t, "limits: { concurrent: 100 }\ntimeout: 9s\n"+test.section, arrivals.noting(list))
			if got, want := e.tell(t), strings.Join(idsTo(12), " "); got != want {
				t.Errorf("%s, want %s", got, want)
			}
			if most := arrivals.most(500 * time.Millisecond); most > test.most {
				t.Errorf("%d requests in one stretch, want %d", most, test.most)
			}
		})
	}
}

// TestEngineLeavesTheCRMAlone: after it asked for that, not one request comes, whoever asks.
func TestEngineLeavesTheCRMAlone(t *testing.T) {
	for name, test := range map[string]struct {
		section string
		answer  http.HandlerFunc
		want    string
		asked   int
	}{
		"429":                    {"", withHeader("Retry-After", "30", replies("429!")), "! rate limited", 1},
		"429 without a time":     {"", replies("429!"), "! rate limited", 1},
		"429, a date":            {"", withHeader("Retry-After", time.Now().Add(time.Hour).UTC().Format(http.TimeFormat), replies("429!")), "! rate limited", 1},
		"503 with a time":        {"", withHeader("Retry-After", "30", replies("503!")), "! status", 1},
		"503 without":            {"retry: { attempts: 1 }", replies("503!"), "! status", 5},
		"500 with a time":        {"", withHeader("Retry-After", "30", replies("500!")), "! status", 5},
		"a header of its own":    {"rate: { retry_after: { header: X-Wait, unit: ms } }", withHeader("X-Wait", "30000", replies("429!")), "! rate limited", 1},
		"by a verdict":           {"verdicts: [{ when: body.e == 1, then: fail, reason: crm_rate_limited }]", replies(`{"e":1}`), "! rate limited", 1},
		"told of, but good":      {"", withHeader("Retry-After", "30", replies(page("1"))), "1", 5},
		"asked to repeat, later": {"retry: { attempts: 5 }\nverdicts: [{ when: status == 429, then: retry, reason: crm_rate_limited }]", withHeader("Retry-After", "30", replies("429!")), "! rate limited", 1},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEngine(t, test.section+"\n"+oneStep, test.answer)
			first := e.tell(t)
			for range 4 {
				e.tellOf(t, "another")
			}
			if first != test.want || len(e.crm.Asked()) != test.asked {
				t.Errorf("%s after %d requests, want %s after %d", first, len(e.crm.Asked()), test.want, test.asked)
			}
		})
	}
}

func TestEngineRepeats(t *testing.T) {
	const section = "verdicts: [{ when: status == 502, then: retry }]\n"
	for name, test := range map[string]struct {
		section string
		bodies  []string
		want    string
		calls   int
	}{
		"until it is good":  {"retry: { attempts: 5, wait: 1ms }", []string{"502!", "502!", page("1")}, "1", 3},
		"at most so often":  {"retry: { attempts: 3, wait: 1ms }", []string{"502!"}, "! status", 3},
		"twice if not said": {"retry: { wait: 1ms }", []string{"502!"}, "! status", 2},
		"another answer":    {"retry: { attempts: 5, wait: 1ms }", []string{"502!", "500!"}, "! status", 2},
		"each page anew":    {"retry: { attempts: 2, wait: 1ms }", []string{"502!", page("1"), "502!", page("2"), "502!", page("")}, "1 2", 6},
	} {
		t.Run(name, func(t *testing.T) {
			step := oneStep
			if name == "each page anew" {
				step = pagedStep
			}
			newEngine(t, section+test.section+"\n"+step, replies(test.bodies...)).expect(t, test.want, test.calls)
		})
	}
}

// TestEngineRepeatsWithinTheDeadline: a wait that does not fit is not begun.
func TestEngineRepeatsWithinTheDeadline(t *testing.T) {
	e := newEngine(t, "retry: { attempts: 5, wait: 1ms }\nverdicts: [{ when: status == 503, then: retry }]\n"+oneStep, withHeader("Retry-After", "20", replies("503!")))
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if got := e.tellIn(ctx, t, "1"); got != "! status" || len(e.crm.Asked()) != 1 || ctx.Err() != nil {
		t.Errorf("%s after %d requests, %v", got, len(e.crm.Asked()), ctx.Err())
	}
}

// TestEngineErrorsTellNoSecret: a slot that cannot be filled is told without what stands in its quotes.
func TestEngineErrorsTellNoSecret(t *testing.T) {
	e := newEngine(t, `steps: [{ name: shop, get: /shop, keep: { n: "body.n?" } }, { name: history, get: /tx, headers: { X: '{{ hmac("sha256", "secret-of-mine", shop.n) }}' } }]`, says(`{}`))
	if got := e.tell(t); got != "! decode failed" {
		t.Error(got)
	}
	_, err := e.client.History(t.Context(), crm.NewCustomer("1"))
	if err == nil || strings.Contains(err.Error(), "secret-of-mine") || !strings.Contains(err.Error(), "shop.n") {
		t.Error(err)
	}
}
