// Package report measures how the program bears what is too much for it, and writes docs/resilience.md. Its figures are
// those of the machine that it runs on; what must hold on every machine is asserted by package faults.
package report

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bonus-adapter/test/rig"
)

var (
	file  = flag.String("report", "", "write the report to this `file`")
	phase = flag.Duration("phase", time.Second, "how long one part of a measurement lasts")
	death = flag.Duration("dead", 10*time.Second, "how long the CRM is dead")
	only  = flag.String("only", "", "measure no other parts than these `names`, with commas between them")
)

// settings are a config with %s for the CRM's address and for more of the sections adapter and crm.
const settings = `
adapter:
  keys: ["${env:IRP_KEY}"]
  budget: 2s
  pprof: true
%s
crm:
  base_url: http://%s
  timeout: 1s
%s
  steps: [{ name: history, get: "/customers/{{ user }}" }]
mapping:
  records: history.items
  fields: { n: { at: n, as: decimal } }
  rules: [{ added: n }]
  entry: { definitionMessage: '"Бонусы"' }
`

// crm answers after a while, and counts.
type crm struct {
	*httptest.Server
	takes time.Duration
	sick  atomic.Bool // it answers nothing any more

	asked, here, most atomic.Int64
}

func newCRM(t *testing.T, takes time.Duration) *crm {
	t.Helper()
	c := &crm{takes: takes}
	c.Server = httptest.NewServer(c)
	t.Cleanup(c.Close)
	return c
}

// ServeHTTP answers one request.
func (c *crm) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.asked.Add(1)
	for here := c.here.Add(1); ; {
		most := c.most.Load()
		if most >= here || c.most.CompareAndSwap(most, here) {
			break
		}
	}
	defer c.here.Add(-1)
	if c.sick.Load() {
		<-r.Context().Done()
		return
	}
	select {
	case <-time.After(c.takes):
	case <-r.Context().Done():
	}
	_, _ = fmt.Fprint(w, `{"id":"4711","items":[{"n":250}]}`)
}

func (c *crm) address() string { return strings.TrimPrefix(c.URL, "http://") }

// serve starts the program, whose connections the CRM ends at last.
func serve(t *testing.T, program rig.Binary, crm *crm, yaml string) *rig.Program {
	t.Helper()
	p := program.Serve(t, yaml)
	p.Frees(crm.CloseClientConnections)
	return p
}

// TestReport measures everything, one after the other.
func TestReport(t *testing.T) {
	program, err := rig.Build(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	fmt.Fprintf(&text, head, time.Now().UTC().Format("2006-01-02"), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), *phase, rig.Machine())
	for _, part := range []struct {
		name    string
		measure func(*testing.T, rig.Binary) string
	}{{"budget", budget}, {"overload", overload}, {"rate", underRate}, {"herd", herd}, {"outage", outage}} {
		if *only == "" || strings.Contains(","+*only+",", ","+part.name+",") {
			text.WriteString(part.measure(t, program))
		}
	}
	t.Log("\n" + text.String())
	if *file != "" {
		if err := os.WriteFile(*file, []byte(text.String()), 0o644); err != nil { //nolint:gosec // it is to be read
			t.Fatal(err)
		}
	}
}

const head = `# What happens when it is too much

Written by ` + "`make report`" + ` on %s (%s/%s, %d processors, of which the callers and the CRM take their part); a
phase of a measurement lasts %s. The program is a process of its own, the CRM another server, everything over TCP on one
machine. Callers ask at an even rate, whatever becomes of the requests before. %s

`
