package document

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/encoding/htmlindex"
)

// encoded gives a text in a charset.
func encoded(t testing.TB, charset, text string) string {
	t.Helper()
	found, err := htmlindex.Get(charset)
	if err != nil {
		t.Fatal(err)
	}
	bytes, err := found.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}

func TestFormatsHaveNames(t *testing.T) {
	if got := JSON.String() + XML.String() + PlainText.String(); got != "JSONXMLtext" {
		t.Error(got)
	}
}

func TestCharsetOfJSON(t *testing.T) {
	const text = `{"имя":"Ёлка"}`
	const mark = "\ufeff"
	for _, check := range []struct{ name, body, charset, says string }{
		{"undeclared", text, "", ""},
		{"declared", text, "utf-8", ""},
		{"declared in another spelling", text, "UTF8", ""},
		{"declared as ASCII", text, "us-ascii", ""},
		{"windows-1251", encoded(t, "windows-1251", text), "windows-1251", ""},
		{"in upper case", encoded(t, "windows-1251", text), " Windows-1251", ""},
		{"by a short name", encoded(t, "windows-1251", text), "cp1251", ""},
		{"koi8-r", encoded(t, "koi8-r", text), "koi8-r", ""},
		{"iso-8859-5", encoded(t, "iso-8859-5", text), "ISO-8859-5", ""},
		{"utf-16", encoded(t, "utf-16le", text), "utf-16", ""},
		{"utf-16be", encoded(t, "utf-16be", text), "utf-16be", ""},
		{"a mark alone", mark + text, "", ""},
		{"utf-8 told as iso-8859-1", text, "iso-8859-1", ""},
		{"a mark wins", mark + text, "windows-1251", ""},
		{"a mark of utf-16", encoded(t, "utf-16be", mark+text), "", ""},
		{"a mark of utf-16 wins", encoded(t, "utf-16le", mark+text), "utf-8", ""},
		{"windows-1251 undeclared", encoded(t, "windows-1251", text), "", "another charset"},
		{"windows-1251 told as utf-8", encoded(t, "windows-1251", text), "utf-8", "another charset"},
		{"unknown", text, "x-mac-klingon", "the charset x-mac-klingon is not known"},
		{"what browsers refuse", text, "iso-2022-kr", "the charset iso-2022-kr is not known"},
		{"not a name", text, "secret value", "the charset of the body is not known"},
		{"not ASCII", text, "кои-8", "the charset of the body is not known"},
		{"too long", text, strings.Repeat("x", 31), "the charset of the body is not known"},
		{"empty in utf-16", "\xff\xfe", "", "the body is empty"},
		{"half a character", encoded(t, "utf-16le", mark+text)[:7], "", "breaks off"},
	} {
		value, err := Parse([]byte(check.body), JSON, check.charset, Limits{Depth: 64})
		if check.says != "" {
			var broken *DecodeError
			if !errors.As(err, &broken) || !strings.Contains(err.Error(), check.says) {
				t.Errorf("%s: %v, want %q", check.name, err, check.says)
			}
		} else if err != nil || value.Member("имя").Text() != "Ёлка" || value.xml {
			t.Errorf("%s: %+v %v", check.name, value, err)
		}
	}
}

func TestCharsetOfXML(t *testing.T) {
	declared := func(charset string) string {
		return "<?xml version='1.0' encoding='" + charset + "'?>\n<имя n='Ё'>Ёлка</имя>"
	}
	for _, check := range []struct{ name, body, charset, says string }{
		{"by declaration", encoded(t, "windows-1251", declared("windows-1251")), "", ""},
		{"by declaration after blank lines", "\n\n" + encoded(t, "windows-1251", declared("Windows-1251")), "", ""},
		{"koi8-r by declaration", encoded(t, "koi8-r", declared("KOI8-R")), "", ""},
		{"utf8 by declaration", declared("utf8"), "", ""},
		{"ASCII by declaration", declared("US-ASCII"), "", ""},
		{"by content type", encoded(t, "windows-1251", "<имя n='Ё'>Ёлка</имя>"), "windows-1251", ""},
		{"by both", encoded(t, "windows-1251", declared("windows-1251")), "windows-1251", ""},
		{"content type wins over utf-8", encoded(t, "windows-1251", declared("utf-8")), "windows-1251", ""},
		{"content type wins over koi8-r", encoded(t, "windows-1251", declared("koi8-r")), "windows-1251", ""},
		{"utf-8 wins over windows-1251", declared("windows-1251"), "utf-8", ""},
		{"content type wins over the unknown", declared("x-klingon"), "utf-8", ""},
		{"a mark wins over both", "\ufeff" + declared("windows-1251"), "koi8-r", ""},
		{"utf-16 by mark", encoded(t, "utf-16le", "\ufeff"+declared("utf-16")), "", ""},
		{"utf-16 by mark, big end first", encoded(t, "utf-16be", "\ufeff"+declared("utf-16")), "", ""},
		{"utf-16 by its looks", encoded(t, "utf-16le", declared("utf-16")), "", ""},
		{"utf-16be by its looks", encoded(t, "utf-16be", declared("utf-8")), "utf-16", ""},
		{"utf-16 is said of utf-8", declared("utf-16"), "", ""},
		{"windows-1251 undeclared", encoded(t, "windows-1251", "<имя>Ёлка</имя>"), "", "broken XML"},
		{"windows-1251 told as utf-8", encoded(t, "windows-1251", declared("windows-1251")), "utf-8", "broken XML"},
		{"unknown by declaration", declared("x-klingon"), "", "the charset x-klingon is not known"},
		{"not a name", declared("secret value"), "", "the charset of the body is not known"},
		{"unknown by content type", declared("utf-8"), "x-klingon", "the charset x-klingon is not known"},
		{"what browsers refuse", declared("hz-gb-2312"), "", "the charset hz-gb-2312 is not known"},
	} {
		value, err := Parse([]byte(check.body), XML, check.charset, Limits{Depth: 64})
		if check.says != "" {
			var broken *DecodeError
			if !errors.As(err, &broken) || !strings.Contains(err.Error(), check.says) {
				t.Errorf("%s: %v, want %q", check.name, err, check.says)
			}
		} else if name := value.Member("имя"); err != nil || name.Text() != "Ёлка" || name.Member("@n").Text() != "Ё" {
			t.Errorf("%s: %+v %v", check.name, value, err)
		}
	}
}

func TestPlainText(t *testing.T) {
	for _, check := range []struct{ body, charset, want string }{
		{" \tabc d\r\n", "", "abc d"},
		{"\ufeff5\n", "", "5"},
		{`"abc"`, "", "abc"},
		{` " a\u043f\" " `, "", ` aп" `},
		{`""`, "", ""},
		{`"abc`, "", `"abc`},
		{`"a" "b"`, "", `"a" "b"`},
		{`"a" b`, "", `"a" b`},
		{`{"a":1}`, "", `{"a":1}`},
		{"null", "", "null"},
		{"a\xffb", "", "a\ufffdb"},
		{"\xcf\xf0\xe8\xe2\xe5\xf2", "windows-1251", "Привет"},
		{"\"\xcf\xf0\xe8\xe2\xe5\xf2\"", "windows-1251", "Привет"},
		{"\xfe\xff\x04\x1f", "", "П"},
		{"", "", "!the body is empty"},
		{" \n", "", "!the body is empty"},
		{"\ufeff", "", "!the body is empty"},
		{" <html>", "", "!HTML"},
		{"<a/>", "", "!HTML or XML"},
		{"\xcf\xf0\xe8\xe2\xe5\xf2", "", "!another charset"},
		{"a", "klingon", "!charset klingon is not known"},
	} {
		value, err := Parse([]byte(check.body), PlainText, check.charset, Limits{Depth: 64})
		if says, bad := strings.CutPrefix(check.want, "!"); bad {
			var broken *DecodeError
			if !errors.As(err, &broken) || !strings.Contains(err.Error(), says) {
				t.Errorf("%q: %v, want %q", check.body, err, says)
			}
		} else if err != nil || value.Kind() != Text || value.Text() != check.want || value.xml {
			t.Errorf("%q: %+v %v, want %q", check.body, value, err, check.want)
		}
	}
}
