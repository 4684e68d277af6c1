package main

import (
	"strings"
	"testing"
)

// want is one finding: where it stands and a part of what it says.
type want struct {
	line, column  int
	message, hint string
}

var brokenFiles = []struct {
	name, yaml string
	want       []want
}{
	{
		"path in a flow map", "keep: { id: body.loyaltyAccounts[0].id }\n",
		[]want{{1, 33, "brackets", `quote it: keep: { id: "body.loyaltyAccounts[0].id" }`}},
	},
	{"key in a flow map", "query: { page[size]: 10 }\n", []want{{1, 14, "brackets", `quote it: query: { "page[size]": 10 }`}}},
	{
		"begins with a bracket", "entry:\n  definitionMessage: [name] ?? \"x\"\n",
		[]want{{2, 29, "begins with [", `quote it: definitionMessage: '[name] ?? "x"'`}},
	},
	{
		"begins with a bracket in a flow map", "entry: { definitionMessage: [name] ?? 'x', activationDate: b }\n",
		[]want{{1, 36, "begins with [", `quote it: entry: { definitionMessage: "[name] ?? 'x'", activationDate: b }`}},
	},
	{
		"list in a condition", "steps:\n  - { when: type in [\"A\", \"B\"], limit: 3 }\n",
		[]want{{2, 21, "brackets", `quote it: - { when: 'type in ["A", "B"]', limit: 3 }`}},
	},
	{"wildcard in a flow map", "keep: { id: items[*].x }\n", []want{{1, 20, "brackets", `keep: { id: "items[*].x" }`}}},
	{"flow map over lines", "keep: {\n  id: a[0],\n  b: c }\n", []want{{2, 8, "brackets", `quote it: id: "a[0]",`}}},
	{"reference in a flow map", "headers: { X: ${env:KEY} }\n", []want{{1, 16, "brackets", `headers: { X: "${env:KEY}" }`}}},
	{"both quotes", "keep: { id: ['odd'][\"key\"] }\n", []want{{1, 20, "begins with [", `keep: { id: '[''odd'']["key"]' }`}}},
	{"comma in a flow map", "keep: { id: f(a, b) }\n", []want{{1, 18, `"b)" has no value`, `quote it: keep: { id: "f(a, b)" }`}}},
	{"list where a text belongs", "when: [a, b]\n", []want{{1, 7, "expected a text, found a list", `quote it: when: "[a, b]"`}}},
	{"slot", "when: {{ user }}\n", []want{{1, 7, "expected a text, found a map", `quote it: when: "{{ user }}"`}}},
	{"slot in a flow map", "query: { user: {{ user }}, b: c }\n", []want{{1, 16, "found a map", `query: { user: "{{ user }}", b: c }`}}},
	{"slot in a tree", "body: { user: {{ user }} }\n", []want{{1, 16, "a key must be a text", `body: { user: "{{ user }}" }`}}},
	{"colon", "when: type == \"A\": b\n", []want{{1, 18, `": "`, `quote it: when: 'type == "A": b'`}}},
	{"ternary", "when: type == 'A' ? x : y\n", []want{{1, 23, `": "`, `quote it: when: "type == 'A' ? x : y"`}}},
	{"hash", "steps:\n- { when: type == \"A\" # x }\n- {}\n", []want{{2, 11, "comment", `quote it: - { when: 'type == "A" # x' }`}}},
	{"quoted beginning", "when: \"A\" == type\n", []want{{1, 11, "closing quote", `quote it: when: '"A" == type'`}}},
	{"negation", "when: !body.success\n", []want{{1, 7, "begins with !", `quote it: when: "!body.success"`}}},
	{"at sign", "when: @x\n", []want{{1, 7, "begins with @", `quote it: when: "@x"`}}},
	{"asterisk", "when: *.id\n", []want{{1, 7, "begins with *", `quote it: when: "*.id"`}}},
	{"unknown anchor", "when: [*x]\n", []want{{1, 8, "begins with *", `"*x"`}}},
	{"comparison", "when: > 5\n", []want{{1, 9, "begins with >", `quote it: when: "> 5"`}}},
	{"tab", "entry:\n\tactivationDate: x\n", []want{{2, 1, "a tab cannot indent", "use spaces"}}},
	{"tab behind a value", "limit: 1\n\twhen: x\n", []want{{2, 1, "a tab cannot indent", "use spaces"}}},
	{"indented too far", "limit: 1\n  when: x\n", []want{{2, 7, "does not expect a key", "indent it like the keys beside it"}}},
	{"indented too little", "entry:\n  activationDate: x\n definitionMessage: y\n", []want{{3, 2, "expects a key", "indent it"}}},
	{"no space after the colon", "limit:1\nwhen: x\n", []want{{2, 5, "does not expect a key", "space after the colon"}}},
	{"no space in a flow map", "entry: {activationDate:x}\n", []want{{1, 9, "has no value", "activationDate: x"}}},
	{"open double quote", "limit: 1\nwhen: \"x\n", []want{{2, 7, "never closed", "close it"}}},
	{"open single quote", "when: 'x", []want{{1, 7, "never closed", "close it"}}},
	{"open brace", "entry: {activationDate: x\nlimit: 1\n", []want{{1, 8, "this {", "close it"}}},
	{"open bracket", "keys: [a\nlimit: 1\n", []want{{1, 7, "this [", "close it"}}},
	{"bad escape", `when: "\q"`, []want{{1, 8, "escape", `\\`}}},
	{"list behind a key", "steps: - {}\n", []want{{1, 8, "a list cannot begin here", "a line of its own"}}},
	{"not UTF-8", "limit: 1\nwhen: é\xff\n", []want{{2, 8, "UTF-8", "save"}}},
	{"UTF-16", "\xff\xfea\x00", []want{{1, 1, "UTF-8", "save"}}},
	{"control character", "when: a\x01b\n", []want{{1, 8, "U+0001", "remove"}}},
	{"two documents", "limit: 1\n---\nwhen: x\n", []want{{2, 1, "second document", "---"}}},
	{"alias of itself", "sub: &a {sub: *a}\n", []want{{1, 15, "nested deeper", "alias"}}},
	{"unknown keys", "whne: x\nlimits: 1\nsub: {foo: 1}\n<<: {limit: 1}\n", []want{
		{1, 1, "unknown key", "did you mean when?"},
		{2, 1, "unknown key", "did you mean limit?"},
		{3, 7, "unknown key", "allowed here: when, keep"},
		{4, 1, "unknown key", "merge keys"},
	}},
	{"duplicate keys", "limit: 1\nlimit: x\nkeep: {a: b, a: c}\nlimit: 3\n", []want{
		{2, 1, "second time", "line 1, column 1"}, {3, 14, "second time", "column 8"}, {4, 1, "second time", "line 2"},
	}},
	{"duplicate key in a tree", "body: {a: [{b: 1, b: 2}]}\n", []want{{1, 19, "second time", "column 13"}}},
	{"numbers", "limit: 010\nstart: 0x10\nsub: {limit: \"5\", start: 99999999999999999999}\nsteps: [limit: 1.5, limit: , limit: +1]\n", []want{
		{1, 8, `"010"`, "write 10"},
		{2, 8, `"0x10"`, "decimal digits"},
		{3, 14, "found a text", "without quotes: 5"},
		{3, 26, "too large", ""},
		{4, 16, `"1.5"`, "decimal digits"},
		{4, 21, "found nothing", "digits"},
		{4, 37, `"+1"`, "write 1"},
	}},
	{"truth", "steps:\n- optional: yes\n- optional: \"false\"\n- optional: 0\n- optional: maybe\n- optional:\n", []want{
		{2, 13, `"yes"`, "write true"},
		{3, 13, `"false"`, "write false"},
		{4, 13, `"0"`, "write false"},
		{5, 13, `"maybe"`, "true or false"},
		{6, 3, "found nothing", "true or false"},
	}},
	{"empty texts", "when:\ntimeout: ~\nentry: {activationDate: null}\nkeep:\n  a: # b\n", []want{
		{1, 1, "found nothing", "leave the key out"},
		{2, 10, "found nothing", "quote it"},
		{3, 25, "found nothing", "for the text null"},
		{5, 3, "found nothing", "# begins a comment"},
	}},
	{"wrong kinds", "keep: x\nsteps: {a: b}\nentry: [a]\nsub:\n  when:\n    a: b\nwaits: a:b\n", []want{
		{1, 7, "expected a map, found a text", "key: value"},
		{2, 8, "expected a list, found a map", `"- "`},
		{3, 8, "expected a map, found a list", "key: value"},
		{6, 5, "expected a text, found a map", "one text"},
		{7, 8, "expected a map, found a text", "space after the colon"},
	}},
	{"a list of one", "keys: ${env:KEY}\nsteps: x\n", []want{
		{1, 7, "expected a list, found a text", `["${env:KEY}"]`}, {2, 8, "expected a list", "[x]"},
	}},
	{"a scalar file", "hello\n", []want{{1, 1, "expected a map, found a text", "key: value"}}},
	{"values that judge themselves", "timeout: 5\nwaits: {a: 1s, b: never, c: -1s}\n", []want{
		{1, 10, `"5" is not a duration`, ""}, {2, 19, "never", ""}, {2, 29, "longer than zero", ""},
	}},
	{"a tree's own problem", "body:\n  refused: abc\n", []want{{2, 14, "the tree refuses this", ""}}},
	{"keys with odd characters", "waits:\n  a.b: x\n  'c d': y\n", []want{{2, 8, `"x"`, ""}, {3, 10, `"y"`, ""}}},
	{"not Latin", "keep: {ключ: б, 'ещё': [г]}\n", []want{{1, 24, "found a list", `'ещё': "[г]"`}}},
	{"CRLF and BOM", "\ufefflimit: 1\r\nwhne: x\r\ntimeout: 5\r\n", []want{{2, 1, "unknown key", "when"}, {3, 10, "duration", ""}}},
	{"behind an alias", "sub: &a\n  timeout: 5\nsteps: [*a]\n", []want{{2, 12, "duration", ""}, {2, 12, "duration", ""}}},
	{"an alias that does not fit", "when: &a [x]\nkeep: *a\n", []want{{1, 7, "expected a text", ""}, {2, 7, "expected a map", ""}}},
	// Offsets: the reference is at another character of the file than of the text.
	{"offset in a plain text", "bearer: ключ${foo}\n", []want{{1, 13, `"${foo}" is not a reference`, "${env:NAME}"}}},
	{"offset in single quotes", "bearer: 'it''s ${foo}'\n", []want{{1, 16, "not a reference", ""}}},
	{"offset in double quotes", `bearer: "\u0416\x41\n\"\U0001F600${foo}"`, []want{{1, 34, "not a reference", ""}}},
	{"offset in a literal block", "sub:\n  bearer: |\n    ab\n\n      cd ${foo}\n", []want{{5, 10, "not a reference", ""}}},
	{"offset in a folded block", "bearer: >-\n  ab\n\n  cd\n  ef${foo}\n", []want{{5, 5, "not a reference", ""}}},
	{"offset in a text over lines", "bearer: ab\n  cd\n   ef${foo}\n", []want{{3, 6, "not a reference", ""}}},
	{"offset behind an anchor", "bearer: &a !!str ab${foo}\n", []want{{1, 20, "not a reference", ""}}},
}

func TestBrokenFiles(t *testing.T) {
	for _, c := range brokenFiles {
		t.Run(c.name, func(t *testing.T) {
			findings := findingsOf(c.yaml, nil)
			if len(findings) != len(c.want) {
				t.Fatalf("%d findings, want %d:\n%s", len(findings), len(c.want), printed(findings))
			}
			for i, w := range c.want {
				got := findings[i]
				fits := got.Line == w.line && got.Column == w.column &&
					strings.Contains(got.Message, w.message) && strings.Contains(got.Hint, w.hint)
				if !fits {
					t.Errorf("finding %d, want %+v:\n%s", i, w, printed(findings[i:i+1]))
				}
			}
		})
	}
}
