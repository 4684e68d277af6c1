package adapter_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"bonus-adapter/adapter"
	"bonus-adapter/config"
	"bonus-adapter/crm"
)

func hurried() adapter.Config {
	cfg := settings()
	cfg.Budget = config.Duration(300 * time.Millisecond)
	return cfg
}

func TestTheBudgetEnds(t *testing.T) {
	for name, gives := range map[string]func(context.Context) error{
		"its own error":  func(context.Context) error { return &crm.Error{Kind: crm.Timeout} },
		"the context's":  func(ctx context.Context) error { return ctx.Err() },
		"a cancellation": func(context.Context) error { return &crm.Error{Kind: crm.Canceled} },
	} {
		t.Run(name, func(t *testing.T) {
			var left time.Duration
			d := open(t, hurried(), func(ctx context.Context, _ crm.Customer) (*crm.History, error) {
				deadline, _ := ctx.Deadline()
				left = time.Until(deadline)
				<-ctx.Done()
				return nil, gives(ctx)
			})
			started := time.Now()
			d.expect(t, d.ask(t), 200, "fallback; reason=crm_timeout")
			if left > 270*time.Millisecond || left <= 0 { // a tenth is kept for the answer
				t.Errorf("the ledger had %v", left)
			}
			if took := time.Since(started); took > 1300*time.Millisecond {
				t.Errorf("took %v", took)
			}
		})
	}
}

// The answer is out in time, whatever the ledger does, also where a connection's time for reading is over.
func TestALateLedgerIsNotWaitedFor(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	d := open(t, hurried(), func(ctx context.Context, _ crm.Customer) (*crm.History, error) {
		<-release
		return &crm.History{}, nil
	})
	d.expect(t, d.ask(t), 200, "fallback; reason=crm_timeout")
}

func eventually(t *testing.T, met func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !met(); {
		if time.Now().After(deadline) {
			t.Fatal("it never happened")
		}
		<-time.After(time.Millisecond)
	}
}

// leaving connects by hand, sends a whole request and does what a caller may do then, nothing if nil.
func leaving(t *testing.T, url string, leave func(*net.TCPConn)) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nkey: %s\r\nContent-Length: %d\r\n\r\n%s", path, key, len(body), body)
	if err != nil {
		t.Fatal(err)
	}
	if leave != nil {
		leave(conn.(*net.TCPConn))
	}
	return conn.(*net.TCPConn)
}

func TestACallerWhoLeaves(t *testing.T) {
	for name, gives := range map[string]func(context.Context) error{
		"canceled":      func(context.Context) error { return &crm.Error{Kind: crm.Canceled} },
		"the context's": func(ctx context.Context) error { return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			arrived, ended := make(chan struct{}), make(chan error, 1)
			d := open(t, settings(), func(ctx context.Context, _ crm.Customer) (*crm.History, error) {
				close(arrived)
				<-ctx.Done()
				ended <- ctx.Err()
				return nil, gives(ctx)
			})
			// Who only stops sending can still read: no answer is better than a 200 without a body.
			conn := leaving(t, d.url, func(conn *net.TCPConn) { <-arrived; _ = conn.CloseWrite() })
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
			if got, err := io.ReadAll(conn); len(got) > 0 || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%q %v", got, err)
			}
			d.logged(t, "fallback", "canceled")
		})
	}
}

func TestABodyThatDoesNotCome(t *testing.T) {
	for _, test := range []struct{ length, status, connection string }{
		{"99", "HTTP/1.1 400 ", "close"},       // waited for until the budget ends
		{"99999999", "HTTP/1.1 413 ", "close"}, // not waited for
	} {
		d := open(t, hurried(), reads())
		conn, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nkey: %s\r\nContent-Length: %s\r\n\r\n{", path, key, test.length)
		_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		got, err := io.ReadAll(conn) // to the end: the connection is closed
		_ = conn.Close()
		if err != nil || !strings.HasPrefix(string(got), test.status) || !strings.Contains(string(got), "\r\nConnection: "+test.connection) {
			t.Errorf("%s: %v %q", test.length, err, got)
		}
		d.logged(t, "rejected", "bad_request")
	}
}

// served runs Serve itself.
func served(t *testing.T, cfg adapter.Config, asked ledger) (d *door, stop func(), done chan error) {
	t.Helper()
	handler, logs := newHandler(t, cfg, asked)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done = make(chan error, 1)
	go func() { done <- adapter.Serve(ctx, listener, adapter.NewDoor(handler)) }()
	return &door{handler, "http://" + listener.Addr().String(), logs}, cancel, done
}

func TestServeDrains(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	arrived, release := make(chan struct{}), make(chan struct{})
	d, stop, done := served(t, settings(), func(context.Context, crm.Customer) (*crm.History, error) {
		close(arrived)
		<-release
		return &crm.History{}, nil
	})
	inFlight := make(chan answer, 1)
	go func() { inFlight <- d.ask(t) }()
	<-arrived
	stop()
	draining := func() bool {
		conn, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://"))
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	}
	for deadline := time.Now().Add(5 * time.Second); !draining(); {
		if time.Now().After(deadline) {
			t.Fatal("it still listens")
		}
	}
	recorded := readiness(t, d.handler)
	if recorded != 503 {
		t.Errorf("/readyz: %d", recorded)
	}
	close(release)
	got := <-inFlight
	d.expect(t, got, 200, "live; reason=no_transactions")
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func readiness(t *testing.T, handler http.Handler) int {
	t.Helper()
	recorded := httptest.NewRecorder()
	handler.ServeHTTP(recorded, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
	return recorded.Code
}

func TestServeAnswersOptionsOfEverything(t *testing.T) {
	d, stop, done := served(t, settings(), reads())
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	conn, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	if got, err := io.ReadAll(conn); err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 404 ") || !strings.Contains(string(got), `{"bonuses":[],"error"`) {
		t.Errorf("%v %q", err, got)
	}
}

// deadlines is a connection that remembers until when it was to be read.
type deadlines struct {
	*httptest.ResponseRecorder
	set []time.Time
}

func (d *deadlines) SetReadDeadline(at time.Time) error {
	d.set = append(d.set, at)
	return nil
}

// The body has the budget's deadline. Once it is read there is none: it would look like a caller who left.
func TestTheBodyHasTheDeadline(t *testing.T) {
	handler, _ := newHandler(t, settings(), reads())
	for text, want := range map[string]int{body: 2, `{}`: 1} {
		connection := &deadlines{ResponseRecorder: httptest.NewRecorder()}
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(text))
		request.Header.Set("key", key)
		handler.ServeHTTP(connection, request)
		if len(connection.set) != want || time.Until(connection.set[0]) > 5*time.Second || time.Until(connection.set[0]) <= 0 {
			t.Fatalf("%s: %v", text, connection.set)
		}
		if want == 2 && !connection.set[1].IsZero() {
			t.Error(connection.set)
		}
	}
}

// Even by someone who has sent everything and would go on.
func TestATooLargeBodyEndsTheConnection(t *testing.T) {
	handler, _ := newHandler(t, settings(), reads())
	recorded := httptest.NewRecorder()
	text := strings.NewReader(strings.Repeat(" ", 64<<10+1))
	handler.ServeHTTP(recorded, httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, text))
	if recorded.Code != 413 || recorded.Header().Get("Connection") != "close" {
		t.Error(recorded.Code, recorded.Header())
	}
}

// A ledger that never gives up keeps neither a caller nor the end waiting.
func TestServeEndsWithoutTheLedger(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	cfg := settings()
	cfg.Budget = config.Duration(100 * time.Millisecond)
	arrived, release := make(chan struct{}), make(chan struct{})
	defer close(release)
	d, stop, done := served(t, cfg, func(context.Context, crm.Customer) (*crm.History, error) {
		close(arrived)
		<-release
		return &crm.History{}, nil
	})
	conn := leaving(t, d.url, func(*net.TCPConn) { <-arrived })
	stop()
	if err := <-done; !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	if got, err := io.ReadAll(conn); err != nil || !strings.Contains(string(got), "reason=crm_timeout") {
		t.Errorf("%q %v", got, err)
	}
}

// Who has not come to the end of his headers has asked for nothing: he is waited for, and is no error.
func TestServeEndsThoughSomebodyNeverAsks(t *testing.T) {
	cfg := settings()
	cfg.Budget = config.Duration(100 * time.Millisecond)
	d, stop, done := served(t, cfg, reads())
	conn, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = io.WriteString(conn, "POST "+path+" HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	d.expect(t, d.ask(t), 200, "live; reason=no_transactions")
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// More connections than may be wait until one ends. Whoever holds one without asking is let go in time.
func TestMoreConnectionsThanMayBe(t *testing.T) {
	cfg := settings()
	cfg.Limits.Connections = 2
	d, stop, done := served(t, cfg, reads())
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	var held []net.Conn
	for range 2 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n")
		if _, err := conn.Read(make([]byte, 1)); err != nil { // it is taken, and kept
			t.Fatal(err)
		}
		held = append(held, conn)
	}
	third := make(chan answer, 1)
	go func() { third <- d.ask(t) }()
	conn, err := net.Dial("tcp", strings.TrimPrefix(d.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	select {
	case <-third:
		t.Error("three at once")
	case <-time.After(50 * time.Millisecond): // nobody can wait for what does not happen
	}
	for _, conn := range held {
		_ = conn.Close()
	}
	d.expect(t, <-third, 200, "live; reason=no_transactions")
}
