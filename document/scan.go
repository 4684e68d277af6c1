package document

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads the tokens of one JSON text (RFC 8259), and checks them whether anybody wants them or not. What it gives
// of the text is valid until the next token is read: the window moves on.
type scanner struct {
	window
	at int
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

// peek gives the next byte that is no white space, 0 at the end of the text.
func (s *scanner) peek() byte {
	if s.at < len(s.text) {
		if c := s.text[s.at]; c > ' ' {
			return c
		}
	}
	return s.behindBlanks()
}

func (s *scanner) behindBlanks() byte {
	for {
		for ; s.at < len(s.text); s.at++ {
			switch c := s.text[s.at]; c {
			case ' ', '\t', '\r', '\n':
			default:
				return c
			}
		}
		if !s.more(nil) {
			return 0
		}
	}
}

// ended tells whether there is nothing more to read. What stands from hold on is kept in the window, if hold is given.
func (s *scanner) ended(hold *int) bool { return s.at == len(s.text) && !s.more(hold) }

// more moves the window on. What is not judged yet stays.
func (s *scanner) more(hold *int) bool {
	if s.source == nil {
		return false
	}
	from := s.at
	if hold != nil {
		from = *hold
	}
	from = min(from, s.judged)
	s.at -= from
	if hold != nil {
		*hold -= from
	}
	return s.slide(from)
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
		if s.ended(nil) || s.text[s.at] != word[i] {
			return s.wrong()
		}
		s.at++
	}
	return sound
}

// number reads a number and gives its text.
func (s *scanner) number() ([]byte, scanFault) {
	begin := s.at
	if s.text[s.at] == '-' {
		s.at++
	}
	switch {
	case !s.ended(&begin) && s.text[s.at] == '0':
		s.at++
	case !s.digits(&begin):
		return nil, s.wrong()
	}
	if !s.ended(&begin) && s.text[s.at] == '.' {
		if s.at++; !s.digits(&begin) {
			return nil, s.wrong()
		}
	}
	if !s.ended(&begin) && s.text[s.at]|0x20 == 'e' {
		s.at++
		if !s.ended(&begin) && (s.text[s.at] == '+' || s.text[s.at] == '-') {
			s.at++
		}
		if !s.digits(&begin) {
			return nil, s.wrong()
		}
	}
	return s.text[begin:s.at], sound
}

// digits goes over digits, and tells whether there was one.
func (s *scanner) digits(hold *int) (there bool) {
	for {
		for ; s.at < len(s.text) && s.text[s.at]-'0' <= 9; s.at++ {
			there = true
		}
		if s.at < len(s.text) || !s.more(hold) {
			return there
		}
	}
}

// quoted reads a string and gives what stands between its quotes. Plain tells that this is its value: it holds neither
// an escape nor broken UTF-8.
func (s *scanner) quoted() (raw []byte, plain bool, fault scanFault) {
	s.at++
	begin := s.at
	plain = true
	for {
		s.run()
		if s.ended(&begin) {
			return nil, false, brokenOff
		}
		switch s.text[s.at] {
		case '"':
			raw = s.text[begin:s.at]
			s.at++
			return raw, plain && (!s.dirty || utf8.Valid(raw)), sound
		case '\\':
			plain = false
			if fault = s.escape(&begin); fault != sound {
				return nil, false, fault
			}
		default:
			if s.text[s.at] < ' ' {
				return nil, false, broken // a control character
			}
		}
	}
}

// passed reads a string that nobody wants: however long it is, the window does not grow with it.
func (s *scanner) passed() scanFault {
	s.at++
	for {
		s.run()
		if s.ended(nil) {
			return brokenOff
		}
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			return sound
		case c == '\\':
			if fault := s.escape(nil); fault != sound {
				return fault
			}
		case c < ' ':
			return broken
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
		eight := binary.LittleEndian.Uint64(s.text[s.at:])
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

// escape goes over an escape.
func (s *scanner) escape(hold *int) scanFault {
	s.at++
	if s.ended(hold) {
		return brokenOff
	}
	switch s.text[s.at] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.at++
		return sound
	case 'u':
		s.at++
		for range 4 {
			if s.ended(hold) || hexDigit(s.text[s.at]) < 0 {
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

// appendUnquoted appends the value of a string that is not plain. Broken UTF-8 and half a surrogate pair become U+FFFD.
func appendUnquoted(text, raw []byte) []byte {
	for i := 0; i < len(raw); {
		switch c := raw[i]; {
		case c == '\\' && raw[i+1] == 'u':
			char := hexRune(raw[i+2:])
			if i += 6; utf16.IsSurrogate(char) {
				next := rune(utf8.RuneError)
				if bytes.HasPrefix(raw[i:], []byte(`\u`)) {
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
			char, size := utf8.DecodeRune(raw[i:])
			text = utf8.AppendRune(text, char)
			i += size
		}
	}
	return text
}

func hexRune(four []byte) rune {
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
