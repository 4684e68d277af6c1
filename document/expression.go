package document

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bonus-adapter/document/syntax"
)

// Ref is a name as an expression uses it: amount, account.id, body.items[0].x, or len(…) and exists(…) of one.
type Ref struct {
	Root string
	Path Path
	Call string // "len", "exists", or empty
}

// String gives the name as it would be written.
func (r Ref) String() string {
	name := r.Root
	if path := r.Path.String(); strings.HasPrefix(path, "[") {
		name += path
	} else if path != "" {
		name += "." + path
	}
	if r.Call != "" {
		return r.Call + "(" + name + ")"
	}
	return name
}

// Scope says what the names of an expression mean. Resolve gives the index by which the [Env] knows a name, and its
// type. want is the type that the name meets, for scopes whose names have none of their own. An error with a method
// Hint() string has its hint shown.
type Scope interface {
	Resolve(ref Ref, want Type) (index int, typ Type, err error)
}

// Env gives the values of the names when an expression is evaluated: of the type that Resolve gave, or none.
type Env interface {
	Get(index int) (Datum, error)
}

// Expression is a compiled expression. It is safe for concurrent use.
//
// The grammar is that of expr (expr-lang.org); what it means is ours: over typed names every mistake is found when it
// is compiled, numbers are exact, and none has one meaning. A comparison with none is false (!= too), arithmetic with
// none or a function of none is none, none is false where true or false is wanted, and a ?? b is the first that is there.
// A time plus or minus a span of time is a time; a day is a span of 24 hours, also where the clocks change.
type Expression struct {
	source   string
	node     node
	compared []int
}

// Compile compiles an expression that gives want, or any type if want is [TypeNone]. The error is a *[SyntaxError].
func Compile(source string, want Type, scope Scope) (*Expression, error) {
	tree, err := parse(source)
	if err != nil {
		return nil, err
	}
	c := &compiler{source: source, scope: scope}
	compiled, err := c.typed(tree, want)
	if err != nil {
		return nil, err
	}
	return &Expression{source, compiled, c.compared}, nil
}

// Eval computes the expression. It fails only if the Env does, a number outgrows [Decimal], a span of time
// outgrows [time.Duration], or number() is given a text that is none. No error holds a value.
func (e *Expression) Eval(env Env) (Datum, error) { return e.node.eval(env) }

// Name gives the index of the name that the expression is, if it is nothing else: Eval is [Env].Get of it.
func (e *Expression) Name() (index int, alone bool) {
	if e.node.name == nil {
		return 0, false
	}
	return *e.node.name, true
}

// Type says what the expression gives, if not none.
func (e *Expression) Type() Type { return e.node.typ }

// Compared gives the indexes of the names that it compares with texts by ==, != or in: what it tells records apart by. A
// comparison with the empty text is none of them.
func (e *Expression) Compared() []int { return slices.Clone(e.compared) }

// String gives the source.
func (e *Expression) String() string { return e.source }

func parse(source string) (syntax.Node, error) {
	tree, err := syntax.Parse(source)
	if wrong := (*syntax.Error)(nil); errors.As(err, &wrong) {
		return nil, &SyntaxError{wrong.Offset, wrong.Message, wrong.Hint}
	}
	return tree, err
}

type compiler struct {
	source   string
	scope    Scope
	last     int // the index of the name that was compiled last
	compared []int
}

// node is a compiled part of an expression.
type node struct {
	typ   Type
	eval  func(Env) (Datum, error)
	fixed *Datum // what it gives always; nil if that depends
	name  *int   // the index of the name that it is; nil if it is more
}

func (c *compiler) fail(n syntax.Node, hint, format string, args ...any) (node, error) {
	return node{}, &SyntaxError{n.Location().From, fmt.Sprintf(format, args...), hint}
}

// text gives a node as it is written.
func (c *compiler) text(n syntax.Node) string {
	at := n.Location()
	return c.source[at.From:at.To]
}

// typed compiles a node that has to be of a type.
func (c *compiler) typed(n syntax.Node, want Type) (node, error) {
	compiled, err := c.compile(n, want)
	if err == nil && want != TypeNone && compiled.typ != want {
		return c.fail(n, conversion(want, compiled.typ), "%s is wanted here, and this is %s", want, compiled.typ)
	}
	return compiled, err
}

// compile compiles a node; want is the type that it meets, for names that have none of their own.
func (c *compiler) compile(n syntax.Node, want Type) (node, error) {
	switch n := n.(type) {
	case *syntax.Identifier, *syntax.Member:
		return c.name(n, "", want)
	case *syntax.String:
		return constant(TextDatum(n.Value)), nil
	case *syntax.Bool:
		return constant(BoolDatum(n.Value)), nil
	case *syntax.Number:
		return c.number(n)
	case *syntax.Unary:
		return c.unary(n)
	case *syntax.Binary:
		return c.binary(n, want)
	case *syntax.Conditional:
		return c.conditional(n, want)
	case *syntax.Call:
		return c.call(n, n.Name, n.Arguments, want)
	case *syntax.Nil:
		return c.fail(n, "exists(name) asks whether something is there; a ? b : nil is for no value", "nil cannot be used here")
	}
	return c.fail(n, operatorHint, "this form of expression is not supported: %s", c.text(n))
}

func constant(value Datum) node {
	return node{typ: value.Type, eval: func(Env) (Datum, error) { return value, nil }, fixed: &value}
}

// number takes a literal from the source: the parser's own value would have gone through a float.
func (c *compiler) number(n *syntax.Number) (node, error) {
	text := n.Text
	value, err := ParseDecimal(strings.ReplaceAll(text, "_", ""))
	if err != nil {
		return c.fail(n, numberHint(err), "%s: %v", text, err)
	}
	return constant(NumberDatum(value)), nil
}

func numberHint(err error) string {
	if errors.Is(err, errNotANumber) {
		return "a number is written 0.5, 250 or 1e3"
	}
	return ""
}

func (c *compiler) name(n syntax.Node, call string, want Type) (node, error) {
	ref, ok := reference(n)
	if where := optional(n); !ok && where != nil {
		return c.fail(where, "write a.b: what is not there is none", "?. is not needed")
	}
	if !ok {
		return c.fail(n, "", "a name is expected here, such as body.items[0].id")
	}
	ref.Call = call
	if want == TypeSpan { // only functions give spans: nothing is a span because it meets one
		want = TypeNone
	}
	index, typ, err := c.scope.Resolve(ref, want)
	if err != nil {
		failed := &SyntaxError{offset: n.Location().From, message: err.Error()}
		var hinted interface{ Hint() string }
		if errors.As(err, &hinted) {
			failed.hint = hinted.Hint()
		}
		return node{}, failed
	}
	c.last = index
	return node{typ: typ, eval: func(env Env) (Datum, error) { return env.Get(index) }, name: &index}, nil
}

// reference reads a chain of names.
func reference(n syntax.Node) (Ref, bool) {
	switch n := n.(type) {
	case *syntax.Identifier:
		return Ref{Root: n.Value}, true
	case *syntax.Member:
		ref, ok := reference(n.Node)
		if !ok || n.Optional {
			return Ref{}, false
		}
		switch property := n.Property.(type) {
		case *syntax.String:
			ref.Path.steps = append(ref.Path.steps, pathStep{name: property.Value})
		case *syntax.Number:
			index, err := strconv.Atoi(property.Text)
			if err != nil || index < 0 {
				return Ref{}, false
			}
			ref.Path.steps = append(ref.Path.steps, pathStep{kind: byIndex, index: index})
		default:
			return Ref{}, false
		}
		ref.Path.source = ref.Path.written(len(ref.Path.steps))
		return ref, true
	}
	return Ref{}, false
}

// optional finds what stands behind a ?. in a chain of names, nil if there is none.
func optional(n syntax.Node) syntax.Node {
	member, ok := n.(*syntax.Member)
	switch {
	case !ok:
		return nil
	case member.Optional:
		return member.Property
	}
	return optional(member.Node)
}

func isName(n syntax.Node) bool {
	_, ok := reference(n)
	return ok
}
