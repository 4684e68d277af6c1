package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	bonusadapter "bonus-adapter"
	"bonus-adapter/document"
	"bonus-adapter/mapping"
)

// TestNothingIsLostInSilence changes every answer that the presets' cases hold, one key at a time: each key that a
// config reads is taken away from all records, or is given another type in one. Whatever it does to the history has to
// be told: by a failure, by a record that is counted as unreadable or unmatched, or by a field that was never there. Where
// a list may be absent (in an XML, or behind a question mark) its absence is told as the reason no_transactions.
func TestNothingIsLostInSilence(t *testing.T) {
	changed := 0
	for _, one := range allPresets(t) {
		file, err := parseConfig(one.Name, []byte(configOf(t, one)))
		if err != nil {
			t.Fatal(err)
		}
		made, err := construct(file, nil, zap.NewNop())
		if err != nil {
			t.Fatal(err)
		}
		made.client.Close()
		before := changed
		for name, body := range recordings(t, one) {
			a := &altered{t: t, name: one.Name + "/" + name, m: made.mapping, fields: made.config.Mapping.Fields, format: path.Ext(name), body: body}
			a.everyKey()
			changed += a.changes
		}
		if changed == before {
			t.Errorf("%s: no recording with records was found", one.Name)
		}
	}
	t.Logf("%d changes, each told", changed)
}

// recordings are the answers in the cases of a preset.
func recordings(t *testing.T, one preset) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	root := path.Join("presets", one.Name, casesFolder)
	err := fs.WalkDir(bonusadapter.Presets, root, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && slices.Contains([]string{".json", ".xml"}, path.Ext(name)) && path.Base(name) != "irp.json" {
			found[strings.TrimPrefix(name, root+"/")], err = fs.ReadFile(bonusadapter.Presets, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// altered is one recording, changed in every way.
type altered struct {
	t       *testing.T
	name    string
	m       *mapping.Mapping
	fields  map[string]mapping.Field
	format  string
	body    []byte
	changes int
}

// read gives what becomes of a body. An error is a failure that has a name.
func (a *altered) read(body []byte, source int) (mapping.Result, error) {
	format := document.JSON
	if a.format == ".xml" {
		format = document.XML
	}
	value, err := document.Parse(body, format, "", document.Limits{Depth: 64})
	if err != nil {
		return mapping.Result{}, err
	}
	list, err := a.m.Plan().Extract(source, value)
	if err != nil {
		return mapping.Result{}, err
	}
	return a.m.Entries(list, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
}

func (a *altered) everyKey() {
	for source, from := range a.m.Plan().Sources {
		whole, err := a.read(a.body, source)
		if err != nil || whole.Records == 0 || len(whole.Entries) == 0 {
			continue
		}
		record := append(steps(from.Records.String()), "[*]")
		for i, step := range record {
			if step != "[*]" && step != ".*" {
				a.expectTold(source, &whole, "", "without "+strings.Join(record[:i+1], "."), a.without(record[:i+1]))
			}
		}
		for name, field := range a.fields {
			for _, at := range field.At {
				a.everyChange(source, &whole, name, absolute(record, steps(at.String())))
			}
		}
	}
}

// everyChange changes one field.
func (a *altered) everyChange(source int, whole *mapping.Result, name string, place []string) {
	if last := place[len(place)-1]; last == "~" || last == "[*]" || slices.Contains(whole.NeverSeen, name) {
		return // a name is no key, and what this recording does not have cannot be changed
	}
	a.expectTold(source, whole, name, "without it", a.without(place))
	for _, value := range wrongFor(a.fields[name].As) {
		a.expectTold(source, whole, name, "as "+value, a.retyped(place, value))
	}
}

// wrongFor are values that no field of a type takes.
func wrongFor(as string) []string {
	if as == "" || as == "text" || as == "html" {
		return []string{`{"x":1}`, `[1]`, `true`}
	}
	return []string{`{"x":1}`, `[1]`, `"¤"`}
}

func (a *altered) expectTold(source int, whole *mapping.Result, field, what string, body []byte) {
	if body == nil {
		return
	}
	a.changes++
	got, err := a.read(body, source)
	if err != nil || got.Unreadable > whole.Unreadable || got.Unmatched > whole.Unmatched || slices.Contains(got.NeverSeen, field) {
		return
	}
	if got.Records == 0 && (a.format == ".xml" || strings.Contains(a.m.Plan().Sources[source].Records.String(), "?")) {
		return
	}
	a.t.Errorf("%s: %s %s: nothing tells it", a.name, field, what)
}

// without takes a key away from every object at a place; nil if there is none.
func (a *altered) without(place []string) []byte {
	if a.format == ".xml" {
		return replaced(a.body, place, "", -1)
	}
	return changed(a.body, place, -1, func(parent map[string]any, key string) { delete(parent, key) })
}

// retyped gives one value at a place another type; nil if there is none.
func (a *altered) retyped(place []string, value string) []byte {
	if a.format == ".xml" {
		if value == `"¤"` {
			return replaced(a.body, place, "¤", 1)
		}
		if value != `{"x":1}` {
			return nil // in an XML everything else is a text
		}
		return replaced(a.body, place, "<x>1</x>", 1)
	}
	return changed(a.body, place, 1, func(parent map[string]any, key string) { parent[key] = json.RawMessage(value) })
}

// absolute is the place of a field in the answer: ^ leads from a record to what is around it.
func absolute(record, field []string) []string {
	at := slices.Clone(record)
	for len(field) > 0 && field[0] == "^" {
		field = field[1:]
		at = at[:len(at)-1]
		for len(at) > 0 && at[len(at)-1] != "[*]" && at[len(at)-1] != ".*" {
			at = at[:len(at)-1]
		}
	}
	return append(at, field...)
}

var pathStep = regexp.MustCompile(`\['([^']*)'\]|(\[[^\]]*\])|([^.\[\]?]+)`)

// steps takes a path apart.
func steps(path string) []string {
	var all []string
	for _, match := range pathStep.FindAllStringSubmatch(path, -1) {
		step := match[1] + match[2] + match[3]
		if step == "*" {
			step = ".*"
		}
		all = append(all, step)
	}
	return all
}

// changed changes the first so many objects at a place, all if most is below zero; nil if there is none.
func changed(body []byte, place []string, most int, change func(parent map[string]any, key string)) []byte {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var tree any
	if decoder.Decode(&tree) != nil {
		return nil
	}
	count := 0
	var walk func(value any, rest []string)
	walk = func(value any, rest []string) {
		if len(rest) == 0 || count == most {
			return
		}
		switch value := value.(type) {
		case []any:
			for i, item := range value {
				if rest[0] == "[*]" || rest[0] == fmt.Sprintf("[%d]", i) {
					walk(item, rest[1:])
				}
			}
		case map[string]any:
			if rest[0] == ".*" {
				for _, item := range value {
					walk(item, rest[1:])
				}
				return
			}
			item, there := value[rest[0]]
			if there && len(rest) == 1 {
				change(value, rest[0])
				count++
				return
			}
			walk(item, rest[1:])
		}
	}
	walk(tree, place)
	if count == 0 {
		return nil
	}
	made, _ := json.Marshal(tree) // it was JSON
	return made
}

// replaced gives the elements of a name another content, or takes them away if there is none to give.
func replaced(body []byte, place []string, content string, most int) []byte {
	name := regexp.QuoteMeta(strings.TrimSuffix(place[len(place)-1], "?"))
	pattern := regexp.MustCompile(`(?s)<(?:\w+:)?` + name + `(?:\s[^>]*)?(?:/>|>.*?</(?:\w+:)?` + name + `>)`)
	count := 0
	made := pattern.ReplaceAllFunc(body, func(element []byte) []byte {
		if count == most {
			return element
		}
		count++
		if content == "" {
			return nil
		}
		return []byte("<" + place[len(place)-1] + ">" + content + "</" + place[len(place)-1] + ">")
	})
	if count == 0 {
		return nil
	}
	return made
}
