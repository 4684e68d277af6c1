//go:build unix

package crm_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"

	"bonus-adapter/config"
)

// unasked is a CRM that sends an answer behind each that was asked for: with it, or at once after it. It tells when all is sent.
func unasked(t *testing.T, whole, more string, apart bool) (url string, sent chan struct{}) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	t.Cleanup(func() { _ = listener.Close(); serving.Wait() })
	sent = make(chan struct{}, 1)
	serving.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer func() { _ = conn.Close() }()
				reader := bufio.NewReader(conn)
				for {
					request, err := http.ReadRequest(reader)
					if err != nil {
						return
					}
					_, _ = io.Copy(io.Discard, request.Body)
					if apart {
						_, _ = io.WriteString(conn, whole)
						_, _ = io.WriteString(conn, more)
					} else {
						_, _ = io.WriteString(conn, whole+more)
					}
					sent <- struct{}{}
				}
			})
		}
	})
	return "http://" + listener.Addr().String(), sent
}

// TestAnAnswerThatNobodyAskedForIsNobodys (A20): two thousand times, the next request comes as soon as all is sent, and takes
// the same connection if it can.
func TestAnAnswerThatNobodyAskedForIsNobodys(t *testing.T) {
	const whole = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n{\"items\":[]}"
	const more = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
	for name, test := range map[string]struct {
		more  string
		apart bool
	}{
		"with it":              {more, false},
		"behind it":            {more, true},
		"two behind it":        {more + more, true},
		"a part of one":        {"HTTP/1.1 404 Not", true},
		"nothing, all is well": {"", true},
	} {
		t.Run(name, func(t *testing.T) {
			url, sent := unasked(t, whole, test.more, test.apart)
			cfg := simple(t, url)
			cfg.Breaker.Requests = 1 << 20
			cfg.Timeout = config.Duration(30e9)
			cfg.Breaker.Window = config.Duration(3600e9)
			c := client(t, cfg)
			for i := range 2000 {
				if _, failed := ask(t, c, "1"); failed != nil {
					t.Fatalf("%d: %v", i, failed)
				}
				<-sent
			}
		})
	}
}
