package main

import (
	"errors"
	"strings"
	"testing"
	"time"

	"bonus-adapter/config"
)

// sample stands for a section: it has each kind of field that the sections use.
type sample struct {
	When     string                     `yaml:"when"`
	Keep     map[string]string          `yaml:"keep"`
	Query    map[string]string          `yaml:"query"`
	Keys     []config.Secret            `yaml:"keys"`
	Bearer   config.Secret              `yaml:"bearer"`
	Headers  map[string]config.Secret   `yaml:"headers"`
	Timeout  config.Duration            `yaml:"timeout"`
	Limit    int                        `yaml:"limit"`
	Start    *int                       `yaml:"start"`
	Optional bool                       `yaml:"optional"`
	Sub      *sample                    `yaml:"sub"`
	Steps    []sample                   `yaml:"steps"`
	Entry    entrySample                `yaml:"entry"`
	Body     treeSample                 `yaml:"body"`
	Waits    map[string]config.Duration `yaml:"waits"`
	unread   int
}

type entrySample struct {
	Message string `yaml:"definitionMessage"`
	Date    string `yaml:"activationDate"`
}

type treeSample struct{ tree config.Tree }

func (s *treeSample) UnmarshalTree(tree config.Tree) error {
	s.tree = tree
	var problems config.Problems
	for _, m := range tree.Members {
		if m.Name == "refused" {
			problems.Add("refused", "the tree refuses this").Offset = 2
		}
	}
	return problems.Err()
}

func findingsOf(text string, lookup config.Lookup) []finding {
	file, err := parseConfig("config.yaml", []byte(text))
	var target sample
	return file.report(errors.Join(err, file.decode(&target, lookup)))
}

func printed(findings []finding) string {
	var text strings.Builder
	writeFindings(&text, findings)
	return text.String()
}

func TestDecodeKeepsTheTextOfTheFile(t *testing.T) {
	text := "\ufeffwhen: 0123\r\nkeep: {a: 1e3, b: no, c: '', d: 1_000}\r\nquery:\r\n  \"page[size]\": 0x1F\r\n" +
		"start: 0\r\nlimit: -12\r\noptional: true\r\nkeys: [a, '${env:KEY}']\r\nsub:\r\nsteps: [{timeout: 2s}, *unset]\r\n"
	text = strings.Replace(text, "timeout: 2s}, *unset", "timeout: &t 2s}, {timeout: *t}", 1)
	got := sample{Limit: 7, Entry: entrySample{Message: "default"}}
	mustDecode(t, text, &got)
	switch {
	case got.When != "0123", got.Keep["a"] != "1e3", got.Keep["b"] != "no", got.Keep["c"] != "", got.Keep["d"] != "1_000":
		t.Errorf("texts: %q %q", got.When, got.Keep)
	case got.Query["page[size]"] != "0x1F", *got.Start != 0, got.Limit != -12, !got.Optional, got.Sub != nil:
		t.Errorf("values: %+v", got)
	case got.Keys[0].Reveal() != "a", got.Keys[1].Reveal() != "value of KEY":
		t.Errorf("keys: %q %q", got.Keys[0].Reveal(), got.Keys[1].Reveal())
	case len(got.Steps) != 2, time.Duration(got.Steps[1].Timeout) != 2*time.Second, got.Entry.Message != "default", got.unread != 0:
		t.Errorf("steps or defaults: %+v", got)
	}
}

func mustDecode(t *testing.T, text string, target any) {
	t.Helper()
	file, err := parseConfig("config.yaml", []byte(text))
	if err == nil {
		err = file.decode(target, testLookup)
	}
	if err != nil {
		t.Fatal(printed(file.report(err)))
	}
}

func testLookup(scheme, name string) (string, error) {
	if name == "UNSET" {
		return "", errors.New(scheme + " has no UNSET")
	}
	return "value of " + name, nil
}

func TestDecodeTree(t *testing.T) {
	var got sample
	mustDecode(t, "body:\n  z: 0123\n  a: ['1', 1.5, true, ~, no]\n  m: &m {k: v}\n  n: *m\n", &got)
	tree := got.Body.tree
	if tree.Kind != config.Map || len(tree.Members) != 4 || tree.Members[0].Name != "z" || tree.Members[0].Value.Text != "0123" {
		t.Fatalf("%+v", tree)
	}
	kinds := []config.Kind{config.Text, config.Number, config.Bool, config.Null, config.Text}
	for i, kind := range kinds {
		if got := tree.Members[1].Value.Items[i].Kind; got != kind {
			t.Errorf("item %d is %v, want %v", i, got, kind)
		}
	}
	if alias := tree.Members[3].Value; alias.Kind != config.Map || alias.Members[0].Value.Text != "v" {
		t.Errorf("alias: %+v", alias)
	}
}

func TestNothingIsAbsent(t *testing.T) {
	for _, text := range []string{"", "\n", "# only a comment\n", "---\n", "~\n", "\ufeff"} {
		got := sample{Limit: 7}
		mustDecode(t, text, &got)
		if got.Limit != 7 || got.Sub != nil {
			t.Errorf("%q gave %+v", text, got)
		}
	}
}

func TestAliasesDoNotExplode(t *testing.T) {
	text := "body:\n  - &a0 [x, x, x, x, x, x, x, x, x]\n"
	for i := range 9 {
		name, last := string(rune('b'+i)), "*"+string(rune('a'+i))
		text += "  - &" + name + " [" + strings.TrimSuffix(strings.Repeat(last+", ", 9), ", ") + "]\n"
	}
	findings := findingsOf(strings.Replace(text, "&a0", "&a", 1), nil)
	if len(findings) != 1 || !strings.Contains(findings[0].Message, "values") {
		t.Fatal(printed(findings))
	}
}

func TestReportFindsTheNearestPlace(t *testing.T) {
	file, err := parseConfig("config.yaml", []byte("crm:\n  steps:\n    - name: a\n      query: {limit: 100}\n  auth:\n"))
	if err != nil {
		t.Fatal(err)
	}
	var problems config.Problems
	problems.Add("", "whole")
	problems.Add("crm.base_url", "missing")
	problems.Add("crm.steps[0].query.limit", "exact").Offset = 2
	problems.Add("crm.steps[0].query", "key").Key = true
	problems.Add("crm.steps[0].get", "missing in an element")
	problems.Add("crm.steps[7].get", "no such element")
	problems.Add("crm.auth.bearer", "below nothing")
	problems.Add("crm.auth['odd.key']", "odd")
	problems.Add("crm.auth.bearer", "below nothing")
	problems.Add("mapping", "no such section")
	wants := []want{
		{1, 1, "whole", ""},
		{1, 1, "missing", ""},
		{1, 1, "no such section", ""},
		{2, 3, "no such element", ""},
		{3, 7, "missing in an element", ""},
		{4, 7, "key", ""},
		{4, 24, "exact", ""},
		{5, 3, "below nothing", ""},
		{5, 3, "odd", ""},
	}
	findings := file.report(problems.Err())
	if len(findings) != len(wants) {
		t.Fatalf("%d findings, want %d:\n%s", len(findings), len(wants), printed(findings))
	}
	for i, w := range wants {
		if got := findings[i]; got.Line != w.line || got.Column != w.column || got.Message != w.message {
			t.Errorf("finding %d is %+v, want %+v", i, got, w)
		}
	}
}

func TestWriteFindings(t *testing.T) {
	got := printed(findingsOf("entry: {activationDate: x}\n\nlimit: 010\n\x20whne: 1", nil)) + "\n" +
		printed([]finding{{File: "f", Line: 2, Column: 3, Message: "m", Source: "\tя b"}})
	want := "config.yaml:4:6: YAML does not expect a key here\n" +
		"     whne: 1\n         ^\n" +
		"    hint: indent it like the keys beside it; a text that holds a colon must be quoted\n" +
		"\nf:2:3: m\n    \tя b\n    \t ^\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	long := printed([]finding{{File: "f", Line: 1, Column: 501, Source: strings.Repeat("x", 500) + "!" + strings.Repeat("y", 500)}})
	rows := strings.Split(long, "\n")
	if rows[1][strings.Index(rows[2], "^")] != '!' || len(rows[1]) > 170 {
		t.Errorf("a long line is shown as\n%s", long)
	}
}

// secretValue must not be printed, wherever it stands and whatever else is wrong.
const secretValue = "hunter2secret"

func TestSecretsAreNotPrinted(t *testing.T) {
	lookup := func(_, name string) (string, error) {
		if name == "UNSET" {
			return secretValue, errors.New("unset")
		}
		return secretValue, nil
	}
	for _, text := range []string{
		"bearer: ${env:A}${env:UNSET}\nfoo: 1\n",
		"headers: {X: \"${env:A}\"}\nlimit: x\n",
		"keys: " + secretValue, "keys: [{a: " + secretValue + "}]", "keys: {a: " + secretValue + "}",
		"bearer: [" + secretValue + "]", "bearr: " + secretValue, "headers: " + secretValue,
		"sub: {when: [a], bearer: " + secretValue + "}\n", "sub: {foo: 1, bearer: '" + secretValue + "'}\n",
		"sub: {bearer: \"" + secretValue + "\", keep: {a: f(b, c)}}\n",
		"sub: {bearer: !x " + secretValue + "}\n", "sub: &a {bearer: " + secretValue + ", foo: 1}\nsteps: [*a]\n",
		"headers:\n  a: |\n    " + secretValue + "\n  a: x\nfoo: 1\n",
	} {
		findings := findingsOf(text, lookup)
		if shown := printed(findings); len(findings) == 0 || strings.Contains(shown, secretValue) {
			t.Errorf("%q is reported as\n%s", text, shown)
		}
	}
}

func TestReferencesAreResolvedAtTheirPlace(t *testing.T) {
	findings := findingsOf("bearer: ${env:A} ${env:UNSET}\nkeys:\n  - \"${file:UNSET}\"\n", testLookup)
	if len(findings) != 2 || findings[0].Column != 18 || findings[1].Line != 3 || findings[1].Place != "keys[0]" {
		t.Fatal(printed(findings))
	}
}

func FuzzDecode(f *testing.F) {
	for _, c := range brokenFiles {
		f.Add(c.yaml)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, err := parseConfig("config.yaml", []byte(text))
		var target sample
		err = errors.Join(err, file.decode(&target, testLookup))
		findings := file.report(err)
		if (err == nil) != (len(findings) == 0) {
			t.Fatalf("%v was reported as %d findings", err, len(findings))
		}
		_ = printed(findings)
		for _, one := range findings {
			if one.Line < 1 || one.Line > len(file.lines) || one.Column < 1 || one.Column > len([]rune(file.lines[one.Line-1]))+1 {
				t.Errorf("a finding outside of the file: %+v", one)
			}
		}
	})
}
