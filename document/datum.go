package document

import (
	"strconv"
	"time"
)

// Type is the type of a [Datum] and of an expression.
type Type uint8

// The types. TypeNone is the zero value: no value at all.
const (
	TypeNone Type = iota
	TypeText
	TypeNumber
	TypeBool
	TypeTime
	TypeSpan
)

// String names the type as an error message would.
func (t Type) String() string {
	return [...]string{"nothing", "a text", "a number", "true or false", "a time", "a span of time"}[t]
}

// Datum is one typed value; the zero Datum is none. It is so small that it is passed in registers: expressions pass many.
type Datum struct {
	Type  Type
	scale uint8  // of a number
	nanos uint32 // of a time
	Text  string
	whole int64 // a number's coefficient, a time's seconds since 1970, a span, 1 for true
}

// TextDatum gives a text as a Datum.
func TextDatum(text string) Datum { return Datum{Type: TypeText, Text: text} }

// NumberDatum gives a number as a Datum.
func NumberDatum(number Decimal) Datum {
	return Datum{Type: TypeNumber, whole: number.coefficient, scale: number.scale}
}

// BoolDatum gives true or false as a Datum.
func BoolDatum(is bool) Datum {
	made := Datum{Type: TypeBool}
	if is {
		made.whole = 1
	}
	return made
}

// TimeDatum gives a time as a Datum, in UTC.
func TimeDatum(moment time.Time) Datum {
	return Datum{Type: TypeTime, whole: moment.Unix(), nanos: uint32(moment.Nanosecond())} //nolint:gosec // below 1e9
}

// SpanDatum gives a span of time as a Datum.
func SpanDatum(span time.Duration) Datum { return Datum{Type: TypeSpan, whole: int64(span)} }

// Number gives a number, 0 of everything else.
func (d Datum) Number() Decimal {
	if d.Type != TypeNumber {
		return Decimal{}
	}
	return Decimal{d.whole, d.scale}
}

// Bool tells whether it is true.
func (d Datum) Bool() bool { return d.Type == TypeBool && d.whole != 0 }

// Time gives a time in UTC, the zero time of everything else.
func (d Datum) Time() time.Time {
	if d.Type != TypeTime {
		return time.Time{}
	}
	return time.Unix(d.whole, int64(d.nanos)).UTC()
}

// Unix gives a time as seconds since 1970 and nanoseconds, 0 of everything else.
func (d Datum) Unix() (seconds int64, nanos int) {
	if d.Type != TypeTime {
		return 0, 0
	}
	return d.whole, int(d.nanos)
}

// Span gives a span of time, 0 of everything else.
func (d Datum) Span() time.Duration {
	if d.Type != TypeSpan {
		return 0
	}
	return time.Duration(d.whole)
}

// String gives the value as it stands in a request: a text itself, a number with its exact digits, true or false, a time
// in UTC as RFC 3339 writes it, a span of time as Go writes it. None is the empty text.
func (d Datum) String() string {
	switch d.Type {
	case TypeText:
		return d.Text
	case TypeNumber:
		return d.Number().String()
	case TypeBool:
		return strconv.FormatBool(d.Bool())
	case TypeTime:
		return d.Time().Format(time.RFC3339)
	case TypeSpan:
		return d.Span().String()
	}
	return ""
}
