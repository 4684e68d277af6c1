// Package conformance plays Imshop's server against an endpoint of IRP «История бонусов», whoever made it, and judges
// its answers clause by clause.
//
// It knows the protocol only: nothing of configs, CRMs or this adapter. Its requests are what Imshop may send, and what
// anybody may send by mistake; none of them changes anything. Neither the key nor the customer's id is in a report.
package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Target is the endpoint, and who is asked for.
type Target struct {
	URL     string
	Key     string
	User    string        // a customer who has a history
	Unknown string        // an id that no customer has
	Within  time.Duration // an answer has to be there in this time
	Client  *http.Client  // it must not follow redirects; its certificate pool decides what is trusted
}

// Verdicts of a clause.
const (
	Pass = "pass"
	Fail = "fail"
	Note = "note" // not wrong, or not judged; the detail says what
)

// Finding is the verdict of one clause.
type Finding struct {
	Clause  string `json:"clause"`
	Title   string `json:"title"`
	Verdict string `json:"verdict"`
	Detail  string `json:"detail,omitempty"`
}

// Report is what was found out about an endpoint.
type Report struct {
	URL      string    `json:"url"`
	OK       bool      `json:"ok"` // no clause fails
	Findings []Finding `json:"findings"`
	Entries  int       `json:"entries"` // of the customer's history
	Slowest  string    `json:"slowest"` // answer of all
}

// judgement is the work on one report.
type judgement struct {
	target  Target
	report  Report
	slowest time.Duration
}

// clause is one thing that IRP asks for.
type clause struct {
	number, title string
	judge         func(ctx context.Context, j *judgement) (verdict, detail string)
}

// Judge asks the endpoint and judges its answers. What cannot be asked is a failed clause, not an error; the error is
// that the context ended.
func Judge(ctx context.Context, target Target) (*Report, error) {
	j := &judgement{target: target, report: Report{URL: target.URL, OK: true}}
	for _, each := range clauses() {
		verdict, detail := each.judge(ctx, j)
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		j.report.Findings = append(j.report.Findings, Finding{each.number, each.title, verdict, detail})
		j.report.OK = j.report.OK && verdict != Fail
	}
	j.report.Slowest = j.slowest.Round(time.Millisecond).String()
	return &j.report, nil
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
	took   time.Duration
}

// mostBody is more than any history is.
const mostBody = 32 << 20

// ask is one request.
type ask struct {
	method  string // POST if empty
	body    string
	headers map[string]string
}

// send sends a request and reads the whole answer.
func (j *judgement) send(ctx context.Context, request ask) (*answer, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*j.target.Within)
	defer cancel()
	method := request.method
	if method == "" {
		method = http.MethodPost
	}
	made, err := http.NewRequestWithContext(ctx, method, j.target.URL, bytes.NewReader([]byte(request.body)))
	if err != nil {
		return nil, err
	}
	made.Header.Set("Content-Type", "application/json")
	for name, value := range request.headers {
		made.Header.Set(name, value)
	}
	begun := time.Now()
	response, err := j.target.Client.Do(made)
	if err != nil {
		return nil, errors.New(plain(err))
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, mostBody))
	if err != nil {
		return nil, fmt.Errorf("the answer breaks off: %s", plain(err))
	}
	return &answer{response.StatusCode, response.Header, body, time.Since(begun)}, nil
}

// bearer is a good request for a customer.
func (j *judgement) bearer(user string) ask {
	return ask{body: bodyFor(user), headers: map[string]string{"Authorization": "Bearer " + j.target.Key}}
}

// history sends a request that has to be answered with a history.
func (j *judgement) history(ctx context.Context, request ask) (*history, string) {
	got, err := j.send(ctx, request)
	if err != nil {
		return nil, err.Error()
	}
	j.slowest = max(j.slowest, got.took)
	if got.status != http.StatusOK {
		return nil, fmt.Sprintf("the status is %d, not 200: Imshop takes it for no history", got.status)
	}
	read, why := readHistory(got.body)
	if why != "" {
		return nil, why
	}
	return read, ""
}
