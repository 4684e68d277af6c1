package crm

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

// spring is what a fresh drinks from: it counts, and gives what it is told to.
type spring struct {
	mu       sync.Mutex
	began    time.Time
	at       []time.Duration // when it was asked
	takes    time.Duration
	lifetime time.Duration
	failed   *Error
}

func newSpring(lifetime time.Duration) *spring {
	return &spring{began: time.Now(), lifetime: lifetime}
}

func (s *spring) fetch(ctx context.Context) (fetched[int], *Error) {
	s.mu.Lock()
	s.at = append(s.at, time.Since(s.began))
	number, takes, lifetime, failed := len(s.at), s.takes, s.lifetime, s.failed
	s.mu.Unlock()
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		return fetched[int]{}, transportFailure(ctx, ctx.Err())
	}
	return fetched[int]{number, time.Now().Add(lifetime)}, failed
}

func (s *spring) asked() []time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.at)
}

func (s *spring) set(change func(*spring)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

// inBubble runs a test over a fresh with its own clock; the bubble fails if a goroutine is left.
func inBubble(t *testing.T, lifetime time.Duration, test func(*testing.T, *spring, *fresh[int])) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		from := newSpring(lifetime)
		kept := newFresh(10*time.Second, from.fetch)
		defer kept.close()
		test(t, from, kept)
	})
}

func got(t *testing.T, kept *fresh[int], want int) uint64 {
	t.Helper()
	value, generation, failed := kept.get(t.Context())
	if failed != nil || value != want {
		t.Fatalf("got %d, %v; want %d", value, failed, want)
	}
	return generation
}

// together runs the same many times at once and waits for all.
func together(times int, run func()) {
	var all sync.WaitGroup
	for range times {
		all.Go(run)
	}
	all.Wait()
}

func TestFreshIsFetchedOnceForAll(t *testing.T) {
	inBubble(t, time.Hour, func(t *testing.T, from *spring, kept *fresh[int]) {
		from.takes = time.Second
		together(500, func() {
			if value, generation, failed := kept.get(t.Context()); value != 1 || generation != 1 || failed != nil {
				t.Error(value, generation, failed)
			}
		})
		got(t, kept, 1)
		if asked := from.asked(); len(asked) != 1 || time.Since(from.began) != time.Second {
			t.Fatal(asked, time.Since(from.began))
		}
	})
}

func TestFreshIsRenewedBeforeItIsOld(t *testing.T) {
	for _, test := range []struct{ lifetime, margin time.Duration }{
		{time.Hour, 30 * time.Second},
		{5 * time.Minute, 30 * time.Second},
		{time.Minute, 6 * time.Second},
		{10 * time.Second, time.Second},
	} {
		inBubble(t, test.lifetime, func(t *testing.T, _ *spring, kept *fresh[int]) {
			got(t, kept, 1)
			time.Sleep(test.lifetime - test.margin - time.Nanosecond)
			got(t, kept, 1)
			time.Sleep(time.Nanosecond)
			got(t, kept, 2)
		})
	}
}

func TestFreshThatIsOldAtOnceServesWhoWaited(t *testing.T) {
	for _, lifetime := range []time.Duration{-time.Hour, 0, time.Millisecond} {
		inBubble(t, lifetime, func(t *testing.T, from *spring, kept *fresh[int]) {
			from.takes = time.Second
			together(50, func() { got(t, kept, 1) })
			got(t, kept, 1) // within the hold: asked no more often than once a second
			time.Sleep(time.Second)
			together(50, func() { got(t, kept, 2) })
			if asked := from.asked(); len(asked) != 2 {
				t.Fatal(asked)
			}
		})
	}
}

func TestFreshThatFailsIsLeftAlone(t *testing.T) {
	inBubble(t, time.Hour, func(t *testing.T, from *spring, kept *fresh[int]) {
		from.failed = failure(Auth, "refused")
		fail := func() {
			_, _, failed := kept.get(t.Context())
			if failed == nil || failed.Kind != Auth {
				t.Error(failed)
			}
			failed.Step = "mine" // the race detector sees a shared one
		}
		together(100, fail)
		for time.Since(from.began) < 200*time.Second {
			time.Sleep(100 * time.Millisecond)
			fail()
		}
		want := []time.Duration{0, 1, 3, 7, 15, 31, 63, 123, 183}
		for i := range want {
			want[i] *= time.Second
		}
		if asked := from.asked(); !slices.Equal(asked, want) {
			t.Fatalf("asked at %v, not %v", asked, want)
		}
		time.Sleep(time.Minute)
		from.set(func(s *spring) { s.failed = nil })
		generation := got(t, kept, 10)
		from.set(func(s *spring) { s.failed = failure(Timeout, "slow") })
		kept.accepted(generation)
		kept.reject(generation)
		_, _, failed := kept.get(t.Context())
		time.Sleep(time.Second) // a success brings the hold back to its beginning
		from.set(func(s *spring) { s.failed = nil })
		if got(t, kept, 12); failed == nil || failed.Kind != Timeout {
			t.Fatal(failed)
		}
	})
}

func TestFreshOutlivesTheCallerWhoBegan(t *testing.T) {
	inBubble(t, time.Hour, func(t *testing.T, from *spring, kept *fresh[int]) {
		from.takes = 3 * time.Second
		leaving, leave := context.WithCancel(t.Context())
		hurried, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var all sync.WaitGroup
		expect := func(ctx context.Context, kind Kind) {
			if _, _, failed := kept.get(ctx); failed == nil || failed.Kind != kind {
				t.Errorf("%v, not %s", failed, kind)
			}
		}
		all.Go(func() { expect(leaving, Canceled) })
		synctest.Wait()
		all.Go(func() { expect(hurried, Timeout) })
		all.Go(func() { got(t, kept, 1) })
		synctest.Wait()
		leave()
		all.Wait()
		expect(leaving, Canceled)
		if asked := from.asked(); len(asked) != 1 || time.Since(from.began) != from.takes {
			t.Fatal(asked, time.Since(from.began))
		}
	})
}

func TestFreshStartsNothingForWhoLeft(t *testing.T) {
	inBubble(t, time.Hour, func(t *testing.T, from *spring, kept *fresh[int]) {
		gone, leave := context.WithCancel(t.Context())
		leave()
		_, _, failed := kept.get(gone)
		if failed == nil || failed.Kind != Canceled || len(from.asked()) != 0 {
			t.Fatal(failed, from.asked())
		}
	})
}

func TestFreshHasItsPatience(t *testing.T) {
	inBubble(t, time.Hour, func(t *testing.T, from *spring, kept *fresh[int]) {
		from.takes = time.Hour
		_, _, failed := kept.get(t.Context())
		if failed == nil || failed.Kind != Timeout || time.Since(from.began) != 10*time.Second {
			t.Fatal(failed, time.Since(from.began))
		}
	})
}

func TestRejectionsAtTheMomentOfExpiryFetchOnce(t *testing.T) {
	inBubble(t, time.Minute, func(t *testing.T, from *spring, kept *fresh[int]) {
		generation := got(t, kept, 1)
		kept.accepted(generation)
		from.takes = time.Second
		time.Sleep(54 * time.Second)
		together(500, func() {
			if !kept.reject(generation) {
				t.Error("a new one may help")
			}
			if kept.accepted(generation); got(t, kept, 2) != generation+1 {
				t.Error("of another generation")
			}
			if !kept.reject(generation) { // somebody's late answer
				t.Error("there is a newer one already")
			}
		})
		if got(t, kept, 2); len(from.asked()) != 2 {
			t.Fatal(from.asked())
		}
	})
}

func TestRejectionsWithoutEndAreHeld(t *testing.T) {
	for _, lifetime := range []time.Duration{0, 2 * time.Second, time.Hour} {
		inBubble(t, lifetime, func(t *testing.T, from *spring, kept *fresh[int]) {
			work := func() {
				_, generation, _ := kept.get(t.Context())
				if kept.reject(generation) {
					_, generation, _ = kept.get(t.Context())
					kept.reject(generation)
				}
			}
			for time.Since(from.began) < time.Minute {
				together(20, work)
				time.Sleep(50 * time.Millisecond)
			}
			asked := from.asked()
			for i := 2; i < len(asked); i++ { // the second is the one that might have helped
				if asked[i]-asked[i-1] < 5*time.Second {
					t.Errorf("asked at %v", asked)
				}
			}
			if len(asked) < 4 || len(asked) > 12 {
				t.Errorf("asked at %v", asked)
			}
		})
	}
}

func TestAcceptedEndsTheHold(t *testing.T) {
	inBubble(t, time.Hour, func(t *testing.T, _ *spring, kept *fresh[int]) {
		if !kept.reject(got(t, kept, 1)) || kept.reject(got(t, kept, 2)) {
			t.Fatal("the first refusal may be its age, the second is not")
		}
		generation := got(t, kept, 2)
		kept.accepted(generation)
		kept.accepted(generation - 1) // a late answer
		if kept.reject(generation) {
			t.Fatal("one was given up at this very moment")
		}
		time.Sleep(time.Second)
		if !kept.reject(generation) {
			t.Fatal("it had been good")
		}
		if kept.reject(got(t, kept, 3)) {
			t.Fatal("refused again without having been good")
		}
		time.Sleep(5 * time.Second)
		if !kept.reject(got(t, kept, 3)) || kept.reject(got(t, kept, 4)) {
			t.Fatal("after 5 s it is tried again, once")
		}
		time.Sleep(9 * time.Second)
		if kept.reject(got(t, kept, 4)) {
			t.Fatal("the hold did not double")
		}
		time.Sleep(time.Second)
		if !kept.reject(got(t, kept, 4)) {
			t.Fatal("the hold does not end")
		}
	})
}

func TestHoldsDoubleUpToAMinute(t *testing.T) {
	for times, want := range []time.Duration{5, 5, 10, 20, 40, 60, 60, 60} {
		if got := hold(rejectionHold, times); got != want*time.Second {
			t.Errorf("%d times: %s", times, got)
		}
	}
	if got := hold(failureHold, 1<<40); got != longestFreshHold {
		t.Error(got)
	}
}

func TestClosedFreshLeavesNothingBehind(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	began := make(chan struct{})
	kept := newFresh(time.Hour, func(ctx context.Context) (fetched[int], *Error) {
		close(began)
		<-ctx.Done()
		return fetched[int]{}, transportFailure(ctx, ctx.Err())
	})
	var waiting sync.WaitGroup
	waiting.Go(func() {
		if _, _, failed := kept.get(t.Context()); failed == nil || failed.Kind != Canceled {
			t.Error(failed)
		}
	})
	<-began
	kept.close()
	waiting.Wait()
	kept.close()
	if _, _, failed := kept.get(t.Context()); failed == nil || failed.Kind != Canceled {
		t.Fatal(failed)
	}
	newFresh(time.Hour, newSpring(0).fetch).close()
}

func BenchmarkFresh(b *testing.B) {
	kept := newFresh(time.Hour, newSpring(time.Hour).fetch)
	defer kept.close()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			_, generation, _ := kept.get(b.Context())
			kept.accepted(generation)
		}
	})
}
