package document

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// told gives a mistake as its offset, its message and its hint.
func told(err error) string {
	var syntax *SyntaxError
	if !errors.As(err, &syntax) {
		return fmt.Sprint(err)
	}
	return strings.TrimSuffix(fmt.Sprintf("%d %s | %s", syntax.Offset(), syntax, syntax.Hint()), " | ")
}

func TestPathMistakesAreTold(t *testing.T) {
	const (
		key = "a key or [number] is expected here in the path | for example data.items[0].id, items[*].lines or ['odd key']"
		odd = " cannot stand here in a path | a key with odd characters is written ['odd key']"
	)
	for source, want := range map[string]string{
		"a..b": "2 " + key, ".a": "0 " + key, "a.": "2 " + key, "a.1": "2 " + key, "1": "0 " + key, "[": "0 " + key, "a[x]": "1 " + key,
		"a[-1]": "1 " + key, "a['x": "1 " + key, "a[1234567890]": "1 " + key, " a": "0 " + key,
		"a b": `1 " "` + odd, "a[0]b": `4 "b"` + odd, "Имя x": `6 " "` + odd,
	} {
		if _, err := ParsePath(source); told(err) != want {
			t.Errorf("%q: %s\nwant %s", source, told(err), want)
		}
	}
}

func TestWherePathsLeadNowhere(t *testing.T) {
	root := parsed(t, `{"data":{"rows":[{"id":1}],"total":1},"n":null,"t":"x","ids":{"12345":1,"79001234567":2}}`)
	for source, want := range map[string]PathError{
		"data.items": {"data.items", "data", "items is not there; there are: rows, total"},
		"x":          {"x", "", "x is not there; there are: data, n, t, ids"},
		"data[0]":    {"data[0]", "data", "there is an object, so [0] is not there"},
		"data.rows.id": {
			"data.rows.id", "data.rows", "there is a list of 1, so id is not there",
		},
		"data.rows[3].id": {"data.rows[3].id", "data.rows", "there is a list of 1, so [3] is not there"},
		"n.x":             {"n.x", "n", "there is null, so x is not there"},
		"t['odd key']":    {"t['odd key']", "t", "there is a text, so ['odd key'] is not there"},
		`t["it's"]`:       {`t["it's"]`, "t", `there is a text, so ["it's"] is not there`},
		"ids.x":           {"ids.x", "ids", "x is not there"},
		"data.rows[*].id": {"data.rows[*].id", "data.rows", "there is a list of 1, so [*] is not there"},
	} {
		_, err := must(ParsePath(source)).Find(root)
		var got *PathError
		if !errors.As(err, &got) || *got != want {
			t.Errorf("%s: %+v", source, err)
		}
	}
}

func TestDecodeErrorsPointAtTheByte(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":1,"b":tru}`: "14 broken JSON at byte 14", "\ufeff" + `{"a":1,"b":tru}`: "17 broken JSON at byte 17", `[1 2]`: "3 broken JSON at byte 3",
		`{"a":1,"aa":2,"a":3}`: "14 a member of an object is there twice, at byte 14", `["abc`: "5 the JSON breaks off at byte 5",
		`[1]]`: "3 there is more after the JSON value", "\ufeff": "0 the body is empty", "\ufeff<p>": "0 the body is HTML or XML, not JSON",
		`["secret` + "\x01": "8 broken JSON at byte 8",
	} {
		_, err := ParseJSON([]byte(text), Limits{Depth: 4})
		var decode *DecodeError
		if !errors.As(err, &decode) || fmt.Sprintf("%d %s", decode.Offset, err) != want {
			t.Errorf("%q: %+v, want %s", text, err, want)
		}
	}
}

func TestDepthCountsContainers(t *testing.T) {
	for _, inner := range []string{"", "1", "null", `"x"`} {
		for depth, deep := range map[int]bool{1: false, 4: false, 5: true, 6: true} {
			text := strings.Repeat("[", depth) + inner + strings.Repeat("]", depth)
			if _, err := ParseJSON([]byte(text), Limits{Depth: 4}); errors.Is(err, ErrTooDeep) != deep || (err != nil) != deep {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
	if _, err := ParseJSON([]byte(`{"a":{}}`), Limits{Depth: 1}); !errors.Is(err, ErrTooDeep) {
		t.Error(err)
	}
}

func TestConditionMistakesAreTold(t *testing.T) {
	const (
		there  = "; there are status, header['X-Name'] and body.path"
		header = "0 a header is written header['X-Name']"
		quotes = ` | a text is written in quotes, a number without: "5" is a text, 5 is a number`
		number = " | a number is written 0.5, 250 or 1e3"
	)
	for source, want := range map[string]string{
		`header == "x"`: header, `header[0] == "x"`: header, `header[''] == "x"`: header, `header['a'].b == "x"`: header,
		"body.x == \n \"ы\" and foo == 1": `21 nothing is called "foo" here` + there, `status > "a"`: "9 a text cannot stand with a number in >" + quotes,
		`"5" == status`: "7 a number cannot stand with a text in ==" + quotes, `true == 1`: "8 a number cannot stand with true or false in ==",
		`status == 1e400`: "10 1e400: it has more than 18 digits", `12345678901234567890 == status`: "0 12345678901234567890: it has more than 18 digits",
		`status == 1000000000000000001`: "10 1000000000000000001: it has more than 18 digits", `status == 0x1F`: "10 0x1F: it is not a number" + number,
		`(status == 1 `: "12 the expression ends too early", `status % 2 == 1`: "7 the operator % is not supported | " + operatorHint,
		`status in 1..5`:   `11 after in a list of values is expected | for example type in ["EARN", "GIFT"]`,
		`body.a[0:2] == 1`: "0 this form of expression is not supported: body.a[0:2] | " + operatorHint,
		`body.x.y() == 1`:  "0 this form of expression is not supported: body.x.y() | " + operatorHint, `len(1) == 1`: "4 len takes a name, such as body.items",
		`body.x = 1`: `7 the expression cannot be read here: unexpected = | compare with ==`,
	} {
		if _, err := ParseCondition(source); told(err) != want {
			t.Errorf("%q: %s\nwant %s", source, told(err), want)
		}
	}
}

func TestAChoiceBetweenNamesTakesTheTypeItMeets(t *testing.T) {
	answer := Answer{Status: 200, Body: parsed(t, `{"b":"5","n":1}`)}
	for _, source := range []string{`(body.a ?? body.b) == 5`, `5 == (body.a ?? body.b)`, `(exists(body.a) ? body.a : body.b) > 4`, `(body.a ?? (body.c ?? body.b)) in [5]`} {
		if holds, err := must(ParseCondition(source)).Holds(answer); !holds || err != nil {
			t.Errorf("%s: %v %v", source, holds, err)
		}
	}
}
