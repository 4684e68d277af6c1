package crm

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"bonus-adapter/document"
)

// asker sends the requests of steps: it fills their slots, adds the credentials, renews a token that the CRM does not
// take any more, and sends again what may succeed then.
//
// A request is made anew for each attempt: a signature with the time in it, or a number used once, must not come twice.
type asker struct {
	send     sender
	base     *base
	headers  []field // crm.headers
	auth     credentials
	login    *login // nil if there is none
	repeater *repeater
	breaker  string           // whose failures count together, of one host
	observer Observer         // nil if there is none
	now      func() time.Time // that requests speak of
	uuid     func() string
	names    *names // that are used
}

// question is one request to be asked.
type question struct {
	step    string // who asks
	place   string // where that is in the config
	page    int
	call    *call
	values  *env
	verdict verdict
	weight  int
	repeats bool          // it is idempotent: a repetition changes nothing
	calls   *atomic.Int64 // counts the attempts that reached the network
	param   string        // one more parameter: where the page begins
	value   string
	target  *url.URL // instead of the call's own address: the next page's
}

// ask gives the answer that the verdict lets pass.
func (a *asker) ask(ctx context.Context, q question) (*answer, *Error) {
	renewed := false
	a.repeater.share.first()
	for attempt := 1; ; attempt++ {
		got, token, failed := a.attempt(ctx, q, attempt)
		if failed == nil || failed.Kind == NoSuchCustomer {
			a.login.accepted(token) // who is told of a customer was let in
		}
		switch {
		case failed == nil:
			return got, nil
		case failed.reauth && !renewed && a.login.reject(token):
			renewed = true
			attempt--
		case !a.repeater.again(ctx, attempt, failed, q.repeats):
			return got, failed
		}
	}
}

// attempt makes one request and sends it. It gives the generation of the token that it was sent with.
func (a *asker) attempt(ctx context.Context, q question, number int) (*answer, uint64, *Error) {
	values := q.values.with()
	values.data[nowSlot] = document.TimeDatum(a.now())
	if a.names.uuid {
		values.set(uuidSlot, a.uuid())
	}
	token, generation, failed := a.login.token(ctx)
	if failed != nil {
		return nil, 0, failed
	}
	token.put(values)
	traceOf(ctx).tokens(token)
	req, failed := a.request(q, values, token)
	if failed != nil {
		return nil, 0, failed
	}
	req.step, req.place, req.page, req.worn = q.step, q.place, q.page, a.login.wasAccepted(generation)
	got, failed := a.observe(ctx, req, q, number)
	if failed == nil || !failed.kept() {
		q.calls.Add(1)
	}
	return got, generation, failed
}

// request makes the whole request. Its address, query and body come first: the credentials may sign them.
func (a *asker) request(q question, values *env, token *token) (request, *Error) {
	req, failed := q.call.request(values)
	if failed != nil {
		return req, failed
	}
	if q.value != "" {
		req = req.with(q.param, q.value)
	}
	req.weight, req.breaker = max(q.weight, 1), a.breaker
	if failed := a.address(&req, q.target, values, token); failed != nil {
		return req, failed
	}
	values.set(requestMethodSlot, req.method)
	values.set(requestPathSlot, req.path)
	values.set(requestQuerySlot, req.query)
	values.set(requestBodySlot, string(req.body))
	if failed := a.auth.query(&req, values); failed != nil {
		return req, failed
	}
	return req, a.fillHeaders(&req, q.call, values)
}

// address puts the base before the path: the request's own, the token's, or the crm's.
func (a *asker) address(req *request, target *url.URL, values *env, token *token) *Error {
	if req.base == "" {
		origin, path, failed := a.base.fill(values)
		if failed != nil {
			return failed
		}
		if token.host != "" {
			origin, path = token.host, ""
		}
		req.base, req.path = origin, path+req.path
	}
	if target != nil {
		req.path, req.query = target.EscapedPath(), target.RawQuery
	}
	return nil
}

// fillHeaders fills the headers from the general to the special: whoever says it later is heard.
func (a *asker) fillHeaders(req *request, call *call, values *env) *Error {
	req.headers = map[string]string{"User-Agent": "bonus-adapter", "Accept": accepts[req.format]}
	if req.contentType != "" {
		req.headers["Content-Type"] = req.contentType
	}
	if failed := fillHeaders(a.headers, values, req.headers); failed != nil {
		return failed
	}
	if failed := a.auth.fill(values, req.headers); failed != nil {
		return failed
	}
	return call.headers(values, req.headers)
}

var accepts = map[document.Format]string{
	document.JSON:      "application/json",
	document.XML:       "application/xml, text/xml",
	document.PlainText: "*/*",
}

// newUUID makes a random UUID (RFC 9562, version 4).
func newUUID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // it never fails: see crypto/rand
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// countedUUIDs makes UUIDs that are the same in every replay.
func countedUUIDs() func() string {
	var count atomic.Uint64
	return func() string { return fmt.Sprintf("00000000-0000-4000-8000-%012x", count.Add(1)) }
}

// hasParam tells whether a query holds a parameter already.
func hasParam(query, name string) bool {
	for part := range strings.SplitSeq(query, "&") {
		key, _, _ := strings.Cut(part, "=")
		if unescaped, err := url.QueryUnescape(key); err == nil && unescaped == name {
			return true
		}
	}
	return false
}
