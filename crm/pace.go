package crm

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"bonus-adapter/config"
)

const (
	mostRequests = 100_000     // of a rate: so many times are remembered
	longestPer   = time.Hour   // of a rate
	longestHold  = time.Minute // for which the CRM is left alone, whatever it asks for
	shortestHold = time.Second // where it asks for fewer requests and does not say when to come again
)

var (
	errNoTurn = errors.New("the CRM's rate limit leaves no turn in time")
	errHeld   = errors.New("the CRM asked to be left alone")
)

// withPace lets no more requests through than cfg allows in any stretch of its time, in weights, and leaves the CRM
// alone while it asks for that. It belongs inside of retries, so that each attempt takes its turn, and inside of the
// breaker, so that what the breaker refuses takes none.
//
// A turn comes when the window behind it has room. A token bucket, such as golang.org/x/time/rate, is no such window:
// just after a pause it lets a full bucket through, and then what is refilled meanwhile, nearly twice the limit in one
// stretch. CRMs count exactly, and answer that with a ban.
func withPace(p pacer, next sender) sender {
	return func(ctx context.Context, req request, verdict verdict) (*answer, *Error) {
		if failed := p.wait(ctx, req.weight); failed != nil {
			return nil, failed
		}
		got, failed := next(ctx, req, verdict)
		p.heed(failed)
		return got, failed
	}
}

// pace is the units that began lately, and the requests that wait for theirs. A unit is a request of weight 1.
//
// Requests of histories that have begun come first, and a history begins only if it can come to its end: under a load that
// is too much, a turn that goes to a history which then finds no other one is an answer that nobody gets.
type pace struct {
	per     time.Duration
	timeout time.Duration // of an attempt

	mutex   sync.Mutex
	begun   []time.Time // when the latest units began: unit u is at u modulo the length; empty if there is no limit
	units   int         // how many began in all
	waiting []*turn     // those of histories that have begun, then the others, each in the order they came
	timer   *time.Timer // for the first that waits
	until   time.Time   // the end of the hold
	owed    int         // units that the histories under way are expected to take yet
	habit   habit
}

func newPace(cfg Rate, timeout time.Duration) *pace {
	p := &pace{per: time.Duration(cfg.Per), timeout: timeout}
	if p.per <= 0 {
		p.per = time.Second
	}
	p.begun = make([]time.Time, min(max(cfg.own(), 0), mostRequests))
	return p
}

// own is this replica's part of the limit.
func (r *Rate) own() int {
	if r.Share <= 0 {
		return r.Requests
	}
	return int(float64(r.Requests) * float64(r.Share))
}

// refusal is what a request gets while the CRM is left alone; nil if it is not.
func (p *pace) refusal() *Error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if left := time.Until(p.until); left > 0 {
		return held(left)
	}
	return nil
}

// assume counts so many units as begun at this time, those included that have been counted since the window began.
func (p *pace) assume(units int, at time.Time) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	for _, begun := range p.begun {
		if at.Sub(begun) < p.per {
			units--
		}
	}
	p.begin(&turn{weight: min(max(units, 0), len(p.begun))}, at)
}

// wait gives nil when the request may be sent.
func (p *pace) wait(ctx context.Context, weight int) *Error {
	t, failed := p.join(ctx, weight)
	if t == nil {
		return failed
	}
	select {
	case failed = <-t.come:
		return failed
	case <-ctx.Done():
		p.leave(t)
	}
	return ended(ctx, &Error{Kind: Busy, Err: errNoTurn})
}

// ended tells a caller that left from one whose time is over: that is late, and says nothing about the CRM's health.
func ended(ctx context.Context, late *Error) *Error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return transportFailure(ctx, ctx.Err())
	}
	return late
}

// join lets a request through at once, refuses it, or gives the turn that it has to wait for.
func (p *pace) join(ctx context.Context, weight int) (*turn, *Error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	now := time.Now()
	t := &turn{trip: tripOf(ctx), weight: min(max(weight, 1), max(len(p.begun), 1))}
	t.deadline, _ = ctx.Deadline()
	if p.until.After(now) {
		return nil, held(p.until.Sub(now))
	}
	if len(p.begun) == 0 {
		p.went(t.trip, t.weight, now)
		return nil, nil
	}
	if ctx.Err() != nil {
		return nil, ended(ctx, &Error{Kind: Timeout, Err: errNoTimeLeft})
	}
	place := p.place(t)
	p.plan(t, p.waiting[:place])
	if p.tooLate(t, place, now) {
		return nil, &Error{Kind: Busy, Err: errNoTurn}
	}
	if place == 0 && !t.at.After(now) {
		p.begin(t, now)
		p.replan(0)
		return nil, nil
	}
	t.come = make(chan *Error, 1) // who answers does not wait for who has left
	p.waiting = slices.Insert(p.waiting, place, t)
	p.replan(place + 1)
	p.arm(now)
	return t, nil
}

// patience is how long a turn may be waited for by who has so much time left: as long as a whole attempt, or half of that
// time, remains. Under a load that is always too much everybody waits as long as he may; whoever was let through with less
// than the CRM needs would use up a turn for nothing, and the breaker would take the CRM for unwell.
func (p *pace) patience(left time.Duration) time.Duration {
	return max(left-min(p.timeout, left/2), 0)
}

// heed takes from a failed answer how long the CRM wants to be left alone.
func (p *pace) heed(failed *Error) {
	if failed == nil {
		return
	}
	if failed.Kind == RateLimited && failed.after <= 0 {
		failed.after = shortestHold // or a repetition would come while the CRM is left alone
	}
	if failed.after > 0 {
		p.hold(min(failed.after, longestHold))
	}
}

// hold leaves the CRM alone, and refuses all that wait: by then most would be too late, and their callers can still
// answer something.
func (p *pace) hold(span time.Duration) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	until := time.Now().Add(span)
	if !until.After(p.until) {
		return
	}
	p.until = until
	for _, t := range p.waiting {
		t.come <- held(span)
	}
	p.waiting = nil
}

func held(left time.Duration) *Error {
	return &Error{Kind: RateLimited, Err: errHeld, after: left}
}

func (r *Rate) check(problems *config.Problems) {
	switch {
	case r.Requests < 0:
		problems.Add("rate.requests", "there cannot be fewer than none, not %d", r.Requests).Hint = "leave rate out for no limit"
	case r.Requests > mostRequests:
		problems.Add("rate.requests", "%d is over %d, the most that can be counted", r.Requests, mostRequests).Hint = "count over a shorter per"
	case r.Requests == 0 && r.Per != 0:
		problems.Add("rate.requests", "it is missing: how many requests may there be in %s?", r.Per).Hint = "for example requests: 45"
	}
	if time.Duration(r.Per) > longestPer {
		problems.Add("rate.per", "%s is over %s: nobody can wait so long for a turn", r.Per, config.Duration(longestPer))
	}
	if r.Requests > 0 && r.own() < 1 {
		problems.Add("rate.share", "%s of %d is less than one request", r.Share, r.Requests).Hint = "count over a longer per, or run fewer replicas"
	}
	r.RetryAfter.check(problems)
}
