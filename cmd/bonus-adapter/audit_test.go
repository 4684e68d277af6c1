package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var adviceSection = regexp.MustCompile(`(?m)^## (A\d+) (\w+): (.*)$`)

// TestEveryAdviceIsExplained reads docs/audit.md: every rule stands there, with an example that it is given for and one
// that it is not.
func TestEveryAdviceIsExplained(t *testing.T) {
	text, err := os.ReadFile("../../docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	var numbers []string
	sections := adviceSection.FindAllStringSubmatchIndex(string(text), -1)
	for i, at := range sections {
		end := len(text)
		if i+1 < len(sections) {
			end = sections[i+1][0]
		}
		number, severity := string(text[at[2]:at[3]]), string(text[at[4]:at[5]])
		numbers = append(numbers, number+" "+severity)
		examples := exampleBlock.FindAllStringSubmatch(string(text[at[0]:end]), -1)
		if len(examples) != 2 {
			t.Errorf("%s has %d examples", number, len(examples))
			continue
		}
		bad, good := advised(t, examples[0]), advised(t, examples[1])
		if !slices.Contains(bad, number) {
			t.Errorf("%s is not given for its bad example: %v", number, bad)
		}
		if slices.Contains(good, number) {
			t.Errorf("%s is given for its good example", number)
		}
	}
	var rules []string
	for _, rule := range auditRules() {
		rules = append(rules, rule.number+" "+rule.severity)
	}
	if !slices.Equal(numbers, rules) {
		t.Errorf("docs/audit.md explains\n%v\nthere are\n%v", numbers, rules)
	}
}

var exampleBlock = regexp.MustCompile("(?s)```(yaml|text)\n(.*?)```")

// advised gives the numbers of the advice about an example, which is a part of a config or a list of files.
func advised(t *testing.T, example []string) []string {
	t.Helper()
	dir, config := t.TempDir(), completed("")
	if example[1] == "yaml" {
		config = completed(example[2])
	}
	for _, name := range strings.Fields(example[2]) {
		if example[1] == "text" {
			writeFile(t, filepath.Join(dir, name), "")
		}
	}
	name := filepath.Join(dir, "config.yaml")
	writeFile(t, name, strings.Replace(config, "keys: [k]", `keys: ["${env:K}"]`, 1))
	out, _ := runs(t, "check", "--audit", "--json", name)
	var found checked
	if err := json.Unmarshal([]byte(out), &found); err != nil || len(found.Problems) > 0 {
		t.Fatalf("%v\n%s\n%s", err, out, config)
	}
	var numbers []string
	for _, one := range found.Advice {
		numbers = append(numbers, one.Number)
		if one.Hint == "" || one.Line == 0 {
			t.Errorf("%s says not what to do, or where", one.Number)
		}
	}
	return numbers
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestAuditExits compares what becomes of advice with its severity.
func TestAuditExits(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "config.yaml")
	writeFile(t, name, completed("crm:\n  base_url: http://crm.example.ru\n  auth: { bearer: \"${env:T}\" }\n  steps: [{ name: history, get: \"/x/{{ user }}\" }]\nadapter:\n  keys: [\"${env:K}\"]\n"))
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, 0, "fine"},
		{[]string{"--audit"}, 1, "A01 high: requests go over http://"},
		{[]string{"--audit", "--ignore", "a01,A05"}, 0, "0 high, 1 medium, 4 low, 2 ignored"},
		{[]string{"--audit", "--ignore", "A77"}, 2, "there is no advice A77; there is A01 to A20"},
		{[]string{"--audit", "--json"}, 1, `"number": "A01"`},
		{[]string{"--json"}, 0, `"ok": true`},
	} {
		if out, code := runs(t, append([]string{"check", name}, c.args...)...); code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("%v: exit %d\n%s", c.args, code, out)
		}
	}
	writeFile(t, name, "adapter:\n  kees: [k]\n")
	out, code := runs(t, "check", "--json", name)
	var found checked
	if err := json.Unmarshal([]byte(out), &found); err != nil || code != 1 || found.OK || !slices.ContainsFunc(found.Problems, func(f finding) bool { return f.Line == 2 && f.Hint == "did you mean keys?" }) {
		t.Errorf("exit %d, %v\n%s", code, err, out)
	}
}

// TestPresetsAreOfNoDanger asks for advice about every preset.
func TestPresetsAreOfNoDanger(t *testing.T) {
	for _, preset := range allPresets(t) {
		if out, code := runs(t, "check", "--audit", filepath.Join("..", "..", "presets", preset.Name, "config.yaml")); code != 0 {
			t.Errorf("%s\n%s", preset.Name, out)
		}
	}
}
