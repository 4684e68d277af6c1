package crm

import (
	"encoding/base64"
	"net/textproto"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"bonus-adapter/config"
)

// credentials are what every request carries to prove who is asking: headers and query parameters.
type credentials struct {
	headers []field
	params  []field
	basics  []basic
}

// basic is an Authorization header of RFC 7617.
type basic struct{ user, password Template }

const authorization = "Authorization"

// newCredentials compiles what stands in auth beside the login.
func (b *builder) newCredentials(cfg *Credentials) credentials {
	var made credentials
	owner := map[string]string{}
	claim := func(header, place string) {
		header = textproto.CanonicalMIMEHeaderKey(header)
		if other, taken := owner[header]; taken {
			b.problems.Add(place, "the header %s is already set by %s", header, other)
		}
		owner[header] = place
	}
	b.names.open = fromAuth | fromRequest | fromConstant
	if !cfg.Bearer.IsZero() {
		claim(authorization, "auth.bearer")
		bearer := b.credential("auth.bearer", cfg.Bearer)
		bearer.parts = append([]part{{literal: config.Plain("Bearer ")}}, bearer.parts...)
		made.headers = append(made.headers, field{authorization, bearer})
	}
	if cfg.Basic != nil {
		claim(authorization, "auth.basic")
		made.basics = []basic{b.newBasic("auth.basic", cfg.Basic)}
	}
	for _, name := range sortedKeys(cfg.Headers) {
		place := config.Member("auth.headers", name)
		checkHeaderName(place, name, b.problems)
		claim(name, place)
		made.headers = append(made.headers, field{textproto.CanonicalMIMEHeaderKey(name), b.credential(place, cfg.Headers[name])})
	}
	for _, name := range sortedKeys(cfg.Query) {
		template := cfg.Query[name].Template
		template.bind(config.Member("auth.query", name), b.names, b.problems)
		made.params = append(made.params, field{name, template})
	}
	b.names.open = 0
	return made
}

// credential compiles a header's value.
func (b *builder) credential(place string, value Credential) Template {
	value.bind(place, b.names, b.problems)
	for _, p := range value.parts {
		if !httpguts.ValidHeaderFieldValue(p.literal.Reveal()) {
			b.problems.Add(place, "its value holds a line break or another character that a header cannot carry")
		}
	}
	return value.Template
}

func (b *builder) newBasic(place string, cfg *Basic) basic {
	if cfg.User.IsZero() || strings.Contains(literalText(cfg.User.Template), ":") {
		b.problems.Add(place+".user", "a user is needed, and it cannot hold a colon")
	}
	cfg.User.bind(place+".user", b.names, b.problems)
	cfg.Password.bind(place+".password", b.names, b.problems)
	return basic{cfg.User.Template, cfg.Password.Template}
}

// literalText is what stands between the slots.
func literalText(t Template) string {
	var text strings.Builder
	for _, p := range t.parts {
		text.WriteString(p.literal.Reveal())
	}
	return text.String()
}

// withoutToken gives the credentials that a login can carry: those that do not wait for its token.
func (c credentials) withoutToken() credentials {
	waits := func(each field) bool { return each.value.sources()&fromAuth != 0 }
	return credentials{
		headers: slices.DeleteFunc(slices.Clone(c.headers), waits),
		params:  slices.DeleteFunc(slices.Clone(c.params), waits),
		basics:  c.basics,
	}
}

// fill writes the headers.
func (c credentials) fill(values *env, into map[string]string) *Error {
	for i := range c.basics {
		user, failed := c.basics[i].user.fill(values, plain())
		if failed != nil {
			return failed
		}
		password, failed := c.basics[i].password.fill(values, plain())
		if failed != nil {
			return failed
		}
		into[authorization] = "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	return fillHeaders(c.headers, values, into)
}

// query writes the parameters; one that a next page's URL brings along already is left as it is.
func (c credentials) query(req *request, values *env) *Error {
	for i := range c.params {
		text, failed := c.params[i].value.fill(values, inQuery())
		if failed != nil {
			return failed
		}
		if !hasParam(req.query, c.params[i].name) {
			*req = req.withEscaped(c.params[i].name, text)
		}
	}
	return nil
}

// fillHeaders fills what stands in headers; one whose page has no cursor yet is left out.
func fillHeaders(headers []field, values *env, into map[string]string) *Error {
	for i := range headers {
		if headers[i].value.absent(values) {
			continue
		}
		text, failed := headers[i].value.fill(values, inHeader())
		if failed != nil {
			return failed
		}
		into[headers[i].name] = text
	}
	return nil
}
