package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"bonus-adapter/config"
)

// finding is a problem of a config at its position in the file, as check prints it and as its JSON has it.
type finding struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"` // counted in characters, from 1
	Place   string `json:"place,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
	Source  string `json:"source"` // the line of the file; literal secrets in it are masked
}

// report gives every problem in err its position, in the order of the file. The same thing said twice, as by a section
// and by the decoder, is said once.
func (f *configFile) report(err error) []finding {
	var findings []finding
	for _, problem := range config.All(err) {
		problem.Place = strings.TrimPrefix(problem.Place, "/") // places are counted from the whole file here
		at := f.locate(problem)
		findings = append(findings, finding{
			File:    f.name,
			Line:    at.line,
			Column:  at.column,
			Place:   problem.Place,
			Message: problem.Message,
			Hint:    problem.Hint,
			Source:  f.masked(at.line),
		})
	}
	slices.SortStableFunc(findings, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return unique(findings)
}

func unique(findings []finding) []finding {
	seen := map[finding]bool{}
	return slices.DeleteFunc(findings, func(one finding) bool {
		again := seen[one]
		seen[one] = true
		return again
	})
}

// writeFindings prints findings for people: where and what, the line with a caret below it, and what to do. What cannot
// be written (a closed pipe) has no other reader either.
func writeFindings(w io.Writer, findings []finding) {
	for i, one := range findings {
		if i > 0 {
			_, _ = fmt.Fprintln(w)
		}
		message := one.Message
		if one.Place != "" {
			message = one.Place + ": " + message
		}
		_, _ = fmt.Fprintf(w, "%s:%d:%d: %s\n", one.File, one.Line, one.Column, message)
		if strings.TrimSpace(one.Source) != "" {
			source, caret := excerpt(one.Source, one.Column)
			_, _ = fmt.Fprintf(w, "    %s\n    %s^\n", source, caret)
		}
		if one.Hint != "" {
			_, _ = fmt.Fprintf(w, "    hint: %s\n", one.Hint)
		}
	}
}

// line is the finding in one line, for a log.
func (f *finding) line() string {
	text := fmt.Sprintf("%s:%d:%d: ", f.File, f.Line, f.Column)
	if f.Place != "" {
		text += f.Place + ": "
	}
	if text += f.Message; f.Hint != "" {
		text += " (" + f.Hint + ")"
	}
	return text
}

// excerpt gives what of a line fits on a screen, and what to print before a caret so that it stands below the column;
// tabs are kept, since only the terminal knows how wide they are.
func excerpt(line string, column int) (shown, before string) {
	const most, lead = 160, 60
	runes := []rune(line)
	column = min(column-1, len(runes))
	if len(runes) > most {
		from := min(max(column-lead, 0), len(runes)-most)
		runes, column = runes[from:from+most], column-from
	}
	before = strings.Map(func(c rune) rune {
		if c == '\t' {
			return c
		}
		return ' '
	}, string(runes[:min(column, len(runes))]))
	return string(runes), before + strings.Repeat(" ", max(column-len(runes), 0))
}
