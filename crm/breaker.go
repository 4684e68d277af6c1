package crm

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sony/gobreaker/v2"
)

// withBreaker leaves a CRM alone that failed too often lately; each of its hosts has a breaker of its own, and the login
// has another one.
//
// What counts is the CRM's health, not a customer's luck: an unknown customer, an error body or an oversized history
// must not close the door for everybody, and neither must callers who hang up. gobreaker by itself counts every error.
func withBreaker(hosts *breakers, next sender) sender {
	return func(ctx context.Context, req request, verdict verdict) (*answer, *Error) {
		var failed *Error
		got, err := hosts.get(circuit{req.base, req.breaker}, req.step).Execute(func() (*answer, error) {
			var got *answer
			if got, failed = next(ctx, req, verdict); failed != nil {
				if failed.reauth && req.worn && failed.health == untold {
					failed.health = mute // a token has come to its end, perhaps in hundreds of requests at once
				}
				return nil, failed
			}
			return got, nil
		})
		if failed != nil {
			return nil, failed
		}
		if err != nil {
			return nil, failure(BreakerOpen, "the CRM failed too often lately and is left alone: %w", err)
		}
		return got, nil
	}
}

// breakers are those of all hosts. There are few: a host comes from the config, or from a login that the config trusts.
type breakers struct {
	cfg  Breaker
	mu   sync.Mutex
	of   map[circuit]*gobreaker.CircuitBreaker[*answer]
	uses map[use]struct{} // by which steps
}

func newBreakers(cfg Breaker) *breakers {
	return &breakers{cfg: cfg, of: map[circuit]*gobreaker.CircuitBreaker[*answer]{}, uses: map[use]struct{}{}}
}

// circuit is what one breaker is for.
type circuit struct{ host, part string }

func (b *breakers) get(host circuit, step string) *gobreaker.CircuitBreaker[*answer] {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.of[host] == nil {
		b.of[host] = newBreaker(b.cfg)
	}
	b.uses[use{step, host}] = struct{}{}
	return b.of[host]
}

func newBreaker(cfg Breaker) *gobreaker.CircuitBreaker[*answer] {
	return gobreaker.NewCircuitBreaker[*answer](gobreaker.Settings{
		MaxRequests:  uint32(max(cfg.Probes, 1)), //nolint:gosec // checked to be small and positive
		Interval:     time.Duration(cfg.Window),
		BucketPeriod: time.Duration(cfg.Window) / 12,
		Timeout:      about(time.Duration(cfg.Open)),
		ReadyToTrip: func(counts gobreaker.Counts) bool {
			valid := counts.Requests - counts.TotalExclusions
			return int(valid) >= cfg.Requests && float64(counts.TotalFailures) >= float64(cfg.Failures)*float64(valid)
		},
		IsSuccessful: func(err error) bool { return err == nil || healthOf(err) == well },
		IsExcluded:   func(err error) bool { return healthOf(err) == mute },
	})
}

// about is a time a fifth shorter or longer: replicas whose breakers opened together must not probe together.
func about(span time.Duration) time.Duration {
	return span - span/5 + rand.N(2*span/5+1)
}

// health is what an outcome tells about the CRM's health.
type health uint8

const (
	untold health = iota // nobody has said it: see healthOf
	unwell               // the CRM is unwell
	well                 // the CRM works, whatever it said
	mute                 // it says nothing
)

func healthOf(err error) health {
	var failed *Error
	switch {
	case !errors.As(err, &failed):
		return unwell
	case failed.health != untold:
		return failed.health
	case failed.Status >= 500 && failed.Kind != NoSuchCustomer && failed.Kind != RateLimited:
		return unwell
	}
	switch failed.Kind {
	case NoSuchCustomer, TooLarge, TooManyPages:
		return well
	case Canceled, RateLimited, ErrorBody, PathMissing, BadCustomer, Busy, BreakerOpen:
		return mute
	case Status:
		if failed.Status >= 400 && failed.Status < 500 {
			return well
		}
	case Timeout:
		if errors.Is(failed.Err, errNoTimeLeft) {
			return mute
		}
	}
	return unwell
}

// busyWait is how long a request waits for a place before the CRM counts as busy.
const busyWait = 50 * time.Millisecond

// withBulkhead bounds how many requests the CRM sees at once. It does not queue: whoever waits is soon too late. Only a
// history that has begun waits longer, for half of its time: else what it has taken already would be for nothing.
func withBulkhead(free chan struct{}, next sender) sender {
	return func(ctx context.Context, req request, verdict verdict) (*answer, *Error) {
		select {
		case free <- struct{}{}:
		default:
			if failed := waitFor(ctx, free, patienceFor(ctx)); failed != nil {
				return nil, failed
			}
		}
		defer func() { <-free }()
		return next(ctx, req, verdict)
	}
}

func patienceFor(ctx context.Context) time.Duration {
	own := tripOf(ctx)
	deadline, has := ctx.Deadline()
	if own == nil || own.fresh() || !has {
		return busyWait
	}
	return max(time.Until(deadline)/2, busyWait)
}

func waitFor(ctx context.Context, free chan<- struct{}, span time.Duration) *Error {
	patience := time.NewTimer(span)
	defer patience.Stop()
	select {
	case free <- struct{}{}:
		return nil
	case <-patience.C:
		return &Error{Kind: Busy, Err: errBusy}
	case <-ctx.Done():
		return transportFailure(ctx, ctx.Err())
	}
}
