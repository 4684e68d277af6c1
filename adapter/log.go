package adapter

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"bonus-adapter/crm"
	"bonus-adapter/mapping"
)

// story is what a request's line of log tells. It has no place for a key or a body, nor for an id that could be printed.
type story struct {
	started  time.Time
	customer string       // hashed
	Whom     crm.Customer // exported, since fmt does not ask others how they want to be printed
	from     netip.Addr   // of a request that may not come from there
	key      int          // which of adapter.keys, from 1; 0 if none fits
	shared   bool         // another request asked for the same customer, and this one waited with it
	trail
}

// record writes the request's line.
func (h *Handler) record(s *story, o *outcome) {
	entry := h.log.Check(level(o), "request")
	if entry == nil {
		return
	}
	fields := []zap.Field{
		zap.String("source", o.source), zap.String("reason", string(o.reason)), zap.Int("status", o.status),
		milliseconds("duration_ms", time.Since(s.started)), milliseconds("crm_ms", s.crm), zap.String("customer", s.customer),
		zap.Int("calls", s.calls), zap.Int("pages", s.pages), zap.Int("records", s.records), zap.Int("entries", o.entries),
		zap.String("partial", string(o.partial)), zap.Int("skipped", max(o.skipped, s.unreadable)), zap.Int("unmatched", o.unmatched), zap.Bool("shared", s.shared),
	}
	if s.err != nil {
		fields = append(fields, zap.String("step", s.step), zap.Int("page", s.page), zap.Int("crm_status", s.crmStatus), zap.String("error", s.err.Error()))
	}
	if s.from.IsValid() {
		fields = append(fields, zap.Stringer("from", s.from))
	}
	if s.head != "" {
		fields = append(fields, zap.String("crm_head", s.head))
	}
	if s.left != "" {
		fields = append(fields, zap.String("left_out", s.left))
	}
	if problems := s.problems; len(problems) > 0 {
		fields = append(fields, zap.Any("problems", problems[:min(len(problems), mostProblems)]))
	}
	entry.Write(fields...)
}

// leftOut tells how many records a config leaves out on purpose, and why: "skipped=2 duplicate=1".
func leftOut(result *mapping.Result) string {
	var told []string
	for _, count := range []struct {
		fate  mapping.Fate
		count int
	}{
		{mapping.Skipped, result.Skipped},
		{mapping.Waiting, result.Waiting},
		{mapping.Duplicate, result.Duplicates},
		{mapping.Grouped, result.Grouped},
		{mapping.Old, result.Old},
	} {
		if count.count > 0 {
			told = append(told, count.fate.String()+"="+strconv.Itoa(count.count))
		}
	}
	return strings.Join(told, " ")
}

func milliseconds(name string, d time.Duration) zap.Field {
	return zap.Float64(name, float64(d.Microseconds())/1000)
}

func level(o *outcome) zapcore.Level {
	switch {
	case o.reason == Internal:
		return zap.ErrorLevel
	case o.reason == Canceled:
		return zap.InfoLevel
	case o.source == fallback, o.source == stale, o.partial != "", o.reason == Overloaded:
		return zap.WarnLevel
	}
	return zap.InfoLevel
}
