package deploy

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bonus-adapter/crm/crmtest"
	"bonus-adapter/test/rig"
)

// These tests judge the alerts by what the real program shows: it is driven into a state, its numbers are read again and
// again on the way there, and promtool is told that a minute lay between two readings.

const watchedConfig = `
adapter:
  keys: ["${env:IRP_KEY}"]
  id_key: k
  pprof: true # the rig looks at what a program leaves over
  %s
crm:
  base_url: %s
  breaker: %s
  steps: [{ name: history, get: "/tx/{{ user }}" }]
mapping:
  records: history.items
  fields: { n: { at: n, as: decimal } }
  rules: [{ added: n }]
  entry: { definitionMessage: '"x"' }
`

// watched is a program whose numbers are read.
type watched struct {
	program *rig.Program
	admin   string
	moments int
	series  map[string][]string // values by name and labels
}

func watch(t *testing.T, yaml string) *watched {
	t.Helper()
	binary, err := parts.program()
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{program: binary.Serve(t, yaml), series: map[string][]string{}}
	w.admin = "http://" + w.program.Log.Await(t, `"listens":"([^"]+)"`)
	return w
}

// ask asks for so many customers.
func (w *watched) ask(t *testing.T, times int) {
	t.Helper()
	for range times {
		if _, err := w.program.Ask(t.Context(), rig.Patience, "1"); err != nil {
			t.Fatal(err)
		}
	}
}

// exposition is what /metrics says now.
func (w *watched) exposition(t *testing.T) string {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // the rig sees a connection that is left over
	response, err := client.Get(w.admin + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatal(response.Status, err)
	}
	return string(text)
}

// scrape reads the numbers once, and takes them for those of so many minutes.
func (w *watched) scrape(t *testing.T, minutes int) {
	t.Helper()
	now := map[string]string{"up": "1"}
	for line := range strings.Lines(w.exposition(t)) {
		at := strings.LastIndex(line, " ")
		if value, err := strconv.ParseFloat(strings.TrimSpace(line[at+1:]), 64); err == nil && !strings.HasPrefix(line, "#") {
			now[line[:at]] = strconv.FormatFloat(value, 'f', -1, 64)
		}
	}
	for name := range now {
		if w.series[name] == nil {
			w.series[name] = slices.Repeat([]string{"_"}, w.moments)
		}
	}
	for name := range w.series {
		value, found := now[name]
		if !found {
			value = "_"
		}
		w.series[name] = append(w.series[name], slices.Repeat([]string{value}, minutes)...)
	}
	w.moments += minutes
}

// scraped gives the numbers as Prometheus keeps them of a process, for a test of promtool.
func (w *watched) scraped(instance string) string {
	var text strings.Builder
	for _, series := range slices.Sorted(maps.Keys(w.series)) {
		name, labels, _ := strings.Cut(strings.TrimSuffix(series, "}"), "{")
		fmt.Fprintf(&text, "      - { series: '%s{job=\"bonus-adapter\",instance=%q,%s}', values: '%s' }\n", name, instance, labels, strings.Join(w.series[series], " "))
	}
	return text.String()
}

// expects lets promtool say which alerts fire at a minute.
func expects(by string, minute int, samples ...string) string {
	text := fmt.Sprintf("      - expr: count by (%s) (ALERTS{alertstate=\"firing\"})\n        eval_time: %dm\n        exp_samples:\n", by, minute)
	for _, labels := range samples {
		text += fmt.Sprintf("          - { labels: '{%s}', value: 1 }\n", labels)
	}
	return text
}

// judge runs promtool over what was scraped. began is when the first minute was.
func judge(t *testing.T, began time.Time, scraped, expected string) {
	t.Helper()
	rules, err := filepath.Abs("../../deploy/prometheus/alerts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "test.yml")
	text := fmt.Sprintf("rule_files: [%q]\nevaluation_interval: 1m\ntests:\n  - interval: 1m\n    start_timestamp: %d\n    input_series:\n%s    promql_expr_test:\n%s",
		rules, began.Unix(), scraped, expected)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, "", "test", "rules", file)
}

const good = `{"items":[{"n":1}]}`

// TestTheAlertOfEmptyAnswers fires for the program whose CRM begins to fail, and no other does.
func TestTheAlertOfEmptyAnswers(t *testing.T) {
	var failing atomic.Bool
	crm := crmtest.New(t, func(w http.ResponseWriter, r *http.Request) {
		if failing.Load() {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		crmtest.Answer(http.StatusOK, good)(w, r)
	})
	w := watch(t, fmt.Sprintf(watchedConfig, "", crm.URL, "{ requests: 1000 }"))
	began := time.Now()
	for minute := range 19 {
		failing.Store(minute >= 6)
		w.ask(t, 3)
		w.scrape(t, 1)
	}
	promtool(t, w.exposition(t), "check", "metrics")
	bucketsAreServed(t, w.exposition(t))
	judge(t, began, w.scraped("a"), expects("alertname", 6)+expects("alertname", 18, `alertname="BonusHistoryEmptyByFailure"`))
}

// bucketsAreServed looks whether a bucket that an alert asks for is one that the program has: else the alert never fires.
func bucketsAreServed(t *testing.T, exposition string) {
	t.Helper()
	for _, rule := range alerts(t) {
		for _, selector := range selectors(parsed(t, rule.Alert, rule.Expr)) {
			for _, matcher := range selector.LabelMatchers {
				if matcher.Name == "le" && !strings.Contains(exposition, fmt.Sprintf("%s{le=%q}", selector.Name, matcher.Value)) {
					t.Errorf("%s: %s has no bucket %s", rule.Alert, selector.Name, matcher.Value)
				}
			}
		}
	}
}

// TestTheAlertOfNoRequests fires for a program that was started and never asked.
func TestTheAlertOfNoRequests(t *testing.T) {
	w := watch(t, fmt.Sprintf(watchedConfig, "", "http://127.0.0.1:1", "{}"))
	w.scrape(t, 40)
	w.scrape(t, 40)
	judge(t, time.Now(), w.scraped("a"), expects("alertname", 20)+expects("alertname", 75, `alertname="BonusHistoryNoRequests"`))
}

// TestTheAlertOfAnOpenBreaker goes on firing while the program tries the dead CRM now and then, and is seen doing so.
func TestTheAlertOfAnOpenBreaker(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	var probing atomic.Bool
	crm := crmtest.New(t, func(w http.ResponseWriter, _ *http.Request) {
		if probing.Load() {
			arrived <- struct{}{}
			<-release
		}
		w.WriteHeader(http.StatusInternalServerError)
	})
	w := watch(t, fmt.Sprintf(watchedConfig, "", crm.URL, "{ requests: 2, open: 100ms }"))
	w.scrape(t, 2)
	w.ask(t, 3)
	w.scrape(t, 2)
	for range 5 {
		probing.Store(true)
		answered := make(chan string, 1)
		go func() { answered <- w.untilTheCRMIsAsked(t) }()
		<-arrived
		w.scrape(t, 1) // half-open
		probing.Store(false)
		release <- struct{}{}
		if history := <-answered; history != "fallback; reason=crm_status" {
			t.Error(history)
		}
		w.scrape(t, 1) // open
	}
	if states := strings.Join(w.series[`bonus_adapter_crm_breaker_state{step="history"}`], " "); states != "_ _ 2 2 1 2 1 2 1 2 1 2 1 2" {
		t.Errorf("the breaker was seen as %s", states)
	}
	var expected strings.Builder
	for minute := 5; minute < w.moments; minute++ {
		expected.WriteString(strings.Replace(expects("alertname", minute, `alertname="BonusHistoryBreakerOpen"`), "alertstate", `alertname="BonusHistoryBreakerOpen",alertstate`, 1))
	}
	judge(t, time.Now(), w.scraped("a"), expected.String())
}

// untilTheCRMIsAsked asks until an answer is no more that of the open breaker, and gives its header.
func (w *watched) untilTheCRMIsAsked(t *testing.T) string {
	for {
		got, err := w.program.Ask(t.Context(), rig.Patience, "1")
		if err != nil {
			return err.Error()
		}
		if got.History != "fallback; reason=breaker_open" {
			return got.History
		}
	}
}

// TestTheAlertOfACertificate fires for the program whose certificate ends in ten days, and for none whose ends in a year,
// or who has none.
func TestTheAlertOfACertificate(t *testing.T) {
	began := time.Now()
	var scraped strings.Builder
	for instance, tls := range map[string]string{"soon": certified(t, began.AddDate(0, 0, 10)), "late": certified(t, began.AddDate(1, 0, 0)), "none": ""} {
		w := watch(t, fmt.Sprintf(watchedConfig, tls, "http://127.0.0.1:1", "{}"))
		w.scrape(t, 90)
		scraped.WriteString(w.scraped(instance))
	}
	judge(t, began, scraped.String(), expects("alertname, instance", 20)+
		expects("alertname, instance", 75, `alertname="BonusHistoryCertificateEndsSoon",instance="soon"`, `alertname="BonusHistoryNoRequests"`))
}

// certified writes a certificate that ends so, and gives the config's line for it.
func certified(t *testing.T, until time.Time) string {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"localhost"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: until}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, block := range map[string]*pem.Block{"tls.crt": {Type: "CERTIFICATE", Bytes: certificate}, "tls.key": {Type: "PRIVATE KEY", Bytes: key}} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf(`tls: { certificate: "${file:%[1]s/tls.crt}", key: "${file:%[1]s/tls.key}" }`, dir)
}
