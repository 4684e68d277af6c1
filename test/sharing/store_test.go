// Package sharing proves what replicas have in common: a real Redis, killed, silent, full, read-only or full of garbage,
// and real replicas behind a real proxy.
package sharing

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"bonus-adapter/config"
	"bonus-adapter/store"
	"bonus-adapter/store/storetest"
	"bonus-adapter/test/rig"
)

const secret = "a-key-of-more-than-thirty-two-characters"

func open(t *testing.T, address, key string) *store.Redis {
	t.Helper()
	made, err := store.NewRedis(store.Config{URL: config.Plain("redis://" + address), Key: config.Plain(key)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(made.Close)
	return made
}

// keep keeps a value and waits until it is there.
func keep(t *testing.T, s store.Store, name, text string) {
	t.Helper()
	rig.Until(t, name+" is kept", func() bool {
		s.Set(name, []byte(text), time.Minute)
		return holds(t, s, name, text)
	})
}

func holds(t *testing.T, s store.Store, name, text string) bool {
	t.Helper()
	kept, found := s.Get(t.Context(), name)
	if found && string(kept.Bytes) != text {
		t.Errorf("%s holds %q", name, kept.Bytes)
	}
	return found
}

func TestRedisIsAStore(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	made, err := store.NewRedis(store.Config{URL: config.Plain("redis://" + rig.StartRedis(t).Address), Key: config.Plain(secret)})
	if err != nil {
		t.Fatal(err)
	}
	storetest.Run(t, made)
	if stats := made.Stats(); len(stats.Failed) > 0 || stats.Corrupt > 0 || stats.Open {
		t.Errorf("%+v", stats)
	}
	made.Close()
	made.Close()
	if _, found := made.Get(t.Context(), "a"); found {
		t.Error("a closed store gives values")
	}
}

// TestRedisTellsNothing looks into the Redis itself: no name and no value can be read, and all of it ends.
func TestRedisTellsNothing(t *testing.T) {
	server := rig.StartRedis(t)
	ours, same, others := open(t, server.Address, secret), open(t, server.Address, secret), open(t, server.Address, strings.Repeat("x", 32))
	keep(t, ours, "name-4711", "value-4711")
	if _, err := ours.Take(t.Context(), "name-4711", store.Want{Limit: store.Limit{Units: 5, Per: time.Second}}); err != nil {
		t.Fatal(err)
	}
	if !holds(t, same, "name-4711", "value-4711") {
		t.Error("a replica with the same key does not find it")
	}
	if holds(t, others, "name-4711", "") {
		t.Error("who has another key finds it")
	}
	names := server.Keys(t)
	if len(names) == 0 {
		t.Fatal("nothing is in the Redis")
	}
	for _, name := range names {
		if !strings.HasPrefix(name, "bonus-adapter:") || strings.Contains(name, "4711") {
			t.Errorf("a name in the Redis is %s", name)
		}
		if left := server.Do(t, "PTTL", name); strings.HasPrefix(left, ":-") {
			t.Errorf("%s stays for ever: %s", name, left)
		}
		if text := server.Do(t, "GET", name); strings.Contains(text, "4711") {
			t.Errorf("a value can be read: %q", text)
		}
	}
}

// TestRedisFullOfGarbage: whatever stands under a name of ours is no value, and is dropped.
func TestRedisFullOfGarbage(t *testing.T) {
	server := rig.StartRedis(t)
	s := open(t, server.Address, secret)
	keep(t, s, "a", "of a")
	keep(t, s, "b", "of b")
	names := server.Keys(t)
	if len(names) != 2 {
		t.Fatal(names)
	}
	sealed := server.Do(t, "GET", names[1])
	_, sealed, _ = strings.Cut(strings.TrimSuffix(sealed, "\r\n"), "\r\n")
	for what, spoil := range map[string][]string{
		"foreign bytes":   {"SET", names[0], "\x00\xff{}", "PX", "60000"},
		"another name's":  {"SET", names[0], sealed, "PX", "60000"},
		"another version": {"SET", names[0], "\x02" + sealed[1:], "PX", "60000"},
		"truncated":       {"SET", names[0], sealed[:len(sealed)-1], "PX", "60000"},
		"a flipped bit":   {"SET", names[0], sealed[:20] + string(sealed[20]^1) + sealed[21:], "PX", "60000"},
		"without an end":  {"PERSIST", names[0]},
		"a list":          {"RPUSH", names[0], "x"},
		"huge":            {"SETRANGE", names[0], "30000000", "x"},
	} {
		t.Run(what, func(t *testing.T) {
			for _, name := range []string{"a", "b"} {
				keep(t, s, name, "of "+name)
			}
			if what == "a list" {
				server.Do(t, "DEL", names[0])
			}
			before := s.Stats().Corrupt
			server.Do(t, spoil...)
			found := 0
			for _, name := range []string{"a", "b"} {
				if holds(t, s, name, "of "+name) {
					found++
				}
			}
			if found != 1 || s.Stats().Corrupt != before+1 {
				t.Errorf("%d of 2 are found, %+v", found, s.Stats())
			}
			rig.Until(t, "it is dropped", func() bool { return strings.HasPrefix(server.Do(t, "EXISTS", names[0]), ":0") })
			if s.Stats().Open {
				t.Error("that is no failure of the Redis")
			}
		})
	}
}

// TestRedisGarbageUnderALimit: a limit that somebody wrote into is taken anew.
func TestRedisGarbageUnderALimit(t *testing.T) {
	server := rig.StartRedis(t)
	s := open(t, server.Address, secret)
	take := func() store.Turn {
		t.Helper()
		turn, err := s.Take(t.Context(), "pace", store.Want{Limit: store.Limit{Units: 2, Per: time.Minute}})
		if err != nil {
			t.Fatal(err)
		}
		return turn
	}
	take()
	names := server.Keys(t) // the turns that began, and the limits that replicas keep
	if !strings.HasPrefix(server.Do(t, "TYPE", names[0]), "+list") {
		slices.Reverse(names)
	}
	name, limits := names[0], names[1]
	for _, spoil := range [][]string{{"SET", name, "x"}, {"LPUSH", name, "x"}, {"LPUSH", name, "9999999999999999"}} {
		server.Do(t, spoil...)
		if turn := take(); turn.Wait != 0 || !turn.Taken || turn.Used != 1 {
			t.Errorf("%v: %+v", spoil, turn)
		}
	}
	server.Do(t, "SET", limits, "x")
	if turn := take(); turn.Wait != 0 || !turn.Taken || turn.Used != 2 {
		t.Errorf("spoilt limits: %+v", turn)
	}
	if turn := take(); turn.Wait <= 59*time.Second || turn.Wait > time.Minute || turn.Taken {
		t.Errorf("%+v", turn)
	}
}

// TestAValueThatEndsIsNotGarbage reads values at the moment of their end.
func TestAValueThatEndsIsNotGarbage(t *testing.T) {
	s := open(t, rig.StartRedis(t).Address, secret)
	for i := range 200 {
		name := fmt.Sprint(i)
		s.Set(name, []byte(name), 3*time.Millisecond)
		for range 20 {
			holds(t, s, name, name)
		}
	}
	if stats := s.Stats(); stats.Corrupt > 0 || stats.Hits == 0 {
		t.Errorf("%+v", stats)
	}
}
