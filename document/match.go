package document

import (
	"regexp"
	"strings"

	"bonus-adapter/document/syntax"
)

func (c *compiler) textTest(n *syntax.Binary) (node, error) {
	left, err := c.typed(n.Left, TypeText)
	if err != nil {
		return node{}, err
	}
	if n.Operator == "matches" {
		return c.matches(n, left)
	}
	right, err := c.typed(n.Right, TypeText)
	test := textTests[n.Operator]
	return node{typ: TypeBool, eval: func(env Env) (Datum, error) {
		a, err := left.eval(env)
		if err != nil || a.Type == TypeNone {
			return BoolDatum(false), err
		}
		b, err := right.eval(env)
		return BoolDatum(b.Type != TypeNone && test(a.Text, b.Text)), err
	}}, err
}

var textTests = map[string]func(text, part string) bool{
	"contains": strings.Contains, "startsWith": strings.HasPrefix, "endsWith": strings.HasSuffix,
}

func (c *compiler) matches(n *syntax.Binary, left node) (node, error) {
	literal, ok := n.Right.(*syntax.String)
	if !ok {
		return c.fail(n.Right, "", "after matches a pattern in quotes is expected")
	}
	pattern, err := regexp.Compile(literal.Value)
	if err != nil {
		return c.fail(n.Right, "", "the pattern cannot be read: %v", err)
	}
	return node{typ: TypeBool, eval: func(env Env) (Datum, error) {
		value, err := left.eval(env)
		return BoolDatum(err == nil && value.Type != TypeNone && pattern.MatchString(value.Text)), err
	}}, nil
}
