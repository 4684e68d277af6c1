// Package metrics counts what the adapter does, for Prometheus. It is the only room that knows Prometheus: the rooms it
// hears of tell plain values to their observers (adapter.Observer, crm.Observer), and what can be looked at is asked for
// when somebody reads the numbers.
//
// A series is never named by what callers or the CRM send: labels are reasons, sources, names of steps and states, all
// of sets that the program and its config close. docs/metrics.md describes each; a test compares it with what is served.
package metrics

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"bonus-adapter/adapter"
	"bonus-adapter/crm"
)

const namespace = "bonus_adapter"

// Build says which program it is.
type Build struct{ Version, Commit, Go string }

// Metrics are one process's numbers, in a registry of their own. It is safe for concurrent use.
type Metrics struct {
	registry *prometheus.Registry
	requests requests
	crm      attempts
	config   configs
}

// New makes the numbers, all at their beginning.
func New(build Build) *Metrics {
	m := &Metrics{registry: prometheus.NewRegistry(), requests: newRequests(), crm: newAttempts(), config: newConfigs()}
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: namespace, Name: "build_info", Help: "Which program this is; always 1.",
		ConstLabels: prometheus.Labels{"version": build.Version, "commit": build.Commit, "go": build.Go},
	})
	info.Set(1)
	m.registry.MustRegister(info, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(m.requests.all()...)
	m.registry.MustRegister(m.crm.all()...)
	m.registry.MustRegister(m.config.all()...)
	return m
}

// Handler serves the numbers in Prometheus's text format.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Watch lets look be asked for what can be looked at, whenever the numbers are read. It is called once.
func (m *Metrics) Watch(look func() Now) { m.registry.MustRegister(newLooker(look)) }

// requests are those of the public port.
type requests struct {
	count                    *prometheus.CounterVec
	took                     *prometheus.HistogramVec
	left                     prometheus.Histogram
	partial, keys            *prometheus.CounterVec
	shared                   prometheus.Counter
	pages, records, entries  prometheus.Counter
	skippedRecords, unwanted prometheus.Counter
}

func newRequests() requests {
	r := requests{
		count: counters("requests_total", "Requests answered, by where the answer comes from and why it is empty.", "source", "reason"),
		took:  histograms("request_duration_seconds", "Time from a request's headers to its answer.", slow(), "reason"),
		left: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: namespace, Name: "request_budget_left_seconds", Help: "What was left of the budget when a history was answered.", Buckets: slow(),
		}),
		partial:        counters("partial_answers_total", "Answers that leave out a part of the history, by why.", "reason"),
		keys:           counters("key_used_total", "Requests let in by the first, second, … of adapter.keys.", "key"),
		shared:         counters("shared_histories_total", "Requests that waited for the history of another one for the same customer.").With(nil),
		pages:          counters("pages_total", "Pages read from the CRM.").With(nil),
		records:        counters("records_total", "Records read from the CRM.").With(nil),
		entries:        counters("entries_total", "Entries in answers.").With(nil),
		skippedRecords: counters("skipped_records_total", "Records left out because they could not be read.").With(nil),
		unwanted:       counters("unmatched_records_total", "Records left out because no rule covers them.").With(nil),
	}
	// From the start at 0: of a series that begins with its first request nobody can tell that there were none before, nor
	// see the first one.
	r.count.WithLabelValues("live", "")
	for _, reason := range adapter.Reasons() {
		r.count.WithLabelValues(reason.Source(), string(reason))
	}
	return r
}

func (r *requests) all() []prometheus.Collector {
	return []prometheus.Collector{r.count, r.took, r.left, r.partial, r.keys, r.shared, r.pages, r.records, r.entries, r.skippedRecords, r.unwanted}
}

// Answered counts a request. It is an adapter.Observer.
func (m *Metrics) Answered(_ context.Context, a adapter.Answered) {
	r := &m.requests
	r.count.WithLabelValues(a.Source, string(a.Reason)).Inc()
	r.took.WithLabelValues(string(a.Reason)).Observe(a.Took.Seconds())
	if a.Status == http.StatusOK {
		r.left.Observe(a.Left.Seconds())
	}
	if a.Partial != "" {
		r.partial.WithLabelValues(string(a.Partial)).Inc()
	}
	if a.Key > 0 {
		r.keys.WithLabelValues(strconv.Itoa(a.Key)).Inc()
	}
	if a.Shared {
		r.shared.Inc()
	}
	r.pages.Add(float64(a.Pages))
	r.records.Add(float64(a.Records))
	r.entries.Add(float64(a.Entries))
	r.skippedRecords.Add(float64(a.Skipped))
	r.unwanted.Add(float64(a.Unmatched))
}

// attempts are the requests to the CRM.
type attempts struct {
	count   *prometheus.CounterVec
	took    *prometheus.HistogramVec
	waited  *prometheus.CounterVec
	retries *prometheus.CounterVec
}

func newAttempts() attempts {
	return attempts{
		count:   counters("crm_attempts_total", "Requests to the CRM, by step and by what the answer means; ok for one that may be read.", "step", "verdict"),
		took:    histograms("crm_attempt_duration_seconds", "Time of a request to the CRM, from when it is let through to the end of its answer.", slow(), "step"),
		waited:  counters("crm_wait_seconds_total", "Time that requests to the CRM waited for a place and a turn.", "step"),
		retries: counters("crm_retries_total", "Requests to the CRM that were sent once more.", "step"),
	}
}

func (a *attempts) all() []prometheus.Collector {
	return []prometheus.Collector{a.count, a.took, a.waited, a.retries}
}

// verdictOK is the verdict of an answer that may be read.
const verdictOK = "ok"

// Attempted counts an attempt. It is a crm.Observer.
func (m *Metrics) Attempted(_ context.Context, a crm.Attempt) {
	verdict := verdictOK
	if a.Kind != 0 {
		verdict = string(adapter.ReasonOf(a.Kind))
	}
	m.crm.count.WithLabelValues(a.Step, verdict).Inc()
	m.crm.waited.WithLabelValues(a.Step).Add(a.Waited.Seconds())
	if a.Sent {
		m.crm.took.WithLabelValues(a.Step).Observe(a.Took.Seconds())
	}
	retries := m.crm.retries.WithLabelValues(a.Step) // with the first attempt already: a series that begins at 1 hides an increase
	if a.Number > 1 {
		retries.Inc()
	}
}

// configs are the changes of the config.
type configs struct {
	reloads *prometheus.CounterVec
	good    prometheus.Gauge
	since   prometheus.Gauge
	number  prometheus.Gauge
}

func newConfigs() configs {
	c := configs{
		reloads: counters("config_reloads_total", "Configs that were to take the place of the one before, by what became of them: taken or refused.", "outcome"),
		good:    gauge("config_last_reload_successful", "1 if the newest config is the one that answers, 0 if it was refused."),
		since:   gauge("config_last_reload_success_timestamp_seconds", "When the config that answers was taken, in seconds since 1970."),
		number:  gauge("config_generation", "How many configs have answered since the start; 1 is the first."),
	}
	c.reloads.WithLabelValues("taken")
	c.reloads.WithLabelValues("refused")
	return c
}

func (c *configs) all() []prometheus.Collector {
	return []prometheus.Collector{c.reloads, c.good, c.since, c.number}
}

// Started counts the first config.
func (m *Metrics) Started(now time.Time) {
	m.config.good.Set(1)
	m.config.number.Inc()
	m.config.since.Set(float64(now.UnixMilli()) / 1000)
}

// Reloaded counts a config that took the place of another one.
func (m *Metrics) Reloaded(now time.Time) {
	m.Started(now)
	m.config.reloads.WithLabelValues("taken").Inc()
}

// Refused counts a config that did not.
func (m *Metrics) Refused() {
	m.config.good.Set(0)
	m.config.reloads.WithLabelValues("refused").Inc()
}

// slow gives bounds for what takes milliseconds when all is well and the whole budget when it is not.
func slow() []float64 { return []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5} }

func counters(name, help string, labels ...string) *prometheus.CounterVec {
	return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: namespace, Name: name, Help: help}, labels)
}

func histograms(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
	return prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: namespace, Name: name, Help: help, Buckets: buckets}, labels)
}

func gauge(name, help string) prometheus.Gauge {
	return prometheus.NewGauge(prometheus.GaugeOpts{Namespace: namespace, Name: name, Help: help})
}
