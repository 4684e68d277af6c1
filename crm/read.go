package crm

import (
	"context"
	"fmt"
	"sync/atomic"

	"bonus-adapter/document"
)

// reading is one list being read, page by page: of one element of each, and of one window.
type reading struct {
	step     *step
	values   *env
	count    *counters
	turns    chan struct{} // a place for each request of the step that may be under way
	lists    []rows
	most     int // records
	records  []document.Record
	elements int // that the pages hold, whatever becomes of them
	seen     track
	unknown  *Error // the CRM does not know whose list it is
}

// counters are what a history costs, over all that is under way at once.
type counters struct {
	calls, pages atomic.Int64
	left         atomic.Int64 // pages that the step may still read
}

// run reads the list to its end. On failure the records are those of the pages before it.
func (r *reading) run(ctx context.Context) *Error {
	first, failed := r.page(ctx, place{number: 1})
	switch {
	case failed != nil:
		return failed
	case r.step.pager == nil, first.got.empty:
		return r.seen.again(first, place{}, true)
	}
	all, failed := r.step.pager.extent(first)
	switch {
	case failed != nil:
		return at(failed, 1)
	case all != nil:
		return r.rest(ctx, first, *all)
	}
	return r.onwards(ctx, first)
}

// onwards reads page after page, as each tells where the next one is.
func (r *reading) onwards(ctx context.Context, page reached) *Error {
	for {
		next, end, failed := r.step.pager.next(page)
		if failed == nil {
			failed = r.seen.again(page, next, end)
		}
		if failed != nil || end {
			return at(failed, page.at.number)
		}
		if page, failed = r.page(ctx, next); failed != nil {
			return failed
		}
	}
}

// rest reads the pages behind the first, several at once: how many there are is known.
func (r *reading) rest(ctx context.Context, first reached, all extent) *Error {
	if int64(all.pages-1) > r.count.left.Load() {
		return failure(TooManyPages, "the CRM names %d pages, more than limits.pages allows", all.pages).from("limits.pages")
	}
	_ = r.seen.again(first, place{}, true)
	parts := make([]*reading, max(all.pages-1, 0))
	failed := parallel(ctx, len(parts), r.step.parallel, r.step.newest, func(ctx context.Context, i int) *Error {
		parts[i] = &reading{step: r.step, values: r.values.with(), count: r.count, turns: r.turns, lists: r.lists, most: r.most, seen: track{}}
		return parts[i].numbered(ctx, place{number: i + 2, offset: (i + 1) * first.elements})
	})
	if failed := r.merge(parts, failed); failed != nil {
		return failed
	}
	if r.elements < all.records {
		return failure(DecodeFailed, "the CRM names %d records, and its pages hold %d", all.records, r.elements)
	}
	return nil
}

// numbered reads one page that has to be there, and remembers its content.
func (r *reading) numbered(ctx context.Context, where place) *Error {
	page, failed := r.page(ctx, where)
	if failed != nil {
		return failed
	}
	if page.elements == 0 {
		return at(failure(DecodeFailed, "the page is empty, and the CRM named more pages than that"), where.number)
	}
	return at(r.seen.again(page, place{}, true), where.number)
}

// merge takes over what the parts have read, in their order, up to the first that failed.
func (r *reading) merge(parts []*reading, failed []*Error) *Error {
	for i, part := range parts {
		if failed[i] != nil {
			return cause(failed)
		}
		if again := r.seen.join(part.seen); again != nil {
			return at(again, i+2)
		}
		if failed := r.add(part.records); failed != nil {
			return failed
		}
		r.elements += part.elements
	}
	return nil
}

// joined appends records to others, and does not copy them if there are none.
func joined(before, records []document.Record) []document.Record {
	if len(before) == 0 {
		return records
	}
	return append(before, records...)
}

func (r *reading) add(records []document.Record) *Error {
	if len(r.records)+len(records) > r.most {
		return failure(TooLarge, "more records than limits.records allows: %d", r.most).from("limits.records")
	}
	r.records = joined(r.records, records)
	return nil
}

// page asks for one page and takes from it what the step is there for.
func (r *reading) page(ctx context.Context, where place) (reached, *Error) {
	page := reached{at: where}
	if r.count.left.Add(-1) < 0 {
		return page, at(failure(TooManyPages, "the history goes on after limits.pages").from("limits.pages"), where.number)
	}
	got, failed := r.ask(ctx, where)
	if failed == nil {
		page.got, page.url = got, got.url
		if failed = r.take(&page); failed != nil {
			failed.Status = got.Status
		}
	}
	if failed == nil {
		r.count.pages.Add(1)
		return page, nil
	}
	if failed.Kind == NoSuchCustomer && where.number > 1 {
		failed = forgotten(failed)
	}
	return page, at(failed, where.number)
}

// ask waits for a turn among the step's requests: lists and their pages are read at once, and count together.
func (r *reading) ask(ctx context.Context, where place) (*answer, *Error) {
	select {
	case r.turns <- struct{}{}:
		defer func() { <-r.turns }()
	case <-ctx.Done():
		return nil, transportFailure(ctx, ctx.Err())
	}
	return r.step.ask(ctx, r, where)
}

// forgotten is a customer whom the CRM does not know after it has told of him. As an unknown one his history would pass
// for a good and empty one.
func forgotten(failed *Error) *Error {
	failed.Kind = ErrorBody
	failed.Err = fmt.Errorf("the CRM does not know a customer whose records it gave (a verdict with then: empty, reason: no_transactions is for a part that has none): %w", failed.Err)
	return failed
}

func (r *reading) take(page *reached) *Error {
	if page.got.empty {
		return nil
	}
	for i := 0; i < len(r.step.keeps) && page.at.number == 1; i++ {
		if failed := r.step.keeps[i].take(page.got, r.values, r.lists); failed != nil {
			return failed
		}
	}
	for i, source := range r.step.sources {
		records, err := r.step.plan.Extract(source, page.got.Body)
		if err != nil {
			return documentFailure(err).from(r.step.recordsAt(source))
		}
		if failed := r.add(records); failed != nil {
			return failed
		}
		r.elements += page.see(r.step.plan.Sources[source], i == 0)
	}
	return nil
}

// see notes what a list tells about its page. Of several lists the longest says how far the page reaches.
func (page *reached) see(list document.Source, first bool) int {
	elements, _ := list.Count(page.got.Body) // the list is there: Extract has found it
	page.elements = max(page.elements, elements)
	page.print += list.Print(page.got.Body)
	if first {
		page.last = list.Last(page.got.Body)
	}
	return elements
}

// at notes on which page it failed.
func at(failed *Error, page int) *Error {
	if failed != nil && failed.Page == 0 {
		failed.Page = page
	}
	return failed
}
