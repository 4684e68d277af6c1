// Package storetest is what every store must be able to do, whatever it is made of.
package storetest

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"bonus-adapter/store"
)

// Run proves that an empty store keeps the contract of [store.Store]. It takes a few seconds: lifetimes are real.
func Run(t *testing.T, s store.Store) {
	t.Run("values", func(t *testing.T) { values(t, s) })
	t.Run("lifetimes", func(t *testing.T) { lifetimes(t, s) })
	t.Run("sizes", func(t *testing.T) { sizes(t, s) })
	t.Run("turns", func(t *testing.T) { turns(t, s) })
	t.Run("limits that differ", func(t *testing.T) { differ(t, s) })
	t.Run("a crowd", func(t *testing.T) { crowd(t, s) })
}

func values(t *testing.T, s store.Store) {
	if _, found := s.Get(t.Context(), "a"); found {
		t.Error("a value that nobody kept")
	}
	odd := "\x00\xff\r\n {}" + strings.Repeat("x", 300)
	for name, text := range map[string]string{"a": "1", "b": "", odd: "\x00\r\n", "A": "2"} {
		s.Set(name, []byte(text), time.Minute)
		kept := await(t, s, name, text)
		if kept.Left <= 50*time.Second || kept.Left > time.Minute {
			t.Errorf("%q is kept for %v", name, kept.Left)
		}
	}
	await(t, s, "a", "1")
	s.Set("a", []byte("3"), time.Minute)
	await(t, s, "a", "3")
	s.Drop("a")
	if _, found := s.Get(t.Context(), "a"); found {
		t.Error("a value that was dropped")
	}
	s.Set("a", []byte("4"), time.Minute)
	await(t, s, "a", "4")
	s.Drop("a")
	awaitNone(t, s, "a")
	s.Drop("a")
	await(t, s, "A", "2")
}

func lifetimes(t *testing.T, s store.Store) {
	s.Set("short", []byte("1"), 300*time.Millisecond)
	s.Set("long", []byte("2"), time.Minute)
	await(t, s, "long", "2")
	awaitNone(t, s, "short")
	s.Set("long", []byte("3"), 0)
	awaitNone(t, s, "long") // rather no value than an old one
}

func sizes(t *testing.T, s store.Store) {
	large := bytes.Repeat([]byte("x"), 1<<20)
	s.Set("large", large, time.Minute)
	await(t, s, "large", string(large))
	s.Set("large", bytes.Repeat([]byte("x"), 5<<20), time.Minute)
	awaitNone(t, s, "large")
}

func turns(t *testing.T, s store.Store) {
	limit := store.Limit{Units: 5, Per: time.Second}
	take := func(units int, within time.Duration) store.Turn {
		t.Helper()
		turn, err := s.Take(t.Context(), "pace", store.Want{Units: units, Limit: limit, Within: within})
		if err != nil {
			t.Fatal(err)
		}
		return turn
	}
	started := time.Now()
	if turn := take(4, 0); turn.Wait != 0 || !turn.Taken || turn.Used != 4 {
		t.Errorf("%+v", turn)
	}
	if turn := take(2, 0); turn.Wait <= 0 || turn.Wait > time.Second || turn.Taken {
		t.Errorf("%+v", turn)
	}
	if turn := take(1, 0); turn.Wait != 0 || !turn.Taken || turn.Used != 5 { // who was refused has taken nothing
		t.Errorf("%+v", turn)
	}
	first := take(2, time.Minute)
	if first.Wait <= 0 || first.Wait > time.Second || !first.Taken {
		t.Errorf("%+v", first)
	}
	if second := take(1, time.Minute); !second.Taken || time.Since(started)+second.Wait < limit.Per { // after the first
		t.Errorf("%+v", second)
	}
	if whole := take(9, time.Minute); !whole.Taken || whole.Used != 5 || time.Since(started)+whole.Wait < 2*limit.Per { // more than all is all
		t.Errorf("%+v", whole)
	}
	if late := take(1, time.Second); late.Taken || late.Wait <= time.Second {
		t.Errorf("%+v", late)
	}
}

// differ takes turns of one name by two limits, as replicas do while another config is rolled out: the stricter one holds
// for both, and none is left with nothing.
func differ(t *testing.T, s store.Store) {
	small, large := store.Limit{Units: 5, Per: 200 * time.Millisecond}, store.Limit{Units: 20, Per: 200 * time.Millisecond}
	started := time.Now()
	var latest time.Duration // of a turn, from the start
	taken := map[store.Limit]int{}
	for i := range 40 {
		limit := small
		if i%2 == 1 {
			limit = large
		}
		asked := time.Since(started)
		turn, err := s.Take(t.Context(), "rollout", store.Want{Units: 1, Limit: limit, Within: time.Minute})
		if err != nil || !turn.Taken {
			t.Fatal(turn, err)
		}
		taken[limit]++
		latest = asked + turn.Wait
	}
	if least := 7 * small.Per; latest < least { // 40 are eight times five
		t.Errorf("40 units of at most 5 in %s end after %s", small.Per, latest)
	}
	if taken[small] != 20 || taken[large] != 20 {
		t.Errorf("%v", taken)
	}
	within := func(limit store.Limit) bool {
		turn, err := s.Take(t.Context(), "rollout", store.Want{Units: 1, Limit: limit})
		return err == nil && turn.Taken
	}
	soon(t, func() bool { return within(large) }) // all that was taken begins, in their order, and nobody waits for ever
	soon(t, func() bool { return within(small) })
}

// crowd asks and keeps from many sides at once.
func crowd(t *testing.T, s store.Store) {
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 50 {
				name := fmt.Sprint("crowd ", (i+j)%10)
				if kept, found := s.Get(t.Context(), name); found && string(kept.Bytes) != name {
					t.Errorf("%s holds %s", name, kept.Bytes)
				}
				s.Set(name, []byte(name), time.Minute)
				if _, err := s.Take(t.Context(), "crowd", store.Want{Units: 1, Limit: store.Limit{Units: 10, Per: time.Second}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// await gives the value that a store gives soon.
func await(t *testing.T, s store.Store, name, want string) store.Value {
	t.Helper()
	var kept store.Value
	soon(t, func() bool {
		var found bool
		kept, found = s.Get(t.Context(), name)
		return found && string(kept.Bytes) == want
	})
	return kept
}

func awaitNone(t *testing.T, s store.Store, name string) {
	t.Helper()
	soon(t, func() bool {
		_, found := s.Get(t.Context(), name)
		return !found
	})
}

func soon(t *testing.T, met func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !met(); {
		if time.Now().After(deadline) {
			t.Fatal("it never happened")
		}
		<-time.After(2 * time.Millisecond)
	}
}
