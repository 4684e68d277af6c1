package adapter

import (
	"context"
	"errors"
	"fmt"
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

// The sources of an answer.
const (
	live         = "live"     // the CRM's own word
	fallback     = "fallback" // the empty list, because the CRM failed
	rejectedWord = "rejected" // the request was not served
)

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
	entries   []mapping.Entry
	partial   Reason // why some of the history is not there
	skipped   int
	unmatched int
	hangUp    bool
}

func rejected(reason Reason, message string) outcome {
	return outcome{status: statuses[reason], source: rejectedWord, reason: reason, message: message}
}

// understood is the outcome of a history that was read. Of a part without entries nobody knows whether the rest has any:
// that is a failure, not a customer without bonuses.
func (s *story) understood() outcome {
	o := outcome{status: http.StatusOK, source: live, entries: s.result.Entries, skipped: s.result.Unreadable, unmatched: s.result.Unmatched}
	if s.partial != nil {
		o.partial = judged(s.partial.Kind).reason
		s.err, s.step, s.page, s.crmStatus = s.partial, s.partial.Step, s.partial.Page, s.partial.Status
	}
	switch {
	case len(s.result.Entries) > 0:
	case s.partial != nil:
		return judged(s.partial.Kind)
	case s.result.Records == 0:
		o.reason = NoTransactions
	default:
		o.reason = AllFiltered
	}
	return o
}

// failed is the outcome of a history that was not read.
func (s *story) failed(ctx context.Context, err error) outcome {
	var asking *crm.Error
	var mapped *mapping.Failed
	switch {
	case errors.As(err, &mapped):
		s.err = mapped
		return outcome{status: http.StatusOK, source: fallback, reason: MappingFailed}
	case errors.As(err, &asking):
		s.err, s.step, s.page, s.crmStatus, s.pages, s.calls = asking, asking.Step, asking.Page, asking.Status, asking.Pages, asking.Calls
		s.head = asking.Head
		if asking.Kind != crm.Canceled {
			return judged(asking.Kind)
		}
	default:
		s.err = fmt.Errorf("the ledger gave a %T, not a *crm.Error", err) // its text could hold the customer's id
	}
	return ended(ctx)
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
