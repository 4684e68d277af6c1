package deploy

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// TestTheAlertsFireAndAreSilent as deploy/prometheus/alerts_test.yml says.
func TestTheAlertsFireAndAreSilent(t *testing.T) {
	promtool(t, "", "check", "rules", "../../deploy/prometheus/alerts.yaml")
	promtool(t, "", "test", "rules", "../../deploy/prometheus/alerts_test.yml")
}

// TestEveryAlertIsTested: there is a case in which it fires, and one in which it must not.
func TestEveryAlertIsTested(t *testing.T) {
	var cases struct {
		Tests []struct {
			Name    string `json:"name"`
			Moments []struct {
				Expr    string `json:"expr"`
				Samples []struct {
					Labels string `json:"labels"`
				} `json:"exp_samples"`
			} `json:"promql_expr_test"`
		} `json:"tests"`
	}
	if err := yaml.Unmarshal([]byte(read(t, "deploy/prometheus/alerts_test.yml")), &cases); err != nil {
		t.Fatal(err)
	}
	proven := map[string]bool{}
	for _, test := range cases.Tests {
		fires := false
		name, what, _ := strings.Cut(test.Name, " ")
		for _, moment := range test.Moments {
			if !strings.Contains(moment.Expr, `(ALERTS{alertstate="firing"})`) {
				t.Errorf("%s: %s does not look at every alert", test.Name, moment.Expr)
			}
			for _, sample := range moment.Samples {
				fires = fires || strings.Contains(sample.Labels, `alertname="`+name+`"`)
			}
		}
		what, _, _ = strings.Cut(what, ":")
		if want := map[bool]string{true: "fires", false: "is silent"}[fires]; what != want || len(test.Moments) == 0 {
			t.Errorf("%s: as its samples say it %s", test.Name, want)
		}
		proven[name+" "+what] = true
	}
	for _, rule := range alerts(t) {
		for _, what := range []string{" fires", " is silent"} {
			if !proven[rule.Alert+what] {
				t.Errorf("there is no case in which %s%s", rule.Alert, what)
			}
			delete(proven, rule.Alert+what)
		}
	}
	for left := range proven {
		t.Errorf("%s: there is no such alert", left)
	}
}

// TestEveryAlertHasItsRunbook: under its own name it says what it means, what to look at and what to do, and nothing is
// said of an alert that is none.
func TestEveryAlertHasItsRunbook(t *testing.T) {
	told := map[string]string{}
	sections := regexp.MustCompile(`(?m)^### (BonusHistory\w+)$`)
	page := read(t, "docs/operations.md")
	for _, at := range sections.FindAllStringSubmatchIndex(page, -1) {
		rest := page[at[1]:]
		if end := strings.Index(rest, "\n#"); end >= 0 {
			rest = rest[:end]
		}
		told[page[at[2]:at[3]]] = rest
	}
	for _, rule := range alerts(t) {
		text, found := told[rule.Alert]
		for _, part := range []string{"**Means:** ", "**Look at:** ", "**Do:** "} {
			if strings.Count(text, part) != 1 {
				t.Errorf("docs/operations.md: %s has no %s", rule.Alert, part)
			}
		}
		if want := "docs/operations.md#" + strings.ToLower(rule.Alert); !found || rule.Annotations["runbook"] != want {
			t.Errorf("%s: the runbook is %q, want %q", rule.Alert, rule.Annotations["runbook"], want)
		}
		if severity := "(" + rule.Labels["severity"] + ")"; !strings.Contains(text, severity) {
			t.Errorf("docs/operations.md: %s is no %s there", rule.Alert, severity)
		}
		delete(told, rule.Alert)
	}
	for name := range told {
		t.Errorf("docs/operations.md tells of %s, which there is not", name)
	}
}

// TestEveryFaultHasItsAlert: the table of docs/operations.md names each row of docs/faults.md's parts A to D once, and
// alerts that there are.
func TestEveryFaultHasItsAlert(t *testing.T) {
	_, table, _ := strings.Cut(read(t, "docs/operations.md"), "### Which fault raises which alert\n")
	table, _, _ = strings.Cut(table, "\n## ")
	told := map[string]int{}
	for _, row := range regexp.MustCompile(`(?m)^\| ([^:|]+):`).FindAllStringSubmatch(table, -1) {
		for _, span := range strings.Split(row[1], ", ") {
			first, last, long := strings.Cut(span, "–")
			if !long {
				last = first
			}
			for number := count(t, first[1:]); number <= count(t, last[1:]); number++ {
				told[first[:1]+strconv.Itoa(number)]++
			}
		}
	}
	for _, row := range regexp.MustCompile(`(?m)^\| ([A-D]\d+) \|`).FindAllStringSubmatch(read(t, "docs/faults.md"), -1) {
		if told[row[1]] != 1 {
			t.Errorf("%s is told %d times", row[1], told[row[1]])
		}
		delete(told, row[1])
	}
	for left := range told {
		t.Errorf("there is no fault %s", left)
	}
	known := map[string]bool{}
	for _, rule := range alerts(t) {
		known[rule.Alert] = true
	}
	for _, name := range regexp.MustCompile(`BonusHistory\w+`).FindAllString(read(t, "docs/operations.md"), -1) {
		if !known[name] {
			t.Errorf("docs/operations.md tells of %s, which there is not", name)
		}
	}
}

func count(t *testing.T, digits string) int {
	t.Helper()
	number, err := strconv.Atoi(digits)
	if err != nil {
		t.Fatal(err)
	}
	return number
}
