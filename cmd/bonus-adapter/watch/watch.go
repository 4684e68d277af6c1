// Package watch remembers the last hour and the last hundred requests, for a page that people look at. What lasts longer
// than an hour, and alarms, are Prometheus's (package metrics), which hears of the same.
//
// Its memory is fixed: counts per minute in arrays, requests in a ring, steps by name up to [MostSteps]. Nothing in it
// grows with what callers or the CRM send. It has no value of a customer's; the id itself only where it is told to keep it
// for asking again, and then in a type that cannot be printed.
package watch

import (
	"cmp"
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"bonus-adapter/adapter"
	"bonus-adapter/crm"
)

const (
	hour         = 60  // minutes that are remembered, the one under way included
	lastRequests = 100 // requests that are remembered
	underWay     = 256 // histories whose attempts are remembered until they are answered
	longestText  = 400 // bytes of an error's text or of a line of the config
	// MostSteps is how many steps are told apart; attempts of further ones are counted under their place alone.
	MostSteps = 16
)

// Line is a line of the config.
type Line struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Source string `json:"source"` // without literal secrets
}

// Lines finds the line of a place as package crm tells places; false if the config has none.
type Lines func(place string) (Line, bool)

// Options are what a Watch takes from outside.
type Options struct {
	Now func() time.Time // the machine's time if nil
}

// Watch remembers. It is safe for concurrent use.
type Watch struct {
	now       func() time.Time
	begun     time.Time
	reasons   map[adapter.Reason]int
	sources   map[string]int
	customers atomic.Bool // whether it is kept whom a request was about

	mu       sync.Mutex
	minutes  [hour]minute
	newest   int64 // minute since begun
	steps    [MostSteps]string
	courses  [underWay]course
	requests [lastRequests]request
	answered uint64 // requests so far
}

// New makes a Watch that has seen nothing.
func New(o Options) *Watch {
	w := &Watch{now: o.Now, reasons: map[adapter.Reason]int{}, sources: map[string]int{}}
	if w.now == nil {
		w.now = time.Now
	}
	w.begun = w.now()
	for i, reason := range reasons() {
		w.reasons[reason] = i
	}
	for i, source := range adapter.Sources() {
		w.sources[source] = i
	}
	return w
}

// KeepCustomers lets [Watch.Customer] know whom the requests from now on are about.
func (w *Watch) KeepCustomers() { w.customers.Store(true) }

// reasons are those of all answers. An answer with entries has the empty one.
func reasons() []adapter.Reason { return append([]adapter.Reason{""}, adapter.Reasons()...) }

// request is one that was answered.
type request struct {
	at               time.Time
	adapter.Answered // without Err; without Customer where customers are not kept
	failure          string
	course           course
}

// course is what was asked for one history, step by step.
type course struct {
	number uint64 // of the history
	count  int
	steps  [MostSteps]asked
}

// asked is what a step's requests came to.
type asked struct {
	step, place, decided string
	kind                 crm.Kind // of what the step came to as far as is known; 0 if it may be read
	status               int
	attempts, failed     int
	pages                int
	took, waited         time.Duration
	verdict              adapter.Reason // what is wrong with answers that may be read; empty: nothing
	line                 Line           // what decided, or else the step itself; known when the request is answered
}

// Answered remembers a request. lines finds what it tells of in the config that answered it.
func (w *Watch) Answered(a adapter.Answered, lines Lines) {
	failure := ""
	if a.Err != nil {
		failure = short(a.Err.Error())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.minute().answered(w.reasons[a.Reason], w.sources[a.Source], &a)
	one := &w.requests[w.answered%lastRequests]
	w.answered++
	one.at, one.Answered, one.failure, one.course.count = w.now(), a, failure, 0
	one.Err, one.Problems = nil, nil // an error may hold a whole answer
	for _, problem := range a.Problems {
		one.Problems = append(one.Problems, short(problem))
	}
	if !w.customers.Load() {
		one.Customer = crm.Customer{}
	}
	if course := &w.courses[a.History%underWay]; a.History != 0 && course.number == a.History {
		one.course.count = copy(one.course.steps[:], course.steps[:course.count])
		one.course.end(&a, lines)
	}
}

// end notes which step has failed: an answer that may be read can still hold no records. And it finds the lines of the
// config, while it is known which config it was.
func (c *course) end(a *adapter.Answered, lines Lines) {
	for i := range c.steps[:c.count] {
		one := &c.steps[i]
		if a.Err != nil && one.step == a.Step {
			one.decided = cmp.Or(a.Place, one.decided)
			if one.kind == 0 {
				one.verdict = cmp.Or(a.Partial, a.Reason)
			}
		}
		for _, place := range []string{one.place, one.decided} {
			if line, found := lines(place); found {
				one.line = line
			}
		}
	}
}

// Attempted remembers a request to the CRM. It is a crm.Observer.
func (w *Watch) Attempted(ctx context.Context, a crm.Attempt) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if step, known := w.step(a.Step); known {
		w.minute().attempts[step][a.Kind]++
	}
	number := adapter.HistoryOf(ctx)
	if number == 0 {
		return
	}
	one := &w.courses[number%underWay]
	if one.number != number {
		one.number, one.count = number, 0 // steps beyond count are those of another history, and nobody looks at them
	}
	one.add(&a)
}

// step is where a step is counted. A name that nobody has asked by for an hour makes room for another one.
func (w *Watch) step(name string) (int, bool) {
	free := -1
	for i, known := range w.steps {
		if known == name {
			return i, true
		}
		if free < 0 && !w.counted(i) {
			free = i
		}
	}
	if free < 0 {
		return 0, false
	}
	w.steps[free] = strings.Clone(name)
	return free, true
}

// counted tells whether any attempt of the step at this place is remembered.
func (w *Watch) counted(step int) bool {
	if w.steps[step] == "" {
		return false
	}
	for i := range w.minutes {
		if w.alive(&w.minutes[i]) && w.minutes[i].attempts[step] != ([kinds]uint32{}) {
			return true
		}
	}
	return false
}

// add counts an attempt to its step.
func (c *course) add(a *crm.Attempt) {
	one := c.of(a)
	if one == nil {
		return
	}
	one.attempts++
	one.pages = max(one.pages, a.Page)
	one.took += a.Took
	one.waited += a.Waited
	if a.Kind != 0 {
		one.failed++
	}
	if one.attempts == 1 || one.replacedBy(a) {
		one.kind, one.status, one.decided = a.Kind, a.Status, a.Decided
	}
}

// replacedBy tells whether an attempt says more about what the step came to than those before it: a failure does, unless it
// is that the others were called off for it, and so does a repetition that went well.
func (s *asked) replacedBy(a *crm.Attempt) bool {
	switch {
	case a.Kind == 0:
		return s.kind == 0 || a.Number > 1
	case a.Kind == crm.Canceled:
		return s.kind == 0
	}
	return true
}

func (c *course) of(a *crm.Attempt) *asked {
	for i := range c.steps[:c.count] {
		if c.steps[i].place == a.Place {
			return &c.steps[i]
		}
	}
	if c.count == len(c.steps) {
		return nil
	}
	c.count++
	c.steps[c.count-1] = asked{step: a.Step, place: a.Place}
	return &c.steps[c.count-1]
}

// Customer gives whom a request was about; false if it is not remembered, or was about nobody, or customers are not kept.
func (w *Watch) Customer(request uint64) (crm.Customer, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if request == 0 || request > w.answered || w.answered-request >= lastRequests {
		return crm.Customer{}, false
	}
	whom := w.requests[(request-1)%lastRequests].Customer
	return whom, whom != crm.Customer{}
}

// short cuts a text, and lets go of what it was a part of.
func short(text string) string {
	if len(text) <= longestText {
		return strings.Clone(text)
	}
	return strings.ToValidUTF8(text[:longestText], "") + "…"
}
