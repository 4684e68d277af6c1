package store

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	mostFailures = 5           // in a row; then Redis is left alone …
	restTime     = time.Second // … for so long, and until a probe succeeds
)

// rest leaves a Redis alone that fails. It is our own and not a circuit breaker's, since here no request pays for finding
// out whether Redis is back: a probe beside them does.
type rest struct {
	mu       sync.Mutex
	failures int       // in a row
	until    time.Time // when the next probe may be
	probing  bool
	ended    bool
}

// allows tells whether Redis may be asked, and if not, begins a probe when it is time for one.
func (r *rest) allows(probe func()) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failures < mostFailures {
		return true
	}
	if !r.probing && !r.ended && !time.Now().Before(r.until) {
		r.probing = true
		probe()
	}
	return false
}

// tell takes what a call came to.
func (r *rest) tell(well bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if well {
		r.failures = 0
		return
	}
	r.failures++
	r.until = time.Now().Add(restTime)
}

func (r *rest) probed(well bool) {
	r.tell(well)
	r.mu.Lock()
	r.probing = false
	r.mu.Unlock()
}

func (r *rest) open() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failures >= mostFailures
}

// end lets no further probe begin.
func (r *rest) end() {
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
}

// call asks Redis once, with its patience inside of the caller's, and counts what fails. That the caller left or had no
// time says nothing about Redis.
func (r *Redis) call(caller context.Context, op string, ask func(context.Context) error) error {
	if !r.rest.allows(func() { r.work.Go(r.probe) }) {
		r.counts.failed(op, classOpen)
		return errNotAsked
	}
	ctx, cancel := context.WithTimeout(caller, patience)
	defer cancel()
	err := ask(ctx)
	switch {
	case err == nil, errors.Is(err, redis.Nil), redis.HasErrorPrefix(err, "WRONGTYPE"):
		r.rest.tell(true)
	case caller.Err() == nil:
		r.rest.tell(false)
		r.counts.failed(op, classOf(err))
	}
	return err
}

func (r *Redis) probe() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	defer cancel()
	well := r.client.Ping(ctx).Err() == nil
	r.rest.probed(well)
	if well {
		select {
		case r.back <- struct{}{}:
		default:
		}
	}
}

// The classes of a Failure.
const (
	classTimeout    = "timeout"
	classConnection = "connection"
	classRefused    = "refused"
	classOpen       = "open"
)

func classOf(err error) string {
	var reply redis.Error
	var late net.Error
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, redis.ErrPoolTimeout), errors.As(err, &late) && late.Timeout():
		return classTimeout
	case errors.As(err, &reply):
		return classRefused // OOM, READONLY, NOAUTH, MOVED, LOADING, …
	}
	return classConnection
}

// counts are those of Stats.
type counts struct {
	hits, misses, written, unwritten, corrupt atomic.Uint64

	mu  sync.Mutex
	all map[Failure]uint64
}

func (c *counts) failed(op, class string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = map[Failure]uint64{}
	}
	c.all[Failure{op, class}]++
}

func (c *counts) stats() Stats {
	c.mu.Lock()
	defer c.mu.Unlock()
	stats := Stats{
		Hits: c.hits.Load(), Misses: c.misses.Load(), Written: c.written.Load(), Unwritten: c.unwritten.Load(),
		Corrupt: c.corrupt.Load(), Failed: map[Failure]uint64{},
	}
	for failure, times := range c.all {
		stats.Failed[failure] = times
	}
	return stats
}
