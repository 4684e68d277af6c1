package main

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	bonusadapter "bonus-adapter"
	"bonus-adapter/cmd/bonus-adapter/replay"
)

// mutation is one small change of a line, as a slip of the hand would make it.
type mutation struct {
	what    string
	pattern *regexp.Regexp
	with    string
}

func mutations() []mutation {
	return []mutation{
		{"another place", regexp.MustCompile(`\bat: ("?)([^\s,}"]+)`), "at: ${1}${2}_x"},
		{"another type", regexp.MustCompile(`, as: \w+`), ""},
		{"another zone", regexp.MustCompile(`zone: [\w/]+`), "zone: Asia/Tokyo"},
		{"required", regexp.MustCompile(`, optional: true`), ""},
		{"no none", regexp.MustCompile(`, none: [^,}]+`), ""},
		{"the other side", regexp.MustCompile(`\badded:`), "expired:"},
		{"the other side", regexp.MustCompile(`\bexpired:`), "added:"},
		{"not equal", regexp.MustCompile(` == `), " != "},
		{"below", regexp.MustCompile(` >=? `), " < "},
		{"another text", regexp.MustCompile(`[А-Яа-яё]{4,}`), "Иначе"},
		{"another code", regexp.MustCompile(`\b([A-Z]{2,}[A-Z_]*|[A-Z][a-z]+[A-Z]\w+|[a-z]+_[a-z_]+):`), "${1}X:"},
		{"another order", regexp.MustCompile(`(\w+) \?\? (\w+)`), "${2} ?? ${1}"},
	}
}

// mutant is a config with one changed line.
type mutant struct{ line, what, yaml string }

// mutantsOf changes each line of the section mapping in every way that applies, and leaves each out.
func mutantsOf(yaml string) []mutant {
	lines := strings.Split(yaml, "\n")
	var all []mutant
	inside := false
	for i, line := range lines {
		code, _, _ := strings.Cut(line, " #")
		if code == "mapping:" {
			inside = true
			continue
		}
		if trimmed := strings.TrimSpace(code); !inside || trimmed == "" || trimmed[0] == '#' {
			continue
		}
		with := func(text string) string {
			return strings.Join(append(append(append([]string{}, lines[:i]...), text), lines[i+1:]...), "\n")
		}
		all = append(all, mutant{line, "left out", with("")})
		for _, m := range mutations() {
			if changed := m.pattern.ReplaceAllString(code, m.with); changed != code {
				all = append(all, mutant{line, m.what, with(changed)})
			}
		}
	}
	return all
}

// TestCasesOfThePresetsNoticeMistakes changes the mapping of every preset, a line at a time: at least nine of ten changes
// have to be refused, or to break one of the preset's own cases.
func TestCasesOfThePresetsNoticeMistakes(t *testing.T) {
	noticed, total := 0, 0
	for _, one := range allPresets(t) {
		cases, err := fs.Sub(bonusadapter.Presets, path.Join("presets", one.Name, casesFolder))
		if err != nil {
			t.Fatal(err)
		}
		names, err := casesIn(cases)
		if err != nil {
			t.Fatal(err)
		}
		slices.Reverse(names) // empty and error, which notice little, come last
		here := 0
		mutants := mutantsOf(configOf(t, one))
		for _, m := range mutants {
			if m.noticed(t, cases, names) {
				here++
			} else {
				t.Logf("%s: %s is not noticed: %s", one.Name, m.what, strings.TrimSpace(m.line))
			}
		}
		t.Logf("%s: %d of %d mistakes are noticed, %d%%", one.Name, here, len(mutants), 100*here/max(len(mutants), 1))
		if noticed, total = noticed+here, total+len(mutants); here*10 < len(mutants)*8 {
			t.Errorf("%s: %d of %d mistakes are noticed", one.Name, here, len(mutants))
		}
	}
	if t.Logf("%d of %d mistakes are noticed", noticed, total); noticed*10 < total*9 {
		t.Errorf("fewer than nine of ten: %d of %d", noticed, total)
	}
}

func (m mutant) noticed(t *testing.T, cases fs.FS, names []string) bool {
	t.Helper()
	file, err := parseConfig("config.yaml", []byte(m.yaml))
	if err != nil {
		return true
	}
	return slices.ContainsFunc(names, func(name string) bool {
		folder, err := fs.Sub(cases, name)
		if err != nil {
			t.Fatal(err)
		}
		return m.breaks(t, file, folder)
	})
}

// breaks tells whether a case fails. It looks no further: testCase would find the line of each difference.
func (m mutant) breaks(t *testing.T, file *configFile, folder fs.FS) bool {
	t.Helper()
	record, err := openCase(folder, ".")
	if err != nil {
		t.Fatal(err)
	}
	want, err := fs.ReadFile(folder, replay.IRPFile)
	if err != nil {
		t.Fatal(err)
	}
	got, err := play(file, &record.Case)
	if err != nil || got.departed != nil || got.history != record.History {
		return true
	}
	differences, err := replay.Compare(got.body, want)
	return err != nil || len(differences) > 0
}
