package document

import (
	"fmt"
	"strings"
)

// function is a function of the expressions: what it takes, how many of that must be there, what it gives. Without build
// it takes a name, of which the [Scope] is asked.
type function struct {
	params  []param
	needs   int
	gives   Type
	build   builder
	example string
}

// param is one argument of a function. One that is computed has takes, the types it may have. One that is written out is
// a whole number if it has a most, and else a text; it is checked when the expression is compiled.
type param struct {
	name        string
	takes       []Type
	least, most int64
}

// builder makes a function of the arguments that are written out; those that are computed are none here.
type builder func(given []Datum) (apply, *misfit)

// apply computes with the arguments that are computed, of which none is none.
type apply func(a, b Datum) (Datum, error)

// misfit is an argument that is written out and makes no sense.
type misfit struct {
	argument      int
	message, hint string
}

var (
	aText    = param{name: "a text", takes: []Type{TypeText}}
	aKey     = param{name: "a key", takes: []Type{TypeText}}
	aNumber  = param{name: "a number", takes: []Type{TypeNumber}}
	aTime    = param{name: "a time", takes: []Type{TypeTime}}
	digitful = param{name: "a text or a number", takes: []Type{TypeNumber, TypeText}}
	writable = param{name: "a text, a number or true or false", takes: []Type{TypeText, TypeNumber, TypeBool}}
)

func named(name string) param { return param{name: name} }

func whole(least, most int64) param {
	return param{name: fmt.Sprintf("a whole number from %d to %d", least, most), least: least, most: most}
}

// The most that a span of time and a part of a text may be written with.
const (
	maxDays  = 36_500
	maxRunes = 1000
)

// functions are all there are.
var functions = map[string]function{
	"len":    {with(named("a name")), 1, TypeNumber, nil, "len(body.items)"},
	"exists": {with(named("a name")), 1, TypeBool, nil, "exists(body.items)"},

	"abs":    {with(aNumber), 1, TypeNumber, always(absolute), "abs(amount)"},
	"number": {with(digitful), 1, TypeNumber, always(numberOf), "number(code)"},

	"round": {with(aNumber, whole(0, maxDigits)), 1, TypeNumber, buildRound, "round(amount, 2)"},
	"floor": {with(aNumber), 1, TypeNumber, ofNumber(Decimal.Floor), "floor(amount)"},
	"ceil":  {with(aNumber), 1, TypeNumber, ofNumber(Decimal.Ceil), "ceil(amount)"},
	"min":   {with(aNumber, aNumber), 2, TypeNumber, always(lesser), "min(amount, 100)"},
	"max":   {with(aNumber, aNumber), 2, TypeNumber, always(greater), "max(amount - used, 0)"},

	"plural":  {with(aNumber, named("the word for 1"), named("for 2"), named("for 5")), 4, TypeText, buildPlural, `plural(amount, "балл", "балла", "баллов")`},
	"text":    {with(writable), 1, TypeText, always(textOf), "text(amount)"},
	"lower":   {with(aText), 1, TypeText, ofText(strings.ToLower), "lower(code)"},
	"upper":   {with(aText), 1, TypeText, ofText(strings.ToUpper), "upper(code)"},
	"trim":    {with(aText), 1, TypeText, ofText(strings.TrimSpace), "trim(code)"},
	"digits":  {with(aText), 1, TypeText, ofText(digits), "digits(phone)"},
	"first":   {with(aText, whole(1, maxRunes)), 2, TypeText, cutBy(firstRunes), "first(code, 3)"},
	"last":    {with(aText, whole(1, maxRunes)), 2, TypeText, cutBy(lastRunes), "last(phone, 10)"},
	"replace": {with(aText, named("the text to replace"), named("the text to write instead")), 3, TypeText, buildReplace, `replace(phone, "+", "")`},

	"days":    {with(whole(0, maxDays)), 1, TypeSpan, spanOf(day), "now + days(30)"},
	"hours":   {with(whole(0, maxDays*24)), 1, TypeSpan, spanOf(hour), "now + hours(24)"},
	"minutes": {with(whole(0, maxDays*24*60)), 1, TypeSpan, spanOf(minute), "now + minutes(5)"},
	"format":  {with(aTime, named("a layout"), named("a zone")), 2, TypeText, buildFormat, `format(now, "2006-01-02 15:04:05", "Europe/Moscow")`},

	"base64": {with(aText), 1, TypeText, ofText(encodings["base64"].ofText), `base64(user + ":" + secret)`},
	"hash":   {with(named("an algorithm"), aText, named("an encoding")), 2, TypeText, buildHash, `hash("sha256", user)`},
	"hmac":   {with(named("an algorithm"), aKey, aText, named("an encoding")), 3, TypeText, buildHMAC, `hmac("sha256", secret, user)`},
}

func with(params ...param) []param { return params }

// always makes a function that has no arguments written out.
func always(of apply) builder { return func([]Datum) (apply, *misfit) { return of, nil } }
