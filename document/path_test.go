package document

import (
	"strings"
	"testing"
)

// extracted gives the fields of all records as one text: fields by comma, records by semicolon.
func extracted(t *testing.T, root Value, records string, fields ...string) (string, error) {
	t.Helper()
	plan := Plan{Sources: []Source{{Step: "s", Records: must(ParsePath(records))}}}
	for _, field := range fields {
		plan.Fields = append(plan.Fields, must(ParsePath(field)))
	}
	found, err := plan.Extract(0, root)
	var rows []string
	for _, record := range found {
		var row []string
		for i := range fields {
			row = append(row, record.Field(i).Text())
		}
		rows = append(rows, strings.Join(row, ",")+record.Problem())
	}
	return strings.Join(rows, ";"), err
}

func TestRecordsWithWhatIsAroundThem(t *testing.T) {
	const nested = `{"id":7,"actions":[{"at":"x","changes":[{"n":1},{"n":2}]},{"at":"y","changes":[]},{"at":"z","changes":[{"n":3}]}],
		"byType":{"EARN":[{"n":1},{"n":2}],"BURN":[{"n":3}]},"missing":[{"changes":null},{},{"changes":[{"n":4}]}],"empty":null}`
	for name, test := range map[string]struct{ body, records, fields, want string }{
		"parent":           {nested, "actions[*].changes", "n ^.at ^.^.id ~ ^.~", "1,x,7,0,0;2,x,7,1,0;3,z,7,0,2"},
		"parent, star":     {nested, "actions[*].changes[*]", "n ^.at ^.^.id", "1,x,7;2,x,7;3,z,7"},
		"keys of types":    {nested, "byType.*", "n ^.~", "1,EARN;2,EARN;3,BURN"},
		"keys, star":       {nested, "byType.*[*]", "n ^.~ ^.^.id", "1,EARN,7;2,EARN,7;3,BURN,7"},
		"root of a list":   {nested, "actions", "at ^.id", "x,7;y,7;z,7"},
		"optional inner":   {nested, "missing[*].changes?", "n", "4"},
		"optional list":    {nested, "absent?", "n", ""},
		"optional null":    {nested, "empty?", "n", ""},
		"too far up":       {nested, "actions", "^.^.id", ";;"},
		"the answer":       {`[{"n":1},{"n":2}]`, "", "n ~", "1,0;2,1"},
		"objects of a map": {`{"a":[{"n":1}]}`, "*[*]", "n ^.~", "1,a"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := extracted(t, must(ParseJSON([]byte(test.body), Limits{64})), test.records, strings.Fields(test.fields)...)
			if err != nil || got != test.want {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestRecordsThatAreNotThere(t *testing.T) {
	body := must(ParseJSON([]byte(`{"a":[{"b":[]},{}],"o":{"x":[]},"n":null}`), Limits{64}))
	for records, want := range map[string]string{
		"a[*].b": "b is not there", "o[*]": "every member of an object is .*", "a.*": "not an object", "n": "null, not a list",
		"a[*].b?.c": "not an object", "x?.y": "", "q": "there are: a, o, n",
	} {
		_, err := extracted(t, body, records)
		if (err == nil) != (want == "") || err != nil && want != "not an object" && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", records, err, want)
		}
	}
}

func TestElementsOfAnXMLAreLists(t *testing.T) {
	const body = `<a><none/><one><r k="9" type="own" xsi:type="xs:int">1</r></one><two><r>1</r><r>2</r></two><deep><p><q><n>1</n></q></p><p/></deep></a>`
	root := must(Parse([]byte(body), XML, "", Limits{64}))
	for name, test := range map[string]struct{ records, fields, want string }{
		"none":         {"a.none.r", "#text", ""},
		"one":          {"a.one.r", "#text @k @type", "1,9,own"},
		"two":          {"a.two.r", "#text", "1;2"},
		"two, star":    {"a.two.r[*]", "#text", "1;2"},
		"nested":       {"a.deep.p[*].q", "n", "1"},
		"nested twice": {"a.deep[*].p[*].q[*]", "n", "1"},
	} {
		if got, err := extracted(t, root, test.records, strings.Fields(test.fields)...); err != nil || got != test.want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, test.want)
		}
	}
	for path, want := range map[string]string{"a.two.r[1]": "2", "a.one.r[0]": "1", "a.one.r": "1", "a.one.r.@k": "9"} {
		if got, err := must(ParsePath(path)).Find(root); err != nil || got.Text() != want {
			t.Errorf("%s: %q, %v", path, got.Text(), err)
		}
	}
	if _, err := must(ParsePath("a.nothing.r")).List(root); err == nil {
		t.Error("a parent that is not there is no empty list")
	}
	if _, err := must(ParsePath("a.two.r.x")).Find(root); err == nil || !strings.Contains(err.Error(), "[0] is the first") {
		t.Errorf("one of two: %v", err)
	}
	for source, want := range map[string]bool{"len(body.a.none.r) == 0": true, "len(body.a.two.r) == 2": true, "len(body.a.one.r) == 1": true, "exists(body.a.zero)": false} {
		if got, err := must(ParseCondition(source)).Holds(Answer{Body: root}); err != nil || got != want {
			t.Errorf("%s: %t, %v", source, got, err)
		}
	}
}

func TestPathsThatCannotBeMeant(t *testing.T) {
	for source, offset := range map[string]int{
		"?": 0, "a.?": 2, "a??": 2, "a[0]?": 1, "a.^": 1, "a.~": 1, "~.a": 1, "^?": 0, "*?": 0, "a.": 2, "a..b": 2,
		strings.Repeat("^.", 65) + "a": 127,
	} {
		_, err := ParsePath(source)
		failed, ok := err.(*SyntaxError)
		if !ok || failed.Offset() != offset {
			t.Errorf("%.10s: %v at %d, want an error at %d", source, err, failed.Offset(), offset)
		}
	}
}

func TestWhatAPathKnowsOfItself(t *testing.T) {
	for source, want := range map[string]struct{ levels, ups, around int }{
		"items": {0, 0, 1}, "a[*].b": {1, 0, 2}, "a[*].b[*]": {2, 0, 2}, "d.*": {1, 0, 2}, "d.*[*]": {2, 0, 2}, "": {0, 0, 1}, "^.^.x": {0, 2, 1},
	} {
		path := must(ParsePath(source))
		if got := (struct{ levels, ups, around int }{path.Levels(), path.Ups(), Source{Records: path}.Levels()}); got != want {
			t.Errorf("%s: %v, want %v", source, got, want)
		}
	}
	source := Source{Records: must(ParsePath("a[*].b"))}
	body := must(ParseJSON([]byte(`{"a":[{"b":[1,2,3]},{"b":[],"id":5}]}`), Limits{9}))
	if n, err := source.Count(body); n != 2 || err != nil || source.Last(body).Member("id").Text() != "5" {
		t.Errorf("counted %d, %v", n, err)
	}
}

func TestPicksOfMany(t *testing.T) {
	body := must(ParseJSON([]byte(`{"m":[{"c":[{"id":1},{"id":2}]},{"c":[{"id":3}]}],"l":["a","b"],"none":[]}`), Limits{9}))
	for source, want := range map[string]string{"body.m[*].c[*].id": "1 2 3", "body.l[*]": "a b", "body.l": "", "body.none[*].id": "", "body.m[0].c[1].id": "2", "status": "200"} {
		var pick Pick
		if err := pick.UnmarshalText([]byte(source)); err != nil {
			t.Fatal(err)
		}
		values, err := pick.List(Answer{Status: 200, Body: body})
		var texts []string
		for _, value := range values {
			texts = append(texts, value.Text())
		}
		if got := strings.Join(texts, " "); got != want || err != nil {
			t.Errorf("%s: %q, %v", source, got, err)
		}
	}
}

func FuzzExtract(f *testing.F) {
	for _, seed := range []string{"a.b[0]", "^.^.a?", "*[*].x?[*]", "^.~", "['o d']?.*", "a[*]"} {
		f.Add(seed, `{"a":[{"b":[1,{"x":[]}]}],"o d":{"k":[2]}}`)
	}
	f.Fuzz(func(t *testing.T, source, body string) {
		path, err := ParsePath(source)
		if err != nil {
			return
		}
		if again, err := ParsePath(path.written(len(path.steps))); err != nil || again.written(len(again.steps)) != path.written(len(path.steps)) {
			t.Fatalf("%q is written %q", source, path.written(len(path.steps)))
		}
		for _, format := range []Format{JSON, XML} {
			root, err := Parse([]byte(body), format, "", Limits{16})
			if err != nil {
				continue
			}
			plan := Plan{Sources: []Source{{Records: path}}, Fields: []Path{path}}
			_, _ = plan.Extract(0, root)
			_, _ = plan.Sources[0].Count(root)
			_, _ = path.All(root)
			_, _ = path.Find(root)
			plan.Sources[0].Last(root)
		}
	})
}
