package main

import (
	"errors"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"bonus-adapter/config"
)

// syntaxProblem tells in plain words why YAML has refused a file. YAML speaks of tokens, and mostly of those behind the
// mistake; the mistakes that people make are few, so the line itself is looked at first.
func (f *configFile) syntaxProblem(err error) *config.Problem {
	var known *yaml.LoadError
	if !errors.As(err, &known) || known.Mark.Line == 0 {
		return f.problemAt(position{1, 1}, "this is not YAML: "+err.Error(), "")
	}
	mark := position{known.Mark.Line, known.Mark.Column}
	opened := position{known.ContextMark.Line, known.ContextMark.Column}
	inside := strings.Contains(known.ContextMsg, "flow") || strings.Contains(known.ContextMsg, "alias")
	if problem := f.trapProblem(mark, opened, inside); problem != nil {
		return problem
	}
	return f.plainProblem(known, mark, opened)
}

// trapProblem recognises a value that must be quoted, in the line where YAML gave up or in the one where the { began
// that it could not read to its end.
func (f *configFile) trapProblem(mark, opened position, inside bool) *config.Problem {
	line := f.line(mark.line)
	traps := trapsOf(scanLine(line, false))
	if len(traps) == 0 && inside && opened.line > 0 && opened.line != mark.line {
		if traps = trapsOf(scanLine(f.line(opened.line), false)); len(traps) > 0 {
			line, mark = f.line(opened.line), position{opened.line, 0}
		}
	}
	if len(traps) == 0 && inside {
		traps = trapsOf(scanLine(line, true))
	}
	if len(traps) == 0 {
		return nil
	}
	nearest := traps[0]
	for _, t := range traps {
		if t.from < mark.column {
			nearest = t
		}
	}
	if mark.column <= nearest.from || mark.column > nearest.to {
		mark.column = nearest.from + 1
	}
	return f.problemAt(mark, nearest.why, "quote it: "+quoteTokens(line, traps))
}

func (f *configFile) plainProblem(known *yaml.LoadError, mark, opened position) *config.Problem {
	said := func(part string) bool { return strings.Contains(known.Message, part) }
	character, _ := utf8.DecodeRuneInString(fromColumn(f.line(mark.line), mark.column))
	switch {
	case character == '\t' || said("tab character"):
		return f.problemAt(mark, "a tab cannot indent a line", "use spaces")
	case said("mapping values are not allowed"):
		return f.problemAt(mark, "YAML does not expect a key here", f.keyHint(mark))
	case said("end of stream") && strings.Contains(known.ContextMsg, "quoted"):
		return f.problemAt(opened, "this quote is never closed", "close it, or quote the text with the other kind of quote")
	case said("',' or '}'"):
		return f.problemAt(opened, "this { has no } that belongs to it", "close it, and put a comma between its members")
	case said("',' or ']'"):
		return f.problemAt(opened, "this [ has no ] that belongs to it", "close it, and put a comma between its elements")
	case said("unknown anchor"):
		return f.problemAt(mark, "a text that begins with * must be quoted: YAML takes it for an alias, and there is no such anchor",
			f.quoteHint(mark))
	case said("unknown escape"):
		return f.problemAt(mark, `a \ within double quotes begins an escape, and there is none like this`,
			`write \\, or use single quotes`)
	case said("cannot start any token"):
		return f.problemAt(mark, "a value cannot begin with "+string(character), f.quoteHint(mark))
	}
	return f.problemAt(mark, grammar(known.Message), grammarHint(known.Message))
}

// keyHint tells why there is a key where none may be.
func (f *configFile) keyHint(mark position) string {
	if mark.line > 1 {
		before := strings.TrimSpace(f.line(mark.line - 1))
		if name, _, found := strings.Cut(before, ":"); found && scannedKey(before) < 0 && !strings.ContainsAny(name, " #\"'") {
			return "put a space after the colon of the line above"
		}
	}
	return "indent it like the keys beside it; a text that holds a colon must be quoted"
}

// scannedKey is where the colon of a line's key stands, or -1.
func scannedKey(line string) int { return (&lineScanner{line: []rune(line)}).keyEnd() }

// quoteHint shows a line with the token at a position quoted.
func (f *configFile) quoteHint(at position) string {
	line := f.masked(at.line)
	for _, inside := range []bool{false, true} {
		for _, t := range scanLine(line, inside) {
			if t.from == at.column-1 {
				return "quote it: " + quoteTokens(line, []token{t})
			}
		}
	}
	return "quote the text"
}

// grammar is YAML's message in words that need no knowledge of YAML's grammar.
func grammar(message string) string {
	switch {
	case strings.Contains(message, "did not find expected key"):
		return "YAML expects a key here"
	case strings.Contains(message, "expected '-' indicator"):
		return "YAML expects another element of the list here"
	case strings.Contains(message, "block sequence entries"):
		return "a list cannot begin here"
	}
	return "this is not YAML: " + message
}

func grammarHint(message string) string {
	switch {
	case strings.Contains(message, "did not find expected key"):
		return "indent it like the keys beside it, and write it as key: value"
	case strings.Contains(message, "expected '-' indicator"):
		return `begin it with "- ", or indent it like the key that it belongs to`
	case strings.Contains(message, "block sequence entries"):
		return `put each "- " on a line of its own, or write the list as [a, b]`
	}
	return ""
}
