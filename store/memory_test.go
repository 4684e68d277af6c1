package store_test

import (
	"fmt"
	"testing"
	"time"

	"bonus-adapter/store"
	"bonus-adapter/store/storetest"
)

func TestMemoryIsAStore(t *testing.T) {
	storetest.Run(t, store.NewMemory(64<<20))
}

// TestMemoryIsBounded fills it far beyond its size: what was asked for last stays, what was not makes room.
func TestMemoryIsBounded(t *testing.T) {
	m := store.NewMemory(1 << 20)
	m.Set("asked for", make([]byte, 1000), time.Minute)
	for i := range 10_000 {
		m.Set(fmt.Sprint(i), make([]byte, 1000), time.Minute)
		if _, found := m.Get(t.Context(), "asked for"); !found {
			t.Fatalf("it made room for %d", i)
		}
	}
	left := 0
	for i := range 10_000 {
		if _, found := m.Get(t.Context(), fmt.Sprint(i)); found {
			left++
		}
	}
	if stats := m.Stats(); left < 700 || left > 1000 || stats.Evicted != uint64(10_000-left) || stats.Written != 10_001 {
		t.Errorf("%d are left: %+v", left, stats)
	}
	m.Set("too large", make([]byte, 2<<20), time.Minute)
	if _, found := m.Get(t.Context(), "too large"); found || m.Stats().Unwritten != 1 {
		t.Errorf("%+v", m.Stats())
	}
	if _, found := m.Get(t.Context(), "asked for"); !found {
		t.Error("what is too large made room for itself")
	}
}

func BenchmarkMemoryGet(b *testing.B) {
	m := store.NewMemory(64 << 20)
	m.Set("a", make([]byte, 1000), time.Hour)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, found := m.Get(b.Context(), "a"); !found {
				b.Error("not found")
			}
		}
	})
}
