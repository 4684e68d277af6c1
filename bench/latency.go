package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// latencies asks at a fixed rate, whatever the answers take, and prints how long they took, in front of a CRM that takes
// so long itself.
func (b *bench) latencies(ctx context.Context, all contenders, crm string, records int, delay time.Duration) error {
	const span = 4 * time.Second
	fmt.Printf("latency in ms at %d a second, the CRM waits for %s: p50 p99\n", b.rate, delay)
	direct := &contender{name: "proxy", url: fmt.Sprintf("%s/%d/%s", crm, records, delay)}
	for _, c := range append([]*contender{direct}, all...) {
		took, err := c.latency(ctx, b.rate, span, records)
		if err != nil {
			return err
		}
		name := c.name
		if c == direct {
			name = "CRM itself"
		}
		fmt.Printf("%-14s %8.2f %8.2f\n", name, milliseconds(took[len(took)/2]), milliseconds(took[len(took)*99/100]))
	}
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (c *contender) latency(ctx context.Context, rate int, span time.Duration, records int) ([]time.Duration, error) {
	var mu sync.Mutex
	var took []time.Duration
	var failed error
	var group sync.WaitGroup
	begun := time.Now()
	for i := range int(span.Seconds()) * rate {
		due := begun.Add(time.Duration(i) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		group.Go(func() {
			err := c.ask(ctx, records)
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(due))
			if err != nil {
				failed = err
			}
		})
	}
	group.Wait()
	slices.Sort(took)
	return took, failed
}
