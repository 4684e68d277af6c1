package sharing

import (
	"strings"
	"testing"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/store"
	"bonus-adapter/test/rig"
)

var anyTurn = store.Want{Limit: store.Limit{Units: 100, Per: time.Second}}

// TestRedisThatIsLost takes a Redis away and gives it back. Meanwhile nothing is found, nobody waits for it after the
// first few, and everything is counted.
func TestRedisThatIsLost(t *testing.T) {
	for what, how := range map[string]struct {
		lose, back func(*rig.Redis, testing.TB)
		class      string
	}{
		"killed": {func(r *rig.Redis, _ testing.TB) { r.Kill() }, (*rig.Redis).Start, "connection"},
		"silent": {(*rig.Redis).Silence, (*rig.Redis).Speak, "timeout"},
	} {
		t.Run(what, func(t *testing.T) {
			server := rig.StartRedis(t)
			s := open(t, server.Address, secret)
			keep(t, s, "a", "1")
			how.lose(server, t)
			defer func() { // a server that is stopped cannot end
				if what == "silent" {
					server.Speak(t)
				}
			}()
			started := time.Now()
			for i := range 1000 {
				if holds(t, s, "a", "1") {
					t.Errorf("a value in spite of all (%d)", i)
				}
				if _, err := s.Take(t.Context(), "pace", anyTurn); err == nil {
					t.Error("a turn in spite of all")
				}
				s.Set("b", []byte("2"), time.Minute)
			}
			took := time.Since(started)
			stats := s.Stats()
			if !stats.Open || stats.Failed[store.Failure{Op: "get", Class: how.class}] == 0 || stats.Failed[store.Failure{Op: "get", Class: "open"}] < 900 {
				t.Errorf("%+v", stats)
			}
			if took > 20*time.Second { // 2000 calls of 50 ms are 100 s
				t.Errorf("2000 calls took %v", took)
			}
			t.Logf("2000 calls took %v, %v", took, stats.Failed)
			how.back(server, t)
			rig.Until(t, "it is used again", func() bool {
				s.Set("c", []byte("3"), time.Minute)
				return holds(t, s, "c", "3")
			})
			if _, err := s.Take(t.Context(), "pace", anyTurn); err != nil || s.Stats().Open {
				t.Error(err, s.Stats())
			}
		})
	}
}

func TestRedisThatIsNotThere(t *testing.T) {
	server := rig.StartRedis(t)
	server.Kill()
	s := open(t, server.Address, secret)
	if holds(t, s, "a", "") {
		t.Error("a value from nowhere")
	}
	server.Start(t)
	rig.Until(t, "it is used", func() bool {
		s.Set("a", []byte("1"), time.Minute)
		return holds(t, s, "a", "1")
	})
}

// TestRedisThatRefuses: a full or read-only Redis still gives what it has, and what it refuses is counted.
func TestRedisThatRefuses(t *testing.T) {
	for what, refuse := range map[string][]string{
		"full":      {"CONFIG", "SET", "maxmemory", "1"},
		"read-only": {"REPLICAOF", "127.0.0.1", "1"},
	} {
		t.Run(what, func(t *testing.T) {
			server := rig.StartRedis(t)
			s := open(t, server.Address, secret)
			keep(t, s, "a", "1")
			server.Do(t, refuse...)
			s.Set("b", []byte("2"), time.Minute)
			rig.Until(t, "the refusal is counted", func() bool { return s.Stats().Failed[store.Failure{Op: "set", Class: "refused"}] > 0 })
			if !holds(t, s, "a", "1") || holds(t, s, "b", "2") {
				t.Error("it should have a, and no b")
			}
			if _, err := s.Take(t.Context(), "pace", anyTurn); err == nil {
				t.Error("a turn that nobody else can see")
			}
			if s.Stats().Open {
				t.Error("it answers")
			}
		})
	}
}

// TestRedisThatDoesNotKnowUs: without its password nothing works, which is found out by few connections.
func TestRedisThatDoesNotKnowUs(t *testing.T) {
	server := rig.StartRedis(t, "--requirepass", "hush")
	for _, url := range []string{"redis://" + server.Address, "redis://:wrong@" + server.Address} {
		s, err := store.NewRedis(store.Config{URL: config.Plain(url), Key: config.Plain(secret)})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		for range 200 {
			if holds(t, s, "a", "") {
				t.Error("a value without a password")
			}
		}
		if stats := s.Stats(); !stats.Open || stats.Failed[store.Failure{Op: "get", Class: "refused"}] == 0 || stats.Failed[store.Failure{Op: "get", Class: "open"}] < 150 {
			t.Errorf("%s: %+v", url, stats)
		}
	}
	s, err := store.NewRedis(store.Config{URL: config.Plain("redis://:hush@" + server.Address), Key: config.Plain(secret)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	keep(t, s, "a", "1")
}

// TestRedisThatIsACluster: a node of one that has other slots refuses, which is no value and no storm.
func TestRedisThatIsACluster(t *testing.T) {
	server := rig.StartRedis(t, "--cluster-enabled", "yes")
	s := open(t, server.Address, secret)
	if holds(t, s, "a", "") || !strings.HasPrefix(server.Do(t, "GET", "x"), "-CLUSTERDOWN") {
		t.Error("no slot is served")
	}
	if stats := s.Stats(); stats.Failed[store.Failure{Op: "get", Class: "refused"}] != 1 {
		t.Errorf("%+v", stats)
	}
}
