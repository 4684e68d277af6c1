package console

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bonus-adapter/adapter"
)

// told is what a reason means, and what to do about it.
type told struct{ what, todo string }

var (
	languagesIn = regexp.MustCompile(`(?ms)^  (\w\w): \{\n(.*?)^  \},`)
	reasonsIn   = regexp.MustCompile(`(?m)^    "(\w+)": \["([^"]+)", "([^"]+)"\],$`)
	rowsIn      = regexp.MustCompile("(?m)^\\| (`[a-z_`, ]+`) \\| (.+) \\| (.+) \\|$")
	linkBehind  = regexp.MustCompile(`: \[[^\]]*\]\([^)]*\)`)
)

// TestThePageTellsWhatOperationsTells compares static/causes.js with the table of docs/operations.md, and both with the
// reasons that there are.
func TestThePageTellsWhatOperationsTells(t *testing.T) {
	page, err := static.ReadFile("static/causes.js")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]told{}
	for _, row := range rowsIn.FindAllStringSubmatch(string(text), -1) {
		for name := range strings.SplitSeq(row[1], ", ") {
			plain := func(cell string) string { return strings.ReplaceAll(linkBehind.ReplaceAllString(cell, ""), "`", "") }
			documented[strings.Trim(name, "`")] = told{plain(row[2]), plain(row[3])}
		}
	}
	shown := map[string]map[string]told{}
	for _, language := range languagesIn.FindAllStringSubmatch(string(page), -1) {
		shown[language[1]] = map[string]told{}
		for _, reason := range reasonsIn.FindAllStringSubmatch(language[2], -1) {
			shown[language[1]][reason[1]] = told{reason[2], reason[3]}
		}
	}
	for _, reason := range adapter.Reasons() {
		name := string(reason)
		if shown["en"][name] != documented[name] || documented[name] == (told{}) {
			t.Errorf("%s is documented as\n%q, and shown as\n%q", name, documented[name], shown["en"][name])
		}
		if shown["ru"][name] == (told{}) {
			t.Errorf("%s has no Russian text", name)
		}
	}
	for language, all := range shown {
		for name := range all {
			if !slices.Contains(adapter.Reasons(), adapter.Reason(name)) {
				t.Errorf("%s: %s is no reason", language, name)
			}
		}
	}
}

// TestTheStatusHasBothLanguages wants every text of the page in both, with the same values in them.
func TestTheStatusHasBothLanguages(t *testing.T) {
	page, err := static.ReadFile("static/status-words.js")
	if err != nil {
		t.Fatal(err)
	}
	english, russian, found := strings.Cut(string(page), "\n  ru: {")
	if !found {
		t.Fatal("there is no Russian")
	}
	words := regexp.MustCompile(`"(status\.[^"]+)": "([^"]*)"`)
	values := func(text string) []string {
		all := regexp.MustCompile(`\{\w+\}`).FindAllString(text, -1)
		slices.Sort(all)
		return all
	}
	texts := func(part string) map[string]string {
		all := map[string]string{}
		for _, word := range words.FindAllStringSubmatch(part, -1) {
			all[word[1]] = word[2]
		}
		return all
	}
	en, ru := texts(english), texts(russian)
	if len(en) < 50 || len(en) != len(ru) {
		t.Errorf("%d English texts, %d Russian", len(en), len(ru))
	}
	for key, text := range en {
		if !slices.Equal(values(text), values(ru[key])) || ru[key] == "" {
			t.Errorf("%s: %q and %q", key, text, ru[key])
		}
	}
}
