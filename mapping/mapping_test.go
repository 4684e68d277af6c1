package mapping_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata" // zones must not depend on what the machine has installed

	"bonus-adapter/config"
	"bonus-adapter/document"
	"bonus-adapter/mapping"
)

// now is the time of every history here.
var now = time.Date(2024, 6, 1, 12, 0, 0, 0, time.UTC)

func path(texts ...string) mapping.Paths {
	var paths mapping.Paths
	for _, text := range texts {
		made, err := document.ParsePath(text)
		if err != nil {
			panic(err)
		}
		paths = append(paths, made)
	}
	return paths
}

// basic is a config with fields of every type.
func basic() mapping.Config {
	cfg := mapping.DefaultConfig()
	cfg.Records = mapping.Places{"history.data.items"}
	cfg.Fields = map[string]mapping.Field{
		"type":    {At: path("type")},
		"amount":  {At: path("amount"), As: "decimal"},
		"created": {At: path("at"), As: "time", Zone: "Europe/Moscow", Optional: true},
		"expires": {At: path("till"), As: "date", Zone: "Europe/Moscow", Optional: true},
		"comment": {At: path("info.comment"), Optional: true},
		"void":    {At: path("void"), As: "bool", Optional: true},
	}
	cfg.Rules = []mapping.Rule{
		{When: `type == "NOTE" or void`, Skip: true},
		{When: `type == "EARN"`, Added: "amount"},
		{When: `type in ["SPEND", "EXPIRE"]`, Expired: "-amount"},
		{When: `type == "BOTH"`, Added: "amount", Expired: "abs(amount - 10)"},
	}
	cfg.Entry = mapping.EntryConfig{DefinitionMessage: `comment ?? "Бонусы"`, ActivationDate: "created", ExpirationDate: "expires"}
	return cfg
}

func build(t testing.TB, cfg mapping.Config) *mapping.Mapping {
	t.Helper()
	m, err := mapping.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func records(t testing.TB, m *mapping.Mapping, list string) []document.Record {
	t.Helper()
	value, err := document.ParseJSON([]byte(`{"data":{"items":`+list+`}}`), document.Limits{Depth: 64})
	if err != nil {
		t.Fatal(err)
	}
	got, err := m.Plan().Extract(0, value)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// show gives entries as short texts: added/expired message activation.
func show(entries []mapping.Entry) string {
	var all []string
	for _, e := range entries {
		text := fmt.Sprintf("%s/%s %s", e.Added, e.Expired, e.Message)
		if !e.Activation.IsZero() {
			text += " " + e.Activation.Time().Format(time.RFC3339)
		}
		if !e.Expiration.IsZero() {
			text += " till " + e.Expiration.Time().Format(time.RFC3339)
		}
		all = append(all, text)
	}
	return strings.Join(all, "; ")
}

func TestRules(t *testing.T) {
	m := build(t, basic())
	for record, want := range map[string]string{
		`{"type":"EARN","amount":250}`: "250/0 Бонусы",
		`{"type":"EARN","amount":"1 234,50","at":"2024-03-01T10:00:00","info":{"comment":"За покупку"}}`: "1234.5/0 За покупку 2024-03-01T07:00:00Z",
		`{"type":"EARN","amount":1,"info":{"comment":""},"till":"2024-12-31"}`:                           "1/0 Бонусы till 2024-12-30T21:00:00Z",
		`{"type":"SPEND","amount":-0.10}`:              "0/0.1 Бонусы",
		`{"type":"EXPIRE","amount":-5,"void":false}`:   "0/5 Бонусы",
		`{"type":"BOTH","amount":4}`:                   "4/6 Бонусы",
		`{"type":"EARN","amount":0}`:                   "skipped",
		`{"type":"NOTE","amount":1}`:                   "skipped",
		`{"type":"EARN","amount":1,"void":true}`:       "skipped",
		`{"type":"OTHER","amount":1}`:                  "unmatched",
		`{"type":"SPEND","amount":5}`:                  "rules[2].expired is negative: use abs() or -amount",
		`{"type":"EARN","amount":-5}`:                  "rules[1].added is negative: use abs() or -amount",
		`{"type":"BOTH","amount":-999999999999999999}`: "rules[3].added is negative: use abs() or -amount",
		`{"type":"NOTE"}`:                              "fields.amount is missing: declare optional: true if that is normal",
		`{"type":null,"amount":1}`:                     "fields.type is null: declare optional: true if that is normal",
		`{"type":["EARN"],"amount":1}`:                 "fields.type is a list where a text was expected",
		`{"type":"EARN","amount":1,"void":"maybe"}`:    "fields.void is a text where true or false was expected, or a word for it such as yes, Y or 1",
		`{"type":"EARN","amount":1,"void":"Y"}`:        "skipped",
		`{"type":"EARN","amount":1,"at":17}`:           "fields.created is a number where a time text was expected: declare layout: unix or unix_ms",
		`"text"`:                                       "records is a text, not an object",
	} {
		result, err := m.Entries(records(t, m, "["+record+"]"), now)
		got := show(result.Entries)
		switch {
		case result.Skipped == 1:
			got = "skipped"
		case result.Unmatched == 1:
			got = "unmatched"
		case result.Unreadable == 1:
			got = strings.TrimPrefix(result.Problems[0].String(), "record 1: ")
		}
		if got != want || (err != nil) != (result.Unreadable == 1) || result.Records != 1 {
			t.Errorf("%s\n got %s (%v)\nwant %s", record, got, err, want)
		}
	}
}

func TestAnAmountThatOutgrowsItsDigitsIsUnreadable(t *testing.T) {
	cfg := basic()
	cfg.Rules = []mapping.Rule{{Added: "amount + 0.5"}}
	m := build(t, cfg)
	_, err := m.Entries(records(t, m, `[{"type":"x","amount":999999999999999999}]`), now)
	if err == nil || !strings.Contains(err.Error(), "rules[0].added cannot be computed: it has more than 18 digits") {
		t.Error(err)
	}
}

func TestNewestFirstThenTheOnesWithoutATime(t *testing.T) {
	cfg := basic()
	list := `[
		{"type":"EARN","amount":1}, {"type":"EARN","amount":2,"at":"2024-01-01T00:00:00Z"}, {"type":"EARN","amount":3,"at":"2024-01-02T00:00:00Z"},
		{"type":"EARN","amount":4}, {"type":"EARN","amount":5,"at":"2024-01-01T03:00:00+03:00"}, {"type":"EARN","amount":6,"at":"1970-01-01T00:00:00Z"}]`
	for limit, want := range map[int]string{0: "3 2 5 6 1 4", 2: "3 2", 5: "3 2 5 6 1", 6: "3 2 5 6 1 4", 100: "3 2 5 6 1 4"} {
		cfg.Limit = limit
		m := build(t, cfg)
		result, err := m.Entries(records(t, m, list), now)
		var got []string
		for _, e := range result.Entries {
			got = append(got, e.Added.String())
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("limit %d: %v %v, want %s", limit, got, err, want)
		}
	}
}

func TestUnreadablePolicy(t *testing.T) {
	good, bad := `{"type":"EARN","amount":1}`, `{"type":"EARN","amount":"HIDDEN"}`
	for _, c := range []struct {
		policy    string
		share     config.Share
		bad, good int
		fails     bool
		counted   int
	}{
		{"skip", 0.2, 0, 0, false, 0},
		{"skip", 0.2, 0, 5, false, 0},
		{"skip", 0.2, 1, 4, false, 1}, // exactly the share
		{"skip", 0.2, 2, 7, true, 2},
		{"skip", 0.29, 29, 71, false, 29}, // 0.29 has no exact float64
		{"skip", 0.29, 30, 70, true, 30},
		{"skip", 0.07, 7, 93, false, 7},
		{"skip", 0, 0, 3, false, 0},
		{"skip", 0, 1, 9999, true, 1},
		{"skip", 1, 1, 1, false, 1},
		{"skip", 1, 1, 0, true, 1}, // all of them always fail
		{"skip", 1, 3, 0, true, 3},
		{"fail", 1, 0, 3, false, 0},
		{"fail", 1, 2, 3, true, 1}, // at the first
	} {
		cfg := basic()
		cfg.OnUnreadable, cfg.MaxUnreadable = c.policy, c.share
		m := build(t, cfg)
		list := strings.Repeat(bad+",", c.bad) + strings.Repeat(good+",", c.good)
		result, err := m.Entries(records(t, m, "["+strings.TrimSuffix(list, ",")+"]"), now)
		var failed *mapping.Failed
		if errors.As(err, &failed) != c.fails || result.Unreadable != c.counted || result.Records != c.bad+c.good {
			t.Errorf("%+v: %+v %v", c, result, err)
		}
		if c.fails && (result.Entries != nil || failed.Records != c.bad+c.good || failed.Unreadable != c.counted || failed.First.Record != 1 || strings.Contains(err.Error(), "HIDDEN")) {
			t.Errorf("%+v: %+v", c, failed)
		}
		if !c.fails && len(result.Entries) != c.good {
			t.Errorf("%+v: %d entries", c, len(result.Entries))
		}
	}
}

func TestProblemsAreTheFirstOfEachKind(t *testing.T) {
	cfg := basic()
	cfg.MaxUnreadable = 1
	m := build(t, cfg)
	result, err := m.Entries(records(t, m, `[{"type":"EARN","amount":1},{"type":"EARN"},{"amount":2},{"type":"EARN"},7,{"type":"SPEND","amount":3}]`), now)
	want := []mapping.Problem{
		{Record: 2, Place: "fields.amount", Why: "is missing: declare optional: true if that is normal"},
		{Record: 3, Place: "fields.type", Why: "is missing: declare optional: true if that is normal"},
		{Record: 5, Place: "records", Why: "is a number, not an object"},
		{Record: 6, Place: "rules[2].expired", Why: "is negative: use abs() or -amount"},
	}
	if err != nil || result.Unreadable != 5 || !reflect.DeepEqual(result.Problems, want) {
		t.Errorf("%+v %v", result, err)
	}
	var many []string
	for year := range 30 {
		many = append(many, fmt.Sprintf(`{"type":"EARN","amount":1,"at":"%04d-01-01T00:00:00"}`, year))
	}
	if result, _ := m.Entries(records(t, m, "["+strings.Join(many, ",")+"]"), now); len(result.Problems) != 10 || result.Unreadable != 30 {
		t.Errorf("%+v", result)
	}
}

func TestMessagesAreOneShortLine(t *testing.T) {
	m := build(t, basic())
	for text, want := range map[string]string{
		`a\nb\tc`: "a b c", `  x  `: "x", `\u0000\u007f\u0085`: "Начисление бонусов", `«ё»`: "«ё»", `a\u2028b`: "a b", `a \u00a0\n b`: "a b", `a  b`: "a b", `\ud800x`: "\ufffdx",
		strings.Repeat("я", 1000):        strings.Repeat("я", 1000),
		strings.Repeat("я", 1001):        strings.Repeat("я", 999) + "…",
		strings.Repeat("z", 998) + " zz": strings.Repeat("z", 998) + "…",
	} {
		result, err := m.Entries(records(t, m, `[{"type":"EARN","amount":1,"info":{"comment":"`+text+`"}}]`), now)
		if err != nil || result.Entries[0].Message != want {
			t.Errorf("%.30s: %.40q %v", text, show(result.Entries), err)
		}
	}
	cfg := basic()
	cfg.Entry.DefinitionMessage = "comment"
	m = build(t, cfg)
	if result, err := m.Entries(records(t, m, `[{"type":"EARN","amount":1}]`), now); err != nil || result.Entries[0].Message != "Начисление бонусов" {
		t.Errorf("none is the text of the kind: %+v %v", result, err)
	}
}

func TestExists(t *testing.T) {
	cfg := basic()
	cfg.Rules = []mapping.Rule{{When: "exists(comment) and not exists(void)", Added: "amount"}, {Skip: true}}
	m := build(t, cfg)
	result, err := m.Entries(records(t, m, `[{"type":"a","amount":1,"info":{"comment":"x"}},{"type":"a","amount":2},{"type":"a","amount":3,"info":{"comment":"x"},"void":false}]`), now)
	if err != nil || show(result.Entries) != "1/0 x" || result.Skipped != 2 {
		t.Errorf("%+v %v", result, err)
	}
}

func TestPlan(t *testing.T) {
	m := build(t, basic())
	plan := m.Plan()
	var fields []string
	for _, f := range plan.Fields {
		fields = append(fields, f.String())
	}
	if plan.Sources[0].Step != "history" || plan.Sources[0].Records.String() != "data.items" || strings.Join(fields, " ") != "amount info.comment at till type void" {
		t.Errorf("%+v", plan)
	}
	plan.Fields[0] = path("changed")[0]
	if m.Plan().Fields[0].String() != "amount" {
		t.Error("the plan is the caller's own")
	}
	cfg := basic()
	cfg.Records = mapping.Places{"history"}
	if plan := build(t, cfg).Plan(); plan.Sources[0].Step != "history" || !plan.Sources[0].Records.IsZero() {
		t.Errorf("%+v", plan)
	}
}

func TestOneMappingServesManyAtOnce(t *testing.T) {
	m := build(t, basic())
	list := records(t, m, `[{"type":"EARN","amount":1,"at":"2024-01-01T00:00:00Z"},{"type":"SPEND","amount":-2}]`)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if result, err := m.Entries(list, now); err != nil || len(result.Entries) != 2 {
				t.Errorf("%+v %v", result, err)
			}
		})
	}
	group.Wait()
}
