package document

import (
	"errors"
	"slices"
	"testing"
	"time"
)

// slots is a scope whose names have types of their own, as the slots of a request have.
type slots []slot

type slot struct {
	name  string
	typ   Type
	value Datum
}

func (s slots) Resolve(ref Ref, _ Type) (int, Type, error) {
	for i := range s {
		if s[i].name == ref.String() {
			return i, s[i].typ, nil
		}
	}
	return 0, TypeNone, unknownField{ref.String()}
}

func (s slots) Get(index int) (Datum, error) { return s[index].value, nil }

// filled gives slots with a text in every slot of text.
func filled(t testing.TB, texts string) slots {
	of := func(name string, value Datum) slot { return slot{name, value.Type, value} }
	return slots{
		of("user", TextDatum(texts)), of("login.token", TextDatum("t0k")), of("secret", TextDatum("Jefe")), of("empty", TextDatum("")),
		of("phone", TextDatum("+7 (900) 123-45-67")), of("имя", TextDatum("Ёлка 🎄!")),
		{"absent", TypeText, Datum{}},
		of("now", TimeDatum(time.Date(2024, 2, 29, 21, 30, 5, 678_000_000, time.UTC))),
		{"never", TypeTime, Datum{}},
		of("amount", NumberDatum(decimal(t, "215.10"))),
		{"nothing", TypeNumber, Datum{}},
		of("yes", BoolDatum(true)),
	}
}

func given(source string, names slots) string {
	expression, err := Compile(source, TypeNone, names)
	if err != nil {
		return "!" + told(err)
	}
	value, err := expression.Eval(names)
	switch {
	case err != nil:
		return "failed: " + err.Error()
	case value.Type == TypeNone:
		return "none of " + expression.Type().String()
	case value.Type != expression.Type():
		return value.Type.String() + ", not " + expression.Type().String()
	}
	return value.String()
}

func TestFunctions(t *testing.T) {
	names := filled(t, "what do ya want for nothing?")
	for source, want := range map[string]string{
		`user + ":" + secret`: "what do ya want for nothing?:Jefe", `"Bearer " + login.token`: "Bearer t0k", `yes ? secret : user`: "Jefe",
		`base64(secret + ":" + login.token)`: "SmVmZTp0MGs=", `base64(empty)`: "", `empty ?? secret`: "Jefe", `yes`: "true", `-amount`: "-215.1", `now`: "2024-02-29T21:30:05Z",

		// RFC 1321, FIPS 180, RFC 4231
		`hash("md5", "message digest")`: "f96b697d7cb7938d525a2f31aaf161d0", `hash("md5", empty)`: "d41d8cd98f00b204e9800998ecf8427e",
		`hash("sha1", "abc")`:   "a9993e364706816aba3e25717850c26c9cd0d89d",
		`hash("sha256", "abc")`: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		`hash("sha512", "abc", "hex")`: "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" +
			"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
		`hash("md5", empty, "base64")`: "1B2M2Y8AsgTpgAmY7PhCfg==", `hash("md5", "message digest", "base64url")`: "-WtpfXy3k41SWi8xqvFh0A",
		`hmac("sha256", secret, user)`: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
		`hmac("sha512", secret, user)`: "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554" +
			"9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
		`hmac("md5", secret, user)`: "750c783e6ab0b503eaa86e310a5db738", `hmac("sha1", secret, user)`: "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
		`hmac("md5", secret, user, "base64")`: "dQx4PmqwtQPqqG4xCl23OA==", `hmac("sha256", secret, user + format(now, "unix")) == hmac("sha256", secret, user)`: "false",
		`upper(hmac("md5", secret, user))`: "750C783E6AB0B503EAA86E310A5DB738",

		`format(now, "rfc3339")`: "2024-02-29T21:30:05Z", `format(now, "unix")`: "1709242205", `format(now, "unix_ms")`: "1709242205678",
		`format(now, "rfc3339", "Europe/Moscow")`: "2024-03-01T00:30:05+03:00", `format(now, "2006-01-02 15:04:05", "Europe/Moscow")`: "2024-03-01 00:30:05",
		`format(now, "02.01.06")`: "29.02.24", `format(now, "Mon, 02 Jan 2006 15:04:05 GMT")`: "Thu, 29 Feb 2024 21:30:05 GMT", `format(now, "20060102150405.000")`: "20240229213005.678",
		`format(now, "unix", "Europe/Moscow")`: "1709242205", `format(now, "2006", "UTC")`: "2024",

		`format(now + days(1), "2006-01-02")`: "2024-03-01", `format(now - days(30), "2006-01-02")`: "2024-01-30", `now + hours(2) + minutes(30)`: "2024-03-01T00:00:05Z",
		`now - days(0)`: "2024-02-29T21:30:05Z", `days(1) + hours(1) - minutes(30)`: "24h30m0s", `hours(1) - days(1)`: "-23h0m0s", `days(1) == hours(24)`: "true",
		`minutes(59) < hours(1)`: "true", `hours(1) != minutes(60)`: "false", `hours(1) in [minutes(60)]`: "true", `days(36500)`: "876000h0m0s", `minutes(1_0)`: "10m0s",
		`now + (yes ? days(1) : hours(1)) > now + hours(23)`: "true", `now < now + minutes(1)`: "true", `(never ?? now) + days(1)`: "2024-03-01T21:30:05Z",

		`digits(phone)`: "79001234567", `digits("١²x")`: "", `first(phone, 2)`: "+7", `last(digits(phone), 10)`: "9001234567", `first(имя, 4)`: "Ёлка", `last(имя, 2)`: "🎄!",
		`first(имя, 1000)`: "Ёлка 🎄!", `last(имя, 1000)`: "Ёлка 🎄!", `first(empty, 1)`: "", `last(empty, 1)`: "", `replace(phone, " ", "")`: "+7(900)123-45-67",
		`replace(имя, "🎄", "ёж")`: "Ёлка ёж!", `phone | digits() | last(4)`: "4567",

		`number("0015.50") + 1`: "16.5", `number(amount)`: "215.1", `number(login.token)`: "failed: the text that number() is given is not a number",
		`number(empty)`: "failed: the text that number() is given is not a number", `number(digits(phone) + digits(phone))`: "failed: the number in the text that number() is given has more than 18 digits",
		`text(amount)`: "215.1", `text(9007199254740993)`: "9007199254740993", `text(yes)`: "true", `text(secret)`: "Jefe", `"n" + text(amount)`: "n215.1", `text(0.10)`: "0.1",

		`absent + secret`: "none of a text", `hash("md5", absent)`: "none of a text", `hmac("md5", absent, user)`: "none of a text", `hmac("md5", secret, absent)`: "none of a text",
		`base64(absent)`: "none of a text", `digits(absent)`: "none of a text", `first(absent, 1)`: "none of a text", `last(absent, 1)`: "none of a text", `replace(absent, "a", "b")`: "none of a text",
		`number(absent)`: "none of a number", `number(nothing)`: "none of a number", `text(nothing)`: "none of a text", `abs(nothing)`: "none of a number", `format(never, "unix")`: "none of a text",
		`never + days(1)`: "none of a time", `never - days(1)`: "none of a time", `upper(absent) ?? "x"`: "x",
	} {
		if got := given(source, names); got != want {
			t.Errorf("%s: %s\nwant %s", source, got, want)
		}
	}
}

func TestMistakesInFunctionsAreTold(t *testing.T) {
	const (
		layout  = ` is not a layout | show how 2 January 2006 15:04:05 would be written: YYYY-MM-DD is "2006-01-02", HH:mm:ss is "15:04:05"`
		named   = ` is not a layout | the layouts with names are "rfc3339", "unix" and "unix_ms"`
		zone    = " | write its IANA name, such as Europe/Moscow, Asia/Yekaterinburg or UTC"
		span    = " | a span of time is written days(30), hours(1) or minutes(5), as in now + days(30)"
		times   = " does not work on a time | only a span of time is added to a time or taken from it: is the time after now - days(30)?"
		first   = "a whole number from 1 to 1000 is wanted here, written out | for example first(code, 3)"
		days    = "a whole number from 0 to 36500 is wanted here, written out | for example now + days(30)"
		ofTime  = ` | format(…, "rfc3339") is the text of a time`
		ofText  = " | text(…) is the text of a number and of true or false"
		formats = ` | for example format(now, "2006-01-02 15:04:05", "Europe/Moscow")`
		hashes  = ` | for example hash("sha256", user)`
		macs    = ` | for example hmac("sha256", secret, user)`
		either  = " | text(…) is the text of a number, number(…) the number in a text"
	)
	for source, want := range map[string]string{
		`user + md6(user)`: "7 there is no function md6 | there are abs, base64, ceil, days, digits, exists, first, floor, format, hash, hmac, hours, last, len, lower, max, min, minutes, number, plural, replace, round, text, trim and upper",
		`now()`:            "0 there is no function now | there are abs, base64, ceil, days, digits, exists, first, floor, format, hash, hmac, hours, last, len, lower, max, min, minutes, number, plural, replace, round, text, trim and upper",

		`format(now)`: "0 format takes a time, a layout and perhaps a zone, not 1 argument" + formats, `format(now, "unix", "UTC", 1)`: "0 format takes a time, a layout and perhaps a zone, not 4 arguments" + formats,
		`"ы" + upper()`: "7 upper takes a text, not 0 arguments | for example upper(code)", `hash("md5")`: "0 hash takes an algorithm, a text and perhaps an encoding, not 1 argument" + hashes,
		`hmac("md5", user)`: "0 hmac takes an algorithm, a key, a text and perhaps an encoding, not 2 arguments" + macs, `first(user)`: "0 first takes a text and a whole number from 1 to 1000, not 1 argument | for example first(code, 3)",
		`replace(user, "a")`: `0 replace takes a text, the text to replace and the text to write instead, not 2 arguments | for example replace(phone, "+", "")`,
		`len(user, user)`:    "0 len takes a name, not 2 arguments | for example len(body.items)", `exists(1)`: "7 exists takes a name, such as body.items", `days(1, 2)`: "0 days takes a whole number from 0 to 36500, not 2 arguments | for example now + days(30)",

		`format(now, user)`: "12 a layout is wanted here, written out in quotes" + formats, `format(now, 5)`: "12 a layout is wanted here, written out in quotes" + formats,
		`format(now, "unix", user)`: "20 a zone is wanted here, written out in quotes" + formats, `format(user, "unix")`: "7 a time is wanted here, and this is a text",
		`format(now, "YYYY-MM-DD")`: `12 "YYYY-MM-DD"` + layout, `format(now, "")`: `12 ""` + layout, `format(now, "dd.MM.yyyy")`: `12 "dd.MM.yyyy"` + layout, `format(now, "%Y-%m-%d")`: `12 "%Y-%m-%d"` + layout,
		`format(now, "YYYY-MM-DDTHH:mm:ss")`: `12 "YYYY-MM-DDTHH:mm:ss"` + layout, `format(now, "YYYY-MM-DD 15:04")`: `12 "YYYY-MM-DD 15:04"` + layout, `format(now, "2006-MM-02")`: `12 "2006-MM-02"` + layout,
		`format(now, "RFC3339")`: `12 "RFC3339"` + named, `format(now, "unixms")`: `12 "unixms"` + named, `format(now, "ISO-8601")`: `12 "ISO-8601"` + named,
		`format(now, "unix", "Moscow")`: `20 there is no zone "Moscow"` + zone, `format(now, "unix", "Local")`: `20 there is no zone "Local"` + zone, `format(now, "unix", "")`: `20 there is no zone ""` + zone,
		`format(now, "unix", "../UTC")`: `20 there is no zone "../UTC"` + zone,

		`hash("md4", user)`: `5 there is no algorithm "md4" | there are "md5", "sha1", "sha256" and "sha512"`, `hmac("SHA256", secret, user)`: `5 there is no algorithm "SHA256" | there are "md5", "sha1", "sha256" and "sha512"`,
		`hash(user, "md5")`: "5 an algorithm is wanted here, written out in quotes" + hashes, `hash("md5", user, "Hex")`: `18 there is no encoding "Hex" | there are "base64", "base64url" and "hex"`,
		`hmac("md5", secret, user, secret)`: "26 an encoding is wanted here, written out in quotes" + macs, `hmac("md5", secret, user, "b64")`: `26 there is no encoding "b64" | there are "base64", "base64url" and "hex"`,
		`hmac("md5", 5, user)`: "12 a key is wanted here, and this is a number" + ofText, `hash("md5", now)`: "12 a text is wanted here, and this is a time" + ofTime, `base64(amount)`: "7 a text is wanted here, and this is a number" + ofText,

		`days(-1)`: "5 " + days, `days(36501)`: "5 " + days, `days(1.5)`: "5 " + days, `days("1")`: "5 " + days, `days(amount)`: "5 " + days, `days(0x10)`: "5 " + days,
		`hours(876001)`: "6 a whole number from 0 to 876000 is wanted here, written out | for example now + hours(24)", `minutes(52560001)`: "8 a whole number from 0 to 52560000 is wanted here, written out | for example now + minutes(5)",
		`first(user, 0)`: "12 " + first, `first(user, 1001)`: "12 " + first, `first(user, "1")`: "12 " + first, `last(user, amount)`: "11 a whole number from 1 to 1000 is wanted here, written out | for example last(phone, 10)",
		`replace(user, "", "x")`: `14 an empty text cannot be replaced | for example replace(phone, "+", "")`, `replace(user, secret, "x")`: `14 the text to replace is wanted here, written out in quotes | for example replace(phone, "+", "")`,
		`number(yes)`: "7 a text or a number is wanted here, and this is true or false", `text(now)`: "5 a text, a number or true or false is wanted here, and this is a time" + ofTime,
		`text(days(1))`: "5 a text, a number or true or false is wanted here, and this is a span of time", `abs(user)`: "4 a number is wanted here, and this is a text | number(…) is the number in a text",

		`now - now`: "4 -" + times, `now + now`: "4 +" + times, `now + 30`: "6 a number cannot stand with a time in +" + span, `30 + now`: "5 a time cannot stand with a number in +" + span,
		`days(1) + now`: "10 a time cannot stand with a span of time in + | the time stands first: now + days(30)", `days(1) - 1`: "10 a number cannot stand with a span of time in -" + span,
		`-days(1)`: "1 a number is wanted here, and this is a span of time", `now > days(1)`: "6 a span of time cannot stand with a time in >", `user + now`: "7 a time cannot stand with a text in +" + ofTime,
		`now + user`: "6 a text cannot stand with a time in +" + ofTime, `user + amount`: "7 a number cannot stand with a text in +" + ofText, `amount + user`: "9 a text cannot stand with a number in +" + either,
		`user - user`: "5 - does not work on a text", `yes + yes`: "4 + does not work on true or false", `number("five")`: "0 this cannot be computed: the text that number() is given is not a number",
		`now + (days(36500) + days(36500) + days(36500))`: "33 this cannot be computed: the span of time is longer than 292 years", `999999999999999999 + 1`: "19 this cannot be computed: it has more than 18 digits",
		`days(0) - days(36500) - days(36500) - days(36500)`: "36 this cannot be computed: the span of time is longer than 292 years",
	} {
		if got := given(source, filled(t, "x")); got != "!"+want {
			t.Errorf("%s: %s\nwant !%s", source, got, want)
		}
	}
}

func TestWhatAnExpressionGives(t *testing.T) {
	names := filled(t, "x")
	for source, want := range map[string]Type{
		`user`: TypeText, `amount + 1`: TypeNumber, `amount > 1`: TypeBool, `now + days(1)`: TypeTime, `days(1)`: TypeSpan, `format(now, "unix")`: TypeText, `number(user)`: TypeNumber, `yes ? now : never`: TypeTime,
	} {
		if got := must(Compile(source, TypeNone, names)).Type(); got != want {
			t.Errorf("%s gives %s, want %s", source, got, want)
		}
		if got := must(Compile(source, want, names)).Type(); got != want {
			t.Errorf("%s gives %s, want %s", source, got, want)
		}
	}
	if _, err := Compile(`days(1)`, TypeText, names); told(err) != "0 a text is wanted here, and this is a span of time" {
		t.Error(told(err))
	}
}

func TestDatumsAreWritten(t *testing.T) {
	for want, datum := range map[string]Datum{
		"": {}, " a\n": TextDatum(" a\n"), "-0.05": NumberDatum(decimal(t, "-0.050")), "false": BoolDatum(false), "1h30m0s": SpanDatum(90 * time.Minute),
		"2024-01-01T00:00:00Z": TimeDatum(time.Date(2024, 1, 1, 3, 0, 0, 5, time.FixedZone("", 3*3600))),
	} {
		if datum.String() != want {
			t.Errorf("%+v is written %q, want %q", datum, datum, want)
		}
	}
}

// In a condition a name has no type of its own: it is what the function takes, and never a span of time.
func TestFunctionsInConditions(t *testing.T) {
	answer := Answer{Status: 200, Body: parsed(t, `{"n":5,"code":"007","flag":true,"secret":"x"}`)}
	for source, want := range map[string]string{
		`number(body.code) == 7`: "", `number(body.n) == 5`: "", `text(body.n) == "5"`: "", `text(body.flag) == "true"`: "", `first(body.code, 2) == "00"`: "", `hash("md5", body.secret) startsWith "9dd4e461"`: "",
		`number(body.none) == 7 or true`: "", `body.n > days(1)`: "9 a span of time cannot stand with a text in >", `body.n + days(1) > days(2)`: "9 a span of time cannot stand with a text in +",
	} {
		condition, err := ParseCondition(source)
		if err != nil || want != "" {
			if told(err) != want {
				t.Errorf("%s: %s, want %s", source, told(err), want)
			}
			continue
		}
		if holds, err := condition.Holds(answer); !holds || err != nil {
			t.Errorf("%s: %v %v", source, holds, err)
		}
	}
}

func FuzzEval(f *testing.F) {
	for name, function := range functions {
		f.Add(function.example, "user "+name)
	}
	for _, source := range []string{
		`hmac("sha256", secret, user + format(now, "unix"), "base64url")`, `last(digits(user), 3) + first(user, 1)`, `number(user) + number(user)`, `now + days(36500) - hours(1)`, `replace(user, "a", user)`,
		`text(number(user)) + text(yes)`, `format(now - minutes(1), user, "Asia/Yekaterinburg")`, `user | trim() | upper()`, `days(36500) + days(36500) + days(36500)`, `never ?? now`,
	} {
		f.Add(source, "\xff9223372036854775807ё")
	}
	f.Fuzz(func(t *testing.T, source, text string) {
		names := filled(t, text)
		expression, err := Compile(source, TypeNone, names)
		var syntax *SyntaxError
		switch {
		case err != nil && !errors.As(err, &syntax):
			t.Errorf("%q: an error without a place: %v", source, err)
		case err != nil:
			if syntax.Offset() < 0 || syntax.Offset() > len(source) {
				t.Errorf("%q: offset %d", source, syntax.Offset())
			}
		default:
			evaluates(t, expression, names)
		}
	})
}

func evaluates(t *testing.T, expression *Expression, names slots) {
	t.Helper()
	value, err := expression.Eval(names)
	known := []error{errNoNumber, errBigNumber, errTooManyDigits, errSpanTooLong} // which hold no value
	if err != nil && !slices.Contains(known, err) {
		t.Errorf("%s: an error of another kind: %v", expression, err)
	}
	if err == nil && value.Type != expression.Type() && value.Type != TypeNone {
		t.Errorf("%s gives %s, not %s", expression, value.Type, expression.Type())
	}
	_ = value.String()
}
