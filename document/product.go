package document

import (
	"math/bits"

	"bonus-adapter/document/syntax"
)

// Mul gives the exact product, or an error if it has more than 18 digits.
func (d Decimal) Mul(e Decimal) (Decimal, error) {
	high, low := bits.Mul64(uint64(d.Abs().coefficient), uint64(e.Abs().coefficient)) //nolint:gosec // not negative
	scale := d.scale + e.scale
	for ; scale > 0; scale-- {
		shorterHigh, rest := high/10, high%10
		shorterLow, rest := bits.Div64(rest, low, 10)
		if rest != 0 {
			break
		}
		high, low = shorterHigh, shorterLow
	}
	switch {
	case high == 0 && low == 0:
		return Decimal{}, nil
	case high != 0 || low >= uint64(powers[maxDigits]) || scale > maxDigits:
		return Decimal{}, errTooManyDigits
	}
	made := Decimal{int64(low), scale} //nolint:gosec // less than 10^18
	if d.Sign() != e.Sign() {
		made = made.Neg()
	}
	return made, nil
}

// inverse gives 1/d, and whether that has exact digits.
func (d Decimal) inverse() (Decimal, bool) {
	size := d.Abs().coefficient
	for zeros := range uint8(maxDigits + 1) {
		if size == 0 || powers[zeros]%size != 0 {
			continue
		}
		made := Decimal{coefficient: powers[zeros] / size, scale: max(zeros, d.scale) - d.scale}
		if d.scale > zeros {
			raised, fits := raise(made.coefficient, d.scale-zeros)
			if !fits {
				return Decimal{}, false
			}
			made.coefficient = raised
		}
		made, err := normal(made.coefficient, made.scale)
		if d.Sign() < 0 {
			made = made.Neg()
		}
		return made, err == nil
	}
	return Decimal{}, false
}

// Round gives the nearest number with so many digits after the point, of two the one further from 0.
func (d Decimal) Round(digits uint8) Decimal {
	whole, rest, unit := d.cut(digits)
	switch {
	case 2*rest >= unit && rest > 0:
		whole++
	case 2*rest <= -unit && rest < 0:
		whole--
	}
	return d.shortened(whole, digits)
}

// Floor gives the greatest whole number that is not greater.
func (d Decimal) Floor() Decimal {
	whole, rest, _ := d.cut(0)
	if rest < 0 {
		whole--
	}
	return d.shortened(whole, 0)
}

// Ceil gives the least whole number that is not less.
func (d Decimal) Ceil() Decimal {
	whole, rest, _ := d.cut(0)
	if rest > 0 {
		whole++
	}
	return d.shortened(whole, 0)
}

// cut takes the digits after so many off; rest is in units of 1/unit.
func (d Decimal) cut(digits uint8) (whole, rest, unit int64) {
	unit = powers[max(d.scale, digits)-digits]
	return d.coefficient / unit, d.coefficient % unit, unit
}

func (d Decimal) shortened(coefficient int64, digits uint8) Decimal {
	made, _ := normal(coefficient, min(d.scale, digits)) // what has lost a digit has room for a carry
	return made
}

func multiplied(a, b Datum) (Datum, error) { return numberDatum(a.Number().Mul(b.Number())) }

// quotient compiles a division. The divisor is written out, and one that always gives exact digits: a number is never
// rounded unseen.
func (c *compiler) quotient(n *syntax.Binary) (node, error) {
	left, err := c.typed(n.Left, TypeNumber)
	if err != nil {
		return node{}, err
	}
	right, err := c.typed(n.Right, TypeNumber)
	if err != nil {
		return node{}, err
	}
	const hint = "divide by a written number such as 2, 10 or 100; kopecks are roubles by amount / 100"
	divisor, err := right.eval(nowhere{})
	if err != nil || divisor.Type == TypeNone {
		return c.fail(n.Right, hint, "the divisor has to be written out")
	}
	inverse, exact := divisor.Number().inverse()
	if !exact {
		return c.fail(n.Right, hint, "a quotient by %s need not have exact digits", divisor.Number())
	}
	return c.settled(n, application(TypeNumber, func(a, _ Datum) (Datum, error) { return numberDatum(a.Number().Mul(inverse)) }, left))
}

func buildRound(given []Datum) (apply, *misfit) {
	digits := uint8(given[1].Number().coefficient) //nolint:gosec // 0 to 18
	return func(a, _ Datum) (Datum, error) { return numberDatum(a.Number().Round(digits), nil) }, nil
}

func ofNumber(of func(Decimal) Decimal) builder {
	return always(func(a, _ Datum) (Datum, error) { return numberDatum(of(a.Number()), nil) })
}

func lesser(a, b Datum) (Datum, error) {
	if b.Number().Cmp(a.Number()) < 0 {
		return b, nil
	}
	return a, nil
}

func greater(a, b Datum) (Datum, error) {
	if b.Number().Cmp(a.Number()) > 0 {
		return b, nil
	}
	return a, nil
}

// buildPlural makes the function that gives the form of a Russian noun for a number: 1 балл, 2 балла, 5 баллов, 1.5 балла.
func buildPlural(given []Datum) (apply, *misfit) {
	one, few, many := given[1], given[2], given[3]
	return func(a, _ Datum) (Datum, error) {
		number := a.Number().Abs()
		tens, last := number.coefficient/10%10, number.coefficient%10
		switch {
		case number.scale > 0, tens != 1 && last >= 2 && last <= 4:
			return few, nil
		case tens != 1 && last == 1:
			return one, nil
		}
		return many, nil
	}, nil
}
