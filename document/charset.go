package document

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	textencoding "golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
)

const utf8Mark = "\ufeff" // the byte order mark, as UTF-8

// inUTF8 gives the body in UTF-8. What its first bytes show wins over what is declared; settled is false if neither says
// anything.
func inUTF8(body []byte, declared string) (text []byte, settled bool, err error) {
	charset := shown(body)
	if charset == "" {
		charset = strings.TrimSpace(declared)
	}
	if charset == "" {
		return body, false, nil
	}
	decoder, err := charsetDecoder(charset)
	if err != nil || decoder == nil || isUTF8(body) {
		return body, true, err
	}
	text, err = decoder.Bytes(body)
	if err != nil {
		return nil, true, &DecodeError{What: "the body is not in the charset it declares"}
	}
	return text, true, nil
}

// isUTF8 tells whether a text is UTF-8 beyond doubt. Many servers declare a charset by default, ISO-8859-1 above all, and
// write UTF-8; a text in a charset of single bytes is hardly ever valid UTF-8 by chance.
func isUTF8(body []byte) bool {
	return bytes.IndexByte(body, 0) < 0 && utf8.Valid(body) && bytes.ContainsFunc(body, func(c rune) bool { return c >= utf8.RuneSelf })
}

// shown is the charset that the first bytes show: a byte order mark, or the < of an XML in UTF-16.
func shown(body []byte) string {
	for _, sign := range [...]struct{ bytes, charset string }{
		{utf8Mark, "utf-8"},
		{"\xfe\xff", "utf-16be"},
		{"\xff\xfe", "utf-16le"},
		{"\x00<", "utf-16be"},
		{"<\x00", "utf-16le"},
	} {
		if bytes.HasPrefix(body, []byte(sign.bytes)) {
			return sign.charset
		}
	}
	return ""
}

// charsetDecoder finds the decoder of a charset by any of its usual names. It is nil for UTF-8 and ASCII, where nothing
// is to be done.
func charsetDecoder(label string) (*textencoding.Decoder, error) {
	if isUnicode(label) {
		return nil, nil
	}
	charset, err := htmlindex.Get(label)
	if err != nil {
		return nil, unknownCharset(label)
	}
	switch name, err := htmlindex.Name(charset); {
	case err != nil || name == "replacement": // what browsers refuse to decode
		return nil, unknownCharset(label)
	case name == "utf-8":
		return nil, nil
	}
	return charset.NewDecoder(), nil
}

// isUnicode tells whether a charset is UTF-8 or a part of it, or not declared.
func isUnicode(label string) bool {
	switch strings.ToLower(label) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return true
	}
	return false
}

// unknownCharset tells the name only if it looks like one.
func unknownCharset(label string) error {
	if !charsetName.MatchString(label) {
		return &DecodeError{What: "the charset of the body is not known"}
	}
	return &DecodeError{What: fmt.Sprintf("the charset %s is not known", label)}
}

var charsetName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9._:-]{0,29}$`)

// xmlCharset is the [encoding/xml.Decoder]'s way to read another charset than UTF-8, by the XML declaration. The text
// stays as it is if its charset was settled before, and if the declaration speaks of UTF-16: it could not have been read
// then.
func xmlCharset(settled bool) func(label string, input io.Reader) (io.Reader, error) {
	return func(label string, input io.Reader) (io.Reader, error) {
		if settled || strings.HasPrefix(strings.ToLower(label), "utf-16") {
			return input, nil
		}
		decoder, err := charsetDecoder(label)
		if err != nil || decoder == nil {
			return input, err
		}
		return decoder.Reader(input), nil
	}
}
