package document

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Path picks values out of an answer: a.b[0].c, items[*].lines[*], ['odd key']. The empty path is the value itself.
//
// A key with a question mark, lines?, may be absent or null; .* is every member of an object. In a record's own paths ^
// is the element of the list around it and ~ is the name or number under which an element stands there: ^.id, ^.~.
type Path struct {
	source string
	steps  []pathStep
}

type pathStep struct {
	name     string
	index    int
	kind     stepKind
	optional bool
}

type stepKind uint8

const (
	byName stepKind = iota
	byIndex
	every   // [*], of a list
	members // .*, of an object
	up      // ^
	itself  // ~
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

var pathStepPattern = regexp.MustCompile(`^(?:([\pL_$@#][\pL\pN_$@#-]*)|\[(\d{1,9}|\*)\]|\['([^']*)'\]|\["([^"]*)"\]|([*^~]))(\?)?`)

// maxPathSteps is more than any answer is deep.
const maxPathSteps = 64

// ParsePath compiles a path. The error is a *[SyntaxError].
func ParsePath(source string) (Path, error) {
	path := Path{source: source}
	for offset := 0; offset < len(source); {
		begin, rest := offset, source[offset:]
		if offset > 0 && rest[0] == '.' {
			offset, rest = offset+1, rest[1:]
		} else if offset > 0 && rest[0] != '[' {
			return Path{}, &SyntaxError{offset, fmt.Sprintf("%q cannot stand here in a path", rest[:1]), "a key with odd characters is written ['odd key']"}
		}
		match := pathStepPattern.FindStringSubmatch(rest)
		if match == nil {
			return Path{}, &SyntaxError{offset, "a key or [number] is expected here in the path", "for example data.items[0].id, items[*].lines or ['odd key']"}
		}
		step := newPathStep(match)
		if message, hint := path.refuses(step); message != "" {
			return Path{}, &SyntaxError{begin, message, hint}
		}
		path.steps = append(path.steps, step)
		offset += len(match[0])
	}
	return path, nil
}

func newPathStep(match []string) pathStep {
	optional := match[6] != ""
	switch {
	case match[2] == "*":
		return pathStep{kind: every, optional: optional}
	case match[2] != "":
		index, _ := strconv.Atoi(match[2]) // the pattern takes digits only
		return pathStep{kind: byIndex, index: index, optional: optional}
	case match[5] != "":
		return pathStep{kind: map[string]stepKind{"*": members, "^": up, "~": itself}[match[5]], optional: optional}
	}
	return pathStep{name: match[1] + match[3] + match[4], optional: optional}
}

// refuses tells why a step cannot come next.
func (p Path) refuses(step pathStep) (message, hint string) {
	last := pathStep{kind: up}
	if len(p.steps) > 0 {
		last = p.steps[len(p.steps)-1]
	}
	switch {
	case len(p.steps) == maxPathSteps:
		return fmt.Sprintf("the path has more than %d parts", maxPathSteps), ""
	case step.optional && step.kind != byName:
		return "a question mark stands behind a key only", "lines?[*] where lines may be absent"
	case last.kind == itself:
		return "~ is the end of a path: a name has no members", ""
	case (step.kind == up || step.kind == itself) && last.kind != up:
		return "^ and ~ stand at the beginning of a path, as in ^.id or ^.~", ""
	}
	return "", ""
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

// Single tells whether the path leads to one value, that is, holds no [*] and no *.
func (p Path) Single() bool { return !slices.ContainsFunc(p.steps, pathStep.fansOut) }

// Levels tells how many [*] and * the path holds.
func (p Path) Levels() int {
	levels := 0
	for _, step := range p.steps {
		if step.fansOut() {
			levels++
		}
	}
	return levels
}

// Ups tells with how many ^ the path begins.
func (p Path) Ups() int {
	ups := slices.IndexFunc(p.steps, func(s pathStep) bool { return s.kind != up })
	if ups < 0 {
		return len(p.steps)
	}
	return ups
}

func (s pathStep) fansOut() bool { return s.kind == every || s.kind == members }

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
// *[PathError], or Missing if its key has a question mark.
func (p Path) Find(root Value) (Value, error) {
	value := root
	for i, step := range p.steps {
		next := step.of(value)
		if step.optional && next.kind <= Null {
			return Value{}, nil
		}
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

// of gives the one value that a step leads to; what fans out, and what is relative to a record, leads to none.
func (s pathStep) of(value Value) Value {
	switch s.kind {
	case byName:
		return value.Member(s.name)
	case byIndex:
		return value.Index(s.index)
	}
	return Value{}
}

// List gives the elements of the list at the path, or of all the lists if it holds [*] or *. A list that is not there,
// or is something else, is a *[PathError].
//
// In an XML a list of one cannot be told from a value, nor an empty list from nothing: there, what stands where a list
// is expected is a list of one, and what is absent from a parent that is there is an empty list.
func (p Path) List(root Value) ([]Value, error) {
	var all []Value
	err := p.walk(root, true, func(trail []around) { all = append(all, trail[len(trail)-1].value) })
	return all, err
}

// All gives every value that the path leads to: as List, but its last part need not be a list.
func (p Path) All(root Value) ([]Value, error) {
	var all []Value
	err := p.walk(root, false, func(trail []around) { all = append(all, trail[len(trail)-1].value) })
	return all, err
}

// missing tells what is there instead of step i. Names of members are told only if they look like names: a CRM may use
// a customer's id as one.
func (p Path) missing(i int, value Value) *PathError {
	if value.xml && value.kind == List {
		return &PathError{p.source, p.written(i), fmt.Sprintf("there are %d of them: [0] is the first", value.Len())}
	}
	if value.kind != Object || p.steps[i].kind != byName {
		return &PathError{p.source, p.written(i), fmt.Sprintf("there is %s, so %s is not there", describe(value), p.steps[i].written())}
	}
	var names []string
	for _, column := range value.layout() {
		if len(names) < 8 && tellable.MatchString(column.name) {
			names = append(names, column.name)
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
		return fmt.Sprintf("a list of %d", value.Len())
	}
	return value.kind.String()
}

func (s pathStep) written() string {
	switch s.kind {
	case every:
		return "[*]"
	case byIndex:
		return "[" + strconv.Itoa(s.index) + "]"
	case members:
		return "*"
	case up:
		return "^"
	case itself:
		return "~"
	}
	mark := ""
	if s.optional {
		mark = "?"
	}
	if plainName.MatchString(s.name) {
		return s.name + mark
	}
	if strings.Contains(s.name, "'") {
		return `["` + s.name + `"]` + mark
	}
	return "['" + s.name + "']" + mark
}

var plainName = regexp.MustCompile(`^[\pL_$@#][\pL\pN_$@#-]*$`)

// KeyPath writes a member's name as a part of a path: plain if it may be, else in brackets.
func KeyPath(name string) string { return pathStep{name: name}.written() }

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
