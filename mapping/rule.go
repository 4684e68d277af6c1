package mapping

import (
	"strings"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// rule is a compiled [Rule].
type rule struct {
	when    *document.Expression // nil always holds
	added   amount
	expired amount
	skip    bool
	place   string
}

// amount is an expression for points; without one it is none.
type amount struct {
	of    *document.Expression
	place string
}

// fate is what becomes of a record.
type fate uint8

const (
	isUnmatched fate = iota
	isEntry
	isSkipped
	isUnreadable
)

func newRules(rules []Rule, names *scope) []rule {
	if len(rules) == 0 {
		names.problems.Add("rules", "there are no rules, so no record could become an entry").Hint = "for example - { when: amount > 0, added: amount }"
	}
	made := make([]rule, len(rules))
	for i, cfg := range rules {
		made[i] = newRule(config.Index("rules", i), cfg, names)
	}
	return made
}

func newRule(place string, cfg Rule, names *scope) rule {
	counts := strings.TrimSpace(cfg.Added) != "" || strings.TrimSpace(cfg.Expired) != ""
	switch {
	case cfg.Skip && counts:
		names.problems.Add(place, "a rule either skips or gives added and expired, not both")
	case !cfg.Skip && !counts:
		names.problems.Add(place, "the rule does not say what becomes of a record").Hint = "give it added, expired or skip: true"
	}
	return rule{
		when:    names.compile(place+".when", cfg.When, document.TypeBool),
		added:   newAmount(place+".added", cfg.Added, names),
		expired: newAmount(place+".expired", cfg.Expired, names),
		skip:    cfg.Skip,
		place:   place,
	}
}

func newAmount(place, source string, names *scope) amount {
	return amount{of: names.compile(place, source, document.TypeNumber), place: place}
}

// decide lets the first rule that holds make the entry's points. A Problem with a place makes the record unreadable.
func decide(rules []rule, row *row) (Entry, fate, Problem) {
	for i := range rules {
		holds, problem := rules[i].holds(row)
		if problem.Place != "" {
			return Entry{}, isUnreadable, problem
		}
		if holds {
			return rules[i].apply(row)
		}
	}
	return Entry{}, isUnmatched, Problem{}
}

func (r *rule) holds(row *row) (bool, Problem) {
	if r.when == nil {
		return true, Problem{}
	}
	datum, problem := row.eval(r.when, r.place+".when")
	return datum.Bool, problem // none is false
}

func (r *rule) apply(row *row) (Entry, fate, Problem) {
	if r.skip {
		return Entry{}, isSkipped, Problem{}
	}
	added, problem := r.added.points(row)
	if problem.Place != "" {
		return Entry{}, isUnreadable, problem
	}
	expired, problem := r.expired.points(row)
	if problem.Place != "" {
		return Entry{}, isUnreadable, problem
	}
	if added.Sign() == 0 && expired.Sign() == 0 {
		return Entry{}, isSkipped, Problem{}
	}
	return Entry{Added: added, Expired: expired}, isEntry, Problem{}
}

// points counts none as 0 and refuses what is below.
func (a *amount) points(row *row) (document.Decimal, Problem) {
	datum, problem := row.eval(a.of, a.place)
	if datum.Number.Sign() < 0 {
		return document.Decimal{}, Problem{Place: a.place, Why: "is negative: use abs() or -amount"}
	}
	return datum.Number, problem
}
