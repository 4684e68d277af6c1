package main

import (
	"fmt"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"
)

// stopped is a clock that stands still until it is set.
type stopped struct{ now time.Time }

func (s *stopped) Now() time.Time                       { return s.now }
func (s *stopped) NewTicker(time.Duration) *time.Ticker { panic("nobody needs one") }

func newQuietLog(level zapcore.Level) (*zap.Logger, *observer.ObservedLogs, *stopped) {
	core, logs := observer.New(level)
	clock := &stopped{time.Unix(1_700_000_000, 0)}
	return zap.New(newQuiet(core), zap.WithClock(clock)), logs, clock
}

func failing(log *zap.Logger, reason string) {
	log.Warn("request", zap.String("source", "fallback"), zap.String("reason", reason))
}

func TestAFailureThatRepeatsIsToldNowAndThen(t *testing.T) {
	log, logs, clock := newQuietLog(zap.InfoLevel)
	for range 1000 {
		failing(log, "crm_timeout")
	}
	failing(log, "crm_status") // another failure is told at once
	if n := logs.FilterField(zap.String("reason", "crm_timeout")).Len(); n != sampleFirst+1000/sampleEach {
		t.Errorf("%d lines", n)
	}
	if n := logs.FilterField(zap.String("reason", "crm_status")).Len(); n != 1 {
		t.Errorf("%d lines of another failure", n)
	}
	left := 0
	for _, line := range logs.TakeAll() {
		if count, told := line.ContextMap()["alike_left_out"].(int64); told {
			left += int(count)
		}
	}
	if left != 1000-sampleFirst-1000/sampleEach {
		t.Errorf("%d are told to be left out", left)
	}
	clock.now = clock.now.Add(time.Second)
	failing(log, "crm_timeout")
	if logs.Len() != 1 {
		t.Error("the next second does not begin anew")
	}
}

func TestWhatGoesWellIsAlwaysTold(t *testing.T) {
	log, logs, _ := newQuietLog(zap.InfoLevel)
	for range 500 {
		log.Info("request", zap.String("source", "live"), zap.String("reason", ""))
	}
	for range 500 {
		log.Info("request", zap.String("source", "rejected"), zap.String("reason", "unauthorized"))
	}
	if n := logs.FilterField(zap.String("source", "live")).Len(); n != 500 {
		t.Errorf("%d of 500 good requests", n)
	}
	if n := logs.FilterField(zap.String("source", "rejected")).Len(); n >= 100 {
		t.Errorf("%d lines of refused requests", n)
	}
}

func TestAtDebugEverythingIsTold(t *testing.T) {
	log, logs, _ := newQuietLog(zap.DebugLevel)
	for range 500 {
		failing(log, "crm_timeout")
	}
	if logs.Len() != 500 {
		t.Errorf("%d of 500", logs.Len())
	}
}

func TestLinesWithoutEndDoNotFillTheMemory(t *testing.T) {
	core, _ := observer.New(zap.InfoLevel)
	q := newQuiet(core)
	log := zap.New(q)
	for i := range 3 * mostKinds {
		failing(log, fmt.Sprint(i))
	}
	if len(q.alike.kinds) > mostKinds {
		t.Errorf("%d kinds", len(q.alike.kinds))
	}
}
