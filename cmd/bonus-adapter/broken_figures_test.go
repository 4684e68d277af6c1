package main

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// judged gives what check finds wrong with a config.
func judged(text string) []finding {
	file, err := parseConfig("config.yaml", []byte(text))
	if err == nil {
		err = try(file, nil)
	}
	if err == nil {
		return nil
	}
	return file.report(err)
}

// broken applies a breakage, and gives where its problems are to be told.
func (b breakage) broken(t *testing.T) (text string, want []position) {
	t.Helper()
	if strings.Count(wholeConfig, b.old) != 1 {
		t.Fatalf("%q is there %d times", b.old, strings.Count(wholeConfig, b.old))
	}
	marked := strings.Replace(wholeConfig, b.old, b.new, 1)
	line, column := 1, 1
	for _, c := range marked {
		switch c {
		case '‸':
			want = append(want, position{line, column})
		case '\n':
			line, column = line+1, 1
		default:
			column++
		}
	}
	return strings.ReplaceAll(marked, "‸", ""), want
}

// TestFiguresOfBrokenConfigs counts over the corpus: how many are refused, at the right line and at the right column.
func TestFiguresOfBrokenConfigs(t *testing.T) {
	if findings := judged(wholeConfig); len(findings) > 0 {
		t.Fatalf("the whole config does not work:\n%s", printed(findings))
	}
	all := breakages()
	var refused, lines, columns, counted int
	for _, b := range all {
		text, want := b.broken(t)
		findings := judged(text)
		if len(findings) > 0 {
			refused++
		}
		onLine := func(at position) bool {
			return slices.ContainsFunc(findings, func(f finding) bool { return f.Line == at.line })
		}
		exact := func(at position) bool {
			return slices.ContainsFunc(findings, func(f finding) bool { return f.Line == at.line && f.Column == at.column })
		}
		rightLine := len(findings) > 0 && !slices.ContainsFunc(want, func(at position) bool { return !onLine(at) })
		rightColumn := rightLine && !slices.ContainsFunc(want, func(at position) bool { return !exact(at) })
		rightCount := len(findings) == len(want)
		for _, right := range []struct {
			holds bool
			count *int
		}{{rightLine, &lines}, {rightColumn, &columns}, {rightCount, &counted}} {
			if right.holds {
				*right.count++
			}
		}
		if !rightColumn || !rightCount {
			t.Logf("%q: want %v, got\n%s", b.new, want, printed(findings))
		}
	}
	t.Logf("%d broken configs: %d refused, line right in %d, column in %d, number of problems in %d", len(all), refused, lines, columns, counted)
	if len(all) < 60 || refused < len(all) || lines < len(all) || columns*100 < len(all)*95 || counted < len(all) {
		t.Error("that is too few")
	}
}

// TestSoManyMistakesSoManyProblems puts several mistakes into one config, as long as they are on different lines and
// YAML can be read.
func TestSoManyMistakesSoManyProblems(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same configs every time
	alone := readableBreakages(t)
	for range 150 {
		text, want := wholeConfig, 0
		var parts []breakage
		for _, i := range random.Perm(len(alone)) {
			b := alone[i]
			if len(parts) == 5 || strings.Count(text, b.old) != 1 || slices.ContainsFunc(parts, b.meets) {
				continue
			}
			text = strings.Replace(text, b.old, b.new, 1)
			parts, want = append(parts, b), want+strings.Count(b.new, "‸")
		}
		findings := judged(strings.ReplaceAll(text, "‸", ""))
		if len(findings) != want {
			t.Errorf("%d mistakes, %d problems:\n%+v\n%s", want, len(findings), parts, printed(findings))
		}
	}
}

// readableBreakages are those that YAML can read: a mistake of YAML itself hides all behind it.
func readableBreakages(t *testing.T) []breakage {
	t.Helper()
	var alone []breakage
	for _, b := range breakages() {
		text, _ := b.broken(t)
		if _, err := parseConfig("config.yaml", []byte(text)); err == nil && !strings.Contains(b.old, "\n") {
			alone = append(alone, b)
		}
	}
	return alone
}

// meets tells whether two breakages are about the same line, or one takes away what the other one is about.
func (b breakage) meets(other breakage) bool {
	lineOf := func(old string) int { return strings.Count(wholeConfig[:strings.Index(wholeConfig, old)], "\n") }
	return lineOf(b.old) == lineOf(other.old)
}

// TestHintsForTypos misspells every name of the config by one edit at a time, and counts how often the hint names what
// was meant.
func TestHintsForTypos(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // the same typos every time
	tried, right := 0, 0
	for _, known := range misspelt {
		for range 6 {
			typo := edited(known.word, random)
			if typo == known.word {
				continue
			}
			text := strings.Replace(wholeConfig, known.context, strings.Replace(known.context, known.word, typo, 1), 1)
			findings := judged(text)
			if len(findings) == 0 {
				continue // it is a name as well
			}
			tried++
			wanted := func(f finding) bool { return strings.Contains(f.Hint, "did you mean "+known.word) }
			if slices.ContainsFunc(findings, wanted) {
				right++
			} else {
				t.Logf("%s for %s in %q:\n%s", typo, known.word, known.context, printed(findings))
			}
		}
	}
	t.Logf("%d typos of one edit, the hint names the word in %d, %d %%", tried, right, 100*right/tried)
	if tried < 200 || right*100 < tried*90 {
		t.Error("that is too few")
	}
}

// misspelt are words of wholeConfig, each in a context that is there once.
var misspelt = []struct{ word, context string }{
	{"listen", "  listen:"},
	{"path", "  path: /"},
	{"keys", "  keys:"},
	{"budget", "  budget:"},
	{"limits", "  limits: {"},
	{"cache", "  cache:"},
	{"concurrent", " concurrent:"},
	{"store", " store:"},
	{"memory", ": memory"},
	{"base_url", "base_url:"},
	{"values", "  values:"},
	{"headers", "headers:"},
	{"verdicts", "verdicts:"},
	{"status", "status == 503"},
	{"retry", "then: retry"},
	{"timeout", "timeout:"},
	{"requests", "requests: 10"},
	{"attempts", "attempts:"},
	{"window", "window:"},
	{"failures", "failures:"},
	{"probes", "probes:"},
	{"steps", "steps:"},
	{"query", `query: { "f`},
	{"user", "{{ user }}"},
	{"not_found", "not_found:"},
	{"keep", "keep:"},
	{"account", "{{ account.id"},
	{"pages", "pages:"},
	{"param", "param:"},
	{"records", "records:"},
	{"history", "records: history"},
	{"decimal", ": decimal"},
	{"optional", "zone: Europe/Moscow, optional"},
	{"amount", "when: amount >="},
	{"amount", "added: amount"},
	{"amount", "-amount"},
	{"expired", " expired:"},
	{"added", " added:"},
	{"comment", "comment ??"},
	{"created", "activationDate: created"},
	{"expires", "expirationDate: expires"},
	{"definitionMessage", "definitionMessage:"},
	{"activationDate", "activationDate:"},
	{"expirationDate", "expirationDate:"},
	{"on_unreadable", "on_unreadable:"},
	{"max_unreadable", "max_unreadable:"},
	{"fields", "fields:"},
}

// edited misspells a word by one edit: a letter is left out, doubled, changed, or swapped with the next.
func edited(word string, random *rand.Rand) string {
	letters := []rune(word)
	at := random.IntN(len(letters))
	switch random.IntN(4) {
	case 0:
		return string(slices.Delete(letters, at, at+1))
	case 1:
		return string(slices.Insert(letters, at, letters[at]))
	case 2:
		letters[at] = rune('a' + random.IntN(26))
	default:
		if at+1 < len(letters) {
			letters[at], letters[at+1] = letters[at+1], letters[at]
		}
	}
	return string(letters)
}
