package adapter

import (
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"bonus-adapter/crm"
	"bonus-adapter/mapping"
)

// story is what a request's line of log tells. It has no place for an id, a key or a body.
type story struct {
	started               time.Time
	crm                   time.Duration
	customer              string // hashed
	pages, calls, records int
	step                  string
	page, crmStatus       int
	result                mapping.Result
	partial               *crm.Error
	err                   error
	head                  string // of a CRM's answer that is no document
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
		zap.Int("calls", s.calls), zap.Int("pages", s.pages), zap.Int("records", s.records), zap.Int("entries", len(o.entries)),
		zap.String("partial", string(o.partial)), zap.Int("skipped", s.result.Unreadable), zap.Int("unmatched", s.result.Unmatched),
	}
	if s.err != nil {
		fields = append(fields, zap.String("step", s.step), zap.Int("page", s.page), zap.Int("crm_status", s.crmStatus), zap.String("error", s.err.Error()))
	}
	if s.head != "" {
		fields = append(fields, zap.String("crm_head", s.head))
	}
	if problems := s.result.Problems; len(problems) > 0 {
		fields = append(fields, zap.Any("problems", problems[:min(len(problems), 3)]))
	}
	entry.Write(fields...)
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
	case o.source == fallback, o.partial != "", o.reason == Overloaded:
		return zap.WarnLevel
	}
	return zap.InfoLevel
}
