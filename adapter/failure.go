package adapter

import (
	"context"
	"errors"
	"net/http"

	"bonus-adapter/crm"
	"bonus-adapter/mapping"
)

// Reason says in one word why an answer is empty. The set is closed, and the words are the same in header and log.
type Reason string

// The reasons.
const (
	NoTransactions   Reason = "no_transactions"
	UserNotFound     Reason = "user_not_found"
	AllFiltered      Reason = "all_filtered"
	PathMissing      Reason = "path_missing"
	DecodeFailed     Reason = "decode_failed"
	MappingFailed    Reason = "mapping_failed"
	CRMUnreachable   Reason = "crm_unreachable"
	CRMTimeout       Reason = "crm_timeout"
	CRMStatus        Reason = "crm_status"
	CRMErrorBody     Reason = "crm_error_body"
	CRMAuth          Reason = "crm_auth"
	CRMRateLimited   Reason = "crm_rate_limited"
	CRMBusy          Reason = "crm_busy"
	HostRefused      Reason = "host_refused"
	BreakerOpen      Reason = "breaker_open"
	TooLarge         Reason = "too_large"
	TooManyPages     Reason = "too_many_pages"
	BadRequest       Reason = "bad_request"
	Unauthorized     Reason = "unauthorized"
	NotFound         Reason = "not_found"
	MethodNotAllowed Reason = "method_not_allowed"
	Overloaded       Reason = "overloaded"
	Internal         Reason = "internal"
	Canceled         Reason = "canceled" // in the log only: nobody is there to read an answer
)

// Reasons gives every reason, so that a test can drive them all.
func Reasons() []Reason {
	return []Reason{
		NoTransactions, UserNotFound, AllFiltered, PathMissing, DecodeFailed, MappingFailed, CRMUnreachable, CRMTimeout, CRMStatus,
		CRMErrorBody, CRMAuth, CRMRateLimited, CRMBusy, HostRefused, BreakerOpen, TooLarge, TooManyPages, BadRequest, Unauthorized,
		NotFound, MethodNotAllowed, Overloaded, Internal, Canceled,
	}
}

// Source gives where an empty answer with this reason comes from, as the header Bonus-History says it, unless it is one
// that was kept.
func (r Reason) Source() string {
	switch {
	case statuses[r] != 0:
		return rejectedWord
	case r == NoTransactions, r == UserNotFound, r == AllFiltered:
		return live
	}
	return fallback
}

// The sources of an answer.
const (
	live         = "live"     // the CRM's own word
	cached       = "cache"    // its word of a moment ago
	stale        = "stale"    // its word from before it failed
	fallback     = "fallback" // the empty list, because the CRM failed
	rejectedWord = "rejected" // the request was not served
)

// Sources gives every source of an answer, best first.
func Sources() []string { return []string{live, cached, stale, fallback, rejectedWord} }

// policies is the one table from what happened to what is answered. A change of policy is a change of a cell.
var policies = map[crm.Kind]struct {
	source string
	reason Reason
}{
	crm.NoSuchCustomer: {live, UserNotFound},
	crm.BadCustomer:    {rejectedWord, BadRequest},
	crm.Unreachable:    {fallback, CRMUnreachable},
	crm.Timeout:        {fallback, CRMTimeout},
	crm.Status:         {fallback, CRMStatus},
	crm.ErrorBody:      {fallback, CRMErrorBody},
	crm.Auth:           {fallback, CRMAuth},
	crm.RateLimited:    {fallback, CRMRateLimited},
	crm.Busy:           {fallback, CRMBusy},
	crm.HostRefused:    {fallback, HostRefused},
	crm.BreakerOpen:    {fallback, BreakerOpen},
	crm.TooLarge:       {fallback, TooLarge},
	crm.TooManyPages:   {fallback, TooManyPages},
	crm.PathMissing:    {fallback, PathMissing},
	crm.DecodeFailed:   {fallback, DecodeFailed},
	crm.Canceled:       {fallback, Canceled}, // if the caller left indeed; else see ended
}

// ReasonOf gives the word under which a failure of the CRM is told.
func ReasonOf(kind crm.Kind) Reason { return policies[kind].reason }

// statuses of rejected answers; everything else is 200.
var statuses = map[Reason]int{
	BadRequest:       http.StatusBadRequest,
	Unauthorized:     http.StatusUnauthorized,
	NotFound:         http.StatusNotFound,
	MethodNotAllowed: http.StatusMethodNotAllowed,
	Overloaded:       http.StatusServiceUnavailable,
	Internal:         http.StatusInternalServerError,
}

// outcome is what a request came to.
type outcome struct {
	status    int
	source    string
	reason    Reason
	message   string // for the caller, of a rejected request
	entries   int
	rendered  []byte          // the answer's body; nil if it is the empty list. Answers are shared: nobody changes it
	listed    []mapping.Entry // those of an answer that is rendered only while it is written; nil for most
	partial   Reason          // why some of the history is not there
	skipped   int
	unmatched int
	hangUp    bool
}

func rejected(reason Reason, message string) outcome {
	return outcome{status: statuses[reason], source: rejectedWord, reason: reason, message: message}
}

// found is the outcome of a whole history.
func found(result mapping.Result) outcome {
	o := outcome{status: http.StatusOK, source: live, entries: len(result.Entries), skipped: result.Unreadable, unmatched: result.Unmatched}
	switch {
	case o.entries > mostRendered:
		o.listed = result.Entries
	case o.entries > 0:
		o.rendered = render(result.Entries)
	case result.Records == 0:
		o.reason = NoTransactions
	default:
		o.reason = AllFiltered
	}
	return o
}

// fellBack is the empty list of a CRM that failed.
func fellBack(reason Reason) outcome {
	return outcome{status: http.StatusOK, source: fallback, reason: reason}
}

// judged looks up what the ledger says.
func judged(kind crm.Kind) outcome {
	policy, known := policies[kind]
	switch {
	case !known:
		return rejected(Internal, bugMessage)
	case policy.source == rejectedWord:
		return rejected(policy.reason, "userIdentifier cannot be a customer's id here")
	}
	return outcome{status: http.StatusOK, source: policy.source, reason: policy.reason}
}

// ended is the outcome of a call that was given up: because the caller left, because time was up, or, if neither is so,
// because of a bug.
func ended(ctx context.Context) outcome {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return judged(crm.Canceled)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return judged(crm.Timeout)
	}
	return rejected(Internal, bugMessage)
}

const bugMessage = "an error inside the adapter"
