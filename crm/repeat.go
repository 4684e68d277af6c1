package crm

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// repetition says whether a request that failed may be sent once more.
type repetition uint8

const (
	never    repetition = iota // it would come to the same, or could do something twice
	unsent                     // nothing of it reached the CRM
	harmless                   // for a request that is idempotent
	late                       // for an idempotent one too, if retry.timeouts says so
	declared                   // a verdict says so
)

// repeater sends requests again. It is safe for concurrent use.
type repeater struct {
	Retry
	floor time.Duration // what an attempt needs at least
	hasty bool          // it does not wait: what was to be waited for was when it was recorded
	share share
}

// again waits before a request is sent once more, and tells whether it is to be sent: only if its failure allows for it,
// only while attempts are left, only if the wait and an attempt's floor still fit in the caller's time, and only if not
// too many of all requests were repeated lately. attempt is how many were made so far.
//
// A CRM that asks to be left alone for longer than anybody holds still gets no repetition, also if the caller has no
// deadline.
func (r *repeater) again(ctx context.Context, attempt int, failed *Error, idempotent bool) bool {
	if !r.allows(failed.repeat, idempotent) || attempt >= r.Attempts || failed.after > longestHold {
		return false
	}
	wait := failed.after
	if wait <= 0 {
		wait = r.jitter(attempt)
	}
	if deadline, has := ctx.Deadline(); has && time.Until(deadline) < wait+r.floor {
		return false
	}
	if !r.share.take() {
		return false
	}
	if r.hasty {
		return ctx.Err() == nil
	}
	pause := time.NewTimer(wait)
	defer pause.Stop()
	select {
	case <-pause.C:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

func (r *repeater) allows(repeat repetition, idempotent bool) bool {
	switch repeat {
	case unsent, declared:
		return true
	case harmless:
		return idempotent
	case late:
		return idempotent && r.Timeouts
	}
	return false
}

// share bounds what repetitions add to the load of a CRM that fails: in any ten seconds a tenth of the requests, and one
// a second, so that a CRM that is asked seldom has repetitions too. The zero share is ready, and safe for concurrent use.
type share struct {
	mu      sync.Mutex
	start   time.Time            // of the counting
	second  int64                // the newest that is counted, from the start
	asked   [shareSeconds]uint32 // first attempts of each second, at its number modulo the length
	repeats [shareSeconds]uint32
}

const (
	shareSeconds = 10
	shareOf      = 10 // one of so many
)

// first counts a request's first attempt.
func (s *share) first() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked[s.now()]++
}

// take counts a repetition, if there may be one.
func (s *share) take() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	var asked, repeats uint32
	for i := range shareSeconds {
		asked += s.asked[i]
		repeats += s.repeats[i]
	}
	if repeats >= asked/shareOf+shareSeconds {
		return false
	}
	s.repeats[now]++
	return true
}

// now gives the place of this second, after forgetting those that are over.
func (s *share) now() int64 {
	if s.start.IsZero() {
		s.start = time.Now()
	}
	second := int64(time.Since(s.start) / time.Second)
	for s.second = max(s.second, second-shareSeconds); s.second < second; {
		s.second++
		s.asked[s.second%shareSeconds], s.repeats[s.second%shareSeconds] = 0, 0
	}
	return second % shareSeconds
}

// course is how far one attempt came: it is written by the connection's goroutines.
type course struct {
	answered atomic.Bool // a byte of the answer came
	insecure atomic.Bool // there was no agreement on TLS
}

// watch makes the course of the request that is sent with the context.
func watch(ctx context.Context) (context.Context, *course) {
	c := &course{}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:              settled(ctx),
		GotFirstResponseByte: func() { c.answered.Store(true) },
		TLSHandshakeDone:     func(_ tls.ConnectionState, err error) { c.insecure.Store(err != nil) },
	}), c
}

// repeat judges an attempt that ended without an answer.
func (c *course) repeat(err error) repetition {
	var dial *net.OpError
	var dns *net.DNSError
	var timeout net.Error
	cut := errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return late
	case errors.As(err, &dns) && dns.IsNotFound, errors.Is(err, errPrivate), c.answered.Load():
		return never
	case errors.As(err, &dial) && dial.Op == "dial", c.insecure.Load() && cut:
		return unsent
	case c.insecure.Load():
		return never // a certificate will be no better
	}
	return harmless // closed before the answer's first byte
}

// repeatStatus judges an answer by its status; after is how long the CRM wants to be left alone, 0 if it does not say.
func repeatStatus(failed *Error, status int, after time.Duration) repetition {
	switch {
	case failed.repeat != never:
		return failed.repeat
	case failed.Kind == Status && !failed.ruled && status >= http.StatusBadGateway && status <= http.StatusGatewayTimeout,
		failed.Kind == RateLimited && !failed.ruled && status == http.StatusTooManyRequests && after > 0:
		return harmless
	}
	return never
}
