package crm_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"bonus-adapter/crm"
	"bonus-adapter/crm/crmtest"
	"bonus-adapter/document"
)

// told is what a Trace was told, in a line for each thing.
type told struct {
	mu    sync.Mutex
	lines []string
}

func (w *told) trace() *crm.Trace {
	add := func(line string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.lines = append(w.lines, line)
	}
	return &crm.Trace{
		Exchange: func(e crm.Exchange) {
			line := fmt.Sprintf("%s %s page %d: %d %q", e.Step, e.Place, e.Page, e.Status, e.Answer)
			for _, asked := range e.Asked {
				line += fmt.Sprintf(" [%s %v]", asked.Place, asked.Held)
			}
			if e.Failed != nil {
				line += " " + e.Failed.Kind.String()
			}
			add(line + " by " + e.Decided)
		},
		Step: func(s crm.StepDone) {
			line := fmt.Sprintf("%s done: %d records", s.Name, s.Records)
			for _, kept := range s.Kept {
				line += fmt.Sprintf(" %s=%s", kept.Place, kept.Text)
			}
			if s.Failed != nil {
				line += fmt.Sprintf(" %s by %s, goes on %v", s.Failed.Kind, s.Failed.Place, s.Goes)
			}
			if s.Left {
				line += " left out"
			}
			add(line)
		},
	}
}

// TestTrace: every attempt, every condition that was asked, every kept value and every failure has its place.
func TestTrace(t *testing.T) {
	server := crmtest.New(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/who"):
			_, _ = w.Write([]byte(`{"id":7}`))
		case r.URL.Query().Get("page") == "1":
			_, _ = w.Write([]byte(`{"items":[{"id":1}],"last":2}`))
		default:
			_, _ = w.Write([]byte(`{"item":[]}`))
		}
	})
	cfg := simple(t, server.URL)
	who := crm.Step{Name: "who", NotFound: condition(t, "status == 404")}
	who.Get = tmpl(t, "/who/{{ user }}")
	var keep crm.Keep
	var last document.Pick
	if err := keep.UnmarshalText([]byte("body.id")); err != nil {
		t.Fatal(err)
	}
	if err := last.UnmarshalText([]byte("body.last?")); err != nil {
		t.Fatal(err)
	}
	who.Keep = map[string]crm.Keep{"id": keep}
	cfg.Fail = condition(t, "body.ok == false")
	cfg.Steps[0].Pages = &crm.Pages{Param: "page", Last: last}
	cfg.Steps[0].Get = tmpl(t, "/of/{{ who.id }}")
	cfg.Steps = append([]crm.Step{who}, cfg.Steps...)
	made, err := crm.New(cfg, plan(t), crm.Options{InOrder: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(made.Close)
	seen := &told{}
	_, _ = made.History(crm.WithTrace(context.Background(), seen.trace()), crm.NewCustomer("1"))
	want := []string{
		`who steps[0] page 1: 200 "{\"id\":7}" [steps[0].not_found false] [fail false] by `,
		"who done: 0 records steps[0].keep.id=7",
		`history steps[1] page 1: 200 "{\"items\":[{\"id\":1}],\"last\":2}" [fail false] by `,
		`history steps[1] page 2: 200 "{\"item\":[]}" [fail false] by `,
		"history done: 1 records path missing by /mapping.records, goes on false",
	}
	if got := strings.Join(seen.lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}
