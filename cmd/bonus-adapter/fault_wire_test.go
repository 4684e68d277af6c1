package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"bonus-adapter/crm/crmtest"
)

const (
	unreachable  = "fallback; reason=crm_unreachable"
	decodeFailed = "fallback; reason=decode_failed"
	tooLarge     = "fallback; reason=too_large"
	statusFailed = "fallback; reason=crm_status"
)

// TestFaultsOnTheWire: answers that are no HTTP, or not all of one.
func TestFaultsOnTheWire(t *testing.T) {
	whole := contentLength(len(goodItems))
	poison := raw(contentLength(len(`{"items":[{"type":"EARN","amount":1,"text":"poison"}]}`)), `{"items":[{"type":"EARN","amount":1,"text":"poison"}]}`)
	proveAll(t, map[string]fault{
		"a whole answer":                    {answer: kept(raw(whole, goodItems)), want: "live", calls: 1},
		"A13 shorter than it says":          {answer: crmtest.Raw(raw(contentLength(len(goodItems)+9), goodItems)), want: unreachable, calls: 1},
		"A14 the last chunk is missing":     {answer: crmtest.Raw(raw("Transfer-Encoding: chunked\r\n", fmt.Sprintf("%x\r\n%s\r\n", len(goodItems), goodItems))), want: unreachable, calls: 1},
		"A15 until the end, cut":            {answer: crmtest.Raw(raw("Connection: close\r\n", goodItems[:20])), want: decodeFailed, calls: 1},
		"A15 until the end, whole":          {answer: crmtest.Raw(raw("Connection: close\r\n", goodItems)), want: "live", calls: 1},
		"A17 reset in the body":             {answer: crmtest.Reset(raw(contentLength(900_000), goodItems+strings.Repeat(" ", 800_000))), want: unreachable, calls: 1},
		"A18 longer than it says":           {answer: kept(raw(contentLength(10), goodItems)), want: decodeFailed, calls: 1},
		"A18 longer than it says, all good": {answer: kept(raw(whole, goodItems+poison)), want: "live", calls: 1},
		"A19 two lengths":                   {answer: kept(raw(whole+contentLength(5), goodItems)), want: unreachable, calls: 1},
		"A19 the same length twice":         {answer: kept(raw(whole+whole, goodItems)), want: "live", calls: 1},
		"A19 chunks and a length":           {answer: kept(raw("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(goodItems), goodItems))), want: "live", calls: 1},
		"A20 an answer that nobody wants":   {answer: kept(raw(whole, goodItems) + poison), want: "live", calls: 1},
		"A21 another protocol":              {answer: crmtest.Raw("SSH-2.0-OpenSSH_9.6\r\nkey exchange\r\n"), want: unreachable, calls: 1},
		"A21 HTTP of 1991":                  {answer: crmtest.Raw("<html>poison</html>"), want: unreachable, calls: 1},
		"A22 a header without an end":       {answer: crmtest.Endless("HTTP/1.1 200 OK\r\nX-Long: ", "poison", nil), want: unreachable, calls: 1},
		"A22 headers without an end":        {answer: crmtest.Endless("HTTP/1.1 200 OK\r\n", "X-Many: poison\r\n", nil), want: unreachable, calls: 1},
		"A22 preliminary answers":           {answer: crmtest.Endless("", "HTTP/1.1 103 Early Hints\r\nX: poison\r\n\r\n", nil), want: unreachable, calls: 1},
		"A23 gzip that is none":             {answer: kept(raw("Content-Encoding: gzip\r\n"+whole, goodItems)), want: decodeFailed, calls: 1},
		"A23 a compression nobody asked":    {answer: kept(raw("Content-Encoding: br\r\n"+whole, goodItems)), want: decodeFailed, calls: 1},
		"A10 headers that trickle":          {answer: trickle("HTTP/1.1 200 OK\r\nX-Slow: ", "x"), want: "fallback; reason=crm_timeout", calls: 1},
		"A11 a body that trickles":          {answer: trickle(raw(contentLength(100_000), ""), " "), want: "fallback; reason=crm_timeout", calls: 1},
	})
}

// kept answers as the row says, and well ever after on the same connection.
func kept(bytes string) http.HandlerFunc {
	return crmtest.Kept(bytes, raw(contentLength(len(goodItems)), goodItems))
}

// trickle writes one byte after the other, until the other side has enough.
func trickle(begin, then string) http.HandlerFunc {
	return crmtest.Wire(func(connection *net.TCPConn) {
		_, err := connection.Write([]byte(begin))
		for tick := time.NewTicker(20 * time.Millisecond); err == nil; <-tick.C {
			_, err = connection.Write([]byte(then))
		}
	})
}

// TestTheCRMSeesAnEnd (A11, B15): who sends too much is told so at once, not read to the end.
func TestTheCRMSeesAnEnd(t *testing.T) {
	gone := make(chan struct{}, 1)
	fault{
		answer: crmtest.Endless(raw("Transfer-Encoding: chunked\r\n", ""), "10\r\n0123456789abcdef\r\n", gone),
		want:   tooLarge, calls: 1,
	}.prove(t)
	select {
	case <-gone:
	case <-time.After(30 * time.Second):
		t.Error("the answer is still read")
	}
}

// TestPoisonedConnections (A20): twenty customers after an answer with another one behind it. The connection is given up as
// soon as that is noticed, which is waited for: net/http cannot tell it from the answer to a request that takes the same
// connection in the moment before.
func TestPoisonedConnections(t *testing.T) {
	whole := raw(contentLength(len(goodItems)), goodItems)
	gone := make(chan struct{}, 20)
	s := newSubject(t, faultConfig, crmtest.Wire(func(connection *net.TCPConn) {
		_, _ = connection.Write([]byte(whole + strings.ReplaceAll(whole, "250", "666")))
		_, _ = io.Copy(io.Discard, connection)
		gone <- struct{}{}
	}))
	for i := range 20 {
		if got := s.history(t, fmt.Sprint(i)); got.history != "live" || got.body != goodBody {
			t.Fatalf("%d: %q %s", i, got.history, got.body)
		}
		select {
		case <-gone:
		case <-time.After(30 * time.Second):
			t.Fatal("the connection is kept")
		}
	}
	if asked := len(s.crm.Asked()); asked != 20 {
		t.Errorf("the CRM was asked %d times", asked)
	}
}

// TestAConnectionThatIsNotAccepted (A5): a CRM whose machine does not answer to connections. Its queue of them is full.
func TestAConnectionThatIsNotAccepted(t *testing.T) {
	address := deaf(t)
	e := &engine{client: engineClient(t, "http://"+address, "history.items", "timeout: 300ms\n"+getStep)}
	if got := e.tell(t); got != "! timeout" {
		t.Error(got)
	}
}

// TestPrivateAddresses (A4): with deny_private the address that is dialled decides, whatever name leads to it.
func TestPrivateAddresses(t *testing.T) {
	for _, host := range []string{"127.0.0.1", "localhost"} {
		e := &engine{crm: crmtest.New(t, says(page("1")))}
		e.client = engineClient(t, strings.Replace(e.crm.URL, "127.0.0.1", host, 1), "history.items", "deny_private: true\n"+getStep)
		e.expect(t, "! host refused", 0)
		if asked := len(e.crm.Asked()); asked != 0 {
			t.Errorf("%s was asked %d times", host, asked)
		}
	}
}
