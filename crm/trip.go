package crm

import (
	"context"
	"sync/atomic"
	"time"
)

// trip is one history on its way through the layers: what it took of the rate, and what it is expected to take yet. A nil
// trip is a request that belongs to no single history, such as a login: it is treated like one of a history that has begun.
type trip struct {
	whole time.Duration // that the history had when it began; 0 without a deadline
	begun atomic.Bool   // one of its requests was let through: if it fails now, that was for nothing

	// Guarded by pace.mutex.
	since time.Time // when its first request was let through
	units int       // that it took
	owes  int       // that histories like it take beside these
}

// tripKey is what a trip is kept under in a context.
type tripKey struct{}

func withTrip(ctx context.Context) (context.Context, *trip) {
	own := &trip{}
	if deadline, has := ctx.Deadline(); has {
		own.whole = time.Until(deadline)
	}
	return context.WithValue(ctx, tripKey{}, own), own
}

// withoutTrip is for what many histories wait for.
func withoutTrip(ctx context.Context) context.Context {
	return context.WithValue(ctx, tripKey{}, (*trip)(nil))
}

func tripOf(ctx context.Context) *trip {
	own, _ := ctx.Value(tripKey{}).(*trip)
	return own
}

// fresh tells whether nothing of the history was asked yet: it can still be refused without a loss.
func (t *trip) fresh() bool { return t != nil && !t.begun.Load() }

// fair is the time that an attempt of such a history can expect.
func (t *trip) fair(timeout time.Duration) time.Duration {
	if t == nil || t.whole <= 0 {
		return timeout
	}
	return min(timeout, t.whole)
}

// habit is what histories took lately, from their first turn on. It changes slowly: one long history is no rule.
type habit struct {
	units float64
	span  float64 // seconds
}

// need is how many units a history is expected to take.
func (h *habit) need() int { return max(int(h.units+0.5), 1) }

// takes is how long a history is expected to take from its first turn on, a quarter more than lately.
func (h *habit) takes() time.Duration { return time.Duration(h.span * 1.25 * float64(time.Second)) }

// learn counts a history that took so much; one that was cut short would have taken more.
func (h *habit) learn(units int, span time.Duration, short bool) {
	u, s := float64(units), span.Seconds()
	if short {
		u, s = max(u, h.units), max(s, h.span)
	}
	if h.units == 0 {
		h.units, h.span = u, s
		return
	}
	h.units += (u - h.units) / 8
	h.span += (s - h.span) / 8
}

// went notes that a request of the history was let through.
func (p *pace) went(t *trip, weight int, now time.Time) {
	switch {
	case t == nil:
		return
	case t.units == 0:
		t.since, t.owes = now, max(p.habit.need()-weight, 0)
		p.owed += t.owes
		t.begun.Store(true)
	default:
		paid := min(t.owes, weight)
		t.owes -= paid
		p.owed -= paid
	}
	t.units += weight
}

// done is the end of a history.
func (p *pace) done(t *trip, failed *Error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.owed -= t.owes
	t.owes = 0
	if t.units == 0 {
		return
	}
	span := time.Since(t.since)
	switch {
	case failed == nil, failed.Kind == NoSuchCustomer:
		p.habit.learn(t.units, span, false)
	case failed.Kind == Busy:
		p.habit.learn(t.units+1, span, true)
	case failed.Kind == Timeout:
		p.habit.learn(t.units, span, true)
	}
}

// reserve is what must be left of a history's time when its first turn comes: what histories take, and as much as any
// request needs.
func (p *pace) reserve(left time.Duration) time.Duration {
	return max(left-p.patience(left), p.habit.takes())
}

// hopeless tells whether a history that would begin now, after so many others that wait, could not come to its end in its
// time: what those that have begun still need comes before it, and then what it needs itself. While none is under way one
// may always begin, or a wrong expectation would never be corrected.
func (p *pace) hopeless(t *turn, others int, now time.Time) bool {
	if t.deadline.IsZero() || p.owed == 0 && others == 0 {
		return false
	}
	left, need := t.deadline.Sub(now), p.habit.need()
	last := p.units + p.owed + others*need + max(need, t.weight)
	return p.reserve(left) > left-t.at.Sub(now) || p.expected(last).Sub(now) > p.patience(left)
}

// expected is when a unit can begin if every one before it begins as soon as it can.
func (p *pace) expected(unit int) time.Time {
	rounds := (unit - p.units + len(p.begun) - 1) / len(p.begun)
	return p.begun[unit%len(p.begun)].Add(time.Duration(rounds) * p.per)
}
