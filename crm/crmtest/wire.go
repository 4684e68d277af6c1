package crmtest

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
)

// Wire makes a handler that takes the connection over once a request was read: play writes what it likes, byte by byte,
// for answers that no HTTP server gives. The connection is closed when play returns.
func Wire(play func(connection *net.TCPConn)) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		defer func() { _ = connection.Close() }()
		play(connection.(*net.TCPConn))
	}
}

// Kept makes a handler that writes bytes as they are and keeps the connection: each further request on it is answered
// with then.
func Kept(bytes, then string) http.HandlerFunc {
	return Wire(func(connection *net.TCPConn) {
		_, err := io.WriteString(connection, bytes)
		for reader := bufio.NewReader(connection); err == nil; {
			if _, err = http.ReadRequest(reader); err == nil {
				_, err = io.WriteString(connection, then)
			}
		}
	})
}

// Reset makes a handler that writes bytes as they are and ends the connection with a reset. More than fits between two
// machines makes sure that the other side has read some of them.
func Reset(bytes string) http.HandlerFunc {
	return Wire(func(connection *net.TCPConn) {
		_, _ = io.WriteString(connection, bytes)
		_ = connection.SetLinger(0)
	})
}

// Endless makes a handler that writes a beginning and then the same bytes for ever, until the other side has enough;
// then it says so on gone, if that is not nil.
func Endless(begin, then string, gone chan<- struct{}) http.HandlerFunc {
	chunk := strings.Repeat(then, 1+4096/max(len(then), 1))
	return Wire(func(connection *net.TCPConn) {
		_, err := io.WriteString(connection, begin)
		for err == nil {
			_, err = io.WriteString(connection, chunk)
		}
		if gone != nil {
			gone <- struct{}{}
		}
	})
}
