package adapter

import (
	"context"
	"sync/atomic"
	"time"

	"bonus-adapter/crm"
)

// places are those of the histories that may be asked for at once, with a queue in front that is as bounded: what finds
// neither is told so at once. Whoever waits in a queue of no more than one history's time has time enough left then, and
// a longer queue would only make all of them late.
type places struct {
	next     asker
	free     chan struct{}
	queue    chan struct{}
	patience time.Duration
	shed     atomic.Uint64
}

func newPlaces(limits Limits, patience time.Duration, next asker) *places {
	return &places{
		next: next, patience: patience,
		free: make(chan struct{}, limits.Concurrent), queue: make(chan struct{}, limits.Queue),
	}
}

func (p *places) ask(ctx context.Context, customer crm.Customer) finding {
	select {
	case p.free <- struct{}{}:
	default:
		if refused := p.wait(ctx); refused != nil {
			return *refused
		}
	}
	defer func() { <-p.free }()
	return p.next(ctx, customer)
}

// wait gives nil when a place has come free.
func (p *places) wait(ctx context.Context) *finding {
	select {
	case p.queue <- struct{}{}:
		defer func() { <-p.queue }()
	default:
		return p.refuse()
	}
	patience := time.NewTimer(p.patience)
	defer patience.Stop()
	select {
	case p.free <- struct{}{}:
		return nil
	case <-patience.C:
		return p.refuse()
	case <-ctx.Done():
		return &finding{outcome: ended(ctx)}
	}
}

func (p *places) refuse() *finding {
	p.shed.Add(1)
	return &finding{outcome: overloaded()}
}

func overloaded() outcome { return rejected(Overloaded, "too many requests at once") }

// inherit shares the places with the handler before: those who are answered by it still have theirs.
func (h *Handler) inherit(before *Handler) {
	if before == nil {
		return
	}
	h.requests = same(before.requests, h.requests)
	h.places.free = same(before.places.free, h.places.free)
	h.places.queue = same(before.places.queue, h.places.queue)
}

// same gives the places of before if there are as many now.
func same(before, now chan struct{}) chan struct{} {
	if cap(before) == cap(now) {
		return before
	}
	return now
}
