package document

import (
	"math/bits"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads the tokens of one JSON text (RFC 8259), and checks them whether anybody wants them or not.
type scanner struct {
	text  string
	at    int
	dirty bool // the text is not all UTF-8
}

// The ways in which a text is no JSON. Where is the scanner's place.
type scanFault uint8

const (
	sound scanFault = iota
	broken
	brokenOff
	twice
	tooDeep
)

// blank goes over white space.
func (s *scanner) blank() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return
		}
	}
}

// peek gives the next byte that is no white space, 0 at the end of the text.
func (s *scanner) peek() byte {
	if s.at < len(s.text) && s.text[s.at] > ' ' {
		return s.text[s.at]
	}
	s.blank()
	if s.at == len(s.text) {
		return 0
	}
	return s.text[s.at]
}

// wrong is the fault of a byte that cannot stand where it is.
func (s *scanner) wrong() scanFault {
	if s.at >= len(s.text) {
		return brokenOff
	}
	return broken
}

// word reads true, false or null.
func (s *scanner) word(word string) scanFault {
	for i := range len(word) {
		if s.at == len(s.text) || s.text[s.at] != word[i] {
			return s.wrong()
		}
		s.at++
	}
	return sound
}

// number reads a number and gives its text.
func (s *scanner) number() (string, scanFault) {
	begin := s.at
	if s.text[s.at] == '-' {
		s.at++
	}
	switch {
	case s.at < len(s.text) && s.text[s.at] == '0':
		s.at++
	case !s.digits():
		return "", s.wrong()
	}
	if s.at < len(s.text) && s.text[s.at] == '.' {
		if s.at++; !s.digits() {
			return "", s.wrong()
		}
	}
	if s.at < len(s.text) && s.text[s.at]|0x20 == 'e' {
		s.at++
		if s.at < len(s.text) && (s.text[s.at] == '+' || s.text[s.at] == '-') {
			s.at++
		}
		if !s.digits() {
			return "", s.wrong()
		}
	}
	return s.text[begin:s.at], sound
}

// digits goes over digits, and tells whether there was one.
func (s *scanner) digits() bool {
	begin := s.at
	for s.at < len(s.text) && s.text[s.at]-'0' <= 9 {
		s.at++
	}
	return s.at > begin
}

// quoted reads a string and gives what stands between its quotes. Plain tells that this is its value: it holds neither
// an escape nor broken UTF-8.
func (s *scanner) quoted() (raw string, plain bool, fault scanFault) {
	s.at++
	begin := s.at
	plain = !s.dirty
	for {
		s.run()
		if s.at >= len(s.text) {
			return "", false, brokenOff
		}
		switch s.text[s.at] {
		case '"':
			raw = s.text[begin:s.at]
			s.at++
			return raw, plain || utf8.ValidString(raw) && strings.IndexByte(raw, '\\') < 0, sound
		case '\\':
			plain = false
			if fault = s.escape(); fault != sound {
				return "", false, fault
			}
		default:
			return "", false, broken // a control character
		}
	}
}

// Eight bytes at once: every one is 1, its highest bit, a quote, a backslash.
const (
	eachOne       = 0x0101010101010101
	eachHigh      = 0x8080808080808080
	eachQuote     = eachOne * '"'
	eachBackslash = eachOne * '\\'
	eachBlank     = eachOne * ' '
)

// run goes over what needs no look: up to a quote, a backslash or a control character.
func (s *scanner) run() {
	for ; s.at+8 <= len(s.text); s.at += 8 {
		// A byte below ' ' and one that is equal (its difference is 0) borrow from their highest bit, which bytes that have
		// it by themselves are left out of. Only the lowest one found is certain, and only that one is used.
		eight := eightBytes(s.text[s.at : s.at+8])
		quote, backslash := eight^eachQuote, eight^eachBackslash
		found := (quote-eachOne)&^quote | (backslash-eachOne)&^backslash | (eight-eachBlank)&^eight
		if found &= eachHigh; found != 0 {
			s.at += bits.TrailingZeros64(found) / 8
			return
		}
	}
	for s.at < len(s.text) {
		switch c := s.text[s.at]; {
		case c == '"', c == '\\', c < ' ':
			return
		}
		s.at++
	}
}

func eightBytes(t string) uint64 {
	_ = t[7]
	return uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 | uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
}

// escape goes over an escape.
func (s *scanner) escape() scanFault {
	s.at++
	if s.at == len(s.text) {
		return brokenOff
	}
	switch s.text[s.at] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.at++
		return sound
	case 'u':
		s.at++
		for range 4 {
			if s.at == len(s.text) || hexDigit(s.text[s.at]) < 0 {
				return s.wrong()
			}
			s.at++
		}
		return sound
	}
	return broken
}

func hexDigit(c byte) int {
	switch {
	case c-'0' <= 9:
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// unquoted gives the value of a string that is not plain. Broken UTF-8 and half a surrogate pair become U+FFFD.
func unquoted(raw string) string {
	text := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '\\' && raw[i+1] == 'u':
			char := hexRune(raw[i+2:])
			if i += 6; utf16.IsSurrogate(char) {
				next := rune(utf8.RuneError)
				if i+6 <= len(raw) && raw[i] == '\\' && raw[i+1] == 'u' {
					next = hexRune(raw[i+2:])
				}
				if char = utf16.DecodeRune(char, next); char != utf8.RuneError {
					i += 6
				}
			}
			text = utf8.AppendRune(text, char)
		case c == '\\':
			text = append(text, unescaped(raw[i+1]))
			i += 2
		case c < utf8.RuneSelf:
			text = append(text, c)
			i++
		default:
			char, size := utf8.DecodeRuneInString(raw[i:])
			text = utf8.AppendRune(text, char)
			i += size
		}
	}
	return string(text)
}

func hexRune(four string) rune {
	char := 0
	for i := range 4 {
		char = char<<4 | hexDigit(four[i])
	}
	return rune(char) //nolint:gosec // four hexadecimal digits
}

func unescaped(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}
