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
	place    string
	asker    *asker
	call     *call
	verdict  verdict
	when     *document.Expression // nil: always
	each     *each                // nil: once
	windows  *Windows
	parallel int
	weight   int
	optional bool
	repeats  bool                     // its requests are idempotent
	newest   bool                     // what stands before a failure is told
	constant *fresh[[]document.Datum] // what it keeps, of a step with keep_for
	keeps    []kept
	owner    *owner // nil: answers do not say whose they are
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
	s := &step{name: cfg.Name, place: place, asker: asker, windows: cfg.Windows, optional: cfg.Optional, limits: b.cfg.Limits}
	s.parallel, s.weight, s.newest = cfg.Parallel, cfg.Weight, b.cfg.OnPartial == partialNewest
	s.repeats = !cfg.Get.IsZero() || cfg.Idempotent
	if s.parallel == 0 {
		s.parallel = min(defaultParallel, b.cfg.Limits.Concurrent) // it must not be too many for itself
	}
	b.checkStepNumbers(place, cfg)
	if b.inOrder {
		s.parallel = 1
	}
	b.open(cfg)
	before := len(b.names.known)
	s.each = b.newEach(place, cfg)
	s.call = newCall(place, &cfg.Request, b.names, b.problems)
	s.owner = b.newOwner(place, cfg)
	b.names.hide(before)
	s.when = b.newWhen(place, cfg)
	b.names.open = 0
	b.checkDifferent(place, cfg, s)
	s.verdict = b.newVerdict(place, cfg.Verdicts, b.cfg.Verdicts, s.call.protocol())
	s.verdict.notFound = clause{cfg.NotFound, place + ".not_found"}
	s.verdict.fails = []clause{{cfg.Fail, place + ".fail"}, {b.cfg.Fail, "fail"}}
	s.pager = newPager(place+".pages", cfg, s.call, b.problems)
	s.keeps = b.newKept(place, cfg)
	b.usePlan(place, s, cfg)
	b.checkKeeps(place, cfg)
	s.call.only = s.selection()
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
	switch most := b.cfg.Limits.Concurrent; {
	case cfg.Parallel < 0:
		b.problems.Add(place+".parallel", "it must be at least 1, not %d", cfg.Parallel)
	case cfg.Parallel > most && most > 0:
		b.problems.Add(place+".parallel", "%d are more than limits.concurrent allows: %d", cfg.Parallel, most)
	}
	if cfg.Idempotent && !cfg.Get.IsZero() {
		b.problems.Add(place+".idempotent", "a GET is idempotent anyway").Key = true
	}
	if cfg.Weight < 0 || cfg.Weight > 1 && b.cfg.Rate.Requests > 0 && cfg.Weight > b.cfg.Rate.Requests {
		b.problems.Add(place+".weight", "a request of weight %d never fits into crm.rate.requests: %d", cfg.Weight, b.cfg.Rate.Requests)
	}
	if w := cfg.Windows; w != nil {
		switch {
		case w.Span == 0 || w.Back == 0:
			b.problems.Add(place+".windows", "span and back are both needed: how long is one window, and how far back do they go?").Hint = "{ span: 30d, back: 365d }"
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

// newWhen compiles the condition. It is asked once, before there is a request: a name that only requests have would never
// have a value, and the step would be left out without a word.
func (b *builder) newWhen(place string, cfg *Step) *document.Expression {
	if cfg.When == "" {
		return nil
	}
	b.names.open &= fromUser | fromStep | fromConstant
	b.names.closed = "when is asked once for the step, before its requests"
	defer func() { b.names.closed = "" }()
	made, err := document.Compile(cfg.When, document.TypeBool, b.names)
	b.problems.AddError(place+".when", err)
	return made
}

// checkDifferent asks that requests that are to be different are: else every answer would be the same.
func (b *builder) checkDifferent(place string, cfg *Step, s *step) {
	sources := s.call.sources()
	if s.call.broken {
		return
	}
	if s.each != nil && sources&fromEach == 0 {
		b.problems.Add(place+".each", "the request does not name {{ each }}: it would be the same for every element")
	}
	if cfg.Windows != nil && sources&fromWindow == 0 {
		b.problems.Add(place+".windows", "the request names neither {{ window.from }} nor {{ window.to }}: it would be the same for every window")
	}
	if s.call.base == nil && cfg.KeepFor > 0 && s.asker.base.sources()&fromUser != 0 {
		b.problems.Add(place+".keep_for", "crm.base_url names the customer, and what the step keeps is the same for all of them").Hint = "give the step its own base_url"
	}
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
		case cfg.Each != "" || cfg.Windows != nil:
			b.problems.Add(at, "a step with each or windows is asked many times, and what it should keep is not one value")
		case keep.many() && cfg.KeepFor > 0:
			b.problems.Add(at, "a step with keep_for keeps single values")
		}
	}
	if cfg.KeepFor > 0 && (cfg.Each != "" || cfg.Windows != nil || cfg.Pages != nil || len(cfg.Keep) == 0) {
		b.problems.Add(place+".keep_for", "it is for a step that keeps single values of one answer")
	}
	if cfg.KeepFor > 0 && !cfg.NotFound.IsZero() {
		b.problems.Add(place+".not_found", "a step with keep_for asks for no customer whom the CRM could not know")
	}
}

func (b *builder) checkStepName(place, name string) {
	first := slices.IndexFunc(b.cfg.Steps, func(s Step) bool { return s.Name == name })
	switch {
	case !plainName.MatchString(name):
		b.problems.Add(place+".name", "a step needs a name of letters, digits and _, not %q", name)
	case slices.Contains([]string{"user", "now", "uuid", "page", "window", "request", "auth", "each", "values", "login"}, name):
		b.problems.Add(place+".name", "%s has a meaning of its own in slots and cannot be a step", name)
	case config.Index("steps", first) != place:
		b.problems.Add(place+".name", "another step is called %q already", name)
	}
}

// newConstant makes the memory of a step whose answer is the same for every customer.
func (b *builder) newConstant(s *step, cfg *Step) *fresh[[]document.Datum] {
	values := b.env
	return newFresh(time.Duration(b.cfg.Timeout)+time.Second, func(ctx context.Context) (fetched[[]document.Datum], *Error) {
		read := &reading{step: s, values: values(), count: &counters{}, turns: make(chan struct{}, 1), seen: track{}}
		read.count.left.Store(1)
		if failed := read.run(ctx); failed != nil {
			if failed.Kind == NoSuchCustomer {
				failed.Kind = ErrorBody // it was asked for none
			}
			return fetched[[]document.Datum]{}, failed
		}
		var kept []document.Datum // none where an empty answer gave none
		for _, k := range s.keeps {
			kept = append(kept, read.values.data[k.index])
		}
		return fetched[[]document.Datum]{kept, time.Now().Add(time.Duration(cfg.KeepFor))}, nil
	})
}

// ask sends the request for one page.
func (s *step) ask(ctx context.Context, r *reading, where place) (*answer, *Error) {
	q := question{step: s.name, place: s.place, page: where.number, call: s.call, values: r.values, verdict: s.verdict, weight: s.weight, repeats: s.repeats, calls: &r.count.calls, target: where.url}
	if s.pager != nil {
		value, given := s.pager.write(r.values, where)
		if q.param = s.pager.Param; q.param != "" && given {
			q.value = value
		}
	}
	got, failed := s.asker.ask(ctx, q)
	if failed == nil {
		failed = s.owner.check(got, r.values)
	}
	return got, failed
}

// recordsAt is the place of the mapping that says where a source of the plan is.
func (s *step) recordsAt(source int) string {
	if len(s.plan.Sources) == 1 {
		return "/mapping.records"
	}
	return config.Index("/mapping.records", source)
}
