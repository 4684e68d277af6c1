package mapping

import (
	"slices"
	"strings"

	"bonus-adapter/document"
)

func readDecimal(kind document.Kind, text string) (document.Datum, string) {
	return readNumber(kind, text, "a decimal")
}

// readInteger refuses a fraction; 10.00 has none.
func readInteger(kind document.Kind, text string) (document.Datum, string) {
	const wanted = "an integer"
	made, why := readNumber(kind, text, wanted)
	if why == "" && !made.Number().IsWhole() {
		return document.Datum{}, wrongKind(kind, wanted) + ": it has a fraction"
	}
	return made, why
}

func readNumber(kind document.Kind, text, wanted string) (document.Datum, string) {
	switch kind {
	case document.Number:
	case document.Text:
		plain, why := plainNumber(text)
		if why != "" {
			return document.Datum{}, wrongKind(kind, wanted) + ": " + why
		}
		text = plain
	default:
		return document.Datum{}, wrongKind(kind, wanted)
	}
	number, err := document.ParseDecimal(text)
	if err != nil {
		return document.Datum{}, wrongKind(kind, wanted) + ": " + err.Error()
	}
	return document.NumberDatum(number), ""
}

// The words for true and false, in lower case: those of JSON, of SQL, of forms, of 1C.
var (
	wordsForTrue  = []string{"true", "1", "y", "yes", "да", "истина"}
	wordsForFalse = []string{"false", "0", "n", "no", "нет", "ложь"}
)

func readBool(kind document.Kind, text string) (document.Datum, string) {
	const wanted = "true or false"
	if kind == document.List || kind == document.Object {
		return document.Datum{}, wrongKind(kind, wanted)
	}
	is := func(word string) bool { return strings.EqualFold(word, strings.TrimSpace(text)) }
	switch {
	case slices.ContainsFunc(wordsForTrue, is):
		return document.BoolDatum(true), ""
	case slices.ContainsFunc(wordsForFalse, is):
		return document.BoolDatum(false), ""
	}
	return document.Datum{}, wrongKind(kind, wanted) + ", or a word for it such as yes, Y or 1"
}

const (
	notANumber     = "it is not a number"
	ambiguousComma = "its comma may part thousands or decimals"
)

// plainNumber turns a number written for people, "1 234,50", into one that is written for programs. A single comma that
// could as well part thousands ("1,234") is refused: one of the two readings is wrong by a factor of a thousand.
func plainNumber(text string) (plain, why string) {
	text = strings.TrimSpace(text)
	if !strings.ContainsFunc(text, isOfPeople) {
		return text, ""
	}
	whole, fraction, comma := strings.Cut(text, ",")
	if comma && !isDigits(fraction) {
		return "", notANumber
	}
	grouped := whole
	if !comma {
		whole, fraction, _ = strings.Cut(text, ".")
		grouped = whole
	}
	whole, ok := ungroup(grouped)
	switch {
	case !ok:
		return "", notANumber
	case comma && whole == grouped && mayBeThousands(whole, fraction):
		return "", ambiguousComma
	case fraction == "":
		return whole, ""
	}
	return whole + "." + fraction, ""
}

func isOfPeople(r rune) bool { return r == ',' || isSpace(r) }

// isSpace knows the spaces that part thousands: the usual, the no-break, the thin and the narrow no-break one.
func isSpace(r rune) bool { return r == ' ' || r == '\u00a0' || r == '\u2009' || r == '\u202f' }

func isDigits(text string) bool {
	return text != "" && !strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' })
}

// ungroup takes the spaces out of "-12 345 678": after the first group, each has three digits.
func ungroup(text string) (string, bool) {
	groups := strings.FieldsFunc(text, isSpace)
	if strings.TrimRightFunc(text, isSpace) != text || len(groups) == 0 || (len(groups) > 1 && len(strings.TrimLeft(groups[0], "+-")) > 3) {
		return "", false
	}
	for _, group := range groups[1:] {
		if len(group) != 3 || !isDigits(group) {
			return "", false
		}
	}
	return strings.Join(groups, ""), isDigits(strings.TrimLeft(groups[0], "+-"))
}

func mayBeThousands(whole, fraction string) bool {
	whole = strings.TrimLeft(whole, "+-")
	return len(fraction) == 3 && len(whole) <= 3 && !strings.HasPrefix(whole, "0")
}
