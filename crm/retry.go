package crm

import (
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"bonus-adapter/config"
)

const (
	mostAttempts = 5
	longestWait  = 5 * time.Second // before a repetition, unless the CRM says otherwise
	longestAfter = 24 * time.Hour  // what lies further ahead is not told apart
)

// jitter is any time up to the longest: requests that failed together must not come again together.
func (r Retry) jitter(attempt int) time.Duration {
	longest := min(time.Duration(r.Wait), longestWait)
	for range min(attempt, mostAttempts) - 1 {
		longest = min(2*longest, longestWait)
	}
	return rand.N(max(longest, 0) + 1)
}

func (r *Retry) check(problems *config.Problems) {
	if r.Attempts < 1 || r.Attempts > mostAttempts {
		problems.Add("retry.attempts", "it must be from 1 to %d, not %d", mostAttempts, r.Attempts).Hint = "1 never sends a request again"
	}
	if time.Duration(r.Wait) > longestWait {
		problems.Add("retry.wait", "%s is over %s: the caller does not wait so long", r.Wait, config.Duration(longestWait))
	}
}

const (
	unitSeconds      = "s"
	unitMilliseconds = "ms"
	unitEpoch        = "epoch"
	unitEpochMillis  = "epoch_ms"

	standardRetryAfter = "Retry-After"
)

// retryAfter reads from an answer's header how long the CRM wants to be left alone; 0 if it does not say, or says
// something that is no time to come.
func retryAfter(header func(string) string, cfg RetryAfter, now time.Time) time.Duration {
	if cfg.Header != "" {
		if text := header(cfg.Header); text != "" {
			return cfg.span(text, now)
		}
		cfg = RetryAfter{} // whatever is in front of the CRM speaks the standard
	}
	return cfg.span(header(standardRetryAfter), now)
}

func (r RetryAfter) span(text string, now time.Time) time.Duration {
	text = strings.TrimSpace(text)
	number, isNumber := decimal(text)
	if !isNumber {
		return r.date(text, now)
	}
	switch r.Unit {
	case unitMilliseconds:
		return spanOf(number, time.Millisecond)
	case unitEpoch:
		return untilTime(instant(number), now)
	case unitEpochMillis:
		return untilTime(time.UnixMilli(int64(number)), now)
	}
	return spanOf(number, time.Second)
}

// date reads the standard's other form.
func (r RetryAfter) date(text string, now time.Time) time.Duration {
	date, err := http.ParseTime(text)
	if err != nil || (r.Unit != "" && r.Unit != unitSeconds) {
		return 0
	}
	return untilTime(date, now)
}

// decimal reads a plain number: ParseFloat alone would take 0x10, 1e3, NaN and a sign. What is beyond any time is cut,
// so that it can be reckoned with.
func decimal(text string) (float64, bool) {
	if strings.Trim(text, "0123456789.") != "" {
		return 0, false
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	return min(number, 1e15), true
}

func spanOf(number float64, unit time.Duration) time.Duration {
	return time.Duration(min(math.Round(number*float64(unit)), float64(longestAfter)))
}

func instant(seconds float64) time.Time {
	whole, fraction := math.Modf(seconds)
	return time.Unix(int64(whole), int64(math.Round(fraction*1e9)))
}

func untilTime(moment, now time.Time) time.Duration {
	return min(max(moment.Sub(now), 0), longestAfter)
}

func (r *RetryAfter) check(problems *config.Problems) {
	if r.Header != "" && !httpguts.ValidHeaderFieldName(r.Header) {
		problems.Add("rate.retry_after.header", "%q cannot be the name of a header", r.Header)
	}
	units := []string{unitSeconds, unitMilliseconds, unitEpoch, unitEpochMillis}
	if r.Unit == "" || slices.Contains(units, r.Unit) {
		return
	}
	problem := problems.Add("rate.retry_after.unit", "there is no unit %q", r.Unit)
	problem.Hint = "there are " + strings.Join(units, ", ")
	if near := config.Nearest(r.Unit, units); near != "" {
		problem.Hint = "did you mean " + near + "?"
	}
}
