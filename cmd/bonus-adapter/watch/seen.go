package watch

import (
	"cmp"
	"time"

	"bonus-adapter/adapter"
	"bonus-adapter/crm"
)

// Seen is what a Watch remembers at one moment. Times are milliseconds since 1970; spans are milliseconds.
type Seen struct {
	Now      int64      `json:"now"`
	Begun    int64      `json:"begun"`
	Minutes  []Minute   `json:"minutes"` // the last hour, oldest first, without those before the beginning
	Took     Took       `json:"took"`    // over the hour
	Attempts []Attempts `json:"attempts"`
	Requests []Request  `json:"requests"` // newest first
}

// Minute is what happened in one minute. The empty reason is that of answers with entries.
type Minute struct {
	At      int64                     `json:"at"` // when it began
	Reasons map[adapter.Reason]uint32 `json:"reasons"`
	Sources map[string]uint32         `json:"sources"`
	Partial uint32                    `json:"partial"` // answers that leave out a part
	Took    Took                      `json:"took"`
}

// Took is how long answers with status 200 took: quantiles up to a fifth too long, and the slowest one.
type Took struct {
	P50     float64 `json:"p50"`
	P99     float64 `json:"p99"`
	Slowest float64 `json:"slowest"`
}

// Attempts are requests to the CRM of one step that came to the same, over the hour.
type Attempts struct {
	Step    string `json:"step"`
	Verdict string `json:"verdict"` // ok, or a reason
	Count   uint32 `json:"count"`
}

// Request is one of the last requests.
type Request struct {
	Number     uint64         `json:"number"` // since the start, from 1
	At         int64          `json:"at"`
	Source     string         `json:"source"`
	Reason     adapter.Reason `json:"reason"`
	Partial    adapter.Reason `json:"partial,omitempty"`
	Status     int            `json:"status"`
	Customer   string         `json:"customer,omitempty"` // the name in the log
	Took       float64        `json:"took"`
	CRM        float64        `json:"crm"`
	Shared     bool           `json:"shared,omitempty"`
	Records    int            `json:"records"`
	Entries    int            `json:"entries"`
	Unmatched  int            `json:"unmatched"`
	Unreadable int            `json:"unreadable"`
	LeftOut    string         `json:"left_out,omitempty"`
	Failure    string         `json:"failure,omitempty"`
	FailedStep string         `json:"failed_step,omitempty"`
	Problems   []string       `json:"problems,omitempty"`
	Steps      []Asked        `json:"steps"` // that were asked, in their order
	Again      bool           `json:"again"` // whether it is known whom to ask about again
}

// Asked is what a step's requests to the CRM came to.
type Asked struct {
	Step     string  `json:"step"`
	Verdict  string  `json:"verdict"`          // ok, or a reason
	Status   int     `json:"status,omitempty"` // of the CRM's answer
	Attempts int     `json:"attempts"`
	Failed   int     `json:"failed"` // of the attempts
	Pages    int     `json:"pages"`
	Took     float64 `json:"took"`
	Waited   float64 `json:"waited"`
	Config   *Line   `json:"config,omitempty"` // what decided; of an answer that nothing decided, the step
}

// Seen tells what is remembered.
func (w *Watch) Seen() Seen {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	w.minute()
	seen := Seen{Now: now.UnixMilli(), Begun: w.begun.UnixMilli(), Minutes: []Minute{}, Attempts: w.attempts(), Requests: []Request{}}
	var all histogram
	for number := max(w.newest-hour+1, 1); number <= w.newest; number++ {
		one := &w.minutes[number%hour]
		if one.number != number {
			one = &minute{number: number}
		}
		all.join(&one.took)
		seen.Minutes = append(seen.Minutes, w.told(one, now))
	}
	seen.Took = all.told()
	for back := range min(w.answered, lastRequests) {
		number := w.answered - back
		seen.Requests = append(seen.Requests, w.requests[(number-1)%lastRequests].told(number))
	}
	return seen
}

func (w *Watch) told(m *minute, now time.Time) Minute {
	at := now.Truncate(time.Minute).Add(-time.Duration(w.number(now)-m.number) * time.Minute)
	told := Minute{At: at.UnixMilli(), Reasons: map[adapter.Reason]uint32{}, Sources: map[string]uint32{}, Partial: m.partial, Took: m.took.told()}
	for reason, i := range w.reasons {
		if m.reasons[i] > 0 {
			told.Reasons[reason] = m.reasons[i]
		}
	}
	for source, i := range w.sources {
		if m.sources[i] > 0 {
			told.Sources[source] = m.sources[i]
		}
	}
	return told
}

func (h *histogram) told() Took {
	return Took{P50: milliseconds(h.quantile(.5)), P99: milliseconds(h.quantile(.99)), Slowest: milliseconds(h.slowest)}
}

// attempts sums up the hour.
func (w *Watch) attempts() []Attempts {
	told := []Attempts{}
	for step, name := range w.steps {
		var sums [kinds]uint32
		for i := range w.minutes {
			if !w.alive(&w.minutes[i]) {
				continue
			}
			for kind, count := range w.minutes[i].attempts[step] {
				sums[kind] += count
			}
		}
		for kind, count := range sums {
			if count > 0 {
				told = append(told, Attempts{name, verdict(crm.Kind(kind)), count}) //nolint:gosec // there are 32
			}
		}
	}
	return told
}

func verdict(failed crm.Kind) string {
	if failed == 0 {
		return "ok"
	}
	return string(adapter.ReasonOf(failed))
}

func (r request) told(number uint64) Request {
	told := Request{
		Number: number, At: r.at.UnixMilli(), Source: r.Source, Reason: r.Reason, Partial: r.Partial, Status: r.Status, Customer: r.Name,
		Took: milliseconds(r.Took), CRM: milliseconds(r.CRM), Shared: r.Shared, Records: r.Records, Entries: r.Entries,
		Unmatched: r.Unmatched, Unreadable: r.Skipped, LeftOut: r.LeftOut, Failure: r.failure, FailedStep: r.Step, Problems: r.Problems,
		Steps: []Asked{}, Again: r.Customer != crm.Customer{},
	}
	for i := range r.course.steps[:r.course.count] {
		one := &r.course.steps[i]
		var line *Line
		if one.line.Line > 0 {
			line = &one.line
		}
		told.Steps = append(told.Steps, Asked{
			Step: one.step, Verdict: cmp.Or(string(one.verdict), verdict(one.kind)), Status: one.status, Attempts: one.attempts, Failed: one.failed, Pages: one.pages,
			Took: milliseconds(one.took), Waited: milliseconds(one.waited), Config: line,
		})
	}
	return told
}

func milliseconds(span time.Duration) float64 {
	return float64(span.Round(10*time.Microsecond)) / float64(time.Millisecond)
}
