package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
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

// ParseJSON decodes one JSON text. It refuses what readers may understand differently: a duplicate member, and anything
// after the value. Numbers keep the digits of the CRM; invalid UTF-8 becomes U+FFFD. The error is a *[DecodeError] or
// [ErrTooDeep].
func ParseJSON(body []byte, limits Limits) (Value, error) {
	text := bytes.TrimPrefix(body, []byte(utf8Mark))
	mark := int64(len(body) - len(text))
	switch start := bytes.TrimLeft(text, " \t\r\n"); {
	case len(start) == 0:
		return Value{}, errEmpty()
	case start[0] == '<':
		return Value{}, &DecodeError{What: "the body is HTML or XML, not JSON"}
	case foreign(text):
		return Value{}, &DecodeError{What: "the body is not UTF-8 but another charset"}
	}
	decoder := jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowInvalidUTF8(true))
	value, err := parseValue(decoder, limits.Depth)
	if err != nil {
		return Value{}, decodeError(err, mark)
	}
	if _, err := decoder.ReadToken(); err != io.EOF {
		return Value{}, &DecodeError{What: "there is more after the JSON value", Offset: mark + decoder.InputOffset()}
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

// decodeError tells where it goes wrong and not at what: the decoder's own message quotes the body. The decoder began
// after a byte order mark of so many bytes.
func decodeError(err error, mark int64) error {
	var syntax *jsontext.SyntacticError
	if !errors.As(err, &syntax) {
		return err
	}
	offset := mark + syntax.ByteOffset
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return &DecodeError{What: fmt.Sprintf("a member of an object is there twice, at byte %d", offset), Offset: offset}
	case errors.Is(err, io.ErrUnexpectedEOF):
		return &DecodeError{What: fmt.Sprintf("the JSON breaks off at byte %d", offset), Offset: offset}
	}
	return &DecodeError{What: fmt.Sprintf("broken JSON at byte %d", offset), Offset: offset}
}

func parseValue(decoder *jsontext.Decoder, depth int) (Value, error) {
	token, err := decoder.ReadToken()
	if err != nil {
		return Value{}, err
	}
	if decoder.StackDepth() > depth {
		return Value{}, ErrTooDeep
	}
	switch token.Kind() {
	case '"':
		return Value{kind: Text, text: token.String()}, nil
	case '0':
		return Value{kind: Number, text: token.String()}, nil
	case 't', 'f':
		return Value{kind: Bool, text: token.String()}, nil
	case '[':
		return parseList(decoder, depth)
	case '{':
		return parseObject(decoder, depth)
	}
	return Value{kind: Null}, nil
}

func parseList(decoder *jsontext.Decoder, depth int) (Value, error) {
	list := Value{kind: List}
	for decoder.PeekKind() != ']' {
		item, err := parseValue(decoder, depth)
		if err != nil {
			return Value{}, err
		}
		list.items = append(list.items, item)
	}
	_, err := decoder.ReadToken()
	return list, err
}

func parseObject(decoder *jsontext.Decoder, depth int) (Value, error) {
	object := Value{kind: Object}
	for decoder.PeekKind() != '}' {
		name, err := decoder.ReadToken()
		if err != nil {
			return Value{}, err
		}
		key := strings.Clone(name.String())
		value, err := parseValue(decoder, depth)
		if err != nil {
			return Value{}, err
		}
		object.members = append(object.members, member{key, value})
	}
	_, err := decoder.ReadToken()
	return object, err
}
