package mapping

import (
	"slices"
	"strings"

	"bonus-adapter/document"
)

// pending is a compiled [Pending].
type pending struct {
	when       formula
	then       string
	activation formula
}

// What may become of points that cannot be used yet.
const (
	thenHide   = "hide"
	thenShow   = "show"
	thenFuture = "future"
)

func newPending(cfg Pending, names *scope) pending {
	made := pending{
		when:       names.formula("pending.when", cfg.When, document.TypeBool),
		then:       cfg.Then,
		activation: names.formula("pending.activation", cfg.Activation, document.TypeTime),
	}
	if made.then == "" {
		made.then = thenHide
	}
	blank := func(source string) bool { return strings.TrimSpace(source) == "" }
	switch policies := []string{thenHide, thenShow, thenFuture}; {
	case !slices.Contains(policies, made.then):
		names.problems.Add("pending.then", "points that wait cannot be treated as %q", cfg.Then).Hint = didYouMean(cfg.Then, policies)
	case blank(cfg.When) && (cfg.Then != "" || !blank(cfg.Activation)):
		names.problems.Add("pending", "it is not said which points wait").Hint = "when: status == \"pending\""
	case made.then == thenFuture && blank(cfg.Activation):
		names.problems.Add("pending", "it is not said when points that wait can be used").Hint = "activation: the time of it"
	case made.then != thenFuture && !blank(cfg.Activation):
		names.problems.Add("pending.activation", "only then: future shows it")
	}
	return made
}

// moment gives the time at which points that wait can be used.
func (p *pending) moment(row *row) (Moment, *Problem) {
	moment, problem := p.activation.moment(row)
	if problem == nil && moment.IsZero() {
		problem = &Problem{Place: p.activation.place, Why: "is none: points that wait would look as if they could be used"}
	}
	return moment, problem
}
