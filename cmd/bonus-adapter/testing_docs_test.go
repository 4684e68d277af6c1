package main

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"bonus-adapter/cmd/bonus-adapter/replay"
)

var (
	namedBlock   = regexp.MustCompile("(?ms)^\\*\\*`([^`]+)`\\*\\*\n\n```\\w+\n(.*?)^```")
	consoleBlock = regexp.MustCompile("(?ms)^```console([^\n]*)\n(.*?)^```")
	changedLine  = regexp.MustCompile(`^ ([\w./-]+):(\d+) "(.+)" "(.+)"$`)
)

// TestTheTestingGuide makes the files that docs/testing.md shows, runs what it says, and expects what it prints.
func TestTheTestingGuide(t *testing.T) {
	text, err := os.ReadFile("../../docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	files := namedBlock.FindAllStringSubmatch(string(text), -1)
	consoles := consoleBlock.FindAllStringSubmatch(string(text), -1)
	if len(files) < 6 || len(consoles) < 3 {
		t.Fatalf("%d files, %d consoles", len(files), len(consoles))
	}
	t.Chdir(t.TempDir())
	write := func(name, content string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	shown := 0 // files that the guide has shown so far, as a reader would have them
	for _, console := range consoles {
		for at := strings.Index(string(text), console[0]); shown < len(files) && strings.Index(string(text), files[shown][0]) < at; shown++ {
			write(files[shown][1], files[shown][2])
		}
		if change := changedLine.FindStringSubmatch(console[1]); change != nil {
			write(change[1], withLine(t, change))
		}
		command, want, _ := strings.Cut(console[2], "\n")
		arguments, ok := strings.CutPrefix(command, "$ bonus-adapter ")
		if !ok {
			t.Fatalf("no command: %s", command)
		}
		_, out, errs := runReal(t, strings.Fields(arguments)...)
		if out+errs != want {
			t.Errorf("%s prints\n%s%s\nthe guide says\n%s", command, out, errs, want)
		}
	}
}

// withLine gives a file with one line changed: its name, the line's number, what stands there, and what instead.
func withLine(t *testing.T, change []string) string {
	t.Helper()
	text, err := os.ReadFile(change[1])
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(change[2])
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(text), "\n")
	if !strings.Contains(lines[number-1], change[3]) {
		t.Fatalf("line %d is %s", number, lines[number-1])
	}
	lines[number-1] = strings.Replace(lines[number-1], change[3], change[4], 1)
	return strings.Join(lines, "\n")
}

// TestEveryKeyOfACaseIsTold compares the guide's table with the types.
func TestEveryKeyOfACaseIsTold(t *testing.T) {
	text, err := os.ReadFile("../../docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, match := range regexp.MustCompile("(?m)^\\| `([a-z_.\\[\\]]+)` \\|").FindAllStringSubmatch(string(text), -1) {
		told[match[1]] = true
	}
	for _, key := range caseKeys() {
		if !told[key] {
			t.Errorf("%s is not told", key)
		}
		delete(told, key)
	}
	for key := range told {
		t.Errorf("%s is told, and is no key", key)
	}
}

// caseKeys are the keys of case.yaml.
func caseKeys() []string {
	_, keys := fieldsOf(reflect.TypeFor[replay.Case]())
	_, inside := fieldsOf(reflect.TypeFor[replay.Answer]())
	for _, key := range inside {
		keys = append(keys, "answers[]."+key)
	}
	return keys
}
