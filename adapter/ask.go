package adapter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bonus-adapter/crm"
	"bonus-adapter/mapping"
)

// asker answers for one customer. The layers between the door and the ledger are askers around askers: see [New]. It
// gives up when ctx ends.
type asker func(ctx context.Context, customer crm.Customer) finding

// finding is what asking for a customer came to, and what it took. All who waited for it share it: nobody changes what
// it points to.
type finding struct {
	outcome
	trail
	shared bool // somebody else had asked for it already
}

// trail is what asking tells for the log. It has no place for an id, a key or a body.
type trail struct {
	crm                   time.Duration
	pages, calls, records int
	step, place           string // that failed, and what in the config decided so
	page, crmStatus       int
	unreadable            int
	problems              []mapping.Problem
	left                  string // records that are no entries by the config's own word, by their kinds
	err                   error
	head                  string // of a CRM's answer that is no document
	history               uint64 // its number; 0 if nobody observes
}

// history asks the ledger and understands its records. It is what all the layers are around.
func (h *Handler) history(ctx context.Context, customer crm.Customer) finding {
	var f finding
	ctx, f.trail.history = h.numbered(ctx)
	asked := time.Now()
	history, err := h.ledger.History(ctx, customer)
	f.crm = time.Since(asked)
	if err != nil {
		f.failed(ctx, err)
		return f
	}
	f.pages, f.calls, f.records = history.Pages, history.Calls, len(history.Records)
	result, err := h.mapping.Entries(history.Records, h.now())
	f.unreadable, f.problems, f.left = result.Unreadable, result.Problems, leftOut(&result)
	h.notices.learn(&result)
	if err != nil {
		f.failed(ctx, err)
		return f
	}
	f.understood(result, history.Partial)
	return f
}

// understood is the outcome of a history that was read. Of a part without entries nobody knows whether the rest has any:
// that is a failure, not a customer without bonuses.
func (f *finding) understood(result mapping.Result, partial *crm.Error) {
	f.outcome = found(result)
	if partial == nil {
		return
	}
	f.err, f.step, f.place, f.page, f.crmStatus = partial, partial.Step, partial.Place, partial.Page, partial.Status
	if why := judged(partial.Kind); f.entries > 0 {
		f.partial = why.reason
	} else {
		f.outcome = why
	}
}

// failed is the outcome of a history that was not read.
func (f *finding) failed(ctx context.Context, err error) {
	var asking *crm.Error
	var mapped *mapping.Failed
	switch {
	case errors.As(err, &mapped):
		f.err, f.outcome = mapped, fellBack(MappingFailed)
		return
	case errors.As(err, &asking):
		f.err, f.step, f.page, f.crmStatus, f.pages, f.calls = asking, asking.Step, asking.Page, asking.Status, asking.Pages, asking.Calls
		f.head, f.place = asking.Head, asking.Place
		if asking.Kind != crm.Canceled {
			f.outcome = judged(asking.Kind)
			return
		}
	default:
		f.err = fmt.Errorf("the ledger gave a %T, not a *crm.Error", err) // its text could hold the customer's id
	}
	f.outcome = ended(ctx)
}
