package document

import (
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

func parsed(t testing.TB, text string) Value {
	t.Helper()
	value, err := ParseJSON([]byte(text), Limits{Depth: 64})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}

func TestDecimal(t *testing.T) {
	for text, want := range map[string]string{
		"0": "0", "-0": "0", "250": "250", "215.1": "215.1", "215.10": "215.1", "-10.000": "-10", "+5": "5", "007": "7", "0.05": "0.05",
		"-0.05": "-0.05", "1e2": "100", "1.5e1": "15", "1E-3": "0.001", "100e-2": "1", "9007199254740993": "9007199254740993",
		"999999999999999999": "999999999999999999", "1000000000000000000": "!18 digits", "0.30000000000000004": "0.30000000000000004",
		"0.000000000000000001": "0.000000000000000001", "1e-19": "!18 digits", "1e400": "!18 digits", "1e-400": "!18 digits", "0e400": "0",
		"1e99999999999999999999": "!18 digits", "": "!not a number", "-": "!not a number", ".5": "!not a number", "5.": "!not a number",
		"1.2.3": "!not a number", "NaN": "!not a number", "Infinity": "!not a number", "1,5": "!not a number", " 1": "!not a number",
		"0x10": "!not a number", "1e": "!not a number", "1e5.5": "!not a number", "--1": "!not a number", "12345678901234567890": "!18 digits",
		strings.Repeat("9", 5000): "!18 digits", "1.0000000000000000000000000000": "1",
	} {
		got, err := ParseDecimal(text)
		if says, bad := strings.CutPrefix(want, "!"); bad != (err != nil) || (bad && !strings.Contains(err.Error(), says)) || (!bad && got.String() != want) {
			t.Errorf("%.40q: %s %v, want %s", text, got, err, want)
		}
	}
}

func TestDecimalArithmetic(t *testing.T) {
	texts := []string{"0", "1", "-1", "0.1", "0.2", "-0.3", "999999999999999999", "-999999999999999999", "0.000000000000000001", "215.1", "123456789.987654321"}
	for _, a := range texts {
		for _, b := range texts {
			x, y := decimal(t, a), decimal(t, b)
			if got, want := x.Cmp(y), rat(t, a).Cmp(rat(t, b)); got != want {
				t.Errorf("%s cmp %s: %d, want %d", a, b, got, want)
			}
			checkSum(t, x, y)
			sum, err := x.Add(y)
			back, err2 := sum.Sub(y)
			if err == nil && err2 == nil && back != x {
				t.Errorf("%s + %s - %s = %s", a, b, b, back)
			}
		}
	}
	if _, err := decimal(t, "999999999999999999").Add(decimal(t, "1")); err == nil {
		t.Error("a sum of 19 digits must be refused")
	}
}

// checkSum holds a sum, and its refusal, against math/big: what 18 digits can hold may not be refused.
func checkSum(t *testing.T, x, y Decimal) {
	t.Helper()
	exact := new(big.Rat).Add(rat(t, x.String()), rat(t, y.String()))
	want, refused := ParseDecimal(exact.FloatString(maxDigits)) // both scales are at most 18, so this is exact
	if sum, err := x.Add(y); sum != want || (err != nil) != (refused != nil) {
		t.Errorf("%s + %s = %s %v, want %s %v", x, y, sum, err, want, refused)
	}
	if difference, err := y.Neg().Sub(x); difference != want.Neg() || (err != nil) != (refused != nil) {
		t.Errorf("-%s - %s = %s %v, want %s %v", y, x, difference, err, want.Neg(), refused)
	}
}

func decimal(t testing.TB, text string) Decimal {
	t.Helper()
	value, err := ParseDecimal(text)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func rat(t testing.TB, text string) *big.Rat {
	t.Helper()
	value, ok := new(big.Rat).SetString(text)
	if !ok {
		t.Fatal(text)
	}
	return value
}

func TestParseJSON(t *testing.T) {
	for text, says := range map[string]string{
		"": "empty", "{\"c\":\"\xcf\xf0\xe8\xe2\xe5\xf2\"}": "another charset", "  \n": "empty", "<html>": "HTML", "  <x/>": "HTML", `{"a":1,"a":2}`: "twice", `{"a":1,"\u0061":2}`: "twice",
		`{"a":1}{}`: "more after", `[1] x`: "more after", `{"a":`: "breaks off", `{"a":NaN}`: "broken", `[01]`: "broken", `{'a':1}`: "broken", `[1,]`: "broken",
		`"` + "\x01" + `"`: "broken", strings.Repeat("[", 65): "deeper", strings.Repeat("[", 100_000): "deeper", "\xff\xfe{\x00": "breaks off",
	} {
		value, err := ParseJSON([]byte(text), Limits{Depth: 64})
		if err == nil || !strings.Contains(err.Error(), says) || value != (Value{}) {
			t.Errorf("%.30q: %v, want %q", text, err, says)
		}
	}
	value := parsed(t, "\ufeff"+`{"big":9007199254740993,"huge":1e400,"bad":"`+"\xff"+`","lone":"\ud800","esc":"\u043f","none":null,"yes":true,"list":[1,[2]],"":5}`)
	for name, want := range map[string]string{"big": "9007199254740993", "huge": "1e400", "bad": "\ufffd", "lone": "\ufffd", "esc": "п", "none": "", "yes": "true", "": "5"} {
		if got := value.Member(name).Text(); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if list := value.Member("list"); list.Len() != 2 || list.Index(1).Index(0).Text() != "2" || list.Index(2).Kind() != Missing || list.Index(-1).Kind() != Missing {
		t.Errorf("%+v", list)
	}
}

func TestPaths(t *testing.T) {
	root := parsed(t, `{"a":{"b":[{"c":1},{"c":2}],"odd key":3,"12345":4},"n":null,"lists":[{"l":[1,2]},{"l":[]},{"l":[3]}],"t":"x","Имя":5}`)
	for path, want := range map[string]string{
		"a.b[1].c": "2", "a['odd key']": "3", `a["12345"]`: "4", "t": "x", "Имя": "5", "": "", "n": "",
		"a.x": "!a leads to a place where x is not there; there are: b", "a.b[2]": "!a list of 2, so [2] is not there", "t.x": "!there is a text, so x is not there",
		"zz": "!zz is not there; there are: a, n, lists, t", "n.x": "!there is null",
	} {
		compiled, err := ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := compiled.Find(root)
		if says, bad := strings.CutPrefix(want, "!"); bad != (err != nil) || (bad && !strings.Contains(err.Error(), says)) || got.Text() != map[bool]string{false: want}[bad] {
			t.Errorf("%s: %q %v, want %q", path, got.Text(), err, want)
		}
	}
	for path, want := range map[string]int{"a.b": 2, "lists[*].l": 3, "lists[*]": 3, "a": -1, "t": -1, "n": -1, "x": -1, "lists[*].x": -1, "a[*]": -1} {
		compiled, err := ParsePath(path)
		if err != nil {
			t.Fatal(err)
		}
		items, err := compiled.List(root)
		if (want < 0) != (err != nil) || (want >= 0 && len(items) != want) {
			t.Errorf("%s: %d %v, want %d", path, len(items), err, want)
		}
	}
}

func TestPathMistakes(t *testing.T) {
	for path, offset := range map[string]int{"a..b": 2, ".a": 0, "a[x]": 1, "a[-1]": 1, "a b": 1, "a.": 2, "a['x": 1, "[": 0, "a[0]b": 4, "a.1": 2} {
		_, err := ParsePath(path)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || syntax.Offset() != offset {
			t.Errorf("%s: %v", path, err)
		}
	}
	if path, _ := ParsePath("a[*].b"); path.Single() {
		t.Error("[*] is not single")
	}
	if first, rest, ok := must(ParsePath("history.data.items[*]['odd key']")).Cut(); first != "history" || rest.String() != "data.items[*]['odd key']" || !ok {
		t.Errorf("%s %s %v", first, rest, ok)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// fields is a scope of typed names.
type fields map[string]Datum

var fieldTypes = map[string]Type{"amount": TypeNumber, "used": TypeNumber, "type": TypeText, "note": TypeText, "active": TypeBool, "created": TypeTime, "expires": TypeTime, "count": TypeNumber, "date": TypeTime, "map": TypeText}

var fieldNames = []string{"amount", "used", "type", "note", "active", "created", "expires", "count", "date", "map"}

type unknownField struct{ name string }

func (e unknownField) Error() string { return "no field " + e.name }
func (e unknownField) Hint() string  { return "declare it" }

func (f fields) Resolve(ref Ref, _ Type) (int, Type, error) {
	for i, name := range fieldNames {
		if name == ref.Root && ref.Path.IsZero() && ref.Call == "" {
			return i, fieldTypes[name], nil
		}
	}
	return 0, TypeNone, unknownField{ref.String()}
}

func (f fields) Get(i int) (Datum, error) { return f[fieldNames[i]], nil }

func TestExpressions(t *testing.T) {
	at := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	env := fields{
		"amount": NumberDatum(decimal(t, "-0.1")), "used": NumberDatum(decimal(t, "0.2")),
		"type": TextDatum("ACCRUAL"), "active": BoolDatum(true), "created": TimeDatum(at),
		"map": TextDatum(""), "count": NumberDatum(decimal(t, "9007199254740993")),
	}
	for _, test := range []struct {
		source string
		want   Type
		gives  string
	}{
		{`amount < 0`, TypeBool, "true"},
		{`amount + used == 0.1`, TypeBool, "true"},
		{`amount - used`, TypeNumber, "-0.3"},
		{`-amount`, TypeNumber, "0.1"},
		{`abs(amount) % 2`, TypeNumber, "!operator %"},
		{`abs(amount)`, TypeNumber, "0.1"},
		{`count == 9007199254740993`, TypeBool, "true"},
		{`count == 9007199254740992`, TypeBool, "false"},
		{`0.1 + 0.2 == 0.3`, TypeBool, "true"},
		{`1_000 == 1e3`, TypeBool, "true"},
		{`type == "ACCRUAL" and active`, TypeBool, "true"},
		{`type == "X" || not active`, TypeBool, "false"},
		{`type != "X" && !false`, TypeBool, "true"},
		{`type in ["A", "ACCRUAL"]`, TypeBool, "true"},
		{`type not in ["A"]`, TypeBool, "true"},
		{`amount in [-0.1, 5]`, TypeBool, "true"},
		{`note in ["A"]`, TypeBool, "false"},
		{`note ?? "Бонусы"`, TypeText, "Бонусы"},
		{`map ?? type`, TypeText, "ACCRUAL"},
		{`note ?? map`, TypeText, ""},
		{`note == "x"`, TypeBool, "false"},
		{`note != "x"`, TypeBool, "false"},
		{`not (note == "x")`, TypeBool, "true"},
		{`expires > created`, TypeBool, "false"},
		{`created == created`, TypeBool, "true"},
		{`expires ?? created`, TypeTime, at.String()},
		{`"За " + lower(type)`, TypeText, "За accrual"},
		{`"За " + note`, TypeText, "none"},
		{`amount > 0 ? "plus" : "minus"`, TypeText, "minus"},
		{`amount > 0 ? created : nil`, TypeTime, "none"},
		{`amount < 0 ? nil : created`, TypeTime, "none"},
		{`(amount > 0 ? nil : note) ?? type`, TypeText, "ACCRUAL"},
		{`type contains "CRU"`, TypeBool, "true"},
		{`type startsWith "ACC"`, TypeBool, "true"},
		{`type endsWith "x"`, TypeBool, "false"},
		{`type matches "^ACC"`, TypeBool, "true"},
		{`note matches "x"`, TypeBool, "false"},
		{`upper(trim(" x "))`, TypeText, "X"},
		{`0 < used < 1`, TypeBool, "true"},
		{`active == true`, TypeBool, "true"},
		{`date == created`, TypeBool, "false"},
		{`amont < 0`, TypeBool, "!0 no field amont (declare it)"},
		{`type == "A" and usr.id == 5`, TypeBool, "!16 no field usr.id (declare it)"},
		{`amount == "5"`, TypeBool, "!10 a text cannot stand with a number in =="},
		{`"x" == amount`, TypeBool, "!7 a number cannot stand with a text"},
		{`amount`, TypeBool, "!0 true or false is wanted here, and this is a number"},
		{`amount and active`, TypeBool, "!0 true or false is wanted"},
		{`type + 5`, TypeText, "!7 a number cannot stand with a text"},
		{`-type`, TypeNumber, "!1 a number is wanted"},
		{`type in ["A", 5]`, TypeBool, "!14 a number cannot stand with a text in one list"},
		{`type in type`, TypeBool, "!8 after in a list"},
		{`type in [note]`, TypeBool, "!9 the values after in"},
		{`amount = 5`, TypeBool, "!7 the expression cannot be read"},
		{`amount ==`, TypeBool, "!the expression ends too early"},
		{``, TypeBool, "!0 the expression is empty"},
		{`foo(amount)`, TypeNumber, "!0 there is no function foo (there are abs"},
		{`filter([1], # > 0)`, TypeNumber, "!0 there is no function filter"},
		{`note == nil`, TypeBool, "!8 nil cannot be used here (exists(name)"},
		{`active ? nil : nil`, TypeTime, "!9 nil cannot be used here"},
		{`active ? nil : 5`, TypeTime, "!15 a time is wanted"},
		{`note ?? nil`, TypeText, "!8 nil cannot be used here"},
		{`note?.x`, TypeText, "!6 ?. is not needed"},
		{`active < active`, TypeBool, "! < does not order"},
		{`created - created`, TypeTime, "!8 - does not work on a time"},
		{`type matches "("`, TypeBool, "!13 the pattern cannot be read"},
		{`active ? 1 : "x"`, TypeNumber, "!13 a number is wanted"},
		{`let x = 1; x == 1`, TypeBool, "!form of expression is not supported"},
		{`"ыы" == amount`, TypeBool, "!10 a number cannot"},
		{`1e400 == amount`, TypeBool, "!0 1e400: it has more than 18 digits"},
		{`{"a": 1}`, TypeBool, "!form of expression"},
		{`len(type) > 1`, TypeBool, "!4 no field len(type)"},
		{`abs(amount, used)`, TypeNumber, "!0 abs takes a number, not 2 arguments (for example abs(amount))"},
	} {
		if got := evaluated(test.source, test.want, env); got != test.gives && !(strings.HasPrefix(test.gives, "!") && strings.Contains(got, strings.TrimPrefix(test.gives, "!"))) {
			t.Errorf("%s: %s\nwant %s", test.source, got, test.gives)
		}
	}
}

func evaluated(source string, want Type, env fields) string {
	expression, err := Compile(source, want, env)
	var syntax *SyntaxError
	if errors.As(err, &syntax) {
		text := fmt.Sprintf("!%d %s", syntax.Offset(), syntax)
		if syntax.Hint() != "" {
			text += " (" + syntax.Hint() + ")"
		}
		return text
	}
	value, err := expression.Eval(env)
	if err != nil {
		return err.Error()
	}
	return map[Type]string{
		TypeNone: "none", TypeText: value.Text, TypeNumber: value.Number().String(), TypeBool: fmt.Sprint(value.Bool()), TypeTime: value.Time().String(),
	}[value.Type]
}

func TestConditions(t *testing.T) {
	answer := Answer{Status: 404, Header: func(name string) string {
		return map[string]string{"X-State": "gone", "X-Count": "5"}[name]
	}, Body: parsed(t, `{"ok":false,"code":"20","n":3,"zero":0,"list":[1],"none":null,"obj":{"a":1},"empty":"","word":"true","a b":1}`)}
	for source, want := range map[string]string{
		`status == 404`: "true", `status >= 500`: "false", `status in [404, 410]`: "true", `header['X-State'] == "gone"`: "true", `header['X-Count'] > 4`: "true",
		`header['X-None'] == ""`: "false", `body.ok == false`: "true", `not body.ok`: "true", `body.code > 0`: "true", `body.code == "20"`: "true", `body.n == "3"`: "true",
		`body.missing > 0`: "false", `body.missing != "x"`: "false", `body.none != "x"`: "false", `exists(body.none)`: "false", `exists(body.zero)`: "true",
		`exists(body.a.b.c)`: "false", `exists(header['X-State'])`: "true", `len(body.list) == 1`: "true", `len(body.obj) == 1`: "true", `body.word == true`: "true",
		`body['a b'] == 1`: "true", `body.list[0] == 1`: "true", `body.empty > 0`: "false", `body.n > body.zero`: "true", `0 < body.n`: "true",
		`body.n - 1 == 2`: "true", `status == 404 and body.code == "20"`: "true", `body.missing == false or body.ok == false`: "true",
		`len(body.missing) == 0`: "!missing is not there", `len(body.n) == 0`: "!not a list", `body.obj == "x"`: "!body.obj is an object that cannot be taken for a text",
		`body.word > 0`: "!cannot be taken for a number", `body.n == true`: "!cannot be taken for true or false",
	} {
		condition, err := ParseCondition(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
			continue
		}
		holds, err := condition.Holds(answer)
		if says, bad := strings.CutPrefix(want, "!"); bad != (err != nil) || (bad && !strings.Contains(err.Error(), says)) || (!bad && fmt.Sprint(holds) != want) {
			t.Errorf("%s: %v %v, want %s", source, holds, err, want)
		}
	}
	for source, says := range map[string]string{"user == 1": "nothing is called", "header == 1": "header['X-Name']", "body.x": "", "status": "true or false", "len(header['x']) == 1": "nothing is called"} {
		if _, err := ParseCondition(source); (err == nil) != (says == "") || (err != nil && !strings.Contains(err.Error(), says)) {
			t.Errorf("%s: %v", source, err)
		}
	}
	if holds, err := (Condition{}).Holds(answer); holds || err != nil {
		t.Error("no condition never holds")
	}
}

func TestPicks(t *testing.T) {
	answer := Answer{Status: 200, Header: func(name string) string { return map[string]string{"X-Next": "7"}[name] }, Body: parsed(t, `{"a":[{"id":5}],"n":null}`)}
	for source, want := range map[string]string{"status": "200", "header['X-Next']": "7", "body.a[0].id": "5", "body.n": "", "header['X']": "!no such header", "body.x": "!x is not there"} {
		var pick Pick
		if err := pick.UnmarshalText([]byte(source)); err != nil {
			t.Fatal(err)
		}
		value, err := pick.From(answer)
		if says, bad := strings.CutPrefix(want, "!"); bad != (err != nil) || (bad && !strings.Contains(err.Error(), says)) || (!bad && value.Text() != want) {
			t.Errorf("%s: %q %v", source, value.Text(), err)
		}
	}
	for _, source := range []string{"", "1", "body.a == 1", "foo.x", "header", "len(body.a)", "a b"} {
		if err := new(Pick).UnmarshalText([]byte(source)); err == nil {
			t.Errorf("%q was taken", source)
		}
	}
}

func TestExtract(t *testing.T) {
	plan := Plan{Sources: []Source{{Records: must(ParsePath("items"))}}, Fields: []Path{must(ParsePath("id")), must(ParsePath("a.b"))}}
	records, err := plan.Extract(0, parsed(t, `{"items":[{"id":1,"a":{"b":"x"},"more":[]},"text",null,{}]}`))
	if err != nil || len(records) != 4 {
		t.Fatal(records, err)
	}
	if records[0].Field(0).Text() != "1" || records[0].Field(1).Text() != "x" || records[0].Field(9).Kind() != Missing || records[3].Field(0).Kind() != Missing {
		t.Errorf("%+v", records)
	}
	if records[1].Problem() != "is a text, not an object" || records[2].Problem() != "is null, not an object" || records[3].Problem() != "" {
		t.Errorf("%+v", records)
	}
}

func FuzzParseJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,"x",null,true,{"b":-1.5e3}]}`, `[[[]]]`, "\ufeff{}", `{"a":1,"a":2}`, `<x>`, ``, `"\ud800"`} {
		f.Add([]byte(seed))
	}
	path := must(ParsePath("a[*].b"))
	f.Fuzz(func(t *testing.T, body []byte) {
		value, err := ParseJSON(body, Limits{Depth: 8})
		if err != nil && value.Kind() != Missing {
			t.Error("an error and a value")
		}
		_, _ = path.List(value)
		_, _ = Plan{Sources: []Source{{}}, Fields: []Path{path}}.Extract(0, value)
	})
}

func FuzzPath(f *testing.F) {
	for _, seed := range []string{"a.b[0].c", "a['x y'][*]", "..", "[", "Ы.x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		path, err := ParsePath(source)
		if err != nil {
			return
		}
		if again, err := ParsePath(path.written(len(path.steps))); err == nil && len(again.steps) != len(path.steps) {
			t.Errorf("%q is written %q", source, path.written(len(path.steps)))
		}
	})
}

func FuzzCompile(f *testing.F) {
	for _, seed := range []string{`amount < 0`, `type in ["A"]`, `note ?? "x"`, `abs(-amount)`, `ы == 1`, `format(created, "unix")`, `created + days(1)`, `hash("md5", first(type, 2))`, `number(note)`, `text(active)`, `{{`, `"`, `a ? b : c`, "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		for _, want := range []Type{TypeNone, TypeText, TypeNumber, TypeBool, TypeTime, TypeSpan} {
			expression, err := Compile(source, want, fields{})
			var syntax *SyntaxError
			switch {
			case err == nil:
				if value, err := expression.Eval(fields{}); err == nil && value.Type != expression.Type() && value.Type != TypeNone || want != TypeNone && expression.Type() != want {
					t.Errorf("%q gives %s and says %s, wanted is %s", source, value.Type, expression.Type(), want)
				}
			case !errors.As(err, &syntax):
				t.Errorf("%q: an error without a place: %v", source, err)
			case syntax.Offset() < 0 || syntax.Offset() > len(source):
				t.Errorf("%q: offset %d", source, syntax.Offset())
			}
		}
	})
}

func FuzzDecimal(f *testing.F) {
	for _, seed := range []string{"1", "-0.000000000000000001", "-0.5", "1e5", "1e400", "999999999999999999", "x"} {
		f.Add(seed, seed)
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		x, errX := ParseDecimal(a)
		y, errY := ParseDecimal(b)
		if errX != nil || errY != nil {
			return
		}
		if again, err := ParseDecimal(x.String()); err != nil || again != x {
			t.Errorf("%q is written %s", a, x)
		}
		if x.Cmp(y) != rat(t, x.String()).Cmp(rat(t, y.String())) {
			t.Errorf("%s cmp %s", x, y)
		}
		checkSum(t, x, y)
	})
}

// TestPlainDecimals: what is read in a shorter way is read alike.
func TestPlainDecimals(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // a test
	plain := 0
	for range 200_000 {
		text := make([]byte, random.IntN(20))
		for i := range text {
			text[i] = "00123456789..-+e"[random.IntN(16)]
		}
		short, is := plainDecimal(string(text))
		if !is {
			continue
		}
		plain++
		if long, err := parseDecimal(string(text)); err != nil || long != short {
			t.Fatalf("%q: %v, in any form: %v %v", text, short, long, err)
		}
	}
	if plain < 10_000 {
		t.Errorf("only %d of them were plain", plain)
	}
}
