package document

import (
	"regexp"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// call compiles a function of one argument.
func (c *compiler) call(n ast.Node, name string, arguments []ast.Node, want Type) (node, error) {
	of, text := functions[name]
	if !text && name != "len" && name != "exists" {
		return c.fail(n, "there are abs, lower, upper, trim, len and exists", "there is no function %s", name)
	}
	if len(arguments) != 1 {
		return c.fail(n, "", "%s takes one argument, not %d", name, len(arguments))
	}
	if !text {
		if !isName(arguments[0]) {
			return c.fail(arguments[0], "", "%s takes a name, such as body.items", name)
		}
		return c.name(arguments[0], name, want)
	}
	argument, err := c.typed(arguments[0], of.takes)
	return mapped(argument, of.apply), err
}

var functions = map[string]struct {
	takes Type
	apply func(Datum) Datum
}{
	"abs":   {TypeNumber, func(d Datum) Datum { d.Number = d.Number.Abs(); return d }},
	"lower": {TypeText, func(d Datum) Datum { d.Text = strings.ToLower(d.Text); return d }},
	"upper": {TypeText, func(d Datum) Datum { d.Text = strings.ToUpper(d.Text); return d }},
	"trim":  {TypeText, func(d Datum) Datum { d.Text = strings.TrimSpace(d.Text); return d }},
}

func (c *compiler) textTest(n *ast.BinaryNode) (node, error) {
	left, err := c.typed(n.Left, TypeText)
	if err != nil {
		return node{}, err
	}
	if n.Operator == "matches" {
		return c.matches(n, left)
	}
	right, err := c.typed(n.Right, TypeText)
	test := textTests[n.Operator]
	return node{TypeBool, func(env Env) (Datum, error) {
		a, err := left.eval(env)
		if err != nil || a.Type == TypeNone {
			return truth(false), err
		}
		b, err := right.eval(env)
		return truth(b.Type != TypeNone && test(a.Text, b.Text)), err
	}}, err
}

var textTests = map[string]func(text, part string) bool{
	"contains": strings.Contains, "startsWith": strings.HasPrefix, "endsWith": strings.HasSuffix,
}

func (c *compiler) matches(n *ast.BinaryNode, left node) (node, error) {
	literal, ok := n.Right.(*ast.StringNode)
	if !ok {
		return c.fail(n.Right, "", "after matches a pattern in quotes is expected")
	}
	pattern, err := regexp.Compile(literal.Value)
	if err != nil {
		return c.fail(n.Right, "", "the pattern cannot be read: %v", err)
	}
	return node{TypeBool, func(env Env) (Datum, error) {
		value, err := left.eval(env)
		return truth(err == nil && value.Type != TypeNone && pattern.MatchString(value.Text)), err
	}}, nil
}
