package document

import (
	"bytes"
	"fmt"
	"slices"
	"testing"
	"testing/iotest"
)

// FuzzASelectionReadsTheSame: whatever is selected of an answer is found in it as if everything had been read.
func FuzzASelectionReadsTheSame(f *testing.F) {
	for _, seed := range []string{
		`{"a":[{"b":[{"c":1,"d":2},{"c":2}],"e":5},{"b":[]}],"b":null,"c":{"x":{"b":[{"c":3}]}}}`, `[{"c":1}]`, `{"a":{"b":{"c":1}}}`, `{"c":{"x":[{"c":1}],"b":[{"c":2}]},"a":[[1,2],[3]]}`,
		`{"a":[{"b":1,"c":2},{"c":3,"b":4},{"b":5},{"c":6,"b":7,"e":8},{}]}`,
	} {
		f.Add([]byte(seed))
	}
	paths := []string{"", "a", "a.b", "a[0].b", "a[1]", "a[*].b", "a[*].b[*].c", "b?", "c.*", "c.*.b", "c.x", "c.b?.c", "a[*].c"}
	sources := []string{"", "a", "a[*]", "a[*].b", "c.*", "c.*.b", "c.b"}
	fields := []string{"c", "b.c", "^.e", "^.b", "^.~", "~", "^.^.b", "['b']"}
	f.Fuzz(func(t *testing.T, text []byte) {
		whole, err := ParseJSON(text, Limits{Depth: 8})
		if err != nil {
			return
		}
		for _, source := range paths {
			path := pathOf(t, source)
			only := NewSelection()
			only.AddPath(path)
			compare(t, source, text, only, whole, func(root Value) string {
				if !path.Single() {
					found, err := path.All(root)
					return fmt.Sprint(tell(found...), err)
				}
				found, err := path.Find(root)
				return fmt.Sprint(tell(found), err)
			})
		}
		for _, source := range sources {
			plan := Plan{Sources: []Source{{Step: "s", Records: pathOf(t, source)}}}
			for _, field := range fields {
				if path := pathOf(t, field); path.Ups() <= plan.Sources[0].Levels() {
					plan.Fields = append(plan.Fields, path)
				}
			}
			only := NewSelection()
			only.AddSource(plan.Sources[0], plan.Fields)
			only.AddLast(plan.Sources[0], pathOf(t, "e"))
			compare(t, source, text, only, whole, func(root Value) string { return plan.tellAll(root) + plan.tellLast(root) })

			plan.Fields = slices.DeleteFunc(plan.Fields, func(field Path) bool { return !simple([]Path{field}) })
			only = NewSelection()
			only.AddSource(plan.Sources[0], plan.Fields)
			compare(t, source, text, only, whole, plan.tellRows)
		}
	})
}

// tellAll tells everything that is taken from an answer.
func (p Plan) tellAll(root Value) string {
	return p.tellRecords(root, func(value Value) string { return tell(value) })
}

// tellRows leaves out how long a list is that stands where a field should: a field is one value.
func (p Plan) tellRows(root Value) string {
	return p.tellRecords(root, func(value Value) string { return fmt.Sprintf(" %s %q", value.kind, value.text) })
}

func (p Plan) tellRecords(root Value, tell func(Value) string) string {
	records, err := p.Extract(0, root)
	told := fmt.Sprint(err)
	for _, record := range records {
		told += "\n" + record.Problem()
		for i := range p.Fields {
			told += tell(record.Field(i))
		}
	}
	count, err := p.Sources[0].Count(root)
	return told + fmt.Sprint("\n", count, err)
}

func (p Plan) tellLast(root Value) string { return tell(p.Sources[0].Last(root).Member("e")) }

// tell tells values as far as a place that is selected is read: what is in a list or an object there is only counted.
func tell(values ...Value) (told string) {
	for _, value := range values {
		told += fmt.Sprintf(" %s %q %d", value.kind, value.text, value.Len())
	}
	return told
}

func compare(t *testing.T, what string, text []byte, only *Selection, whole Value, read func(Value) string) {
	t.Helper()
	selected, err := only.ParseJSON(text, Limits{Depth: 8})
	if err != nil {
		t.Fatal(err)
	}
	inParts, err := only.read(iotest.HalfReader(bytes.NewReader(text)), Limits{Depth: 8}, 3)
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []string{read(selected), read(inParts)} {
		if want := read(whole); got != want {
			t.Errorf("%q of %s:\n%s\nwithout a selection:\n%s", what, text, got, want)
		}
	}
}

// TestWhatIsLeftOutCannotBeRead: a part that no selection names is a bug of ours, and not a part that is missing.
func TestWhatIsLeftOutCannotBeRead(t *testing.T) {
	only := NewSelection()
	only.AddPath(pathOf(t, "a"))
	root, err := only.ParseJSON([]byte(`{"a":[1,2],"b":1}`), Limits{Depth: 8})
	if err != nil || root.Len() != 2 || root.Member("a").Len() != 2 || root.Member("c").kind != Missing {
		t.Fatal(root, err)
	}
	for what, read := range map[string]func(){
		"a member": func() { root.Member("b") }, "all members": func() { _, _ = pathOf(t, "*").All(root) }, "an element": func() { root.Member("a").Index(0) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is read", what)
				}
			}()
			read()
		}()
	}
}

// TestPagesAreToldApart by the text of their records, and by nothing else.
func TestPagesAreToldApart(t *testing.T) {
	source := Source{Records: pathOf(t, "a")}
	only := NewSelection()
	only.AddSource(source, []Path{pathOf(t, "x")})
	print := func(text string) string {
		root, err := only.ParseJSON([]byte(text), Limits{Depth: 8})
		if err != nil {
			t.Fatal(err)
		}
		return source.Print(root)
	}
	first := print(`{"page":1,"a":[{"x":1,"y":2}]}`)
	if print(`{"page":2,"a":[{"x":1,"y":2}]}`) != first || print(`{"a":[{"x":1,"y":3}]}`) == first || print(`{"a":[]}`) != "" || first == "" {
		t.Error("pages are not told apart")
	}
}
