package mapping_test

import (
	"strings"
	"testing"

	"bonus-adapter/config"
	"bonus-adapter/mapping"
)

// codes makes a group of a YAML map or list as the command reads it.
func codes(t *testing.T, tree config.Tree) mapping.Codes {
	t.Helper()
	var made mapping.Codes
	if err := made.UnmarshalTree(tree); err != nil {
		t.Fatal(err)
	}
	return made
}

func scalar(text string) config.Tree { return config.Tree{Kind: config.Text, Text: text} }

func list(items ...string) config.Tree {
	made := config.Tree{Kind: config.List}
	for _, item := range items {
		made.Items = append(made.Items, scalar(item))
	}
	return made
}

// mapOf makes a map of names and values in turn.
func mapOf(members ...any) config.Tree {
	made := config.Tree{Kind: config.Map}
	for i := 0; i < len(members); i += 2 {
		value, ok := members[i+1].(config.Tree)
		if text, is := members[i+1].(string); is {
			value, ok = scalar(text), true
		}
		if !ok {
			value = config.Tree{}
		}
		made.Members = append(made.Members, config.Branch{Name: members[i].(string), Value: value})
	}
	return made
}

// kindly is a config that knows its records by kinds alone.
func kindly(t *testing.T) mapping.Config {
	cfg := basic()
	cfg.Rules = nil
	cfg.Fields["order"] = mapping.Field{At: path("order"), Optional: true}
	cfg.Fields["number"] = mapping.Field{At: path("number"), As: "decimal", Optional: true}
	cfg.Entry.DefinitionMessage = ""
	cfg.Kinds = mapping.Kinds{
		Of: "type", Amount: "abs(amount)",
		Added:    codes(t, mapOf("EARN", "Начисление за заказ {{ order }} на {{ number }}", "WELCOME", mapOf("amount", "10", "text", "Приветственные бонусы"), "GIFT", nil)),
		Refunded: codes(t, list("REFUND")),
		Spent:    codes(t, mapOf("SPEND", "Списание по заказу {{ order }}")),
		Burned:   codes(t, list("EXPIRE")),
		Canceled: codes(t, list("CANCEL")),
		Signed:   codes(t, mapOf("FIX", mapOf("amount", "amount"), "MOVE", mapOf("amount", "amount", "text", "Перенос"))),
		Skip:     codes(t, list("NOTE", "7")),
	}
	return cfg
}

func TestKinds(t *testing.T) {
	m := build(t, kindly(t))
	for record, want := range map[string]string{
		`{"type":"EARN","amount":5,"order":"A1","number":1.50}`: "5/0 Начисление за заказ A1 на 1.5",
		`{"type":"EARN","amount":5,"order":"A1"}`:               "5/0 Начисление бонусов", // a slot without a value
		`{"type":"EARN","amount":5,"order":" ","number":1}`:     "5/0 Начисление бонусов",
		`{"type":"EARN","amount":-5}`:                           "5/0 Начисление бонусов",
		`{"type":"WELCOME","amount":5}`:                         "10/0 Приветственные бонусы",
		`{"type":"GIFT","amount":5}`:                            "5/0 Начисление бонусов",
		`{"type":"REFUND","amount":5}`:                          "5/0 Возврат бонусов",
		`{"type":"SPEND","amount":-5.10,"order":7}`:             "0/5.1 Списание по заказу 7",
		`{"type":"SPEND","amount":5}`:                           "0/5 Списание бонусов",
		`{"type":"EXPIRE","amount":5}`:                          "0/5 Сгорание бонусов",
		`{"type":"CANCEL","amount":5}`:                          "0/5 Отмена начисления бонусов",
		`{"type":"FIX","amount":5}`:                             "5/0 Начисление бонусов",
		`{"type":"FIX","amount":-5}`:                            "0/5 Списание бонусов",
		`{"type":"MOVE","amount":-5}`:                           "0/5 Перенос",
		`{"type":"EARN","amount":0}`:                            "skipped",
		`{"type":"NOTE","amount":5}`:                            "skipped",
		`{"type":7,"amount":5}`:                                 "skipped",
		`{"type":"earn","amount":5}`:                            "unmatched earn",
		`{"type":"","amount":5}`:                                "unmatched ",
	} {
		result, err := m.Entries(records(t, m, "["+record+"]"), now)
		got := show(result.Entries)
		switch {
		case result.Skipped == 1:
			got = "skipped"
		case result.Unmatched == 1:
			got = "unmatched " + result.Codes[0].Code
		}
		if got != want || err != nil {
			t.Errorf("%s\n got %s (%v)\nwant %s", record, got, err, want)
		}
	}
}

func TestRulesStandBeforeKinds(t *testing.T) {
	cfg := kindly(t)
	cfg.Rules = []mapping.Rule{
		{When: "void", Skip: true},
		{When: `type == "SPEND" and amount > 100`, Expired: "100"},
		{When: `type == "EARN" and amount > 100`, Added: "100", Text: "Не больше {{ number }}"},
		{When: `type == "OWN"`, Expired: "amount"},
	}
	cfg.Entry.DefinitionMessage = `comment ?? (kind + "!")`
	m := build(t, cfg)
	result, err := m.Entries(records(t, m, `[
		{"type":"SPEND","amount":1,"void":true}, {"type":"SPEND","amount":101,"order":"A"}, {"type":"EARN","amount":101,"number":100},
		{"type":"EARN","amount":101,"order":"B"}, {"type":"OWN","amount":1}, {"type":"GIFT","amount":1,"info":{"comment":"свой"}}]`), now)
	want := "0/100 Списание по заказу A!; 100/0 Не больше 100!; 100/0 Начисление бонусов!; 0/1 Списание бонусов!; 1/0 свой"
	if got := show(result.Entries); got != want || err != nil || result.Skipped != 1 {
		t.Errorf("%s\n%+v %v", got, result, err)
	}
}

func TestProblemsOfKinds(t *testing.T) {
	for _, c := range []struct {
		change func(*mapping.Config)
		want   string
	}{
		{func(*mapping.Config) {}, ""},
		{func(c *mapping.Config) { c.Kinds.Of = "" }, "kinds: it is not said which field holds the code (of: type)"},
		{func(c *mapping.Config) { c.Kinds.Of = "amount" }, "kinds.of: a text is wanted here"},
		{func(c *mapping.Config) { c.Kinds = mapping.Kinds{Of: "type", Amount: "amount"} }, "kinds: no code is in any group"},
		{func(c *mapping.Config) { c.Kinds = mapping.Kinds{Of: "type", Added: mapping.Codes{{Name: "A"}}} }, "kinds.added.A: it is not said how many points the code A stands for"},
		{func(c *mapping.Config) { c.Kinds.Burned = append(c.Kinds.Burned, c.Kinds.Refunded...) }, "kinds.burned[0]: the code REFUND is there twice: it is in refunded too"},
		{func(c *mapping.Config) { c.Kinds.Skip = mapping.Codes{{Name: "X", Text: "x"}} }, "kinds.skip.X: a code that is skipped has no text"},
		{func(c *mapping.Config) { c.Kinds.Skip = mapping.Codes{{}} }, "kinds.skip['']: an empty text is no code"},
		{func(c *mapping.Config) { c.Kinds.Spent = mapping.Codes{{Name: "A.B", Amount: "amout"}} }, "kinds.spent['A.B'].amount: there is no field amout"},
		{func(c *mapping.Config) { c.Kinds.Spent = mapping.Codes{{Name: "A", Text: "{{ commnt }}"}} }, "kinds.spent.A: there is no field commnt"},
	} {
		cfg := kindly(t)
		c.change(&cfg)
		_, err := mapping.New(cfg)
		if problems := config.All(err); c.want == "" && err != nil || c.want != "" && (len(problems) != 1 || !strings.Contains(problems[0].Error(), c.want)) {
			t.Errorf("want %s\n got %v", c.want, err)
		}
	}
}

func TestCodesAreReadFromListsAndMaps(t *testing.T) {
	for _, c := range []struct {
		tree config.Tree
		want string
	}{
		{config.Tree{}, ""},
		{config.Tree{Kind: config.Number, Text: "1"}, "the codes of a group are a list or a map, not a number"},
		{config.Tree{Kind: config.List, Items: []config.Tree{mapOf("A", "b")}}, "[0]: a code is a text, not a map"},
		{mapOf("A", list("x")), "A: a code has a text, or { amount, text }, not a list"},
		{mapOf("A", mapOf("txt", "x")), "A.txt: unknown key (allowed here: amount, text)"},
		{mapOf("A", mapOf("text", list("x"))), "A.text: it is a text, not a list"},
	} {
		var made mapping.Codes
		err := made.UnmarshalTree(c.tree)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("want %s\n got %v", c.want, err)
		}
	}
}

func TestUnmatchedCodesAreCountedAndBounded(t *testing.T) {
	m := build(t, kindly(t))
	var all []string
	for i := range 30 {
		all = append(all, `{"type":"C`+string(rune('a'+i))+`","amount":1},{"type":"Ca","amount":1}`)
	}
	all = append(all, `{"type":"`+strings.Repeat("я", 65)+`","amount":1}`)
	result, err := m.Entries(records(t, m, "["+strings.Join(all, ",")+"]"), now)
	if err != nil || result.Unmatched != 61 || len(result.Codes) != 21 || result.Codes[0] != (mapping.CodeCount{Code: "Ca", Count: 31}) ||
		result.Codes[20] != (mapping.CodeCount{Code: mapping.OtherCodes, Count: 11}) {
		t.Errorf("%+v %v", result, err)
	}
	result, _ = m.Entries(records(t, m, "["+all[30]+"]"), now)
	if want := strings.Repeat("я", 63) + "…"; result.Codes[0].Code != want {
		t.Errorf("%+v", result)
	}
}

func TestNone(t *testing.T) {
	for _, c := range []struct {
		as    string
		none  config.Tree
		value string
		want  string
	}{
		{"text", list("false", ""), `"false"`, "Начисление бонусов"},
		{"text", list("false", ""), `false`, "Начисление бонусов"},
		{"text", list("false", ""), `""`, "Начисление бонусов"},
		{"text", list("false", ""), `"x"`, "x"},
		{"text", list("false"), `true`, "! true or false where a text was expected"},
		{"text", list("unlimited"), `null`, "! null: declare optional: true if that is normal"},
		{"text", config.Tree{}, `null`, "Начисление бонусов"},
		{"text", list("x"), `["x"]`, "! a list where a text was expected"},
		{"time", list("0001-01-01T00:00:00"), `"0001-01-01T00:00:00"`, ""},
		{"time", list("0"), `0`, ""},
		{"decimal", list("unlimited", "9999"), `9999`, noAmount},
		{"decimal", config.Tree{Kind: config.Bool, Text: "false"}, `false`, noAmount},
		{"text", config.Tree{Kind: config.Bool, Text: "FALSE"}, `false`, "Начисление бонусов"}, // as YAML may write it
	} {
		field := mapping.Field{As: c.as}
		if err := field.None.UnmarshalTree(c.none); err != nil {
			t.Fatal(err)
		}
		entry, got := one(t, field, c.value)
		if got == "" && c.as == "text" {
			got = entry.Message
		}
		if got == "" && !entry.Activation.IsZero() {
			got = entry.Activation.Time().String()
		}
		if got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
	}
	var none mapping.Literals
	if err := none.UnmarshalTree(mapOf("a", "b")); err == nil || !strings.Contains(err.Error(), "not a map") {
		t.Error(err)
	}
	if _, got := one(t, mapping.Field{None: mapping.Literals{"x"}}, `"x"}, {"w":1`); !strings.Contains(got, "missing") {
		t.Errorf("a literal does not allow absence: %s", got)
	}
}
