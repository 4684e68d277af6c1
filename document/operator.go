package document

import (
	"cmp"
	"errors"
	"strings"

	"bonus-adapter/document/syntax"
)

func (c *compiler) unary(n *syntax.Unary) (node, error) {
	switch n.Operator {
	case "not", "!":
		of, err := c.typed(n.Node, TypeBool)
		return node{typ: TypeBool, eval: func(env Env) (Datum, error) {
			value, err := of.eval(env)
			return BoolDatum(!value.Bool()), err
		}}, err
	case "-", "+":
		of, err := c.typed(n.Node, TypeNumber)
		if n.Operator == "+" {
			return of, err
		}
		return mapped(of, func(d Datum) Datum { return NumberDatum(d.Number().Neg()) }), err
	}
	return c.fail(n, operatorHint, "the operator %s is not supported", n.Operator)
}

// mapped applies f to what is there.
func mapped(of node, f func(Datum) Datum) node {
	return node{typ: of.typ, eval: func(env Env) (Datum, error) {
		value, err := of.eval(env)
		if err != nil || value.Type == TypeNone {
			return Datum{}, err
		}
		return f(value), nil
	}}
}

const operatorHint = "there are == != < <= > >= + - * / in contains startsWith endsWith matches and or not ?? ?:"

func (c *compiler) binary(n *syntax.Binary, want Type) (node, error) {
	switch n.Operator {
	case "and", "&&", "or", "||":
		return c.logical(n)
	case "==", "!=", "<", "<=", ">", ">=":
		return c.comparison(n)
	case "in":
		return c.in(n)
	case "+", "-", "*":
		return c.sum(n, want)
	case "/":
		return c.quotient(n)
	case "??":
		return c.coalesce(n, want)
	case "contains", "startsWith", "endsWith", "matches":
		return c.textTest(n)
	}
	return c.fail(n, operatorHint, "the operator %s is not supported", n.Operator)
}

func (c *compiler) logical(n *syntax.Binary) (node, error) {
	left, err := c.typed(n.Left, TypeBool)
	if err != nil {
		return node{}, err
	}
	right, err := c.typed(n.Right, TypeBool)
	settles := n.Operator == "or" || n.Operator == "||" // the value of the left side that settles it
	return node{typ: TypeBool, eval: func(env Env) (Datum, error) {
		value, err := left.eval(env)
		if err != nil || value.Bool() == settles {
			return BoolDatum(settles), err
		}
		value, err = right.eval(env)
		return BoolDatum(value.Bool()), err
	}}, err
}

// pliant tells whether a node takes its type from what it meets: a name, and a choice between names.
func pliant(n syntax.Node) bool {
	switch n := n.(type) {
	case *syntax.Binary:
		return n.Operator == "??" && pliant(n.Left) && pliant(n.Right)
	case *syntax.Conditional:
		return pliant(n.Exp1) && pliant(n.Exp2)
	}
	return isName(n)
}

// pair compiles two sides that have to be of one type.
func (c *compiler) pair(n *syntax.Binary, unknown Type) (left, right node, err error) {
	left, right, err = c.sides(n, unknown)
	if err == nil && left.typ != right.typ {
		_, err = c.fail(n.Right, quoting(left.typ, right.typ), "%s cannot stand with %s in %s", right.typ, left.typ, n.Operator)
	}
	return left, right, err
}

// sides compiles two sides. A pliant one is compiled after the other side, since it may take its type from there.
func (c *compiler) sides(n *syntax.Binary, unknown Type) (left, right node, err error) {
	if pliant(n.Left) && !pliant(n.Right) {
		if right, err = c.compile(n.Right, unknown); err == nil {
			left, err = c.compile(n.Left, right.typ)
		}
	} else if left, err = c.compile(n.Left, unknown); err == nil {
		right, err = c.compile(n.Right, left.typ)
	}
	return left, right, err
}

// quoting tells how literals are written, where a number meets a text.
func quoting(left, right Type) string {
	if left+right == TypeText+TypeNumber {
		return `a text is written in quotes, a number without: "5" is a text, 5 is a number`
	}
	return ""
}

func (c *compiler) comparison(n *syntax.Binary) (node, error) {
	met := comparisons[n.Operator]
	unknown := TypeNone
	if !met.equality {
		unknown = TypeNumber
	}
	left, right, err := c.pair(n, unknown)
	if err != nil {
		return node{}, err
	}
	if met.equality && (isName(n.Left) && isCode(n.Right) || isCode(n.Left) && isName(n.Right)) {
		c.compared = append(c.compared, c.last)
	}
	if left.typ == TypeBool && !met.equality {
		return c.fail(n, "", "%s does not order true and false", n.Operator)
	}
	if met.equality && left.typ == TypeText && right.fixed != nil {
		return equalTo(left, right.fixed.Text, met.equal), nil
	}
	return node{typ: TypeBool, eval: func(env Env) (Datum, error) {
		a, err := left.eval(env)
		if err != nil || a.Type == TypeNone {
			return BoolDatum(false), err
		}
		b, err := right.eval(env)
		if err != nil || b.Type == TypeNone {
			return BoolDatum(false), err
		}
		return BoolDatum(met.holds(a, b)), nil
	}}, nil
}

// equalTo compares with a text that is written out, which is what most conditions do.
func equalTo(left node, text string, equal bool) node {
	return node{typ: TypeBool, eval: func(env Env) (Datum, error) {
		value, err := left.eval(env)
		return BoolDatum(err == nil && value.Type != TypeNone && (value.Text == text) == equal), err
	}}
}

// comparison says for which orders of two sides it holds.
type comparison struct{ less, equal, greater, equality bool }

var comparisons = map[string]comparison{
	"==": {equal: true, equality: true},
	"!=": {less: true, greater: true, equality: true},
	"<":  {less: true},
	"<=": {less: true, equal: true},
	">":  {greater: true},
	">=": {equal: true, greater: true},
}

// holds compares two data of one type.
func (c *comparison) holds(a, b Datum) bool {
	if c.equality && a.Type == TypeText {
		return (a.Text == b.Text) == c.equal
	}
	switch order := compareData(a, b); {
	case order < 0:
		return c.less
	case order > 0:
		return c.greater
	}
	return c.equal
}

// compareData orders two data of one type; false is before true.
func compareData(a, b Datum) int {
	switch a.Type {
	case TypeNumber:
		return a.Number().Cmp(b.Number())
	case TypeTime, TypeSpan, TypeBool:
		return cmp.Or(cmp.Compare(a.whole, b.whole), cmp.Compare(a.nanos, b.nanos))
	}
	return strings.Compare(a.Text, b.Text)
}

func (c *compiler) in(n *syntax.Binary) (node, error) {
	list, ok := n.Right.(*syntax.Array)
	if !ok || len(list.Nodes) == 0 {
		return c.fail(n.Right, `for example type in ["EARN", "GIFT"]`, "after in a list of values is expected")
	}
	var values []Datum
	for _, item := range list.Nodes {
		compiled, err := c.compile(item, TypeNone)
		if err != nil {
			return node{}, err
		}
		value, err := compiled.eval(nowhere{})
		if err != nil {
			return c.fail(item, "", "the values after in must be written out")
		}
		if len(values) > 0 && value.Type != values[0].Type {
			return c.fail(item, "", "%s cannot stand with %s in one list", value.Type, values[0].Type)
		}
		values = append(values, value)
	}
	left, err := c.typed(n.Left, values[0].Type)
	if isName(n.Left) && values[0].Type == TypeText {
		c.compared = append(c.compared, c.last)
	}
	return node{typ: TypeBool, eval: func(env Env) (Datum, error) {
		value, err := left.eval(env)
		if err != nil || value.Type == TypeNone {
			return BoolDatum(false), err
		}
		for i := range values {
			if value.Text == values[i].Text && (value.Type == TypeText || compareData(value, values[i]) == 0) {
				return BoolDatum(true), nil
			}
		}
		return BoolDatum(false), nil
	}}, err
}

// nowhere is the environment of what needs none.
type nowhere struct{}

var errNowhere = errors.New("there are no names here")

func (nowhere) Get(int) (Datum, error) { return Datum{}, errNowhere }

func (c *compiler) coalesce(n *syntax.Binary, want Type) (node, error) {
	left, right, err := c.pair(n, want)
	return node{typ: left.typ, eval: func(env Env) (Datum, error) {
		value, err := left.eval(env)
		if err != nil || value.Type != TypeNone && (value.Type != TypeText || value.Text != "") {
			return value, err
		}
		return right.eval(env)
	}}, err
}

func (c *compiler) conditional(n *syntax.Conditional, want Type) (node, error) {
	when, err := c.typed(n.Cond, TypeBool)
	if err != nil {
		return node{}, err
	}
	then, otherwise, err := c.branches(n, want)
	return node{typ: then.typ, eval: func(env Env) (Datum, error) {
		met, err := when.eval(env)
		if err != nil {
			return Datum{}, err
		}
		if met.Bool() {
			return then.eval(env)
		}
		return otherwise.eval(env)
	}}, err
}

// branches compiles the two values of a choice. One of them may be nil: it is none then, of the other's type.
func (c *compiler) branches(n *syntax.Conditional, want Type) (then, otherwise node, err error) {
	if isNil(n.Exp1) && !isNil(n.Exp2) {
		otherwise, err = c.typed(n.Exp2, want)
		return nothing(otherwise.typ), otherwise, err
	}
	if isNil(n.Exp2) {
		then, err = c.typed(n.Exp1, want)
		return then, nothing(then.typ), err
	}
	if then, err = c.compile(n.Exp1, want); err != nil {
		return then, node{}, err
	}
	otherwise, err = c.typed(n.Exp2, then.typ)
	return then, otherwise, err
}

// isCode tells whether a node is a text that records may be told apart by. The empty one only asks for presence.
func isCode(n syntax.Node) bool {
	text, is := n.(*syntax.String)
	return is && text.Value != ""
}

func isNil(n syntax.Node) bool {
	_, is := n.(*syntax.Nil)
	return is
}

func nothing(typ Type) node {
	return node{typ: typ, eval: func(Env) (Datum, error) { return Datum{}, nil }}
}
