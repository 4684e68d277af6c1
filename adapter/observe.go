package adapter

import (
	"context"
	"math/rand/v2"
	"time"

	"bonus-adapter/crm"
)

// Answered is what became of a request, in numbers, words of closed sets, and what the request's line of log tells. What
// could name the customer cannot be printed.
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
	Skipped, Unmatched      int // of Records, those that no answer has: unreadable, covered by no rule

	History  uint64        // the history that it was answered from, as [HistoryOf] tells it; 0 if the ledger was not asked
	CRM      time.Duration // that the ledger took
	Customer crm.Customer  // whom it is about; the zero Customer if that could not be read
	Name     string        // of the customer in the log: a hash; empty if there is none
	Step     string        // that failed; empty if none did, or if it is not known which
	Place    string        // that decided so, as [crm.Error] tells it; empty if none did
	Err      error         // why entries are missing; nil if none are. It holds no id, no URL and nothing of the CRM's answer
	Problems []string      // why records could not be read: the first few
	LeftOut  string        // records that are no entries by the config's own word, by their kinds
}

// mostProblems is how many of a request's problems are told: those after them are mostly the same.
const mostProblems = 3

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
		Entries: o.entries,
	}
	told.History, told.CRM, told.Customer, told.Name, told.Step, told.Place, told.Err, told.LeftOut = s.history, s.crm, s.Whom, s.customer, s.step, s.place, s.err, s.left
	for _, problem := range s.problems[:min(len(s.problems), mostProblems)] {
		told.Problems = append(told.Problems, problem.String())
	}
	if !s.shared { // who waited with another one read nothing
		told.Pages, told.Records, told.Skipped = s.pages, s.records, s.unreadable
		if o.source == live { // an answer that was kept has been told of when it was read
			told.Unmatched = o.unmatched
		}
	}
	h.observe(ctx, told)
}

// historyKey is what a history's number is kept under in a context.
type historyKey struct{}

// HistoryOf gives the number of the history that the ledger is asked for in this context, 0 outside of one. It is how what
// happens on the way to the CRM is put together with [Answered.History].
func HistoryOf(ctx context.Context) uint64 {
	number, _ := ctx.Value(historyKey{}).(uint64)
	return number
}

// numbered gives a history its number, if anybody observes it. The numbers of a handler begin anywhere: no two histories
// of a process have the same one, whichever config asks for them.
func (h *Handler) numbered(ctx context.Context) (context.Context, uint64) {
	if h.observe == nil {
		return ctx, 0
	}
	number := h.histories.Add(1)
	return context.WithValue(ctx, historyKey{}, number), number
}

// anyNumber is where a handler's numbers begin.
func anyNumber() uint64 { return rand.Uint64()>>1 + 1 } //nolint:gosec // it is no secret
