// Package redact takes out of texts what must not be told: a customer's id, and secrets. It finds them as they are, and
// as they stand in URLs, JSON, XML and base64.
//
// It cannot find what was computed of them, such as a hash: whoever prints such things has to leave them out.
package redact

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"net/url"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Redactor replaces texts. The zero Redactor replaces none. It is safe for concurrent use once everything is added.
type Redactor struct{ words []word }

type word struct {
	text, shown string
	whole       bool // only where it is not a part of a longer word
}

// always is the length from which a text is replaced wherever it stands. A shorter one may well be a part of something
// else, and is replaced only where no letter or digit touches it.
const always = 8

// Add makes the Redactor replace text, in all its spellings, by shown. An empty text is none.
func (r *Redactor) Add(text, shown string) {
	if strings.TrimSpace(text) == "" || text == shown {
		return
	}
	for _, spelt := range spellings(text) {
		r.add(spelt, shown)
	}
}

func (r *Redactor) add(text, shown string) {
	if slices.ContainsFunc(r.words, func(w word) bool { return w.text == text }) {
		return
	}
	r.words = append(r.words, word{text, shown, utf8.RuneCountInString(text) < always})
	slices.SortStableFunc(r.words, func(a, b word) int { return cmp.Compare(len(b.text), len(a.text)) })
}

// AddCustomer makes the Redactor replace a customer's id, also if it is a phone number that others write otherwise.
func (r *Redactor) AddCustomer(id, shown string) {
	r.Add(id, shown)
	digits := strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, id)
	if len(digits) < 10 || len(digits) > 15 || strings.ContainsFunc(id, unicode.IsLetter) {
		return
	}
	r.Add(digits, shown)
	r.Add("+"+digits, shown)
	national := digits[len(digits)-10:]
	r.Add(national, shown)
	for _, country := range []string{"7", "8"} {
		r.Add(country+national, shown)
		r.Add("+"+country+national, shown)
	}
}

// spellings are the ways in which a text may stand in a request or an answer.
func spellings(text string) []string {
	var escaped bytes.Buffer
	_ = xml.EscapeText(&escaped, []byte(text)) // a buffer takes everything
	all := []string{text, url.QueryEscape(text), url.PathEscape(text), escaped.String()}
	quoted, _ := json.Marshal(text) // a string always encodes
	all = append(all, string(quoted[1:len(quoted)-1]))
	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding, base64.RawURLEncoding} {
		if utf8.RuneCountInString(text) >= always/2 {
			all = append(all, encoding.EncodeToString([]byte(text)))
		}
	}
	return all
}

// Text gives a text without what must not be told.
func (r *Redactor) Text(text string) string {
	for _, w := range r.words {
		if w.whole {
			text = replaceWhole(text, w.text, w.shown)
		} else {
			text = strings.ReplaceAll(text, w.text, w.shown)
		}
	}
	return text
}

// replaceWhole replaces a word where no letter or digit touches it.
func replaceWhole(text, old, by string) string {
	var out strings.Builder
	for rest := text; ; {
		at := strings.Index(rest, old)
		if at < 0 {
			if out.Len() == 0 {
				return text
			}
			return out.String() + rest
		}
		before, _ := utf8.DecodeLastRuneInString(text[:len(text)-len(rest)+at])
		after, _ := utf8.DecodeRuneInString(rest[at+len(old):])
		out.WriteString(rest[:at])
		if touches(before, old[:1]) || touches(after, old[len(old)-1:]) {
			out.WriteString(old)
		} else {
			out.WriteString(by)
		}
		rest = rest[at+len(old):]
	}
}

// touches tells whether a character continues the word whose edge it stands at.
func touches(neighbour rune, edge string) bool {
	return neighbour != utf8.RuneError && wordly(neighbour) && wordly(rune(edge[0]))
}

func wordly(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) || c >= utf8.RuneSelf }
