package document

import (
	"math/big"
	"testing"
)

func TestProducts(t *testing.T) {
	names := filled(t, "x")
	for source, want := range map[string]string{
		`amount * 2`: "430.2", `amount * 0.01`: "2.151", `amount / 100`: "2.151", `-amount / 4`: "-53.775", `amount / 0.5`: "430.2", `amount * 0`: "0",
		`12345 / 100`: "123.45", `1 / 8`: "0.125", `amount * amount`: "46268.01", `1 / 0.001`: "1000", `5 / -2`: "-2.5", `1 / 1e17`: "0.00000000000000001",
		`999999999 * 999999999`: "999999998000000001", `0.000000001 * 0.000000001`: "0.000000000000000001", `500000000 * 0.02`: "10000000",
		`amount + 1 * 2`: "217.1", `(amount + 1) * 2`: "432.2", `nothing * 2`: "none of a number", `nothing / 2`: "none of a number", `text(amount * 2)`: "430.2",
		`1000000000 * 1000000000`: "!11 this cannot be computed: it has more than 18 digits", `999999999999999999 / 0.5`: "!19 this cannot be computed: it has more than 18 digits",
		`0.000000001 * 0.0000000001`:  "!12 this cannot be computed: it has more than 18 digits",
		`amount * 999999999999999999`: "failed: it has more than 18 digits",
		`amount / 3`:                  "!9 a quotient by 3 need not have exact digits | divide by a written number such as 2, 10 or 100; kopecks are roubles by amount / 100",
		`amount / 0`:                  "!9 a quotient by 0 need not have exact digits | divide by a written number such as 2, 10 or 100; kopecks are roubles by amount / 100",
		`1 / amount`:                  "!4 the divisor has to be written out | divide by a written number such as 2, 10 or 100; kopecks are roubles by amount / 100",
		`user / 2`:                    "!0 a number is wanted here, and this is a text | number(…) is the number in a text",
		`user * 2`:                    "!7 a number cannot stand with a text in * | text(…) is the text of a number and of true or false",

		`round(2.5)`: "3", `round(-2.5)`: "-3", `round(2.4999)`: "2", `round(0.5)`: "1", `round(-0.4)`: "0", `round(amount)`: "215", `round(amount, 1)`: "215.1", `round(1.005, 2)`: "1.01",
		`round(-1.005, 2)`: "-1.01", `round(1.995, 2)`: "2", `round(99999999999999999.5)`: "100000000000000000", `round(7, 3)`: "7", `round(0.000000000000000001, 17)`: "0", `round(nothing, 2)`: "none of a number",
		`round(0.000000000000000005, 17)`: "0.00000000000000001", `round(amount / 4, 2)`: "53.78",
		`floor(2.9)`: "2", `floor(-2.1)`: "-3", `floor(3)`: "3", `ceil(2.1)`: "3", `ceil(-2.9)`: "-2", `ceil(3)`: "3", `floor(-0.000000000000000001)`: "-1", `ceil(nothing)`: "none of a number",
		`min(amount, 100)`: "100", `max(amount, 100)`: "215.1", `min(1, 1.0)`: "1", `max(amount - 300, 0)`: "0", `max(nothing, 0)`: "none of a number",
		`round(amount, 19)`: "!14 a whole number from 0 to 18 is wanted here, written out | for example round(amount, 2)",
		`min(amount)`:       "!0 min takes a number and a number, not 1 argument | for example min(amount, 100)",

		`plural(1, "балл", "балла", "баллов")`: "балл", `plural(21, "балл", "балла", "баллов")`: "балл", `plural(-1, "балл", "балла", "баллов")`: "балл", `plural(2, "балл", "балла", "баллов")`: "балла",
		`plural(4, "балл", "балла", "баллов")`: "балла", `plural(5, "балл", "балла", "баллов")`: "баллов", `plural(0, "балл", "балла", "баллов")`: "баллов", `plural(11, "балл", "балла", "баллов")`: "баллов",
		`plural(12, "балл", "балла", "баллов")`: "баллов", `plural(14, "балл", "балла", "баллов")`: "баллов", `plural(111, "балл", "балла", "баллов")`: "баллов", `plural(102, "балл", "балла", "баллов")`: "балла",
		`plural(amount, "балл", "балла", "баллов")`: "балла", `plural(nothing, "балл", "балла", "баллов")`: "none of a text",
		`text(round(amount)) + " " + plural(round(amount), "балл", "балла", "баллов")`: "215 баллов",
	} {
		if got := given(source, names); got != want {
			t.Errorf("%s: %s\nwant %s", source, got, want)
		}
	}
}

func FuzzProduct(f *testing.F) {
	f.Add("1.5", "-2")
	f.Add("999999999", "999999999.000000001")
	f.Add("0.000000000000000001", "1e17")
	f.Fuzz(func(t *testing.T, a, b string) {
		x, errX := ParseDecimal(a)
		y, errY := ParseDecimal(b)
		if errX != nil || errY != nil {
			return
		}
		rat := func(d Decimal) *big.Rat { r, _ := new(big.Rat).SetString(d.String()); return r }
		exact := new(big.Rat).Mul(rat(x), rat(y))
		got, err := x.Mul(y)
		want, refused := ParseDecimal(exact.FloatString(2 * maxDigits))
		if (err != nil) != (refused != nil) || got != want {
			t.Fatalf("%s * %s: %s %v, want %s %v", x, y, got, err, want, refused)
		}
		if inverse, ok := x.inverse(); ok && new(big.Rat).Mul(rat(inverse), rat(x)).Cmp(big.NewRat(1, 1)) != 0 {
			t.Fatalf("1/%s is not %s", x, inverse)
		}
		if floor, ceil := x.Floor(), x.Ceil(); !floor.IsWhole() || !ceil.IsWhole() || floor.Cmp(x) > 0 || ceil.Cmp(x) < 0 || (x.IsWhole() && floor != ceil) {
			t.Fatalf("%s: %s %s", x, floor, ceil)
		}
	})
}
