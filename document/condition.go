package document

import (
	"fmt"
	"strconv"
	"strings"
)

// Answer is what a condition speaks of. Header gives a header's value, empty if there is none; it may be nil.
type Answer struct {
	Status int
	Header func(name string) string
	Body   Value
}

// Condition is a question to an answer, over status, header['X-Name'] and body.path. The zero Condition never holds.
//
// A part of the body has the type of what it is compared with; a number in quotes is a number when it meets one. What
// is not there, or null, is none. It is safe for concurrent use.
type Condition struct {
	expression *Expression
	names      []answerName
}

// TypeError is a part of an answer that is there and is of another type than a condition needs.
type TypeError struct {
	Name string
	Want Type
	Got  Kind
}

// Error names the part, not its value.
func (e *TypeError) Error() string {
	return fmt.Sprintf("%s is %s that cannot be taken for %s", e.Name, e.Got, e.Want)
}

// ParseCondition compiles a condition. The error is a *[SyntaxError].
func ParseCondition(source string) (Condition, error) {
	scope := &answerScope{}
	expression, err := Compile(source, TypeBool, scope)
	if err != nil {
		return Condition{}, err
	}
	return Condition{expression, scope.names}, nil
}

// UnmarshalText compiles a condition.
func (c *Condition) UnmarshalText(text []byte) (err error) {
	*c, err = ParseCondition(string(text))
	return err
}

// IsZero tells whether there is no condition.
func (c Condition) IsZero() bool { return c.expression == nil }

// String gives the source.
func (c Condition) String() string {
	if c.IsZero() {
		return ""
	}
	return c.expression.String()
}

// Holds asks the condition. The error is a *[TypeError] or, for len of what is not there, a *[PathError].
func (c Condition) Holds(answer Answer) (bool, error) {
	if c.IsZero() {
		return false, nil
	}
	value, err := c.expression.Eval(answerEnv{answer, c.names})
	return err == nil && value.Bool(), err
}

// answerName is a name that a condition uses, with the type that it meets.
type answerName struct {
	ref  Ref
	want Type
}

type answerScope struct{ names []answerName }

func (s *answerScope) Resolve(ref Ref, want Type) (int, Type, error) {
	typ, err := answerType(ref, want)
	s.names = append(s.names, answerName{ref, typ})
	return len(s.names) - 1, typ, err
}

func answerType(ref Ref, want Type) (Type, error) {
	switch {
	case ref.Root == "status" && ref.Path.IsZero() && ref.Call == "":
		return TypeNumber, nil
	case ref.Root == "header" && !ref.Path.isKey():
		return TypeNone, fmt.Errorf("a header is written header['X-Name']")
	case ref.Root != "body" && (ref.Root != "header" || ref.Call == "len"):
		return TypeNone, unknownPart(ref)
	case ref.Call == "len":
		return TypeNumber, nil
	case ref.Call == "exists":
		return TypeBool, nil
	case want == TypeNone || want == TypeTime:
		return TypeText, nil
	}
	return want, nil
}

// unknownPart is a name that no answer has.
func unknownPart(ref Ref) error {
	failed := &SyntaxError{message: fmt.Sprintf("nothing is called %q here; there are status, header['X-Name'] and body.path", ref)}
	for _, known := range []string{"status", "header", "body"} {
		if isTypo(ref.Root, known) {
			failed.hint = "did you mean " + known + "?"
		}
	}
	return failed
}

// isTypo tells whether two words differ in one place: a letter, or two that are swapped.
func isTypo(a, b string) bool {
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return len(a) <= 1 && len(b) <= 1 || len(a) == 2 && len(b) == 2 && a[0] == b[1] && a[1] == b[0]
}

// isKey tells whether the path is one key, as in ['X-Name'].
func (p Path) isKey() bool {
	return len(p.steps) == 1 && p.steps[0].kind == byName && p.steps[0].name != ""
}

type answerEnv struct {
	answer Answer
	names  []answerName
}

func (e answerEnv) Get(index int) (Datum, error) {
	name := e.names[index]
	if name.ref.Call == "len" {
		return e.length(name.ref)
	}
	value := e.answer.value(name.ref)
	if name.ref.Call == "exists" {
		return BoolDatum(value.kind > Null), nil
	}
	if value.kind <= Null {
		return Datum{}, nil
	}
	return value.as(name)
}

func (a Answer) value(ref Ref) Value {
	switch ref.Root {
	case "status":
		return Value{kind: Number, text: strconv.Itoa(a.Status)}
	case "header":
		if a.Header == nil || a.Header(ref.Path.steps[0].name) == "" {
			return Value{}
		}
		return Value{kind: Text, text: a.Header(ref.Path.steps[0].name)}
	}
	return ref.Path.Get(a.Body)
}

func (e answerEnv) length(ref Ref) (Datum, error) {
	if e.answer.Body.xml {
		items, err := ref.Path.List(e.answer.Body)
		return NumberDatum(NewDecimal(int64(len(items)))), err
	}
	value, err := ref.Path.Find(e.answer.Body)
	if err != nil {
		return Datum{}, err
	}
	if value.kind != List && value.kind != Object {
		return Datum{}, &PathError{Path: ref.Path.String(), Problem: "it is " + value.kind.String() + ", not a list"}
	}
	return NumberDatum(NewDecimal(int64(value.Len()))), nil
}

// as takes a value for the type that a condition compares it with.
func (v Value) as(name answerName) (Datum, error) {
	scalar := v.kind == Text || v.kind == Number || v.kind == Bool
	switch {
	case scalar && name.want == TypeText:
		return TextDatum(v.text), nil
	case v.kind == Text && v.text == "":
		return Datum{}, nil
	case (v.kind == Text || v.kind == Bool) && name.want == TypeBool && (v.text == "true" || v.text == "false"):
		return BoolDatum(v.text == "true"), nil
	case (v.kind == Text || v.kind == Number) && name.want == TypeNumber:
		if number, err := ParseDecimal(v.text); err == nil {
			return NumberDatum(number), nil
		}
	}
	return Datum{}, &TypeError{name.ref.String(), name.want, v.kind}
}

// Pick is one part of an answer, named alone: status, header['X-Name'] or body.path.
type Pick struct{ ref Ref }

// UnmarshalText compiles the name. The error is a *[SyntaxError].
func (p *Pick) UnmarshalText(text []byte) error {
	path, err := ParsePath(string(text))
	if err != nil {
		return err
	}
	root, rest, ok := path.Cut()
	ref := Ref{Root: root, Path: rest}
	if !ok {
		return &SyntaxError{0, "a place in the answer is expected", "for example body.meta.totalPages"}
	}
	if _, err := answerType(ref, TypeNone); err != nil {
		return &SyntaxError{0, err.Error(), "a place in the answer's body is written body." + string(text)}
	}
	p.ref = ref
	return nil
}

// IsZero tells whether nothing is named.
func (p Pick) IsZero() bool { return p.ref.Root == "" }

// String gives the name.
func (p Pick) String() string { return p.ref.String() }

// Single tells whether one part is named, and not many by [*].
func (p Pick) Single() bool { return p.ref.Path.Single() }

// Body gives the path inside of the body; ok is false for the status and for headers.
func (p Pick) Body() (path Path, ok bool) { return p.ref.Path, p.ref.Root == "body" }

// IsHeader tells whether it is the header of this name.
func (p Pick) IsHeader(name string) bool {
	return p.ref.Root == "header" && strings.EqualFold(p.ref.Path.steps[0].name, name)
}

// From gives the part, which has to be [Pick.Single]. One that is not there is a *[PathError].
func (p Pick) From(answer Answer) (Value, error) {
	if p.ref.Root == "body" {
		return p.ref.Path.Find(answer.Body)
	}
	value := answer.value(p.ref)
	if value.kind == Missing {
		return value, &PathError{Path: p.String(), Problem: "the answer has no such header"}
	}
	return value, nil
}

// List gives all the parts that are named: what [*] leads to, or the one that a path without it does. What is not there
// is a *[PathError].
func (p Pick) List(answer Answer) ([]Value, error) {
	if p.ref.Root == "body" && !p.Single() {
		return p.ref.Path.All(answer.Body)
	}
	value, err := p.From(answer)
	return []Value{value}, err
}
