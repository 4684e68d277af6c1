package crm

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"bonus-adapter/document"
)

// Kind says why a history could not be read. The set is closed: whoever turns a Kind into an answer can handle them all.
type Kind uint8

// The kinds of an [Error].
const (
	NoSuchCustomer Kind = iota + 1 // the CRM does not know the customer (declared by not_found)
	BadCustomer                    // the id cannot stand where the config puts it
	Unreachable                    // refused, DNS, TLS, reset, truncated, malformed HTTP
	Timeout                        // any deadline
	Status                         // a status that the config does not explain
	ErrorBody                      // an error declared by fail
	Auth                           // 401 or 403
	RateLimited                    // 429
	Busy                           // the CRM is already asked as often at once as it may be
	HostRefused                    // a redirect to another host
	BreakerOpen                    // the CRM failed too often lately
	TooLarge                       // body, depth or number of records
	TooManyPages                   // page limit, or the same page again
	PathMissing                    // a declared place is not in the answer
	DecodeFailed                   // not the format that was expected
	Canceled                       // the caller left
)

var kindNames = [...]string{
	"", "no such customer", "bad customer", "unreachable", "timeout", "status", "error body", "auth", "rate limited",
	"busy", "host refused", "breaker open", "too large", "too many pages", "path missing", "decode failed", "canceled",
}

// String names the kind in words.
func (k Kind) String() string { return kindNames[k] }

// Kinds gives every kind, so that a table over them can be proven complete.
func Kinds() []Kind {
	all := make([]Kind, 0, len(kindNames)-1)
	for k := NoSuchCustomer; k <= Canceled; k++ {
		all = append(all, k)
	}
	return all
}

// Error is a history that could not be read. Its text holds no URL, no id, no secret and nothing of the CRM's answer.
type Error struct {
	Kind   Kind
	Step   string // the step's name
	Page   int    // which page of the step, from 1; 0 if none was asked
	Status int    // the CRM's status; 0 if there was none
	Pages  int    // pages read before
	Calls  int    // requests sent in all
	Head   string // the beginning of an answer that is no document, without anything that could name somebody
	Place  string // of the config's section crm that has decided it; one that begins with / counts from the whole config; empty: none
	Err    error  // what happened

	repeat repetition    // whether the same request may succeed
	ruled  bool          // a verdict of the config says what it is
	reauth bool          // a fresh token may help
	after  time.Duration // how long the CRM wants to be left alone; 0 if it does not say
	health health        // what it tells about the CRM's health, if a verdict says so
}

// Error tells where and what.
func (e *Error) Error() string {
	var text strings.Builder
	fmt.Fprintf(&text, "step %s", e.Step)
	if e.Page > 1 {
		fmt.Fprintf(&text, ", page %d", e.Page)
	}
	fmt.Fprintf(&text, ": %s", e.Kind)
	if e.Status != 0 {
		fmt.Fprintf(&text, " (HTTP %d)", e.Status)
	}
	if e.Err != nil {
		fmt.Fprintf(&text, ": %v", e.Err)
	}
	return text.String()
}

// Unwrap gives what happened.
func (e *Error) Unwrap() error { return e.Err }

// from notes which place of the config has decided, unless that is known better already.
func (e *Error) from(place string) *Error {
	if e != nil && e.Place == "" {
		e.Place = place
	}
	return e
}

// kept tells whether the request was kept from the CRM: by the breaker, by the places for requests, by the rate limit or
// by the end of the time.
func (e *Error) kept() bool {
	switch e.Kind {
	case BreakerOpen, Busy:
		return true
	case RateLimited:
		return e.Status == 0
	case Timeout:
		return errors.Is(e.Err, errNoTimeLeft)
	}
	return false
}

func failure(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Err: fmt.Errorf(format, args...)}
}

// transportFailure classifies what the HTTP client reports. The client's own text is not kept: it holds the URL, and
// with it the customer and what the URL's references stand for.
func transportFailure(caller context.Context, err error) *Error {
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var timeout net.Error
	switch {
	case errors.Is(caller.Err(), context.Canceled):
		return failure(Canceled, "the caller left")
	case errors.Is(err, errPrivate):
		return &Error{Kind: HostRefused, Err: errPrivate}
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return failure(Timeout, "no complete answer in time")
	case errors.As(err, &dns):
		return failure(Unreachable, "the name of the CRM's host is not found in DNS")
	case errors.As(err, &certificate):
		return failure(Unreachable, "TLS: the CRM's certificate is not accepted (expired, for another host, or of an unknown authority; check the clock too)")
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return failure(Unreachable, "TLS: the CRM does not speak TLS at this port")
	case errors.Is(err, syscall.ECONNREFUSED):
		return failure(Unreachable, "connection refused")
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return failure(Unreachable, "connection reset")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return failure(Unreachable, "the connection ended before the answer was complete")
	}
	return failure(Unreachable, "the connection failed or the answer is not HTTP")
}

// bodyFailure classifies an error met while reading a body.
func bodyFailure(caller context.Context, err error) *Error {
	var corrupt flate.CorruptInputError
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.As(err, &corrupt) {
		return failure(DecodeFailed, "the answer says it is gzip, and is not")
	}
	return transportFailure(caller, err)
}

// documentFailure classifies an error of reading or asking an answer.
func documentFailure(err error) *Error {
	var path *document.PathError
	switch {
	case errors.As(err, &path):
		return &Error{Kind: PathMissing, Err: err}
	case errors.Is(err, document.ErrTooDeep):
		return &Error{Kind: TooLarge, Err: err}
	}
	return &Error{Kind: DecodeFailed, Err: err}
}
