package crm

import (
	"cmp"
	"context"
	"time"

	"github.com/sony/gobreaker/v2"
)

// Attempt is one request that was to be sent to the CRM, and what came of it. It names no customer and no host.
type Attempt struct {
	Step   string        // the step's name, or login
	Number int           // 1 for a request's first attempt; more are repetitions of it
	Kind   Kind          // what failed; 0 for an answer that may be read
	Status int           // of the CRM's answer; 0 without one
	Sent   bool          // false if it was refused before: the CRM is busy, held, left alone, or time was up
	Waited time.Duration // for a place and a turn
	Took   time.Duration // from there to the end of the answer

	Place   string // of the step in the section crm: steps[0], auth.login, auth.oauth2
	Page    int    // from 1
	Decided string // the place in the section crm that decided what the answer means; empty: its status, or nothing did
}

// Observer hears of every attempt when it is over, in the context of its request. It is called by many requests at once.
type Observer func(context.Context, Attempt)

// loginStep is how a login is called where steps are.
const loginStep = "login"

// oauth2Place is where the config has what an OAuth 2.0 login needs.
const oauth2Place = "auth.oauth2"

// timed is an attempt under way.
type timed struct {
	Attempt
	began time.Time
	sent  time.Duration // when it was let through, after began; 0 if it was not
}

// pass notes that nothing is in front of the network any more. A nil timed is nobody's.
func (t *timed) pass() {
	if t != nil {
		t.sent = max(time.Since(t.began), 1)
	}
}

// observe sends a request and tells what came of it.
func (a *asker) observe(ctx context.Context, req request, q question, number int) (*answer, *Error) {
	if a.observer == nil {
		return a.send(ctx, req, q.verdict)
	}
	t := &timed{Attempt: Attempt{Step: req.step, Number: number, Place: req.place, Page: req.page}, began: time.Now()}
	req.timed = t
	got, failed := a.send(ctx, req, q.verdict)
	t.end(got, failed)
	a.observer(ctx, t.Attempt)
	return got, failed
}

func (t *timed) end(got *answer, failed *Error) {
	whole := time.Since(t.began)
	t.Sent, t.Waited, t.Took = true, t.sent, whole-t.sent
	if t.sent == 0 {
		t.Sent, t.Waited, t.Took = false, whole, 0
	}
	switch {
	case failed != nil:
		t.Kind, t.Status, t.Decided = failed.Kind, failed.Status, failed.Place
	case got != nil:
		t.Status, t.Decided = got.Status, got.decided
	}
}

// stepKey is what a step's name is kept under in a context.
type stepKey struct{}

// StepOf gives the name of the step whose request a context belongs to, login for a login's, and "" outside of requests.
// It is for what [Options.Transport] wraps around the network.
func StepOf(ctx context.Context) string {
	name, _ := ctx.Value(stepKey{}).(string)
	return name
}

func withStep(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, stepKey{}, name)
}

// State is how a Client is doing at one moment.
type State struct {
	UnderWay int               // requests that hold a place
	Places   int               // how many may
	Waiting  int               // requests whose turn of the rate has not come
	Breakers map[string]string // of every step that was asked so far, and of login: closed, half-open or open
}

// State tells how the client is doing now.
func (c *Client) State() State {
	return State{UnderWay: len(c.places), Places: cap(c.places), Waiting: c.pace.queued(), Breakers: c.breakers.states()}
}

// queued tells how many wait for their turn.
func (p *pace) queued() int {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return len(p.waiting)
}

// states gives the state of each step's breaker; of a step that asks several hosts, the worst.
func (b *breakers) states() map[string]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	worst := map[string]gobreaker.State{}
	for use := range b.uses {
		state := b.of[use.circuit].State()
		worst[use.step] = max(worst[use.step], state)
	}
	states := make(map[string]string, len(worst))
	for step, state := range worst {
		states[step] = state.String()
	}
	return states
}

// use is a step and a circuit that its requests went through.
type use struct {
	step string
	circuit
}

// observed tells of an exchange that is none of an asker's requests.
func (o Observer) observed(ctx context.Context, began time.Time, failed *Error) {
	if o == nil {
		return
	}
	failed = cmp.Or(failed, &Error{})
	o(ctx, Attempt{
		Step: loginStep, Number: 1, Kind: failed.Kind, Status: failed.Status, Sent: true, Took: time.Since(began),
		Place: oauth2Place, Page: 1, Decided: failed.Place,
	})
}
