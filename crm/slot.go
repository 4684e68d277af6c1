package crm

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/http/httpguts"
)

// escape puts the parts of a text into their place in a request, or says why a value cannot stand there. There is one
// for each position, and none that leaves a value as it is without an encoder behind it.
type escape struct {
	literal func(string) string
	slot    func(string) (string, error)
	// among comes before slot, for values that others fill: the text around one may be a little language of its own. It
	// is nil where there is none.
	among func(standing, string) (string, error)
}

// standing is how a slot stands among the literals of its text.
type standing struct {
	alone   bool // there is nothing else
	segment bool // there is nothing else between the slashes around it
	single  bool // it is between single quotes
	double  bool // it is between double quotes
	guid    bool // it is between the quotes of guid'…'
}

// quote is a quote that is open.
type quote struct {
	sign byte
	guid bool
}

// settle notes for each slot how it stands.
func (t *Template) settle() {
	var open []quote
	for i := range t.parts {
		p := &t.parts[i]
		if p.slot == "" {
			open = openQuotes(open, p.literal.Reveal())
			continue
		}
		// What an expression adds up is no value any more but a text that a value stands in.
		p.stands = standing{alone: len(t.parts) == 1 && !strings.Contains(p.slot, "+"), segment: t.segment(i)}
		for _, around := range open {
			if t.closes(i, around.sign) {
				p.stands.single = p.stands.single || around.sign == '\''
				p.stands.double = p.stands.double || around.sign == '"'
				p.stands.guid = p.stands.guid || around.guid
			}
		}
	}
}

// openQuotes gives the quotes that are open behind a text. A quote inside of others closes what was opened in them: an
// apostrophe in a text between double quotes opens nothing for long.
func openQuotes(open []quote, text string) []quote {
	for i := range len(text) {
		if text[i] != '\'' && text[i] != '"' {
			continue
		}
		outer := 0
		for outer < len(open) && open[outer].sign != text[i] {
			outer++
		}
		if outer < len(open) {
			open = open[:outer:outer]
			continue
		}
		open = append(open, quote{text[i], text[i] == '\'' && strings.HasSuffix(strings.ToLower(text[:i]), "guid")})
	}
	return open
}

// closes tells whether a quote comes after the i-th part. One that is never closed is no quote but an apostrophe.
func (t *Template) closes(i int, sign byte) bool {
	for _, p := range t.parts[i+1:] {
		if p.slot == "" && strings.IndexByte(p.literal.Reveal(), sign) >= 0 {
			return true
		}
	}
	return false
}

func (t *Template) segment(i int) bool {
	before := i == 0 || t.parts[i-1].slot == "" && strings.HasSuffix(t.parts[i-1].literal.Reveal(), "/")
	after := i == len(t.parts)-1 || t.parts[i+1].slot == "" && strings.HasPrefix(t.parts[i+1].literal.Reveal(), "/")
	return before && after
}

var (
	errBackslash = errors.New(`a text with \ or control characters, or one that is not UTF-8, cannot stand between quotes`)
	errQuote     = errors.New("a text with a quote cannot stand between such quotes")
	errGUID      = errors.New("between the quotes of guid'…' only hexadecimal digits and dashes are taken")
	errAmong     = errors.New("it stands among other text without quotes, where only letters, digits and - _ . @ + : / are taken")
)

// amongText keeps a value from changing what the text around it means, be that a filter of OData, a query in SOQL or
// JSON in a text. Between single quotes a quote is doubled, as OData and SQL have it.
func amongText(at standing, value string) (string, error) {
	switch {
	case at.alone:
		return value, nil
	case !at.single && !at.double:
		return value, unquoted(value)
	case at.guid && (value == "" || strings.Trim(value, "0123456789abcdefABCDEF-") != ""):
		return "", errGUID
	case strings.Contains(value, `\`) || strings.ContainsFunc(value, unicode.IsControl) || !utf8.ValidString(value):
		return "", errBackslash
	case at.double && strings.Contains(value, `"`):
		return "", errQuote
	case at.single:
		return strings.ReplaceAll(value, "'", "''"), nil
	}
	return value, nil
}

func unquoted(value string) error {
	strange := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.@+:/", r)
	}
	if value == "" || strings.ContainsFunc(value, strange) || !utf8.ValidString(value) {
		return errAmong
	}
	return nil
}

// amongPath is amongText within one segment of a path. A quote is refused there: not every server takes two for one.
func amongPath(at standing, value string) (string, error) {
	switch {
	case at.segment && !at.single && !at.double:
		return value, nil
	case at.single && strings.Contains(value, "'"):
		return "", errQuote
	}
	return amongText(at, value)
}

// In a path segment some texts are refused, not escaped: servers and proxies decode %2F and resolve dots, and then
// another customer's history is read.
func inPath() escape { return escape{literal: pathLiteral, slot: pathSegment, among: amongPath} }

func pathSegment(value string) (string, error) {
	switch {
	case value == "":
		return "", errors.New("an empty text cannot stand in a path")
	case strings.Trim(value, ".") == "":
		return "", errors.New("a text of dots alone cannot stand in a path")
	case strings.ContainsAny(value, `/\%`) || strings.ContainsFunc(value, unicode.IsControl):
		return "", errors.New(`a text with / \ % or control characters cannot stand in a path`)
	}
	return url.PathEscape(value), nil
}

// pathLiteral escapes what RFC 3986 does not allow in a path, and leaves what is escaped already.
func pathLiteral(text string) string {
	var escaped strings.Builder
	for i := range len(text) {
		c := text[i]
		plain := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~!$&'()*+,;=:@/", c) >= 0
		if plain || c == '%' && isEscape(text[i:]) {
			escaped.WriteByte(c)
		} else {
			fmt.Fprintf(&escaped, "%%%02X", c)
		}
	}
	return escaped.String()
}

func isEscape(text string) bool {
	const hex = "0123456789abcdefABCDEF"
	return len(text) > 2 && strings.IndexByte(hex, text[1]) >= 0 && strings.IndexByte(hex, text[2]) >= 0
}

// inQuery is for the values of a query and of a form.
func inQuery() escape {
	return escape{literal: url.QueryEscape, among: amongText, slot: func(value string) (string, error) {
		return url.QueryEscape(value), nil
	}}
}

// In a header a value is sent as it is, or not at all: what HTTP would trim or split is refused.
func inHeader() escape {
	return escape{literal: same, slot: func(value string) (string, error) {
		if value == "" || strings.TrimSpace(value) != value || !httpguts.ValidHeaderFieldValue(value) {
			return "", errors.New("an empty text, or one with line breaks or spaces around it, cannot stand in a header")
		}
		return value, nil
	}}
}

// plain is for texts that are escaped as a whole, by whoever writes them.
func plain() escape {
	return escape{literal: same, among: amongText, slot: func(value string) (string, error) { return value, nil }}
}

// inJSON is for texts that jsonText encodes, which would replace what is no UTF-8.
func inJSON() escape {
	return escape{literal: same, among: amongText, slot: func(value string) (string, error) {
		if !utf8.ValidString(value) {
			return "", errors.New("a text that is not UTF-8 cannot stand in JSON")
		}
		return value, nil
	}}
}

// inXML is for texts and attributes.
func inXML() escape {
	return escape{literal: xmlText, among: amongText, slot: func(value string) (string, error) {
		if !xmlHolds(value) {
			return "", errors.New("a text with characters that XML does not have cannot stand in XML")
		}
		return xmlText(value), nil
	}}
}

func xmlText(text string) string {
	var escaped strings.Builder
	_ = xml.EscapeText(&escaped, []byte(text)) // a Builder takes everything
	return escaped.String()
}

// xmlHolds tells whether XML 1.0 has all the characters of a text (production 2, Char).
func xmlHolds(text string) bool {
	strange := func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
	}
	return utf8.ValidString(text) && !strings.ContainsFunc(text, strange)
}

func same(text string) string { return text }
