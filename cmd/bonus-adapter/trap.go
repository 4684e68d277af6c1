package main

import (
	"strings"
	"unicode"
)

// The two mistakes that integrators make in YAML are values that it takes for its own: a path or expression with
// brackets or commas inside { … }, and a value that begins with [. The scanner below reads one line as its writer meant
// it, brackets balanced and quotes respected, where YAML reads it as it stands; what the two read differently is a trap,
// and its mending is to quote it. It is asked only for lines that YAML has refused, or has understood as something that
// cannot stand there, so it need not be a parser.

// token is one key or value of a line, in runes from its first to behind its last.
type token struct {
	from, to int
	why      string // why YAML reads something else here; empty if it does not
}

type lineScanner struct {
	line   []rune
	at     int
	tokens []token
}

const maxTrapLine = 1000

const (
	whyFlow     = "inside { } or [ ] a text with brackets, braces or a comma must be quoted"
	whyList     = "a text that begins with [ must be quoted, or YAML takes it for a list"
	whyMap      = "a text that begins with { must be quoted, or YAML takes it for a map"
	whyColon    = `a text with ": " in it must be quoted, or YAML takes it for a key`
	whyComment  = "a text with \" #\" in it must be quoted, or the rest of the line is a comment"
	whyQuote    = "a text that goes on behind a closing quote must be quoted as a whole"
	whyReserved = "a text that begins with %c must be quoted, since YAML gives that character a meaning"
)

// scanLine finds the tokens of a line. inside tells that the line continues a { or [ of a line above. No person writes
// lines of more than maxTrapLine runes, and the scanner looks ahead, so it leaves them alone.
func scanLine(line string, inside bool) []token {
	s := &lineScanner{line: []rune(line)}
	if len(s.line) > maxTrapLine {
		return nil
	}
	if inside {
		for s.at < len(s.line) {
			s.flow()
		}
		return s.tokens
	}
	s.block()
	return s.tokens
}

// trapsOf are the tokens that must be quoted.
func trapsOf(tokens []token) []token {
	var traps []token
	for _, t := range tokens {
		if t.why != "" {
			traps = append(traps, t)
		}
	}
	return traps
}

func (s *lineScanner) block() {
	s.spaces()
	for s.peek(0) == '-' && s.peek(1) == ' ' {
		s.at++
		s.spaces()
	}
	if end := s.keyEnd(); end >= 0 {
		s.at = end + 1
		s.spaces()
	}
	if s.at >= len(s.line) || s.peek(0) == '#' {
		return
	}
	s.blockValue()
}

// keyEnd is the colon of a block's "key: value", or -1.
func (s *lineScanner) keyEnd() int {
	i := s.at
	if i < len(s.line) && (s.line[i] == '"' || s.line[i] == '\'') {
		i = s.quoted(i)
	} else if s.peek(0) == '{' || s.peek(0) == '[' {
		return -1
	}
	for ; i >= 0 && i < len(s.line); i++ {
		if s.colon(i) {
			return i
		}
	}
	return -1
}

func (s *lineScanner) blockValue() {
	from, first := s.at, s.peek(0)
	whole := token{from: from, to: s.trimmed(from, s.commentStart(from))}
	switch {
	case first == '[' || first == '{':
		s.bracket(whole)
		return
	case first == '"' || first == '\'':
		if end := s.quoted(from); end >= 0 && end < whole.to {
			whole.why = whyQuote
		}
	case strings.ContainsRune("@`%*!", first):
		whole.why = strings.ReplaceAll(whyReserved, "%c", string(first))
	case first == '|' || first == '>':
		if strings.Trim(string(s.line[from+1:whole.to]), "+-0123456789") != "" {
			whole.why = strings.ReplaceAll(whyReserved, "%c", string(first))
		}
	case s.hasColon(from, whole.to):
		whole.why = whyColon
	}
	s.tokens = append(s.tokens, whole)
}

// bracket reads a token that begins with a bracket: a list or map of YAML's, or a text that looks like one.
func (s *lineScanner) bracket(whole token) {
	why := whyList
	if s.peek(0) == '{' {
		why = whyMap
	}
	end := s.balanced(s.at)
	if end >= 0 && end < whole.to || s.peek(0) == '{' && s.peek(1) == '{' {
		whole.why = why
		s.tokens = append(s.tokens, whole)
		s.at = whole.to
		return
	}
	if end >= 0 {
		s.tokens = append(s.tokens, token{from: s.at, to: end})
	}
	s.at++
	s.flow()
}

// flow reads the inside of a { } or [ ] up to behind its end.
func (s *lineScanner) flow() {
	for s.at < len(s.line) {
		s.spaces()
		switch c := s.peek(0); {
		case c == ',':
			s.at++
		case c == '}' || c == ']':
			s.at++
			return
		case c == '#':
			s.at = len(s.line)
		case c != 0:
			s.flowToken(true)
			s.spaces()
			if s.peek(0) == ':' {
				s.at++
				s.spaces()
				s.flowToken(false)
			}
		}
	}
}

func (s *lineScanner) flowToken(key bool) {
	from, first := s.at, s.peek(0)
	if first == 0 || first == ',' || first == '}' || first == ']' {
		return
	}
	whole := token{from: from, to: s.flowEnd(from, key)}
	switch {
	case first == '[' || first == '{':
		s.bracket(whole)
		return
	case first == '"' || first == '\'':
		if end := s.quoted(from); end >= 0 && end < whole.to {
			whole.why = whyQuote
		}
	case strings.ContainsRune("@`%*!", first):
		whole.why = strings.ReplaceAll(whyReserved, "%c", string(first))
	case strings.ContainsAny(string(s.line[from:whole.to]), "[]{},"):
		whole.why = whyFlow
	case strings.Contains(string(s.line[from:whole.to]), " #"):
		whole.why = whyComment
	case s.hasColon(from, whole.to):
		whole.why = whyColon
	}
	s.tokens = append(s.tokens, whole)
	s.at = max(whole.to, from+1)
}

// flowEnd is behind the last rune of a token as its writer meant it: a comma within brackets or quotes belongs to it.
func (s *lineScanner) flowEnd(from int, key bool) int {
	depth := 0
	for i := from; i < len(s.line); i++ {
		switch c := s.line[i]; {
		case (c == '"' || c == '\'') && (i == from || !wordRune(s.line[i-1])):
			if end := s.quoted(i); end >= 0 {
				i = end - 1
			}
		case strings.ContainsRune("([{", c):
			depth++
		case depth > 0 && strings.ContainsRune(")]}", c):
			depth--
		case depth == 0 && (strings.ContainsRune(",}]", c) || key && s.colon(i)):
			return s.trimmed(from, i)
		}
	}
	return s.trimmed(from, len(s.line))
}

// balanced is behind the bracket that closes the one at i, or -1.
func (s *lineScanner) balanced(i int) int {
	for depth := 0; i < len(s.line); i++ {
		switch c := s.line[i]; c {
		case '"', '\'':
			if end := s.quoted(i); end >= 0 && !wordRune(s.line[i-1]) {
				i = end - 1
			}
		case '[', '{':
			depth++
		case ']', '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return -1
}

// quoted is behind the quote that closes the one at i, or -1.
func (s *lineScanner) quoted(i int) int {
	quote := s.line[i]
	for i++; i < len(s.line); i++ {
		switch {
		case s.line[i] == '\\' && quote == '"':
			i++
		case s.line[i] != quote:
		case quote == '\'' && i+1 < len(s.line) && s.line[i+1] == quote:
			i++
		default:
			return i + 1
		}
	}
	return -1
}

func (s *lineScanner) commentStart(from int) int {
	for i := from; i+1 < len(s.line); i++ {
		c := s.line[i]
		if (c == '"' || c == '\'') && (i == from || !wordRune(s.line[i-1])) {
			if end := s.quoted(i); end >= 0 {
				i = end - 1
			}
		} else if unicode.IsSpace(c) && s.line[i+1] == '#' {
			return i
		}
	}
	return len(s.line)
}
