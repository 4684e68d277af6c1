package crm

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

const (
	failureHold      = time.Second // after a failed fetch; it doubles with every further one
	rejectionHold    = 5 * time.Second
	longestFreshHold = time.Minute
	longestMargin    = 30 * time.Second
)

// fetched is a value with the time until which it may be used.
type fetched[T any] struct {
	value T
	until time.Time
}

// fresh keeps one value, fetched when it is needed and again when it is old. Any number of callers wait for one fetch;
// none of them can break it off for the others. Safe for concurrent use.
//
// The value is shared: whoever gets it must not change it.
type fresh[T any] struct {
	patience time.Duration
	fetch    func(context.Context) (fetched[T], *Error)
	taken    atomic.Uint64 // the newest generation that the CRM took

	mu       sync.Mutex
	last     *fetching[T] // the newest fetch, under way or done; nil before the first
	failures int          // in a row
	dropped  time.Time    // when a value was last given up because the CRM refused it
	closed   bool
}

// fetching is one fetch and what it gave.
type fetching[T any] struct {
	generation uint64
	streak     int // how many values in a row before this one were refused, and none of them taken
	cancel     context.CancelFunc
	done       chan struct{}

	// Written once, before done is closed.
	value  T
	failed *Error
	landed time.Time

	// Guarded by fresh.mu.
	renew   time.Time // from then on the next caller fetches again; zero if the value is dropped
	refused bool      // by the CRM
}

func newFresh[T any](patience time.Duration, fetch func(context.Context) (fetched[T], *Error)) *fresh[T] {
	return &fresh[T]{patience: patience, fetch: fetch}
}

// get gives the value and its generation.
func (f *fresh[T]) get(ctx context.Context) (T, uint64, *Error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, 0, transportFailure(ctx, err)
	}
	current := f.join(ctx)
	if current == nil {
		return none, 0, failure(Canceled, "the client is closed")
	}
	select {
	case <-current.done:
	case <-ctx.Done():
		return none, 0, transportFailure(ctx, ctx.Err())
	}
	if current.failed != nil {
		own := *current.failed // everyone's own: callers write into it which step it was
		return none, 0, &own
	}
	return current.value, current.generation, nil
}

// join gives the fetch to wait for, a new one if that is needed. It gives nil if f is closed.
func (f *fresh[T]) join(ctx context.Context) *fetching[T] {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case f.closed:
		return nil
	case f.last == nil, f.last.old(time.Now()):
		f.start(ctx)
	}
	return f.last
}

func (c *fetching[T]) old(now time.Time) bool {
	return !c.landed.IsZero() && !now.Before(c.renew)
}

// start fetches in a goroutine of its own: the caller who happens to be the first may leave, the others still wait. It
// ends after f.patience at the latest, or when f is closed.
func (f *fresh[T]) start(ctx context.Context) {
	ctx, cancel := context.WithTimeout(withoutTrip(context.WithoutCancel(ctx)), f.patience)
	next := &fetching[T]{generation: 1, cancel: cancel, done: make(chan struct{})}
	if f.last != nil {
		next.generation = f.last.generation + 1
		next.streak = f.streak(f.last)
		if f.last.refused {
			next.streak++
		}
	}
	f.last = next
	go func() {
		defer close(next.done)
		defer cancel()
		got, failed := f.fetch(ctx)
		f.land(next, got, failed)
	}()
}

// streak is c's, or none if c itself was taken.
func (f *fresh[T]) streak(c *fetching[T]) int {
	if f.taken.Load() >= c.generation {
		return 0
	}
	return c.streak
}

func (f *fresh[T]) land(c *fetching[T], got fetched[T], failed *Error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c.value, c.failed, c.landed = got.value, failed, time.Now()
	if failed != nil {
		f.failures++
		c.renew = c.landed.Add(hold(failureHold, f.failures))
		return
	}
	f.failures = 0
	lifetime := got.until.Sub(c.landed)
	// A value that is old at once, or nearly, would be fetched for every request.
	c.renew = c.landed.Add(max(lifetime-margin(lifetime), failureHold))
}

// margin is how long before the end of a lifetime a value is fetched again.
func margin(lifetime time.Duration) time.Duration { return min(lifetime/10, longestMargin) }

// hold doubles from the first to the longest.
func hold(first time.Duration, times int) time.Duration {
	return min(first<<min(max(times-1, 0), 6), longestFreshHold)
}

// accepted says that the CRM took the value of a generation. It is called for every answer, so it takes no lock.
func (f *fresh[T]) accepted(generation uint64) {
	for {
		newest := f.taken.Load()
		if newest >= generation || f.taken.CompareAndSwap(newest, generation) {
			return
		}
	}
}

// wasAccepted tells whether the CRM took the value of a generation before: if it refuses it now, that is its age.
func (f *fresh[T]) wasAccepted(generation uint64) bool { return f.taken.Load() >= generation }

// reject says that the value of a generation was refused by the CRM: the next get fetches a new one. It tells whether a
// new one may help.
//
// It may not, when the value before was refused too: then it is not the value's age, and a CRM that refuses everything
// must not have its login asked with every request. Nor may it when one was given up just now: a CRM that takes the
// value for most customers and refuses it for some must not have it either.
func (f *fresh[T]) reject(generation uint64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.last
	if c == nil || c.generation != generation {
		return true // somebody else has seen to it
	}
	c.refused = true
	now := time.Now()
	if streak := f.streak(c); streak > 0 {
		held := c.landed.Add(hold(rejectionHold, streak))
		if now.Before(held) {
			c.renew = latest(c.renew, held) // a short life must not lead around the hold
			return false
		}
	}
	if !c.renew.IsZero() && now.Before(f.dropped.Add(failureHold)) {
		return false
	}
	c.renew, f.dropped = time.Time{}, now
	return true
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// close breaks off a fetch under way and waits for its end; no further one begins.
func (f *fresh[T]) close() {
	f.mu.Lock()
	f.closed = true
	last := f.last
	f.mu.Unlock()
	if last != nil {
		last.cancel()
		<-last.done
	}
}
