package infer

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Rule is a proposed rule, or one that waits for an answer.
type Rule struct {
	When, Added, Expired string
	Skip                 bool
	Ask                  bool     // it is written as a comment: what it says is not known
	Notes                []string // why
}

// Ways by which the points that were earned are told from those that were lost.
const (
	ByColumns = "columns" // each has its own column
	BySign    = "sign"    // the amount's sign
	ByCode    = "code"    // the kind of transaction
	ByTruth   = "truth"   // a column of true and false
	ByNothing = "nothing" // that is asked
)

// classify proposes the rules.
func (p *Proposal) classify() {
	p.statusRules()
	r := p.list.roles
	switch {
	case r.earned != nil:
		p.columnsRule()
	case p.anyNegative():
		p.signedRules()
	case r.debit != nil && r.debit.distinct == 2:
		p.truthRules()
	case r.kind != nil:
		p.By = ByCode
		p.codeRules(p.list.codes(), "")
	default:
		p.unknownRules()
	}
}

func (p *Proposal) anyNegative() bool {
	for _, amount := range p.list.roles.amounts {
		if amount.negative > 0 {
			return true
		}
	}
	return false
}

func (p *Proposal) rule(rule Rule) {
	if p.guard != "" && !rule.Skip && rule.When != "" {
		rule.When = p.guard + " and " + rule.When
	} else if p.guard != "" && !rule.Skip {
		rule.When = p.guard
	}
	p.Rules = append(p.Rules, rule)
}

// statusRules leave out what was called off, and ask about what is not settled.
func (p *Proposal) statusRules() {
	status := p.list.roles.status
	if status == nil {
		return
	}
	var off, open []string
	for _, value := range sorted(status.counts) {
		switch words := wordsOf(value); {
		case has(words, wordsPending):
			open = append(open, value)
		case has(words, wordsCanceled):
			off = append(off, value)
		}
	}
	if len(off) > 0 {
		p.guess("%s %s is called off: such records are left out", p.of(status), quoted(off))
		p.rule(Rule{When: is(p.name(status), off), Skip: true, Notes: []string{"guessed: these were called off"}})
	}
	if len(open) > 0 {
		p.ask("%s %s may mean that the points are not there yet: are such records to be shown?", p.of(status), quoted(open))
		p.rule(Rule{When: is(p.name(status), open), Skip: true, Ask: true, Notes: []string{"ASK: are records that are not settled to be shown? If not:"}})
	}
}

func (p *Proposal) columnsRule() {
	r := p.list.roles
	p.By = ByColumns
	lost := p.name(r.lost)
	if r.lost.negative > 0 {
		lost = "abs(" + lost + ")"
	}
	note := fmt.Sprintf("guessed by their names: %q adds points, %q takes points away", r.earned.path, r.lost.path)
	p.guess("%q adds points and %q takes points away, by their names", r.earned.path, r.lost.path)
	p.rule(Rule{Added: p.name(r.earned), Expired: lost, Notes: []string{note}})
}

// signedRules are for amounts of which some are negative: the sign tells, unless the codes say something else.
func (p *Proposal) signedRules() {
	p.By = BySign
	var codes []code
	if p.list.roles.kind != nil {
		codes = p.list.codes()
	}
	if slices.ContainsFunc(codes, code.contradicts) {
		p.contradictedRules(codes)
		return
	}
	positive, negative := p.signs()
	note := fmt.Sprintf("the sign decides: %d positive, %d negative", positive, negative)
	p.sure("the sign of %s tells earned points from lost ones: %d positive, %d negative", p.amountPath(), positive, negative)
	notes := append([]string{note}, evidences(codes)...)
	amount := p.amount()
	p.rule(Rule{When: amount + " >= 0", Added: amount, Notes: notes})
	p.rule(Rule{When: amount + " < 0", Expired: "-" + amount})
}

func (p *Proposal) signs() (positive, negative int) {
	for _, amount := range p.list.roles.amounts {
		positive, negative = positive+amount.positive, negative+amount.negative
	}
	return positive, negative
}

// contradictedRules are for signs that go against the words of the codes: some amounts have a sign and some have none,
// or the sign is seen from the shop's side.
func (p *Proposal) contradictedRules(codes []code) {
	p.By = ByCode
	p.ask("the signs of %s are not what the codes of %s say: what does a sign mean here?", p.amountPath(), p.of(p.list.roles.kind))
	p.codeRules(codes, " > 0")
}

// codeRules propose a rule for every code whose word is well known, and ask for the others. A condition limits them to
// amounts of the usual sign.
func (p *Proposal) codeRules(codes []code, usual string) {
	kind, amount := p.name(p.list.roles.kind), p.amount()
	var comes, goes, open []code
	for _, one := range codes {
		switch {
		case one.way == unknown || one.negative > 0 || one.without > 0:
			open = append(open, one)
		case one.way == plus:
			comes = append(comes, one)
		default:
			goes = append(goes, one)
		}
	}
	limit := ""
	if usual != "" {
		limit = " and " + amount + usual
	}
	if len(comes) > 0 {
		p.guess("%s adds points, by its word: %s", p.of(p.list.roles.kind), strings.Join(evidences(comes), "; "))
		p.rule(Rule{When: is(kind, texts(comes)) + limit, Added: amount, Notes: append([]string{"guessed by the words"}, evidences(comes)...)})
	}
	if len(goes) > 0 {
		p.guess("%s takes points away, by its word: %s", p.of(p.list.roles.kind), strings.Join(evidences(goes), "; "))
		p.rule(Rule{When: is(kind, texts(goes)) + limit, Expired: amount, Notes: append([]string{"guessed by the words"}, evidences(goes)...)})
	}
	for _, one := range open {
		p.askCode(one, kind, amount)
	}
	if p.list.roles.kind.present < p.list.records {
		p.ask("%d records have no %s: what are they?", p.list.records-p.list.roles.kind.present, p.of(p.list.roles.kind))
	}
}

// askCode leaves a code without a rule: its records count as unmatched until the integrator has said what it is.
func (p *Proposal) askCode(one code, kind, amount string) {
	question := "does it add points or take points away?"
	if has(wordsOf(one.text), wordsPending) {
		question = "are these points there already, or only promised?"
	} else if one.without == one.seen {
		question = "does it change the points at all? if not, write skip: true"
	}
	p.ask("%s: %s", one.evidence(), question)
	p.rule(Rule{
		When: is(kind, []string{one.text}), Added: amount, Ask: true,
		Notes: []string{"ASK: " + one.evidence() + ": " + question + " (added or expired)"},
	})
}

func (p *Proposal) truthRules() {
	p.By = ByTruth
	debit, amount := p.list.roles.debit, p.amount()
	goes := has(debit.leaf(), strings.Fields("debit spend spent outgoing outgo withdraw withdrawal withdrawn writeoff списание расход minus negative redeem redeemed"))
	p.guess("%s tells earned points from lost ones, by its name", p.of(debit))
	note := []string{fmt.Sprintf("guessed by the name %q", debit.path)}
	if goes {
		p.rule(Rule{When: p.name(debit) + " == false", Added: amount, Notes: note})
		p.rule(Rule{When: p.name(debit) + " == true", Expired: amount})
		return
	}
	p.rule(Rule{When: p.name(debit) + " == true", Added: amount, Notes: note})
	p.rule(Rule{When: p.name(debit) + " == false", Expired: amount})
}

// unknownRules are for amounts of one sign that nothing classifies.
func (p *Proposal) unknownRules() {
	p.By = ByNothing
	amount := p.amount()
	p.ask("no amount of the sample is negative, and nothing else tells earned points from lost ones: are lost points written with a minus?")
	note := "ASK: no amount of the sample is negative: are lost points written with a minus? If not, what tells them?"
	p.rule(Rule{When: amount + " >= 0", Added: amount, Notes: []string{note}})
	p.rule(Rule{When: amount + " < 0", Expired: "-" + amount})
}

// is asks whether a field is one of the codes.
func is(field string, codes []string) string {
	if len(codes) == 1 {
		return field + " == " + strconv.Quote(codes[0])
	}
	quotes := make([]string, len(codes))
	for i, code := range codes {
		quotes[i] = strconv.Quote(code)
	}
	return field + " in [" + strings.Join(quotes, ", ") + "]"
}

func texts(codes []code) []string {
	all := make([]string, len(codes))
	for i, one := range codes {
		all[i] = one.text
	}
	return all
}

const mostEvidence = 12

func evidences(codes []code) []string {
	var all []string
	for i, one := range codes {
		if i == mostEvidence {
			return append(all, fmt.Sprintf("and %d more", len(codes)-i))
		}
		all = append(all, one.evidence())
	}
	return all
}
