package crm

import (
	"cmp"
	"context"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"bonus-adapter/store"
)

// pacer says when a request may be sent. *pace counts this replica's, *common those of all replicas.
type pacer interface {
	wait(ctx context.Context, weight int) *Error
	heed(failed *Error)
	done(t *trip, failed *Error) // a history has ended
	queued() int
}

// common is a limit that the replicas have in common: each request takes its turn from the store, in the order in which
// the requests of all replicas came. Without an answer from the store a replica takes its own share of the limit, as if
// there were no store.
//
// When the store is lost, a replica counts its whole share as taken: it does not know which turns others have taken since
// it asked for the last time. Only where that would be too long a pause it counts its share of what it knows that all have
// taken. When the store is back, the own share holds until the others have noticed too, and for a whole stretch of time
// more. So the limit is kept across both. Beyond it are a request that needs longer than the slack from its turn to the CRM,
// and a replica that alone does not reach the store: its share comes on top of what the others take.
type common struct {
	*pace   // this replica's share
	store   store.Store
	name    string
	limit   store.Limit
	share   float64
	waiting atomic.Int64  // requests that have a turn of the store's and wait for it
	lining  atomic.Int64  // histories that wait for their first
	gate    chan struct{} // of histories that have not begun, one asks the store at a time

	mu    sync.Mutex
	used  int       // units of all replicas …
	seen  time.Time // … in the stretch of time that ends then
	away  bool      // the store did not answer the last time
	until time.Time // once it is back: the end of the time in which the own share holds too
}

// newPacer makes the pace of the way to the CRM.
func newPacer(cfg Rate, timeout time.Duration, shared store.Store) pacer {
	own := newPace(cfg, timeout)
	if shared == nil || cfg.Requests <= 0 {
		return own
	}
	return &common{
		pace: own, store: shared, share: float64(cmp.Or(cfg.Share, 1)), gate: make(chan struct{}, 1),
		limit: store.Limit{Units: min(cfg.Requests, mostRequests), Per: own.per + min(own.per/10, slack)},
	}
}

// slack is how much longer a request of one replica may be on its way to the CRM than one of another replica without the
// two being counted as too close.
const slack = 50 * time.Millisecond

// share lets the replicas count in common what goes to one CRM, whatever else their configs say: while a new one is
// rolled out, both count together.
func (c *Client) share(with *base) {
	if pace, ok := c.pace.(*common); ok && pace.name == "" { // or it is the one before's, which is in use
		pace.name = "pace " + with.scheme + "://" + strings.ToLower(with.host)
	}
}

// wait gives nil when the request may be sent.
func (c *common) wait(ctx context.Context, weight int) *Error {
	alone := c.alone()
	if alone {
		if failed := c.pace.wait(ctx, weight); failed != nil {
			return failed
		}
	}
	given, failed := c.turn(ctx, weight)
	switch {
	case failed != nil:
		return failed
	case given && !alone: // or the own share has counted it
		c.pace.let(tripOf(ctx), weight)
	case !given && !alone:
		return c.pace.wait(ctx, weight)
	}
	return c.pace.refusal()
}

// turn takes a turn from the store and waits for it. It tells whether there was a store to give it.
func (c *common) turn(ctx context.Context, weight int) (given bool, failed *Error) {
	if failed := c.pace.refusal(); failed != nil {
		return false, failed
	}
	if tripOf(ctx).fresh() {
		return c.first(ctx, weight)
	}
	given, _, failed = c.within(ctx, weight, c.patience(timeLeft(ctx)))
	return given, failed
}

// timeLeft is how long the caller waits.
func timeLeft(ctx context.Context) time.Duration {
	if deadline, has := ctx.Deadline(); has {
		return time.Until(deadline)
	}
	return 2 * longestPer
}

// within takes a turn that comes in so long a time, and waits for it. If there is none it tells when there might be.
func (c *common) within(ctx context.Context, weight int, span time.Duration) (given bool, wait time.Duration, failed *Error) {
	late := &Error{Kind: Busy, Err: errNoTurn}
	turn, err := c.take(ctx, store.Want{Units: weight, Limit: c.limit, Within: span})
	switch {
	case ctx.Err() != nil:
		return false, 0, ended(ctx, late)
	case err != nil:
		c.lost()
		return false, 0, nil
	}
	c.learn(turn)
	if !turn.Taken {
		return false, turn.Wait, late
	}
	c.waiting.Add(1)
	defer c.waiting.Add(-1)
	if pause(ctx, turn.Wait) != nil {
		return false, 0, ended(ctx, late)
	}
	return true, 0, nil
}

// take asks the store, and once more if that fails: what is lost costs more than a moment. If the first was counted all the
// same, a turn is wasted.
func (c *common) take(ctx context.Context, want store.Want) (turn store.Turn, err error) {
	if turn, err = c.store.Take(ctx, c.name, want); err != nil && ctx.Err() == nil {
		turn, err = c.store.Take(ctx, c.name, want)
	}
	return turn, err
}

// pause gives the context's error if that ends first.
func pause(ctx context.Context, span time.Duration) error {
	if span <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(span)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// learn remembers what the store tells of all replicas.
func (c *common) learn(turn store.Turn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used, c.seen = turn.Used, time.Now().Add(turn.Wait)
	if c.away {
		c.away, c.until = false, time.Now().Add(c.limit.Per+noticed)
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
	now := time.Now()
	if !c.away && now.After(c.until) && now.Sub(c.seen) < c.limit.Per {
		units := c.limit.Units // of which the own share is no more than that
		if c.limit.Per > shortPer {
			units = int(math.Ceil(float64(c.used) * c.share))
		}
		c.pace.assume(units, latest(now, c.seen))
	}
	c.away = true
}

// noticed is the time in which the other replicas notice that the store is back, and take no share of their own any more: a
// store that failed rests for a second.
const noticed = 2 * time.Second

// shortPer is a stretch of time that can be waited for as a whole.
const shortPer = 5 * time.Second

// queued tells how many wait for a turn, of the store's or of the own share.
func (c *common) queued() int { return int(c.waiting.Load()+c.lining.Load()) + c.pace.queued() }
