package crm

import (
	"encoding/base64"
	"errors"
	"net/http"

	"bonus-adapter/document"
)

var (
	errNoTimeLeft = errors.New("no time is left to ask")
	errBusy       = errors.New("as many requests as limits.concurrent allows are under way")
)

// verdict says what an answer means: the conditions of the step, then of the crm, then the status. So a 404 is a
// customer that the CRM does not know only where the config says so.
type verdict struct {
	notFound document.Condition
	fails    []document.Condition // the step's and the crm's
}

// judge gives nil for an answer that may be read.
func (v verdict) judge(got *answer) *Error {
	if failed := v.declared(got); failed != nil {
		return failed
	}
	if failed := byStatus(got.Status); failed != nil {
		return failed
	}
	return got.bad
}

func (v verdict) declared(got *answer) *Error {
	if met, failed := holds(v.notFound, got); met || failed != nil {
		if failed != nil {
			return failed
		}
		return failure(NoSuchCustomer, "not_found holds: %s", v.notFound)
	}
	for _, fail := range v.fails {
		met, failed := holds(fail, got)
		if failed != nil {
			return failed
		}
		if met {
			return failure(ErrorBody, "fail holds: %s", fail)
		}
	}
	return nil
}

// holds asks a condition. That it cannot be asked matters only for an answer that claims to be a good one.
func holds(condition document.Condition, got *answer) (bool, *Error) {
	if condition.IsZero() {
		return false, nil
	}
	met, err := condition.Holds(got.Answer)
	if err == nil {
		return met, nil
	}
	if got.bad != nil || byStatus(got.Status) != nil {
		return false, nil
	}
	failed := documentFailure(err)
	failed.Err = errors.Join(errors.New("asking "+condition.String()), err)
	return false, failed
}

func byStatus(status int) *Error {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return failure(Auth, "the CRM does not accept the adapter's credentials")
	case status == http.StatusTooManyRequests:
		return failure(RateLimited, "the CRM asks for fewer requests")
	case status == http.StatusNoContent, status == http.StatusPartialContent, status == http.StatusResetContent:
		return failure(DecodeFailed, "an answer without its content, which the config does not explain")
	case status < 200 || status > 299:
		return failure(Status, "%s, which the config does not explain", http.StatusText(status))
	}
	return nil
}

func basicToken(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}
