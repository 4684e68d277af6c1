// Package replay is a recorded conversation with a CRM, played back: a [Case] says who is asked for and what the CRM
// answers, a [Player] stands in for the network, and [Compare] tells two answers apart, entry by entry.
//
// It knows neither configs nor YAML: the command decodes a case.yaml into a Case and puts the Player below the adapter.
package replay

import (
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"bonus-adapter/config"
)

// The files of a case, beside those that it names.
const (
	CaseFile = "case.yaml" // decoded into a Case
	IRPFile  = "irp.json"  // the body of the answer that is expected
)

// Case is one conversation: who is asked for, when, what the CRM answers, and what the header of the answer is to say.
type Case struct {
	User    string            `yaml:"user"`
	Now     time.Time         `yaml:"now"`     // the time that requests and the mapping see
	Env     map[string]string `yaml:"env"`     // values of ${env:NAME}; every other one gets a placeholder
	History string            `yaml:"history"` // the header Bonus-History
	Answers []Answer          `yaml:"answers"` // in the order in which they are asked for
}

// Default gives what holds where a case says nothing.
func Default() Case {
	return Case{Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), History: "live"}
}

// Answer is one exchange: the request that is expected, and what the CRM answers.
type Answer struct {
	Request string            `yaml:"request"` // method, then path and query, decoded; or a whole URL
	Sent    string            `yaml:"sent"`    // a file with the request's body; empty: whatever it is
	Status  int               `yaml:"status"`  // 200 if zero
	Headers map[string]string `yaml:"headers"` // Content-Type is by the body file's ending, if it is not here
	Body    string            `yaml:"body"`    // a file
	Text    string            `yaml:"text"`    // or the body itself
	Fail    string            `yaml:"fail"`    // or no answer at all: timeout, refused or reset

	sent, body []byte
	any        bool // it answers whatever request comes
}

// OfBodies makes a case of bodies alone, for whatever requests come, in their order. The names tell by their endings
// what the bodies are written in.
func OfBodies(user string, names []string, bodies [][]byte) Case {
	c := Default()
	c.User = user
	for i := range bodies {
		c.Answers = append(c.Answers, Answer{Body: names[i], body: bodies[i], any: true})
	}
	return c
}

// Load reads the files that the case names, from its folder. The error joins every [config.Problem] of the case.
func (c *Case) Load(folder fs.FS) error {
	var problems config.Problems
	if c.User == "" {
		problems.Add("user", "it is missing: which customer is asked for?").Hint = `user: "12345"`
	}
	for i := range c.Answers {
		c.Answers[i].load(config.Index("answers", i), folder, &problems)
	}
	return problems.Err()
}

func (a *Answer) load(place string, folder fs.FS, problems *config.Problems) {
	if _, err := parseAsked(a.Request); err != nil {
		problems.Add(config.Join(place, "request"), "%v", err).Hint = "request: GET /customers/12345/transactions?page=1"
	}
	given := 0
	for _, text := range []string{a.Body, a.Text, a.Fail} {
		if text != "" {
			given++
		}
	}
	if given > 1 {
		problems.Add(place, "body, text and fail exclude each other: keep one")
	}
	if _, known := failures()[a.Fail]; a.Fail != "" && !known {
		problems.Add(place+".fail", "a CRM cannot fail by %q", a.Fail).Hint = "there are timeout, refused and reset"
	}
	if a.Status != 0 && (a.Status < 100 || a.Status > 599) {
		problems.Add(place+".status", "%d is no HTTP status", a.Status)
	}
	a.sent = read(place+".sent", folder, a.Sent, problems)
	a.body = read(place+".body", folder, a.Body, problems)
	if a.Text != "" {
		a.body = []byte(a.Text)
	}
}

func read(place string, folder fs.FS, name string, problems *config.Problems) []byte {
	if name == "" {
		return nil
	}
	content, err := fs.ReadFile(folder, path.Clean(name))
	if err != nil {
		problems.Add(place, "the file %s cannot be read from the case's folder", name)
	}
	return content
}

// Given is what the CRM answers: its status, headers and body; the body is nil if there is no answer at all.
func (a *Answer) Given() (status int, headers map[string]string, body []byte) {
	if status = a.Status; status == 0 {
		status = http.StatusOK
	}
	headers = map[string]string{}
	for name, values := range a.header() {
		headers[name] = values[0]
	}
	return status, headers, a.body
}

// header gives the answer's header.
func (a *Answer) header() http.Header {
	header := http.Header{}
	types := map[string]string{".json": "application/json", ".xml": "application/xml", ".html": "text/html", ".txt": "text/plain"}
	if known := types[path.Ext(a.Body)]; known != "" {
		header.Set("Content-Type", known)
	}
	for name, value := range a.Headers {
		header.Set(name, value)
	}
	return header
}

// Lookup lends a config the values of the case, and placeholders for everything else: name-in-lower-case-with-dashes,
// which is a valid host label too; a URL where the name says that it is one.
func (c *Case) Lookup(scheme, name string) (string, error) {
	if value, given := c.Env[name]; given && scheme == "env" {
		return value, nil
	}
	return Placeholder(scheme, name), nil
}

// Placeholder stands for a reference whose value is not needed.
func Placeholder(scheme, name string) string {
	if scheme == "file" {
		name = path.Base(name)
	}
	dash := func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}
	label := strings.Trim(strings.Map(dash, strings.ToLower(name)), "-")
	switch {
	case label == "":
		return "value"
	case label == "url" || strings.HasSuffix(label, "-url"):
		return fmt.Sprintf("https://%s.invalid", label)
	}
	return label
}
