package watch

import (
	"net/http"
	"time"

	"bonus-adapter/adapter"
)

const (
	mostReasons = 32 // at least as many as there are; a test compares
	mostSources = 8
	kinds       = 32 // of crm.Kind, 0 among them
)

// minute is what happened in one minute.
type minute struct {
	number   int64 // since the Watch has begun, from 1; 0 if there was none
	reasons  [mostReasons]uint32
	sources  [mostSources]uint32
	partial  uint32
	took     histogram // of answers with status 200: what is refused at the door is no measure of anything
	attempts [MostSteps][kinds]uint32
}

// minute gives the one that is under way. It follows the clock that only goes forward: nobody who sets the machine's time
// makes the hour longer or shorter.
func (w *Watch) minute() *minute {
	w.newest = max(w.newest, w.number(w.now()))
	one := &w.minutes[w.newest%hour]
	if one.number != w.newest {
		*one = minute{number: w.newest}
	}
	return one
}

// number counts minutes from the one in which the Watch has begun, which is 1. They begin with those of the clock.
func (w *Watch) number(now time.Time) int64 {
	into := w.begun.Sub(w.begun.Truncate(time.Minute))
	return 1 + int64((now.Sub(w.begun)+into)/time.Minute)
}

// alive tells whether a minute is of the last hour.
func (w *Watch) alive(m *minute) bool { return m.number > 0 && m.number > w.newest-hour }

func (m *minute) answered(reason, source int, a *adapter.Answered) {
	m.reasons[reason]++
	m.sources[source]++
	if a.Partial != "" {
		m.partial++
	}
	if a.Status == http.StatusOK {
		m.took.add(a.Took)
	}
}

// histogram counts durations in buckets, four to a doubling from a tenth of a millisecond on.
type histogram struct {
	counts  [buckets]uint32
	slowest time.Duration
}

const (
	buckets = 72 // the last but one ends at 26 s
	finest  = 100 * time.Microsecond
)

// bounds are where the buckets end, within a doubling.
var bounds = [4]float64{1.189207, 1.414214, 1.681793, 2}

// ends tells where a bucket ends.
func ends(bucket int) time.Duration {
	return time.Duration(float64(finest<<(bucket/4)) * bounds[bucket%4])
}

func (h *histogram) add(took time.Duration) {
	h.slowest = max(h.slowest, took)
	bucket := 0
	for bucket < buckets-4 && took > finest<<(bucket/4+1) { // whole doublings first
		bucket += 4
	}
	for bucket < buckets-1 && took > ends(bucket) {
		bucket++
	}
	h.counts[bucket]++
}

func (h *histogram) join(other *histogram) {
	h.slowest = max(h.slowest, other.slowest)
	for i, count := range other.counts {
		h.counts[i] += count
	}
}

// quantile gives the time within which this share of all has been answered, up to a fifth too long; 0 if there are none.
func (h *histogram) quantile(share float64) time.Duration {
	var all uint64
	for _, count := range h.counts {
		all += uint64(count)
	}
	rank := uint64(share*float64(all) + 0.999999)
	var before uint64
	for i, count := range h.counts {
		if before += uint64(count); before >= rank && rank > 0 {
			return min(ends(i), h.slowest)
		}
	}
	return 0
}
