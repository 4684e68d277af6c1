package crm_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/crm"
	"bonus-adapter/store"
)

// overloaded is a CRM that is well, and far more histories than its rate allows.
type overloaded struct {
	rate    crm.Rate
	calls   int           // of one history, each a step
	takes   time.Duration // one call
	often   time.Duration // between two histories
	budget  time.Duration
	span    time.Duration // of the load
	shared  store.Store
	many    int // replicas; 1 if 0
	served  atomic.Int64
	useful  atomic.Int64 // calls of histories that were served
	asked   atomic.Int64
	longest atomic.Int64 // of an answer, in nanoseconds
	mu      sync.Mutex
	times   []time.Time // of the requests
}

func (o *overloaded) client(t *testing.T) *crm.Client {
	cfg := simple(t, "https://crm.invalid")
	cfg.Rate = o.rate
	for range o.calls - 1 {
		step := crm.Step{Name: "before" + strings.Repeat("_", len(cfg.Steps))}
		step.Get = tmpl(t, "/before/{{ user }}")
		cfg.Steps = append([]crm.Step{step}, cfg.Steps...)
	}
	made, err := crm.New(cfg, plan(t), crm.Options{Shared: o.shared, Transport: func(http.RoundTripper) http.RoundTripper {
		return roundTrip(func(r *http.Request) (*http.Response, error) {
			o.asked.Add(1)
			o.mu.Lock()
			o.times = append(o.times, time.Now())
			o.mu.Unlock()
			answered := time.NewTimer(o.takes)
			defer answered.Stop()
			select {
			case <-answered.C:
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Request: r, Body: io.NopCloser(strings.NewReader(`{"items":[]}`))}, nil
		})
	}})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func (o *overloaded) run(t *testing.T) {
	var asking sync.WaitGroup
	var clients []*crm.Client
	for range max(o.many, 1) {
		clients = append(clients, o.client(t))
	}
	for i := range int(o.span / o.often) {
		asking.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), o.budget)
			defer cancel()
			began := time.Now()
			_, err := clients[i%len(clients)].History(ctx, crm.NewCustomer("1"))
			o.longest.Store(max(o.longest.Load(), int64(time.Since(began))))
			if err == nil {
				o.served.Add(1)
				o.useful.Add(int64(o.calls))
			}
		})
		time.Sleep(o.often)
	}
	asking.Wait()
	for _, client := range clients {
		client.Close()
	}
	synctest.Wait()
}

// TestTurnsAreNotWasted: five times the histories that a CRM's rate allows. Nearly every turn goes to a history that comes
// to its end: one that has begun comes before one that has not, and none begins that could not end.
func TestTurnsAreNotWasted(t *testing.T) {
	rate := func(requests int, per time.Duration, share ...config.Share) crm.Rate {
		return crm.Rate{Requests: requests, Per: config.Duration(per), Share: append(share, 1)[0]}
	}
	for name, load := range map[string]*overloaded{
		"three calls":              {rate: rate(10, time.Second), calls: 3, takes: 200 * time.Millisecond, often: 20 * time.Millisecond},
		"three slow calls":         {rate: rate(10, time.Second), calls: 3, takes: 900 * time.Millisecond, often: 20 * time.Millisecond},
		"ten calls":                {rate: rate(20, time.Second), calls: 10, takes: 100 * time.Millisecond, often: 20 * time.Millisecond},
		"one call":                 {rate: rate(10, time.Second), calls: 1, takes: 200 * time.Millisecond, often: 20 * time.Millisecond},
		"few turns in a long time": {rate: rate(30, 10*time.Second), calls: 3, takes: 200 * time.Millisecond, often: 50 * time.Millisecond},
		"a large rate":             {rate: rate(200, time.Second), calls: 3, takes: 200 * time.Millisecond, often: 3 * time.Millisecond},
		"in common":                {rate: rate(10, time.Second), calls: 3, takes: 200 * time.Millisecond, often: 20 * time.Millisecond, shared: store.NewMemory(1 << 20)},
		"three replicas":           {rate: rate(10, time.Second, 0.34), calls: 3, takes: 200 * time.Millisecond, often: 20 * time.Millisecond, many: 3, shared: store.NewMemory(1 << 20)},
		"seldom, in common":        {rate: rate(30, 10*time.Second, 0.5), calls: 3, takes: 200 * time.Millisecond, often: 50 * time.Millisecond, many: 2, shared: store.NewMemory(1 << 20)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				load.budget, load.span = 4900*time.Millisecond, time.Minute
				load.run(t)
				allowed := int64(load.span/time.Duration(load.rate.Per)) * int64(load.rate.Requests)
				wasted := load.asked.Load() - load.useful.Load()
				learning := int64(load.rate.Requests + load.calls*5) // nobody knows at first how many calls a history takes
				if wasted > allowed/20+learning || load.served.Load()*int64(load.calls) < allowed*8/10 {
					t.Errorf("%d turns allowed, %d taken, %d histories, %d turns wasted", allowed, load.asked.Load(), load.served.Load(), wasted)
				}
				if time.Duration(load.longest.Load()) > load.budget {
					t.Errorf("an answer after %s", time.Duration(load.longest.Load()))
				}
			})
		})
	}
}

// TestTheRateIsKeptUnderOverload whatever comes first in the queue.
func TestTheRateIsKeptUnderOverload(t *testing.T) {
	for name, shared := range map[string]store.Store{"alone": nil, "in common": store.NewMemory(1 << 20)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				load := &overloaded{
					rate: crm.Rate{Requests: 10, Per: config.Duration(time.Second), Share: 1}, calls: 3, takes: 130 * time.Millisecond,
					often: 20 * time.Millisecond, budget: 4900 * time.Millisecond, span: 20 * time.Second, shared: shared,
				}
				load.run(t)
				for i := range load.times[:max(len(load.times)-10, 0)] {
					if apart := load.times[i+10].Sub(load.times[i]); apart < time.Second {
						t.Fatalf("11 requests in %s", apart)
					}
				}
			})
		})
	}
}
