package mapping

import (
	"slices"
	"strings"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// rule is a compiled [Rule].
type rule struct {
	when    formula // the zero one always holds
	added   amount
	expired amount
	skip    bool
	text    text

	place string
}

// amount is an expression for points; without one it is none.
type amount struct {
	formula
	source string
}

// meaning is what a rule or a code makes of a record.
type meaning struct {
	fate           Fate
	added, expired document.Decimal
	place          string // of the rule or the code; empty if there is none
	rule           *rule  // one of these two decided, or neither
	kind           *kind
	code           string // of a record that is unmatched
	with           int    // the number of the record that it is the same as, or whose entry it is part of
	problem        *Problem
}

// refused makes it that of a record that cannot be read.
func (m *meaning) refused(problem *Problem) *meaning {
	m.fate, m.problem = Unreadable, problem
	return m
}

func newRules(cfg Config, names *scope) []rule {
	if len(cfg.Rules) == 0 && cfg.Kinds.isZero() {
		names.problems.Add("rules", "there are no rules, so no record could become an entry").Hint = "for example - { when: amount > 0, added: amount }"
	}
	made := make([]rule, len(cfg.Rules))
	for i, rule := range cfg.Rules {
		made[i] = newRule(config.Index("rules", i), rule, names)
	}
	checkReach(cfg, names.problems)
	return made
}

// checkReach finds what no record ever comes to, since a rule before it takes them all.
func checkReach(cfg Config, problems *config.Problems) {
	always := slices.IndexFunc(cfg.Rules, func(rule Rule) bool { return strings.TrimSpace(rule.When) == "" })
	place := ""
	switch {
	case always < 0:
		return
	case always+1 < len(cfg.Rules):
		place = config.Index("rules", always+1)
	case !cfg.Kinds.isZero():
		place = "kinds"
	default:
		return
	}
	problems.Add(place, "no record comes here: rules[%d] has no when, so it takes them all", always).Hint = "a rule without when stands last, and without kinds"
}

func newRule(place string, cfg Rule, names *scope) rule {
	counts := strings.TrimSpace(cfg.Added) != "" || strings.TrimSpace(cfg.Expired) != ""
	switch {
	case cfg.Skip && (counts || cfg.Text != ""):
		names.problems.Add(place, "a rule either skips or gives added, expired and a text, not both")
	case !cfg.Skip && !counts:
		names.problems.Add(place, "the rule does not say what becomes of a record").Hint = "give it added, expired or skip: true"
	}
	return rule{
		when:    names.formula(place+".when", cfg.When, document.TypeBool),
		added:   newAmount(place+".added", cfg.Added, names),
		expired: newAmount(place+".expired", cfg.Expired, names),
		skip:    cfg.Skip,
		text:    newText(place+".text", cfg.Text, names),
		place:   place,
	}
}

func newAmount(place, source string, names *scope) amount {
	return amount{names.formula(place, source, document.TypeNumber), source}
}

// codeFields finds the fields whose texts the conditions of rules tell apart by == and in, in the order of the rules.
func codeFields(rules []rule, fields []field) (found []int) {
	for i := range rules {
		if rules[i].when.isZero() {
			continue
		}
		for _, index := range rules[i].when.of.Compared() {
			if index >= 0 && index < len(fields) && !slices.Contains(found, index) {
				found = append(found, index)
			}
		}
	}
	return found
}

// codeOf gives the code of a record that no rule covers: the text of the field that the rules compare, or of several
// what each of them holds. It is empty if nobody knows.
func (m *Mapping) codeOf(row *row) string {
	if len(m.codeFields) == 1 {
		return row.data[m.codeFields[0]].Text
	}
	var parts []string
	for _, index := range m.codeFields {
		if text := row.data[index].Text; text != "" {
			parts = append(parts, m.fields[index].name+"="+text)
		}
	}
	return strings.Join(parts, " ")
}

// decide lets the first rule that holds make the points of a record, or else what its code means.
func (m *Mapping) decide(row *row) {
	for i := range m.rules {
		rule := &m.rules[i]
		holds, problem := rule.holds(row)
		if problem != nil {
			row.meaning.place = rule.place
			row.meaning.refused(problem)
			return
		}
		if holds {
			rule.apply(row)
			return
		}
	}
	kind, code, problem := m.kinds.find(row)
	switch {
	case problem != nil:
		row.meaning.refused(problem)
	case kind != nil:
		kind.apply(row)
	default:
		row.meaning.fate, row.meaning.code = Unmatched, code
		if m.kinds.of.isZero() {
			row.meaning.code = m.codeOf(row)
		}
	}
}

func (r *rule) holds(row *row) (bool, *Problem) {
	if r.when.isZero() {
		return true, nil
	}
	return r.when.holds(row)
}

func (r *rule) apply(row *row) {
	made := &row.meaning
	made.place, made.rule, made.fate = r.place, r, Shown
	if r.skip {
		made.fate = Skipped
		return
	}
	var problem *Problem
	if made.added, problem = r.added.points(row, !r.expired.isZero()); problem == nil {
		made.expired, problem = r.expired.points(row, !r.added.isZero())
	}
	switch {
	case problem != nil:
		made.refused(problem)
	case made.added.Sign() == 0 && made.expired.Sign() == 0:
		made.fate = Skipped
	}
}

// Why an amount is no points.
const (
	isNegative = "is negative: use abs() or -amount"
	isNone     = "is none: its fields have no value; (amount ?? 0) counts what is not there as 0"
)

// points gives the number and refuses what is below 0. Beside another amount none counts as 0: a record of both kinds need
// not have both. Alone it is refused: nobody knows what the record was about.
func (a *amount) points(row *row, beside bool) (document.Decimal, *Problem) {
	number, problem := a.number(row)
	switch {
	case problem != nil && (!beside || problem.Why != isNone):
		return document.Decimal{}, problem
	case number.Sign() < 0:
		return document.Decimal{}, &Problem{Place: a.place, Why: isNegative}
	}
	return number, nil
}

// number gives the number. None is a problem if there is an expression.
func (a *amount) number(row *row) (document.Decimal, *Problem) {
	datum, problem := a.eval(row)
	if datum.Type == document.TypeNone && problem == nil && !a.isZero() {
		problem = &Problem{Place: a.place, Why: isNone}
	}
	return datum.Number(), problem
}
