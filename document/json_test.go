package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/go-json-experiment/json/jsontext"
)

// spelt writes a value so that no other one is written alike.
func spelt(value Value) string {
	switch value.kind {
	case List:
		var parts []string
		for _, item := range value.items() {
			parts = append(parts, spelt(item))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case Object:
		var parts []string
		for name, member := range value.Members() {
			parts = append(parts, fmt.Sprintf("%q:%s", name, spelt(member)))
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	return fmt.Sprintf("%s %q", value.kind, value.text)
}

// librarys decodes with a library, as strict as ParseJSON is to be.
func librarys(text []byte, depth int) (string, error) {
	decoder := jsontext.NewDecoder(bytes.NewBuffer(bytes.TrimPrefix(text, []byte(utf8Mark))), jsontext.AllowInvalidUTF8(true))
	value, err := librarysValue(decoder, depth)
	if err != nil {
		return "", err
	}
	if _, err := decoder.ReadToken(); err != io.EOF {
		return "", errors.New("more")
	}
	return value, nil
}

func librarysValue(decoder *jsontext.Decoder, depth int) (string, error) {
	token, err := decoder.ReadToken()
	if err != nil {
		return "", err
	}
	if decoder.StackDepth() > depth {
		return "", ErrTooDeep
	}
	kind := token.Kind()
	if kind != '[' && kind != '{' {
		return fmt.Sprintf("%s %q", map[jsontext.Kind]Kind{'"': Text, '0': Number, 't': Bool, 'f': Bool, 'n': Null}[kind],
			map[bool]string{true: "", false: token.String()}[kind == 'n']), nil
	}
	var parts []string
	for decoder.PeekKind() != kind+2 {
		part := ""
		if kind == '{' {
			name, err := decoder.ReadToken()
			if err != nil {
				return "", err
			}
			part = fmt.Sprintf("%q:", name.String())
		}
		value, err := librarysValue(decoder, depth)
		if err != nil {
			return "", err
		}
		parts = append(parts, part+value)
	}
	_, err = decoder.ReadToken()
	return string(kind) + strings.Join(parts, ",") + string(kind+2), err
}

// FuzzJSONAsTheLibraryReadsIt: the scanner takes and refuses what jsontext does; what is left out is judged
// like what is read.
func FuzzJSONAsTheLibraryReadsIt(f *testing.F) {
	for _, seed := range []string{
		`{"a":1,"b":[true,false,null,-0.5e+7,"x\u00e9\ud83d\ude00\n"],"c":{"d":{}}}`, `[{"a":1,"b":2},{"a":1},{"b":2,"a":1},{"a":1,"b":2,"c":3},{}]`,
		`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `[{"a":1,"b":2},{"a":1,"b":2,"a":3}]`, `["\ud800"]`, `["\ud800\u0041"]`, "[\"\xff\"]", "{\"\xff\":1,\"\xfe\":2}", `[01]`, `[1.]`, `[1e]`, `[-]`, `nul`,
		`"a`, `"\u12`, `"\x"`, "[\"\t\"]", `[1,]`, `{"a":1,}`, `{"a"}`, `{a:1}`, `[[[[[[]]]]]]`, `[1] 2`, "\ufeff[]", `  `, `[1 2]`, `{"a":1 "b":2}`, `{"":0}`, `[1E400,-0,0]`, `truex`, `[nul]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		const depth = 5
		value, err := ParseJSON(text, Limits{Depth: depth})
		_, skipped := NewSelection().ParseJSON(text, Limits{Depth: depth})
		if fmt.Sprint(err) != fmt.Sprint(skipped) {
			t.Fatalf("read: %v; left out: %v", err, skipped)
		}
		foreign := new(window).isForeign(text)    // what is wrong first depends on how much was looked at
		for _, least := range []int{1, 2, 3, 7} { // the window ends everywhere
			inParts, failed := everything().read(iotest.OneByteReader(bytes.NewReader(text)), Limits{Depth: depth}, least)
			_, passed := NewSelection().read(bytes.NewReader(text), Limits{Depth: depth}, least)
			switch {
			case (failed == nil) != (err == nil) || (passed == nil) != (err == nil), err == nil && spelt(inParts) != spelt(value),
				!foreign && (fmt.Sprint(failed) != fmt.Sprint(err) || fmt.Sprint(passed) != fmt.Sprint(err)):
				t.Fatalf("in parts of %d: %v, %v; left out: %v; at once: %v, %v", least, spelt(inParts), failed, passed, spelt(value), err)
			}
		}
		if start := bytes.TrimLeft(bytes.TrimPrefix(text, []byte(utf8Mark)), " \t\r\n"); foreign || len(start) == 0 || start[0] == '<' {
			return
		}
		want, refused := librarys(text, depth)
		switch {
		case (err == nil) != (refused == nil):
			t.Fatalf("%v, the library: %v", err, refused)
		case err == nil && spelt(value) != want:
			t.Fatalf("%s\nthe library: %s", spelt(value), want)
		}
	})
}
