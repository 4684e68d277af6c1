package deploy

import (
	"encoding/json"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"bonus-adapter/adapter"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"
	"sigs.k8s.io/yaml"
)

// everywhere are the labels that Prometheus itself gives what it scrapes; namespace only in Kubernetes.
var everywhere = []string{"job", "instance", "namespace"}

// metrics are those that docs/metrics.md tells of, with their labels; a test of the program compares these with what it
// exposes.
func metrics(t *testing.T) map[string][]string {
	t.Helper()
	known := map[string][]string{"up": nil}
	for _, name := range []string{"process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds", "process_max_fds", "process_start_time_seconds", "go_goroutines"} {
		known[name] = nil
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| (\\w+) \\|([^|]*)\\|").FindAllStringSubmatch(read(t, "docs/metrics.md"), -1) {
		labels := strings.FieldsFunc(row[3], func(r rune) bool { return strings.ContainsRune("`, ", r) })
		known[row[1]] = labels
		if row[2] == "histogram" {
			known[row[1]+"_bucket"], known[row[1]+"_sum"], known[row[1]+"_count"] = append([]string{"le"}, labels...), labels, labels
		}
	}
	if len(known) < 40 {
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

// parsed reads an expression.
func parsed(t *testing.T, where, expression string) parser.Expr {
	t.Helper()
	tree, err := parser.NewParser(parser.Options{}).ParseExpr(expression)
	if err != nil {
		t.Fatalf("%s: %v\n%s", where, err, expression)
	}
	return tree
}

// selectors gives all that an expression selects.
func selectors(tree parser.Node) (all []*parser.VectorSelector) {
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			all = append(all, selector)
		}
		return nil
	})
	return all
}

// holds looks whether an expression can be read, and speaks of metrics, labels, sources and reasons that there are. It
// gives the names of the metrics.
func holds(t *testing.T, where, expression string, known map[string][]string) (names []string) {
	t.Helper()
	tree := parsed(t, where, expression)
	for _, selector := range selectors(tree) {
		labels, found := known[selector.Name]
		if !found {
			t.Errorf("%s: there is no metric %s", where, selector.Name)
		}
		names = append(names, selector.Name)
		for _, matcher := range selector.LabelMatchers {
			if matcher.Name != "__name__" && !slices.Contains(labels, matcher.Name) && !slices.Contains(everywhere, matcher.Name) {
				t.Errorf("%s: %s has no label %s", where, selector.Name, matcher.Name)
			}
			wordsHold(t, where, matcher)
		}
	}
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		for _, label := range groups(node) {
			if !slices.Contains(everywhere, label) && !slices.ContainsFunc(selectors(node), func(s *parser.VectorSelector) bool { return slices.Contains(known[s.Name], label) }) {
				t.Errorf("%s: nothing in it has the label %s", where, label)
			}
		}
		return nil
	})
	return names
}

// groups gives the labels by which a node groups or joins.
func groups(node parser.Node) []string {
	switch node := node.(type) {
	case *parser.AggregateExpr:
		return node.Grouping
	case *parser.BinaryExpr:
		if node.VectorMatching != nil {
			return node.VectorMatching.MatchingLabels
		}
	}
	return nil
}

// wordsHold looks whether a label is held against words that it can have.
func wordsHold(t *testing.T, where string, matcher *labels.Matcher) {
	t.Helper()
	closed := map[string][]string{"source": {"live", "cache", "stale", "fallback", "rejected"}, "reason": {""}}
	for _, reason := range adapter.Reasons() {
		closed["reason"] = append(closed["reason"], string(reason))
	}
	words, found := closed[matcher.Name]
	if !found {
		return
	}
	for word := range strings.SplitSeq(matcher.Value, "|") {
		if !slices.Contains(words, word) {
			t.Errorf("%s: there is no %s %q", where, matcher.Name, word)
		}
	}
}

// alerts gives those of deploy/prometheus/alerts.yaml.
func alerts(t *testing.T) (all []rulefmt.Rule) {
	t.Helper()
	text := read(t, "deploy/prometheus/alerts.yaml")
	groups, problems := rulefmt.Parse([]byte(text), false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, group := range groups.Groups {
		all = append(all, group.Rules...)
	}
	return all
}

func TestTheAlerts(t *testing.T) {
	known := metrics(t)
	for _, rule := range alerts(t) {
		holds(t, rule.Alert, rule.Expr, known)
		if severity := rule.Labels["severity"]; severity != "page" && severity != "ticket" {
			t.Errorf("%s: severity %q", rule.Alert, severity)
		}
		if rule.Annotations["summary"] == "" {
			t.Errorf("%s has no summary", rule.Alert)
		}
	}
}

// TestEveryReasonIsInAnAlert: each can mean that customers see nothing, so each is what an alert looks for, by its own name
// or by its source's.
func TestEveryReasonIsInAnAlert(t *testing.T) {
	rules := alerts(t)
	for _, reason := range adapter.Reasons() {
		words := map[string]string{"source": reason.Source(), "reason": string(reason)}
		if !slices.ContainsFunc(rules, func(rule rulefmt.Rule) bool { return looksFor(parsed(t, rule.Alert, rule.Expr), words) }) {
			t.Errorf("no alert looks for %v", words)
		}
	}
}

// looksFor tells whether an expression selects requests because of these words, and not merely with all others.
func looksFor(tree parser.Expr, words map[string]string) bool {
	return slices.ContainsFunc(selectors(tree), func(selector *parser.VectorSelector) bool {
		asked := false
		for _, matcher := range selector.LabelMatchers {
			word, ours := words[matcher.Name]
			if ours && !matcher.Matches(word) {
				return false
			}
			asked = asked || ours && (matcher.Type == labels.MatchEqual || matcher.Type == labels.MatchRegexp)
		}
		return asked && selector.Name == "bonus_adapter_requests_total"
	})
}

func TestTheDashboard(t *testing.T) {
	var dashboard struct {
		Panels []struct {
			ID      int
			Title   string
			Type    string
			GridPos struct{ H, W, X, Y int }
			Targets []struct{ Expr, LegendFormat string }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "deploy/grafana/dashboards/bonus-adapter.json")), &dashboard); err != nil {
		t.Fatal(err)
	}
	known, seen, taken := metrics(t), map[int]bool{}, map[[2]int]string{}
	shown := map[string]bool{}
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
			expression := strings.ReplaceAll(target.Expr, "$__rate_interval", "1m")
			for _, name := range holds(t, panel.Title, expression, known) {
				shown[strings.TrimSuffix(name, "_bucket")] = true
			}
			legendHolds(t, panel.Title, target.LegendFormat, parsed(t, panel.Title, expression), known)
		}
	}
	for name := range metrics(t) {
		if histogram := regexp.MustCompile("_(bucket|sum|count)$").MatchString(name); strings.HasPrefix(name, "bonus_adapter_") && !histogram && !shown[name] {
			t.Errorf("no panel shows %s", name)
		}
	}
}

// legendHolds looks whether the lines of a panel can be named so: by labels that are left.
func legendHolds(t *testing.T, where, legend string, tree parser.Expr, known map[string][]string) {
	t.Helper()
	left := slices.Clone(everywhere)
	for _, selector := range selectors(tree) {
		left = append(left, known[selector.Name]...)
	}
	parser.Inspect(tree, func(node parser.Node, _ []parser.Node) error {
		if grouped, ok := node.(*parser.AggregateExpr); ok {
			left = grouped.Grouping
		}
		return nil
	})
	for _, label := range regexp.MustCompile(`\{\{\s*(\w+)\s*\}\}`).FindAllStringSubmatch(legend, -1) {
		if !slices.Contains(left, label[1]) {
			t.Errorf("%s: its lines have no label %s", where, label[1])
		}
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
