package crm

import (
	"context"
	"slices"
	"time"

	"bonus-adapter/document"
)

// run asks the step and leaves in r what it finds.
func (s *step) run(ctx context.Context, r *run) *Error {
	if s.when != nil {
		met, err := s.when.Eval(r.values)
		if err != nil || !met.Bool() {
			r.left = err == nil
			return conditionError(err).from(s.place + ".when")
		}
	}
	if s.constant != nil {
		return s.recall(ctx, r)
	}
	parts, failed := s.parts(r)
	if failed != nil {
		return failed
	}
	r.count.left.Store(int64(s.limits.Pages))
	errs := parallel(ctx, len(parts), s.parallel, s.newest, func(ctx context.Context, i int) *Error {
		failed := s.onPages(parts[i].run(ctx))
		if failed != nil && failed.Kind == NoSuchCustomer {
			parts[i].unknown, failed = failed, nil // that is for all parts together to say
		}
		return failed
	})
	if failed := s.known(parts, errs); failed != nil {
		return failed
	}
	s.checkWindows(parts, errs)
	return s.merge(r, parts, errs)
}

// onPages notes that it is the paging that has failed, where no place is known better.
func (s *step) onPages(failed *Error) *Error {
	if failed != nil && failed.Page > 0 && s.pager != nil && (failed.Kind == TooManyPages || failed.Kind == DecodeFailed && failed.Status == 0) {
		return failed.from(s.pager.place)
	}
	return failed
}

// known gives the error of a customer whom no part knows. One whom some know is a contradiction: a part of the history
// is missing.
func (s *step) known(parts []*reading, errs []*Error) *Error {
	var unknown *Error
	contradicted := false
	for i, part := range parts {
		if part.unknown != nil {
			unknown = part.unknown
		} else if errs[i] == nil {
			contradicted = true
		}
	}
	switch {
	case unknown == nil:
		return nil
	case !contradicted && cause(errs) == nil:
		return unknown
	}
	for i, part := range parts {
		if part.unknown != nil && contradicted {
			errs[i] = forgotten(part.unknown)
		}
	}
	return nil
}

// checkWindows finds windows that hold the same records: the CRM did not heed them, and would be believed many times.
func (s *step) checkWindows(parts []*reading, errs []*Error) {
	if s.windows == nil {
		return
	}
	var before track
	for i, part := range parts {
		if i%s.windows.count() == 0 {
			before = track{} // another element
		}
		if errs[i] != nil {
			continue
		}
		if errs[i] = before.join(part.seen).from(s.place + ".windows"); errs[i] != nil {
			part.records = nil
		}
	}
}

// merge puts the parts together, in their order, up to the first that failed.
func (s *step) merge(r *run, parts []*reading, errs []*Error) *Error {
	for i, part := range parts {
		if len(r.history.Records)+len(part.records) > s.limits.Records {
			return failure(TooLarge, "more records than limits.records allows: %d", s.limits.Records)
		}
		r.history.Records = joined(r.history.Records, part.records)
		if errs[i] != nil {
			return cause(errs)
		}
	}
	return nil
}

func conditionError(err error) *Error {
	if err == nil {
		return nil
	}
	return failure(DecodeFailed, "when cannot be computed: %w", err)
}

// recall takes what the step keeps from memory, asking if it has to.
func (s *step) recall(ctx context.Context, r *run) *Error {
	kept, _, failed := s.constant.get(ctx)
	if failed != nil {
		copied := *failed // it is shared by all who wait for it
		return &copied
	}
	for i, k := range s.keeps {
		r.values.data[k.index] = kept[i]
	}
	return nil
}

// parts gives the lists that the step is to read: one for each element and each window.
func (s *step) parts(r *run) ([]*reading, *Error) {
	values := []*env{r.values}
	if s.each != nil {
		elements := distinct(r.lists[s.each.list])
		if len(elements) > s.limits.Each {
			return nil, failure(TooLarge, "each: there are %d elements, more than limits.each allows: %d", len(elements), s.limits.Each).from("limits.each")
		}
		values = nil
		for _, element := range elements {
			one := r.values.with()
			for i, place := range s.each.places {
				one.set(place, element[i])
			}
			values = append(values, one)
		}
	}
	if s.windows != nil {
		values = s.eachWindow(values, s.asker.now())
	}
	parts, turns := make([]*reading, len(values)), make(chan struct{}, max(s.parallel, 1))
	for i, one := range values {
		parts[i] = &reading{step: s, values: one, count: &r.count, turns: turns, lists: r.lists, most: s.limits.Records, seen: track{}}
	}
	return parts, nil
}

// distinct leaves out elements that are there before: the same request would be answered twice, and count twice.
func distinct(elements rows) rows {
	var all rows
	for _, element := range elements {
		if !slices.ContainsFunc(all, func(other []string) bool { return slices.Equal(other, element) }) {
			all = append(all, element)
		}
	}
	return all
}

// eachWindow gives the values of every window, the newest first.
func (s *step) eachWindow(values []*env, now time.Time) []*env {
	var all []*env
	for _, each := range values {
		begin := now.Add(-time.Duration(s.windows.Back))
		for to := now; to.After(begin); to = to.Add(-time.Duration(s.windows.Span)) {
			from := to.Add(-time.Duration(s.windows.Span))
			if from.Before(begin) {
				from = begin
			}
			one := each.with()
			one.data[windowFromSlot] = document.TimeDatum(from)
			one.data[windowToSlot] = document.TimeDatum(to)
			all = append(all, one)
		}
	}
	return all
}
