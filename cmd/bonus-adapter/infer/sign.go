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
	Text                 string // what the customer reads; empty for the usual words
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
		p.codes(p.list.codes())
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
	both := p.name(r.earned) + " > 0 and " + lost + " > 0"
	p.rule(Rule{When: both, Added: p.name(r.earned), Expired: lost, Text: "Начисление и списание бонусов", Notes: []string{note}})
	p.rule(Rule{Added: p.name(r.earned), Expired: lost})
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
	if against := p.textsAgainst(); against != "" {
		p.reversedRules(against)
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

// textsAgainst gives a text for customers that says the contrary of its amount's sign, if more of them do than agree;
// else "". A ledger that is kept from the shop's side has earned points with a minus.
func (p *Proposal) textsAgainst() (example string) {
	text, agree, against := p.list.roles.text, 0, 0
	if text == nil {
		return ""
	}
	for record := range p.list.records {
		written := text.value(record)
		sign, there := p.list.sign(record)
		switch told := wayOf(written); {
		case !there || sign == 0 || told == unknown:
		case (told == plus) == (sign > 0):
			agree++
		default:
			if against++; example == "" {
				example = written
			}
		}
	}
	if against <= agree {
		return ""
	}
	return example
}

// reversedRules are for signs that go against what customers read: neither way is proposed.
func (p *Proposal) reversedRules(example string) {
	p.By = ByNothing
	amount := p.amount()
	p.ask("the signs of %s are not what %s says, such as %q: are earned points written with a minus?", p.amountPath(), p.of(p.list.roles.text), example)
	note := fmt.Sprintf("ASK: the signs are not what the texts say, such as %q: are earned points written with a minus? If so:", example)
	p.rule(Rule{When: amount + " < 0", Added: "-" + amount, Ask: true, Notes: []string{note}})
	p.rule(Rule{When: amount + " >= 0", Expired: amount, Ask: true})
}

func (p *Proposal) signs() (positive, negative int) {
	for _, amount := range p.list.roles.amounts {
		positive, negative = positive+amount.positive, negative+amount.negative
	}
	return positive, negative
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
