package crm

import (
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"bonus-adapter/config"
)

// started is one request that the CRM saw.
type started struct {
	at     time.Duration // since the beginning of the test
	weight int
}

// seen is a CRM that notes what comes, and answers what it is told to.
type seen struct {
	mutex sync.Mutex
	begin time.Time
	all   []started
	reply func(n int) *Error // nil: always well
}

func (s *seen) send(_ context.Context, req request, _ verdict) (*answer, *Error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.all = append(s.all, started{time.Since(s.begin), req.weight})
	if s.reply != nil {
		if failed := s.reply(len(s.all)); failed != nil {
			return nil, failed
		}
	}
	return &answer{}, nil
}

func paced(requests int, per time.Duration, reply func(int) *Error) (*seen, func(context.Context, int) *Error) {
	crm := &seen{begin: time.Now(), reply: reply}
	send := withPace(newPace(Rate{Requests: requests, Per: config.Duration(per)}, time.Second), crm.send)
	return crm, func(ctx context.Context, weight int) *Error {
		_, failed := send(ctx, request{weight: weight}, verdict{})
		return failed
	}
}

// exact fails if any stretch holds more than the limit. A stretch with the most in it begins with a request.
func exact(t *testing.T, all []started, limit int, per time.Duration) {
	t.Helper()
	for i, first := range all {
		units := 0
		for _, other := range all[i:] {
			if other.at-first.at < per {
				units += min(max(other.weight, 1), limit)
			}
		}
		if units > limit {
			t.Fatalf("%d units in the %s from %s, not %d", units, per, first.at, limit)
		}
	}
}

// earliest is the slow and plain way to say when each request begins: as soon as the stretch behind it has room.
func earliest(arrivals []started, limit int, per time.Duration) []started {
	var units []time.Duration // when each unit began
	var all []started
	for _, each := range arrivals {
		at := each.at
		if len(units) > 0 {
			at = max(at, units[len(units)-1])
		}
		weight := min(max(each.weight, 1), limit)
		if blocking := len(units) + weight - limit - 1; blocking >= 0 {
			at = max(at, units[blocking]+per)
		}
		units = append(units, slices.Repeat([]time.Duration{at}, weight)...)
		all = append(all, started{at, each.weight})
	}
	return all
}

// inOrder sorts what is let through at the same moment: which goroutine is first then is the scheduler's choice.
func inOrder(all []started) []started {
	slices.SortFunc(all, func(a, b started) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.weight, b.weight))
	})
	return all
}

func TestPaceLetsEachRequestThroughAsSoonAsNoStretchHoldsTooMany(t *testing.T) {
	for seed := range uint64(150) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			limit, per := 1+random.IntN(9), time.Second
			crm, ask := paced(limit, per, nil)
			var arrivals []started
			var callers sync.WaitGroup
			for range 80 {
				weight := random.IntN(limit + 3)
				arrivals = append(arrivals, started{time.Since(crm.begin), weight})
				callers.Go(func() {
					if failed := ask(t.Context(), weight); failed != nil {
						t.Error(failed)
					}
				})
				synctest.Wait()
				time.Sleep(time.Duration(random.IntN(3)) * time.Duration(random.IntN(int(per)/2)))
			}
			callers.Wait()
			exact(t, crm.all, limit, per)
			got, want := inOrder(crm.all), inOrder(earliest(arrivals, limit, per))
			if !slices.Equal(got, want) {
				t.Fatalf("seed %d, limit %d: began\n%v\nnot\n%v", seed, limit, got, want)
			}
		})
	}
}

func TestPaceStaysExactWhenCallersLeave(t *testing.T) {
	for seed := range uint64(150) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 2))
			limit, per := 1+random.IntN(9), time.Second
			crm, ask := paced(limit, per, nil)
			var callers sync.WaitGroup
			for range 100 {
				weight, patience := 1+random.IntN(limit), time.Duration(random.IntN(int(3*per)))
				callers.Go(func() {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					defer time.AfterFunc(patience, cancel).Stop()
					if failed := ask(ctx, weight); failed != nil && failed.Kind != Canceled {
						t.Error(failed)
					}
				})
				time.Sleep(time.Duration(random.IntN(int(per) / 4)))
			}
			callers.Wait()
			exact(t, crm.all, limit, per)
		})
	}
}

func TestPaceGivesBackTheTurnOfACallerThatLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm, ask := paced(2, time.Second, nil)
		ctx, cancel := context.WithCancel(t.Context())
		var callers sync.WaitGroup
		left := make(chan *Error, 1)
		go func() { left <- ask(t.Context(), 1) }()
		synctest.Wait()
		if failed := <-left; failed != nil {
			t.Fatal(failed)
		}
		go func() { left <- ask(ctx, 2) }() // its turn comes after a second, and it keeps the next from coming before
		synctest.Wait()
		callers.Go(func() { _ = ask(t.Context(), 1) })
		synctest.Wait()
		time.Sleep(300 * time.Millisecond)
		cancel()
		if failed := <-left; failed == nil || failed.Kind != Canceled {
			t.Errorf("left with %v", failed)
		}
		callers.Wait()
		if want := []started{{0, 1}, {300 * time.Millisecond, 1}}; !slices.Equal(crm.all, want) {
			t.Errorf("began %v, not %v", crm.all, want)
		}
	})
}

func TestPaceCountsFromWhenARequestReallyBegan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(Rate{Requests: 1}, time.Second)
		begin := time.Now()
		_ = p.wait(t.Context(), 1)
		began := make(chan time.Duration, 2)
		for range 2 {
			go func() {
				_ = p.wait(t.Context(), 1)
				began <- time.Since(begin)
			}()
		}
		synctest.Wait()
		p.timer.Stop() // a machine that is half a second behind
		time.Sleep(1500 * time.Millisecond)
		p.ring()
		if first, second := <-began, <-began; first != 1500*time.Millisecond || second != 2500*time.Millisecond {
			t.Errorf("began at %s and %s", first, second)
		}
	})
}

func TestThoseBehindACallerThatLeavesMoveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, ask := paced(1, time.Second, nil)
		_ = ask(t.Context(), 1)
		leaving, leave := context.WithCancel(t.Context())
		for _, ctx := range []context.Context{t.Context(), leaving, t.Context()} {
			go func() { _ = ask(ctx, 1) }()
			synctest.Wait()
		}
		leave()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		if failed := ask(ctx, 1); failed != nil { // the third, now that one has left
			t.Error(failed)
		}
	})
}

func TestPaceRefusesWhoseTimeEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(Rate{Requests: 1}, time.Second)
		_ = p.wait(t.Context(), 1)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		refused := make(chan *Error)
		go func() { refused <- p.wait(ctx, 1) }()
		synctest.Wait()
		p.timer.Stop() // its turn is late, and then it is too late
		if failed := <-refused; kindOf(failed) != Busy {
			t.Errorf("%v", failed)
		}
		cancel()
		if failed := p.wait(ctx, 1); kindOf(failed) != Timeout || !errors.Is(failed, errNoTimeLeft) || p.units != 1 {
			t.Errorf("%v: %d turns", failed, p.units)
		}
	})
}

func TestPaceDoesNotWaitForATurnThatComesTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, ask := paced(1, 10*time.Second, nil)
		_ = ask(t.Context(), 1)
		for _, test := range []struct {
			has    time.Duration
			waited time.Duration
			kind   Kind
		}{
			{11*time.Second - 1, 0, Busy}, // a whole attempt is to be left
			{11 * time.Second, 10 * time.Second, 0},
			{15 * time.Second, 10 * time.Second, 0},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), test.has)
			begin := time.Now()
			failed := ask(ctx, 1)
			cancel()
			if waited := time.Since(begin); waited != test.waited {
				t.Errorf("%s: waited %s, not %s", test.has, waited, test.waited)
			}
			if kindOf(failed) != test.kind {
				t.Errorf("%s: %v", test.has, failed)
			}
		}
	})
}

func TestPaceRefusesByTheTurnsOfThoseInFront(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, ask := paced(1, time.Second, nil)
		_ = ask(t.Context(), 1)
		for range 3 {
			go func() { _ = ask(t.Context(), 1) }()
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second-1)
		defer cancel()
		if failed := ask(ctx, 1); kindOf(failed) != Busy || !errors.Is(failed, errNoTurn) || time.Now().Nanosecond() != 0 {
			t.Errorf("%v", failed)
		}
		ctx, cancel = context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if failed := ask(ctx, 1); failed != nil {
			t.Error(failed)
		}
	})
}

func kindOf(failed *Error) Kind {
	if failed == nil {
		return 0
	}
	return failed.Kind
}

func TestPaceWithoutALimitHoldsToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm, ask := paced(0, 0, func(n int) *Error {
			if n == 1000 {
				return &Error{Kind: RateLimited, after: 2 * time.Second}
			}
			return nil
		})
		for range 1000 {
			_ = ask(t.Context(), 1)
		}
		failed := ask(t.Context(), 1)
		if crm.all[999].at != 0 || kindOf(failed) != RateLimited || failed.after != 2*time.Second {
			t.Errorf("%v after %s", failed, crm.all[999].at)
		}
	})
}

func TestPaceLeavesTheCRMAloneAsLongAsItAsks(t *testing.T) {
	for name, test := range map[string]struct {
		failed *Error
		holds  time.Duration
	}{
		"as it says":            {&Error{Kind: RateLimited, after: 3 * time.Second}, 3 * time.Second},
		"a second by default":   {&Error{Kind: RateLimited}, time.Second},
		"a minute at the most":  {&Error{Kind: RateLimited, after: time.Hour}, time.Minute},
		"a 503 with a time":     {&Error{Kind: Status, Status: 503, after: 2 * time.Second}, 2 * time.Second},
		"a 503 without a time":  {&Error{Kind: Status, Status: 503}, 0},
		"what the caller broke": {&Error{Kind: Canceled}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				crm, ask := paced(10, time.Second, func(n int) *Error {
					if n == 1 {
						return test.failed
					}
					return nil
				})
				if failed := ask(t.Context(), 1); failed != test.failed {
					t.Fatalf("the CRM's own error became %v", failed)
				}
				if test.holds > 0 {
					time.Sleep(test.holds - 1)
					failed := ask(t.Context(), 1)
					if kindOf(failed) != RateLimited || failed.after != 1 || !strings.Contains(failed.Error(), "the CRM asked to be left alone") {
						t.Fatalf("%v, %s before the end", failed, failed.after)
					}
					time.Sleep(time.Nanosecond)
				}
				if failed := ask(t.Context(), 1); failed != nil || len(crm.all) != 2 {
					t.Errorf("after the hold: %v, %d requests", failed, len(crm.all))
				}
			})
		})
	}
}

func TestARepetitionAfterTheHoldIsLetThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, ask := paced(0, 0, func(n int) *Error {
			if n == 1 {
				return &Error{Kind: RateLimited, repeat: declared}
			}
			return nil
		})
		failed := ask(t.Context(), 1)
		if !(&repeater{Retry: Retry{Attempts: 2}}).again(t.Context(), 1, failed, false) {
			t.Fatal("not repeated")
		}
		if failed := ask(t.Context(), 1); failed != nil {
			t.Errorf("the repetition came during the hold: %v", failed)
		}
	})
}

func TestAShorterHoldDoesNotShortenALongerOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(Rate{}, time.Second)
		p.heed(&Error{Kind: RateLimited, after: 5 * time.Second})
		p.heed(&Error{Kind: RateLimited, after: time.Second})
		p.heed(nil)
		time.Sleep(2 * time.Second)
		if failed := p.wait(t.Context(), 1); kindOf(failed) != RateLimited || failed.after != 3*time.Second {
			t.Errorf("%v", failed)
		}
	})
}

func TestAHoldRefusesThoseThatWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(Rate{Requests: 1, Per: config.Duration(4 * time.Second)}, time.Second)
		_ = p.wait(t.Context(), 1)
		refused := make(chan *Error)
		for range 3 {
			go func() { refused <- p.wait(t.Context(), 1) }()
		}
		synctest.Wait()
		p.heed(&Error{Kind: RateLimited, after: 2 * time.Second})
		for range 3 {
			if failed := <-refused; kindOf(failed) != RateLimited || failed.after != 2*time.Second {
				t.Errorf("%v", failed)
			}
		}
		begin := time.Now()
		time.Sleep(2 * time.Second)
		if failed := p.wait(t.Context(), 1); failed != nil || time.Since(begin) != 4*time.Second {
			t.Errorf("%v: the refused ones took turns, or the one before was forgotten: %s", failed, time.Since(begin))
		}
	})
}

func TestPaceUnderManyCallersAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limit, per = 50, 20 * time.Millisecond
		crm, ask := paced(limit, per, nil)
		var callers sync.WaitGroup
		for i := range 64 {
			callers.Go(func() {
				for range 20 {
					ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond+time.Duration(i)*2*time.Millisecond)
					_ = ask(ctx, 1+i%3)
					cancel()
				}
			})
		}
		callers.Wait()
		if exact(t, crm.all, limit, per); len(crm.all) < 100 {
			t.Errorf("only %d requests came through", len(crm.all))
		}
	})
}

func TestRateProblems(t *testing.T) {
	for place, cfg := range map[string]Rate{
		"":                                      {Requests: 45, Per: config.Duration(3 * time.Second), RetryAfter: RetryAfter{Header: "X-Lognex-Retry-After", Unit: "ms"}},
		"rate.requests: there":                  {Requests: -1},
		"rate.requests: 100001":                 {Requests: 100_001},
		"rate.requests: it is missing":          {Per: config.Duration(time.Second)},
		"rate.per: 1h0m1s is over 1h0m0s":       {Requests: 1, Per: config.Duration(time.Hour + time.Second)},
		"(did you mean epoch_ms?)":              {RetryAfter: RetryAfter{Unit: "epochms"}},
		"(there are s, ms, epoch, epoch_ms)":    {RetryAfter: RetryAfter{Unit: "fortnights"}},
		`rate.retry_after.header: "Retry After`: {RetryAfter: RetryAfter{Header: "Retry After"}},
	} {
		var problems config.Problems
		cfg.check(&problems)
		checkProblem(t, problems.Err(), place)
		withPace(newPace(cfg, time.Second), (&seen{}).send) // what is wrong must not break the building
	}
}

// checkProblem fails unless there is the one problem, or none if it is empty.
func checkProblem(t *testing.T, err error, want string) {
	t.Helper()
	all := config.All(err)
	if want == "" && len(all) == 0 {
		return
	}
	if want == "" || len(all) != 1 || !strings.Contains(all[0].Error(), want) {
		t.Errorf("%v, not %q", err, want)
	}
}

func BenchmarkPace(b *testing.B) {
	for name, requests := range map[string]int{"no limit": 0, "limit": mostRequests} {
		b.Run(name, func(b *testing.B) {
			p := newPace(Rate{Requests: requests, Per: 1}, time.Second)
			for b.Loop() {
				_ = p.wait(b.Context(), 1)
			}
		})
	}
}
