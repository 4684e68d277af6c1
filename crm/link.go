package crm

import (
	"net/url"
	"slices"
	"strings"
)

// sameOrigin tells whether two URLs lead to the same host, port and scheme, however they are written: a port that the scheme
// has anyway may be named or not, and letters of a host may be large.
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) && portOf(a) == portOf(b)
}

func portOf(u *url.URL) string {
	switch port := u.Port(); {
	case port != "":
		return port
	case u.Scheme == "https":
		return "443"
	case u.Scheme == "http":
		return "80"
	}
	return ""
}

// elsewhere refuses a next page that is not where the page before was: what is sent there are credentials and the customer's
// id.
func elsewhere(asked, link *url.URL) *Error {
	switch {
	case link.User != nil:
		return failure(HostRefused, "the next page's URL holds a user name, and is not followed")
	case sameOrigin(asked, link):
		return nil
	case asked.Scheme == "https" && link.Scheme == "http" && strings.EqualFold(asked.Hostname(), link.Hostname()):
		return failure(HostRefused, "the next page's URL is http:// where the CRM is asked by https://, and is not followed (a CRM behind a proxy often does not know that it is asked by https: ask its operator, or page by number, offset or cursor)")
	}
	return failure(HostRefused, "the next page is at another host, port or scheme, which is not followed")
}

// linkNext gives the target of rel="next" in the headers Link of an answer (RFC 8288); empty if there is none. There may
// be several headers and several links in one; commas and semicolons may stand in the addresses and in quotes.
func linkNext(headers []string) string {
	for rest := strings.Join(headers, ","); ; {
		_, after, found := strings.Cut(rest, "<")
		if !found {
			return ""
		}
		target, params, found := strings.Cut(after, ">")
		if !found {
			return ""
		}
		var next bool
		if next, rest = relNext(params); next {
			return strings.TrimSpace(target)
		}
	}
}

// relNext tells whether the parameters of a link hold the relation next, and gives what comes behind them.
func relNext(params string) (next bool, rest string) {
	for {
		params = strings.TrimLeft(params, " \t")
		if !strings.HasPrefix(params, ";") {
			return next, params
		}
		name, value, after := linkParam(params[1:])
		if strings.EqualFold(name, "rel") && slices.Contains(strings.Fields(strings.ToLower(value)), "next") {
			next = true
		}
		params = after
	}
}

// linkParam reads one parameter: a name, and perhaps a value, which may be in quotes.
func linkParam(text string) (name, value, rest string) {
	end := strings.IndexAny(text, ";,=")
	if end < 0 || text[end] != '=' {
		return strings.TrimSpace(text[:cut(text, end)]), "", text[cut(text, end):]
	}
	name, text = strings.TrimSpace(text[:end]), strings.TrimLeft(text[end+1:], " \t")
	if !strings.HasPrefix(text, `"`) {
		end = cut(text, strings.IndexAny(text, ";,"))
		return name, strings.TrimSpace(text[:end]), text[end:]
	}
	for end = 1; end < len(text) && text[end] != '"'; end++ {
		if text[end] == '\\' && end+1 < len(text) {
			end++
		}
	}
	return name, text[1:min(end, len(text))], text[min(end+1, len(text)):]
}

// cut gives where to cut a text: at the place that was found, or at its end.
func cut(text string, found int) int {
	if found < 0 {
		return len(text)
	}
	return found
}
