package document

import (
	"errors"
	"math"
	"math/bits"
	"strconv"
)

// Decimal is an exact decimal number of at most 18 digits, 18 of them after the point at most. What does not fit is
// refused, never rounded. The form is normal, so that == compares; the zero value is 0.
type Decimal struct {
	coefficient int64
	scale       uint8 // digits after the point
}

const maxDigits = 18

// The ways in which a text is no decimal.
var (
	errNotANumber    = errors.New("it is not a number")
	errTooManyDigits = errors.New("it has more than 18 digits")
)

// NewDecimal gives a whole number as a Decimal.
func NewDecimal(number int64) Decimal { return Decimal{coefficient: number} }

// ParseDecimal reads a number as JSON writes it, or with a plus sign or leading zeros. Exponents are read if the number
// fits without them.
func ParseDecimal(text string) (Decimal, error) {
	if made, plain := plainDecimal(text); plain {
		return made, nil
	}
	return parseDecimal(text)
}

func parseDecimal(text string) (Decimal, error) {
	digits, exponent, negative, err := scanDecimal(text)
	if err != nil {
		return Decimal{}, err
	}
	for len(digits) > 0 && digits[len(digits)-1] == '0' {
		digits, exponent = digits[:len(digits)-1], exponent+1
	}
	if len(digits) == 0 {
		return Decimal{}, nil
	}
	if exponent > maxDigits || exponent < -maxDigits || len(digits)+max(exponent, 0) > maxDigits {
		return Decimal{}, errTooManyDigits
	}
	coefficient, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil {
		return Decimal{}, errTooManyDigits
	}
	if negative {
		coefficient = -coefficient
	}
	if exponent > 0 {
		return Decimal{coefficient: coefficient * powers[exponent]}, nil
	}
	return Decimal{coefficient, uint8(-exponent)}, nil //nolint:gosec // 0..18
}

// plainDecimal reads what most amounts are: up to 18 digits with a point or without.
func plainDecimal(text string) (made Decimal, plain bool) {
	negative := len(text) > 1 && text[0] == '-'
	if negative {
		text = text[1:]
	}
	if len(text) == 0 || len(text) > maxDigits || text[len(text)-1] == '.' || text[0] == '.' {
		return Decimal{}, false
	}
	point := -1
	for i := range len(text) {
		switch c := text[i]; {
		case c-'0' <= 9:
			made.coefficient = made.coefficient*10 + int64(c-'0')
		case c == '.' && point < 0:
			point = i
		default:
			return Decimal{}, false
		}
	}
	if point >= 0 {
		made.scale = uint8(len(text) - 1 - point) //nolint:gosec // below 18
	}
	for made.scale > 0 && made.coefficient%10 == 0 {
		made.coefficient, made.scale = made.coefficient/10, made.scale-1
	}
	if negative {
		made.coefficient = -made.coefficient
	}
	return made, true
}

// scanDecimal gives the digits without leading zeros and the power of ten they are to be multiplied with.
func scanDecimal(text string) (digits []byte, exponent int, negative bool, err error) {
	i := 0
	if i < len(text) && (text[i] == '-' || text[i] == '+') {
		negative = text[i] == '-'
		i++
	}
	var room [maxDigits * 2]byte
	digits = room[:0]
	seen, point := false, false
	for ; i < len(text) && text[i] != 'e' && text[i] != 'E'; i++ {
		switch c := text[i]; {
		case c == '.' && !point && seen:
			point = true
		case c >= '0' && c <= '9':
			seen = true
			if len(digits) > 0 || c != '0' {
				digits = append(digits, c)
			}
			if point {
				exponent--
			}
		default:
			return nil, 0, false, errNotANumber
		}
	}
	if !seen || text[i-1] == '.' {
		return nil, 0, false, errNotANumber
	}
	if i < len(text) {
		power, failed := strconv.Atoi(text[i+1:])
		if failed != nil && !errors.Is(failed, strconv.ErrRange) {
			return nil, 0, false, errNotANumber
		}
		exponent += max(min(power, math.MaxInt32), math.MinInt32)
	}
	return digits, exponent, negative, nil
}

var powers = func() (table [maxDigits + 1]int64) {
	table[0] = 1
	for i := 1; i < len(table); i++ {
		table[i] = table[i-1] * 10
	}
	return table
}()

// Sign gives -1, 0 or 1.
func (d Decimal) Sign() int {
	switch {
	case d.coefficient < 0:
		return -1
	case d.coefficient > 0:
		return 1
	}
	return 0
}

// IsWhole tells whether the number has no fraction.
func (d Decimal) IsWhole() bool { return d.scale == 0 }

// Neg gives the number with the other sign.
func (d Decimal) Neg() Decimal { return Decimal{-d.coefficient, d.scale} }

// Abs gives the number without its sign.
func (d Decimal) Abs() Decimal {
	if d.coefficient < 0 {
		return d.Neg()
	}
	return d
}

// Add gives the exact sum, or an error if it has more than 18 digits.
func (d Decimal) Add(e Decimal) (Decimal, error) {
	if d.scale < e.scale {
		d, e = e, d
	}
	raised, fits := raise(e.coefficient, d.scale-e.scale)
	if !fits {
		return Decimal{}, errTooManyDigits
	}
	return normal(d.coefficient+raised, d.scale)
}

// Sub gives the exact difference, or an error if it has more than 18 digits.
func (d Decimal) Sub(e Decimal) (Decimal, error) { return d.Add(e.Neg()) }

func normal(coefficient int64, scale uint8) (Decimal, error) {
	for scale > 0 && coefficient%10 == 0 {
		coefficient, scale = coefficient/10, scale-1
	}
	if coefficient >= powers[maxDigits] || coefficient <= -powers[maxDigits] {
		return Decimal{}, errTooManyDigits
	}
	return Decimal{coefficient, scale}, nil
}

// raise gives a with n zeros more, and whether adding a number of 18 digits to it can give one of 18 digits: it may have
// 19 itself, as in 1 - 0.000000000000000001.
func raise(a int64, n uint8) (int64, bool) {
	raised := a * powers[n]
	return raised, raised/powers[n] == a && raised < 2*powers[maxDigits] && raised > -2*powers[maxDigits]
}

// Cmp gives -1 if d is less than e, 0 if they are equal, 1 if d is greater.
func (d Decimal) Cmp(e Decimal) int {
	if d.Sign() != e.Sign() {
		return min(max(d.Sign()-e.Sign(), -1), 1)
	}
	size := compareSize(d.Abs(), e.Abs())
	if d.Sign() < 0 {
		return -size
	}
	return size
}

// compareSize compares without a sign, in 128 bits: both sides are raised to the same scale.
func compareSize(d, e Decimal) int {
	dHigh, dLow := bits.Mul64(uint64(d.coefficient), uint64(powers[max(e.scale, d.scale)-d.scale])) //nolint:gosec // not negative
	eHigh, eLow := bits.Mul64(uint64(e.coefficient), uint64(powers[max(e.scale, d.scale)-e.scale])) //nolint:gosec // not negative
	switch {
	case dHigh != eHigh:
		return order(dHigh, eHigh)
	default:
		return order(dLow, eLow)
	}
}

func order(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// AppendTo appends the number as JSON writes it, without an exponent and without needless zeros: 250, 215.1, -0.05.
func (d Decimal) AppendTo(out []byte) []byte {
	if d.scale == 0 {
		return strconv.AppendInt(out, d.coefficient, 10)
	}
	if d.coefficient < 0 {
		out = append(out, '-')
	}
	size := d.Abs().coefficient
	out = strconv.AppendInt(out, size/powers[d.scale], 10)
	out = append(out, '.')
	start := len(out)
	out = strconv.AppendInt(out, powers[d.scale]+size%powers[d.scale], 10) // the leading 1 keeps the zeros
	return append(out[:start], out[start+1:]...)
}

// String gives what AppendTo appends.
func (d Decimal) String() string { return string(d.AppendTo(nil)) }
