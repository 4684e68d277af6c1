package crm

import (
	"context"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// answer is one answer of the CRM, read to its end.
type answer struct {
	document.Answer
	raw []byte
	bad *Error // why the body is not a document; nil if it is one
}

// sender sends one request and judges the answer: verdict turns it into an error, or lets it pass.
type sender func(ctx context.Context, req request, verdict verdict) (*answer, *Error)

// requester turns a request into one attempt over HTTP.
type requester struct {
	http    *resty.Client
	base    *url.URL
	headers map[string]string
	timeout time.Duration
	limits  Limits
	close   func()
}

func newRequester(cfg Config, problems *config.Problems) *requester {
	transport := newTransport(cfg.Limits.Concurrent)
	return &requester{
		http:    newResty(transport),
		base:    baseURL(cfg, problems),
		headers: authHeaders(cfg.Auth),
		timeout: time.Duration(cfg.Timeout),
		limits:  cfg.Limits,
		close:   transport.CloseIdleConnections,
	}
}

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
func newTransport(concurrent int) *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		DialContext:            (&net.Dialer{Timeout: time.Second, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:    1500 * time.Millisecond,
		MaxIdleConns:           concurrent,
		MaxIdleConnsPerHost:    concurrent,
		MaxConnsPerHost:        concurrent + 8,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		Protocols:              protocols,
	}
}

func baseURL(cfg Config, problems *config.Problems) *url.URL {
	if cfg.BaseURL.IsZero() {
		problems.Add("base_url", "it is missing: where is the CRM?")
		return &url.URL{}
	}
	for _, p := range cfg.BaseURL.parts {
		if p.slot != "" {
			problems.Add("base_url", "it cannot have slots: the CRM's host is the config's, never the caller's").Offset = p.offset
			return &url.URL{}
		}
	}
	if !cfg.BaseURL.resolved() {
		return &url.URL{}
	}
	text, _ := cfg.BaseURL.fill(nil, plain())
	base, err := url.Parse(text)
	switch {
	case err != nil, base.Scheme != "https" && base.Scheme != "http", base.Hostname() == "":
		problems.Add("base_url", "it is not an absolute URL").Hint = "for example https://crm.example.ru/api"
		return &url.URL{}
	case base.User != nil || base.RawQuery != "" || base.Fragment != "":
		problems.Add("base_url", "it may have a scheme, a host and a path only").Hint = "credentials belong in auth, parameters in query"
	}
	return base
}

func authHeaders(auth Credentials) map[string]string {
	headers := map[string]string{"User-Agent": "bonus-adapter", "Accept": "application/json"}
	for name, value := range auth.Headers {
		headers[name] = value.Reveal()
	}
	if !auth.Bearer.IsZero() {
		headers["Authorization"] = "Bearer " + auth.Bearer.Reveal()
	}
	if auth.Basic != nil {
		headers["Authorization"] = "Basic " + basicToken(auth.Basic.User.Reveal(), auth.Basic.Password.Reveal())
	}
	return headers
}

// attempt sends one request, once, with its own deadline inside the caller's.
func (r *requester) attempt(caller context.Context, req request, verdict verdict) (*answer, *Error) {
	if err := enoughTime(caller, r.timeout); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(caller, r.timeout)
	defer cancel()
	response, err := r.do(ctx, req)
	if err != nil {
		return nil, transportFailure(caller, err)
	}
	defer func() { _ = response.Body.Close() }()
	got, failed := r.read(caller, response)
	if failed == nil {
		failed = verdict.judge(got)
	}
	if failed != nil {
		failed.Status = response.StatusCode
		return nil, failed
	}
	return got, nil
}

// enoughTime refuses an attempt that could only fail: a tenth of an attempt's own time must be left.
func enoughTime(caller context.Context, timeout time.Duration) *Error {
	if err := caller.Err(); err != nil {
		return transportFailure(caller, err)
	}
	if deadline, has := caller.Deadline(); has && time.Until(deadline) < timeout/10 {
		return &Error{Kind: Timeout, Err: errNoTimeLeft}
	}
	return nil
}

func (r *requester) do(ctx context.Context, req request) (*http.Response, error) {
	sent := r.http.R().SetContext(ctx).SetDoNotParseResponse(true).SetHeaders(r.headers).SetHeaders(req.headers)
	if req.body != nil {
		sent.SetHeader("Content-Type", "application/json").SetBody(req.body)
	}
	response, err := sent.Execute(req.method, r.url(req))
	if err != nil {
		return nil, err
	}
	return response.RawResponse, nil
}

func (r *requester) url(req request) string {
	text := r.base.Scheme + "://" + r.base.Host + strings.TrimSuffix(r.base.EscapedPath(), "/") + req.target
	if req.query != "" {
		text += "?" + req.query
	}
	return text
}

// read takes the whole body, up to the limit, decompressed. A body that is no document fails only if the status calls
// for one: an error's HTML page is still an error.
func (r *requester) read(caller context.Context, response *http.Response) (*answer, *Error) {
	limit := int64(r.limits.Body)
	raw, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err != nil && response.Uncompressed && len(raw) == 0 && caller.Err() == nil && errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, failure(DecodeFailed, "the answer says it is gzip, and is not")
	}
	if err != nil {
		return nil, bodyFailure(caller, err)
	}
	if int64(len(raw)) > limit {
		return nil, failure(TooLarge, "the answer is larger than limits.body: %s", r.limits.Body)
	}
	got := &answer{raw: raw, Answer: document.Answer{Status: response.StatusCode, Header: response.Header.Get}}
	if encoding := response.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		got.bad = failure(DecodeFailed, "the answer is compressed in a way that was not asked for")
		return got, nil
	}
	if charset := charsetOf(response.Header); charset != "" {
		got.bad = failure(DecodeFailed, "the answer is in another charset than UTF-8")
		return got, nil
	}
	body, err := document.ParseJSON(raw, document.Limits{Depth: r.limits.Depth})
	if err != nil {
		got.bad = documentFailure(err)
	}
	got.Body = body
	return got, r.redirected(response)
}

// charsetOf gives the charset that an answer declares, if it is another than UTF-8.
func charsetOf(header http.Header) string {
	_, params, err := mime.ParseMediaType(header.Get("Content-Type"))
	charset := strings.ToLower(params["charset"])
	if err != nil || charset == "utf-8" || charset == "utf8" || charset == "us-ascii" {
		return ""
	}
	return charset
}

// redirected judges a redirect, which is never followed: on its way it would carry credentials and the customer's id.
func (r *requester) redirected(response *http.Response) *Error {
	if response.StatusCode < 300 || response.StatusCode > 399 {
		return nil
	}
	target, err := response.Location()
	if err == nil && (target.Host != r.base.Host || target.Scheme != r.base.Scheme) {
		return failure(HostRefused, "the CRM redirects to another host, which is not followed")
	}
	return nil
}
