package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"bonus-adapter/adapter"
	"bonus-adapter/config"
	"bonus-adapter/crm"
	"bonus-adapter/mapping"
)

// advice is a finding of --audit: the config works, and is dangerous all the same or likely to be regretted.
type advice struct {
	Number   string `json:"number"`
	Severity string `json:"severity"`
	finding
}

// The severities. One of high severity makes check fail.
const (
	severityHigh   = "high"
	severityMedium = "medium"
	severityLow    = "low"
)

// auditRule looks for one thing. docs/audit.md explains it under its number, with a bad and a good example.
type auditRule struct {
	number, severity string
	find             func(a *audited)
}

// audited is a config that is looked at.
type audited struct {
	file   *configFile
	whole  sections
	lookup config.Lookup
	cases  bool // there are some beside the config
	found  config.Problems
}

// note notes what was found at a place; "" is the whole file.
func (a *audited) note(place, hint, format string, args ...any) {
	problem := a.found.Add(place, format, args...)
	problem.Hint = hint
	node := a.file.places[place]
	problem.Key = node != nil && len(follow(node).Content) > 0 // a section begins at its name
}

// audit gives advice about a config that works, in the order of the file, and how much of it was ignored.
func (p *program) audit(name string, text []byte, ignored []string) (all []advice, left int) {
	file, err := parseConfig(name, text)
	if err != nil { // it was judged before
		return nil, 0
	}
	a := &audited{file: file, lookup: environment(p.getenv, p.readFile), cases: isFile(filepath.Join(filepath.Dir(name), casesFolder))}
	a.whole = sections{adapter.DefaultConfig(), crm.DefaultConfig(), mapping.DefaultConfig()}
	_ = file.decode(&a.whole, a.lookup) // what is unset is a warning already
	all = []advice{}
	for _, rule := range auditRules() {
		a.found = config.Problems{}
		rule.find(a)
		for _, found := range file.report(a.found.Err()) {
			if slices.Contains(ignored, rule.number) {
				left++
				continue
			}
			all = append(all, advice{rule.number, rule.severity, found})
		}
	}
	slices.SortStableFunc(all, func(x, y advice) int {
		return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column))
	})
	return all, left
}

func anyOf(all []advice, severity string) bool {
	return slices.ContainsFunc(all, func(one advice) bool { return one.Severity == severity })
}

// adviceNumbers reads what --ignore names.
func adviceNumbers(text string) ([]string, error) {
	var known, numbers []string
	for _, rule := range auditRules() {
		known = append(known, rule.number)
	}
	for _, number := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' }) {
		number = strings.ToUpper(number)
		if !slices.Contains(known, number) {
			return nil, fmt.Errorf("%w: there is no advice %s; there is %s to %s", errUsage, number, known[0], known[len(known)-1])
		}
		numbers = append(numbers, number)
	}
	return numbers, nil
}

// printAdvice prints advice for people.
func (p *program) printAdvice(found *checked) error {
	counts := map[string]int{}
	shown := make([]finding, len(found.Advice))
	for i, one := range found.Advice {
		counts[one.Severity]++
		shown[i] = one.finding
		shown[i].Message = fmt.Sprintf("%s %s: %s", one.Number, one.Severity, one.Message)
	}
	writeFindings(p.out, shown)
	if len(shown) > 0 {
		_, _ = fmt.Fprintln(p.out)
	}
	line := fmt.Sprintf("%s: it works; advice: %d high, %d medium, %d low", found.File, counts[severityHigh], counts[severityMedium], counts[severityLow])
	if found.Ignored > 0 {
		line += fmt.Sprintf(", %d ignored", found.Ignored)
	}
	_, err := fmt.Fprintln(p.out, line)
	return err
}

// texts gives the places of the file that match a pattern, in its order, with the texts that stand there; references in
// them are resolved where they are set.
func (a *audited) texts(pattern *regexp.Regexp) []placedText {
	var all []placedText
	for place, node := range a.file.places {
		node = follow(node)
		if node.Value == "" || len(node.Content) > 0 || !pattern.MatchString(place) {
			continue
		}
		all = append(all, placedText{place, node.Value, a.resolved(node.Value)})
	}
	slices.SortFunc(all, func(x, y placedText) int { return cmp.Compare(x.place, y.place) })
	return all
}

type placedText struct{ place, written, resolved string }

// refers tells whether the text names something outside of the file, or is computed.
func (t placedText) refers() bool {
	return strings.Contains(t.written, "${") || strings.Contains(t.written, "{{")
}

func (a *audited) resolved(text string) string {
	var secret config.Secret
	if secret.UnmarshalText([]byte(text)) != nil || secret.Resolve(a.lookup) != nil {
		return text
	}
	return secret.Reveal()
}
