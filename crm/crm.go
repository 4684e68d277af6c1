// Package crm is the way out: it asks a retailer's loyalty CRM for the transactions of one customer, in the steps,
// requests and pages that the section crm of config.yaml declares, and judges what comes back.
//
// What it gives are records at the place where the mapping looks for them ([document.Plan]); what they mean is left to
// package mapping, and what a failure means for the caller to package adapter. It knows no vendor.
//
// The order of the layers, from outside in: the steps of one customer, the pages of one step, a place among the
// requests that the CRM may see at once, the circuit breaker, and one attempt with its own deadline.
package crm

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// Ledger is the account that is asked: it answers with the transactions of one customer. An error is always an *[Error].
// Implementations are safe for concurrent use and give up when ctx ends.
type Ledger interface {
	History(ctx context.Context, customer Customer) (*History, error)
}

// History is everything a CRM reports about one customer: complete, or it is an error instead.
type History struct {
	Records []document.Record // in the order of the CRM, pages in order
	Pages   int               // pages read
	Calls   int               // requests sent
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
	steps   []*step
	slots   int // how many values the slots may speak of
	records int // the most records of one history
	close   func()
}

// New builds the way out that cfg declares; plan says which step's answers hold the records. It is the validator of the
// section: the error holds every [config.Problem], with places inside of it.
func New(cfg Config, plan document.Plan) (*Client, error) {
	var problems config.Problems
	cfg.check(&problems)
	request := newRequester(cfg, &problems)
	names := newNames()
	client := &Client{records: cfg.Limits.Records, close: request.close}

	send := request.attempt
	send = withBreaker(cfg.Breaker, send)
	send = withBulkhead(cfg.Limits.Concurrent, send)

	for i := range cfg.Steps {
		place := config.Index("steps", i)
		step := newStep(place, &cfg.Steps[i], &cfg, names, &problems)
		step.send = send
		if cfg.Steps[i].Name == plan.Step {
			step.plan = &plan
		}
		client.steps = append(client.steps, step)
	}
	client.slots = len(names.known)
	checkPlan(cfg, plan, &problems)
	return client, problems.Err()
}

// checkPlan finds a plan that no step serves: its histories would all be empty.
func checkPlan(cfg Config, plan document.Plan, problems *config.Problems) {
	names := make([]string, len(cfg.Steps))
	for i := range cfg.Steps {
		names[i] = cfg.Steps[i].Name
	}
	if !slices.Contains(names, plan.Step) {
		problems.Add("/mapping.records", "no step of crm is called %q", plan.Step).Hint = "there are: " + strings.Join(names, ", ")
		return
	}
	for i := range cfg.Steps {
		if cfg.Steps[i].Pages != nil && names[i] != plan.Step {
			problems.Add(config.Index("steps", i)+".pages", "only the step whose records are read can have pages, and that is %q", plan.Step)
		}
	}
}

// Close lets idle connections go.
func (c *Client) Close() { c.close() }

// History runs the steps in order and gives the records of the step that the plan names.
func (c *Client) History(ctx context.Context, customer Customer) (*History, error) {
	run := &run{values: make([]document.Datum, c.slots), history: &History{}, most: c.records}
	run.values[userSlot] = document.Datum{Type: document.TypeText, Text: customer.Reveal()}
	for _, step := range c.steps {
		if err := step.run(ctx, run); err != nil {
			err.Step, err.Pages, err.Calls = step.name, run.history.Pages, run.history.Calls
			return nil, err
		}
	}
	return run.history, nil
}

// run is one customer's history in progress.
type run struct {
	values  []document.Datum // what the slots may speak of: the user, and what the steps keep
	history *History
	most    int
}

// Get gives the value of a slot's name.
func (r *run) Get(index int) (document.Datum, error) { return r.values[index], nil }
