package adapter

import (
	"context"
	"time"
)

// Answered is what became of a request, in numbers and words of closed sets: it names no customer, and nothing of it
// grows with what callers send.
type Answered struct {
	Source  string // as in the header Bonus-History
	Reason  Reason // empty for an answer with entries
	Partial Reason // why some of the history is not there; empty if all is
	Status  int
	Key     int  // which of adapter.keys it came with, from 1; 0 if none
	Shared  bool // it waited for the history of another request for the same customer

	Took time.Duration // from the request's headers to the answer
	Left time.Duration // of the budget; negative if the answer is late

	Pages, Records, Entries int
	Skipped, Unmatched      int // records that are not in the answer: unreadable, covered by no rule
}

// Observer hears of every request when it is answered, in the request's context. It is called by many at once.
type Observer func(context.Context, Answered)

// answered tells the observer.
func (h *Handler) answered(ctx context.Context, s *story, o *outcome) {
	if h.observe == nil {
		return
	}
	took := time.Since(s.started)
	told := Answered{
		Source: o.source, Reason: o.reason, Partial: o.partial, Status: o.status, Key: s.key, Shared: s.shared,
		Took: took, Left: h.budget - took,
		Entries: o.entries, Skipped: max(o.skipped, s.unreadable), Unmatched: o.unmatched,
	}
	if !s.shared { // who waited with another one read nothing
		told.Pages, told.Records = s.pages, s.records
	}
	h.observe(ctx, told)
}
