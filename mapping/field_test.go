package mapping_test

import (
	"strings"
	"testing"
	"time"

	"bonus-adapter/mapping"
)

// one gives the only field's reading of a JSON value, through a rule that needs no amount.
func one(t *testing.T, field mapping.Field, value string) (mapping.Entry, string) {
	t.Helper()
	field.At = path("v")
	cfg := mapping.DefaultConfig()
	cfg.Records, cfg.Fields = mapping.Places{"s.data.items"}, map[string]mapping.Field{"v": field}
	cfg.Rules = []mapping.Rule{{Added: "1"}}
	cfg.Entry = mapping.EntryConfig{DefinitionMessage: `"x"`}
	switch field.As {
	case "decimal", "integer":
		cfg.Rules = []mapping.Rule{{When: "v < 0", Expired: "-v"}, {Added: "v"}}
	case "time", "date":
		cfg.Entry.ActivationDate = "v"
	case "bool":
		cfg.Entry.DefinitionMessage = `v ? "yes" : "no"`
	default:
		cfg.Entry.DefinitionMessage = "v"
	}
	m := build(t, cfg)
	result, err := m.Entries(records(t, m, `[{"v":`+value+`}]`), now)
	if err != nil {
		if plain := strings.Trim(value, `"`); len(plain) > 5 && strings.Contains(err.Error(), plain) {
			t.Errorf("%s tells the value: %v", value, err)
		}
		return mapping.Entry{}, "! " + strings.TrimPrefix(result.Problems[0].Why, "is ")
	}
	if len(result.Entries) == 0 {
		return mapping.Entry{}, "0"
	}
	return result.Entries[0], ""
}

func TestIntegers(t *testing.T) {
	const text, number = "! a text where an integer was expected: ", "! a number where an integer was expected: "
	for _, c := range [][2]string{
		{`250`, "250"},
		{`-250`, "-250"},
		{`10.00`, "10"},
		{`"10.000"`, "10"},
		{`1e3`, "1000"},
		{`9007199254740993`, "9007199254740993"},
		{`"9007199254740995"`, "9007199254740995"},
		{`999999999999999999`, "999999999999999999"},
		{`1000000000000000000`, number + "it has more than 18 digits"},
		{`"1 234"`, "1234"},
		{`0.5`, number + "it has a fraction"},
		{`"1 234,50"`, text + "it has a fraction"},
		{`1e-1`, number + "it has a fraction"},
		{`"ten"`, text + "it is not a number"},
		{`""`, text + "it is not a number"},
		{`false`, "! true or false where an integer was expected"},
		{`[1]`, "! a list where an integer was expected"},
		{`null`, "! null: declare optional: true if that is normal"},
	} {
		if got := number1(t, "integer", c[0]); got != c[1] {
			t.Errorf("%s: got %s, want %s", c[0], got, c[1])
		}
	}
}

// number1 gives a number as it is read, with its sign.
func number1(t *testing.T, as, value string) string {
	t.Helper()
	entry, got := one(t, mapping.Field{As: as}, value)
	switch {
	case got == "" && entry.Expired.Sign() > 0:
		return "-" + entry.Expired.String()
	case got == "":
		return entry.Added.String()
	}
	return got
}

func TestDecimals(t *testing.T) {
	const text, number = "! a text where a decimal was expected: ", "! a number where a decimal was expected: "
	for _, c := range [][2]string{
		{`250`, "250"},
		{`215.10`, "215.1"},
		{`0.05`, "0.05"},
		{`-0.05`, "-0.05"},
		{`1e3`, "1000"},
		{`1.5E-2`, "0.015"},
		{`0`, "0"},
		{`-0.00`, "0"},
		{`9007199254740993`, "9007199254740993"},
		{`123456789012345678`, "123456789012345678"},
		{`1234567890123456789`, number + "it has more than 18 digits"},
		{`1e400`, number + "it has more than 18 digits"},
		{`"10"`, "10"},
		{`"-10.000"`, "-10"},
		{`"+5"`, "5"},
		{`" 7 "`, "7"},
		{`"007"`, "7"},
		{`"1e2"`, "100"},
		{`"1 234,50"`, "1234.5"},
		{"\"1\u00a0234,50\"", "1234.5"},
		{"\"12\u202f345\u2009678\"", "12345678"},
		{`"-1 234.5"`, "-1234.5"},
		{`"0,5"`, "0.5"},
		{`"0,125"`, "0.125"},
		{`"10,00"`, "10"},
		{`"1234,500"`, "1234.5"},
		{`"1 234,567"`, "1234.567"},
		{`"1,234"`, text + "its comma may part thousands or decimals"},
		{`"-12,500"`, text + "its comma may part thousands or decimals"},
		{`"1,234,567"`, text + "it is not a number"},
		{`"1,234.50"`, text + "it is not a number"},
		{`"1.234,50"`, text + "it is not a number"},
		{`"12 34"`, text + "it is not a number"},
		{`"1234 567"`, text + "it is not a number"},
		{`"1 ,5"`, text + "it is not a number"},
		{`"- 500"`, text + "it is not a number"},
		{`",5"`, text + "it is not a number"},
		{`"5,"`, text + "it is not a number"},
		{`"NaN"`, text + "it is not a number"},
		{`"Infinity"`, text + "it is not a number"},
		{`"0x10"`, text + "it is not a number"},
		{`"100 руб"`, text + "it is not a number"},
		{`""`, text + "it is not a number"},
		{`"1 234 "`, "1234"},
		{`true`, "! true or false where a decimal was expected"},
		{`[]`, "! a list where a decimal was expected"},
		{`{}`, "! an object where a decimal was expected"},
		{`null`, "! null: declare optional: true if that is normal"},
	} {
		if got := number1(t, "decimal", c[0]); got != c[1] {
			t.Errorf("%s: got %s, want %s", c[0], got, c[1])
		}
	}
}

func TestTextsAndBools(t *testing.T) {
	const noBool = " where true or false was expected, or a word for it such as yes, Y or 1"
	for _, c := range [][3]string{
		{"", `"a"`, "a"},
		{"text", `0123456`[1:], "123456"},
		{"text", `1.50`, "1.50"},
		{"text", `""`, "Начисление бонусов"},
		{"text", `true`, "! true or false where a text was expected"},
		{"text", `{}`, "! an object where a text was expected"},
		{"text", `[1]`, "! a list where a text was expected"},
		{"bool", `true`, "yes"},
		{"bool", `false`, "no"},
		{"bool", `"true"`, "yes"},
		{"bool", `"FALSE"`, "no"},
		{"bool", `"Y"`, "yes"},
		{"bool", `"N"`, "no"},
		{"bool", `"yes"`, "yes"},
		{"bool", `"No"`, "no"},
		{"bool", `1`, "yes"},
		{"bool", `0`, "no"},
		{"bool", `"1"`, "yes"},
		{"bool", `" 0 "`, "no"},
		{"bool", `"Да"`, "yes"},
		{"bool", `"нет"`, "no"},
		{"bool", `"Истина"`, "yes"},
		{"bool", `"ложь"`, "no"},
		{"bool", `2`, "! a number" + noBool},
		{"bool", `1.0`, "! a number" + noBool},
		{"bool", `-1`, "! a number" + noBool},
		{"bool", `"on"`, "! a text" + noBool},
		{"bool", `""`, "! a text" + noBool},
		{"bool", `[]`, "! a list where true or false was expected"},
		{"html", `"<p>За <b>покупку</b></p><p>Чайник &laquo;Ёлка&raquo;&nbsp;&amp; кружка</p>"`, "За покупку Чайник «Ёлка» & кружка"},
		{"html", `"a<br>b<br/>c"`, "a b c"},
		{"html", `"ab<i>c</i>d"`, "abcd"},
		{"html", `"5 < 6 > 4"`, "5 < 6 > 4"},
		{"html", `"&lt;b&gt;"`, "<b>"},
		{"html", `"<script>alert(1)</script>x<STYLE>p{}</Style>y<!-- z -->"`, "xy"},
		{"html", `"a<!-- b"`, "a<!-- b"},
		{"html", `"a<!-- b > c"`, "a"},
		{"html", `"<script>a</scr</script>b"`, "b"},
		{"html", `"a <script>b>"`, "a"},
		{"html", `"<3 бонуса"`, "<3 бонуса"},
		{"html", `"x<img src='a>b'>"`, "xb'>"},
		{"html", `7`, "7"},
		{"html", `true`, "! true or false where a text was expected"},
		{"html", `"<?xml?><!DOCTYPE x>a"`, "a"},
	} {
		entry, got := one(t, mapping.Field{As: c[0]}, c[1])
		if got == "" {
			got = entry.Message
		}
		if got != c[2] {
			t.Errorf("%s %s: got %s, want %s", c[0], c[1], got, c[2])
		}
	}
}

// noAmount is what a record without the number that its points are is told to have.
const noAmount = "! none: its fields have no value; (amount ?? 0) counts what is not there as 0"

func TestOptional(t *testing.T) {
	for _, as := range []string{"text", "html", "decimal", "integer", "bool", "time", "date"} {
		for _, value := range []string{"null", `""`, `" \u00a0"`} {
			field := mapping.Field{As: as, Optional: true}
			if as == "date" {
				field.Zone = "UTC"
			}
			if _, got := one(t, field, value); strings.HasPrefix(got, "!") && got != noAmount {
				t.Errorf("%s %s: %s", as, value, got)
			}
		}
	}
}

func TestTimes(t *testing.T) {
	const (
		moscow, york = "Europe/Moscow", "America/New_York"
		noTime       = "! a text where a time was expected such as 2006-01-02T15:04:05Z"
		noDate       = "! a text where a date was expected such as 2006-01-02"
		noLayout     = "! a text where a time was expected: it fits no declared layout"
		noZone       = "! has no zone: set fields.v.zone"
		noClock      = "! a time that no calendar and no clock has"
		noNumber     = "! a number where a time text was expected: declare layout: unix or unix_ms"
		outside      = ", outside of 1970 to 9999"
		firstYear    = "! counts to a time in the year 1970: it is in another unit than the layout says, or stands for none"
	)
	for _, c := range []struct{ as, zone, layout, value, want string }{
		// with an offset
		{"time", "", "", `"2024-03-01T10:20:30Z"`, "2024-03-01T10:20:30Z"},
		{"time", "", "", `"2024-03-01T10:20:30z"`, "2024-03-01T10:20:30Z"},
		{"time", "", "", `"2024-03-01t10:20:30Z"`, "2024-03-01T10:20:30Z"},
		{"time", "", "", `"2024-03-01T10:20:30+03:00"`, "2024-03-01T07:20:30Z"},
		{"time", "", "", `"2024-03-01T10:20:30+0300"`, "2024-03-01T07:20:30Z"},
		{"time", "", "", `"2024-03-01T10:20:30-05:30"`, "2024-03-01T15:50:30Z"},
		{"time", york, "", `"2024-03-01T10:20:30+03:00"`, "2024-03-01T07:20:30Z"},
		{"time", "", "", `"2024-03-01T10:20:30.5Z"`, "2024-03-01T10:20:30.5Z"},
		{"time", "", "", `"2024-03-01T10:20:30.123456789+0300"`, "2024-03-01T07:20:30.1234567Z"},
		{"time", "", "", `"2024-03-01 10:20:30.0000000+03:00"`, "2024-03-01T07:20:30Z"},
		{"time", "", "", `" 2024-03-01T10:20:30Z "`, "2024-03-01T10:20:30Z"},
		{"time", "", "", `"2024-02-29T23:59:59Z"`, "2024-02-29T23:59:59Z"},
		{"time", "", "", `"2024-03-01T10:20:30,5Z"`, "2024-03-01T10:20:30.5Z"},
		{"time", "", "", `"2024-03-01T10:20:30+03"`, "2024-03-01T07:20:30Z"},
		{"time", "", "", `"2024-03-01T10:20+03:00"`, "2024-03-01T07:20:00Z"},
		{"time", "", "", `"2024-03-01T10:20Z"`, "2024-03-01T10:20:00Z"},
		{"time", "", "", `"2024-03-01 10:20:30 +0300"`, "2024-03-01T07:20:30Z"},
		{"time", "", "", `"2024-03-01 10:20:30 UTC"`, "2024-03-01T10:20:30Z"},
		{"time", "", "", `"2024-03-01 10:20:30.123 GMT"`, "2024-03-01T10:20:30.123Z"},
		{"time", york, "", `"2024-03-01T10:20:30-00:00"`, "2024-03-01T10:20:30Z"},
		// local
		{"time", moscow, "", `"2024-03-01T10:20"`, "2024-03-01T07:20:00Z"},
		{"time", moscow, "", `"2024-03-01 10:20:30.0"`, "2024-03-01T07:20:30Z"},
		{"time", moscow, "", `"2024-03-01 10:20:30,250"`, "2024-03-01T07:20:30.25Z"},
		{"time", moscow, "", `"2024-03-01T10:20:30"`, "2024-03-01T07:20:30Z"},
		{"time", moscow, "", `"2024-03-01 10:20:30"`, "2024-03-01T07:20:30Z"},
		{"time", moscow, "", `"2024-03-01 10:20:30.250"`, "2024-03-01T07:20:30.25Z"},
		{"time", moscow, "", `"2012-03-01 10:20:30"`, "2012-03-01T06:20:30Z"},
		{"time", moscow, "", `"2024-03-01"`, "2024-02-29T21:00:00Z"},
		{"time", "UTC", "", `"2024-03-01"`, "2024-03-01T00:00:00Z"},
		{"time", "", "", `"2024-03-01T10:20:30"`, noZone},
		{"time", "", "", `"2024-03-01"`, noZone},
		// clock changes
		{"time", york, "", `"2024-03-10T01:59:59"`, "2024-03-10T06:59:59Z"},
		{"time", york, "", `"2024-03-10T02:30:00"`, "2024-03-10T07:30:00Z"}, // skipped: shown as 03:30
		{"time", york, "", `"2024-03-10T03:00:00"`, "2024-03-10T07:00:00Z"},
		{"time", york, "", `"2024-11-03T00:59:59"`, "2024-11-03T04:59:59Z"},
		{"time", york, "", `"2024-11-03T01:30:00"`, "2024-11-03T05:30:00Z"}, // twice: the first
		{"time", york, "", `"2024-11-03T02:00:00"`, "2024-11-03T07:00:00Z"},
		{"time", "Europe/Berlin", "", `"2024-03-31T02:30:00"`, "2024-03-31T01:30:00Z"},
		{"time", "Europe/Berlin", "", `"2024-10-27T02:30:00"`, "2024-10-27T00:30:00Z"},
		{"time", "Australia/Lord_Howe", "", `"2024-10-06T02:15:00"`, "2024-10-05T15:45:00Z"}, // half an hour
		{"date", "America/Sao_Paulo", "", `"2018-11-04"`, "2018-11-04T03:00:00Z"},            // its midnight was skipped
		{"date", "Pacific/Apia", "", `"2011-12-30"`, "2011-12-30T10:00:00Z"},                 // all of it was skipped
		// dates
		{"date", moscow, "", `"2024-12-31"`, "2024-12-30T21:00:00Z"},
		{"date", moscow, "02.01.2006", `"31.12.2024"`, "2024-12-30T21:00:00Z"},
		{"date", moscow, "2006-01-02 15:04", `"2024-12-31 18:30"`, "2024-12-30T21:00:00Z"},
		{"date", moscow, "", `"2024-12-31T10:00:00"`, "! a time where a bare date was expected: declare as: time"},
		{"date", moscow, "", `"31.12.2024"`, noDate},
		{"date", moscow, "", `20241231`, "! a number where a date text was expected: declare as: time with layout: unix or unix_ms"},
		{"date", moscow, "", `true`, "! true or false where a date was expected"},
		// numbers
		{"time", "", "unix", `1627391774`, "2021-07-27T13:16:14Z"},
		{"time", "", "unix", `"1627391774"`, "2021-07-27T13:16:14Z"},
		{"time", "", "unix", `1627391774.032`, "2021-07-27T13:16:14.032Z"},
		{"time", "", "unix", `1.627391774e9`, "2021-07-27T13:16:14Z"},
		{"time", "", "unix_ms", `1627391774032`, "2021-07-27T13:16:14.032Z"},
		{"time", "", "unix_ms", `"1627391774032"`, "2021-07-27T13:16:14.032Z"},
		{"time", "", "unix_ms", `1627391774032.5`, "2021-07-27T13:16:14.0325Z"},
		{"time", "", "unix|unix_ms", `1627391774032`, "2021-07-27T13:16:14.032Z"},
		{"time", "", "unix", `0`, firstYear},
		{"time", "", "unix", `"20240301"`, firstYear}, // a date, which is no count
		{"time", "UTC", "unix|20060102", `"20240301"`, "2024-03-01T00:00:00Z"},
		{"time", "", "unix", `31535999`, firstYear},
		{"time", "", "unix", `31536000`, "1971-01-01T00:00:00Z"},
		{"time", "", "unix_ms", `1627391774`, firstYear}, // seconds
		{"time", "", "unix_ms|unix", `1627391774`, "2021-07-27T13:16:14Z"},
		{"time", "", "unix_us", `1627391774032`, firstYear},
		{"time", "", "dotnet", `"/Date(1627391774)/"`, firstYear},
		{"time", "", "unix", `-1`, "! a time in the year 1969" + outside},
		{"time", "", "unix", `-0.5`, "! a time in the year 1969" + outside},
		{"time", "", "unix", `1627391774032`, "! a time in the year 53539" + outside},
		{"time", "", "unix", `1e400`, "! a number where a time was expected: it fits no declared layout"},
		{"time", "", "unix", `"soon"`, noLayout},
		{"time", "", "", `1627391774`, noNumber},
		{"time", moscow, "02.01.2006", `1627391774`, noNumber},
		{"time", "", "unix_us", `1627391774032001`, "2021-07-27T13:16:14.032001Z"},
		{"time", "", "unix_us", `"1627391774032001.5"`, "2021-07-27T13:16:14.0320015Z"},
		{"time", "", "unix_us", `-1`, "! a time in the year 1969" + outside},
		{"time", "", "dotnet", `"/Date(1627391774032)/"`, "2021-07-27T13:16:14.032Z"},
		{"time", "", "dotnet", `"\/Date(1627391774032+0300)\/"`, "2021-07-27T13:16:14.032Z"},
		{"time", "", "dotnet", `"/Date(1627391774032-0500)/"`, "2021-07-27T13:16:14.032Z"},
		{"time", "", "dotnet", `"/Date(-62135596800000)/"`, "! a time in the year 1" + outside},
		{"time", "", "dotnet", `"/Date(1627391774032+03)/"`, noLayout},
		{"time", "", "dotnet", `"/Date()/"`, noLayout},
		{"time", "", "dotnet", `"Date(1627391774032)"`, noLayout},
		{"time", "", "dotnet", `1627391774032`, noNumber},
		{"time", moscow, "dotnet|rfc3339", `"2024-03-01T10:20:30"`, "2024-03-01T07:20:30Z"},
		// strftime
		{"time", moscow, "%d.%m.%Y %H:%M:%S", `"01.03.2024 10:20:30"`, "2024-03-01T07:20:30Z"},
		{"time", moscow, "%d.%m.%y", `"01.03.24"`, "2024-02-29T21:00:00Z"},
		{"time", moscow, "%d.%m.%Y г. в %H:%M", `"01.03.2024 г. в 10:20"`, "2024-03-01T07:20:00Z"},
		{"time", york, "%m/%d/%Y %I:%M:%S %p", `"03/01/2024 10:20:30 PM"`, "2024-03-02T03:20:30Z"},
		{"time", york, "%m/%d/%Y %I:%M:%S %p", `"03/01/2024 12:20:30 AM"`, "2024-03-01T05:20:30Z"},
		{"time", "", "%Y-%m-%dT%H:%M:%S.%f%z", `"2024-03-01T10:20:30.1234+0300"`, "2024-03-01T07:20:30.1234Z"},
		{"time", "UTC", "%d %B %Y, %R", `"01 March 2024, 10:20"`, "2024-03-01T10:20:00Z"},
		{"date", moscow, "%d-%b-%Y", `"01-Mar-2024"`, "2024-02-29T21:00:00Z"},
		{"time", "UTC", "%FT%TZ", `"2024-03-01T10:20:30Z"`, "2024-03-01T10:20:30Z"},
		{"time", "UTC", "%d.%m.%Y", `"32.01.2024"`, noLayout},
		// Go layouts
		{"time", york, "01/02/2006 03:04:05 PM", `"03/01/2024 10:20:30 PM"`, "2024-03-02T03:20:30Z"},
		{"time", york, "1/2/2006 3:04 PM", `"3/1/2024 9:05 AM"`, "2024-03-01T14:05:00Z"},
		{"time", moscow, "02.01.06 15:04", `"01.03.24 10:20"`, "2024-03-01T07:20:00Z"},
		{"time", "UTC", "02-Jan-2006  15:04:05", `"01-Mar-2024  10:20:30"`, "2024-03-01T10:20:30Z"},
		{"time", "UTC", "20060102", `20240301`, "2024-03-01T00:00:00Z"},
		{"date", moscow, "20060102", `"20240301"`, "2024-02-29T21:00:00Z"},
		{"time", "UTC", "20060102150405", `20240301102030`, "2024-03-01T10:20:30Z"},
		{"time", moscow, "2006-01-02 15:04:05", `"2024-03-01 10:20:30.250"`, "2024-03-01T07:20:30.25Z"}, // Go reads a fraction after seconds
		{"time", moscow, "02.01.2006 15:04", `"01.03.2024 10:20"`, "2024-03-01T07:20:00Z"},
		{"time", "", "02.01.2006 15:04 -0700", `"01.03.2024 10:20 +0300"`, "2024-03-01T07:20:00Z"},
		{"time", york, "02.01.2006 15:04", `"10.03.2024 02:30"`, "2024-03-10T07:30:00Z"},
		{"time", moscow, "2006-01-02 15:04:05|unix_ms|02.01.2006", `"01.03.2024"`, "2024-02-29T21:00:00Z"},
		{"time", moscow, "2006-01-02 15:04:05|unix_ms|02.01.2006", `1627391774032`, "2021-07-27T13:16:14.032Z"},
		{"time", moscow, "02.01.2006|rfc3339", `"2024-03-01T10:20:30+03:00"`, "2024-03-01T07:20:30Z"},
		{"time", moscow, "02.01.2006", `"30.02.2024"`, noLayout},
		// years
		{"time", "", "", `"0001-01-01T00:00:00"`, "! a time in the year 1" + outside},
		{"time", "", "", `"0001-01-01T00:00:00Z"`, "! a time in the year 1" + outside},
		{"time", "", "", `"0000-00-00 00:00:00"`, "! a time in the year 0" + outside},
		{"date", moscow, "", `"1900-01-01"`, "! a time in the year 1900" + outside},
		{"date", moscow, "", `"1970-01-01"`, "! a time in the year 1969" + outside}, // of UTC
		{"date", moscow, "02.01.2006", `"01.01.0001"`, "! a time in the year 1" + outside},
		{"time", york, "", `"9999-12-31T23:59:59"`, "10000-01-01T04:59:59Z"},
		{"time", "", "", `"1970-01-01T00:00:00Z"`, "1970-01-01T00:00:00Z"},
		// no times
		{"time", moscow, "", `"2023-02-29"`, noClock},
		{"time", moscow, "", `"2024-13-01"`, noClock},
		{"time", moscow, "", `"2024-00-10"`, noClock},
		{"time", moscow, "", `"2024-01-01T24:00:00"`, noClock},
		{"time", moscow, "", `"2024-01-01T10:60:00"`, noClock},
		{"time", "", "", `"2024-01-01T10:00:60Z"`, noClock},
		{"time", moscow, "", `"2024-01-01T10"`, noTime},
		{"time", moscow, "", `"2024-01-01T10:00:"`, noTime},
		{"time", moscow, "", `"2024-01-01T10:00:00,"`, noTime},
		{"time", moscow, "", `"2024-01-01T10:00:00 MSK"`, noTime},
		{"time", moscow, "", `"2024-01-01T"`, noTime},
		{"time", moscow, "", `"2024-1-1"`, noTime},
		{"time", moscow, "", `"20240101"`, noTime},
		{"time", moscow, "", `"2024-01-01T10:00:00.Z"`, noTime},
		{"time", moscow, "", `"2024-01-01T10:00:00.1234567890Z"`, noTime},
		{"time", moscow, "", `"2024-01-01T10:00:00+3"`, noTime},
		{"time", moscow, "", `"2024-01-01T10:00:00+24:00"`, noTime},
		{"time", moscow, "", `"2024-01-01T10:00:00ZZ"`, noTime},
		{"time", moscow, "", `"01.03.2024"`, noTime},
		{"time", moscow, "", `"завтра"`, noTime},
		{"time", moscow, "", `""`, noTime},
		{"time", moscow, "", `{}`, "! an object where a time was expected"},
		{"time", moscow, "", `null`, "! null: declare optional: true if that is normal"},
	} {
		field := mapping.Field{As: c.as, Zone: c.zone}
		if c.layout != "" {
			field.Layout = strings.Split(c.layout, "|")
		}
		entry, got := one(t, field, c.value)
		if got == "" {
			got = entry.Activation.Time().Format(time.RFC3339Nano)
		}
		if got != c.want {
			t.Errorf("%+v\n got %s", c, got)
		}
	}
}

func TestEndOfADay(t *testing.T) {
	for _, c := range [][3]string{
		{"Europe/Moscow", `"2024-12-31"`, "2024-12-31T20:59:59.999Z"},
		{"UTC", `"2024-02-29"`, "2024-02-29T23:59:59.999Z"},
		{"America/New_York", `"2024-03-10"`, "2024-03-11T03:59:59.999Z"},  // a day of 23 hours
		{"America/Sao_Paulo", `"2018-11-03"`, "2018-11-04T02:59:59.999Z"}, // the next midnight was skipped
		{"America/New_York", `"1969-12-31"`, "! a time in the year 1969, outside of 1970 to 9999"},
		{"UTC", `"9999-12-31"`, "9999-12-31T23:59:59.999Z"},
	} {
		entry, got := one(t, mapping.Field{As: "date", Zone: c[0], Day: "end"}, c[1])
		if got == "" {
			got = entry.Activation.Time().Format(time.RFC3339Nano)
		}
		if got != c[2] {
			t.Errorf("%v: got %s", c, got)
		}
	}
}

func TestATimeInTwoPlaces(t *testing.T) {
	cfg := basic()
	cfg.Fields["created"] = mapping.Field{At: path("day", "time"), As: "time", Layout: mapping.Layouts{"20060102 1504"}, Zone: "UTC", None: mapping.Literals{"0", "19000101 0000"}}
	cfg.Fields["expires"] = mapping.Field{At: path("till", "hour"), As: "time", Zone: "UTC", Optional: true}
	m := build(t, cfg)
	for record, want := range map[string]string{
		`"day":20240301,"time":"0930"`:               "1/0 Бонусы 2024-03-01T09:30:00Z",
		`"day":20240301,"time":930`:                  "fields.created is a text where a time was expected: it fits no declared layout",
		`"day":"20240301"`:                           "fields.created (at[1]) is missing, and the other part is there",
		`"day":"20240301","time":""`:                 "fields.created (at[1]) is empty, and the other part is there",
		`"day":null,"time":"0930"`:                   "fields.created (at[0]) is null, and the other part is there",
		`"x":1`:                                      "fields.created is missing: declare optional: true if that is normal",
		`"day":[],"time":"0930"`:                     "fields.created (at[0]) is a list where a part of a time was expected",
		`"day":0,"time":"0930"`:                      "1/0 Бонусы",
		`"day":"19000101","time":"0000"`:             "1/0 Бонусы",
		`"day":0,"till":"","hour":""`:                "1/0 Бонусы",
		`"day":0,"till":"2024-12-31","hour":"10:00"`: "1/0 Бонусы till 2024-12-31T10:00:00Z",
	} {
		result, _ := m.Entries(records(t, m, `[{"type":"EARN","amount":1,`+record+`}]`), now)
		got := show(result.Entries)
		if result.Unreadable == 1 {
			got = strings.TrimPrefix(result.Problems[0].String(), "record 1: ")
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", record, got, want)
		}
	}
}
