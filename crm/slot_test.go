package crm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// world is the names of a test, all of them open, with their values.
type world struct {
	names *names
	env   *env
}

func newWorld() *world {
	w := &world{names: newNames(), env: &env{}}
	w.names.open = fromUser | fromStep | fromEach | fromAuth | fromPage | fromWindow
	w.names.add("card.id", document.TypeText, fromStep)
	w.names.add("each", document.TypeText, fromEach)
	w.names.add("auth.token", document.TypeText, fromAuth)
	w.names.add("values.key", document.TypeText, 0)
	w.env.data = make([]document.Datum, len(w.names.known))
	w.env.data[nowSlot] = document.TimeDatum(time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC))
	for name, value := range map[string]string{"user": "ab12", "uuid": "u-u", "card.id": "7", "each": "e", "auth.token": "T", "values.key": "it's"} {
		w.set(name, value)
	}
	return w
}

func (w *world) set(name, value string) { w.env.set(w.names.find(name), value) }

// treeOf reads the JSON of a tree, in the order of its keys.
func treeOf(t testing.TB, text string) config.Tree {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	return nextTree(t, decoder)
}

func nextTree(t testing.TB, decoder *json.Decoder) (tree config.Tree) {
	t.Helper()
	token, err := decoder.Token()
	if err != nil {
		t.Fatal(err)
	}
	switch token := token.(type) {
	case json.Delim:
		tree.Kind = map[json.Delim]config.Kind{'{': config.Map, '[': config.List}[token]
		for decoder.More() {
			if tree.Kind == config.List {
				tree.Items = append(tree.Items, nextTree(t, decoder))
				continue
			}
			key, _ := decoder.Token()
			tree.Members = append(tree.Members, config.Branch{Name: key.(string), Value: nextTree(t, decoder)})
		}
		_, _ = decoder.Token()
	case string:
		tree = config.Tree{Kind: config.Text, Text: token}
	case json.Number:
		tree = config.Tree{Kind: config.Number, Text: token.String()}
	case bool:
		tree = config.Tree{Kind: config.Bool, Text: fmt.Sprint(token)}
	}
	return tree
}

func treeInto(t testing.TB, target config.TreeUnmarshaler, text string) {
	t.Helper()
	if err := target.UnmarshalTree(treeOf(t, text)); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func templateOf(t testing.TB, text string) (made Template) {
	t.Helper()
	if err := made.UnmarshalText([]byte(text)); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return made
}

// bound compiles a template that has no problems.
func (w *world) bound(t testing.TB, text string) Template {
	t.Helper()
	var problems config.Problems
	made := templateOf(t, text)
	made.bind("x", w.names, &problems)
	if err := problems.Err(); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return made
}

// hasProblem asks for a problem at place that says something.
func hasProblem(t testing.TB, err error, place, says string) {
	t.Helper()
	for _, problem := range config.All(err) {
		if problem.Place == place && strings.Contains(problem.Error(), says) {
			return
		}
	}
	t.Errorf("no problem at %s saying %q in: %v", place, says, err)
}

func TestQuotesDecideWhatStandsBetweenThem(t *testing.T) {
	for _, test := range []struct{ template, value, want string }{
		{"{{ user }}", `a'"\;= ` + "\n", `a'"\;= ` + "\n"},
		{"{{ digits(user) }}", "no number", "!nothing is left of the customer's id"},
		{"{{ digits(user) }}", "+7 900", "7900"},
		{"Ref eq '{{ digits(user) }}'", "x", "!nothing is left"},
		{"Ref eq '{{ user }}'", "O'Neil", "Ref eq 'O''Neil'"},
		{"Ref eq 'card {{ user }} of'", "' or 1 eq 1 or '", "Ref eq 'card '' or 1 eq 1 or '' of'"},
		{"Ref eq '{{ user }}'", `a\`, "!between quotes"},
		{"Ref eq '{{ user }}'", "a\nb", "!between quotes"},
		{"Ref eq '{{ user }}'", `a"b`, `Ref eq 'a"b'`},
		{"Ref eq guid'{{ user }}'", "38d6-AF", "Ref eq guid'38d6-AF'"},
		{"Ref eq guid'{{ user }}'", "38d6'", "!hexadecimal"},
		{"Ref eq GUID'{{ user }}'", "xyz", "!hexadecimal"},
		{"Ref eq guid'{{ user }}'", "", "!hexadecimal"},
		{"a eq 'x' and Ref eq guid'{{ user }}' and b eq 'y'", "z", "!hexadecimal"},
		{"a eq guid'{{ uuid }}' and Ref eq '{{ user }}'", "z", "a eq guid'u-u' and Ref eq 'z'"},
		{`{"id":"{{ user }}"}`, "O'Neil ;", `{"id":"O'Neil ;"}`},
		{`{"id":"{{ user }}"}`, `a","b":"`, "!quote"},
		{`{"id":"{{ user }}"}`, `a\`, "!between quotes"},
		{`{"id":"{{ user }}"}`, "a\tb", "!between quotes"},
		{`{"id":"id eq '{{ user }}'"}`, "O'Neil", `{"id":"id eq 'O''Neil'"}`},
		{`{"id":"id eq '{{ user }}'"}`, `"`, "!quote"},
		{`{"a":"it's","id":"{{ user }}"}`, "O'Neil", `{"a":"it's","id":"O'Neil"}`},
		{`it's {{ user }}`, "O'Neil", "!among other text"},
		{`it's "{{ user }}"`, "O'Neil", `it's "O'Neil"`},
		{`a '"' b {{ user }} c`, "'", "!among other text"},
		{"agent=https://x/{{ user }};y=1", "a-b_c.d@e+f:g/hЖ7", "agent=https://x/a-b_c.d@e+f:g/hЖ7;y=1"},
		{"agent={{ user }}", "", "!among other text"},
		{"agent={{ user }}", "a;b", "!among other text"},
		{"agent={{ user }}", "a\xff", "!among other text"},
		{"{{ user }}{{ card.id }}", "a b", "!among other text"},
		{"a={{ user + \"7\" }}", "a b", "!among other text"},
		{"a='{{ values.key }}' and {{ user }}", "b", "a='it's' and b"},
		{"a={{ values.key }} {{ format(now, \"02.01.2006\") }}", "", "a=it's 03.02.2026"},
	} {
		w := newWorld()
		template := w.bound(t, test.template)
		w.set("user", test.value)
		got, failed := template.fill(w.env, plain())
		says, refused := strings.CutPrefix(test.want, "!")
		switch {
		case refused && (failed == nil || failed.Kind != BadCustomer || !strings.Contains(failed.Error(), says)):
			t.Errorf("%s with %q: %q %v, want %s", test.template, test.value, got, failed, test.want)
		case !refused && (failed != nil || got != test.want):
			t.Errorf("%s with %q: %q %v, want %q", test.template, test.value, got, failed, test.want)
		}
	}
}

func TestASlotInAPath(t *testing.T) {
	for _, test := range []struct{ template, value, want string }{
		{"/c/{{ user }}/x", "a b;'(", "/c/a%20b%3B%27%28/x"},
		{"/c/{{ user }}", "..", "!dots"},
		{"/c/{{ user }}", "a/b", "!/"},
		{"/c/{{ user }}", "", "!empty"},
		{"/c/{{ user }}.json", "a b", "!among other text"},
		{"/c/{{ user }}.json", "a@b", "/c/a@b.json"},
		{"/c/{{ user }}.json", "a/b", "!/"},
		{"/Catalog_Карты(guid'{{ user }}')/Owner", "ab-12", "/Catalog_%D0%9A%D0%B0%D1%80%D1%82%D1%8B(guid'ab-12')/Owner"},
		{"/Catalog(guid'{{ user }}')", "x", "!hexadecimal"},
		{"/Customers('{{ user }}')", "O'Neil", "!quote"},
		{"/Customers('{{ user }}')", "O Neil", "/Customers('O%20Neil')"},
		{"/Customers({{ user }})", "1,a=2", "!among other text"},
		{"/a b/100%/%D0%90[x]/{{ user }}", "z", "/a%20b/100%25/%D0%90%5Bx%5D/z"},
	} {
		w := newWorld()
		template := w.bound(t, test.template)
		w.set("user", test.value)
		got, failed := template.fill(w.env, inPath())
		says, refused := strings.CutPrefix(test.want, "!")
		if refused != (failed != nil) || refused && !strings.Contains(failed.Error(), says) || !refused && got != test.want {
			t.Errorf("%s with %q: %q %v, want %s", test.template, test.value, got, failed, test.want)
		}
	}
}

func TestWhoseMistakeAnEmptySlotIs(t *testing.T) {
	for text, want := range map[string]Kind{
		"{{ user }}": BadCustomer, "{{ card.id }}": DecodeFailed, "{{ each }}": DecodeFailed, "{{ auth.token }}": DecodeFailed,
		"{{ user + card.id }}": DecodeFailed, "{{ user + auth.token }}": BadCustomer, "{{ page.cursor }}": DecodeFailed,
		"{{ number(user) }}": BadCustomer,
	} {
		w := newWorld()
		template := w.bound(t, "a={{ now == now }}&"+text)
		w.env.data = make([]document.Datum, len(w.env.data))
		w.set("user", "") // number("") fails; the others have none
		if text != "{{ number(user) }}" {
			w.env.data[userSlot] = document.Datum{}
		}
		if _, failed := template.fill(w.env, plain()); failed == nil || failed.Kind != want {
			t.Errorf("%s: %v, want %s", text, failed, want)
		}
	}
}

func TestATemplateKnowsItsSources(t *testing.T) {
	w := newWorld()
	w.names.used = fromEach
	template := w.bound(t, "{{ user }} {{ auth.token + card.id }} {{ now == now }}")
	if template.sources() != fromUser|fromAuth|fromStep || w.names.used != fromUser|fromAuth|fromStep|fromEach {
		t.Errorf("%b, used %b", template.sources(), w.names.used)
	}
	if from := template.parts[4].from; from != 0 {
		t.Errorf("now is from %b", from)
	}
}

func TestAbsentAndTyped(t *testing.T) {
	w := newWorld()
	for text, want := range map[string]bool{
		"{{ page.cursor }}": true, "{{ page.number }}": true, "x{{ page.cursor }}": false, "{{ page.cursor + user }}": false,
		"{{ page.cursor ?? \"0\" }}": false, "x": false, "": false, "{{ user }}": false,
	} {
		template := w.bound(t, text)
		if got := template.absent(w.env); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	w.set("user", "0012.50")
	for text, want := range map[string]string{
		"{{ number(user) }}": "12.5 true", "{{ user == \"a\" }}": "false true", "{{ user }}": " false", "a{{ number(user) }}": " false",
	} {
		template := w.bound(t, text)
		if got, ok, failed := template.datum(w.env); failed != nil || fmt.Sprint(got, ok) != want {
			t.Errorf("%s: %v %v %v, want %s", text, got, ok, failed, want)
		}
	}
	w.set("user", "x")
	template := w.bound(t, "{{ number(user) }}")
	if _, _, failed := template.datum(w.env); failed == nil || failed.Kind != BadCustomer || strings.Contains(failed.Error(), "x.") {
		t.Error(failed)
	}
}

func TestTemplateProblems(t *testing.T) {
	for text, want := range map[string]struct {
		offset int
		says   string
	}{
		"{{ user": {0, "no closing"}, "a{{ }}": {1, "empty slot"}, `{{ hmac("sha256", "${env:K}", user) }}`: {19, "inside a slot"},
		"{{ now }}":             {3, `format(now, "2006-01-02")`},
		"a {{ window.from }}":   {5, `format(window.from, "2006-01-02")`},
		"{{ days(3) }}":         {3, "a span of time"},
		"{{ user }}{{ usr }}":   {13, "did you mean user?"},
		"{{ request.body }}":    {3, "only in headers"},
		"ab ${env:X":            {3, "no closing"},
		"{{ user }} ab ${nope}": {14, "not a reference"},
	} {
		w := newWorld()
		var problems config.Problems
		var template Template
		problems.AddError("x", template.UnmarshalText([]byte(text)))
		template.bind("x", w.names, &problems)
		hasProblem(t, problems.Err(), "x", want.says)
		if all := config.All(problems.Err()); len(all) != 1 || all[0].Offset != want.offset {
			t.Errorf("%s: %v at %d", text, all, all[0].Offset)
		}
	}
}

func TestACredentialCannotBePrinted(t *testing.T) {
	lookup := func(string, string) (string, error) { return "hunter2", nil }
	for text, want := range map[string]string{
		"": "", "hunter2": "***", "x${env:K}y": "x${env:K}y", "{{ auth.token }}": "{{ auth.token }}", "Key {{ auth.token }}": "***",
		` {{ auth.token }} `: ` {{ auth.token }} `, `{{ hmac("sha256", "hunter2", user) }}`: "***",
		"{{ user }}:${env:K}": "{{ user }}:${env:K}",
	} {
		var made Credential
		if err := made.UnmarshalText([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if err := made.Resolve(lookup); err != nil {
			t.Fatal(err)
		}
		shown := struct{ C Credential }{made}
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if text := fmt.Sprintf(verb, shown); strings.Contains(text, "hunter2") || strings.Contains(text, fmt.Sprintf("%x", "hunter2")) {
				t.Errorf("%s prints %s", verb, text)
			}
		}
		encoded, _ := made.MarshalText()
		if made.String() != want || !bytes.Equal(encoded, []byte(want)) || made.IsZero() != (text == "") {
			t.Errorf("%q: %q %q, want %q", text, made, encoded, want)
		}
	}
	w := newWorld()
	var made Credential
	_ = made.UnmarshalText([]byte("Token ${env:K}:{{ auth.token }}"))
	_ = made.Resolve(lookup)
	made.bind("x", w.names, &config.Problems{})
	if text, failed := made.fill(w.env, inHeader()); failed != nil || text != "Token hunter2:T" {
		t.Errorf("%q %v", text, failed)
	}
}

func TestAValueOfTheConfigIsHeldToItsQuotesToo(t *testing.T) {
	w := newWorld()
	filter := w.bound(t, "id eq '{{ user }}'")
	index := w.names.add("values.filter", document.TypeText, filter.sources())
	w.env.data = append(w.env.data, document.Datum{})
	w.env.computed = map[int]*Template{index: &filter}
	w.set("user", "O'Neil")
	lone := w.bound(t, "{{ values.filter }}")
	if text, failed := lone.fill(w.env, inQuery()); failed != nil || text != "id+eq+%27O%27%27Neil%27" {
		t.Errorf("%q %v", text, failed)
	}
	if mixed := w.bound(t, "x;{{ values.filter }}"); mixed.sources() != fromUser {
		t.Error("the value is the caller's")
	} else if _, failed := mixed.fill(w.env, inQuery()); failed == nil || failed.Kind != BadCustomer {
		t.Error(failed)
	}
}
