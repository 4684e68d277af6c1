package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"bonus-adapter/adapter"
	"bonus-adapter/crm"
)

// Now is what can be looked at: how the door and the way out are doing at one moment.
type Now struct {
	Door adapter.Stats
	CRM  crm.State
}

// looker asks for it whenever somebody reads the numbers.
type looker struct {
	look     func() Now
	numbers  []number
	breakers *prometheus.Desc
	failed   *prometheus.Desc // of the store
}

// number is one series of a moment. Counters begin anew when another config takes over, which Prometheus reckons with.
type number struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	of   func(Now) float64
}

func newLooker(look func() Now) *looker {
	l := &looker{look: look}
	l.failed = desc("store_failures_total", "What the store failed at, by operation and by how.", "op", "class")
	l.breakers = desc("crm_breaker_state", "The state of the circuit breaker that a step's requests go through: 0 closed, 1 half-open, 2 open.", "step")
	for _, each := range gauges() {
		l.numbers = append(l.numbers, number{desc(each.name, each.help), prometheus.GaugeValue, each.of})
	}
	for _, each := range sums() {
		l.numbers = append(l.numbers, number{desc(each.name, each.help), prometheus.CounterValue, each.of})
	}
	return l
}

type told struct {
	name, help string
	of         func(Now) float64
}

func gauges() []told {
	return []told{
		{"requests_in_flight", "Requests that are under way.", func(n Now) float64 { return float64(n.Door.Requests) }},
		{"histories_in_flight", "Histories that the CRM is asked for.", func(n Now) float64 { return float64(n.Door.Asking) }},
		{"histories_waiting", "Histories that wait for a place.", func(n Now) float64 { return float64(n.Door.Waiting) }},
		{"store_open", "1 while the store is left alone because it failed too often.", func(n Now) float64 { return truth(n.Door.Store.Open) }},
		{"certificate_not_after_timestamp_seconds", "When the certificate of the public port ends, in seconds since 1970; 0 if it has none.", func(n Now) float64 { return float64(n.Door.CertificateUntil) }},
		{"crm_in_flight", "Requests to the CRM that hold a place.", func(n Now) float64 { return float64(n.CRM.UnderWay) }},
		{"crm_places", "Requests to the CRM that may be under way at once.", func(n Now) float64 { return float64(n.CRM.Places) }},
		{"crm_waiting", "Requests to the CRM that wait for their turn of the rate limit.", func(n Now) float64 { return float64(n.CRM.Waiting) }},
	}
}

func sums() []told {
	return []told{
		{"cache_corrupt_total", "Answers in the cache that were not the customer's own, and were dropped.", func(n Now) float64 { return float64(n.Door.Corrupt) }},
		{"store_hits_total", "Values that the store had.", func(n Now) float64 { return float64(n.Door.Store.Hits) }},
		{"store_misses_total", "Values that the store had not, or could not be asked for.", func(n Now) float64 { return float64(n.Door.Store.Misses) }},
		{"store_written_total", "Values that the store kept.", func(n Now) float64 { return float64(n.Door.Store.Written) }},
		{"store_unwritten_total", "Values that the store did not keep: too large, or too many at once.", func(n Now) float64 { return float64(n.Door.Store.Unwritten) }},
		{"store_evicted_total", "Values that made room for others.", func(n Now) float64 { return float64(n.Door.Store.Evicted) }},
		{"store_corrupt_total", "Values in the store that were not its own, and were dropped.", func(n Now) float64 { return float64(n.Door.Store.Corrupt) }},
		{"shed_requests_total", "Requests refused because too many were under way.", func(n Now) float64 { return float64(n.Door.Crowded) }},
		{"shed_histories_total", "Histories refused because too many were asked for and waited.", func(n Now) float64 { return float64(n.Door.Shed) }},
	}
}

// Describe tells which series there are.
func (l *looker) Describe(to chan<- *prometheus.Desc) {
	to <- l.breakers
	to <- l.failed
	for i := range l.numbers {
		to <- l.numbers[i].desc
	}
}

// Collect gives their values of this moment.
func (l *looker) Collect(to chan<- prometheus.Metric) {
	now := l.look()
	for i := range l.numbers {
		to <- prometheus.MustNewConstMetric(l.numbers[i].desc, l.numbers[i].kind, l.numbers[i].of(now))
	}
	for failure, times := range now.Door.Store.Failed {
		to <- prometheus.MustNewConstMetric(l.failed, prometheus.CounterValue, float64(times), failure.Op, failure.Class)
	}
	for step, state := range now.CRM.Breakers {
		to <- prometheus.MustNewConstMetric(l.breakers, prometheus.GaugeValue, breakerStates()[state], step)
	}
}

func breakerStates() map[string]float64 {
	return map[string]float64{"closed": 0, "half-open": 1, "open": 2}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(prometheus.BuildFQName(namespace, "", name), help, labels, nil)
}
