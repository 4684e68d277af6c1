package crm

import (
	"context"
	"sync/atomic"

	"bonus-adapter/document"
)

// reading is one list being read, page by page: of one element of each, and of one window.
type reading struct {
	step    *step
	values  *env
	count   *counters
	lists   []rows
	most    int // records
	records []document.Record
	seen    track
}

// counters are what a history costs, over all that is under way at once.
type counters struct {
	calls, pages atomic.Int64
	left         atomic.Int64 // pages that the step may still read
}

// run reads the list to its end. On failure the records are those of the pages before it.
func (r *reading) run(ctx context.Context) *Error {
	first, failed := r.page(ctx, place{number: 1})
	if failed != nil || r.step.pager == nil {
		return failed
	}
	pages, known, failed := r.step.pager.pages(first)
	switch {
	case failed != nil:
		return at(failed, 1)
	case known:
		return r.rest(ctx, first, pages)
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
func (r *reading) rest(ctx context.Context, first reached, pages int) *Error {
	if int64(pages-1) > r.count.left.Load() {
		return failure(TooManyPages, "the CRM names %d pages, more than limits.pages allows", pages)
	}
	if pages < 2 {
		return nil
	}
	_ = r.seen.again(first, place{}, true)
	parts := make([]*reading, pages-1)
	failed := parallel(ctx, len(parts), r.step.parallel, func(ctx context.Context, i int) *Error {
		parts[i] = &reading{step: r.step, values: r.values.with(), count: r.count, lists: r.lists, most: r.most}
		return parts[i].numbered(ctx, place{number: i + 2, offset: (i + 1) * first.elements}, &parts[i].seen)
	})
	return r.merge(parts, failed)
}

// numbered reads one page that has to be there, and remembers its content.
func (r *reading) numbered(ctx context.Context, where place, seen *track) *Error {
	page, failed := r.page(ctx, where)
	if failed != nil {
		return failed
	}
	if page.elements == 0 {
		return at(failure(DecodeFailed, "the page is empty, and the CRM named more pages than that"), where.number)
	}
	*seen = track{}
	return at(seen.again(page, place{}, true), where.number)
}

// merge takes over what the parts have read, in their order, up to the first that failed.
func (r *reading) merge(parts []*reading, failed []*Error) *Error {
	for i, part := range parts {
		if failed[i] != nil {
			return cause(failed)
		}
		for key := range part.seen {
			if r.seen[key] {
				return at(failure(TooManyPages, "the CRM answers the same page again"), i+2)
			}
			r.seen[key] = true
		}
		if failed := r.add(part.records); failed != nil {
			return failed
		}
	}
	return nil
}

func (r *reading) add(records []document.Record) *Error {
	if len(r.records)+len(records) > r.most {
		return failure(TooLarge, "more records than limits.records allows: %d", r.most)
	}
	r.records = append(r.records, records...)
	return nil
}

// page asks for one page and takes from it what the step is there for.
func (r *reading) page(ctx context.Context, where place) (reached, *Error) {
	page := reached{at: where}
	if r.count.left.Add(-1) < 0 {
		return page, at(failure(TooManyPages, "the history goes on after limits.pages"), where.number)
	}
	got, failed := r.step.ask(ctx, r, where)
	if failed == nil {
		page.got, page.url = got, got.url
		failed = r.take(&page)
	}
	if failed == nil {
		r.count.pages.Add(1)
		return page, nil
	}
	if got != nil {
		failed.Status = got.Status
	}
	return page, at(failed, where.number)
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
			return documentFailure(err)
		}
		if failed := r.add(records); failed != nil {
			return failed
		}
		if i == 0 {
			of := r.step.plan.Sources[source]
			page.elements, _ = of.Count(page.got.Body) // the list is there: Extract has found it
			page.last = of.Last(page.got.Body)
		}
	}
	return nil
}

// at notes on which page it failed.
func at(failed *Error, page int) *Error {
	if failed != nil && failed.Page == 0 {
		failed.Page = page
	}
	return failed
}
