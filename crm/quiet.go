package crm

import (
	"context"
	"net"
	"net/http/httptrace"
)

// A CRM, or what stands before it, may send an answer that nobody has asked for, behind a whole one. net/http gives up a
// connection on which something comes while nothing is asked; but its reader is a goroutine of its own, which may see what
// has come only after the next request has taken the connection, and then that is taken for its answer: of another
// customer, perhaps.
//
// So a request that is given a used connection first waits until the reader has seen all that has come, and waits for more.
// If it has given up the connection meanwhile, nothing of the request was sent, and net/http takes another one. What comes
// after that, while the request leaves, nobody can tell from an answer.

// quieter is a connection that can tell when its reader has seen all that has come.
type quieter interface {
	// settle returns then, or when the connection is closed, or ctx has ended.
	settle(ctx context.Context)
}

// settled gives the hook that lets a request wait for that.
func settled(ctx context.Context) func(httptrace.GotConnInfo) {
	return func(given httptrace.GotConnInfo) {
		if !given.Reused {
			return
		}
		below := given.Conn
		if secured, is := below.(interface{ NetConn() net.Conn }); is {
			below = secured.NetConn()
		}
		if conn, is := below.(quieter); is {
			conn.settle(ctx)
		}
	}
}

type dial = func(ctx context.Context, network, address string) (net.Conn, error)
