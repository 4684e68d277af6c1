package crm

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/store"
)

// losable is a store that can be lost.
type losable struct {
	store.Store
	lost atomic.Bool
	once atomic.Bool // the next question fails
}

func (l *losable) Take(ctx context.Context, name string, want store.Want) (store.Turn, error) {
	if l.lost.Load() || l.once.Swap(false) {
		return store.Turn{}, errors.New("lost")
	}
	return l.Store.Take(ctx, name, want)
}

func (l *losable) Get(ctx context.Context, name string) (store.Value, bool) {
	if l.lost.Load() {
		return store.Value{}, false
	}
	return l.Store.Get(ctx, name)
}

// replicas are several ways to one CRM, with one store.
func replicas(number int, rate Rate, shared store.Store) (*seen, []func(context.Context, int) *Error) {
	return replicasOf(&seen{begin: time.Now()}, number, rate, shared)
}

func replicasOf(crm *seen, number int, rate Rate, shared store.Store) (*seen, []func(context.Context, int) *Error) {
	var all []func(context.Context, int) *Error
	for range number {
		send := withPace(newPacer(rate, time.Second, shared), crm.send)
		all = append(all, func(ctx context.Context, weight int) *Error {
			_, failed := send(ctx, request{weight: weight}, verdict{})
			return failed
		})
	}
	return crm, all
}

func inCommon(requests int, per time.Duration, share config.Share) Rate {
	return Rate{Requests: requests, Per: config.Duration(per), Share: share}
}

// load asks without pause from so many sides of each replica, for so long.
func load(all []func(context.Context, int) *Error, sides int, span time.Duration) {
	ctx, stop := context.WithTimeout(context.Background(), span)
	defer stop()
	var asking sync.WaitGroup
	for _, send := range all {
		for range sides {
			asking.Go(func() {
				for ctx.Err() == nil {
					if failed := send(ctx, 1); failed != nil {
						<-time.After(10 * time.Millisecond)
					}
				}
			})
		}
	}
	asking.Wait()
}

func TestReplicasKeepOneLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm, all := replicas(3, inCommon(10, time.Second, 0.3), store.NewMemory(1<<20))
		load(all, 5, 10*time.Second)
		exact(t, crm.all, 10, time.Second)
		if len(crm.all) < 90 {
			t.Errorf("only %d of 100 turns were taken", len(crm.all))
		}
	})
}

// TestOneReplicaMayHaveItAll: what the others leave is not lost.
func TestOneReplicaMayHaveItAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm, all := replicas(3, inCommon(10, time.Second, 0.3), store.NewMemory(1<<20))
		load(all[:1], 5, 5*time.Second)
		exact(t, crm.all, 10, time.Second)
		if len(crm.all) < 40 {
			t.Errorf("only %d of 50 turns were taken", len(crm.all))
		}
	})
}

// TestALostStoreKeepsTheLimit takes the store away in the middle of the load and gives it back: the limit is kept before,
// between, after, and across both.
func TestALostStoreKeepsTheLimit(t *testing.T) {
	for _, lostAt := range []time.Duration{2 * time.Second, 2300 * time.Millisecond, 2900 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			shared := &losable{Store: store.NewMemory(1 << 20)}
			crm, all := replicas(3, inCommon(12, time.Second, 0.25), shared)
			time.AfterFunc(lostAt, func() { shared.lost.Store(true) })
			time.AfterFunc(lostAt+4*time.Second, func() { shared.lost.Store(false) })
			load(all, 5, 10*time.Second)
			exact(t, crm.all, 12, time.Second)
			if len(crm.all) < 5*12*8/10+3*9*8/10 {
				t.Errorf("only %d turns were taken", len(crm.all))
			}
		})
	}
}

// TestReplicasNoticeOneAfterTheOther: who finds the store again first does not take what the others still take of their own.
func TestReplicasNoticeOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory := store.NewMemory(1 << 20)
		crm := &seen{begin: time.Now()}
		var all []func(context.Context, int) *Error
		for i := range 3 {
			shared := &losable{Store: memory}
			_, one := replicasOf(crm, 1, inCommon(12, time.Second, 0.25), shared)
			all = append(all, one...)
			time.AfterFunc(2*time.Second, func() { shared.lost.Store(true) })
			time.AfterFunc(5*time.Second+time.Duration(i)*700*time.Millisecond, func() { shared.lost.Store(false) })
		}
		load(all, 5, 12*time.Second)
		exact(t, crm.all, 12, time.Second)
	})
}

// TestOneSlowAnswerIsNoLoss: a store that fails once is asked again, and no pause follows.
func TestOneSlowAnswerIsNoLoss(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := &losable{Store: store.NewMemory(1 << 20)}
		crm, all := replicas(1, inCommon(100, time.Second, 0.1), shared)
		for range 50 {
			shared.once.Store(true)
			if failed := all[0](t.Context(), 1); failed != nil {
				t.Fatal(failed)
			}
		}
		if last := crm.all[len(crm.all)-1].at; last > 0 {
			t.Errorf("the last of 50 requests waited %v", last)
		}
	})
}

func TestAStoreThatIsNeverThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shared := &losable{Store: store.NewMemory(1 << 20)}
		shared.lost.Store(true)
		crm, all := replicas(3, inCommon(10, time.Second, 0.3), shared)
		load(all, 5, 5*time.Second)
		exact(t, crm.all, 9, time.Second)
		if len(crm.all) < 40 {
			t.Errorf("only %d turns were taken", len(crm.all))
		}
	})
}

// TestWhoCannotHaveATurnIsToldAtOnce: the turn is so far that it would be too late.
func TestWhoCannotHaveATurnIsToldAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, all := replicas(1, inCommon(1, 10*time.Second, 1), store.NewMemory(1<<20))
		if failed := all[0](t.Context(), 1); failed != nil {
			t.Fatal(failed)
		}
		began := time.Now()
		ctx, stop := context.WithTimeout(t.Context(), 5*time.Second)
		defer stop()
		if failed := all[0](ctx, 1); failed == nil || failed.Kind != Busy {
			t.Error(failed)
		}
		var waiting sync.WaitGroup
		patient, leave := context.WithCancel(t.Context())
		for range 3 {
			waiting.Go(func() { _ = all[0](patient, 1) })
		}
		synctest.Wait()
		soon, stop := context.WithTimeout(t.Context(), 25*time.Second)
		defer stop()
		if failed := all[0](soon, 1); failed == nil || failed.Kind != Busy { // three before, of which each takes 10 s
			t.Error(failed)
		}
		if time.Since(began) > 0 {
			t.Errorf("told after %v", time.Since(began))
		}
		leave()
		waiting.Wait()
	})
}

// TestARolloutOfAnotherRate: while replicas with an old and a new rate run beside each other, the stricter one holds, and each
// of them has its part. Once the old ones are gone the new rate holds.
func TestARolloutOfAnotherRate(t *testing.T) {
	for name, rates := range map[string][2]int{"raised": {10, 20}, "lowered": {20, 10}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				shared := store.NewMemory(1 << 20)
				begin := time.Now()
				before, old := replicasOf(&seen{begin: begin}, 2, inCommon(rates[0], time.Second, 0.5), shared)
				after, next := replicasOf(&seen{begin: begin}, 2, inCommon(rates[1], time.Second, 0.5), shared)
				var rollout sync.WaitGroup
				rollout.Go(func() { load(old, 5, 10*time.Second) })
				time.Sleep(5 * time.Second)
				rollout.Go(func() { load(next, 5, 25*time.Second) })
				rollout.Wait()
				in := func(all []started, from, to time.Duration) (part []started) {
					for _, each := range all {
						if each.at >= from && each.at < to {
							part = append(part, each)
						}
					}
					return part
				}
				both := inOrder(slices.Concat(in(before.all, 6*time.Second, 10*time.Second), in(after.all, 6*time.Second, 10*time.Second)))
				exact(t, both, 10, time.Second)
				if part := len(in(before.all, 6*time.Second, 10*time.Second)); part < 10 || part > 30 || len(both) < 32 {
					t.Errorf("of %d requests while both ran, %d were of the old ones", len(both), part)
				}
				exact(t, inOrder(slices.Concat(before.all, after.all)), 20, time.Second)
				if got, want := len(in(after.all, 25*time.Second, 30*time.Second)), rates[1]*5*8/10; got < want {
					t.Errorf("%d requests in the last five seconds", got)
				}
			})
		})
	}
}

// TestAHoldIsHeardInLine: a CRM that asks to be left alone is left alone, whatever turns the store would give.
func TestAHoldIsHeardInLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm, all := replicas(1, inCommon(5, time.Second, 1), store.NewMemory(1<<20))
		crm.reply = func(n int) *Error {
			if n == 3 {
				return &Error{Kind: RateLimited, after: 30 * time.Second}
			}
			return nil
		}
		load(all, 3, 20*time.Second)
		if len(crm.all) > 3+3 { // those that were on their way
			t.Errorf("%d requests", len(crm.all))
		}
	})
}

func TestAWeightCountsInCommon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm, all := replicas(2, inCommon(10, time.Second, 0.5), store.NewMemory(1<<20))
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		var asking sync.WaitGroup
		for _, send := range all {
			for range 4 {
				asking.Go(func() {
					for send(ctx, 4) == nil {
					}
				})
			}
		}
		asking.Wait()
		exact(t, crm.all, 10, time.Second)
	})
}

// accounts is a CRM's login: it counts, and takes only the token that it gave last.
type accounts struct {
	mu     sync.Mutex
	logins int
	life   time.Duration
	fail   bool
}

func (a *accounts) login(ctx context.Context) (fetched[*token], *Error) {
	if err := pause(ctx, 300*time.Millisecond); err != nil {
		return fetched[*token]{}, transportFailure(ctx, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.logins++
	if a.fail {
		return fetched[*token]{}, failure(Auth, "refused")
	}
	return fetched[*token]{&token{values: []tokenValue{{7, "token " + string(rune('0'+a.logins))}}, host: "https://h"}, time.Now().Add(a.life)}, nil
}

func (a *accounts) replica(shared store.Store) *fresh[*token] {
	cfg := DefaultConfig()
	b := &builder{cfg: &cfg, shared: shared, identity: "crm"}
	return newFresh(3*time.Second, b.shareLogin(a.login))
}

func TestReplicasLogInOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm := &accounts{life: time.Hour}
		shared := store.NewMemory(1 << 20)
		var asking sync.WaitGroup
		for range 5 {
			replica := crm.replica(shared)
			asking.Go(func() {
				got, generation, failed := replica.get(t.Context())
				if failed != nil || got.values[0] != (tokenValue{7, "token 1"}) || got.host != "https://h" {
					t.Errorf("%+v %v", got, failed)
					return
				}
				if !replica.reject(generation) { // all are refused; the next one serves all again
					t.Error("a new token would help")
				}
				<-time.After(time.Second) // until the last of them is refused too
				if got, _, failed = replica.get(t.Context()); failed != nil || got.values[0].text != "token 2" {
					t.Errorf("%+v %v", got, failed)
				}
			})
		}
		asking.Wait()
		if crm.logins != 2 {
			t.Errorf("%d logins", crm.logins)
		}
	})
}

// TestATokenIsRenewedOnceForAll: before it ends, one replica asks for the next.
func TestATokenIsRenewedOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm := &accounts{life: time.Minute}
		shared := store.NewMemory(1 << 20)
		all := []*fresh[*token]{crm.replica(shared), crm.replica(shared), crm.replica(shared)}
		for range 50 {
			for _, replica := range all {
				if _, _, failed := replica.get(t.Context()); failed != nil {
					t.Fatal(failed)
				}
			}
			time.Sleep(6 * time.Second)
		}
		if crm.logins > 8 { // 5 minutes of tokens that are renewed after 54 s
			t.Errorf("%d logins", crm.logins)
		}
	})
}

func TestALoginWithoutItsStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm := &accounts{life: time.Hour}
		shared := &losable{Store: store.NewMemory(1 << 20)}
		shared.lost.Store(true)
		for range 3 {
			if _, _, failed := crm.replica(shared).get(t.Context()); failed != nil {
				t.Error(failed)
			}
		}
		if crm.logins != 3 {
			t.Errorf("%d logins", crm.logins)
		}
	})
}

// TestALoginThatFailsIsNotRepeatedByAll: credentials that are wrong for one are wrong for all, and accounts get locked.
func TestALoginThatFailsIsNotRepeatedByAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm := &accounts{fail: true}
		shared := store.NewMemory(1 << 20)
		var asking sync.WaitGroup
		for range 10 {
			replica := crm.replica(shared)
			asking.Go(func() {
				if _, _, failed := replica.get(t.Context()); failed == nil {
					t.Error("it failed")
				}
			})
		}
		asking.Wait()
		if crm.logins > 3 {
			t.Errorf("%d logins in 3 seconds", crm.logins)
		}
	})
}

func TestGarbageIsNoToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		crm := &accounts{life: time.Hour}
		shared := store.NewMemory(1 << 20)
		for _, text := range []string{``, `{`, `{}`, `null`, `{"values":{}}`, `{"values":{"x":"y"}}`} {
			shared.Set("token crm", []byte(text), time.Minute)
			if got, _, failed := crm.replica(shared).get(t.Context()); failed != nil || got.values[0].text == "" {
				t.Errorf("%s: %v %v", text, got, failed)
			}
		}
	})
}
