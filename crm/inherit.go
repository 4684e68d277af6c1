package crm

import (
	"strings"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/store"
)

// asks says whom a Client asks, and how often it may: what two of them have to agree in to share what the CRM bears.
type asks struct {
	origin  string // empty if it is not known
	rate    Rate
	timeout time.Duration
	shared  store.Store
}

func newAsks(cfg *Config, shared store.Store) asks {
	var told config.Problems // by newBase
	head, _ := cfg.BaseURL.head("", &told)
	return asks{strings.ToLower(authority.FindString(head)), cfg.Rate, time.Duration(cfg.Timeout), shared}
}

// inherit gives the client its places and its pace: those of the client before it where both ask the same CRM in the same
// way. While a changed config takes over, both send requests, and the CRM bears no more for that.
//
// Where the number of places itself has changed there are new ones, and where the rate has, it begins with what was let
// through before: for as long as the client before has requests under way, there may be some more than either allows.
func (c *Client) inherit(before *Client, concurrent int) {
	c.places = make(chan struct{}, max(concurrent, 1))
	c.pace = newPacer(c.asks.rate, c.asks.timeout, c.asks.shared)
	if before == nil || c.asks.origin == "" || before.asks.origin != c.asks.origin {
		return
	}
	if cap(before.places) == cap(c.places) {
		c.places = before.places
	}
	if before.asks == c.asks {
		c.pace = before.pace
		return
	}
	own(c.pace).follow(own(before.pace))
}

// own is this replica's part of a pacer.
func own(p pacer) *pace {
	if shared, ok := p.(*common); ok {
		return shared.pace
	}
	return p.(*pace)
}

// follow counts what another pace let through, what waits there as if it had just begun, and keeps its hold.
func (p *pace) follow(before *pace) {
	before.mutex.Lock()
	defer before.mutex.Unlock()
	p.until = before.until
	if len(p.begun) == 0 || len(before.begun) == 0 {
		return
	}
	for i := range before.begun {
		if at := before.begun[(before.units+1+i)%len(before.begun)]; !at.IsZero() {
			p.begin(&turn{weight: 1}, at)
		}
	}
	for _, t := range before.waiting {
		p.begin(&turn{weight: min(t.weight, len(p.begun))}, time.Now())
	}
}
