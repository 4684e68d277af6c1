package crm

import (
	"maps"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// protocol says how the answers of a request tell errors.
type protocol uint8

const (
	plainHTTP protocol = iota
	soap
	graphQL
	jsonRPC
)

// request is one request, ready to be sent.
type request struct {
	method      string
	base        string // scheme://host of this request's own base_url; empty: the crm's
	path        string // escaped, begins with /; below the crm's base_url if there is no own one
	query       string // encoded
	body        []byte
	contentType string              // empty without a body, and where the config's own headers have it
	headers     map[string]string   // nil until filled
	format      document.Format     // of the answer
	only        *document.Selection // what is read of it; nil for everything
	weight      int

	step, place string // for whom it is sent, and where that is in the config
	page        int
	breaker     string // whose failures count together, of one host
	worn        bool   // its token has served before: a refusal is about its age
	timed       *timed // nil if nobody observes
}

// address gives the URL.
func (r *request) address() string {
	address := r.base + r.path
	if r.query != "" {
		address += "?" + r.query
	}
	return address
}

// with gives the same request with one more parameter in its query.
func (r request) with(param, value string) request {
	return r.withEscaped(param, url.QueryEscape(value))
}

func (r request) withEscaped(param, value string) request {
	var query strings.Builder
	query.WriteString(r.query)
	appendParam(&query, url.QueryEscape(param), value)
	r.query = query.String()
	return r
}

// call is a Request, compiled.
type call struct {
	method      string
	base        *base // nil: the crm's
	path        Template
	query       *Params
	header      []field
	body        body // nil if there is none
	contentType string
	speaks      protocol
	format      document.Format
	only        *document.Selection // what is read of the answers; nil for everything
	broken      bool                // what is wrong with it is told already
}

// field is one header.
type field struct {
	name  string // in its canonical form
	value Template
}

// body writes what a request carries.
type body interface {
	encode(values document.Env) ([]byte, *Error)
	sources() source
}

// newCall compiles a request. What its slots may name is names' to say.
func newCall(place string, cfg *Request, names *names, problems *config.Problems) *call {
	before := problems.Len()
	b := callBuilder{place, cfg, names, problems}
	c := &call{query: &cfg.Query}
	if !cfg.BaseURL.IsZero() {
		c.base = newBase(place+".base_url", &cfg.BaseURL, names, problems)
	}
	b.choosePath(c)
	cfg.Query.bind(place+".query", names, problems)
	b.chooseBody(c)
	b.addHeaders(c)
	b.chooseFormat(c)
	c.broken = problems.Len() > before
	return c
}

// protocol tells how the answers tell errors.
func (c *call) protocol() protocol { return c.speaks }

// sources gives what the slots speak of.
func (c *call) sources() source {
	all := c.path.sources() | c.query.sources()
	if c.base != nil {
		all |= c.base.sources()
	}
	if c.body != nil {
		all |= c.body.sources()
	}
	for i := range c.header {
		all |= c.header[i].value.sources()
	}
	return all
}

// request makes one request: address, query and body. The headers are filled last, since they may sign the rest.
func (c *call) request(values *env) (request, *Error) {
	req := request{method: c.method, contentType: c.contentType, format: c.format, only: c.only}
	path, failed := c.path.fill(values, inPath())
	if failed != nil {
		return req, failed
	}
	if c.base != nil {
		if req.base, req.path, failed = c.base.fill(values); failed != nil {
			return req, failed
		}
	}
	req.path += path
	if req.query, failed = c.query.encode(values); failed != nil {
		return req, failed
	}
	if c.body != nil {
		req.body, failed = c.body.encode(values)
	}
	if req.body == nil {
		req.contentType = ""
	}
	return req, failed
}

// headers fills the headers, under their canonical names.
func (c *call) headers(values *env, into map[string]string) *Error {
	return fillHeaders(c.header, values, into)
}

func (c *call) sets(header string) bool {
	return slices.ContainsFunc(c.header, func(each field) bool { return each.name == header })
}

// callBuilder is what the parts of a call are compiled with.
type callBuilder struct {
	place    string
	cfg      *Request
	names    *names
	problems *config.Problems
}

func (b *callBuilder) choosePath(c *call) {
	var given []string
	for _, each := range []struct {
		key, method string
		path        *Template
	}{{"get", http.MethodGet, &b.cfg.Get}, {"post", http.MethodPost, &b.cfg.Post}, {"put", http.MethodPut, &b.cfg.Put}} {
		if each.path.IsZero() {
			continue
		}
		given = append(given, each.key)
		c.method, c.path = each.method, *each.path
		b.bindPath(b.place+"."+each.key, &c.path)
	}
	place := b.place
	if len(given) > 1 {
		place = config.Join(place, given[len(given)-1])
	}
	if len(given) != 1 {
		b.problems.Add(place, "a request has exactly one of get, post and put, with the path below base_url")
	}
}

func (b *callBuilder) bindPath(place string, path *Template) {
	if !strings.HasPrefix(path.source, "/") {
		b.problems.Add(place, "a path begins with /: it is appended to base_url")
	}
	for i := range path.parts {
		if at := strings.IndexAny(path.parts[i].literal.Source(), "?#"); at >= 0 {
			problem := b.problems.Add(place, "a path has no ? or #")
			problem.Offset, problem.Hint = path.parts[i].offset+at, "parameters belong in query"
			break
		}
	}
	path.bind(place, b.names, b.problems)
}

func (b *callBuilder) addHeaders(c *call) {
	open := b.names.open
	b.names.open |= fromRequest
	for _, name := range slices.Sorted(maps.Keys(b.cfg.Headers)) {
		place := config.Member(b.place+".headers", name)
		added := field{textproto.CanonicalMIMEHeaderKey(name), b.cfg.Headers[name]}
		checkHeaderName(place, name, b.problems)
		if c.sets(added.name) {
			b.problems.Add(place, "the header %s is there twice", added.name).Key = true
		}
		added.value.bind(place, b.names, b.problems)
		checkHeaderText(place, &added.value, b.problems)
		c.header = append(c.header, added)
	}
	b.names.open = open
	if c.sets("Content-Type") {
		c.contentType = ""
	}
	if c.speaks == soap && !c.sets("Soapaction") {
		c.header = append(c.header, field{"Soapaction", Template{source: `""`, parts: []part{{literal: config.Plain(`""`)}}}})
	}
}

// checkHeaderName refuses what is no name, and the headers by which the connection itself is kept in order.
func checkHeaderName(place, name string, problems *config.Problems) {
	switch textproto.CanonicalMIMEHeaderKey(name) {
	case "Host", "Content-Length", "Transfer-Encoding", "Connection", "Accept-Encoding":
		problems.Add(place, "the header %s is the connection's own and cannot be set", name).Key = true
		return
	}
	if !httpguts.ValidHeaderFieldName(name) {
		problems.Add(place, "%q cannot be the name of a header", name).Key = true
	}
}

func checkHeaderText(place string, value *Template, problems *config.Problems) {
	for i := range value.parts {
		if !httpguts.ValidHeaderFieldValue(value.parts[i].literal.Reveal()) {
			problems.Add(place, "its value holds a line break or another character that a header cannot carry")
		}
	}
}

func (b *callBuilder) chooseFormat(c *call) {
	formats := map[string]document.Format{"json": document.JSON, "xml": document.XML, "text": document.PlainText}
	answer := b.cfg.Answer
	if answer == "" {
		answer = "json"
		if !b.cfg.XML.IsZero() || !b.cfg.SOAP.IsZero() {
			answer = "xml"
		}
	}
	format, known := formats[answer]
	if !known {
		hint := "there are json, xml and text"
		if near := config.Nearest(answer, []string{"json", "xml", "text"}); near != "" {
			hint = "did you mean " + near + "?"
		}
		b.problems.Add(b.place+".answer", "an answer cannot be %q", answer).Hint = hint
	}
	c.format = format
}
