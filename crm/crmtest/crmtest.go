// Package crmtest is a CRM for tests: a real HTTP server on loopback that answers as it is told and remembers what it
// was asked.
package crmtest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// CRM is a running server. It is safe for concurrent use and stops with the test.
type CRM struct {
	URL string

	server *httptest.Server
	mu     sync.Mutex
	asked  []Request
}

// Request is what the CRM was asked, as it came over the wire.
type Request struct {
	Method string
	URI    string // the request line's target, undecoded
	Header http.Header
	Body   string
}

// New starts a CRM that answers with handler.
func New(t testing.TB, handler http.HandlerFunc) *CRM {
	t.Helper()
	crm := &CRM{}
	crm.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		crm.mu.Lock()
		crm.asked = append(crm.asked, Request{r.Method, r.RequestURI, r.Header.Clone(), string(body)})
		crm.mu.Unlock()
		r.Body = io.NopCloser(bytes.NewReader(body))
		handler(w, r)
	}))
	t.Cleanup(crm.server.Close)
	crm.URL = crm.server.URL
	return crm
}

// Asked gives the requests so far, in the order of their arrival.
func (c *CRM) Asked() []Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Request(nil), c.asked...)
}

// Forget empties what Asked gives.
func (c *CRM) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = nil
}

// Drop ends every connection that there is, but for those that a handler has taken over.
func (c *CRM) Drop() { c.server.CloseClientConnections() }

// Answer makes a handler that always gives the same status and body.
func Answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// Raw makes a handler that takes the connection over and writes bytes as they are, then closes it: for answers that
// are not HTTP, or break off.
func Raw(bytes string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = io.WriteString(connection, bytes)
		_ = connection.Close()
	}
}
