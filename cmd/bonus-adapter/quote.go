package main

import (
	"strings"
	"unicode"
)

func (s *lineScanner) trimmed(from, to int) int {
	for to > from && unicode.IsSpace(s.line[to-1]) {
		to--
	}
	return to
}

func (s *lineScanner) hasColon(from, to int) bool {
	for i := from; i < to; i++ {
		if s.colon(i) {
			return true
		}
	}
	return false
}

// colon tells whether the rune at i is a colon that ends a key.
func (s *lineScanner) colon(i int) bool {
	return s.line[i] == ':' && (i+1 == len(s.line) || unicode.IsSpace(s.line[i+1]))
}

func (s *lineScanner) spaces() {
	for s.at < len(s.line) && unicode.IsSpace(s.line[s.at]) {
		s.at++
	}
}

// peek gives the rune that stands n behind the current one, or 0 behind the end of the line.
func (s *lineScanner) peek(n int) rune {
	if s.at+n >= len(s.line) {
		return 0
	}
	return s.line[s.at+n]
}

func wordRune(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

// quoteTokens gives the line, without its indentation, with each of the tokens quoted.
func quoteTokens(line string, tokens []token) string {
	runes, done := []rune(line), 0
	var mended strings.Builder
	for _, t := range tokens {
		mended.WriteString(string(runes[done:t.from]) + quote(string(runes[t.from:t.to])))
		done = t.to
	}
	return strings.TrimSpace(mended.String() + string(runes[done:]))
}

// quote writes a text as a YAML scalar in quotes: in those that need no escape, if there are such.
func quote(text string) string {
	if !strings.ContainsAny(text, `"\`) {
		return `"` + text + `"`
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}
