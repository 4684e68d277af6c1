package syntax_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"bonus-adapter/document/syntax"
)

// told writes a tree with brackets around everything.
func told(node syntax.Node) string {
	switch n := node.(type) {
	case *syntax.Identifier:
		return n.Value
	case *syntax.String:
		return fmt.Sprintf("%q", n.Value)
	case *syntax.Number:
		return n.Text
	case *syntax.Bool:
		return fmt.Sprint(n.Value)
	case *syntax.Nil:
		return "nil"
	case *syntax.Array:
		return "[" + all(n.Nodes) + "]"
	case *syntax.Unary:
		return "(" + n.Operator + " " + told(n.Node) + ")"
	case *syntax.Binary:
		return "(" + told(n.Left) + " " + n.Operator + " " + told(n.Right) + ")"
	case *syntax.Conditional:
		return "(" + told(n.Cond) + " ? " + told(n.Exp1) + " : " + told(n.Exp2) + ")"
	case *syntax.Member:
		return told(n.Node) + map[bool]string{true: "?"}[n.Optional] + "[" + told(n.Property) + "]"
	case *syntax.Call:
		return n.Name + "(" + all(n.Arguments) + ")"
	case *syntax.Other:
		return "other"
	}
	return "?"
}

func all(nodes []syntax.Node) string {
	var texts []string
	for _, node := range nodes {
		texts = append(texts, told(node))
	}
	return strings.Join(texts, ", ")
}

func TestParse(t *testing.T) {
	for source, want := range map[string]string{
		`a`: `a`, ` a.b `: `a["b"]`, `a['b c'].d[0]`: `a["b c"]["d"][0]`, `a.not`: `a["not"]`, `имя.поле`: `имя["поле"]`,
		`1_000.5e3`: `1_000.5e3`, `'x' + "y"`: `("x" + "y")`, "`a\"b`": `"a\"b"`, `true`: `true`, `nil`: `nil`,
		`a + b - c`: `((a + b) - c)`, `a + b * c`: `(a + (b * c))`, `(a + b) * c`: `((a + b) * c)`, `-a + b`: `((- a) + b)`, `-a.b`: `(- a["b"])`,
		`a == 1 and b or c`: `(((a == 1) and b) or c)`, `a or b and c`: `(a or (b and c))`, `not a == b`: `((not a) == b)`, `not (a == b)`: `(not (a == b))`,
		`a not in [1, 2,]`: `(not (a in [1, 2]))`, `a not contains "x" and b`: `((not (a contains "x")) and b)`, `1 < a <= 5`: `((1 < a) and (a <= 5))`,
		`a ?? b ?? c`: `((a ?? b) ?? c)`, `a + b ?? c`: `(a + (b ?? c))`, `a ? b : c ? d : e`: `(a ? b : (c ? d : e))`, `a ? b ? c : d : e`: `(a ? (b ? c : d) : e)`,
		`f(a, 1)`: `f(a, 1)`, `f()`: `f()`, `f(g(x).y)`: `f(g(x)["y"])`, `a?.b`: `a?["b"]`, `a.f()`: `other`, `a[1:2]`: `other`, `a[:]`: `other`, `a | f(1) | g()`: `g(f(a, 1))`,
		`a % 2`: `(a % 2)`, `a matches "x"`: `(a matches "x")`, "a // b": `a`,
	} {
		node, err := syntax.Parse(source)
		if err != nil {
			t.Errorf("%s: %v", source, err)
		} else if got := told(node); got != want {
			t.Errorf("%s: %s, want %s", source, got, want)
		}
	}
}

func TestParseErrors(t *testing.T) {
	for source, want := range map[string]string{
		"": "0 the expression is empty", "a b": "2 the expression cannot be read here: unexpected b", "a = 1": "2 the expression cannot be read here: unexpected = | compare with ==",
		"a +": "3 the expression ends too early", "(a": "2 the expression ends too early", "f(a": "3 the expression ends too early", "a ?": "3 the expression ends too early",
		"a)": "1 the expression cannot be read here: unexpected )", "имя )": "7 the expression cannot be read here: unexpected )", "a.1": "1 the expression cannot be read here: unexpected .1", "a ?? b == c": "7 ?? and == cannot stand side by side without brackets | (a ?? b) == c",
		`"a`: "2 the expression cannot be read here: literal not terminated | a quote or bracket is not closed", "let x = 1; x": "0 this form of expression is not supported: let x = 1; x | there are a ? b : c, lists behind in, and names",
		strings.Repeat("(", 200): "100 the expression is nested too deeply",
	} {
		_, err := syntax.Parse(source)
		var wrong *syntax.Error
		if !errors.As(err, &wrong) {
			t.Errorf("%s: %v", source, err)
			continue
		}
		got := fmt.Sprintf("%d %s", wrong.Offset, wrong)
		if wrong.Hint != "" {
			got += " | " + wrong.Hint
		}
		if got != want {
			t.Errorf("%s: %s\nwant %s", source, got, want)
		}
	}
}

// FuzzParse: whatever is written is read or refused, within the source, and soon.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{`a.b[0] ?? "x" + f(1, -2) | g()`, `a ? b : not c in ["x"]`, `1 < a < 3 and !b`, "((((", `"\u00`, "a.\xff", `{"a":#}`, `let a`, `a?.[0]`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		node, err := syntax.Parse(source)
		var wrong *syntax.Error
		switch {
		case err == nil && node.Location().To > len(source):
			t.Errorf("%+v is longer than the source", node.Location())
		case err != nil && (!errors.As(err, &wrong) || wrong.Offset < 0 || wrong.Offset > len(source)):
			t.Errorf("%v", err)
		case wrong != nil && utf8.ValidString(source) && !utf8.ValidString(source[wrong.Offset:]):
			t.Errorf("%d is inside of a character", wrong.Offset)
		}
	})
}
