package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"bonus-adapter/cmd/bonus-adapter/watch"
	"bonus-adapter/crm/crmtest"
)

// status gives what the console is told, as it is told.
func (s *subject) status(t *testing.T) (told status, text string) {
	t.Helper()
	written, err := json.Marshal(s.watch.status())
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(written, &told); err != nil {
		t.Fatal(err)
	}
	return told, string(written)
}

// TestStatusTellsOfARequest asks a CRM that fails in its second step, and wants to see where, by which line, and for whom
// only by the name of the log.
func TestStatusTellsOfARequest(t *testing.T) {
	yaml := strings.Replace(explainedConfig, `bearer: "${env:CRM_TOKEN}"`, "bearer: literal-secret-canary", 1)
	yaml = strings.Replace(yaml, `["${env:IRP_KEY}"]`, `[one-key-of-many]`, 1)
	for _, test := range []struct{ name, answer, reason, failed, decided string }{
		{"an error", `{"ok":false,"error":"nothing for ` + canaryID + `"}`, "crm_error_body", "1 failed", "fail: body.ok == false"},
		{"no records where they should be", `{"ok":true,"pages":1,"items":[]}`, "path_missing", "0 failed", "records: history.operations"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSubject(t, strings.Replace(yaml, "${env:CRM_URL}", "%s", 1), func(w http.ResponseWriter, r *http.Request) {
				if strings.HasSuffix(r.URL.Path, "/accounts") {
					crmtest.Answer(200, `{"ok":true,"accounts":[{"id":7001}]}`)(w, r)
					return
				}
				crmtest.Answer(200, test.answer)(w, r)
			})
			s.send(t, http.MethodPost, "/bonus-history", fmt.Sprintf(`{"userIdentifier":%q}`, canaryID), "Authorization", "Bearer one-key-of-many")
			told, text := s.status(t)
			if len(told.Seen.Requests) != 1 {
				t.Fatal(text)
			}
			one := told.Seen.Requests[0]
			if string(one.Reason) != test.reason || one.Source != "fallback" || one.FailedStep != "history" || len(one.Customer) != 16 || one.Again {
				t.Errorf("%+v", one)
			}
			lineOf := func(of string) int { return 1 + strings.Count(yaml[:strings.Index(yaml, of)], "\n") }
			want := []string{
				fmt.Sprintf("account: ok 200 of 1 attempts, 0 failed, 1 pages, by config.yaml:%d - name: account", lineOf("- name: account")),
				fmt.Sprintf("history: %s 200 of 1 attempts, %s, 1 pages, by config.yaml:%d %s", test.reason, test.failed, lineOf(test.decided), test.decided),
			}
			if got := stepsOf(&one); !slices.Equal(got, want) {
				t.Errorf("steps\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			for _, canary := range []string{canaryID, canaryDigits, "7001", "literal-secret", "one-key", s.crm.URL} {
				if strings.Contains(text, canary) {
					t.Errorf("the status holds %s:\n%s", canary, text)
				}
			}
			if told.Config.Generation != 1 || told.Config.Tried != 0 || told.Config.Refused || told.Cache != nil || told.CRM.Places == 0 || len(told.CRM.Breakers) != 2 {
				t.Errorf("%+v", told)
			}
		})
	}
}

func stepsOf(one *watch.Request) []string {
	var told []string
	for _, step := range one.Steps {
		told = append(told, fmt.Sprintf("%s: %s %d of %d attempts, %d failed, %d pages, by %s:%d %s", step.Step, step.Verdict, step.Status, step.Attempts,
			step.Failed, step.Pages, step.Config.File, step.Config.Line, step.Config.Source))
	}
	return told
}

// TestStatusTellsOfReloads wants to see why a config was refused, until one is taken.
func TestStatusTellsOfReloads(t *testing.T) {
	s := newReloading(t)
	s.subject.watch = s.r.watch
	s.change(t, "rules:", "rulez:")
	s.r.reload()
	told, text := s.status(t)
	if c := told.Config; c.Generation != 1 || !c.Refused || c.Tried == 0 || len(c.Problems) == 0 || !strings.Contains(strings.Join(c.Problems, "\n"), "rulez") {
		t.Error(text)
	}
	s.change(t, `"first"`, `"second"`)
	s.r.reload()
	told, text = s.status(t)
	if c := told.Config; c.Generation != 2 || c.Refused || c.Tried == 0 || len(c.Problems) != 0 {
		t.Error(text)
	}
}

// TestStatusKeepsTheProblemsShort: a config of any length can be wrong in every line.
func TestStatusKeepsTheProblemsShort(t *testing.T) {
	long := make([]string, 1000)
	for i := range long {
		long[i] = strings.Repeat("я", 10_000)
	}
	told := (&serving{problems: long}).status()
	if len(told.Problems) != mostProblems || len(told.Problems[0]) > longestProblem {
		t.Errorf("%d problems of %d bytes", len(told.Problems), len(told.Problems[0]))
	}
}

// TestAskingAgain asks for the customer of a request that was answered, where that is permitted.
func TestAskingAgain(t *testing.T) {
	s := newReloading(t)
	lookup := environment(os.LookupEnv, os.ReadFile)
	for _, test := range []struct {
		live bool
		want bool
	}{{false, false}, {true, true}} {
		if test.live {
			s.r.watch.engine(lookup) // as serve does with --console-live
		}
		s.message(t, "one-key")
		request := s.r.watch.watched.Seen().Requests[0]
		told, err := s.r.watch.askAgain(t.Context(), request.Number, lookup)
		if (err == nil) != test.want || request.Again != test.want {
			t.Fatalf("live %t: %v, %+v", test.live, err, request)
		}
		if !test.want {
			continue
		}
		text, err := json.Marshal(told)
		if err != nil || !strings.Contains(string(text), `"fate":"shown"`) || strings.Contains(string(text), "one-key") {
			t.Errorf("%v %s", err, text)
		}
	}
	if engine := s.r.watch.engine(nil); engine.Again != nil || engine.Status == nil {
		t.Error("a console that may not ask can ask again, or tells no status")
	}
}
