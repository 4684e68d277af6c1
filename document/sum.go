package document

import (
	"errors"
	"time"

	"bonus-adapter/document/syntax"
)

// term is an operator with the types of its two sides.
type term struct {
	operator    string
	left, right Type
}

// sums says what can be added and taken away, and what that gives.
var sums = map[term]struct {
	gives Type
	of    apply
}{
	{"+", TypeText, TypeText}:     {TypeText, joined},
	{"+", TypeNumber, TypeNumber}: {TypeNumber, added},
	{"-", TypeNumber, TypeNumber}: {TypeNumber, taken},
	{"*", TypeNumber, TypeNumber}: {TypeNumber, multiplied},
	{"+", TypeTime, TypeSpan}:     {TypeTime, later},
	{"-", TypeTime, TypeSpan}:     {TypeTime, earlier},
	{"+", TypeSpan, TypeSpan}:     {TypeSpan, longer},
	{"-", TypeSpan, TypeSpan}:     {TypeSpan, shorter},
}

func joined(a, b Datum) (Datum, error) { return TextDatum(a.Text + b.Text), nil }

func added(a, b Datum) (Datum, error) { return numberDatum(a.Number().Add(b.Number())) }

func taken(a, b Datum) (Datum, error) { return numberDatum(a.Number().Sub(b.Number())) }

func later(a, b Datum) (Datum, error) { return TimeDatum(a.Time().Add(b.Span())), nil }

func earlier(a, b Datum) (Datum, error) { return TimeDatum(a.Time().Add(-b.Span())), nil }

func longer(a, b Datum) (Datum, error) { return spanDatum(a.Span(), b.Span()) }

func shorter(a, b Datum) (Datum, error) { return spanDatum(a.Span(), -b.Span()) }

func numberDatum(number Decimal, err error) (Datum, error) {
	return NumberDatum(number), err
}

var errSpanTooLong = errors.New("the span of time is longer than 292 years")

func spanDatum(a, b time.Duration) (Datum, error) {
	if sum := a + b; (sum > a) == (b > 0) {
		return SpanDatum(sum), nil
	}
	return Datum{}, errSpanTooLong
}

func (c *compiler) sum(n *syntax.Binary, want Type) (node, error) {
	if want != TypeText || n.Operator != "+" {
		want = TypeNumber
	}
	left, right, err := c.sides(n, want)
	if err != nil {
		return node{}, err
	}
	sum, known := sums[term{n.Operator, left.typ, right.typ}]
	switch hint := sumHint(left.typ, right.typ); {
	case !known && left.typ != right.typ:
		return c.fail(n.Right, hint, "%s cannot stand with %s in %s", right.typ, left.typ, n.Operator)
	case !known:
		return c.fail(n, hint, "%s does not work on %s", n.Operator, left.typ)
	}
	return c.settled(n, application(sum.gives, sum.of, left, right))
}

// sumHint tells how to write what was probably meant by a sum that there is not.
func sumHint(left, right Type) string {
	switch {
	case left == TypeTime && right == TypeTime:
		return "only a span of time is added to a time or taken from it: is the time after now - days(30)?"
	case left == TypeSpan && right == TypeTime:
		return "the time stands first: now + days(30)"
	case left != TypeText && right != TypeText && (left >= TypeTime || right >= TypeTime):
		return "a span of time is written days(30), hours(1) or minutes(5), as in now + days(30)"
	case left == TypeNumber && right == TypeText:
		return "text(…) is the text of a number, number(…) the number in a text"
	case left == TypeText:
		return conversion(TypeText, right)
	case right == TypeText:
		return conversion(TypeText, left)
	}
	return ""
}

// conversion tells which function gives what is wanted.
func conversion(want, got Type) string {
	switch {
	case want == TypeText && (got == TypeNumber || got == TypeBool):
		return "text(…) is the text of a number and of true or false"
	case want == TypeText && got == TypeTime:
		return `format(…, "rfc3339") is the text of a time`
	case want == TypeNumber && got == TypeText:
		return "number(…) is the number in a text"
	}
	return ""
}
