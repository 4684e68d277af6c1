package main

import (
	"context"
	"runtime"
	"testing"
)

func TestRoomOfTheCollector(t *testing.T) {
	for live, want := range map[uint64]int{0: 300, 1 << 20: 300, 6 << 20: 200, 12 << 20: 100, 24 << 20: 50, 1 << 30: 50} {
		if got := collectorPercent(live); got != want {
			t.Errorf("%d MiB in use: %d %%, want %d", live>>20, got, want)
		}
	}
}

func TestEachRunOfTheCollectorIsTold(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	told := make(chan struct{}, 1)
	afterEachRun(ctx, func() { told <- struct{}{} })
	for count := 0; count < 3; {
		runtime.GC() // one may come too early to be told: the one before is still being told of
		select {
		case <-told:
			count++
		case <-t.Context().Done():
			t.Fatal("told", count, "times")
		default:
			runtime.Gosched()
		}
	}
}
