package crm

import (
	"errors"
	"net/http"
	"slices"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

var (
	errNoTimeLeft = errors.New("no time is left to ask")
	errBusy       = errors.New("as many requests as limits.concurrent allows are under way")
)

// verdict says what an answer means: the rules of the step, then of the crm, then not_found and fail, then what its
// protocol calls an error, then the status. So a 404 is a customer that the CRM does not know only where the config says
// so.
type verdict struct {
	rules    []rule
	notFound clause
	fails    []clause // the step's and the crm's
	protocol protocol
}

// clause is a condition with its place in the section. Without a condition it never holds.
type clause struct {
	when  document.Condition
	place string
}

// rule is a Verdict, compiled.
type rule struct {
	clause
	then   string
	kind   Kind
	health health
}

// What a verdict can come to.
const (
	thenOK     = "ok"
	thenEmpty  = "empty"
	thenRetry  = "retry"
	thenReauth = "reauth"
	thenFail   = "fail"
)

// reasons are the words that a verdict may give, for each outcome; the first is the one that is meant if none is given.
// They are the words under which package adapter tells the kinds.
var reasons = map[string][]string{
	thenEmpty:  {"user_not_found", "no_transactions"},
	thenRetry:  {"crm_status", "crm_error_body", "crm_rate_limited", "crm_unreachable", "crm_timeout"},
	thenReauth: {"crm_auth"},
	thenFail:   {"crm_error_body", "crm_status", "crm_auth", "crm_rate_limited", "crm_unreachable", "crm_timeout", "decode_failed", "path_missing"},
}

var kindsByReason = map[string]Kind{
	"user_not_found": NoSuchCustomer, "crm_status": Status, "crm_error_body": ErrorBody, "crm_rate_limited": RateLimited,
	"crm_unreachable": Unreachable, "crm_timeout": Timeout, "crm_auth": Auth, "decode_failed": DecodeFailed, "path_missing": PathMissing,
}

// newVerdict compiles the rules of a place and those of the crm behind them.
func (b *builder) newVerdict(place string, own, common []Verdict, protocol protocol) verdict {
	made := verdict{protocol: protocol}
	for i := range own {
		made.rules = append(made.rules, newRule(config.Index(config.Join(place, "verdicts"), i), &own[i], b.problems))
	}
	var told config.Problems // those of the crm are told once, by checkVerdicts
	for i := range common {
		made.rules = append(made.rules, newRule(config.Index("verdicts", i), &common[i], &told))
	}
	return made
}

func newRule(place string, cfg *Verdict, problems *config.Problems) rule {
	words, known := reasons[cfg.Then]
	switch {
	case cfg.When.IsZero():
		problems.Add(place, "when is missing: for which answers?")
	case !known && cfg.Then != thenOK:
		problems.Add(place+".then", "a verdict cannot be %q", cfg.Then).Hint = oneOf(cfg.Then, thenOK, thenEmpty, thenRetry, thenReauth, thenFail)
	case cfg.Reason != "" && !slices.Contains(words, cfg.Reason):
		problems.Add(place+".reason", "%q is not a reason of %s", cfg.Reason, cfg.Then).Hint = oneOf(cfg.Reason, words...)
	case !slices.Contains([]string{"", "count", "ignore"}, cfg.Breaker):
		problems.Add(place+".breaker", "the breaker cannot %q an answer", cfg.Breaker).Hint = oneOf(cfg.Breaker, "count", "ignore")
	}
	reason := cfg.Reason
	if reason == "" && len(words) > 0 {
		reason = words[0]
	}
	made := rule{clause: clause{cfg.When, place}, then: cfg.Then, kind: kindsByReason[reason]}
	made.health = map[string]health{"count": unwell, "ignore": mute}[cfg.Breaker]
	return made
}

// oneOf gives the hint for a word that is not one of these.
func oneOf(word string, known ...string) string {
	if near := config.Nearest(word, known); near != "" {
		return "did you mean " + near + "?"
	}
	return listing(known)
}

// judge gives nil for an answer that may be read. It may find that the answer is an empty one.
func (v *verdict) judge(got *answer) *Error {
	for i := range v.rules {
		met, failed := v.rules[i].holds(got)
		if failed != nil {
			return failed
		}
		if met {
			return v.rules[i].judge(got)
		}
	}
	if failed := v.declared(got); failed != nil {
		return failed
	}
	if failed := byStatus(got.Status); failed != nil {
		return failed
	}
	return got.bad
}

// judge carries the rule out.
func (r *rule) judge(got *answer) *Error {
	switch {
	case r.then == thenOK:
		got.decided = r.place
		return got.bad
	case r.then == thenEmpty && r.kind == 0:
		got.decided, got.empty = r.place, true
		return nil
	}
	failed := failure(r.kind, "verdict %s: %s", r.then, r.when).from(r.place)
	failed.ruled, failed.reauth, failed.health = true, r.then == thenReauth, r.health
	if r.then == thenRetry {
		failed.repeat = declared
	}
	return failed
}

// declared asks not_found, then the fails, then the protocol. A condition that cannot be asked of an answer that one of
// the later ones calls an error is forgiven: a list whose length is asked for is in no error.
func (v *verdict) declared(got *answer) *Error {
	met, unasked := v.notFound.holds(got)
	if met {
		return failure(NoSuchCustomer, "not_found holds: %s", v.notFound.when).from(v.notFound.place)
	}
	for _, fail := range v.fails {
		met, failed := fail.holds(got)
		if met {
			return errorBody(got, failure(ErrorBody, "fail holds: %s", fail.when).from(fail.place))
		}
		if unasked == nil {
			unasked = failed
		}
	}
	if failed := v.protocol.failed(got.Body); failed != nil {
		return failed
	}
	return unasked
}

// errorBody is an answer whose body is an error's. Where the status says which error it is, that is told: credentials are
// renewed, and a CRM is left alone, also if its errors have a body that a fail describes.
func errorBody(got *answer, failed *Error) *Error {
	if known := byStatus(got.Status); known != nil && (known.Kind == Auth || known.Kind == RateLimited) {
		return known
	}
	return failed
}

// place names the member in which a JSON protocol tells its errors, "" if it has none.
func (p protocol) place() string { return map[protocol]string{jsonRPC: "error", graphQL: "errors"}[p] }

// failed finds what the protocol itself calls an error.
func (p protocol) failed(body document.Value) *Error {
	switch p {
	case soap:
		if body.Member("Envelope").Member("Body").Member("Fault").Kind() != document.Missing {
			return failure(ErrorBody, "the answer is a SOAP Fault")
		}
	case jsonRPC:
		if body.Member(p.place()).Kind() > document.Null {
			return failure(ErrorBody, "the answer is a JSON-RPC error")
		}
	case graphQL:
		if body.Member(p.place()).Len() > 0 {
			return failure(ErrorBody, "the answer holds GraphQL errors")
		}
	}
	return nil
}

// holds asks a condition. That it cannot be asked matters only for an answer that claims to be a good one.
func (c clause) holds(got *answer) (bool, *Error) {
	if c.when.IsZero() {
		return false, nil
	}
	met, err := c.when.Holds(got.Answer)
	got.witness.asked(c, met, err)
	if err == nil {
		return met, nil
	}
	if got.bad != nil || byStatus(got.Status) != nil {
		return false, nil
	}
	return false, conditionFailure(c.when, err).from(c.place)
}

// conditionFailure is a condition that cannot be asked; nil without an error.
func conditionFailure(condition document.Condition, err error) *Error {
	if err == nil {
		return nil
	}
	failed := documentFailure(err)
	failed.Err = errors.Join(errors.New("asking "+condition.String()), err)
	return failed
}

func byStatus(status int) *Error {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		failed := failure(Auth, "the CRM does not accept the adapter's credentials").from("auth")
		failed.reauth = status == http.StatusUnauthorized
		return failed
	case status == http.StatusTooManyRequests:
		return failure(RateLimited, "the CRM asks for fewer requests")
	case status == http.StatusNoContent, status == http.StatusPartialContent, status == http.StatusResetContent:
		return failure(DecodeFailed, "an answer without its content, which the config does not explain")
	case status < 200 || status > 299:
		return failure(Status, "%s, which the config does not explain", http.StatusText(status))
	}
	return nil
}
