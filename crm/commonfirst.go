package crm

import (
	"context"
	"time"

	"bonus-adapter/store"
)

// horizon is how far ahead a history that has not begun takes a turn from the store. What is further ahead is left to the
// histories of all replicas that have begun: a turn that was given cannot be taken back for them.
const horizon = 20 * time.Millisecond

// first takes the first turn of a history. In each replica one history at a time asks for it, the others wait behind it.
func (c *common) first(ctx context.Context, weight int) (given bool, failed *Error) {
	late := &Error{Kind: Busy, Err: errNoTurn}
	own := tripOf(ctx)
	behind := int(c.lining.Add(1)) - 1
	defer c.lining.Add(-1)
	span := c.spare(ctx, own, behind)
	if span < 0 {
		return false, late
	}
	patience := time.NewTimer(span)
	defer patience.Stop()
	select {
	case c.gate <- struct{}{}:
		defer func() { <-c.gate }()
	case <-patience.C:
		return false, late
	case <-ctx.Done():
		return false, ended(ctx, late)
	}
	for {
		if failed := c.pace.refusal(); failed != nil {
			return false, failed
		}
		span := c.spare(ctx, own, 0)
		if span < 0 {
			return false, late
		}
		given, wait, failed := c.within(ctx, weight, min(span, horizon))
		if given || failed == nil || failed.Kind != Busy || wait > span {
			return given, failed
		}
		if !own.fresh() { // another request of this history was let through meanwhile
			given, _, failed = c.within(ctx, weight, c.patience(timeLeft(ctx)))
			return given, failed
		}
		if pause(ctx, max(wait-horizon/2, horizon/4)) != nil {
			return false, ended(ctx, late)
		}
	}
}

// spare is how long the first turn of a history may be waited for, behind so many others; negative if it could not come to
// its end. What all replicas took is known, what their histories need yet only of this one: of the others, it is as much for
// their shares.
func (c *common) spare(ctx context.Context, own *trip, behind int) time.Duration {
	c.mu.Lock()
	used := c.used
	if time.Since(c.seen) >= c.limit.Per {
		used = 0
	}
	c.mu.Unlock()
	return c.pace.spare(timeLeft(ctx), c.limit, taken{used, c.share, behind})
}

// let notes that a request was let through by the store.
func (p *pace) let(t *trip, weight int) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	begins := t.fresh()
	p.went(t, max(weight, 1), time.Now())
	if begins {
		p.promote()
	}
}

// taken is what is known of a limit that replicas have in common.
type taken struct {
	used   int     // in the stretch of time that ends now
	share  float64 // of this replica
	behind int     // histories that wait for their first turn here, before this one
}

// spare is how much of the time that is left can be waited for a first turn under a limit of all replicas; negative if the
// history could not come to its end.
func (p *pace) spare(left time.Duration, limit store.Limit, by taken) time.Duration {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	patience := p.patience(left)
	if p.owed == 0 && by.behind == 0 {
		return patience
	}
	owed := int(float64(p.owed) / by.share)
	over := max(by.used+owed+(by.behind+1)*p.habit.need()-limit.Units, 0)
	wait := limit.Per * time.Duration(over) / time.Duration(limit.Units)
	if over > 0 && limit.Per > patience { // who finds no place in this stretch of time sees no other one
		wait = limit.Per
	}
	if wait > patience {
		return -1
	}
	return left - p.reserve(left)
}
