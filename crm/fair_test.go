package crm_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/crm"
)

// slow is a CRM whose first step takes so long, and whose second one never answers.
func slow(t *testing.T, cfg crm.Config, first time.Duration) *crm.Client {
	t.Helper()
	before := crm.Step{Name: "before"}
	before.Get = tmpl(t, "/before/{{ user }}")
	cfg.Steps = append([]crm.Step{before}, cfg.Steps...)
	made, err := crm.New(cfg, plan(t), crm.Options{Transport: func(http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			takes := time.Hour
			if strings.Contains(r.URL.Path, "/before/") {
				takes = first
			}
			answered := time.NewTimer(takes)
			defer answered.Stop()
			select {
			case <-answered.C:
				return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r, Body: io.NopCloser(strings.NewReader(`{"items":[]}`))}, nil
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		})
	}})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// TestAnAttemptThatHadLittleTimeIsNoEvidence: where earlier steps have used up the time, nobody knows whether the CRM would
// have answered. An attempt that had half of what it can expect, or all of a short budget, is evidence.
func TestAnAttemptThatHadLittleTimeIsNoEvidence(t *testing.T) {
	for name, test := range map[string]struct {
		first, timeout, budget time.Duration
		opens                  bool
	}{
		"all of its time":             {0, 2 * time.Second, 5 * time.Second, true},
		"just more than half":         {1900 * time.Millisecond, 2 * time.Second, 3 * time.Second, true},
		"less than half":              {1900 * time.Millisecond, 2 * time.Second, 2800 * time.Millisecond, false},
		"all of a short budget":       {0, 2 * time.Second, 900 * time.Millisecond, true},
		"a little of a short budget":  {600 * time.Millisecond, 2 * time.Second, 1000 * time.Millisecond, false},
		"no budget":                   {time.Second, 2 * time.Second, 0, true},
		"less than what may be begun": {1900 * time.Millisecond, 2 * time.Second, 2199 * time.Millisecond, false},
		"a short timeout, all of it":  {100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, true},
		"a short timeout, a little":   {150 * time.Millisecond, 200 * time.Millisecond, 230 * time.Millisecond, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := simple(t, "https://crm.invalid")
				cfg.Timeout = config.Duration(test.timeout)
				cfg.Breaker.Failures, cfg.Breaker.Window = 0.4, config.Duration(time.Hour) // each history has one step that works
				c := slow(t, cfg, test.first)
				defer c.Close()
				var last error
				for range 40 {
					ctx, cancel := context.WithCancel(t.Context())
					if test.budget > 0 {
						ctx, cancel = context.WithTimeout(t.Context(), test.budget)
					}
					_, last = c.History(ctx, crm.NewCustomer("1"))
					cancel()
				}
				if opened := isKind(last, crm.BreakerOpen); opened != test.opens || !opened && !isKind(last, crm.Timeout) {
					t.Errorf("open %v, want %v: %v", opened, test.opens, last)
				}
			})
		})
	}
}

// TestTheFloorOfAnAttempt: with less time than that nothing is asked, and with a little more it is.
func TestTheFloorOfAnAttempt(t *testing.T) {
	for timeout, floor := range map[time.Duration]time.Duration{
		2 * time.Second:        300 * time.Millisecond,
		10 * time.Second:       300 * time.Millisecond,
		time.Second:            200 * time.Millisecond,
		200 * time.Millisecond: 40 * time.Millisecond,
	} {
		synctest.Test(t, func(t *testing.T) {
			cfg := simple(t, "https://crm.invalid")
			cfg.Timeout, cfg.Breaker.Window = config.Duration(timeout), config.Duration(time.Hour)
			asked := 0
			made, err := crm.New(cfg, plan(t), crm.Options{Transport: func(http.RoundTripper) http.RoundTripper {
				return roundTrip(func(r *http.Request) (*http.Response, error) {
					asked++
					return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r, Body: io.NopCloser(strings.NewReader(`{"items":[]}`))}, nil
				})
			}})
			if err != nil {
				t.Fatal(err)
			}
			defer made.Close()
			for _, more := range []time.Duration{-1, 0} {
				ctx, cancel := context.WithTimeout(t.Context(), floor+more)
				_, err = made.History(ctx, crm.NewCustomer("1"))
				cancel()
				if more < 0 && (asked != 0 || !isKind(err, crm.Timeout)) || more == 0 && (asked != 1 || err != nil) {
					t.Errorf("timeout %s, %s left: asked %d times, %v", timeout, floor+more, asked, err)
				}
			}
		})
	}
}

// TestWhoHasBegunWaitsForAPlace: what the history has taken already would be for nothing. Who has not begun is told soon.
func TestWhoHasBegunWaitsForAPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := simple(t, "https://crm.invalid")
		cfg.Limits.Concurrent = 1
		c := slow(t, cfg, 100*time.Millisecond) // its second step lasts for an hour, until the timeout of two seconds
		defer c.Close()
		told := make(chan error, 2)
		ask := func(budget time.Duration) {
			ctx, cancel := context.WithTimeout(t.Context(), budget)
			defer cancel()
			_, err := c.History(ctx, crm.NewCustomer("1"))
			told <- err
		}
		go ask(10 * time.Second)
		time.Sleep(60 * time.Millisecond)
		go ask(10 * time.Second) // it gets the place between the two steps of the first
		time.Sleep(100 * time.Millisecond)
		began := time.Now()
		go ask(10 * time.Second)
		if err := <-told; !isKind(err, crm.Busy) || time.Since(began) != 50*time.Millisecond {
			t.Errorf("who has not begun: %v after %s", err, time.Since(began))
		}
		for range 2 {
			if err := <-told; !isKind(err, crm.Timeout) { // of its second step: it had its place
				t.Errorf("who has begun: %v", err)
			}
		}
	})
}
