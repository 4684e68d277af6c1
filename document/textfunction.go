package document

import (
	"errors"
	"strings"
	"unicode/utf8"
)

func ofText(of func(string) string) builder {
	return always(func(a, _ Datum) (Datum, error) { return TextDatum(of(a.Text)), nil })
}

func absolute(a, _ Datum) (Datum, error) { return numberDatum(a.Number().Abs(), nil) }

// The ways in which number fails. They do not tell the text: it may be a customer's.
var (
	errNoNumber  = errors.New("the text that number() is given is not a number")
	errBigNumber = errors.New("the number in the text that number() is given has more than 18 digits")
)

// numberOf gives a number as it is, and of a text the number that it spells.
func numberOf(a, _ Datum) (Datum, error) {
	if a.Type == TypeNumber {
		return a, nil
	}
	read, err := ParseDecimal(a.Text)
	switch {
	case errors.Is(err, errTooManyDigits):
		return Datum{}, errBigNumber
	case err != nil:
		return Datum{}, errNoNumber
	}
	return numberDatum(read, nil)
}

func textOf(a, _ Datum) (Datum, error) { return TextDatum(a.String()), nil }

// digits leaves only 0 to 9.
func digits(text string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
}

func cutBy(of func(text string, count int) string) builder {
	return func(given []Datum) (apply, *misfit) {
		count := int(given[1].Number().coefficient)
		return func(a, _ Datum) (Datum, error) { return TextDatum(of(a.Text, count)), nil }, nil
	}
}

// firstRunes gives the first count characters, or the whole text if it has no more.
func firstRunes(text string, count int) string {
	end := 0
	for ; count > 0 && end < len(text); count-- {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	return text[:end]
}

// lastRunes gives the last count characters, or the whole text if it has no more.
func lastRunes(text string, count int) string {
	start := len(text)
	for ; count > 0 && start > 0; count-- {
		_, size := utf8.DecodeLastRuneInString(text[:start])
		start -= size
	}
	return text[start:]
}

func buildReplace(given []Datum) (apply, *misfit) {
	from, to := given[1].Text, given[2].Text
	if from == "" {
		return nil, &misfit{1, "an empty text cannot be replaced", `for example replace(phone, "+", "")`}
	}
	return func(a, _ Datum) (Datum, error) { return TextDatum(strings.ReplaceAll(a.Text, from, to)), nil }, nil
}
