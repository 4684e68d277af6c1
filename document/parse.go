package document

import (
	"bytes"
	"io"
	"strings"
)

// Format says how an answer is written.
type Format uint8

// The formats of an answer. JSON is the zero value.
const (
	JSON Format = iota
	XML
	PlainText
)

// String names the format as a message would.
func (f Format) String() string { return [...]string{"JSON", "XML", "text"}[f] }

// Parse decodes an answer, everything of it. See [Selection.Parse].
func Parse(body []byte, format Format, charset string, limits Limits) (Value, error) {
	return (*Selection)(nil).Parse(body, format, charset, limits)
}

// Parse decodes what is selected of an answer; of an XML or a text, everything. The charset is the one its Content-Type declares, "" if it declares none; a byte order mark
// wins over it, and it wins over an XML declaration. Offsets count in the answer as UTF-8. The error is a *[DecodeError]
// or [ErrTooDeep].
func (s *Selection) Parse(body []byte, format Format, charset string, limits Limits) (Value, error) {
	text, settled, err := inUTF8(body, charset)
	if err != nil {
		return Value{}, err
	}
	switch format {
	case XML:
		return parseXML(text, settled, limits)
	case PlainText:
		return parseText(text, limits)
	}
	return s.ParseJSON(text, limits)
}

// Read decodes what is selected of an answer while it arrives, if it is JSON in UTF-8; else it is read to its end first.
// See [Selection.Parse]; the error may also be the source's own.
func (s *Selection) Read(source io.Reader, format Format, charset string, limits Limits) (Value, error) {
	if format == JSON && isUnicode(charset) {
		return s.ReadJSON(source, limits)
	}
	body, err := io.ReadAll(source)
	if err != nil {
		return Value{}, err
	}
	return s.Parse(body, format, charset, limits)
}

// parseText takes the whole body as one text. Some answer with a JSON string where others answer with bare words.
func parseText(body []byte, limits Limits) (Value, error) {
	text := bytes.TrimSpace(bytes.TrimPrefix(body, []byte(utf8Mark)))
	switch {
	case len(text) == 0:
		return Value{}, errEmpty()
	case text[0] == '<':
		return Value{}, &DecodeError{What: "the body is HTML or XML, not text"}
	case new(window).isForeign(text):
		return Value{}, &DecodeError{What: "the body is not UTF-8 but another charset"}
	case text[0] == '"':
		if quoted, err := ParseJSON(text, limits); err == nil {
			return quoted, nil
		}
	}
	return Value{kind: Text, text: strings.ToValidUTF8(string(text), "\ufffd")}, nil
}

func errEmpty() error { return &DecodeError{What: "the body is empty"} }
