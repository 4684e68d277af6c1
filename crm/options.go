package crm

import (
	"net/http"
	"time"

	"bonus-adapter/store"
)

// Options are what a Client takes from outside, beside its config. The zero Options are what serves.
type Options struct {
	// Transport wraps the way to the network, for recordings of it; nil leaves it as it is. What it gives is called by
	// many requests at once, unless they come in order.
	Transport func(network http.RoundTripper) http.RoundTripper
	// Now is the time that requests speak of: the name now, and where windows begin. Deadlines and lifetimes are the real
	// clock's. Nil is [time.Now].
	Now func() time.Time
	// InOrder sends the requests of a history one after the other, in the order that the config gives them, so that a
	// recording of them is always the same.
	InOrder bool
	// Replay is for a Transport that plays a recording: requests come in order, nothing is waited for (repetitions, rate
	// limits, holds), what only a real connection needs (tls, proxy) is left out, and a uuid is the same every time.
	Replay bool
	// Shared is what replicas have in common: the rate and the login's token. Nil is a replica on its own.
	Shared store.Store
	// Before is the Client that this one takes the place of, while it still answers; nil if there is none. What the CRM bears
	// is shared between them if they ask the same one: the places for requests at once, the rate, the time for which it is
	// left alone.
	Before *Client
	// Identity is what no other config of a CRM has, its secrets included. It tells whose token is whose.
	Identity string
	// Observe hears of every attempt; nil hears of none.
	Observe Observer
}

func (o Options) inOrder() bool { return o.InOrder || o.Replay }
