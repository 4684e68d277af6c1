package crm

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"bonus-adapter/config"
)

func TestAgainWaitsAnyTimeUpToADoublingOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		retry := repeater{Retry: Retry{Attempts: 5, Wait: config.Duration(800 * time.Millisecond)}}
		for attempt, longest := range map[int]time.Duration{1: 800 * time.Millisecond, 2: 1600 * time.Millisecond, 3: 3200 * time.Millisecond, 4: 5 * time.Second} {
			least, most := longest, time.Duration(0)
			for range 500 {
				retry.share = share{}
				begin := time.Now()
				if !retry.again(t.Context(), attempt, &Error{repeat: declared}, false) {
					t.Fatal("refused")
				}
				least, most = min(least, time.Since(begin)), max(most, time.Since(begin))
			}
			if most > longest || most < longest*9/10 || least > longest/10 {
				t.Errorf("attempt %d: waits from %s to %s, not from 0 to %s", attempt, least, most, longest)
			}
		}
	})
}

func TestAgainOnlyIfItIsWorthIt(t *testing.T) {
	const floor = 200 * time.Millisecond
	retry := Retry{Attempts: 2}
	for name, test := range map[string]struct {
		retry   Retry
		attempt int
		failed  Error
		has     time.Duration // of the caller's; 0 is no deadline
		again   bool
		waited  time.Duration
	}{
		"at once":                     {retry, 1, Error{repeat: declared}, time.Second, true, 0},
		"without a deadline":          {retry, 1, Error{repeat: declared}, 0, true, 0},
		"the verdict says no":         {retry, 1, Error{}, time.Second, false, 0},
		"no attempt is left":          {retry, 2, Error{repeat: declared}, time.Second, false, 0},
		"never again":                 {Retry{Attempts: 1}, 1, Error{repeat: declared}, time.Second, false, 0},
		"the zero Retry":              {Retry{}, 1, Error{repeat: declared}, time.Second, false, 0},
		"no time for an attempt":      {retry, 1, Error{repeat: declared}, floor - 1, false, 0},
		"just time for an attempt":    {retry, 1, Error{repeat: declared}, floor, true, 0},
		"the CRM says when":           {retry, 1, Error{repeat: declared, after: 3 * time.Second}, 3*time.Second + floor, true, 3 * time.Second},
		"the CRM says too late":       {retry, 1, Error{repeat: declared, after: 3 * time.Second}, 3*time.Second + floor - 1, false, 0},
		"the CRM says when, forever":  {retry, 1, Error{repeat: declared, after: time.Minute}, 0, true, time.Minute},
		"the CRM says later than any": {retry, 1, Error{repeat: declared, after: time.Minute + 1}, 0, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if test.has > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.has)
					defer cancel()
				}
				begin := time.Now()
				if again := (&repeater{Retry: test.retry, floor: floor}).again(ctx, test.attempt, &test.failed, false); again != test.again {
					t.Errorf("again is %v", again)
				}
				if waited := time.Since(begin); waited != test.waited {
					t.Errorf("waited %s, not %s", waited, test.waited)
				}
			})
		})
	}
}

func TestAgainEndsWithTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		begin := time.Now()
		retry := repeater{Retry: Retry{Attempts: 2}}
		if retry.again(ctx, 1, &Error{repeat: declared, after: 10 * time.Second}, false) || time.Since(begin) != time.Second {
			t.Errorf("after %s", time.Since(begin))
		}
		if retry.again(ctx, 1, &Error{repeat: declared}, false) {
			t.Error("sent again for a caller that has left")
		}
	})
}

func TestRetryProblems(t *testing.T) {
	fine := DefaultConfig().Retry
	for want, cfg := range map[string]Retry{
		"":                                     fine,
		"retry.attempts: it must be from 1":    {Attempts: 0, Wait: fine.Wait},
		"from 1 to 5, not 6 (1 never sends":    {Attempts: 6, Wait: fine.Wait},
		"retry.wait: 5.000000001s is over 5s:": {Attempts: 5, Wait: config.Duration(5*time.Second + 1)},
	} {
		var problems config.Problems
		cfg.check(&problems)
		checkProblem(t, problems.Err(), want)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 500_000_000, time.UTC) // 1772366400.5
	const custom = "X-Lognex-Retry-After"
	seconds, millis := RetryAfter{}, RetryAfter{Header: custom, Unit: "ms"}
	epoch, epochMillis := RetryAfter{Unit: "epoch"}, RetryAfter{Unit: "epoch_ms"}
	for _, test := range []struct {
		cfg            RetryAfter
		header, custom string
		want           time.Duration
	}{
		{seconds, "", "", 0},
		{seconds, "3", "", 3 * time.Second},
		{RetryAfter{Unit: "s"}, " 1.1 ", "", 1100 * time.Millisecond},
		{seconds, "Sun, 01 Mar 2026 12:00:05 GMT", "", 4500 * time.Millisecond},
		{RetryAfter{Unit: "s"}, "Sunday, 01-Mar-26 12:01:00 GMT", "", 59500 * time.Millisecond},
		{seconds, "Sun, 01 Mar 2026 11:00:00 GMT", "", 0},
		{seconds, "Sun, 01 Mar 2099 11:00:00 GMT", "", 24 * time.Hour},
		{millis, "7", "1500", 1500 * time.Millisecond},
		{millis, "7", "", 7 * time.Second},
		{millis, "Sun, 01 Mar 2026 12:00:05 GMT", "", 4500 * time.Millisecond},
		{millis, "7", "soon", 0},
		{millis, "", "Sun, 01 Mar 2026 12:00:05 GMT", 0},
		{RetryAfter{Unit: "ms"}, "7", "", 7 * time.Millisecond},
		{epoch, "1772366402", "", 1500 * time.Millisecond},
		{epoch, "1772366401.75", "", 1250 * time.Millisecond},
		{epoch, "1772366400", "", 0},
		{epoch, "30", "", 0},
		{epoch, "99999999999999999999999", "", 24 * time.Hour},
		{epochMillis, "1772366402001", "", 1501 * time.Millisecond},
		{epochMillis, "1772366400499", "", 0},
		{epochMillis, "99999999999999999999999", "", 24 * time.Hour},
		{seconds, "0", "", 0},
		{seconds, "-5", "", 0},
		{seconds, "86401", "", 24 * time.Hour},
		{seconds, "1" + string(make([]byte, 3)), "", 0},
		{millis, "", "9" + strings.Repeat("9", 400), 24 * time.Hour},
		{seconds, ".", "", 0},
		{seconds, "1.2.3", "", 0},
		{seconds, "1e3", "", 0},
		{seconds, "NaN", "", 0},
		{seconds, "Inf", "", 0},
		{seconds, "0x10", "", 0},
		{seconds, "5, 5", "", 0},
	} {
		header := func(name string) string {
			return map[string]string{"Retry-After": test.header, custom: test.custom}[name]
		}
		if got := retryAfter(header, test.cfg, now); got != test.want {
			t.Errorf("%+v of %q, %q: %s, not %s", test.cfg, test.header, test.custom, got, test.want)
		}
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, text := range []string{"1", "1.5", "1772366402001", "Sun, 01 Mar 2026 12:00:05 GMT", "-1", "."} {
		f.Add(text, "s")
		f.Add(text, "epoch_ms")
	}
	f.Fuzz(func(t *testing.T, text, unit string) {
		now := time.Unix(1772366400, 0)
		if got := retryAfter(func(string) string { return text }, RetryAfter{Unit: unit}, now); got < 0 || got > 24*time.Hour {
			t.Errorf("%q in %q is %s", text, unit, got)
		}
	})
}
