package infer

import "strings"

// Group is a group of mapping.kinds, or one that waits for an answer.
type Group struct {
	Name  string
	Codes []string
	Ask   bool // it is written as a comment
	Notes []string
}

// The groups of mapping.kinds that are proposed.
const (
	groupAdded  = "added"
	groupSpent  = "spent"
	groupBurned = "burned"
)

// codes proposes a meaning for every code whose word is well known, and asks for the others: their records count as
// unmatched until the integrator has said what they are.
func (p *Proposal) codes(codes []code) {
	known, open := groupsOf(codes)
	if p.guard != "" || len(known) == 0 {
		p.codeRules(codes, "")
		return
	}
	for _, name := range []string{groupAdded, groupSpent, groupBurned} {
		if group := known[name]; len(group) > 0 {
			p.tellGuess(name != groupAdded, group)
			p.Kinds = append(p.Kinds, Group{Name: name, Codes: texts(group), Notes: append([]string{"guessed by the words"}, evidences(group)...)})
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

func (p *Proposal) askWithoutCode() {
	if missing := p.list.records - p.list.roles.kind.present; missing > 0 {
		p.ask("%s without %s: what are they?", plural(missing, "record"), p.of(p.list.roles.kind))
	}
}

// groupsOf sorts codes by what their words say. A code with an amount of an unusual sign, or with none, is open.
func groupsOf(codes []code) (known map[string][]code, open []code) {
	known = map[string][]code{}
	for _, one := range codes {
		switch {
		case one.way == unknown || one.negative > 0 || one.without > 0:
			open = append(open, one)
		case one.way == plus:
			known[groupAdded] = append(known[groupAdded], one)
		case has(wordsOf(one.text), wordsBurned):
			known[groupBurned] = append(known[groupBurned], one)
		default:
			known[groupSpent] = append(known[groupSpent], one)
		}
	}
	return known, open
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
	for _, group := range [][]code{known[groupAdded], append(known[groupSpent], known[groupBurned]...)} {
		if len(group) == 0 {
			continue
		}
		goes := group[0].way == minus
		p.tellGuess(goes, group)
		rule := Rule{When: is(kind, texts(group)) + limit, Notes: append([]string{"guessed by the words"}, evidences(group)...)}
		if goes {
			rule.Expired = amount
		} else {
			rule.Added = amount
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
