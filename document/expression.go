package document

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
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
	source string
	node   node
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
	return &Expression{source, compiled}, nil
}

// Eval computes the expression. It fails only if the Env does, a number outgrows [Decimal], a span of time
// outgrows [time.Duration], or number() is given a text that is none. No error holds a value.
func (e *Expression) Eval(env Env) (Datum, error) { return e.node.eval(env) }

// Type says what the expression gives, if not none.
func (e *Expression) Type() Type { return e.node.typ }

// String gives the source.
func (e *Expression) String() string { return e.source }

func parse(source string) (ast.Node, error) {
	if strings.TrimSpace(source) == "" {
		return nil, &SyntaxError{0, "the expression is empty", ""}
	}
	tree, err := parser.Parse(source)
	if err == nil {
		return tree.Node, nil
	}
	var syntax *file.Error
	if !errors.As(err, &syntax) {
		return nil, &SyntaxError{0, "the expression cannot be read: " + err.Error(), ""}
	}
	if literal := hugeLiteral.FindStringSubmatch(syntax.Message); literal != nil {
		return nil, hugeNumber(source, literal[1], byteOffset(source, syntax.From))
	}
	failed := &SyntaxError{offset: byteOffset(source, syntax.From), message: "the expression cannot be read here: " + syntax.Message}
	switch {
	case strings.Contains(syntax.Message, `Operator("=")`):
		failed.hint = "compare with =="
	case strings.Contains(syntax.Message, "token EOF"):
		failed.offset, failed.message = len(strings.TrimRight(source, " \t\r\n")), "the expression ends too early"
	case strings.Contains(syntax.Message, "unclosed") || strings.Contains(syntax.Message, "literal not terminated"):
		failed.hint = "a quote or bracket is not closed"
	}
	return nil, failed
}

// hugeLiteral is how the parser says that a literal fits neither an int64 nor a float64; no Decimal would hold it.
var hugeLiteral = regexp.MustCompile(`literal: .*parsing "(.+)": value out of range`)

// hugeNumber finds the literal itself: the parser has gone on to what follows it, or stands at its last digit.
func hugeNumber(source, literal string, after int) *SyntaxError {
	offset := strings.LastIndex(source[:min(after+1, len(source))], literal)
	if offset < 0 { // written with underscores
		offset = after
	}
	return &SyntaxError{offset, literal + ": " + errTooManyDigits.Error(), ""}
}

// byteOffset turns the parser's count of runes into bytes.
func byteOffset(source string, runes int) int {
	offset := 0
	for ; runes > 0 && offset < len(source); runes-- {
		_, size := utf8.DecodeRuneInString(source[offset:])
		offset += size
	}
	return offset
}

type compiler struct {
	source string
	scope  Scope
}

// node is a compiled part of an expression.
type node struct {
	typ  Type
	eval func(Env) (Datum, error)
}

func (c *compiler) fail(n ast.Node, hint, format string, args ...any) (node, error) {
	return node{}, &SyntaxError{c.offset(n), fmt.Sprintf(format, args...), hint}
}

// offset gives the byte at which a node begins. The parser places a member, a slice and a method at their last part;
// the whole name is what a reader looks for.
func (c *compiler) offset(n ast.Node) int {
	for {
		switch part := n.(type) {
		case *ast.MemberNode:
			n = part.Node
		case *ast.SliceNode:
			n = part.Node
		case *ast.CallNode:
			if _, plain := part.Callee.(*ast.IdentifierNode); plain {
				return byteOffset(c.source, n.Location().From)
			}
			n = part.Callee
		default:
			return byteOffset(c.source, n.Location().From)
		}
	}
}

// typed compiles a node that has to be of a type.
func (c *compiler) typed(n ast.Node, want Type) (node, error) {
	compiled, err := c.compile(n, want)
	if err == nil && want != TypeNone && compiled.typ != want {
		return c.fail(n, conversion(want, compiled.typ), "%s is wanted here, and this is %s", want, compiled.typ)
	}
	return compiled, err
}

// compile compiles a node; want is the type that it meets, for names that have none of their own.
func (c *compiler) compile(n ast.Node, want Type) (node, error) {
	switch n := n.(type) {
	case *ast.IdentifierNode, *ast.MemberNode:
		return c.name(n, "", want)
	case *ast.StringNode:
		return constant(Datum{Type: TypeText, Text: n.Value}), nil
	case *ast.BoolNode:
		return constant(Datum{Type: TypeBool, Bool: n.Value}), nil
	case *ast.IntegerNode, *ast.FloatNode:
		return c.number(n)
	case *ast.UnaryNode:
		return c.unary(n)
	case *ast.BinaryNode:
		return c.binary(n, want)
	case *ast.ConditionalNode:
		return c.conditional(n, want)
	case *ast.BuiltinNode:
		return c.call(n, n.Name, n.Arguments, want)
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok {
			return c.call(n, callee.Value, n.Arguments, want)
		}
	case *ast.NilNode:
		return c.fail(n, "exists(name) asks whether something is there; a ? b : nil is for no value", "nil cannot be used here")
	case *ast.ChainNode:
		return c.fail(n, "write a.b: what is not there is none", "?. is not needed")
	}
	return c.fail(n, operatorHint, "this form of expression is not supported: %s", n)
}

func constant(value Datum) node {
	return node{value.Type, func(Env) (Datum, error) { return value, nil }}
}

// number takes a literal from the source: the parser's own value would have gone through a float.
func (c *compiler) number(n ast.Node) (node, error) {
	at := n.Location()
	text := c.source[byteOffset(c.source, at.From):byteOffset(c.source, at.To)]
	value, err := ParseDecimal(strings.ReplaceAll(text, "_", ""))
	if err != nil {
		return c.fail(n, numberHint(err), "%s: %v", text, err)
	}
	return constant(Datum{Type: TypeNumber, Number: value}), nil
}

func numberHint(err error) string {
	if errors.Is(err, errNotANumber) {
		return "a number is written 0.5, 250 or 1e3"
	}
	return ""
}

func (c *compiler) name(n ast.Node, call string, want Type) (node, error) {
	ref, ok := reference(n)
	if !ok {
		return c.fail(n, "", "a name is expected here, such as body.items[0].id")
	}
	ref.Call = call
	if want == TypeSpan { // only functions give spans: nothing is a span because it meets one
		want = TypeNone
	}
	index, typ, err := c.scope.Resolve(ref, want)
	if err != nil {
		failed := &SyntaxError{offset: c.offset(n), message: err.Error()}
		var hinted interface{ Hint() string }
		if errors.As(err, &hinted) {
			failed.hint = hinted.Hint()
		}
		return node{}, failed
	}
	return node{typ, func(env Env) (Datum, error) { return env.Get(index) }}, nil
}

// reference reads a chain of names.
func reference(n ast.Node) (Ref, bool) {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return Ref{Root: n.Value}, true
	case *ast.MemberNode:
		ref, ok := reference(n.Node)
		if !ok || n.Optional {
			return Ref{}, false
		}
		switch property := n.Property.(type) {
		case *ast.StringNode:
			ref.Path.steps = append(ref.Path.steps, pathStep{name: property.Value})
		case *ast.IntegerNode:
			ref.Path.steps = append(ref.Path.steps, pathStep{kind: byIndex, index: property.Value})
		default:
			return Ref{}, false
		}
		ref.Path.source = ref.Path.written(len(ref.Path.steps))
		return ref, true
	}
	return Ref{}, false
}

func isName(n ast.Node) bool {
	_, ok := reference(n)
	return ok
}
