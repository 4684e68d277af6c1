package replay

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// asked is a request as far as a recording tells it: decoded, so that a person can read and write it.
type asked struct {
	method string
	origin string // scheme://host; empty: any
	path   []string
	query  []param
}

type param struct{ name, value string }

var errAsked = errors.New("a request is its method and its path with the query, or a whole URL")

// parseAsked reads what a case has written. A + is itself; of the escapes any may stand there.
func parseAsked(text string) (asked, error) {
	method, target, found := strings.Cut(strings.TrimSpace(text), " ")
	if !found || method != strings.ToUpper(method) || method == "" {
		return asked{}, errAsked
	}
	a := asked{method: method}
	if scheme, rest, whole := strings.Cut(target, "://"); whole && !strings.ContainsAny(scheme, "/?") {
		host, path, _ := strings.Cut(rest, "/")
		a.origin, target = scheme+"://"+host, "/"+path
	}
	if !strings.HasPrefix(target, "/") {
		return asked{}, errAsked
	}
	path, query, _ := strings.Cut(target, "?")
	a.path = segments(path)
	for part := range strings.SplitSeq(query, "&") {
		if part != "" {
			name, value, _ := strings.Cut(part, "=")
			a.query = append(a.query, param{unescape(name), unescape(value)})
		}
	}
	return a, nil
}

// askedOf takes a request as it is sent.
func askedOf(r *http.Request) asked {
	a := asked{method: r.Method, origin: r.URL.Scheme + "://" + r.URL.Host, path: segments(r.URL.EscapedPath())}
	for part := range strings.SplitSeq(r.URL.RawQuery, "&") {
		if part != "" {
			name, value, _ := strings.Cut(part, "=")
			a.query = append(a.query, param{unescape(strings.ReplaceAll(name, "+", " ")), unescape(strings.ReplaceAll(value, "+", " "))})
		}
	}
	return a
}

func segments(path string) []string {
	all := strings.Split(path, "/")
	for i := range all {
		all[i] = unescape(all[i])
	}
	return all
}

// unescape decodes a text; one that is not escaped properly is taken as it is.
func unescape(text string) string {
	if decoded, err := url.PathUnescape(text); err == nil {
		return decoded
	}
	return text
}

// hidden gives the request without what must not be told.
func (a asked) hidden(hide func(string) string) asked {
	for i := range a.path {
		a.path[i] = hide(a.path[i])
	}
	for i := range a.query {
		a.query[i].value = hide(a.query[i].value)
	}
	return a
}

// String writes what parseAsked reads, without the host.
func (a asked) String() string {
	var text strings.Builder
	text.WriteString(a.method + " ")
	for i, segment := range a.path {
		if i > 0 {
			text.WriteByte('/')
		}
		text.WriteString(escapeIn(segment, "%/?#"))
	}
	for i, p := range a.query {
		text.WriteByte("?&"[min(i, 1)])
		text.WriteString(escapeIn(p.name, "%&=#") + "=" + escapeIn(p.value, "%&#"))
	}
	return text.String()
}

// escapeIn escapes what has a meaning of its own, and what no line can hold.
func escapeIn(text, special string) string {
	var out strings.Builder
	for _, r := range text {
		if r < ' ' || r == 0x7f || strings.ContainsRune(special, r) {
			fmt.Fprintf(&out, "%%%02X", r) // all of these are one byte
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}

// unlike tells in which way a request is not the recorded one; empty if it is.
func (a asked) unlike(recorded asked) string {
	switch {
	case a.method != recorded.method:
		return "the method is " + a.method + ", recorded is " + recorded.method
	case recorded.origin != "" && !strings.EqualFold(a.origin, recorded.origin):
		return "the host is " + a.origin + ", recorded is " + recorded.origin
	case !slices.Equal(a.path, recorded.path):
		return "the path is " + strings.Join(a.path, "/") + ", recorded is " + strings.Join(recorded.path, "/")
	}
	return unlikeParams("query", a.query, recorded.query)
}

// unlikeParams compares parameters, whatever the order of their names.
func unlikeParams(what string, sent, recorded []param) string {
	here, there := byName(sent), byName(recorded)
	for _, p := range recorded {
		switch values, known := here[p.name]; {
		case !known:
			return what + ": " + p.name + " is recorded and not sent"
		case !slices.Equal(values, there[p.name]):
			return what + ": " + p.name + " is " + strings.Join(values, ", ") + ", recorded is " + strings.Join(there[p.name], ", ")
		}
	}
	for _, p := range sent {
		if _, known := there[p.name]; !known {
			return what + ": " + p.name + " is sent and not recorded"
		}
	}
	return ""
}

func byName(params []param) map[string][]string {
	values := map[string][]string{}
	for _, p := range params {
		values[p.name] = append(values[p.name], p.value)
	}
	return values
}
