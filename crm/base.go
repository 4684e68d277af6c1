package crm

import (
	"net/url"
	"regexp"
	"strings"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// base is where the CRM is: scheme and host, which are the config's, and the path that all requests are below, which may
// have slots. A base whose references nobody has resolved is empty.
type base struct {
	scheme, host string
	path         Template
}

// authority is the part of a URL that says whom it asks; belowHost is a text in which it is complete.
var (
	authority = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://[^/?#\\]*`)
	belowHost = regexp.MustCompile(authority.String() + "/")
)

// newBase compiles a base URL.
func newBase(place string, t *Template, names *names, problems *config.Problems) *base {
	if t.IsZero() {
		problems.Add(place, "it is missing: where is the CRM?")
		return &base{}
	}
	t.bind(place, names, problems)
	head, known := t.head(place, problems)
	if !known {
		return &base{}
	}
	sample, err := url.Parse(t.sample())
	switch {
	case err != nil, sample.Scheme != "https" && sample.Scheme != "http", sample.Hostname() == "":
		problems.Add(place, "it is not an absolute URL").Hint = "for example https://crm.example.ru/api"
		return &base{}
	case sample.User != nil || strings.ContainsAny(t.sample(), "?#"):
		problems.Add(place, "it may have a scheme, a host and a path only").Hint = "credentials belong in auth, parameters in query"
		return &base{}
	case strings.Contains(sample.Path, "//"):
		problems.Add(place, "its path has two slashes in a row").Hint = "a value that a reference stands for must not end with a slash here"
		return &base{}
	}
	return &base{sample.Scheme, sample.Host, t.below(authority.FindString(head))}
}

// head gives the text before the first slot. It is not known if there are unresolved references anywhere, or a slot that
// would choose the host.
func (t *Template) head(place string, problems *config.Problems) (head string, known bool) {
	slotted := false
	for i := range t.parts {
		p := &t.parts[i]
		switch {
		case p.slot == "" && !p.literal.Resolved():
			return "", false
		case p.slot == "" && !slotted:
			head += p.literal.Reveal()
		case p.slot != "" && !slotted && !belowHost.MatchString(head):
			problems.Add(place, "no slot can stand here: the CRM's host is the config's, never the caller's").Offset = p.offset
			return "", false
		case p.slot != "":
			slotted = true
		}
	}
	return head, true
}

// sample is the text with something plain in its slots.
func (t *Template) sample() string {
	var text strings.Builder
	for i := range t.parts {
		if t.parts[i].slot != "" {
			text.WriteByte('x')
		}
		text.WriteString(t.parts[i].literal.Reveal())
	}
	return text.String()
}

// below gives what is left of the template behind a text that it begins with.
func (t *Template) below(beginning string) Template {
	rest := Template{source: t.source, place: t.place}
	for _, p := range t.parts {
		if p.slot == "" {
			text := p.literal.Reveal()
			cut := min(len(beginning), len(text))
			beginning = beginning[cut:]
			p.literal = config.Plain(text[cut:])
		}
		rest.parts = append(rest.parts, p)
	}
	return rest
}

// origin gives scheme://host.
func (b *base) origin() string {
	if b.host == "" {
		return ""
	}
	return b.scheme + "://" + b.host
}

func (b *base) sources() source { return b.path.sources() }

// fill gives the origin and the escaped path, which does not end with a slash.
func (b *base) fill(values document.Env) (origin, path string, failed *Error) {
	path, failed = b.path.fill(values, inPath())
	return b.origin(), strings.TrimRight(path, "/"), failed
}
