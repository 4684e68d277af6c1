package mapping

import (
	"fmt"
	"slices"
	"strings"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// field is one declared value of a record.
type field struct {
	name     string
	place    string // as problems tell it
	at       Paths
	from     int // the plan's number of its first path
	typ      document.Type
	convert  converter
	none     Literals
	optional bool
}

// converter reads a value that is there and not null. Why is empty if it could; it never holds the value.
type converter func(kind document.Kind, text string) (datum document.Datum, why string)

// The types that a field may have, by their names in a config.
const (
	asText    = "text"
	asHTML    = "html"
	asDecimal = "decimal"
	asInteger = "integer"
	asBool    = "bool"
	asTime    = "time"
	asDate    = "date"
)

func newField(name string, cfg Field, problems *config.Problems) field {
	made := field{name: name, place: config.Member("fields", name), at: cfg.At, none: cfg.None, optional: cfg.Optional}
	checkFieldName(made.place, name, problems)
	made.checkPaths(cfg, problems)
	switch cfg.As {
	case "", asText:
		made.typ, made.convert = document.TypeText, readText
	case asHTML:
		made.typ, made.convert = document.TypeText, readHTML
	case asDecimal:
		made.typ, made.convert = document.TypeNumber, readDecimal
	case asInteger:
		made.typ, made.convert = document.TypeNumber, readInteger
	case asBool:
		made.typ, made.convert = document.TypeBool, readBool
	case asTime, asDate:
		made.typ, made.convert = document.TypeTime, newClock(made.place, cfg, problems).read
		return made
	default:
		types := []string{asText, asHTML, asDecimal, asInteger, asBool, asTime, asDate}
		problems.Add(made.place+".as", "there is no type %q", cfg.As).Hint = didYouMean(cfg.As, types)
		return made
	}
	checkNoClock(made.place, cfg, problems)
	return made
}

func (f *field) checkPaths(cfg Field, problems *config.Problems) {
	switch {
	case len(f.at) == 0, len(f.at) == 1 && f.at[0].IsZero():
		problems.Add(f.place, "the field does not say where it stands in a record").Hint = "at: " + f.name
	case len(f.at) > 1 && cfg.As != asTime && cfg.As != asDate:
		problems.Add(f.place+".at", "only a time or a date may stand in several places").Hint = "declare a field for each; a ?? b is the first that is there"
	}
	for i, path := range f.at {
		if !path.Single() {
			problems.Add(f.placeOf(i), "a field is one value, and [*] leads to many").Hint = "name one of them, for example [0]"
		}
	}
}

// placeOf gives the place of one of its paths in the config.
func (f *field) placeOf(i int) string {
	if len(f.at) == 1 {
		return f.place + ".at"
	}
	return config.Index(f.place+".at", i)
}

func checkNoClock(place string, cfg Field, problems *config.Problems) {
	const hint = "declare as: time or as: date, or leave it out"
	if cfg.Zone != "" {
		problems.Add(place+".zone", "only a time or a date has a zone").Hint = hint
	}
	if len(cfg.Layout) > 0 {
		problems.Add(place+".layout", "only a time or a date has a layout").Hint = hint
	}
	if cfg.Day != "" {
		problems.Add(place+".day", "only a date begins or ends").Hint = hint
	}
}

// read gives the field's datum, or why it cannot be had.
func (f *field) read(record document.Record) (document.Datum, string) {
	if len(f.at) > 1 {
		return f.readParts(record)
	}
	value := record.Field(f.from)
	switch kind := value.Kind(); {
	case len(f.none) > 0 && f.isNone(value):
		return document.Datum{}, ""
	case kind == document.Missing, kind == document.Null:
		return f.absent(kind)
	case kind == document.Text && f.optional && isBlankText(value.Text()):
		return document.Datum{}, ""
	}
	datum, why := f.convert(value.Kind(), value.Text())
	if datum.Type == document.TypeText && f.optional && datum.Text == "" {
		datum = document.Datum{} // tags, and nothing between them
	}
	return datum, why
}

// isBlankText tells whether there is nothing to read in a text.
func isBlankText(text string) bool {
	if text != "" && text[0] > ' ' && !beginsBlank(text[0]) {
		return false
	}
	return strings.TrimSpace(text) == ""
}

// stands tells whether a record has something at the field's place, null or not.
func (f *field) stands(record document.Record) bool {
	for i := range f.at {
		if record.Field(f.from+i).Kind() != document.Missing {
			return true
		}
	}
	return false
}

func (f *field) absent(kind document.Kind) (document.Datum, string) {
	if f.optional {
		return document.Datum{}, ""
	}
	return document.Datum{}, "is " + kind.String() + ": declare optional: true if that is normal"
}

// readParts reads a time whose parts stand in several places. All of them are there, or none is.
func (f *field) readParts(record document.Record) (document.Datum, string) {
	var whole strings.Builder
	absent, first, kind := 0, 0, document.Missing
	for i := range f.at {
		value := record.Field(f.from + i)
		switch {
		case f.isNone(value):
			return document.Datum{}, ""
		case value.Kind() <= document.Null, value.Kind() == document.Text && isBlankText(value.Text()):
			if absent == 0 {
				first, kind = i, value.Kind()
			}
			absent++
		case value.Kind() != document.Text && value.Kind() != document.Number:
			return document.Datum{}, fmt.Sprintf("(at[%d]) %s", i, wrongKind(value.Kind(), "a part of a time"))
		}
		if i > 0 {
			whole.WriteByte(' ')
		}
		whole.WriteString(value.Text())
	}
	switch {
	case absent == len(f.at) && (kind != document.Text || f.optional):
		return f.absent(kind)
	case absent > 0:
		return document.Datum{}, fmt.Sprintf("(at[%d]) is %s, and the other part is there", first, emptyOr(kind))
	case slices.Contains(f.none, whole.String()):
		return document.Datum{}, ""
	}
	return f.convert(document.Text, whole.String())
}

func emptyOr(kind document.Kind) string {
	if kind == document.Text {
		return "empty"
	}
	return kind.String()
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
func readText(kind document.Kind, text string) (document.Datum, string) {
	if kind != document.Text && kind != document.Number {
		return document.Datum{}, wrongKind(kind, "a text")
	}
	return document.TextDatum(text), ""
}

func readHTML(kind document.Kind, text string) (document.Datum, string) {
	if kind == document.Text {
		text = plainText(text)
	}
	return readText(kind, text)
}

func wrongKind(kind document.Kind, wanted string) string {
	return "is " + kind.String() + " where " + wanted + " was expected"
}
