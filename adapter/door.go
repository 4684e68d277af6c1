package adapter

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
)

// Door is where requests come in. The Handler behind it can be replaced while it answers: each request is answered to
// its end by the one that it met, so that none sees half of one config and half of another. It is safe for concurrent
// use.
type Door struct {
	mu       sync.RWMutex
	now      *Handler
	through  func(http.Handler) http.Handler // nil: nothing stands before
	draining bool
	busy     atomic.Int64 // requests under way, whoever answers them
}

// NewDoor makes a door with h behind it.
func NewDoor(h *Handler) *Door { return &Door{now: h} }

// ServeHTTP answers one request.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.busy.Add(1)
	defer d.busy.Add(-1)
	h := d.enter()
	defer h.guests.Done()
	h.ServeHTTP(w, r)
}

// Through lets wrap stand before every handler. It is called before [Serve].
func (d *Door) Through(wrap func(http.Handler) http.Handler) { d.through = wrap }

// outside gives what a server is to ask.
func (d *Door) outside() http.Handler {
	if d.through == nil {
		return d
	}
	return d.through(d)
}

// enter counts a request with the handler that answers it.
func (d *Door) enter() *Handler {
	d.mu.RLock()
	defer d.mu.RUnlock()
	d.now.guests.Add(1)
	return d.now
}

// Replace lets next answer from now on. It gives what waits until the last request has left the one before, so that
// what stands behind that one can be closed.
func (d *Door) Replace(next *Handler) (left func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.now
	if next.forgetful && before.forgetful {
		next.idKey = before.idKey // customers keep their names in the log until the process ends
	}
	if next.acme != nil {
		next.until.Store(before.until.Load())
	}
	if d.draining {
		next.Drain()
	}
	d.now = next
	return before.left
}

// left returns when the last request has left, and what was asked for it has ended: at once, unless a ledger does not
// give up, who is waited for as long as the budget.
func (h *Handler) left() {
	h.guests.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), h.budget)
	defer cancel()
	_ = h.flights.wait(ctx) // nobody is left whom it could be told
}

// Drain makes /readyz say that no more requests should come. Those that come all the same are answered.
func (d *Door) Drain() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.draining = true
	d.now.Drain()
}

// handler gives the one that answers now.
func (d *Door) handler() *Handler {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.now
}
