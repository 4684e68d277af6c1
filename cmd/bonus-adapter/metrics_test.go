package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	"go.uber.org/zap"

	"bonus-adapter/adapter"
	"bonus-adapter/crm"
	"bonus-adapter/crm/crmtest"
)

// exposition is what /metrics gives.
func (o *operations) exposition(t *testing.T) string {
	t.Helper()
	got := httptest.NewRecorder()
	o.metrics.Handler().ServeHTTP(got, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if got.Code != http.StatusOK {
		t.Fatalf("/metrics: %d %s", got.Code, got.Body)
	}
	return got.Body.String()
}

// counted asks that a reason is in the numbers.
func (s *subject) counted(t *testing.T, source string, reason adapter.Reason) {
	t.Helper()
	text := s.watch.exposition(t)
	for _, series := range []string{
		fmt.Sprintf(`bonus_adapter_requests_total{reason=%q,source=%q} `, reason, source),
		fmt.Sprintf(`bonus_adapter_request_duration_seconds_count{reason=%q} `, reason),
	} {
		if !strings.Contains(text, "\n"+series) || strings.Contains(text, "\n"+series+"0\n") {
			t.Errorf("no number says %s", series)
		}
	}
	if strings.Contains(text, "secret-id") || strings.Contains(text, "one-key") {
		t.Error("the numbers tell too much")
	}
}

// family is one metric of an exposition.
type family struct{ kind, labels string }

var (
	typeLine    = regexp.MustCompile(`(?m)^# TYPE (bonus_adapter_\S+) (\S+)$`)
	seriesLabel = regexp.MustCompile(`(\w+)="`)
	metricRow   = regexp.MustCompile("(?m)^\\| `(bonus_adapter_[^`]+)` \\| (\\S+) \\|([^|]*)\\|")
)

// families reads an exposition: the adapter's own metrics, with the labels of their series.
func families(text string) map[string]family {
	found := map[string]family{}
	for _, match := range typeLine.FindAllStringSubmatch(text, -1) {
		series := regexp.MustCompile(`(?m)^` + match[1] + `(?:_bucket)?\{(.*)\} `).FindStringSubmatch(text)
		labels := map[string]bool{}
		if series != nil {
			for _, label := range seriesLabel.FindAllStringSubmatch(series[1], -1) {
				labels[label[1]] = true
			}
		}
		delete(labels, "le")
		found[match[1]] = family{match[2], strings.Join(slices.Sorted(maps.Keys(labels)), " ")}
	}
	return found
}

// documentedMetrics reads docs/metrics.md.
func documentedMetrics(t *testing.T) map[string]family {
	t.Helper()
	text, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]family{}
	for _, match := range metricRow.FindAllStringSubmatch(string(text), -1) {
		labels := strings.FieldsFunc(match[3], func(r rune) bool { return strings.ContainsRune("`, ", r) })
		slices.Sort(labels)
		found[match[1]] = family{match[2], strings.Join(labels, " ")}
	}
	return found
}

// busySubject is an adapter to which everything has happened that any metric counts.
func busySubject(t *testing.T) *subject {
	t.Helper()
	asked := 0
	yaml := strings.Replace(reasonsConfig, "timeout: 500ms", "timeout: 500ms\n  on_partial: newest", 1)
	s := newSubject(t, yaml, func(w http.ResponseWriter, r *http.Request) {
		asked++
		switch {
		case r.URL.Query().Get("page") == "2":
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			crmtest.Answer(200, `{"pages":2,"items":[{"type":"EARN","amount":1}]}`)(w, r)
		}
	})
	s.ask(t)
	s.watch.refused([]string{"config.yaml:1:1: it is broken"})
	return s
}

// TestTheMetricsAreDocumented compares docs/metrics.md with what is served, both ways.
func TestTheMetricsAreDocumented(t *testing.T) {
	documented, served := documentedMetrics(t), families(busySubject(t).watch.exposition(t))
	for name, want := range served {
		if got, known := documented[name]; !known || got != want {
			t.Errorf("%s is served as %v and documented as %v", name, want, got)
		}
	}
	for name := range documented {
		if _, known := served[name]; !known && name != "bonus_adapter_store_failures_total" { // a store in memory does not fail
			t.Errorf("%s is documented and not served", name)
		}
	}
}

// TestTheExpositionIsWellFormed judges it as promtool check metrics does.
func TestTheExpositionIsWellFormed(t *testing.T) {
	problems, err := promlint.New(strings.NewReader(busySubject(t).watch.exposition(t))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Errorf("%s: %s", problem.Metric, problem.Text)
	}
}

// TestTheNumbersAreRight asks once, of a history in which everything happens.
func TestTheNumbersAreRight(t *testing.T) {
	text := busySubject(t).watch.exposition(t)
	for _, line := range []string{
		`bonus_adapter_requests_total{reason="",source="live"} 1`,
		`bonus_adapter_partial_answers_total{reason="crm_status"} 1`,
		`bonus_adapter_key_used_total{key="1"} 1`,
		`bonus_adapter_pages_total 1`,
		`bonus_adapter_records_total 1`,
		`bonus_adapter_entries_total 1`,
		`bonus_adapter_crm_attempts_total{step="history",verdict="ok"} 1`,
		`bonus_adapter_crm_attempts_total{step="history",verdict="crm_status"} 2`,
		`bonus_adapter_crm_retries_total{step="history"} 1`,
		`bonus_adapter_crm_attempt_duration_seconds_count{step="history"} 3`,
		`bonus_adapter_crm_breaker_state{step="history"} 2`,
		`bonus_adapter_crm_places 1`,
		`bonus_adapter_config_generation 1`,
		`bonus_adapter_config_last_reload_successful 0`,
		`bonus_adapter_config_reloads_total{outcome="refused"} 1`,
	} {
		if !strings.Contains(text, "\n"+line+"\n") {
			t.Errorf("missing: %s", line)
		}
	}
	if t.Failed() {
		t.Log(strings.Join(regexp.MustCompile(`(?m)^bonus_adapter_.*$`).FindAllString(text, -1), "\n"))
	}
}

// TestTheNumbersStayFew lets everything happen that can: the number of series does not depend on how often, or to whom.
func TestTheNumbersStayFew(t *testing.T) {
	watch := newOperationsOf(zap.NewNop(), zap.NewAtomicLevel())
	for _, reason := range append(adapter.Reasons(), "") {
		for range 3 {
			watch.answered(t.Context(), adapter.Answered{Source: "fallback", Reason: reason, Partial: reason, Key: 1, Status: 200}, nil)
		}
	}
	for _, step := range []string{"login", "account", "history"} {
		for _, failed := range append(crm.Kinds(), 0) {
			watch.attempted(t.Context(), crm.Attempt{Step: step, Kind: failed, Number: 2, Sent: true})
		}
	}
	if series := regexp.MustCompile(`(?m)^bonus_adapter_`).FindAllString(watch.exposition(t), -1); len(series) > 500 {
		t.Errorf("%d series", len(series))
	} else {
		t.Logf("%d series at most", len(series))
	}
}

// TestEveryReasonHasItsSeriesFromTheStart: where a series begins with its first request, nobody can tell that there were
// none, nor see the first one.
func TestEveryReasonHasItsSeriesFromTheStart(t *testing.T) {
	text := newOperationsOf(zap.NewNop(), zap.NewAtomicLevel()).exposition(t)
	for _, line := range []string{
		`{reason="",source="live"}`, `{reason="user_not_found",source="live"}`, `{reason="no_transactions",source="live"}`, `{reason="all_filtered",source="live"}`,
		`{reason="crm_timeout",source="fallback"}`, `{reason="mapping_failed",source="fallback"}`, `{reason="canceled",source="fallback"}`,
		`{reason="internal",source="rejected"}`, `{reason="unauthorized",source="rejected"}`, `{reason="bad_request",source="rejected"}`,
	} {
		if !strings.Contains(text, "\nbonus_adapter_requests_total"+line+" 0\n") {
			t.Errorf("%s is not there", line)
		}
	}
	if series := strings.Count(text, "\nbonus_adapter_requests_total{"); series != len(adapter.Reasons())+1 {
		t.Errorf("%d series", series)
	}
}

// TestRecordsLeftOutAreCountedOnce, where they are read: an answer that is kept must not count them again for everybody
// who gets it, while its records are counted once.
func TestRecordsLeftOutAreCountedOnce(t *testing.T) {
	yaml := strings.Replace(reasonsConfig, "budget: 2s", "budget: 2s\n  cache: { store: memory }", 1)
	s := newSubject(t, yaml, items(strings.Repeat(`{"type":"EARN","amount":1},`, 8)+`{"type":"EARN","amount":"x"},{"type":"GIFT","amount":1}`))
	for _, source := range []string{"live", "cache", "cache"} {
		if got := s.ask(t); got.history != source+"; skipped=1; unmatched=1" {
			t.Error(got.history)
		}
	}
	text := s.watch.exposition(t)
	for _, line := range []string{"records_total 10", "skipped_records_total 1", "unmatched_records_total 1", "entries_total 24"} {
		if !strings.Contains(text, "\nbonus_adapter_"+line+"\n") {
			t.Errorf("missing: %s", line)
		}
	}
}

// TestTheRedisOfTheRateIsWatched, though no answers are kept in it.
func TestTheRedisOfTheRateIsWatched(t *testing.T) {
	yaml := strings.Replace(reasonsConfig, "budget: 2s", "budget: 2s\n  redis: { url: \"redis://127.0.0.1:1\", key: 0123456789abcdef0123456789abcdef }", 1)
	s := newSubject(t, strings.Replace(yaml, "timeout: 500ms", "timeout: 500ms\n  rate: { requests: 100 }", 1), items(`{"type":"EARN","amount":1}`))
	s.ask(t)
	if text := s.watch.exposition(t); !strings.Contains(text, `bonus_adapter_store_failures_total{class="connection",op="take"} `) {
		t.Error(strings.Join(regexp.MustCompile(`(?m)^bonus_adapter_store.*$`).FindAllString(text, -1), "\n"))
	}
}
