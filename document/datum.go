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

// Datum is one typed value; the zero Datum is none.
type Datum struct {
	Type   Type
	Bool   bool
	Text   string
	Number Decimal
	Time   time.Time
	Span   time.Duration
}

// String gives the value as it stands in a request: a text itself, a number with its exact digits, true or false, a time
// in UTC as RFC 3339 writes it, a span of time as Go writes it. None is the empty text.
func (d Datum) String() string {
	switch d.Type {
	case TypeText:
		return d.Text
	case TypeNumber:
		return d.Number.String()
	case TypeBool:
		return strconv.FormatBool(d.Bool)
	case TypeTime:
		return d.Time.UTC().Format(time.RFC3339)
	case TypeSpan:
		return d.Span.String()
	}
	return ""
}
