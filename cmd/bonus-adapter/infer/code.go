package infer

import (
	"slices"
	"strings"
)

// Group is a group of mapping.kinds, or one that waits for an answer.
type Group struct {
	Name  string
	Codes []string
	Ask   bool // it is written as a comment
	Notes []string
}

// The groups of mapping.kinds that are proposed.
const (
	groupAdded    = "added"
	groupRefunded = "refunded"
	groupSpent    = "spent"
	groupBurned   = "burned"
	groupCanceled = "canceled"
	groupSkip     = "skip"
)

// codes proposes a meaning for every code whose word is well known, and asks for the others: their records count as
// unmatched until the integrator has said what they are.
func (p *Proposal) codes(codes []code) {
	known, open := groupsOf(codes)
	if p.guard != "" || len(known) == 0 {
		p.codeRules(codes, "")
		return
	}
	for _, name := range Groups() {
		if group := known[name]; len(group) > 0 {
			note := p.tellGroup(name, group)
			p.Kinds = append(p.Kinds, Group{Name: name, Codes: texts(group), Notes: append([]string{note}, evidences(group)...)})
		}
	}
	for _, one := range open {
		question := one.question()
		p.ask("%s: %s", one.evidence(), question)
		p.Kinds = append(p.Kinds, Group{Name: groupAdded, Codes: []string{one.text}, Ask: true, Notes: []string{"ASK: " + one.evidence() + ": " + question}})
	}
	p.askWithoutCode()
}

func (p *Proposal) tellGuess(goes bool, group []code) {
	what := "adds points"
	if goes {
		what = "takes points away"
	}
	p.guess("%s %s, by its word: %s", p.of(p.list.roles.kind), what, strings.Join(evidences(group), "; "))
}

// tellGroup tells what was guessed of a group, and gives the note for it.
func (p *Proposal) tellGroup(name string, group []code) string {
	guessed := slices.DeleteFunc(slices.Clone(group), func(c code) bool { return c.chosen != "" })
	if len(guessed) == 0 {
		return "decided"
	}
	p.tellGuess(!comes(name), guessed)
	return "guessed by the words"
}

// comes tells whether a group's points are added.
func comes(group string) bool { return group == groupAdded || group == groupRefunded }

func (p *Proposal) askWithoutCode() {
	if missing := p.list.records - p.list.roles.kind.present; missing > 0 {
		p.ask("%s without %s: what are they?", plural(missing, "record"), p.of(p.list.roles.kind))
	}
}

// groupsOf sorts codes by what was decided, or else by what their words say.
func groupsOf(codes []code) (known map[string][]code, open []code) {
	known = map[string][]code{}
	for _, one := range codes {
		if group, told := one.group(); told {
			known[group] = append(known[group], one)
		} else {
			open = append(open, one)
		}
	}
	return known, open
}

// group gives the group of a code; told is false for one whose words say nothing, or whose amounts have an unusual sign,
// or are missing.
func (c code) group() (group string, told bool) {
	switch {
	case slices.Contains(Groups(), c.chosen):
		return c.chosen, true
	case c.way == unknown || c.negative > 0 || c.without > 0:
		return "", false
	case c.way == plus:
		return groupAdded, true
	case has(wordsOf(c.text), wordsBurned):
		return groupBurned, true
	}
	return groupSpent, true
}

// question is what has to be known of a code.
func (c code) question() string {
	switch {
	case has(wordsOf(c.text), wordsPending):
		return "are these points there already, or only promised?"
	case c.without == c.seen:
		return "does it change the points at all? if not, write skip"
	}
	return "does it add points or take points away?"
}

// contradictedRules are for signs that go against the words of the codes: some amounts have a sign and some have none,
// or the sign is seen from the shop's side.
func (p *Proposal) contradictedRules(codes []code) {
	p.By = ByCode
	p.ask("the signs of %s are not what the codes of %s say: what does a sign mean here?", p.amountPath(), p.of(p.list.roles.kind))
	p.codeRules(codes, " > 0")
}

// codeRules propose rules where kinds cannot: they limit what codes mean to amounts of the usual sign.
func (p *Proposal) codeRules(codes []code, usual string) {
	kind, amount := p.name(p.list.roles.kind), p.amount()
	limit := ""
	if usual != "" {
		limit = " and " + amount + usual
	}
	known, open := groupsOf(codes)
	known[groupSpent], known[groupBurned] = append(known[groupSpent], known[groupBurned]...), nil // one rule does for both
	for _, name := range Groups() {
		group := known[name]
		if len(group) == 0 {
			continue
		}
		rule := Rule{When: is(kind, texts(group)) + limit, Notes: append([]string{p.tellGroup(name, group)}, evidences(group)...)}
		switch {
		case name == groupSkip:
			rule = Rule{When: is(kind, texts(group)), Skip: true, Notes: rule.Notes}
		case comes(name):
			rule.Added = amount
		default:
			rule.Expired = amount
		}
		p.rule(rule)
	}
	for _, one := range open {
		question := one.question()
		p.ask("%s: %s", one.evidence(), question)
		note := "ASK: " + one.evidence() + ": " + question + " (added or expired)"
		p.rule(Rule{When: is(kind, []string{one.text}), Added: amount, Ask: true, Notes: []string{note}})
	}
	p.askWithoutCode()
}
