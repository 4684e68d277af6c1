package crm

import (
	"cmp"
	"context"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"bonus-adapter/store"
)

// pacer says when a request may be sent. *pace counts this replica's, *common those of all replicas.
type pacer interface {
	wait(ctx context.Context, weight int) *Error
	heed(failed *Error)
	queued() int
}

// common is a limit that the replicas have in common: each asks the store for a turn before each request. Without an
// answer from the store a replica takes its own share of the limit, as if there were no store.
//
// When the store is lost, each replica counts its share of what all had used as used by itself, and when it is back, its
// own share holds until a whole stretch of time has passed: so the limit is kept across both. Two things are beyond this:
// what a request needs from its turn to the CRM, and a replica that alone does not reach the store, whose share comes on
// top of what the others take.
type common struct {
	*pace // this replica's share
	store store.Store
	name  string
	limit store.Limit
	share float64
	line  chan struct{} // a place in it: who is first asks the store, and the others wait in the order they came
	units atomic.Int64  // of those in line

	mu    sync.Mutex
	used  int       // units of all replicas …
	seen  time.Time // … as the store told at this time
	away  bool      // the store did not answer the last time
	until time.Time // once it is back: the end of the time in which the own share still holds
}

// shortestPause is between two questions for the same turn.
const shortestPause = time.Millisecond

// newPacer makes the pace of the way to the CRM.
func newPacer(cfg Rate, timeout time.Duration, shared store.Store) pacer {
	own := newPace(cfg, timeout)
	if shared == nil || cfg.Requests <= 0 {
		return own
	}
	return &common{
		pace: own, store: shared, share: float64(cmp.Or(cfg.Share, 1)), line: make(chan struct{}, 1),
		limit: store.Limit{Units: min(cfg.Requests, mostRequests), Per: own.per},
	}
}

// share lets the replicas count in common what goes to one CRM, whatever else their configs say: while a new one is
// rolled out, both count together.
func (c *Client) share(with *base) {
	if pace, ok := c.pace.(*common); ok {
		pace.name = "pace " + with.scheme + "://" + with.host
	}
}

// wait gives nil when the request may be sent.
func (c *common) wait(ctx context.Context, weight int) *Error {
	weight = min(max(weight, 1), c.limit.Units)
	alone := c.alone()
	if alone {
		if failed := c.pace.wait(ctx, weight); failed != nil {
			return failed
		}
	}
	asked, failed := c.inLine(ctx, weight)
	switch {
	case failed != nil:
		return failed
	case asked:
		if !alone {
			c.pace.note(weight)
		}
	case !alone:
		return c.pace.wait(ctx, weight)
	}
	return c.pace.refusal()
}

// inLine waits for the place at the head of the line and asks for a turn there. It tells whether there was a store to
// ask.
func (c *common) inLine(ctx context.Context, weight int) (asked bool, failed *Error) {
	if failed := c.pace.refusal(); failed != nil {
		return false, failed
	}
	before := int(c.units.Add(int64(weight))) - weight
	defer c.units.Add(int64(-weight))
	// Those before alone take so many stretches of time.
	if !c.intime(ctx, time.Duration(before/c.limit.Units)*c.limit.Per) {
		return false, &Error{Kind: Busy, Err: errNoTurn}
	}
	select {
	case c.line <- struct{}{}:
		defer func() { <-c.line }()
	case <-ctx.Done():
		return false, ended(ctx, &Error{Kind: Busy, Err: errNoTurn})
	}
	return c.turn(ctx, weight)
}

// turn asks the store until there is a turn.
func (c *common) turn(ctx context.Context, weight int) (asked bool, failed *Error) {
	for {
		turn, err := c.store.Take(ctx, c.name, weight, c.limit)
		switch {
		case ctx.Err() != nil:
			return false, ended(ctx, &Error{Kind: Busy, Err: errNoTurn})
		case err != nil:
			c.lost()
			return false, nil
		}
		c.learn(turn)
		if turn.Wait <= 0 {
			return true, nil
		}
		if !c.intime(ctx, turn.Wait) {
			return false, &Error{Kind: Busy, Err: errNoTurn}
		}
		if failed := pause(ctx, max(turn.Wait, shortestPause)); failed != nil {
			return false, failed
		}
		if failed := c.pace.refusal(); failed != nil {
			return false, failed
		}
	}
}

func pause(ctx context.Context, span time.Duration) *Error {
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ended(ctx, &Error{Kind: Busy, Err: errNoTurn})
	}
}

// intime tells whether an attempt is still worth it after so long.
func (c *common) intime(ctx context.Context, wait time.Duration) bool {
	deadline, has := ctx.Deadline()
	return !has || time.Until(deadline) >= wait+c.floor
}

// learn remembers what the store tells of all replicas.
func (c *common) learn(turn store.Turn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used, c.seen = turn.Used, time.Now()
	if c.away {
		c.away, c.until = false, c.seen.Add(c.limit.Per)
	}
}

// alone tells whether the own share holds.
func (c *common) alone() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.away || time.Now().Before(c.until)
}

// lost begins the time in which the own share holds.
func (c *common) lost() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.away && time.Now().After(c.until) && time.Since(c.seen) < c.limit.Per {
		c.pace.assume(int(math.Ceil(float64(c.used)*c.share)), c.seen)
	}
	c.away = true
}

// queued tells how many units are in line, or wait for a turn of the own share.
func (c *common) queued() int { return int(c.units.Load()) + c.pace.queued() }
