package main

import (
	"sync"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// quiet is a core that does not repeat itself: of lines that tell the same failure, so many are written in a second, and
// then each hundredth, with how many alike were left out before it. What went well is always written, and everything is
// at the level debug. It is safe for concurrent use.
//
// zap's own sampler goes by the message alone, which every request's line has in common.
type quiet struct {
	zapcore.Core
	alike *alike
}

const (
	sampleFirst = 50 // lines of one kind in a second
	sampleEach  = 100
	mostKinds   = 1000 // a line whose words nobody closed must not fill the memory
)

// kind is what makes two lines tell the same.
type kind struct{ message, source, reason string }

// alike counts lines by their kind.
type alike struct {
	mu    sync.Mutex
	kinds map[kind]*tally
}

// tally is how often a kind was met.
type tally struct {
	second int64
	seen   int // in that second
	left   int // lines left out since the last that was written
}

func newQuiet(core zapcore.Core) *quiet {
	return &quiet{Core: core, alike: &alike{kinds: map[kind]*tally{}}}
}

// With gives the same core with more fields.
func (q *quiet) With(fields []zapcore.Field) zapcore.Core {
	return &quiet{Core: q.Core.With(fields), alike: q.alike}
}

// Check adds itself where the inner core would add itself.
func (q *quiet) Check(entry zapcore.Entry, checked *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if !q.Enabled(entry.Level) {
		return checked
	}
	return checked.AddCore(entry, q)
}

// Write writes the line, or leaves it out.
func (q *quiet) Write(entry zapcore.Entry, fields []zapcore.Field) error {
	of, repeats := sameness(entry, fields)
	if !repeats || q.Enabled(zap.DebugLevel) {
		return q.Core.Write(entry, fields)
	}
	left, write := q.alike.count(of, entry.Time)
	if !write {
		return nil
	}
	if left > 0 {
		fields = append(fields[:len(fields):len(fields)], zap.Int("alike_left_out", left))
	}
	return q.Core.Write(entry, fields)
}

// sameness tells which kind of line it is, and whether it is of those that a failure may bring by the thousand: warnings,
// errors, and requests that were refused.
func sameness(entry zapcore.Entry, fields []zapcore.Field) (kind, bool) {
	of := kind{message: entry.Message}
	for i := range fields {
		switch fields[i].Key {
		case "source":
			of.source = fields[i].String
		case "reason":
			of.reason = fields[i].String
		}
	}
	return of, entry.Level >= zap.WarnLevel || of.source == "rejected"
}

// count tells whether the line is written, and how many were left out before it.
func (a *alike) count(of kind, at time.Time) (left int, write bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	t := a.kinds[of]
	if t == nil {
		if len(a.kinds) >= mostKinds {
			return 0, true
		}
		t = &tally{}
		a.kinds[of] = t
	}
	if second := at.Unix(); second != t.second {
		t.second, t.seen = second, 0
	}
	t.seen++
	if t.seen > sampleFirst && t.seen%sampleEach != 0 {
		t.left++
		return 0, false
	}
	left, t.left = t.left, 0
	return left, true
}
