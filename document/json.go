package document

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Limits bound what decoding one answer may cost. Its size is bounded by whoever reads it.
type Limits struct{ Depth int }

// ErrTooDeep is an answer that is nested deeper than the limit.
var ErrTooDeep = errors.New("the answer is nested deeper than limits.depth")

// DecodeError is an answer that is not what it should be. It holds nothing of the answer's content.
type DecodeError struct {
	What   string
	Offset int64 // the byte at which it goes wrong
}

// Error says what is wrong.
func (e *DecodeError) Error() string { return e.What }

// ParseJSON decodes one JSON text, everything of it. See [Selection.ParseJSON].
func ParseJSON(body []byte, limits Limits) (Value, error) {
	return (*Selection)(nil).ParseJSON(body, limits)
}

// ParseJSON decodes what is selected of one JSON text. It refuses what readers may understand differently: a duplicate
// member, and anything after the value; and it judges what nobody reads like the rest. Numbers keep the digits of the
// CRM; invalid UTF-8 becomes U+FFFD. The error is a *[DecodeError] or [ErrTooDeep].
func (s *Selection) ParseJSON(body []byte, limits Limits) (Value, error) {
	if s == nil {
		s = everything()
	}
	text := bytes.TrimPrefix(body, []byte(utf8Mark))
	valid := utf8.Valid(text)
	switch start := bytes.TrimLeft(text, " \t\r\n"); {
	case len(start) == 0:
		return Value{}, errEmpty()
	case start[0] == '<':
		return Value{}, &DecodeError{What: "the body is HTML or XML, not JSON"}
	case !valid && foreign(text):
		return Value{}, &DecodeError{What: "the body is not UTF-8 but another charset"}
	}
	d := decoder{scanner: scanner{text: string(text), dirty: !valid}, deepest: limits.Depth, seed: s.seed, layouts: make([]layouts, s.wants)}
	value, fault := d.document(s.root)
	if fault == tooDeep {
		return Value{}, ErrTooDeep
	}
	if fault != sound {
		return Value{}, wrongAt(fault, int64(len(body)-len(text)+d.at))
	}
	if d.peek(); d.at < len(d.text) {
		return Value{}, &DecodeError{What: "there is more after the JSON value", Offset: int64(len(body) - len(text) + d.at)}
	}
	return value, nil
}

// foreign tells a text in another charset from one with a broken character: so many bytes in a row are never one.
func foreign(text []byte) bool {
	for broken := 0; len(text) > 0; {
		character, size := utf8.DecodeRune(text)
		text = text[size:]
		if character != utf8.RuneError || size != 1 {
			broken = 0
		} else if broken++; broken > utf8.UTFMax-1 {
			return true
		}
	}
	return false
}

func wrongAt(fault scanFault, offset int64) error {
	what := fmt.Sprintf("broken JSON at byte %d", offset)
	switch fault {
	case twice:
		what = fmt.Sprintf("a member of an object is there twice, at byte %d", offset)
	case brokenOff:
		what = fmt.Sprintf("the JSON breaks off at byte %d", offset)
	}
	return &DecodeError{What: what, Offset: offset}
}
