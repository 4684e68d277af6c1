package crm

import (
	"context"
	"slices"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// step is a Step, compiled.
type step struct {
	name     string
	asker    *asker
	call     *call
	verdict  verdict
	when     *document.Expression // nil: always
	each     *each                // nil: once
	windows  *Windows
	parallel int
	weight   int
	optional bool
	constant *fresh[[]string] // what it keeps, of a step with keep_for
	keeps    []kept
	pager    *pager
	plan     document.Plan
	sources  []int // of the plan
	limits   Limits
}

// each says for the elements of which list a step is asked, and where their values stand among the names.
type each struct {
	list   int
	places []int
}

// defaultParallel is how many requests of one step are under way at once.
const defaultParallel = 4

func (b *builder) newStep(place string, cfg *Step, asker *asker) *step {
	b.checkStepName(place, cfg.Name)
	s := &step{name: cfg.Name, asker: asker, windows: cfg.Windows, optional: cfg.Optional, limits: b.cfg.Limits}
	s.parallel, s.weight = cfg.Parallel, cfg.Weight
	if s.parallel == 0 {
		s.parallel = defaultParallel
	}
	b.checkStepNumbers(place, cfg)
	b.open(cfg)
	before := len(b.names.known)
	s.each = b.newEach(place, cfg)
	s.call = newCall(place, &cfg.Request, b.names, b.problems)
	s.when = b.newWhen(place, cfg.When)
	b.names.hide(before)
	b.names.open = 0
	s.verdict = b.newVerdict(place, cfg.Verdicts, b.cfg.Verdicts, s.call.protocol())
	s.verdict.notFound, s.verdict.fails = cfg.NotFound, []document.Condition{cfg.Fail, b.cfg.Fail}
	s.pager = newPager(place+".pages", cfg, s.call, b.problems)
	s.keeps = b.newKept(place, cfg)
	b.usePlan(place, s, cfg)
	b.checkKeeps(place, cfg)
	if cfg.KeepFor > 0 {
		s.constant = b.newConstant(s, cfg)
	}
	return s
}

// open says what the slots of a step may speak of.
func (b *builder) open(cfg *Step) {
	b.names.open = fromAuth | fromConstant
	if cfg.KeepFor == 0 {
		b.names.open |= fromUser | fromStep
	}
	if cfg.Pages != nil {
		b.names.open |= fromPage
	}
	if cfg.Windows != nil {
		b.names.open |= fromWindow
	}
	if cfg.Each != "" {
		b.names.open |= fromEach
	}
}

func (b *builder) checkStepNumbers(place string, cfg *Step) {
	if cfg.Parallel < 0 {
		b.problems.Add(place+".parallel", "it must be at least 1, not %d", cfg.Parallel)
	}
	if cfg.Weight < 0 || cfg.Weight > 1 && b.cfg.Rate.Requests > 0 && cfg.Weight > b.cfg.Rate.Requests {
		b.problems.Add(place+".weight", "a request of weight %d never fits into crm.rate.requests: %d", cfg.Weight, b.cfg.Rate.Requests)
	}
	if w := cfg.Windows; w != nil {
		switch {
		case w.Span == 0 || w.Back == 0:
			b.problems.Add(place+".windows", "span and back are both needed: how long is one window, and how far back do they go?").Hint = "{ span: 720h, back: 8760h }"
		case w.count() > b.cfg.Limits.Pages:
			b.problems.Add(place+".windows", "%d windows are more requests than limits.pages allows: %d", w.count(), b.cfg.Limits.Pages)
		}
	}
}

func (w *Windows) count() int { return int((w.Back + w.Span - 1) / w.Span) }

// newEach makes the values of an element known, for this step alone.
func (b *builder) newEach(place string, cfg *Step) *each {
	if cfg.Each == "" {
		return nil
	}
	at := slices.IndexFunc(b.lists, func(l list) bool { return l.step+"."+l.name == cfg.Each })
	if at < 0 {
		var known []string
		for _, l := range b.lists {
			known = append(known, l.step+"."+l.name)
		}
		b.problems.Add(place+".each", "no earlier step keeps a list %q", cfg.Each).Hint = listing(known)
		return nil
	}
	made := &each{list: at}
	for _, name := range b.lists[at].rows {
		made.places = append(made.places, b.names.add("each."+name, document.TypeText, fromEach))
	}
	if len(made.places) == 0 {
		made.places = []int{b.names.add("each", document.TypeText, fromEach)}
	}
	return made
}

func (b *builder) newWhen(place, source string) *document.Expression {
	if source == "" {
		return nil
	}
	made, err := document.Compile(source, document.TypeBool, b.names)
	b.problems.AddError(place+".when", err)
	return made
}

// usePlan gives the step its part of the plan: the lists in its answers that hold records.
func (b *builder) usePlan(place string, s *step, cfg *Step) {
	s.plan = b.plan
	for i, source := range b.plan.Sources {
		if source.Step == cfg.Name {
			s.sources = append(s.sources, i)
		}
	}
	if len(s.sources) > 0 || !b.planned() {
		return
	}
	if cfg.Pages != nil || cfg.Windows != nil {
		b.problems.Add(place+".pages", "only a step whose records mapping.records reads can have pages or windows")
	}
}

// planned tells whether the plan names a step that there is; if not, that is what has to be told.
func (b *builder) planned() bool {
	return slices.ContainsFunc(b.plan.Sources, func(source document.Source) bool {
		return slices.ContainsFunc(b.cfg.Steps, func(step Step) bool { return step.Name == source.Step })
	})
}

// checkKeeps finds what cannot be kept: of many answers there is no one value.
func (b *builder) checkKeeps(place string, cfg *Step) {
	for _, name := range sortedKeys(cfg.Keep) {
		keep := cfg.Keep[name]
		at := config.Member(place+".keep", name)
		switch {
		case keep.many() && (cfg.Pages != nil || cfg.Windows != nil):
			b.problems.Add(at, "a step with pages or windows cannot keep a list: it would be the first page's alone")
		case cfg.Each != "":
			b.problems.Add(at, "a step with each is asked many times, and what it should keep is not one value")
		case keep.many() && cfg.KeepFor > 0:
			b.problems.Add(at, "a step with keep_for keeps single values")
		}
	}
	if cfg.KeepFor > 0 && (cfg.Each != "" || cfg.Windows != nil || cfg.Pages != nil || len(cfg.Keep) == 0) {
		b.problems.Add(place+".keep_for", "it is for a step that keeps single values of one answer")
	}
}

func (b *builder) checkStepName(place, name string) {
	same := 0
	for i := range b.cfg.Steps {
		if b.cfg.Steps[i].Name == name {
			same++
		}
	}
	switch {
	case !plainName.MatchString(name):
		b.problems.Add(place+".name", "a step needs a name of letters, digits and _, not %q", name)
	case slices.Contains([]string{"user", "now", "uuid", "page", "window", "request", "auth", "each", "values", "login"}, name):
		b.problems.Add(place+".name", "%s has a meaning of its own in slots and cannot be a step", name)
	case same > 1:
		b.problems.Add(place+".name", "%d steps are called %q", same, name)
	}
}

// newConstant makes the memory of a step whose answer is the same for every customer.
func (b *builder) newConstant(s *step, cfg *Step) *fresh[[]string] {
	values := b.env
	return newFresh(time.Duration(b.cfg.Timeout)+time.Second, func(ctx context.Context) (fetched[[]string], *Error) {
		read := &reading{step: s, values: values(), count: &counters{}, seen: track{}}
		read.count.left.Store(1)
		if failed := read.run(ctx); failed != nil {
			return fetched[[]string]{}, failed
		}
		var kept []string
		for _, k := range s.keeps {
			kept = append(kept, read.values.data[k.index].Text)
		}
		return fetched[[]string]{kept, time.Now().Add(time.Duration(cfg.KeepFor))}, nil
	})
}

// run asks the step and leaves in r what it finds.
func (s *step) run(ctx context.Context, r *run) *Error {
	if s.when != nil {
		met, err := s.when.Eval(r.values)
		if err != nil || !met.Bool {
			return conditionError(err)
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
	errs := parallel(ctx, len(parts), s.parallel, func(ctx context.Context, i int) *Error { return parts[i].run(ctx) })
	for i, part := range parts {
		if len(r.history.Records)+len(part.records) > s.limits.Records {
			return failure(TooLarge, "more records than limits.records allows: %d", s.limits.Records)
		}
		r.history.Records = append(r.history.Records, part.records...)
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
		r.values.set(k.index, kept[i])
	}
	return nil
}

// parts gives the lists that the step is to read: one for each element and each window.
func (s *step) parts(r *run) ([]*reading, *Error) {
	values := []*env{r.values}
	if s.each != nil {
		elements := r.lists[s.each.list]
		if len(elements) > s.limits.Each {
			return nil, failure(TooLarge, "each: there are %d elements, more than limits.each allows: %d", len(elements), s.limits.Each)
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
		values = s.eachWindow(values, time.Now())
	}
	parts := make([]*reading, len(values))
	for i, one := range values {
		parts[i] = &reading{step: s, values: one, count: &r.count, lists: r.lists, most: s.limits.Records, seen: track{}}
	}
	return parts, nil
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
			one.data[windowFromSlot] = document.Datum{Type: document.TypeTime, Time: from}
			one.data[windowToSlot] = document.Datum{Type: document.TypeTime, Time: to}
			all = append(all, one)
		}
	}
	return all
}

// ask sends the request for one page.
func (s *step) ask(ctx context.Context, r *reading, where place) (*answer, *Error) {
	q := question{call: s.call, values: r.values, verdict: s.verdict, weight: s.weight, calls: &r.count.calls, target: where.url}
	if s.pager != nil {
		value, given := s.pager.write(r.values, where)
		if q.param = s.pager.Param; q.param != "" && given {
			q.value = value
		}
	}
	return s.asker.ask(ctx, q)
}
