package document

import "testing"

// TestPrint: the same elements have the same fingerprint, whatever is around them, and no others have.
func TestPrint(t *testing.T) {
	source := Source{Records: must(ParsePath("a"))}
	print := func(body string) string { return source.Print(must(ParseJSON([]byte(body), Limits{9}))) }
	if print(`{"a":[{"x":1,"y":["b"]}],"at":1}`) != print(` {"at":2,"a":[{"x":1, "y":["b"]}]}`) {
		t.Error("the same elements")
	}
	for _, empty := range []string{`{"a":[]}`, `{}`, `{"a":5}`} {
		if print(empty) != "" {
			t.Errorf("%s has one", empty)
		}
	}
	seen := map[string]string{}
	for _, body := range []string{
		`{"a":[1]}`, `{"a":["1"]}`, `{"a":[[1]]}`, `{"a":[1,1]}`, `{"a":[[1,1]]}`, `{"a":[[1],1]}`, `{"a":["ab","c"]}`, `{"a":["a","bc"]}`, `{"a":[null]}`,
		`{"a":[{}]}`, `{"a":[[]]}`, `{"a":[""]}`, `{"a":[{"a":1}]}`, `{"a":[{"a":1},1]}`, `{"a":[{"b":1}]}`, `{"a":[true]}`, `{"a":["true"]}`, `{"a":[1.0]}`,
	} {
		if other, known := seen[print(body)]; known {
			t.Errorf("%s and %s are alike", body, other)
		}
		seen[print(body)] = body
	}
}
