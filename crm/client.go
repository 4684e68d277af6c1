package crm

import (
	"context"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/go-resty/resty/v2"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// answer is one answer of the CRM, read to its end.
type answer struct {
	document.Answer
	url   *url.URL // that was asked
	links []string // the headers Link
	bad   *Error   // why the body is not a document; nil if it is one
	empty bool     // a verdict says that it stands for no transactions

	decided string   // the place of the verdict that lets it pass; empty if none does
	witness *witness // of its conditions; nil if nobody traces it
}

// sender sends one request and judges the answer: verdict turns it into an error, or lets it pass.
type sender func(ctx context.Context, req request, verdict verdict) (*answer, *Error)

// requester turns a request into one attempt over HTTP.
type requester struct {
	http    *resty.Client
	getting *resty.Client // for what has no body: with one allowed, resty sends a GET as if it had a body of unknown length
	timeout time.Duration
	limits  Limits
	after   RetryAfter
	close   func()
}

func newRequester(cfg Config, o Options, problems *config.Problems) *requester {
	transport := newTransport(cfg.Limits.Concurrent, cfg.DenyPrivate)
	if !o.Replay {
		transport.TLSClientConfig = newTLS(cfg.TLS, problems)
		transport.Proxy = newProxy(cfg.Proxy, problems)
	}
	var network http.RoundTripper = transport
	if o.Transport != nil {
		network = o.Transport(network)
	}
	return &requester{
		http:    newResty(network).SetAllowGetMethodPayload(true),
		getting: newResty(network),
		timeout: time.Duration(cfg.Timeout),
		limits:  cfg.Limits,
		after:   cfg.Rate.RetryAfter,
		close:   transport.CloseIdleConnections,
	}
}

// plain gives the HTTP client itself, for a library that sends its own requests.
func (r *requester) plain() *http.Client { return r.http.GetClient() }

// newResty is resty without what it does unasked: no cookie jar (it would send one customer's session with another's
// request), no retries, no redirects, no log of URLs.
func newResty(transport http.RoundTripper) *resty.Client {
	client := resty.NewWithClient(&http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
	client.SetRetryCount(0)
	client.SetLogger(silent{})
	client.SetDisableWarn(true)
	return client
}

type silent struct{}

func (silent) Errorf(string, ...any) {}
func (silent) Warnf(string, ...any)  {}
func (silent) Debugf(string, ...any) {}

// newTransport keeps as many connections as there may be requests: resty's own keeps one more than there are cores. It
// speaks HTTP/1.1, where a dead connection costs one request and not all that share it. It has no proxy: the
// environment of a server must not decide where customers' ids are sent.
func newTransport(concurrent int, denyPrivate bool) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	dialer := &net.Dialer{Timeout: time.Second, KeepAlive: 15 * time.Second}
	if denyPrivate {
		dialer.Control = publicOnly
	}
	return &http.Transport{
		DialContext:            quietly(dialer.DialContext),
		TLSHandshakeTimeout:    1500 * time.Millisecond,
		MaxIdleConns:           concurrent,
		MaxIdleConnsPerHost:    concurrent,
		MaxConnsPerHost:        concurrent + 8,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		Protocols:              protocols,
	}
}

// attempt sends one request, once, with its own deadline inside the caller's.
func (r *requester) attempt(caller context.Context, req request, verdict verdict) (*answer, *Error) {
	witness := newWitness(caller, &req)
	got, failed := r.exchange(caller, req, verdict, witness)
	witness.judged(got, failed)
	return got, failed
}

func (r *requester) exchange(caller context.Context, req request, verdict verdict, witness *witness) (*answer, *Error) {
	if err := enoughTime(caller, r.timeout); err != nil {
		return nil, err
	}
	req.timed.pass()
	ctx, cancel := context.WithTimeout(withStep(caller, req.step), r.timeout)
	defer cancel()
	unfair := r.unfair(caller, ctx)
	ctx, course := watch(ctx)
	response, err := r.do(ctx, req)
	if err != nil {
		failed := unfair(transportFailure(caller, err))
		failed.repeat = course.repeat(err)
		return nil, failed
	}
	defer func() { _ = response.Body.Close() }()
	witness.answered(response.StatusCode, response.Header)
	got, failed := r.read(caller, response, req, witness)
	if failed == nil {
		failed = verdict.judge(got)
	}
	if failed != nil {
		failed = unfair(failed)
		failed.Status = response.StatusCode
		failed.after = r.leaveAlone(response, failed)
		failed.repeat = repeatStatus(failed, failed.Status, failed.after)
		return nil, failed
	}
	return got, nil
}

// leaveAlone tells for how long the CRM wants to be left alone; only an answer that refuses a request can say so.
func (r *requester) leaveAlone(response *http.Response, failed *Error) time.Duration {
	if failed.Kind == RateLimited || response.StatusCode == http.StatusServiceUnavailable {
		return retryAfter(response.Header.Get, r.after, time.Now())
	}
	return 0
}

// floor is what must be left of the caller's time for an attempt to begin: with less it could only fail. It is 300 ms, or a
// fifth of an attempt's own time where that is shorter, so that a CRM with a short timeout is asked too.
func floor(timeout time.Duration) time.Duration { return min(300*time.Millisecond, timeout/5) }

// enoughTime refuses an attempt that has less than its floor.
func enoughTime(caller context.Context, timeout time.Duration) *Error {
	if err := caller.Err(); err != nil {
		return transportFailure(caller, err)
	}
	if deadline, has := caller.Deadline(); has && time.Until(deadline) < floor(timeout) {
		return &Error{Kind: Timeout, Err: errNoTimeLeft}
	}
	return nil
}

// unfair gives what marks a failure as none of the CRM's: the attempt ended because the history's time did, of which the
// requests before it, or the wait for a turn, had left less than half of what an attempt can expect. Of a CRM that is asked
// so late nobody knows whether it would have answered.
func (r *requester) unfair(caller, attempt context.Context) func(*Error) *Error {
	expected := tripOf(caller).fair(r.timeout)
	deadline, _ := attempt.Deadline()
	given := time.Until(deadline)
	return func(failed *Error) *Error {
		if failed.Kind == Timeout && attempt.Err() != nil && given < expected/2 {
			failed.health = mute
		}
		return failed
	}
}

func (r *requester) do(ctx context.Context, req request) (*http.Response, error) {
	by := r.getting
	if req.body != nil {
		by = r.http
	}
	sent := by.R().SetContext(ctx).SetDoNotParseResponse(true).SetHeaders(req.headers)
	if req.body != nil {
		sent.SetBody(req.body)
	}
	response, err := sent.Execute(req.method, req.address())
	if err != nil {
		return nil, err
	}
	return response.RawResponse, nil
}

// read takes the whole body, up to the limit, decompressed, and decodes it while it arrives. A body that is no document
// fails only if the status calls for one: an error's HTML page is still an error.
func (r *requester) read(caller context.Context, response *http.Response, req request, witness *witness) (*answer, *Error) {
	coming := &incoming{from: response.Body, most: int64(r.limits.Body)}
	body, unread := r.decode(coming, response, req, witness)
	_, _ = io.Copy(io.Discard, coming) // what is wrong with an answer is told only if it came whole
	switch {
	case coming.count > coming.most:
		return nil, failure(TooLarge, "the answer is larger than limits.body: %s", r.limits.Body)
	case coming.err != nil && response.Uncompressed && coming.count == 0 && caller.Err() == nil && errors.Is(coming.err, io.ErrUnexpectedEOF):
		return nil, failure(DecodeFailed, "the answer says it is gzip, and is not")
	case coming.err != nil:
		return nil, bodyFailure(caller, coming.err)
	}
	witness.wasRead()
	got := &answer{witness: witness, bad: unread, links: response.Header.Values("Link"), url: response.Request.URL}
	got.Answer = document.Answer{Status: response.StatusCode, Header: response.Header.Get, Body: body}
	return got, redirected(response)
}

// decode makes a document of a body as it comes.
func (r *requester) decode(coming *incoming, response *http.Response, req request, witness *witness) (document.Value, *Error) {
	source := witness.reading(coming)
	if encoding := response.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		_, _ = io.Copy(io.Discard, source)
		return document.Value{}, failure(DecodeFailed, "the answer is compressed in a way that was not asked for")
	}
	body, err := req.only.Read(source, req.format, charsetOf(response.Header), document.Limits{Depth: r.limits.Depth})
	if err == nil {
		return body, nil
	}
	_, _ = io.Copy(io.Discard, source)
	failed := documentFailure(err)
	failed.Head = head(coming.head)
	return body, failed
}

// incoming is a body on its way. It ends once more than the limit has come, and keeps its beginning.
type incoming struct {
	from  io.Reader
	most  int64
	count int64
	head  []byte
	err   error // that ended it before its time
}

// Read reads on.
func (i *incoming) Read(p []byte) (int, error) {
	if i.err != nil || i.count > i.most {
		return 0, io.EOF
	}
	n, err := i.from.Read(p[:min(int64(len(p)), i.most+1-i.count)])
	i.count += int64(n)
	if left := headSize - len(i.head); left > 0 {
		i.head = append(i.head, p[:min(n, left)]...)
	}
	if err != nil && err != io.EOF {
		i.err = err
	}
	return n, err
}

// charsetOf gives the charset that an answer declares, empty if it declares none.
func charsetOf(header http.Header) string {
	_, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return params["charset"]
}

// redirected judges a redirect, which is never followed: on its way it would carry credentials and the customer's id.
func redirected(response *http.Response) *Error {
	if response.StatusCode < 300 || response.StatusCode > 399 {
		return nil
	}
	asked := response.Request.URL
	target, err := response.Location()
	if err == nil && !sameOrigin(asked, target) {
		return failure(HostRefused, "the CRM redirects to another host, which is not followed")
	}
	return nil
}
