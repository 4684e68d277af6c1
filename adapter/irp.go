package adapter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"bonus-adapter/crm"
	"bonus-adapter/mapping"
)

// Request is IRP's request «История бонусов».
type Request struct {
	UserIdentifier string
	Key            *string // the API key, if it came in the body
}

// read reads and judges a request in the order of the contract: size, key, body. It notes which key it came with.
func (h *Handler) read(r *http.Request, s *story) (crm.Customer, *outcome) {
	var body []byte
	var err error
	if r.ContentLength <= h.body { // a body that is announced to be too large is not waited for
		body, err = io.ReadAll(io.LimitReader(r.Body, h.body+1))
	}
	if r.ContentLength > h.body || int64(len(body)) > h.body {
		refused := rejected(BadRequest, "the body is too large")
		refused.status, refused.hangUp = http.StatusRequestEntityTooLarge, true
		return crm.Customer{}, &refused
	}
	var request Request
	if err != nil {
		err = errors.New("the body could not be read")
	} else {
		request, err = ParseRequest(body)
	}
	key, ok := credential(r.Header, request.Key)
	if ok {
		s.key = h.keys.find(key)
	}
	if s.key == 0 {
		refused := rejected(Unauthorized, "the key is missing or wrong")
		return crm.Customer{}, &refused
	}
	if err != nil {
		refused := rejected(BadRequest, err.Error())
		return crm.Customer{}, &refused
	}
	return crm.NewCustomer(request.UserIdentifier), nil
}

var errNoObject = errors.New("the body must be a JSON object with a userIdentifier")

// ParseRequest reads a body. Fields that IRP may add are ignored; what two readers could understand differently (a
// userIdentifier or key that is there twice, text after the object) is refused. Names match exactly, case included. An
// error holds nothing of the body. The key is given even if the rest cannot be read.
func ParseRequest(body []byte) (Request, error) {
	if request, usual := usualRequest(body); usual {
		return request, nil
	}
	return parseRequest(body)
}

// usualRequest reads what IRP's examples look like: an id of printable characters, and nothing else.
func usualRequest(body []byte) (request Request, usual bool) {
	rest, begins := bytes.CutPrefix(body, []byte(`{"userIdentifier":"`))
	id, ends := bytes.CutSuffix(rest, []byte(`"}`))
	if !begins || !ends || len(id) == 0 || len(id) > mostOfID {
		return request, false
	}
	for _, c := range id {
		if c <= ' ' || c == '"' || c == '\\' || c >= 0x7f {
			return request, false
		}
	}
	return Request{UserIdentifier: string(id)}, true
}

func parseRequest(body []byte) (Request, error) {
	var request Request
	if !utf8.Valid(body) {
		return request, errors.New("the body is not UTF-8")
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return request, errNoObject
	}
	fields := map[string]json.RawMessage{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return Request{}, errNoObject
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return Request{}, errNoObject
		}
		field, _ := name.(string)
		if _, twice := fields[field]; twice && (field == "userIdentifier" || field == "key") {
			return Request{}, fmt.Errorf("%s is there twice", field)
		}
		if field == "userIdentifier" || field == "key" {
			fields[field] = value
		}
	}
	if _, err := decoder.Token(); err != nil {
		return Request{}, errNoObject
	}
	if _, err := decoder.Token(); err != io.EOF {
		return Request{}, errors.New("there is more after the JSON object")
	}
	return request.fill(fields["userIdentifier"], fields["key"])
}

func (r Request) fill(user, key json.RawMessage) (Request, error) {
	if key != nil {
		r.Key = new(string)
		if json.Unmarshal(key, r.Key) != nil || key[0] != '"' {
			return Request{}, errors.New("key must be a text")
		}
	}
	id, err := identifier(user)
	r.UserIdentifier = id
	return r, err
}

// mostOfID is how many bytes an id may have.
const mostOfID = 256

var integer = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)

// identifier takes the customer's id: a text, or an integer by its digits, since 9007199254740993 must stay so.
func identifier(raw json.RawMessage) (string, error) {
	var id string
	switch {
	case raw == nil:
		return "", errors.New("userIdentifier is missing")
	case raw[0] == '"':
		if err := json.Unmarshal(raw, &id); err != nil {
			return "", errNoObject
		}
	case integer.Match(raw):
		id = string(raw)
	default:
		return "", errors.New("userIdentifier must be a text or an integer")
	}
	switch {
	case strings.TrimSpace(id) == "":
		return "", errors.New("userIdentifier is empty")
	case len(id) > mostOfID:
		return "", errors.New("userIdentifier is longer than 256 bytes")
	case strings.ContainsFunc(id, unprintable):
		return "", errors.New("userIdentifier holds a character that cannot be part of an id")
	}
	return id, nil
}

// unprintable finds control and format characters, and U+FFFD: a reader puts it where it cannot read what was sent.
func unprintable(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) || r == utf8.RuneError
}

// body gives the answer in IRP's form.
func (o *outcome) body() []byte {
	switch {
	case o.message != "":
		text, _ := json.Marshal(o.message) // a string always encodes
		return append(append([]byte(`{"bonuses":[],"error":{"message":`), text...), "}}\n"...)
	case o.listed != nil:
		return render(o.listed)
	case o.rendered == nil:
		return render(nil)
	}
	return o.rendered
}

// render writes entries in IRP's form.
func render(entries []mapping.Entry) []byte {
	const usual = 140 // bytes of an entry without its message
	size := 32 + usual*len(entries)
	for i := range entries {
		size += len(entries[i].Message)
	}
	out := append(make([]byte, 0, size), `{"bonuses":[`...)
	for i := range entries {
		if i > 0 {
			out = append(out, ',')
		}
		out = appendEntry(out, &entries[i])
	}
	return append(out, "]}\n"...)
}

// mostRendered is how many entries an answer may have that is rendered as a whole. The text of a longer one would be the
// largest part of what it costs in memory.
const (
	mostRendered = 5_000
	pieceSize    = 32 << 10
)

// writeEntries writes what render gives, piece by piece.
func writeEntries(w io.Writer, entries []mapping.Entry) error {
	out := append(make([]byte, 0, pieceSize+pieceSize/8), `{"bonuses":[`...)
	for i := range entries {
		if i > 0 {
			out = append(out, ',')
		}
		if out = appendEntry(out, &entries[i]); len(out) < pieceSize {
			continue
		}
		if _, err := w.Write(out); err != nil {
			return err
		}
		out = out[:0]
	}
	_, err := w.Write(append(out, "]}\n"...))
	return err
}

// appendEntry writes one entry: exact digits, milliseconds as a text, null for what is not known.
func appendEntry(out []byte, entry *mapping.Entry) []byte {
	out = entry.Added.AppendTo(append(out, `{"added":`...))
	out = entry.Expired.AppendTo(append(out, `,"expired":`...))
	out = appendText(append(out, `,"definitionMessage":`...), entry.Message)
	out = appendTime(append(out, `,"activationDate":`...), entry.Activation)
	out = appendTime(append(out, `,"expirationDate":`...), entry.Expiration)
	return append(out, '}')
}

func appendTime(out []byte, at mapping.Moment) []byte {
	if at.IsZero() {
		return append(out, "null"...)
	}
	out = strconv.AppendInt(append(out, '"'), at.UnixMilli(), 10)
	return append(out, '"')
}

// appendText writes a JSON text without escaping <, > and &: they are no danger in an app.
func appendText(out []byte, text string) []byte {
	if isPlain(text) {
		return append(append(append(out, '"'), text...), '"')
	}
	var escaped bytes.Buffer
	encoder := json.NewEncoder(&escaped)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string always encodes
	return append(out, bytes.TrimSuffix(escaped.Bytes(), []byte("\n"))...)
}

// isPlain tells whether a text stands in JSON as it is. It errs on the safe side: the rest is left to encoding/json.
func isPlain(text string) bool {
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c < ' ', c == '"', c == '\\':
			return false
		case c < utf8.RuneSelf:
			i++
		case c >= 0xc2 && c < 0xe0 && i+1 < len(text) && text[i+1]&0xc0 == 0x80: // two bytes, as Cyrillic letters have
			i += 2
		default:
			char, size := utf8.DecodeRuneInString(text[i:])
			if char == utf8.RuneError || char == '\u2028' || char == '\u2029' {
				return false
			}
			i += size
		}
	}
	return true
}
