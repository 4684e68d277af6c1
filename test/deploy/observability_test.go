package deploy

import (
	"encoding/json"
	"log/slog"
	"os"
	"regexp"
	"strings"
	"testing"

	"bonus-adapter/adapter"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"sigs.k8s.io/yaml"
)

// metrics are those that docs/metrics.md tells of; a test of the program compares these with what it exposes.
func metrics(t *testing.T) map[string]bool {
	t.Helper()
	known := map[string]bool{"process_resident_memory_bytes": true, "process_cpu_seconds_total": true, "process_open_fds": true, "go_goroutines": true}
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\w+) \\|").FindAllStringSubmatch(read(t, "docs/metrics.md"), -1) {
		known[row[1]] = true
		if row[2] == "histogram" {
			known[row[1]+"_bucket"], known[row[1]+"_sum"], known[row[1]+"_count"] = true, true, true
		}
	}
	if len(known) < 20 {
		t.Fatalf("docs/metrics.md tells of %d metrics", len(known))
	}
	return known
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// holds looks whether an expression can be read, and speaks of metrics that there are.
func holds(t *testing.T, where, expression string, known map[string]bool) {
	t.Helper()
	tree, err := parser.NewParser(parser.Options{}).ParseExpr(expression)
	if err != nil {
		t.Errorf("%s: %v\n%s", where, err, expression)
		return
	}
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok && !known[selector.Name] {
			t.Errorf("%s: there is no metric %s", where, selector.Name)
		}
		return nil
	})
}

func TestTheAlerts(t *testing.T) {
	text := read(t, "deploy/prometheus/alerts.yaml")
	groups, problems := rulefmt.Parse([]byte(text), false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	for _, problem := range problems {
		t.Error(problem)
	}
	known, operations := metrics(t), headings(t, "docs/operations.md")
	for _, group := range groups.Groups {
		for _, rule := range group.Rules {
			holds(t, rule.Alert, rule.Expr, known)
			if severity := rule.Labels["severity"]; severity != "page" && severity != "ticket" {
				t.Errorf("%s: severity %q", rule.Alert, severity)
			}
			place, found := strings.CutPrefix(rule.Annotations["runbook"], "docs/operations.md#")
			if !found || !operations[place] || rule.Annotations["summary"] == "" {
				t.Errorf("%s: what to do is not told at %q", rule.Alert, rule.Annotations["runbook"])
			}
		}
	}
}

// headings gives the places of a page that can be linked to.
func headings(t *testing.T, name string) map[string]bool {
	t.Helper()
	places := map[string]bool{}
	for line := range strings.Lines(read(t, name)) {
		if text, found := strings.CutPrefix(strings.TrimSpace(line), "## "); found {
			places[strings.ReplaceAll(strings.ToLower(text), " ", "-")] = true
		}
	}
	return places
}

func TestTheDashboard(t *testing.T) {
	var dashboard struct {
		Panels []struct {
			ID      int
			Title   string
			Type    string
			GridPos struct{ H, W, X, Y int }
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "deploy/grafana/dashboards/bonus-adapter.json")), &dashboard); err != nil {
		t.Fatal(err)
	}
	known, seen, taken := metrics(t), map[int]bool{}, map[[2]int]string{}
	expressions := 0
	for _, panel := range dashboard.Panels {
		if seen[panel.ID] {
			t.Errorf("two panels have the id %d", panel.ID)
		}
		seen[panel.ID] = true
		for x := panel.GridPos.X; x < panel.GridPos.X+panel.GridPos.W; x++ {
			for y := panel.GridPos.Y; y < panel.GridPos.Y+panel.GridPos.H; y++ {
				if other := taken[[2]int{x, y}]; other != "" || x > 23 {
					t.Fatalf("%q lies over %q", panel.Title, other)
				}
				taken[[2]int{x, y}] = panel.Title
			}
		}
		for _, target := range panel.Targets {
			expressions++
			holds(t, panel.Title, strings.ReplaceAll(target.Expr, "$__rate_interval", "1m"), known)
		}
	}
	if expressions < 20 {
		t.Errorf("only %d expressions", expressions)
	}
}

// TestProvisioning: Grafana finds the dashboard, and Prometheus the rules, where compose mounts them.
func TestProvisioning(t *testing.T) {
	for _, name := range []string{"deploy/grafana/provisioning/datasources/prometheus.yaml", "deploy/grafana/provisioning/dashboards/bonus-adapter.yaml", "deploy/compose/prometheus.yml", "docker-compose.yml"} {
		var any map[string]any
		if err := yaml.Unmarshal([]byte(read(t, name)), &any); err != nil || len(any) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	compose := read(t, "docker-compose.yml")
	for _, mount := range []string{"./deploy/grafana/dashboards:/var/lib/grafana/dashboards:ro", "./deploy/prometheus:/etc/prometheus/rules:ro"} {
		if !strings.Contains(compose, mount) {
			t.Errorf("%s is not mounted", mount)
		}
	}
	if !strings.Contains(read(t, "deploy/grafana/provisioning/dashboards/bonus-adapter.yaml"), "path: /var/lib/grafana/dashboards") {
		t.Error("Grafana looks elsewhere")
	}
}

// TestEveryReasonIsExplained to whoever runs the adapter.
func TestEveryReasonIsExplained(t *testing.T) {
	page := read(t, "docs/operations.md")
	for _, reason := range adapter.Reasons() {
		if !strings.Contains(page, "`"+string(reason)+"`") {
			t.Errorf("docs/operations.md does not explain %s", reason)
		}
	}
}
