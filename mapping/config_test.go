package mapping_test

import (
	"strings"
	"testing"

	"bonus-adapter/config"
	"bonus-adapter/mapping"
)

func TestConfigProblems(t *testing.T) {
	field := func(name string, f mapping.Field) func(*mapping.Config) {
		return func(c *mapping.Config) { c.Fields[name] = f }
	}
	rule := func(r mapping.Rule) func(*mapping.Config) {
		return func(c *mapping.Config) { c.Rules = []mapping.Rule{r} }
	}
	for _, c := range []struct {
		change func(*mapping.Config)
		want   string
	}{
		{func(*mapping.Config) {}, ""},
		{field("unused", mapping.Field{At: path("x")}), ""},
		{field("x", mapping.Field{At: path("x"), As: "time", Layout: mapping.Layouts{"2006-01-02T15:04:05Z07:00"}}), ""},
		{func(c *mapping.Config) { c.Records = mapping.Places{"history"} }, ""},
		{func(c *mapping.Config) { c.Records = mapping.Places{""} }, "records: it is not said"},
		{func(c *mapping.Config) { c.Records = mapping.Places{"[0].x"} }, "records: the records' place does not begin with the name of a step"},
		{func(c *mapping.Config) { c.Records = mapping.Places{"history."} }, "records: a key or [number] is expected"},
		{func(c *mapping.Config) { c.Rules = nil }, "rules: there are no rules"},
		{func(c *mapping.Config) { c.Limit = -1 }, "limit: "},
		{func(c *mapping.Config) { c.OnUnreadable = "skp" }, `on_unreadable: an unreadable record cannot be treated as "skp" (did you mean skip?)`},
		{func(c *mapping.Config) { c.OnUnreadable = "" }, `(there are: skip, fail)`},
		{func(c *mapping.Config) { c.Entry.DefinitionMessage = " " }, ""},
		{func(c *mapping.Config) { c.Entry.DefinitionMessage = "Бонусы" }, "entry.definitionMessage: there is no field Бонусы (there are: amount, comment, created, expires, type, void; a text stands in quotes"},
		{func(c *mapping.Config) { c.Entry.DefinitionMessage = "amount" }, "entry.definitionMessage: a text is wanted here, and this is a number"},
		{func(c *mapping.Config) { c.Entry.ActivationDate = "comment" }, "entry.activationDate: a time is wanted here"},
		{func(c *mapping.Config) { c.Entry.ExpirationDate = "expirs" }, "entry.expirationDate: there is no field expirs (did you mean expires?)"},
		{field("x", mapping.Field{}), "fields.x: the field does not say where it stands in a record (at: x)"},
		{field("x", mapping.Field{At: path("a[*].b")}), "fields.x.at: a field is one value"},
		{field("x", mapping.Field{At: path("x"), As: "decmal"}), `fields.x.as: there is no type "decmal" (did you mean decimal?)`},
		{field("x", mapping.Field{At: path("x"), As: "money"}), `(there are: text, html, decimal, integer, bool, time, date)`},
		{field("x", mapping.Field{At: path("x"), Zone: "UTC"}), "fields.x.zone: only a time or a date has a zone"},
		{field("x", mapping.Field{At: path("x"), As: "bool", Layout: mapping.Layouts{"unix"}}), "fields.x.layout: only a time or a date has a layout"},
		{field("x", mapping.Field{At: path("x"), As: "time", Zone: "Moscow"}), `fields.x.zone: there is no zone "Moscow"`},
		{field("x", mapping.Field{At: path("x"), As: "time", Zone: "Local"}), `fields.x.zone: there is no zone "Local"`},
		{field("x", mapping.Field{At: path("x"), As: "date"}), "fields.x: a date begins at midnight of some zone, and none is set"},
		{field("x", mapping.Field{At: path("x"), As: "date", Zone: "UTC", Layout: mapping.Layouts{"unix"}}), "fields.x.layout: unix is a moment, not a date"},
		{field("x", mapping.Field{At: path("x"), As: "time", Zone: "UTC", Layout: mapping.Layouts{"unixms"}}), "(did you mean unix_ms?)"},
		{field("x", mapping.Field{At: path("x"), As: "time", Zone: "UTC", Layout: mapping.Layouts{"unix", "YYYY-MM-DD"}}), `fields.x.layout[1]: "YYYY-MM-DD" is not a layout`},
		{field("x", mapping.Field{At: path("x"), As: "time", Layout: mapping.Layouts{"15:04:05"}}), "is not a layout"},
		{field("x", mapping.Field{At: path("x"), As: "time", Zone: "UTC", Layout: mapping.Layouts{"2006-01-02 15:04 MST"}}), "fields.x.layout: MST stands for"},
		{field("x", mapping.Field{At: path("x"), As: "time", Layout: mapping.Layouts{"02.01.2006 15:04"}}), "fields.x.layout: a time of this layout has no offset, and no zone is set"},
		{field("x", mapping.Field{At: path("x"), As: "time", Zone: "UTC", Layout: mapping.Layouts{"2006-01-02 03:04"}}), "fields.x.layout: an hour from 1 to 12 does not tell morning from evening"},
		{field("x", mapping.Field{At: path("x"), As: "time", Zone: "UTC", Layout: mapping.Layouts{"%d.%m.%Y %I:%M"}}), "fields.x.layout: an hour from 1 to 12"},
		{field("x", mapping.Field{At: path("x"), As: "time", Zone: "UTC", Layout: mapping.Layouts{"%d.%m.%Q"}}), "fields.x.layout: %Q is not known here (there are %Y"},
		{field("x", mapping.Field{At: path("x"), As: "time", Zone: "UTC", Layout: mapping.Layouts{"%d.%m.%Y h"}}), "fields.x.layout: h among the % of a layout"},
		{field("x", mapping.Field{At: path("x"), As: "time", Zone: "UTC", Layout: mapping.Layouts{"%d.%m.%Y %f"}}), "fields.x.layout: %f is the fraction"},
		{field("x", mapping.Field{At: path("x"), As: "time", Zone: "UTC", Layout: mapping.Layouts{"%H:%M"}}), "fields.x.layout: \"%H:%M\" is not a layout with a day"},
		{field("x", mapping.Field{At: path("x"), As: "time", Layout: mapping.Layouts{"%d.%m.%Y"}}), "fields.x.layout: a time of this layout has no offset"},
		{field("x", mapping.Field{At: path("x"), As: "time", Zone: "UTC", Day: "end"}), "fields.x.day: only a date begins or ends"},
		{field("x", mapping.Field{At: path("x"), As: "date", Zone: "UTC", Day: "ende"}), `fields.x.day: a day has no "ende" (did you mean end?)`},
		{field("x", mapping.Field{At: path("x"), Day: "end"}), "fields.x.day: only a date"},
		{field("x", mapping.Field{At: path("x", "y")}), "fields.x.at: only a time or a date may stand in several places"},
		{field("x", mapping.Field{At: path("x", "y[*]"), As: "time"}), "fields.x.at[1]: a field is one value"},
		{field("two words", mapping.Field{At: path("x")}), `fields['two words']: "two words" cannot be the name of a field`},
		{field("1st", mapping.Field{At: path("x")}), `fields.1st: "1st" cannot be`},
		{field("in", mapping.Field{At: path("x")}), `fields.in: "in" is a word of the expressions`},
		{field("x", mapping.Field{At: path("x"), As: "date", Zone: "UTC", Layout: mapping.Layouts{"02.01.2006 -0700"}}), "fields.x.layout: a layout with an offset is that of a moment"},
		{field("x", mapping.Field{At: path("x"), As: "time", Zone: "UTC", Layout: mapping.Layouts{"%d.%m.%Y %H:%m"}}), "fields.x.layout: the layout has an hour and no minute (the minute is 04 (%M)"},
		{field("x", mapping.Field{At: path("x"), As: "time", Zone: "UTC", Layout: mapping.Layouts{"02.01.2006 15:05"}}), "fields.x.layout: the layout has an hour and no minute"},
		{field("x", mapping.Field{At: path("x"), As: "time", Zone: "UTC", Layout: mapping.Layouts{"%d.%m.%Y %h:%M"}}), "fields.x.layout: the layout has a minute and no hour"},
		{rule(mapping.Rule{}), "rules[0]: the rule does not say what becomes of a record"},
		{func(c *mapping.Config) {
			c.Rules = []mapping.Rule{{Added: "1"}, {When: "amount < 0", Expired: "-amount"}}
		}, "rules[1]: no record comes here: rules[0] has no when, so it takes them all"},
		{func(c *mapping.Config) {
			c.Rules, c.Kinds = []mapping.Rule{{Added: "1"}}, mapping.Kinds{Of: "type", Skip: mapping.Codes{{Name: "A"}}}
		}, "kinds: no record comes here: rules[0] has no when"},
		{rule(mapping.Rule{When: "amount > 0"}), "rules[0]: the rule does not say"},
		{rule(mapping.Rule{Skip: true, Added: "amount"}), "rules[0]: a rule either skips or gives"},
		{rule(mapping.Rule{Skip: true, Text: "x"}), "rules[0]: a rule either skips or gives"},
		{rule(mapping.Rule{Added: "amount", Text: "x {{ coment }}"}), "rules[0].text: there is no field coment (did you mean comment?)"},
		{rule(mapping.Rule{Added: "amount", Text: "{{ kind }}"}), "rules[0].text: there is no field kind"},
		{rule(mapping.Rule{Added: "amount", Text: "x {{ comment"}), "rules[0].text: a slot that begins with {{ has no closing }}"},
		{rule(mapping.Rule{Added: "amount", Text: "x {{ }}"}), "rules[0].text: an empty slot (name the field"},
		{rule(mapping.Rule{Added: "amount", Text: "{{ void }}"}), "rules[0].text: a slot holds a text or a number, and this is true or false"},
		{rule(mapping.Rule{Added: "amount", Text: "{{ created }}"}), `this is a time (format(created, "02.01.2006", "Europe/Moscow"))`},
		{rule(mapping.Rule{When: `now > created and kind == "x"`, Added: "amount"}), "rules[0].when: there is no field kind"},
		{rule(mapping.Rule{Added: "amout"}), "rules[0].added: there is no field amout (did you mean amount?)"},
		{rule(mapping.Rule{Expired: "comment"}), "rules[0].expired: a number is wanted here"},
		{rule(mapping.Rule{When: "amount", Added: "amount"}), "rules[0].when: true or false is wanted here, and this is a number"},
		{rule(mapping.Rule{When: "amount == type", Added: "amount"}), "rules[0].when: "},
		{rule(mapping.Rule{When: "type.x == 1", Added: "amount"}), "rules[0].when: the field type is one value and has no members"},
		{rule(mapping.Rule{When: "len(type) == 1", Added: "amount"}), "rules[0].when: len() counts"},
		{rule(mapping.Rule{When: "type ==", Added: "amount"}), "rules[0].when: "},
	} {
		cfg := basic()
		c.change(&cfg)
		m, err := mapping.New(cfg)
		problems := config.All(err)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("works, but: %v", err)
		case c.want != "" && (len(problems) != 1 || !strings.Contains(problems[0].Error(), c.want) || m != nil):
			t.Errorf("want %s\n got %v", c.want, err)
		}
	}
}

func TestAllProblemsAreToldAtOnce(t *testing.T) {
	cfg := mapping.Config{
		Fields: map[string]mapping.Field{
			"a": {At: path("a"), As: "nubmer"},
			"b": {As: "time", Zone: "Nowhere", Layout: mapping.Layouts{"x", "unix"}},
		},
		Rules:        []mapping.Rule{{When: `a == "x" and b == 1`}, {When: "a > 1", Added: "a + c", Skip: true}, {Added: "a"}},
		Entry:        mapping.EntryConfig{ActivationDate: "a"},
		OnUnreadable: "skip",
	}
	_, err := mapping.New(cfg)
	var places []string
	for _, problem := range config.All(err) {
		places = append(places, problem.Place)
	}
	want := "records fields.a.as fields.b fields.b.zone fields.b.layout[0] rules[0] rules[1] rules[1].added text_limit order"
	if got := strings.Join(places, " "); got != want {
		t.Errorf("got  %s\nwant %s\n%v", got, want, err)
	}
}

func TestAProblemOfAnExpressionKnowsItsOffset(t *testing.T) {
	cfg := basic()
	cfg.Rules[1].When = `type == "Ж" and amuont > 0`
	_, err := mapping.New(cfg)
	problems := config.All(err)
	if len(problems) != 1 || problems[0].Offset != 17 || problems[0].Hint != "did you mean amount?" {
		t.Errorf("%+v", problems)
	}
}

func TestLayouts(t *testing.T) {
	text := func(s string) config.Tree { return config.Tree{Kind: config.Text, Text: s} }
	list := func(items ...config.Tree) config.Tree { return config.Tree{Kind: config.List, Items: items} }
	for _, c := range []struct {
		tree config.Tree
		want string
	}{
		{text("unix"), "unix"},
		{list(text("unix"), text("02.01.2006")), "unix|02.01.2006"},
		{config.Tree{Kind: config.Number, Text: "20060102"}, "20060102"},
		{config.Tree{}, ""},
		{config.Tree{Kind: config.Map}, "! a layout is a text or a list of texts, not a map"},
		{list(text("a"), list()), "! [1]: a layout is a text, not a list"},
	} {
		var layouts mapping.Layouts
		got := ""
		if err := layouts.UnmarshalTree(c.tree); err != nil {
			got = "! " + err.Error()
		} else {
			got = strings.Join(layouts, "|")
		}
		if got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}
