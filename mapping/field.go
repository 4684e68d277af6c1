package mapping

import (
	"slices"
	"strings"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// field is one declared value of a record.
type field struct {
	name     string
	place    string // as problems tell it
	at       document.Path
	typ      document.Type
	convert  converter
	none     Literals
	optional bool
}

// converter reads a value that is there and not null. Why is empty if it could; it never holds the value.
type converter func(value document.Value) (datum document.Datum, why string)

// The types that a field may have, by their names in a config.
const (
	asText    = "text"
	asDecimal = "decimal"
	asBool    = "bool"
	asTime    = "time"
	asDate    = "date"
)

func newField(name string, cfg Field, problems *config.Problems) field {
	made := field{name: name, place: config.Member("fields", name), at: cfg.At, none: cfg.None, optional: cfg.Optional}
	checkFieldName(made.place, name, problems)
	switch {
	case cfg.At.IsZero():
		problems.Add(made.place, "the field does not say where it stands in a record").Hint = "at: " + name
	case !cfg.At.Single():
		problems.Add(made.place+".at", "a field is one value, and [*] leads to many").Hint = "name one of them, for example [0]"
	}
	switch cfg.As {
	case "", asText:
		made.typ, made.convert = document.TypeText, readText
	case asDecimal:
		made.typ, made.convert = document.TypeNumber, readDecimal
	case asBool:
		made.typ, made.convert = document.TypeBool, readBool
	case asTime, asDate:
		made.typ, made.convert = document.TypeTime, newClock(made.place, cfg, problems).read
		return made
	default:
		types := []string{asText, asDecimal, asBool, asTime, asDate}
		problems.Add(made.place+".as", "there is no type %q", cfg.As).Hint = didYouMean(cfg.As, types)
		return made
	}
	checkNoClock(made.place, cfg, problems)
	return made
}

func checkNoClock(place string, cfg Field, problems *config.Problems) {
	const hint = "declare as: time or as: date, or leave it out"
	if cfg.Zone != "" {
		problems.Add(place+".zone", "only a time or a date has a zone").Hint = hint
	}
	if len(cfg.Layout) > 0 {
		problems.Add(place+".layout", "only a time or a date has a layout").Hint = hint
	}
}

// read gives the field's datum, or why it cannot be had.
func (f *field) read(value document.Value) (document.Datum, string) {
	switch kind := value.Kind(); {
	case len(f.none) > 0 && f.isNone(value):
		return document.Datum{}, ""
	case kind == document.Missing, kind == document.Null:
		if f.optional {
			return document.Datum{}, ""
		}
		return document.Datum{}, "is " + kind.String() + ": declare optional: true if that is normal"
	case kind == document.Text && f.optional && value.Text() == "":
		return document.Datum{}, ""
	}
	return f.convert(value)
}

// isNone tells whether the value is one of the literals that stand for none. What is not there is none of them.
func (f *field) isNone(value document.Value) bool {
	switch value.Kind() {
	case document.Missing, document.List, document.Object:
		return false
	case document.Null:
		return slices.Contains(f.none, null)
	}
	return slices.Contains(f.none, value.Text())
}

// readText takes a number as the CRM wrote it, since ids and codes are often numbers.
func readText(value document.Value) (document.Datum, string) {
	if kind := value.Kind(); kind != document.Text && kind != document.Number {
		return document.Datum{}, wrongKind(kind, "a text")
	}
	return document.Datum{Type: document.TypeText, Text: value.Text()}, ""
}

func readBool(value document.Value) (document.Datum, string) {
	if value.Kind() != document.Bool {
		return document.Datum{}, wrongKind(value.Kind(), "true or false")
	}
	return document.Datum{Type: document.TypeBool, Bool: value.Text() == "true"}, ""
}

func readDecimal(value document.Value) (document.Datum, string) {
	const wanted = "a decimal"
	text, kind := value.Text(), value.Kind()
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
	return document.Datum{Type: document.TypeNumber, Number: number}, ""
}

func wrongKind(kind document.Kind, wanted string) string {
	return "is " + kind.String() + " where " + wanted + " was expected"
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
