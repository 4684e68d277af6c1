package replay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"syscall"
)

// Departure is a conversation that does not go as it was recorded.
type Departure struct {
	Answer   int    // the number of the answer, from 0; that of the first one left over, or behind the last one
	Why      string // what is different
	Asked    string // the request that was sent; empty if there was none
	Recorded string // the one that was expected; empty if there was none
}

// Player stands in for the network and gives the answers of a case, in their order. It is safe for concurrent use.
type Player struct {
	answers []Answer
	hide    func(string) string

	mu       sync.Mutex
	next     int
	departed *Departure // the first one; nothing behind it can be believed
	asked    []Sent
}

// NewPlayer plays a case whose files are loaded. What hide takes out of a request is taken out before it is compared and
// told: a recording does not hold it either. A nil hide takes nothing out.
func NewPlayer(c *Case, hide func(string) string) *Player {
	if hide == nil {
		hide = func(text string) string { return text }
	}
	return &Player{answers: c.Answers, hide: hide}
}

// Sent is a request that was answered.
type Sent struct {
	Request string // as a case has it
	Type    string // the Content-Type of its body
	Body    []byte // nil if there is none
}

// Sent gives the requests that were answered so far, in their order.
func (p *Player) Sent() []Sent {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.asked)
}

// errDeparted ends a conversation that went another way than the recorded one.
var errDeparted = errors.New("the request is not in the recording")

// RoundTrip gives the next answer, if this is the request it was recorded for.
func (p *Player) RoundTrip(r *http.Request) (*http.Response, error) {
	sent, err := bodyOf(r)
	if err != nil {
		return nil, err
	}
	sent = []byte(p.hide(string(sent)))
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.departed != nil {
		return nil, errDeparted
	}
	if p.departed = p.departure(r, sent); p.departed != nil {
		return nil, errDeparted
	}
	p.asked = append(p.asked, Sent{askedOf(r).hidden(p.hide).String(), r.Header.Get("Content-Type"), sent})
	answer := &p.answers[p.next]
	p.next++
	if answer.Fail != "" {
		return nil, failures()[answer.Fail]
	}
	return answer.response(r), nil
}

func bodyOf(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, nil
	}
	defer func() { _ = r.Body.Close() }()
	return io.ReadAll(r.Body)
}

// departure tells in which way a request is not the next one; nil if it is.
func (p *Player) departure(r *http.Request, sent []byte) *Departure {
	asked := askedOf(r).hidden(p.hide)
	if p.next >= len(p.answers) {
		return &Departure{Answer: p.next, Why: "one request more than there are answers", Asked: asked.String()}
	}
	answer := &p.answers[p.next]
	if answer.any {
		return nil
	}
	recorded, err := parseAsked(answer.Request)
	if err != nil {
		return &Departure{Answer: p.next, Why: err.Error(), Asked: asked.String(), Recorded: answer.Request}
	}
	why := asked.unlike(recorded)
	if why == "" && answer.Sent != "" {
		why = unlikeBody(r.Header.Get("Content-Type"), sent, answer.sent)
	}
	if why == "" {
		return nil
	}
	return &Departure{Answer: p.next, Why: why, Asked: asked.String(), Recorded: answer.Request}
}

// Departed tells where the conversation went another way, or ended before its time; nil if it went as recorded.
func (p *Player) Departed() *Departure {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.departed == nil && p.next < len(p.answers) {
		why := fmt.Sprintf("%d of %d answers were not asked for", len(p.answers)-p.next, len(p.answers))
		return &Departure{Answer: p.next, Why: why, Recorded: p.answers[p.next].Request}
	}
	return p.departed
}

// failures are the ways in which a CRM does not answer, as the network reports them.
func failures() map[string]error {
	return map[string]error{
		"timeout": context.DeadlineExceeded,
		"refused": &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED},
		"reset":   &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET},
	}
}

func (a *Answer) response(r *http.Request) *http.Response {
	status := a.Status
	if status == 0 {
		status = http.StatusOK
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", status, http.StatusText(status)), StatusCode: status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header(), Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)), Request: r,
	}
}
