package adapter

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

// writing is the time that a caller has for reading an answer, after the budget.
const writing = 5 * time.Second

// after is what comes to the budget until [Serve] has returned, whatever callers and ledgers do: one half for callers who
// are slow to read, the other for what was asked for them.
const after = time.Second

// Serve answers on listener until ctx ends, then finishes the requests in flight: it returns after the budget and one
// second more at the latest.
// Neither Echo nor net/http has timeouts of its own; here every phase of a connection is bounded.
func Serve(ctx context.Context, listener net.Listener, door *Door) error {
	h := door.handler()
	server := &http.Server{
		Handler:           door.outside(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      h.budget + writing,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // it would print what callers send

		DisableGeneralOptionsHandler: true, // it answers OPTIONS * with an empty 200
	}
	if h.forgetful {
		h.log.Warn("adapter.id_key is not set: customers have other names in the log after each start")
	}
	ending, end := context.WithCancel(ctx)
	defer end()
	stopped := make(chan error, 1)
	go func() {
		<-ending.Done()
		stopped <- finish(context.WithoutCancel(ctx), server, door)
	}()
	err := serveOn(netutil.LimitListener(listener, h.connections), server, door)
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	end()
	return errors.Join(err, <-stopped)
}

// finish takes no more requests, and waits for those under way and for what was asked for them. One time holds for all of
// that, so that whoever ends the process knows how long it may take.
func finish(ctx context.Context, server *http.Server, door *Door) error {
	door.Drain()
	budget := door.handler().budget
	whole, cancel := context.WithTimeout(ctx, budget+after)
	defer cancel()
	answering, cancelAnswering := context.WithTimeout(ctx, budget+after/2)
	defer cancelAnswering()
	err := server.Shutdown(answering)
	if err != nil {
		_ = server.Close() // whoever is still there has had the whole budget, or has not yet asked anything
	}
	if door.busy.Load() == 0 {
		err = nil
	}
	return errors.Join(err, door.handler().flights.wait(whole))
}

// serveOn answers plainly, or by TLS if the door has it: HTTP/1.1 and HTTP/2 then.
func serveOn(listener net.Listener, server *http.Server, door *Door) error {
	if server.TLSConfig = door.TLS(); server.TLSConfig == nil {
		return server.Serve(listener)
	}
	return server.ServeTLS(listener, "", "")
}
