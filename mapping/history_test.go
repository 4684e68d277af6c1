package mapping_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/mapping"
)

// counts gives a result in short: what is shown, and how many are not, by their fates.
func counts(result mapping.Result) string {
	text := show(result.Entries)
	for _, count := range []struct {
		fate  mapping.Fate
		count int
	}{
		{mapping.Unreadable, result.Unreadable},
		{mapping.Unmatched, result.Unmatched},
		{mapping.Skipped, result.Skipped},
		{mapping.Waiting, result.Waiting},
		{mapping.Duplicate, result.Duplicates},
		{mapping.Grouped, result.Grouped},
		{mapping.Old, result.Old},
	} {
		if count.count > 0 {
			text += fmt.Sprintf(" | %d %s", count.count, count.fate)
		}
	}
	for _, problem := range result.Problems {
		text += " | " + problem.String()
	}
	return text
}

// careful is a config with fields for all that a history may need.
func careful() mapping.Config {
	cfg := basic()
	cfg.MaxUnreadable = 1
	cfg.Fields["id"] = mapping.Field{At: path("id"), Optional: true}
	cfg.Fields["receipt"] = mapping.Field{At: path("receipt"), Optional: true}
	cfg.Fields["status"] = mapping.Field{At: path("status"), Optional: true}
	cfg.Entry.DefinitionMessage = `"x"`
	return cfg
}

func TestHistoriesThatNeedCare(t *testing.T) {
	unique := func(c *mapping.Config) { c.Unique = mapping.Names{"id"} }
	group := func(c *mapping.Config) { c.Group = mapping.Names{"receipt", "expires"} }
	pending := func(p mapping.Pending) func(*mapping.Config) { return func(c *mapping.Config) { c.Pending = p } }
	waits := mapping.Pending{When: `status == "wait"`}
	future := mapping.Pending{When: `status == "wait"`, Then: "future", Activation: "created + days(14)"}
	for _, c := range []struct {
		name   string
		change func(*mapping.Config)
		list   string
		want   string
	}{
		{"hidden by default", pending(waits), `{"amount":1,"status":"wait"},{"amount":2}`, "2/0 x | 1 pending"},
		{"hidden before it is described", pending(waits), `{"amount":1,"status":"wait","at":"2024-05-01"},{"amount":0,"status":"wait"}`, " | 1 skipped | 1 pending"},
		{"shown", pending(mapping.Pending{When: `status == "wait"`, Then: "show"}), `{"amount":1,"status":"wait"}`, "1/0 x"},
		{"in the future", pending(future), `{"amount":1,"status":"wait","at":"2024-05-31T00:00:00Z"},{"amount":2,"at":"2024-05-31T00:00:00Z"}`, "1/0 x 2024-06-14T00:00:00Z; 2/0 x 2024-05-31T00:00:00Z"},
		{"in the future, and nobody knows when", pending(future), `{"amount":1,"status":"wait"},{"amount":2}`, "2/0 x | 1 unreadable | record 1: pending.activation is none: points that wait would look as if they could be used"},
		{"what lies ahead is pending", pending(mapping.Pending{When: "created > now"}), `{"amount":1,"at":"2024-06-01T12:00:01Z"},{"amount":2,"at":"2024-06-01T12:00:00Z"}`, "2/0 x 2024-06-01T12:00:00Z | 1 pending"},

		{"the same again", unique, `{"id":"a","amount":1},{"id":"a","amount":1},{"id":"b","amount":1.0},{"id":"a","amount":1.00}`, "1/0 x; 1/0 x | 2 duplicate"},
		{"the same id, another record", unique, `{"id":"a","amount":1},{"id":"a","amount":2},{"id":"a","amount":1}`, "1/0 x | 1 unreadable | 1 duplicate | record 2: unique is that of an earlier record with another amount"},
		{"an unreadable one is not the first", unique, `{"id":"a"},{"id":"a","amount":2}`, "2/0 x | 1 unreadable | record 1: fields.amount is missing: declare optional: true if that is normal"},
		{"without an id", unique, `{"amount":1},{"amount":1},{"id":"","amount":1},{"id":null,"amount":1}`, "1/0 x; 1/0 x; 1/0 x; 1/0 x"},
		{"an id in two parts", func(c *mapping.Config) { c.Unique = mapping.Names{"id", "receipt"} }, `{"id":"a","receipt":"bc","amount":1},{"id":"ab","receipt":"c","amount":1},{"id":"a","receipt":"bc","amount":1}`, "1/0 x; 1/0 x | 1 duplicate"},
		{"skipped ones are dropped too", unique, `{"id":"a","amount":0},{"id":"a","amount":0}`, " | 1 skipped | 1 duplicate"},

		{"lines of a receipt", group, `{"amount":1.5,"receipt":"r","at":"2024-05-01","till":"2025-01-01"},{"amount":2,"receipt":"r","till":"2025-01-01"},{"type":"SPEND","amount":-0.25,"receipt":"r","till":"2025-01-01"},{"amount":4,"receipt":"r","till":"2026-01-01"}`, "3.5/0.25 x 2024-04-30T21:00:00Z till 2024-12-31T21:00:00Z; 4/0 x till 2025-12-31T21:00:00Z | 2 grouped"},
		{"the same second, and not the same time", func(c *mapping.Config) { c.Group = mapping.Names{"created"} }, `{"amount":1,"at":"2024-05-01T10:00:00.1Z"},{"amount":2,"at":"2024-05-01T10:00:00.9Z"},{"amount":4,"at":"2024-05-01T10:00:00.90Z"}`, "6/0 x 2024-05-01T10:00:00Z; 1/0 x 2024-05-01T10:00:00Z | 1 grouped"},
		{"known by a time", func(c *mapping.Config) { c.Unique = mapping.Names{"created"} }, `{"amount":1,"at":"2024-05-01T10:00:00.1Z"},{"amount":1,"at":"2024-05-01T10:00:00.9Z"}`, "1/0 x 2024-05-01T10:00:00Z; 1/0 x 2024-05-01T10:00:00Z"},
		{"without a receipt", group, `{"amount":1,"till":"2025-01-01"},{"amount":2,"till":"2025-01-01"},{"amount":3,"receipt":"r"},{"amount":4,"receipt":"r"}`, "1/0 x till 2024-12-31T21:00:00Z; 2/0 x till 2024-12-31T21:00:00Z; 3/0 x; 4/0 x"},
		{"more than a sum can hold", func(c *mapping.Config) { c.Group = mapping.Names{"receipt"} }, `{"amount":999999999999999999,"receipt":"r"},{"amount":1,"receipt":"r"}`, "999999999999999999/0 x | 1 unreadable | record 2: group cannot be summed: it has more than 18 digits"},

		{"a look back", func(c *mapping.Config) { c.Since = config.Duration(24 * time.Hour) }, `{"amount":1,"at":"2024-05-31T12:00:00Z"},{"amount":2,"at":"2024-05-31T11:59:59Z"},{"amount":3},{"amount":4,"at":"2030-01-01"}`, "4/0 x 2029-12-31T21:00:00Z; 1/0 x 2024-05-31T12:00:00Z; 3/0 x | 1 old"},
		{"oldest first, the newest kept", func(c *mapping.Config) { c.Order, c.Limit = "oldest", 3 }, `{"amount":1},{"amount":2,"at":"2024-01-02"},{"amount":3,"at":"2024-01-01"},{"amount":4,"at":"2024-01-02"}`, "3/0 x 2023-12-31T21:00:00Z; 2/0 x 2024-01-01T21:00:00Z; 4/0 x 2024-01-01T21:00:00Z"},
		{"oldest first, those without a time last", func(c *mapping.Config) { c.Order = "oldest" }, `{"amount":1},{"amount":2,"at":"2024-01-02"},{"amount":3},{"amount":4,"at":"2024-01-01"}`, "4/0 x 2023-12-31T21:00:00Z; 2/0 x 2024-01-01T21:00:00Z; 1/0 x; 3/0 x"},
		{"as the CRM has it", func(c *mapping.Config) { c.Order, c.Limit = "crm", 2 }, `{"amount":1,"at":"2024-01-01"},{"amount":2,"at":"2024-01-03"},{"amount":3,"at":"2024-01-02"}`, "1/0 x 2023-12-31T21:00:00Z; 2/0 x 2024-01-02T21:00:00Z"},
		{"an emoji cut", func(c *mapping.Config) { c.TextLimit, c.Entry.DefinitionMessage = 3, `"👩‍👧"`+`+ "!"` }, `{"amount":1}`, "1/0 👩…"},
		{"a text of spaces is not there", func(c *mapping.Config) { c.Entry.DefinitionMessage = `status ?? receipt` }, `{"amount":1,"status":" \u00a0","receipt":"r"}`, "1/0 r"},
		{"nor is one of tags", func(c *mapping.Config) {
			c.Fields["status"] = mapping.Field{At: path("status"), As: "html", Optional: true}
			c.Entry.DefinitionMessage = `status ?? receipt`
		}, `{"amount":1,"status":"<p>&nbsp;</p>","receipt":"r"}`, "1/0 r"},
		{"no points are known", func(c *mapping.Config) { c.Rules = []mapping.Rule{{Added: "amount - number(receipt)"}} }, `{"amount":1},{"amount":3,"receipt":"1"},{"amount":1,"receipt":"1"}`, "2/0 x | 1 unreadable | 1 skipped | record 1: rules[0].added is none: its fields have no value; (amount ?? 0) counts what is not there as 0"},
		{"points of one of two kinds", func(c *mapping.Config) { c.Rules = []mapping.Rule{{Added: "amount", Expired: "number(receipt)"}} }, `{"amount":1},{"amount":0,"receipt":"1"},{"amount":0}`, "1/0 x; 0/1 x | 1 skipped"},
		{"days before all times", func(c *mapping.Config) { c.Entry.ActivationDate = "created - days(365)" }, `{"amount":1,"at":"1970-12-01T00:00:00Z"},{"amount":2,"at":"1971-12-01T00:00:00Z"}`, "2/0 x 1970-12-01T00:00:00Z | 1 unreadable | record 1: entry.activationDate is a time in the year 1969, outside of 1970 to 9999"},
		{"days after all times", func(c *mapping.Config) { c.Entry.ExpirationDate = "created + days(730)" }, `{"amount":1,"at":"9999-12-01T00:00:00Z"},{"amount":2,"at":"2023-12-01T00:00:00Z"}`, "2/0 x 2023-12-01T00:00:00Z till 2025-11-30T00:00:00Z | 1 unreadable | record 1: entry.expirationDate is a time in the year 10001, outside of 1970 to 9999"},
		{"a short text", func(c *mapping.Config) { c.TextLimit, c.Entry.DefinitionMessage = 6, `"За  покупку"` }, `{"amount":1}`, "1/0 За по…"},
		{"a text cut at a space", func(c *mapping.Config) { c.TextLimit, c.Entry.DefinitionMessage = 4, `"За покупку"` }, `{"amount":1}`, "1/0 За…"},
		{"a record that expires where it stands", func(c *mapping.Config) {
			c.Rules = []mapping.Rule{{When: `type == "EARN" and expires < now`, Added: "amount", Expired: "amount - 1"}, {Added: "amount"}}
		}, `{"amount":5,"till":"2024-06-01"},{"amount":5,"till":"2024-06-02"}`, "5/4 x till 2024-05-31T21:00:00Z; 5/0 x till 2024-06-01T21:00:00Z"},
	} {
		cfg := careful()
		c.change(&cfg)
		m := build(t, cfg)
		list := strings.ReplaceAll("["+c.list+"]", `{"`, `{"type":"EARN","`)
		list = strings.ReplaceAll(list, `"type":"EARN","type":`, `"type":`)
		result, err := m.Entries(records(t, m, list), now)
		if got := counts(result); got != c.want || err != nil {
			t.Errorf("%s: %v\n got %s\nwant %s", c.name, err, got, c.want)
		}
	}
}

func TestProblemsOfCarefulConfigs(t *testing.T) {
	for want, change := range map[string]func(*mapping.Config){
		"pending: it is not said which points wait":                              func(c *mapping.Config) { c.Pending.Then = "hide" },
		"pending.then: points that wait cannot be treated as \"hid\"":            func(c *mapping.Config) { c.Pending = mapping.Pending{When: "void", Then: "hid"} },
		"pending: it is not said when points that wait can be used":              func(c *mapping.Config) { c.Pending = mapping.Pending{When: "void", Then: "future"} },
		"pending.activation: only then: future shows it":                         func(c *mapping.Config) { c.Pending = mapping.Pending{When: "void", Activation: "now"} },
		"pending.when: true or false is wanted here":                             func(c *mapping.Config) { c.Pending = mapping.Pending{When: "amount"} },
		"unique: there is no field idd (did you mean id?)":                       func(c *mapping.Config) { c.Unique = mapping.Names{"idd"} },
		"unique[1]: there is no field x":                                         func(c *mapping.Config) { c.Unique = mapping.Names{"id", "x"} },
		"group: an empty text is no field":                                       func(c *mapping.Config) { c.Group = mapping.Names{" "} },
		"text_limit: the customer has to read something":                         func(c *mapping.Config) { c.TextLimit = 0 },
		"order: entries cannot be in the order \"newst\" (did you mean newest?)": func(c *mapping.Config) { c.Order = "newst" },
	} {
		cfg := careful()
		change(&cfg)
		_, err := mapping.New(cfg)
		if problems := config.All(err); len(problems) != 1 || !strings.Contains(problems[0].Error(), want) {
			t.Errorf("want %s\n got %v", want, err)
		}
	}
}

func TestFieldsThatAreNeverThere(t *testing.T) {
	m := build(t, basic())
	for list, want := range map[string]string{
		`[{"type":"EARN","amount":1,"at":null,"info":{"comment":""}},{"type":"EARN","amount":1,"till":"2024-01-01"}]`: "[void]",
		`[{"type":"EARN","amount":1}]`: "[comment created expires void]",
		`[]`:                           "[]",
		`[{"type":"EARN"}]`:            "[]", // nothing could be read
		`[{"type":"EARN","amount":1,"at":"x","void":true},{"type":"EARN","amount":1}]`: "[comment created expires void]", // nor of this one
	} {
		cfg := basic()
		cfg.MaxUnreadable = 1
		m = build(t, cfg)
		result, _ := m.Entries(records(t, m, list), now)
		if got := fmt.Sprint(result.NeverSeen); got != want {
			t.Errorf("%s: %s, want %s", list, got, want)
		}
	}
	if got := fmt.Sprint(m.Optional()); got != "[comment created expires void]" {
		t.Error(got)
	}
}

func TestTheCodeOfAnUnmatchedRecordIsWhatRulesTellApart(t *testing.T) {
	for _, c := range []struct{ when, want string }{
		{`type == "EARN"`, "NEW"},
		{`"EARN" == type or type in ["A", "B"]`, "NEW"},
		{`type != "NEW" and amount > 5`, "NEW"},
		{`type == "EARN" or status == "x"`, "type=NEW status=on"},
		{`status == "x" or type == "EARN" or comment == "y"`, "status=on type=NEW"},
		{`type == "EARN" or status == ""`, "NEW"}, // which only asks whether it is there
		{`amount == 5 and step == "x"`, ""},
		{`type contains "x"`, ""},
		{`lower(type) == "x"`, ""},
	} {
		cfg := careful()
		cfg.Rules = []mapping.Rule{{When: c.when, Added: "amount"}}
		m := build(t, cfg)
		result, err := m.Entries(records(t, m, `[{"type":"NEW","amount":1,"status":"on"}]`), now)
		if err != nil || !reflect.DeepEqual(result.Codes, []mapping.CodeCount{{Code: c.want, Count: 1}}) {
			t.Errorf("%s: %+v %v", c.when, result, err)
		}
	}
}

func TestExplainTellsOfEveryRecord(t *testing.T) {
	cfg := careful()
	cfg.Unique, cfg.Group, cfg.Since, cfg.Limit = mapping.Names{"id"}, mapping.Names{"receipt"}, config.Duration(24*time.Hour), 2
	cfg.Pending = mapping.Pending{When: `status == "wait"`}
	cfg.Fields["done"] = mapping.Field{At: path("day", "hour"), As: "time", Zone: "UTC", Optional: true}
	m := build(t, cfg)
	list := records(t, m, `[
		{"type":"EARN","amount":1,"id":"a","receipt":"r"}, {"type":"EARN","amount":1,"id":"a","receipt":"r"}, {"type":"EARN","amount":2,"receipt":"r"},
		{"type":"EARN","amount":3,"at":"2020-01-01"}, {"type":"EARN","amount":4,"status":"wait"}, {"type":"NOTE","amount":5}, {"type":"NEW","amount":6},
		{"type":"SPEND","amount":7}, {"type":"EARN","amount":"x","day":"2024-01-01","hour":"10:00"}, {"type":"EARN","amount":8}, {"type":"EARN","amount":9}, 10]`)
	told, result, err := m.Explain(list, now)
	plain, plainErr := m.Entries(list, now)
	if !reflect.DeepEqual(result, plain) || fmt.Sprint(err) != fmt.Sprint(plainErr) || len(told) != 12 {
		t.Fatalf("%d told\n%+v %v\n%+v %v", len(told), result, err, plain, plainErr)
	}
	var got []string
	for i := range told {
		line := fmt.Sprintf("%s %s", told[i].Fate, told[i].Place)
		if told[i].With > 0 {
			line += fmt.Sprint(" with ", told[i].With)
		}
		if told[i].Code != "" {
			line += " code " + told[i].Code
		}
		if told[i].Entry.Record > 0 {
			line += fmt.Sprintf(" %d: %s", told[i].Entry.Record, show([]mapping.Entry{told[i].Entry}))
		}
		if told[i].Problem.Place != "" {
			line += " " + told[i].Problem.String()
		}
		got = append(got, line)
	}
	want := []string{
		"shown rules[1] 1: 1/0 x", "duplicate  with 1", "grouped rules[1] with 1 3: 2/0 x", "old rules[1] 4: 3/0 x 2019-12-31T21:00:00Z", "pending rules[1]", "skipped rules[0]",
		"unmatched  code NEW", "unreadable rules[2].expired record 8: rules[2].expired is negative: use abs() or -amount",
		"unreadable fields.amount record 9: fields.amount is a text where a decimal was expected: it is not a number", "shown rules[1] 10: 8/0 x", "cut off rules[1] 11: 9/0 x",
		"unreadable records record 12: records is a number, not an object",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	var fields []string
	for _, field := range told[8].Fields {
		if field.Why != "" || field.Value.String() != "" {
			fields = append(fields, fmt.Sprintf("%s %d %s%s", field.Name, len(field.Raw), field.Value, field.Why))
		}
	}
	if got := strings.Join(fields, "; "); got != "amount 1 is a text where a decimal was expected: it is not a number; done 2 2024-01-01T10:00:00Z; type 1 EARN" {
		t.Error(got)
	}
}

func TestExplainGoesOnWhereEntriesStop(t *testing.T) {
	cfg := careful()
	cfg.OnUnreadable = "fail"
	m := build(t, cfg)
	list := records(t, m, `[{"type":"EARN","amount":1},{"type":"EARN"},{"type":"EARN","amount":2},{"type":"EARN"}]`)
	told, result, err := m.Explain(list, now)
	plain, plainErr := m.Entries(list, now)
	if len(told) != 4 || result.Unreadable != 1 || !reflect.DeepEqual(result, plain) || err == nil || err.Error() != plainErr.Error() {
		t.Errorf("%d %+v %v\n%+v %v", len(told), result, err, plain, plainErr)
	}
}
