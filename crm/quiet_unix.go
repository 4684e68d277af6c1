//go:build unix

package crm

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"syscall"
)

// quietly makes the connections that a dialer gives quieters.
func quietly(next dial) dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := next(ctx, network, address)
		if err != nil {
			return nil, err
		}
		below, is := conn.(syscall.Conn)
		if !is {
			return conn, nil
		}
		raw, err := below.SyscallConn()
		if err != nil {
			return conn, nil //nolint:nilerr // it is as good as any other
		}
		return &careful{Conn: conn, raw: raw}, nil
	}
}

// careful reads by itself, so that it is one step to take what has come and to note that.
type careful struct {
	net.Conn
	raw syscall.RawConn

	mu      sync.Mutex
	waits   bool          // the reader, for more than it has taken
	closed  bool          // by us
	changed chan struct{} // closed at the next change; nil if nobody waits for one
}

// Read takes what has come, and waits until something has.
func (c *careful) Read(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	c.note(func() { c.waits = true })
	failed := c.raw.Read(func(fd uintptr) bool {
		taken := false
		c.note(func() {
			n, err = take(int(fd), p)
			if taken = !errors.Is(err, syscall.EAGAIN); taken {
				c.waits = false
			}
		})
		return taken
	})
	switch {
	case failed != nil:
		c.note(func() { c.waits = false })
		return 0, failed
	case err != nil:
		return 0, &net.OpError{Op: "read", Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: os.NewSyscallError("read", err)}
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

func take(fd int, p []byte) (int, error) {
	for {
		n, err := syscall.Read(fd, p)
		if !errors.Is(err, syscall.EINTR) {
			return max(n, 0), err
		}
	}
}

// Close ends the connection.
func (c *careful) Close() error {
	err := c.Conn.Close()
	c.note(func() { c.closed = true })
	return err
}

// note makes a change and tells it.
func (c *careful) note(change func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	waited, closed := c.waits, c.closed
	change()
	if c.changed != nil && (waited != c.waits || closed != c.closed) {
		close(c.changed)
		c.changed = nil
	}
}

func (c *careful) settle(ctx context.Context) {
	for {
		next := c.next()
		if next == nil {
			return
		}
		select {
		case <-next:
		case <-ctx.Done():
			return
		}
	}
}

// next is nil if the reader waits and nothing has come; else it ends with the next change.
func (c *careful) next() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.waits && !c.pending() {
		return nil
	}
	if c.changed == nil {
		c.changed = make(chan struct{})
	}
	return c.changed
}

// pending tells whether something has come that was not taken: bytes, or the end.
func (c *careful) pending() bool {
	come := false
	var one [1]byte
	err := c.raw.Control(func(fd uintptr) {
		_, _, err := syscall.Recvfrom(int(fd), one[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		come = !errors.Is(err, syscall.EAGAIN) && !errors.Is(err, syscall.EINTR)
	})
	return err == nil && come
}
