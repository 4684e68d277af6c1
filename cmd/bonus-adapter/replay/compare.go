package replay

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Difference is one place at which an answer is not the expected one.
type Difference struct {
	Entry int    // of the answer's entries, from 0; -1 if it is in none of them
	Field string // of the entry; empty if it is about the whole entry
	Got   string // as JSON; Nothing if there is none
	Want  string // as JSON; Nothing if there is none
}

// String tells the difference in one line; entries are counted from 1.
func (d Difference) String() string {
	switch {
	case d.Entry < 0 && d.Want == Nothing:
		return fmt.Sprintf("%s is %s, and is not expected", d.Field, d.Got)
	case d.Entry < 0 && d.Field == "":
		return "an entry is missing: " + d.Want
	case d.Entry < 0:
		return fmt.Sprintf("%s is %s, expected is %s", d.Field, d.Got, d.Want)
	case d.Field == "":
		return fmt.Sprintf("entry %d is not expected: %s", d.Entry+1, d.Got)
	}
	return fmt.Sprintf("entry %d, %s: it is %s, expected is %s", d.Entry+1, d.Field, d.Got, d.Want)
}

// Compare tells two bodies of IRP answers apart: entries in their order, numbers to the last digit. An entry that is
// missing or too many is told as one, not as a difference of all behind it. The error is a body that is no JSON object.
func Compare(got, want []byte) ([]Difference, error) {
	gotBody, err := objectOf(got)
	if err != nil {
		return nil, fmt.Errorf("the answer: %w", err)
	}
	wantBody, err := objectOf(want)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", IRPFile, err)
	}
	gotEntries, wantEntries := entriesOf(gotBody), entriesOf(wantBody)
	differences := compareEntries(gotEntries, wantEntries)
	delete(gotBody, "bonuses")
	delete(wantBody, "bonuses")
	for _, d := range differ("", gotBody, wantBody) {
		differences = append(differences, Difference{-1, d.Place, d.Got, d.Want})
	}
	return differences, nil
}

func objectOf(text []byte) (map[string]any, error) {
	value, err := parseJSON(text)
	if err != nil {
		return nil, err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return nil, errors.New("it is no JSON object")
	}
	return object, nil
}

func entriesOf(body map[string]any) []any {
	entries, _ := body["bonuses"].([]any)
	return entries
}

func compareEntries(got, want []any) []Difference {
	var all []Difference
	i, j := 0, 0
	for _, same := range append(common(texts(got), texts(want)), [2]int{len(got), len(want)}) {
		all = append(all, compareStretch(i, got[i:same[0]], want[j:same[1]])...)
		i, j = same[0]+1, same[1]+1
	}
	return all
}

// compareStretch compares entries of which none is in the other list: the first with the first.
func compareStretch(from int, got, want []any) []Difference {
	var all []Difference
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(want):
			all = append(all, Difference{from + i, "", written(got[i]), Nothing})
		case i >= len(got):
			all = append(all, Difference{-1, "", Nothing, written(want[i])})
		default:
			for _, d := range differ("", got[i], want[i]) {
				all = append(all, Difference{from + i, d.Place, d.Got, d.Want})
			}
		}
	}
	return all
}

func texts(values []any) []string {
	all := make([]string, len(values))
	for i := range values {
		all[i] = written(values[i])
	}
	return all
}

// common gives the longest common part of two lists, as pairs of places. What they begin and end with alike is taken
// first: the rest, which costs its square, is short.
func common(a, b []string) [][2]int {
	var head, tail [][2]int
	for len(head) < min(len(a), len(b)) && a[len(head)] == b[len(head)] {
		head = append(head, [2]int{len(head), len(head)})
	}
	n := len(head)
	for len(tail) < min(len(a), len(b))-n && a[len(a)-1-len(tail)] == b[len(b)-1-len(tail)] {
		tail = append(tail, [2]int{len(a) - 1 - len(tail), len(b) - 1 - len(tail)})
	}
	slices.Reverse(tail)
	for _, pair := range longest(a[n:len(a)-len(tail)], b[n:len(b)-len(tail)]) {
		head = append(head, [2]int{pair[0] + n, pair[1] + n})
	}
	return append(head, tail...)
}

const mostCompared = 4_000_000 // pairs of entries

// longest is the textbook's longest common subsequence.
func longest(a, b []string) [][2]int {
	if len(a)*len(b) > mostCompared {
		return nil // the lists have next to nothing in common: which entry is which does not matter any more
	}
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			length[i][j] = max(length[i+1][j], length[i][j+1])
			if a[i] == b[j] {
				length[i][j] = length[i+1][j+1] + 1
			}
		}
	}
	var pairs [][2]int
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return pairs
}

// Pretty writes an IRP answer with one line for each entry, so that a change of one entry is a change of one line. What
// is not an IRP answer of entries alone stays as it is.
func Pretty(body []byte) []byte {
	object, err := objectOf(body)
	if err != nil || len(object) != 1 || len(entriesOf(object)) == 0 {
		return body
	}
	var answer struct{ Bonuses []json.RawMessage }
	if err := json.Unmarshal(body, &answer); err != nil {
		return body
	}
	out := []byte(`{"bonuses":[`)
	for i, entry := range answer.Bonuses {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(out, '\n'), entry...)
	}
	return append(out, "\n]}\n"...)
}
