package faults

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"bonus-adapter/crm/crmtest"

	"bonus-adapter/test/rig"
)

// TestTheEndOfAProcessIsBounded is D4 at its worst: the CRM never answers, nor does the collector of traces, and a caller
// never comes to the end of his headers. The process ends with the budget and two seconds; the test gives it two more, for
// a machine that is busy.
func TestTheEndOfAProcessIsBounded(t *testing.T) {
	crowd, collector := crmtest.NewCrowd(10), crmtest.NewCrowd(1000)
	silent := crmtest.New(t, crowd.Hold(good))
	traces := crmtest.New(t, collector.Hold(func(http.ResponseWriter, *http.Request) {}))
	yaml := strings.Replace(settings, "budget: 2s", "budget: 2s\n  tracing: { endpoint: "+traces.URL+", sample: 100%% }", 1)
	yaml = strings.Replace(yaml, "timeout: 1s", "timeout: 5s", 1)
	p := program.Serve(t, fmt.Sprintf(yaml, strings.TrimPrefix(silent.URL, "http://"), ""))
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, _ = fmt.Fprint(conn, "POST /bonus-history HTTP/1.1\r\nHost: x\r\n")
	answered := make(chan string, 1)
	go func() {
		got, err := p.Ask(t.Context(), rig.Patience, "1")
		answered <- fmt.Sprint(got.History, err)
	}()
	crowd.Await(1)
	p.Signal(t, syscall.SIGTERM)
	began := time.Now()
	err = p.Wait(t)
	took := time.Since(began)
	t.Logf("it ended after %s: %v", took.Round(time.Millisecond), err)
	if took > budget+4*time.Second {
		t.Errorf("it ended after %s, %s and two seconds being promised", took, budget)
	}
	if got := <-answered; got != "fallback; reason=crm_timeout<nil>" {
		t.Errorf("%s", got)
	}
	collector.Let(1000)
	crowd.Let(10)
}
