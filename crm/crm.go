// Package crm is the way out: it asks a retailer's loyalty CRM for the transactions of one customer, in the steps,
// requests and pages that the section crm of config.yaml declares, and judges what comes back.
//
// What it gives are records at the place where the mapping looks for them ([document.Plan]); what they mean is left to
// package mapping, and what a failure means for the caller to package adapter. It knows no vendor.
//
// The order of the layers, from outside in: the steps of one customer, the lists, windows and pages of one step, the
// token and repetitions of one request, a place among the requests that the CRM may see at once, the circuit breaker of
// its host, its rate limit, and one attempt with its own deadline.
package crm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/textproto"
	"slices"
	"strings"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/document"
	"bonus-adapter/store"
)

// Ledger is the account that is asked: it answers with the transactions of one customer. An error is always an *[Error].
// Implementations are safe for concurrent use and give up when ctx ends.
type Ledger interface {
	History(ctx context.Context, customer Customer) (*History, error)
}

// History is everything a CRM reports about one customer: complete, or it is an error instead. Only where the config
// allows for it (on_partial, optional) it may be a part.
type History struct {
	Records []document.Record // in the order of the steps and of the CRM
	Pages   int               // pages read
	Calls   int               // requests sent
	Partial *Error            // why it is not complete; nil if it is
}

// Customer is the id of a customer in the retailer's own system. It cannot be printed: whatever formats it gives
// "[customer]".
type Customer struct{ id string }

// NewCustomer takes an id as the caller gave it. Whether it may stand in a request is judged where it is to stand.
func NewCustomer(id string) Customer { return Customer{id} }

// Reveal gives the id, for the one place that needs it.
func (c Customer) Reveal() string { return c.id }

// String gives "[customer]".
func (c Customer) String() string { return "[customer]" }

// Format prints "[customer]", whatever the verb.
func (c Customer) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, c.String()) }

// MarshalText gives "[customer]".
func (c Customer) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// Client asks one CRM. It is safe for concurrent use.
type Client struct {
	steps  []*step
	env    func() *env
	now    func() time.Time
	lists  int // how many lists the steps keep
	newest bool
	close  func()

	places   chan struct{}
	pace     pacer
	breakers *breakers
	asks     asks
}

// builder is what the parts of a Client are built with.
type builder struct {
	cfg      *Config
	plan     document.Plan
	names    *names
	problems *config.Problems
	lists    []list
	computed map[int]*Template // crm.values
	http     *http.Client      // for a token's exchange
	inOrder  bool              // one request at a time
	shared   store.Store       // with other replicas; nil if there is none
	identity string            // of the config, for what is shared
}

// env makes the values of a request that nothing has been set in yet.
func (b *builder) env() *env {
	return &env{data: make([]document.Datum, len(b.names.known)), computed: b.computed}
}

// New builds the way out that cfg declares; plan says which steps' answers hold the records. It is the validator of the
// section: the error holds every [config.Problem], with places inside of it.
func New(cfg Config, plan document.Plan, o Options) (*Client, error) {
	var problems config.Problems
	cfg.check(&problems)
	requester := newRequester(cfg, o, &problems)
	b := &builder{cfg: &cfg, plan: plan, names: newNames(), problems: &problems, http: requester.plain(), computed: map[int]*Template{}, inOrder: o.inOrder(), shared: o.Shared, identity: o.Identity}

	client := &Client{env: b.env, newest: cfg.OnPartial == partialNewest, breakers: newBreakers(cfg.Breaker), asks: newAsks(&cfg, o.Shared)}
	client.inherit(o.Before, cfg.Limits.Concurrent)
	send := requester.attempt
	if !o.Replay {
		send = withPace(client.pace, send)
	}
	send = withBreaker(client.breakers, send)
	send = withBulkhead(client.places, send)

	b.declareLogin(&cfg.Auth)
	b.declareValues()
	asker := b.newAsker(send, o)
	client.now = asker.now
	client.share(asker.base)
	for i := range cfg.Steps {
		client.steps = append(client.steps, b.newStep(config.Index("steps", i), &cfg.Steps[i], asker))
	}
	b.sendToken(asker)
	client.lists = len(b.lists)
	client.close = func() { asker.close(client.steps); requester.close() }
	b.checkPlan()
	return client, problems.Err()
}

// declareValues makes crm.values known to the slots.
func (b *builder) declareValues() {
	b.names.open = fromUser
	names := sortedKeys(b.cfg.Values)
	templates := make([]*Template, len(names))
	for i, name := range names {
		place := config.Member("values", name)
		if !plainName.MatchString(name) {
			b.problems.Add(place, "%q cannot be the name of a value", name).Key = true
		}
		template := b.cfg.Values[name].Template
		template.bind(place, b.names, b.problems)
		templates[i] = &template
	}
	for i, name := range names {
		b.computed[b.names.add("values."+name, document.TypeText, templates[i].sources())] = templates[i]
	}
	b.names.open = 0
}

// newAsker makes what all steps ask with.
func (b *builder) newAsker(send sender, o Options) *asker {
	repeater := &repeater{Retry: b.cfg.Retry, floor: floor(time.Duration(b.cfg.Timeout)), hasty: o.Replay}
	a := &asker{send: send, repeater: repeater, now: o.Now, observer: o.Observe, uuid: newUUID, names: b.names}
	if o.Now == nil {
		a.now = time.Now
	}
	if o.Replay {
		a.uuid = countedUUIDs()
	}
	b.names.open = fromUser | fromAuth
	a.base = newBase("base_url", &b.cfg.BaseURL, b.names, b.problems)
	b.names.open = fromRequest
	for _, name := range sortedKeys(b.cfg.Headers) {
		place := config.Member("headers", name)
		template := b.cfg.Headers[name]
		checkHeaderName(place, name, b.problems)
		template.bind(place, b.names, b.problems)
		checkHeaderText(place, &template, b.problems)
		a.headers = append(a.headers, field{textproto.CanonicalMIMEHeaderKey(name), template})
	}
	a.auth = b.newCredentials(&b.cfg.Auth)
	a.login = b.newLogin(b.cfg, a)
	return a
}

// sendToken sends a login's token as a Bearer token if no slot says where it goes.
func (b *builder) sendToken(a *asker) {
	if a.login == nil || b.names.token {
		return
	}
	var bearer Template
	b.problems.AddError("auth", bearer.UnmarshalText([]byte("Bearer {{ "+tokenName+" }}")))
	b.names.open = fromAuth
	bearer.bind("auth", b.names, b.problems)
	b.names.open = 0
	if len(a.auth.basics) > 0 || slices.ContainsFunc(a.auth.headers, func(f field) bool { return f.name == authorization }) {
		b.problems.Add("auth", "the login's token is to be sent in Authorization, which is set already").Hint = "name {{ auth.token }} where it goes; credentials of the login itself belong in auth.login"
	}
	a.auth.headers = append(a.auth.headers, field{authorization, bearer})
}

// checkPlan finds a plan that no step serves: its histories would all be empty.
func (b *builder) checkPlan() {
	var names []string
	for i := range b.cfg.Steps {
		names = append(names, b.cfg.Steps[i].Name)
	}
	if len(names) == 0 {
		return // that there are no steps is told already
	}
	for _, source := range b.plan.Sources {
		if source.Step != "" && !slices.Contains(names, source.Step) { // an empty one is mapping's to tell
			hint := listing(names)
			if near := config.Nearest(source.Step, names); near != "" {
				hint = "did you mean " + near + "?"
			}
			b.problems.Add("/mapping.records", "no step of crm is called %q", source.Step).Hint = hint
		}
	}
	for i := range b.cfg.Steps {
		if b.cfg.Steps[i].KeepFor > 0 && slices.ContainsFunc(b.plan.Sources, func(s document.Source) bool { return s.Step == names[i] }) {
			b.problems.Add(config.Index("steps", i)+".keep_for", "a step whose records are read is asked for every customer")
		}
	}
}

func listing(names []string) string {
	if len(names) == 0 {
		return "there are none"
	}
	return "there are: " + strings.Join(names, ", ")
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Close calls off what nobody waits for any more, and lets idle connections go.
func (c *Client) Close() { c.close() }

func (a *asker) close(steps []*step) {
	a.login.close()
	for _, step := range steps {
		if step.constant != nil {
			step.constant.close()
		}
	}
}

// run is one customer's history in progress.
type run struct {
	values  *env
	lists   []rows
	count   counters
	history *History
	left    bool // the step that ran last was left out, by its when
}

// History runs the steps in order and gives the records of those that the plan names.
func (c *Client) History(ctx context.Context, customer Customer) (*History, error) {
	ctx, own := withTrip(ctx)
	var history *History
	failed := &Error{} // by a bug, if it stays so
	defer func() { c.pace.done(own, cmp.Or(failed, history.cut())) }()
	history, failed = c.history(ctx, customer)
	if failed != nil {
		return nil, failed
	}
	return history, nil
}

// cut is why a history is not complete; nil if it is.
func (h *History) cut() *Error {
	if h == nil {
		return nil
	}
	return h.Partial
}

func (c *Client) history(ctx context.Context, customer Customer) (*History, *Error) {
	r := &run{values: c.env(), lists: make([]rows, c.lists), history: &History{}}
	r.values.set(userSlot, customer.Reveal())
	r.values.data[nowSlot] = document.TimeDatum(c.now()) // for conditions; a request has its own
	for _, step := range c.steps {
		before := len(r.history.Records)
		r.left = false
		failed := step.run(ctx, r)
		r.history.Pages, r.history.Calls = int(r.count.pages.Load()), int(r.count.calls.Load())
		failed = r.tell(failed, step, before)
		r.traceStep(ctx, step, before, failed)
		switch {
		case failed == nil:
		case step.optional && failed.Kind == NoSuchCustomer:
		case step.optional && failed.partial():
			r.history.Partial = r.cause(failed)
			if !c.newest {
				r.history.Records = r.history.Records[:before] // half a list is given only where the config asks for it
			}
		case c.newest && len(r.history.Records) > 0 && failed.partial():
			r.history.Partial = failed
			return r.history, nil
		default:
			return nil, r.cause(failed)
		}
	}
	return r.history, nil
}

// cause gives an optional step's failure in place of one that only follows from it, a slot whose value was not kept: what
// has to be seen to is the CRM, not the config.
func (r *run) cause(failed *Error) *Error {
	if r.history.Partial == nil || !errors.Is(failed.Err, errNoValue) {
		return failed
	}
	first := *r.history.Partial
	first.Err = fmt.Errorf("%w; and so, in step %s, %w", first.Err, failed.Step, failed.Err)
	first.Pages, first.Calls = failed.Pages, failed.Calls
	return &first
}

// tell notes in an error where it happened and what it took. A customer whom a step does not know, and of whom there are
// records before, is a contradiction.
func (r *run) tell(failed *Error, step *step, before int) *Error {
	if failed == nil {
		return nil
	}
	if failed.Kind == NoSuchCustomer && before > 0 && !step.optional {
		failed = forgotten(failed)
	}
	if failed.Step == "" {
		failed.Step = step.name
	}
	failed.Pages, failed.Calls = r.history.Pages, r.history.Calls
	return failed
}

// partial tells whether a history that failed so may still be told in part: not if nobody listens any more, or if it is
// not this customer's.
func (e *Error) partial() bool {
	return e.Kind != Canceled && e.Kind != BadCustomer && e.Kind != NoSuchCustomer
}
