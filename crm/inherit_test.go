package crm_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/crm"
	"bonus-adapter/store"
)

// generations are clients of one CRM, each in the place of the one before.
type generations struct {
	mu    sync.Mutex
	begin time.Time
	at    []time.Duration
	takes time.Duration
	busy  int // now
	most  int
	reply int
}

func (g *generations) next(t *testing.T, before *crm.Client, change func(*crm.Config), shared store.Store) *crm.Client {
	t.Helper()
	cfg := simple(t, "https://crm.invalid/api")
	change(&cfg)
	made, err := crm.New(cfg, plan(t), crm.Options{Before: before, Shared: shared, Transport: func(http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			g.mu.Lock()
			g.at = append(g.at, time.Since(g.begin))
			g.busy++
			g.most = max(g.most, g.busy)
			g.mu.Unlock()
			time.Sleep(g.takes)
			g.mu.Lock()
			g.busy--
			g.mu.Unlock()
			return &http.Response{StatusCode: g.reply, Header: http.Header{"Retry-After": {"20"}}, Request: r, Body: io.NopCloser(strings.NewReader(`{"items":[]}`))}, nil
		})
	}})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func askAll(t *testing.T, number int, clients ...*crm.Client) {
	var asking sync.WaitGroup
	for _, client := range clients {
		for range number {
			asking.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				_, _ = client.History(ctx, crm.NewCustomer("1"))
			})
		}
	}
	asking.Wait()
}

// TestGenerationsShareWhatTheCRMBears: a config that takes over, and the one before it that still answers, send together no
// more requests than one may.
func TestGenerationsShareWhatTheCRMBears(t *testing.T) {
	header := func(cfg *crm.Config) { cfg.Headers = map[string]crm.Template{"X-New": tmpl(t, "1")} }
	limits := func(cfg *crm.Config) { cfg.Limits.Concurrent = 3; cfg.Limits.Records = 7 }
	for name, test := range map[string]struct {
		first, second func(*crm.Config)
		most          int
	}{
		"places":                          {limits, func(cfg *crm.Config) { limits(cfg); header(cfg) }, 3},
		"places of another CRM":           {limits, func(cfg *crm.Config) { limits(cfg); cfg.BaseURL = tmpl(t, "https://other.invalid/api") }, 6},
		"another host name in capitals":   {limits, func(cfg *crm.Config) { limits(cfg); cfg.BaseURL = tmpl(t, "https://CRM.invalid/v2") }, 3},
		"another number of places is new": {limits, func(cfg *crm.Config) { cfg.Limits.Concurrent = 4 }, 7},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &generations{takes: time.Second, reply: 200}
				first := g.next(t, nil, test.first, nil)
				second := g.next(t, first, test.second, nil)
				askAll(t, 20, first, second)
				if g.most != test.most {
					t.Errorf("%d requests at once, not %d", g.most, test.most)
				}
			})
		})
	}
}

// TestGenerationsShareTheRate, also one that has changed: what the one before sent counts.
func TestGenerationsShareTheRate(t *testing.T) {
	rate := func(requests int) func(*crm.Config) {
		return func(cfg *crm.Config) {
			cfg.Rate = crm.Rate{Requests: requests, Per: config.Duration(time.Second), Share: 1}
			cfg.Limits.Records = 1 + requests
		}
	}
	for name, test := range map[string]struct {
		first, second func(*crm.Config)
		most          int
	}{
		"the same": {rate(5), func(cfg *crm.Config) { rate(5)(cfg); cfg.Limits.Depth = 9 }, 5},
		"raised":   {rate(5), rate(8), 8},
		"lowered":  {rate(8), rate(5), 8},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &generations{begin: time.Now(), reply: 200}
				first := g.next(t, nil, test.first, nil)
				askAll(t, 5, first)
				time.Sleep(300 * time.Millisecond)
				askAll(t, 20, g.next(t, first, test.second, nil))
				for i := range g.at[:len(g.at)-test.most] {
					if apart := g.at[i+test.most] - g.at[i]; apart < time.Second {
						t.Fatalf("%d requests in %s", test.most+1, apart)
					}
				}
				if len(g.at) < 15 {
					t.Errorf("only %d requests", len(g.at))
				}
			})
		})
	}
}

// TestAHoldOutlivesItsConfig: a CRM that asks to be left alone is left alone by the config that takes over, too.
func TestAHoldOutlivesItsConfig(t *testing.T) {
	for name, changed := range map[string]func(*crm.Config){
		"another header": func(cfg *crm.Config) { cfg.Headers = map[string]crm.Template{"X-New": tmpl(t, "1")} },
		"another rate":   func(cfg *crm.Config) { cfg.Rate.Requests = 5 },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g := &generations{begin: time.Now(), reply: 429}
				first := g.next(t, nil, func(*crm.Config) {}, nil)
				askAll(t, 1, first)
				askAll(t, 3, g.next(t, first, changed, nil))
				if len(g.at) != 1 {
					t.Errorf("asked %d times", len(g.at))
				}
			})
		})
	}
}
