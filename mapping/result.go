package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Fate is what became of a record.
type Fate uint8

// The fates of a record.
const (
	Unmatched   Fate = iota // no rule holds, and its code is in no kind
	Unreadable              // a value is not what its field declares, or an amount is negative
	Skipped                 // on purpose: a rule or kind says skip, or neither added nor expired is above zero
	Waiting                 // its points cannot be used yet, and are hidden
	Duplicate               // an earlier record is the same
	Grouped                 // its points are part of an earlier record's entry
	Old                     // it is from before the time that is looked at
	Shown                   // it is an entry
	BeyondLimit             // it would be an entry, and others come first; only [Mapping.Explain] tells it
)

// String gives the fate in one word.
func (f Fate) String() string {
	return [...]string{"unmatched", "unreadable", "skipped", "pending", "duplicate", "grouped", "old", "shown", "cut off"}[f]
}

// Result is what became of the records: Records is the sum of the seven counts below it and the entries before the limit.
type Result struct {
	Entries    []Entry     // in the order of the config; equal ones in the order of the records
	Records    int         // how many were given
	Unreadable int         // left out
	Unmatched  int         // left out
	Skipped    int         // left out
	Waiting    int         // left out
	Duplicates int         // left out
	Grouped    int         // part of others' entries
	Old        int         // left out
	NeverSeen  []string    // the optional fields that no record has, not even as null
	Codes      []CodeCount // of the unmatched ones, at most 21
	Problems   []Problem   // of the unreadable ones, the first of each kind, at most 10
}

// CodeCount is a code that no rule and no kind knows, and how many records have it.
type CodeCount struct {
	Code  string // at most 64 characters; empty if the records have none, OtherCodes if there are too many
	Count int
}

// OtherCodes stands for all codes after the first 20.
const OtherCodes = "…"

// Problem is why a record cannot be read. It holds no value of the record, at most the year of a time.
type Problem struct {
	Record int    // counted from 1
	Place  string // fields.amount, rules[1].added, kinds.amount, entry.definitionMessage, or records if it is no object
	Why    string // what it is, and what was expected
}

// String tells the problem in one line.
func (p Problem) String() string { return fmt.Sprintf("record %d: %s %s", p.Record, p.Place, p.Why) }

// err gives the problem as an error, nil if there is none.
func (p *Problem) err() error {
	if p == nil {
		return nil
	}
	return errors.New(p.Place + " " + p.Why)
}

// Failed is a history of which too little could be read: a half-read history is no history.
type Failed struct {
	Records    int
	Unreadable int // up to the record at which reading stopped
	First      Problem
}

// Error tells how many records cannot be read, and the first of them. It holds no value of a record.
func (f *Failed) Error() string {
	return fmt.Sprintf("%d of %d records cannot be read; the first: %s", f.Unreadable, f.Records, f.First)
}

const (
	mostProblems = 10
	mostCodes    = 20
	longestCode  = 64 // characters
)

// count counts what became of a record.
func (r *Result) count(m *meaning, record int) {
	switch m.fate {
	case Skipped:
		r.Skipped++
	case Waiting:
		r.Waiting++
	case Duplicate:
		r.Duplicates++
	case Grouped:
		r.Grouped++
	case Old:
		r.Old++
	case Unmatched:
		r.Unmatched++
		r.countCode(m.code)
	case Unreadable:
		problem := *m.problem
		problem.Record = record
		r.refuse(problem)
	}
}

func (r *Result) countCode(code string) {
	code = shortened(code, longestCode)
	at := slices.IndexFunc(r.Codes, func(c CodeCount) bool { return c.Code == code })
	if at < 0 {
		if len(r.Codes) >= mostCodes {
			code = OtherCodes
		}
		if at = len(r.Codes); at > mostCodes {
			at = mostCodes
		} else {
			r.Codes = append(r.Codes, CodeCount{Code: code})
		}
	}
	r.Codes[at].Count++
}

func (r *Result) add(made *Entry, left int) {
	if r.Entries == nil {
		r.Entries = make([]Entry, 0, left)
	}
	r.Entries = append(r.Entries, *made)
}

func (r *Result) refuse(problem Problem) {
	r.Unreadable++
	known := func(p Problem) bool { return p.Place == problem.Place && p.Why == problem.Why }
	if len(r.Problems) < mostProblems && !slices.ContainsFunc(r.Problems, known) {
		r.Problems = append(r.Problems, problem)
	}
}

func (r *Result) failed() (Result, error) {
	r.Entries = nil
	return *r, &Failed{Records: r.Records, Unreadable: r.Unreadable, First: r.Problems[0]}
}

// roundingError is less than any one record of a history, and more than what a share loses as a float64.
const roundingError = 1e-6

func (m *Mapping) tooMany(result *Result) bool {
	if result.Unreadable == 0 {
		return false
	}
	allowed := m.most*float64(result.Records) + roundingError
	return result.Unreadable == result.Records || float64(result.Unreadable) > allowed
}

// shortened cuts a text to so many characters; … is the last one then.
func shortened(text string, most int) string {
	if len(text) <= most || utf8.RuneCountInString(text) <= most {
		return text
	}
	count := 0
	for i := range text {
		if count++; count == most {
			return strings.TrimRightFunc(text[:i], joins) + "…"
		}
	}
	return text
}

// joins tells whether a character makes no sense at the end of a text: a space, or the joiner inside of an emoji.
func joins(r rune) bool { return unicode.IsSpace(r) || r == '\u200d' }
