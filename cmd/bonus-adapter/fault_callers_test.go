package main

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"bonus-adapter/crm/crmtest"
)

const (
	callerHead = "POST /bonus-history HTTP/1.1\r\nHost: x\r\nkey: key-of-the-caller\r\n"
	callerBody = `{"userIdentifier":"1"}`
)

// say sends bytes on a connection of their own, and gives all that comes back until it ends.
func (s *subject) say(t *testing.T, bytes string) string {
	t.Helper()
	connection := s.dial(t)
	go func() { _, _ = io.WriteString(connection, bytes) }()
	got, err := io.ReadAll(connection)
	if err != nil && !strings.Contains(err.Error(), "reset") {
		t.Fatalf("%v after %q", err, got)
	}
	return string(got)
}

// TestFaultsOfCallers: requests that two readers could understand differently. None of them reaches the CRM twice, or for
// another customer than its own, and the connection ends.
func TestFaultsOfCallers(t *testing.T) {
	const ending = "Connection: close\r\n"
	inner := callerHead + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(callerBody)) + strings.Replace(callerBody, "1", "smuggled", 1)
	for name, test := range map[string]struct {
		says  string
		want  string // the beginning of what comes back
		asked int
	}{
		"C21 a length and chunks": {callerHead + ending + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + inner, "HTTP/1.1 400 ", 0},
		"C21 two lengths":         {callerHead + "Content-Length: 22\r\nContent-Length: 5\r\n\r\n" + callerBody, "HTTP/1.1 400 ", 0},
		"C21 a length of words":   {callerHead + "Content-Length: +22\r\n\r\n" + callerBody, "HTTP/1.1 400 ", 0},
		"C21 chunks of nobody":    {callerHead + "Transfer-Encoding: chunked, x\r\n\r\n" + callerBody, "HTTP/1.1 501 ", 0},
		"C21 a blank in a name":   {callerHead + "Content-Length : 22\r\n\r\n" + callerBody, "HTTP/1.1 400 ", 0},
		"C21 no host":             {strings.Replace(callerHead, "Host: x\r\n", "", 1) + "Content-Length: 22\r\n\r\n" + callerBody, "HTTP/1.1 400 ", 0},
		"C21 two hosts":           {callerHead + "Host: y\r\nContent-Length: 22\r\n\r\n" + callerBody, "HTTP/1.1 400 ", 0},
		"C21 bare line feeds":     {strings.ReplaceAll(callerHead+ending+"Content-Length: 22\r\n\r\n", "\r\n", "\n") + callerBody, "HTTP/1.1 200 OK\r\n", 1},
		"C21 a folded key":        {strings.Replace(callerHead, "key-of", "key-\r\n of", 1) + ending + "Content-Length: 22\r\n\r\n" + callerBody, "HTTP/1.1 401 ", 0},
		"C19 HTTP/2, unasked":     {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + strings.Repeat("\x00", 64), "HTTP/1.1 ", 0},
		"C19 an upgrade":          {callerHead + "Connection: close, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: 22\r\n\r\n" + callerBody, "HTTP/1.1 200 OK\r\n", 1},
		"C27 a long header":       {callerHead + "X: " + strings.Repeat("x", 100<<10) + "\r\n\r\n", "HTTP/1.1 431 ", 0},
		"C27 many headers":        {callerHead + strings.Repeat("X-Many: 0123456789\r\n", 5000) + "\r\n", "HTTP/1.1 431 ", 0},
		"C27 another's address":   {callerHead + ending + "X-Forwarded-For: 127.0.0.1\r\nForwarded: for=secret-id\r\nContent-Length: 22\r\n\r\n" + callerBody, "HTTP/1.1 200 OK\r\n", 1},
		"no HTTP":                 {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "HTTP/1.1 400 ", 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSubject(t, faultConfig, crmtest.Answer(200, goodItems))
			got := s.say(t, test.says)
			if !strings.HasPrefix(got, test.want) || strings.Count(got, "HTTP/1.1 ") != 1 {
				t.Errorf("%.300q, want %q and nothing behind it", got, test.want)
			}
			if asked := s.crm.Asked(); len(asked) != test.asked || test.asked == 1 && asked[0].URI != "/customers/1" {
				t.Errorf("the CRM was asked %v", asked)
			}
			s.logsNothingSecret(t)
		})
	}
}

// TestContentTypes (C16): the body decides, not what it is called.
func TestContentTypes(t *testing.T) {
	s := newSubject(t, faultConfig, crmtest.Answer(200, goodItems))
	for i, test := range []struct {
		contentType, body string
		status            int
	}{
		{"", callerBody, 200},
		{"application/json", callerBody, 200},
		{"Application/JSON; Charset=UTF-8", callerBody, 200},
		{"text/plain", callerBody, 200},
		{"application/x-www-form-urlencoded", callerBody, 200},
		{"application/x-www-form-urlencoded", "userIdentifier=1", 400},
		{"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"userIdentifier\"\r\n\r\n1\r\n--b--\r\n", 400},
		{"application/xml", "<userIdentifier>1</userIdentifier>", 400},
	} {
		if got := s.send(t, "POST", "/bonus-history", test.body, "key", "key-of-the-caller", "Content-Type", test.contentType); got.status != test.status {
			t.Errorf("row %d: %d, want %d", i, got.status, test.status)
		}
	}
}

// TestNothingElseIsServed (D9) at the address that Imshop's requests come to.
func TestNothingElseIsServed(t *testing.T) {
	s := newSubject(t, faultConfig, crmtest.Answer(200, goodItems))
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/vars", "/console/", "/config.yaml", "/.env"} {
		if got := s.send(t, "GET", path, ``); got.status != 404 {
			t.Errorf("%s: %d", path, got.status)
		}
	}
}

// TestSlowHeaders (C8): callers who never come to the end of their headers are let go, and hold up nobody meanwhile.
func TestSlowHeaders(t *testing.T) {
	t.Parallel()
	s := newSubject(t, faultConfig, crmtest.Answer(200, goodItems))
	var slow []net.Conn
	for range 200 {
		connection := s.dial(t)
		_, _ = io.WriteString(connection, "POST /bonus-history HTTP/1.1\r\nHost: x\r\nX-Slow: ")
		slow = append(slow, connection)
	}
	for tick := range 20 {
		for _, connection := range slow {
			_, _ = io.WriteString(connection, "x")
		}
		if got := s.history(t, fmt.Sprint(tick)); got.history != "live" {
			t.Error(got.history)
		}
	}
	for _, connection := range slow {
		if _, err := io.ReadAll(connection); err != nil && strings.Contains(err.Error(), "timeout") {
			t.Fatal("a slow caller is still there")
		}
	}
	if asked := len(s.crm.Asked()); asked != 20 {
		t.Errorf("the CRM was asked %d times", asked)
	}
}

// TestACallerWhoDoesNotRead (C28): an answer larger than what fits between two machines, and nobody who takes it.
func TestACallerWhoDoesNotRead(t *testing.T) {
	t.Parallel()
	record := `{"type":"EARN","amount":1,"text":"` + strings.Repeat("ы", 1000) + `"},`
	yaml := strings.NewReplacer("body: 1MiB", "body: 16MiB", "budget: 3s", "budget: 2s").Replace(faultConfig)
	s := newSubject(t, yaml, crmtest.Answer(200, `{"items":[`+strings.Repeat(record, 7000)+`{"type":"EARN","amount":1}]}`))
	connection := s.dial(t)
	_ = connection.(*net.TCPConn).SetReadBuffer(4096)
	_, _ = io.WriteString(connection, callerHead+"Content-Length: 22\r\n\r\n"+callerBody)
	waitUntil(t, func() bool { return s.logs.FilterMessage("request").Len() == 1 }) // it is written when the handler ends
	if next := s.history(t, "1"); next.status != 200 {
		t.Error(next.status)
	}
}
