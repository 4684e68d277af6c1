package document

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Path picks a value out of an answer: a.b[0].c, items[*].lines[*], ['odd key']. The empty path is the value itself.
type Path struct {
	source string
	steps  []pathStep
}

type pathStep struct {
	name  string
	index int
	kind  stepKind
}

type stepKind uint8

const (
	byName stepKind = iota
	byIndex
	every
)

// SyntaxError is a mistake in a path or an expression.
type SyntaxError struct {
	offset        int
	message, hint string
}

// Error says what is wrong.
func (e *SyntaxError) Error() string { return e.message }

// Offset gives the byte of the source at which it is wrong.
func (e *SyntaxError) Offset() int { return e.offset }

// Hint says what to write instead; it may be empty.
func (e *SyntaxError) Hint() string { return e.hint }

var pathStepPattern = regexp.MustCompile(`^(?:([\pL_$@][\pL\pN_$@-]*)|\[(\d{1,9}|\*)\]|\['([^']*)'\]|\["([^"]*)"\])`)

// ParsePath compiles a path. The error is a *[SyntaxError].
func ParsePath(source string) (Path, error) {
	path := Path{source: source}
	for offset := 0; offset < len(source); {
		rest := source[offset:]
		if offset > 0 && rest[0] == '.' {
			offset, rest = offset+1, rest[1:]
		} else if offset > 0 && rest[0] != '[' {
			return Path{}, &SyntaxError{offset, fmt.Sprintf("%q cannot stand here in a path", rest[:1]), "a key with odd characters is written ['odd key']"}
		}
		match := pathStepPattern.FindStringSubmatch(rest)
		if match == nil {
			return Path{}, &SyntaxError{offset, "a key or [number] is expected here in the path", "for example data.items[0].id, items[*].lines or ['odd key']"}
		}
		path.steps = append(path.steps, newPathStep(match))
		offset += len(match[0])
	}
	return path, nil
}

func newPathStep(match []string) pathStep {
	switch {
	case match[2] == "*":
		return pathStep{kind: every}
	case match[2] != "":
		index, _ := strconv.Atoi(match[2]) // the pattern takes digits only
		return pathStep{kind: byIndex, index: index}
	}
	return pathStep{name: match[1] + match[3] + match[4]}
}

// UnmarshalText compiles a path.
func (p *Path) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePath(string(text))
	return err
}

// String gives the path as it was written.
func (p Path) String() string { return p.source }

// IsZero tells whether the path is empty.
func (p Path) IsZero() bool { return len(p.steps) == 0 }

// Single tells whether the path leads to one value, that is, holds no [*].
func (p Path) Single() bool {
	return !slices.ContainsFunc(p.steps, func(s pathStep) bool { return s.kind == every })
}

// Cut gives the path's first key and the rest of the path; ok is false if the path does not begin with a key.
func (p Path) Cut() (first string, rest Path, ok bool) {
	if len(p.steps) == 0 || p.steps[0].kind != byName {
		return "", Path{}, false
	}
	rest = Path{steps: p.steps[1:]}
	rest.source = rest.written(len(rest.steps))
	return p.steps[0].name, rest, true
}

// PathError is a path that leads nowhere in an answer.
type PathError struct {
	Path    string // the whole path
	At      string // as far as it leads
	Problem string // what is there instead
}

// Error says how far the path leads and what is there instead.
func (e *PathError) Error() string {
	if e.At == "" {
		return fmt.Sprintf("%s: %s", orRoot(e.Path), e.Problem)
	}
	return fmt.Sprintf("%s: %s leads to a place where %s", e.Path, e.At, e.Problem)
}

func orRoot(path string) string {
	if path == "" {
		return "the answer"
	}
	return path
}

// Find gives the value at the path, which has to be [Path.Single]. A null is a value; what is not there is a
// *[PathError].
func (p Path) Find(root Value) (Value, error) {
	value := root
	for i, step := range p.steps {
		next := step.of(value)
		if next.kind == Missing {
			return Value{}, p.missing(i, value)
		}
		value = next
	}
	return value, nil
}

// Get gives the value at the path, Missing where there is none.
func (p Path) Get(root Value) Value {
	value := root
	for _, step := range p.steps {
		value = step.of(value)
	}
	return value
}

func (s pathStep) of(value Value) Value {
	switch s.kind {
	case every:
		return Value{} // not one value: see Single
	case byIndex:
		return value.Index(s.index)
	}
	return value.Member(s.name)
}

// List gives the elements of the list at the path, or of all the lists if it holds [*]. A list that is not there, or is
// something else, is a *[PathError].
func (p Path) List(root Value) ([]Value, error) {
	return p.list(root, 0)
}

func (p Path) list(value Value, from int) ([]Value, error) {
	for i := from; i < len(p.steps); i++ {
		if p.steps[i].kind == every {
			return p.fanOut(value, i)
		}
		next := p.steps[i].of(value)
		if next.kind == Missing {
			return nil, p.missing(i, value)
		}
		value = next
	}
	if value.kind != List {
		return nil, &PathError{Path: p.source, Problem: "it is " + value.kind.String() + ", not a list"}
	}
	return value.items, nil
}

func (p Path) fanOut(value Value, at int) ([]Value, error) {
	if value.kind != List {
		return nil, &PathError{p.source, p.written(at), "there is " + value.kind.String() + ", not a list"}
	}
	if at == len(p.steps)-1 {
		return value.items, nil
	}
	var all []Value
	for _, item := range value.items {
		inner, err := p.list(item, at+1)
		if err != nil {
			return nil, err
		}
		all = append(all, inner...)
	}
	return all, nil
}

// missing tells what is there instead of step i. Names of members are told only if they look like names: a CRM may use
// a customer's id as one.
func (p Path) missing(i int, value Value) *PathError {
	if value.kind != Object || p.steps[i].kind == byIndex {
		return &PathError{p.source, p.written(i), fmt.Sprintf("there is %s, so %s is not there", describe(value), p.steps[i].written())}
	}
	var names []string
	for _, member := range value.members {
		if len(names) < 8 && tellable.MatchString(member.name) {
			names = append(names, member.name)
		}
	}
	problem := fmt.Sprintf("%s is not there", p.steps[i].written())
	if len(names) > 0 {
		problem += "; there are: " + strings.Join(names, ", ")
	}
	return &PathError{p.source, p.written(i), problem}
}

var tellable = regexp.MustCompile(`^[A-Za-zА-Яа-яЁё_][A-Za-zА-Яа-яЁё_-]{0,39}\d?$`)

func describe(value Value) string {
	if value.kind == List {
		return fmt.Sprintf("a list of %d", len(value.items))
	}
	return value.kind.String()
}

func (s pathStep) written() string {
	switch {
	case s.kind == every:
		return "[*]"
	case s.kind == byIndex:
		return "[" + strconv.Itoa(s.index) + "]"
	case plainName.MatchString(s.name):
		return s.name
	case strings.Contains(s.name, "'"):
		return `["` + s.name + `"]`
	}
	return "['" + s.name + "']"
}

var plainName = regexp.MustCompile(`^[\pL_$@][\pL\pN_$@-]*$`)

// written gives the first n steps as a path.
func (p Path) written(n int) string {
	var text strings.Builder
	for _, step := range p.steps[:n] {
		next := step.written()
		if text.Len() > 0 && next[0] != '[' {
			text.WriteByte('.')
		}
		text.WriteString(next)
	}
	return text.String()
}
