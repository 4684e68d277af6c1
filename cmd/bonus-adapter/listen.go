package main

import (
	"context"
	"slices"
	"sync"

	"bonus-adapter/crm"
)

// conversation is what was said between the adapter and a CRM for one customer, as a [crm.Trace] tells it, and what came
// of it. It is written by all requests under way, and read when they are over.
type conversation struct {
	over      bool // what comes later comes too late
	mu        sync.Mutex
	steps     []*stepTold    // in the order in which they were begun
	exchanges []crm.Exchange // all of them, in the order in which they ended
	history   *crm.History
	failed    *crm.Error // why there is no history
	tokens    []string   // that logins gave
}

// stepTold is what one step, or the login, has asked and come to.
type stepTold struct {
	name, place string
	exchanges   []crm.Exchange
	done        *crm.StepDone // nil for a login, and while the step runs
}

// within gives a context whose histories are listened to.
func (c *conversation) within(ctx context.Context) context.Context {
	return crm.WithTrace(ctx, &crm.Trace{Exchange: c.exchange, Step: c.step, Token: c.token})
}

func (c *conversation) token(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return
	}
	if !slices.Contains(c.tokens, text) {
		c.tokens = append(c.tokens, text)
	}
}

func (c *conversation) exchange(e crm.Exchange) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return
	}
	c.exchanges = append(c.exchanges, e)
	told := c.of(e.Step, e.Place)
	told.exchanges = append(told.exchanges, e)
}

func (c *conversation) step(done crm.StepDone) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return
	}
	c.of(done.Name, done.Place).done = &done
}

// end leaves out what is said from now on, by requests that nobody waits for any more.
func (c *conversation) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
}

func (c *conversation) of(name, place string) *stepTold {
	for _, told := range c.steps {
		if told.place == place {
			return told
		}
	}
	told := &stepTold{name: name, place: place}
	c.steps = append(c.steps, told)
	return told
}

// ledger listens to what a ledger gives.
func (c *conversation) ledger(next crm.Ledger) crm.Ledger { return &listened{next, c} }

type listened struct {
	next crm.Ledger
	to   *conversation
}

func (l *listened) History(ctx context.Context, customer crm.Customer) (*crm.History, error) {
	history, err := l.next.History(ctx, customer)
	l.to.mu.Lock()
	defer l.to.mu.Unlock()
	if l.to.over {
		return history, err
	}
	l.to.history = history
	l.to.failed, _ = err.(*crm.Error) //nolint:errorlint // a Ledger's errors are these themselves
	return history, err
}
