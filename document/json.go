package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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

// ParseJSON decodes what is selected of one JSON text. See [Selection.ReadJSON].
func (s *Selection) ParseJSON(body []byte, limits Limits) (Value, error) {
	return s.ReadJSON(bytes.NewReader(body), limits)
}

// ReadJSON decodes what is selected of one JSON text, in UTF-8 or UTF-16, while it arrives; what is not selected takes no memory. It refuses
// what readers may understand differently: a duplicate member, and anything after the value; and it judges what nobody
// reads like the rest. Numbers keep the digits of the CRM; invalid UTF-8 becomes U+FFFD. The error is the source's own, a
// *[DecodeError] or [ErrTooDeep]; the text is read to its end only if there is none.
func (s *Selection) ReadJSON(source io.Reader, limits Limits) (Value, error) {
	if s == nil {
		s = everything()
	}
	return s.read(source, limits, leastRead)
}

func (s *Selection) read(source io.Reader, limits Limits, least int) (Value, error) {
	d := s.decoder()
	d.start(source, limits.Depth, least)
	for len(d.text) < len(utf8Mark) && d.more(nil) {
	}
	defer s.giveBack(d)
	switch shown(d.text) {
	case "":
	case "utf-8":
		d.at = len(utf8Mark)
	default:
		return s.decoded(d, limits)
	}
	return d.document(s.root)
}

// decoded reads a text that begins as one in UTF-16 does.
func (s *Selection) decoded(d *decoder, limits Limits) (Value, error) {
	body := bytes.Clone(d.text)
	if d.source != nil {
		rest, err := io.ReadAll(d.source)
		if err != nil {
			return Value{}, err
		}
		body = append(body, rest...)
	}
	text, _, err := inUTF8(body, "")
	if err != nil {
		return Value{}, err
	}
	return s.ParseJSON(text, limits)
}

func (d *decoder) wrongAt(fault scanFault) error {
	offset := d.offset()
	what := fmt.Sprintf("broken JSON at byte %d", offset)
	switch fault {
	case tooDeep:
		return ErrTooDeep
	case twice:
		what = fmt.Sprintf("a member of an object is there twice, at byte %d", offset)
	case brokenOff:
		what = fmt.Sprintf("the JSON breaks off at byte %d", offset)
	}
	return &DecodeError{What: what, Offset: offset}
}
