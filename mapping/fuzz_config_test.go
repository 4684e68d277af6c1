package mapping_test

import (
	"slices"
	"strings"
	"testing"

	"bonus-adapter/document"
	"bonus-adapter/mapping"
)

// written is a config as far as a fuzzer writes it.
type written struct{ as, layout, none, when, amount, text, message string }

func (w written) config() mapping.Config {
	cfg := careful()
	cfg.Limit = 20
	cfg.Fields["x"] = mapping.Field{At: path("x"), As: w.as, Layout: strings.FieldsFunc(w.layout, func(r rune) bool { return r == '|' }), None: mapping.Literals{w.none}, Optional: true}
	if w.as == "time" || w.as == "date" {
		cfg.Fields["x"] = mapping.Field{At: path("x"), As: w.as, Layout: cfg.Fields["x"].Layout, Zone: "America/New_York", None: mapping.Literals{w.none}, Optional: true}
	}
	cfg.Rules = []mapping.Rule{{When: w.when, Added: w.amount, Text: w.text}, {When: "amount > 0", Added: "amount"}}
	cfg.Kinds = mapping.Kinds{Of: "type", Amount: "amount", Signed: mapping.Codes{{Name: "EARN", Text: w.text}}}
	cfg.Unique, cfg.Group = mapping.Names{"id"}, mapping.Names{"receipt"}
	cfg.Entry.DefinitionMessage = w.message
	return cfg
}

// FuzzConfigs reads any document by any config that is one: nothing panics, nothing hangs, the answer is bounded, and what
// is no entry is counted.
func FuzzConfigs(f *testing.F) {
	for _, seed := range []written{
		{"decimal", "", "unlimited", "x > 5", "x * 2", "За {{ x }}", "kind"},
		{"text", "", "false", `x in ["a", "b"]`, "amount / 100", "{{ x }} {{ amount }}", `x ?? kind`},
		{"html", "", "", `x matches "^a.*b$"`, "round(amount, 2)", "", `"<" + x`},
		{"time", "rfc3339|unix_ms|%d.%m.%Y %H:%M", "0", "x < now - days(30)", "1", "", `format(x, "02.01.2006")`},
		{"date", "02.01.2006|20060102", "", "exists(x) and x > created", "min(amount, 10)", "", `step + plural(amount, "a", "b", "c")`},
		{"bool", "", "", "not x", "max(amount, 0)", "", `x ? "да" : comment`},
		{"integer", "", "-1", "x != 0 or void", "abs(x)", "", ""},
		{"time", "dotnet|unix_us", "", "x == x", "amount", "", ""},
	} {
		f.Add([]byte(`[{"type":"EARN","amount":1.5,"x":"2024-01-01","id":1},{"type":"EARN","amount":-2,"x":"<p>a &amp; b","id":1,"receipt":"r"},{"x":[]},7]`),
			seed.as, seed.layout, seed.none, seed.when, seed.amount, seed.text, seed.message)
	}
	f.Fuzz(func(t *testing.T, body []byte, as, layout, none, when, amount, text, message string) {
		cfg := written{as, layout, none, when, amount, text, message}.config()
		m, err := mapping.New(cfg)
		if err != nil {
			return
		}
		value, err := document.ParseJSON(body, document.Limits{Depth: 64})
		if err != nil {
			return
		}
		plan := m.Plan()
		plan.Sources[0].Records = document.Path{}
		list, err := plan.Extract(0, value)
		if err != nil {
			return
		}
		checkResult(t, m, list, cfg.Limit)
	})
}

func checkResult(t *testing.T, m *mapping.Mapping, list []document.Record, limit int) {
	told, result, err := m.Explain(list, now)
	if result.Records != len(list) || len(told) != len(list) || len(result.Problems) > 10 || len(result.Codes) > 21 || len(result.Entries) > limit {
		t.Fatalf("%d told, %+v", len(told), result)
	}
	shown := 0
	for i := range told {
		if told[i].Fate == mapping.Shown || told[i].Fate == mapping.BeyondLimit {
			shown++
		}
	}
	left := result.Unreadable + result.Unmatched + result.Skipped + result.Waiting + result.Duplicates + result.Grouped + result.Old
	if err == nil && (shown+left != len(list) || shown <= limit && shown != len(result.Entries)) {
		t.Fatalf("%d of %d records: %+v", shown+left, len(list), result)
	}
	if err != nil && (result.Unreadable == 0 || len(result.Entries) > 0) {
		t.Fatalf("%v: %+v", err, result)
	}
	for i := range result.Entries {
		if result.Entries[i].Message == "" {
			t.Fatalf("no text: %+v", result.Entries[i])
		}
		checkEntry(t, result.Entries, i)
	}
	codes := 0
	for _, code := range result.Codes {
		codes += code.Count
	}
	if codes != result.Unmatched || slices.Contains(result.NeverSeen, "amount") {
		t.Fatalf("%d codes: %+v", codes, result)
	}
}
