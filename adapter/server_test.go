package adapter_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"bonus-adapter/adapter"
	"bonus-adapter/crm"
)

// pipes is a listener without a network, so that time stands still while nobody waits for it.
type pipes struct {
	accept chan net.Conn
	closed chan struct{}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.accept:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error   { close(p.closed); return nil }
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// dial gives the caller's end of a connection that was accepted.
func (p *pipes) dial() net.Conn {
	here, there := net.Pipe()
	p.accept <- there
	return here
}

// TestTheEndIsBounded: Serve returns after the budget and one second at the latest, whoever does not come to an end.
func TestTheEndIsBounded(t *testing.T) {
	asking := "POST " + path + " HTTP/1.1\r\nHost: x\r\nkey: " + key + "\r\nContent-Length: 22\r\n\r\n{\"userIdentifier\":\"1\"}"
	for name, test := range map[string]struct {
		asked  ledger
		sends  string
		before func(release chan struct{}) func(http.Handler) http.Handler
	}{
		"nobody":                        {asked: reads()},
		"a caller within his headers":   {asked: reads(), sends: "POST " + path + " HTTP/1.1\r\nHost"},
		"a caller within his body":      {asked: reads(), sends: "POST " + path + " HTTP/1.1\r\nHost: x\r\nkey: " + key + "\r\nContent-Length: 22\r\n\r\n{"},
		"a caller who reads no answer":  {asked: reads(), sends: asking},
		"a ledger that obeys":           {asked: obedient, sends: asking},
		"a ledger that never gives up":  {sends: asking},
		"a layer that never gives back": {asked: reads(), sends: asking, before: stuck},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				if test.asked == nil {
					test.asked = func(context.Context, crm.Customer) (*crm.History, error) { <-release; return &crm.History{}, nil }
				}
				cfg := settings()
				handler, _ := newHandler(t, cfg, test.asked)
				d := adapter.NewDoor(handler)
				if test.before != nil {
					d.Through(test.before(release))
				}
				listener := &pipes{make(chan net.Conn), make(chan struct{})}
				ctx, stop := context.WithCancel(t.Context())
				done := make(chan struct{})
				go func() { _ = adapter.Serve(ctx, listener, d); close(done) }()
				conn := listener.dial()
				go func() { _, _ = io.WriteString(conn, test.sends) }()
				synctest.Wait()
				stop()
				began := time.Now()
				<-done
				if took, most := time.Since(began), time.Duration(cfg.Budget)+time.Second; took > most {
					t.Errorf("it ended after %s, with %s at most", took, most)
				}
				close(release)
				_ = conn.Close()
			})
		})
	}
}

// obedient gives up when its time is over.
func obedient(ctx context.Context, _ crm.Customer) (*crm.History, error) {
	<-ctx.Done()
	return nil, &crm.Error{Kind: crm.Timeout, Err: ctx.Err()}
}

// stuck stands before the handler and never lets go.
func stuck(release chan struct{}) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			next.ServeHTTP(w, r)
			<-release
		})
	}
}
