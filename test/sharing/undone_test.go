package sharing

import (
	"fmt"
	"testing"
	"time"

	"bonus-adapter/test/rig"
)

// TestWhatWasDroppedStaysSo: a Redis that could not be told, because it was away, silent, read-only, or because too much was
// to be written, gives nothing that was dropped meanwhile; and it is told when that is possible again.
func TestWhatWasDroppedStaysSo(t *testing.T) {
	for what, how := range map[string]struct {
		lose, back func(*rig.Redis, testing.TB)
	}{
		"silent": {(*rig.Redis).Silence, (*rig.Redis).Speak},
		"read-only": {
			func(r *rig.Redis, t testing.TB) { r.Do(t, "REPLICAOF", "127.0.0.1", "1") },
			func(r *rig.Redis, t testing.TB) { r.Do(t, "REPLICAOF", "NO", "ONE") },
		},
		"a full queue": {
			func(r *rig.Redis, t testing.TB) { r.Silence(t) },
			(*rig.Redis).Speak,
		},
	} {
		t.Run(what, func(t *testing.T) {
			server := rig.StartRedis(t)
			s, replica := open(t, server.Address, secret), open(t, server.Address, secret)
			keep(t, s, "a", "1")
			keep(t, s, "b", "2")
			how.lose(server, t)
			if what == "a full queue" {
				for i := range 2000 {
					s.Set(fmt.Sprint("x", i), []byte("3"), time.Minute)
				}
			}
			s.Drop("a")
			s.Set("a", []byte("gone"), 0)
			how.back(server, t)
			if holds(t, s, "a", "nothing") {
				t.Error("it is given")
			}
			rig.Until(t, "the other replica does not find it either", func() bool {
				_, _ = s.Take(t.Context(), "pace", anyTurn) // without any load nobody would notice that it is back
				return !holds(t, replica, "a", "1")
			})
			rig.Until(t, "what was not dropped is found", func() bool { return holds(t, s, "b", "2") })
			s.Set("a", []byte("4"), time.Minute)
			rig.Until(t, "what was kept afterwards is found", func() bool {
				kept, found := s.Get(t.Context(), "a")
				return found && string(kept.Bytes) == "4"
			})
		})
	}
}

// TestMoreIsDroppedThanCanBeRemembered: then rather nothing is given than what was dropped.
func TestMoreIsDroppedThanCanBeRemembered(t *testing.T) {
	server := rig.StartRedis(t)
	s := open(t, server.Address, secret)
	keep(t, s, "kept", "1")
	server.Silence(t)
	for i := range 1<<14 + 1000 {
		s.Drop(fmt.Sprint(i))
	}
	s.Drop("dropped")
	server.Speak(t)
	rig.Until(t, "it answers", func() bool {
		_, err := s.Take(t.Context(), "pace", anyTurn)
		return err == nil
	})
	if holds(t, s, "kept", "1") {
		t.Error("a value is given, though it may be one that was dropped")
	}
}
