package adapter

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"bonus-adapter/crm"
	"bonus-adapter/document"
	"bonus-adapter/mapping"
)

func TestRequests(t *testing.T) {
	for body, want := range map[string]string{
		`{"userIdentifier":"12345"}`:                              "12345",
		` {"userIdentifier" : "12345" } ` + "\n":                  "12345",
		`{"userIdentifier":"12345","installId":{"a":[1]},"x":1}`:  "12345",
		`{"userIdentifier":42}`:                                   "42",
		`{"userIdentifier":9007199254740993}`:                     "9007199254740993",
		`{"userIdentifier":-5}`:                                   "-5",
		`{"userIdentifier":"007"}`:                                "007",
		`{"userIdentifier":" a "}`:                                " a ",
		`{"userIdentifier":"Привет 🙂"}`:                           "Привет 🙂",
		`{"userIdentifier":"\u0031"}`:                             "1",
		`{"userIdentifier":"{{ user }}"}`:                         "{{ user }}",
		`{"x":1,"x":2,"userIdentifier":"1"}`:                      "1",
		`{"userIdentifier":"` + strings.Repeat("x", 256) + `"}`:   strings.Repeat("x", 256),
		`{"userIdentifier":"` + strings.Repeat("x", 257) + `"}`:   "!longer than 256",
		`{"userIdentifier":"` + strings.Repeat("x", 10000) + `"}`: "!longer than 256",
		`{"userIdentifier":"` + strings.Repeat("ы", 129) + `"}`:   "!longer than 256",
		`{"userIdentifier":""}`:                                   "!empty",
		`{"userIdentifier":"  "}`:                                 "!empty",
		`{}`:                                                      "!missing",
		`{"UserIdentifier":"1"}`:                                  "!missing",
		`{"userIdentifier":null}`:                                 "!a text or an integer",
		`{"userIdentifier":true}`:                                 "!a text or an integer",
		`{"userIdentifier":{}}`:                                   "!a text or an integer",
		`{"userIdentifier":{"$gt":null}}`:                         "!a text or an integer",
		`{"userIdentifier":[]}`:                                   "!a text or an integer",
		`{"userIdentifier":["1"]}`:                                "!a text or an integer",
		`{"userIdentifier":1e3}`:                                  "!a text or an integer",
		`{"userIdentifier":1.0}`:                                  "!a text or an integer",
		`{"userIdentifier":"1","userIdentifier":"1"}`:             "!twice",
		`{"userIdentifier":"1","user\u0049dentifier":"2"}`:        "!twice",
		`{"userIdentifier":"1","key":"a","key":"a"}`:              "!twice",
		`{"userIdentifier":"1","key":null}`:                       "!key must be",
		`{"userIdentifier":"a\nb"}`:                               "!character",
		`{"userIdentifier":"a\r\nX: 1"}`:                          "!character",
		`{"userIdentifier":"a\u0000"}`:                            "!character",
		`{"userIdentifier":"a\u007f"}`:                            "!character",
		`{"userIdentifier":"a\u202eb"}`:                           "!character",
		`{"userIdentifier":"a\u200db"}`:                           "!character",
		`{"userIdentifier":"a\ufeff"}`:                            "!character",
		`{"userIdentifier":"a\u2028"}`:                            "!character",
		`{"userIdentifier":"\ud800"}`:                             "!character",
		`{"userIdentifier":"` + "\xff" + `"}`:                     "!UTF-8",
		`{"userIdentifier":"1"}{}`:                                "!more after",
		`{"userIdentifier":"1"} x`:                                "!more after",
		`{"userIdentifier":"1"`:                                   "!object",
		`{"userIdentifier":"1",}`:                                 "!object",
		`{"userIdentifier":01}`:                                   "!object",
		`[{"userIdentifier":"1"}]`:                                "!object",
		`"1"`:                                                     "!object",
		`null`:                                                    "!object",
		``:                                                        "!object",
		`userIdentifier=1`:                                        "!object",
		"\ufeff" + `{"userIdentifier":"1"}`:                       "!object",
		`{"a":` + strings.Repeat("[", 20000):                      "!object",
	} {
		request, err := ParseRequest([]byte(body))
		says, bad := strings.CutPrefix(want, "!")
		if bad != (err != nil) || (bad && !strings.Contains(err.Error(), says)) || (!bad && request.UserIdentifier != want) {
			t.Errorf("%.60s: %q %v, want %.60q", body, request.UserIdentifier, err, want)
		}
	}
}

func FuzzParseRequest(f *testing.F) {
	for _, seed := range []string{`{"userIdentifier":"1","key":"k"}`, `{"userIdentifier":9007199254740993}`, `{"a":[{}],"userIdentifier":"\ud800"}`, `{"userIdentifier":"12345"}`, `{"userIdentifier":"1","a":"2"}`, `{`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if short, usual := usualRequest(body); usual {
			if long, err := parseRequest(body); err != nil || long != short {
				t.Fatalf("%q: %+v in the shorter way, %+v %v", body, short, long, err)
			}
		}
		request, err := ParseRequest(body)
		if err != nil {
			return
		}
		var loose map[string]json.RawMessage
		if json.Unmarshal(body, &loose) != nil {
			t.Fatalf("taken, and not JSON: %q", body)
		}
		if id := request.UserIdentifier; id == "" || len(id) > 256 || strings.ContainsFunc(id, unprintable) {
			t.Errorf("taken: %q", id)
		}
	})
}

func TestAnswersAreExact(t *testing.T) {
	number := func(text string) document.Decimal {
		value, err := document.ParseDecimal(text)
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	entries := []mapping.Entry{
		{Added: number("250"), Expired: number("100"), Message: `"<b>&\`, Activation: mapping.NewMoment(time.UnixMilli(1627391774032))},
		{Added: number("215.10"), Message: "ы", Expiration: mapping.NewMoment(time.UnixMilli(0))},
	}
	want := `{"bonuses":[{"added":250,"expired":100,"definitionMessage":"\"<b>&\\","activationDate":"1627391774032","expirationDate":null},` +
		`{"added":215.1,"expired":0,"definitionMessage":"ы","activationDate":null,"expirationDate":"0"}]}` + "\n"
	if got := string(render(entries)); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := string((&outcome{}).body()); got != `{"bonuses":[]}`+"\n" {
		t.Error(got)
	}
}

func TestEveryKindHasAPolicy(t *testing.T) {
	for _, kind := range crm.Kinds() {
		if policies[kind].reason == "" {
			t.Errorf("%s has no reason", kind)
		}
	}
}

func TestHashCustomer(t *testing.T) {
	if a, b := HashCustomer("k", "1"), HashCustomer("k", "2"); a == b || len(a) != 16 || a != HashCustomer("k", "1") || a == HashCustomer("other", "1") {
		t.Error(a, b)
	}
}

func FuzzAppendText(f *testing.F) {
	for _, seed := range []string{"", "Бонусы", "a\"b\\c", "\x00\n\x7f", "<&>\u2028\u2029", "\xff\ufffd🙂"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var back string
		want := string([]rune(text)) // bytes that are no UTF-8 become U+FFFD
		if err := json.Unmarshal(appendText(nil, text), &back); err != nil || back != want {
			t.Errorf("%q became %q: %v", text, back, err)
		}
	})
}
