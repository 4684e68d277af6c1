package main

import (
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// How much may be allocated between two runs of the garbage collector: half of what is in use, and not so little that an
// adapter with small histories, which has hardly anything in use, collects at every turn. Go's own rule, as much again as
// is in use, is more than needed for a long history, and less for short ones.
const (
	leastRoom    = 12 << 20
	leastPercent = 50
	mostPercent  = 300 // of it depends how large a heap may become at the least: 4 MiB for each 100
)

// collectorPercent gives GOGC's value for so much memory in use.
func collectorPercent(live uint64) int {
	return int(min(max(leastRoom*100/max(live, 1), leastPercent), mostPercent)) //nolint:gosec // at most 300
}

// paceCollector keeps the collector to that until ctx ends, after each of its runs; whoever sets GOGC has decided
// otherwise. A limit by GOMEMLIMIT holds all the same.
func paceCollector(ctx context.Context) {
	if os.Getenv("GOGC") != "" {
		return
	}
	percent := 0
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	afterEachRun(ctx, func() {
		metrics.Read(sample)
		if wanted := collectorPercent(sample[0].Value.Uint64()); wanted != percent {
			percent = wanted
			debug.SetGCPercent(percent)
		}
	})
}

// afterEachRun calls what follows a run of the collector, which is told by one more piece of garbage being gone.
func afterEachRun(ctx context.Context, then func()) {
	garbage := new([16]byte) // not so small that it shares its place with what lives on
	runtime.AddCleanup(garbage, func(struct{}) {
		if ctx.Err() == nil {
			then()
			afterEachRun(ctx, then)
		}
	}, struct{}{})
}
