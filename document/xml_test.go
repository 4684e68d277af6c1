package document

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func parsedXML(t testing.TB, text string) Value {
	t.Helper()
	value, err := Parse([]byte(text), XML, "", Limits{Depth: 64})
	if err != nil {
		t.Fatalf("%.200s: %v", text, err)
	}
	return value
}

// shape writes a value of an XML in short: 'text', {name:value}, [element], null; a text's attributes follow it.
func shape(t testing.TB, value Value) string {
	t.Helper()
	if !value.xml {
		t.Errorf("not told as XML: %+v", value)
	}
	var parts []string
	for _, item := range value.items() {
		parts = append(parts, shape(t, item))
	}
	for name, member := range value.Members() {
		parts = append(parts, name+":"+shape(t, member))
	}
	inside := strings.Join(parts, " ")
	switch {
	case value.kind == List:
		return "[" + inside + "]"
	case value.kind == Object:
		return "{" + inside + "}"
	case inside != "":
		inside = "{" + inside + "}"
	}
	if value.kind == Null {
		return "null" + inside
	}
	return "'" + value.text + "'" + inside
}

func TestXMLShapes(t *testing.T) {
	for text, want := range map[string]string{
		`<a>5</a>`: `{a:'5'}`, `<a/>`: `{a:''}`, `<a></a>`: `{a:''}`, "<a> \n x y\t</a>": `{a:'x y'}`, "<a>\u00a05\u00a0</a>": `{a:'5'}`,
		`<a><b/></a>`: `{a:{b:''}}`, `<a><b>1</b></a>`: `{a:{b:'1'}}`, `<a><b>1</b><b>2</b></a>`: `{a:{b:['1' '2']}}`,
		`<a><b>1</b><c/><b>2</b><d/><b><e/></b></a>`:              `{a:{b:['1' '2' {e:''}] c:'' d:''}}`,
		`<a><p:b xmlns:p="x">1</p:b><q:b xmlns:q="y">2</q:b></a>`: `{a:{b:['1' '2']}}`,
		`<a><b><b/><b/></b><b/></a>`:                              `{a:{b:[{b:['' '']} '']}}`,
		`<a x="1" y=' 2 '>5</a>`:                                  `{a:'5'{@x:'1' @y:' 2 '}}`, `<a x="1"/>`: `{a:''{@x:'1'}}`, `<a x="1"><x>2</x></a>`: `{a:{@x:'1' x:'2'}}`,
		`<a xmlns="u" xmlns:p="v" p:x="1" xml:lang="ru"/>`: `{a:''{@x:'1' @lang:'ru'}}`,
		`<a>one <b>2</b> three</a>`:                        `{a:{b:'2' #text:'one  three'}}`, "<a>\n <b/>\n <!-- c -->\n</a>": `{a:{b:''}}`,
		`<a xsi:nil="true"/>`: `{a:null{@nil:'true'}}`, `<a i:nil="1"> </a>`: `{a:null{@nil:'1'}}`, `<a i:nil="false"/>`: `{a:''{@nil:'false'}}`,
		`<a nil="true"/>`: `{a:''{@nil:'true'}}`, `<a i:nil="true">5</a>`: `{a:'5'{@nil:'true'}}`, `<a i:nil="true"><b/></a>`: `{a:{@nil:'true' b:''}}`,
		`<l><a i:nil="true"/><a>1</a></l>`: `{l:{a:[null{@nil:'true'} '1']}}`,
		`<a><![CDATA[<b>&amp;]]></a>`:      `{a:'<b>&amp;'}`, `<a> x<![CDATA[ y ]]>z </a>`: `{a:'x y z'}`, `<a><![CDATA[]]></a>`: `{a:''}`, `<a>1<!-- , -->0<?pi?>0</a>`: `{a:'100'}`,
		`<a b="&quot;&#x41;">&amp;&lt;&gt;&apos;&#1087;&#x43F;</a>`:      `{a:'&<>'пп'{@b:'"A'}}`,
		"\ufeff \n<?xml version='1.0'?><!-- c --><a/><!-- c --><?pi?>\n": `{a:''}`, "<a>\r\n1\r\n2</a>": "{a:'1\n2'}",
		`<Имя Код="1">ё</Имя>`: `{Имя:'ё'{@Код:'1'}}`, `<a><b-c.d_1/></a>`: `{a:{b-c.d_1:''}}`,
	} {
		if got := shape(t, parsedXML(t, text)); got != want {
			t.Errorf("%s:\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestXMLInASOAPEnvelope(t *testing.T) {
	value := parsedXML(t, `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
		<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
		<soap:Header/><soap:Body><ns2:getHistoryResponse xmlns:ns2="http://plugins/ws"><return count="2">
			<item><amount xsi:type="xs:decimal">10.50</amount><till xsi:nil="true"/></item>
			<item><amount>-3</amount><till>2026-01-01</till></item>
		</return></ns2:getHistoryResponse></soap:Body></soap:Envelope>`)
	want := `{Envelope:{Header:'' Body:{getHistoryResponse:{return:{@count:'2' item:[{amount:'10.50' till:null{@nil:'true'}} {amount:'-3' till:'2026-01-01'}]}}}}}`
	if got := shape(t, value); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
	path, err := ParsePath("Envelope.Body.getHistoryResponse.return.item[1].amount")
	if err != nil || path.Get(value).Text() != "-3" {
		t.Errorf("%v: %+v", err, path.Get(value))
	}
}

func TestXMLThatIsRefused(t *testing.T) {
	for text, says := range map[string]string{
		"": "the body is empty", " \r\n\t": "the body is empty", "\ufeff": "the body is empty",
		`{"a":1}`: "JSON, not XML", " [1]": "JSON, not XML", "5": "text outside", "no": "text outside", "<": "breaks off",
		"<!DOCTYPE html><p>": "HTML, not XML", " <!doctype HTML PUBLIC 'x'>": "HTML, not XML", "<HTML>": "HTML, not XML", "<html lang='ru'>": "HTML, not XML", "<html": "HTML, not XML",
		"<?xml version='1.0'?>": "no element", "<!-- c -->": "no element", "<?xml version='1.1'?><a/>": "broken",
		"<a/>x": "text outside", "x<a/>": "text outside", "<a/><b/>": "second root", "<a></a></a>": "end tag", "</a>": "end tag", "<a/><![CDATA[x]]>": "text outside",
		"<a>": "breaks off", "<a><b>": "breaks off", "<a": "breaks off", "<a>&am": "breaks off", "<a><![CDATA[x": "breaks off", "<a><!-- ": "breaks off",
		"<a></b>": "not that of the open", "<a><b></a></b>": "not that of the open", "<p:a></q:a>": "not that of the open", "<a></A>": "not that of the open",
		`<a x="1" x="2"/>`: "twice", `<a p:x="1" q:x="2"/>`: "twice", "<a x=1/>": "broken", "<a x/>": "broken", `<a x="<"/>`: "broken",
		"<1/>": "broken", "< a/>": "broken", "<a b@c='1'/>": "broken", "<a><@/></a>": "broken", "<a>&</a>": "broken", "<a>]]></a>": "broken", "<a>\x00</a>": "broken", "<a>&#0;</a>": "broken",
		"<a>&nbsp;</a>": "broken", "<a>&secret;</a>": "broken", "<a>\xff</a>": "not valid UTF-8", "<a x='\xff'/>": "not valid UTF-8",
		"<a><?xml version='1.0' encoding='koi8-r'?></a>": "not at the beginning", "<!-- --><?xml version='1.0'?><a/>": "not at the beginning",
	} {
		_, err := Parse([]byte(text), XML, "", Limits{Depth: 64})
		var broken *DecodeError
		if !errors.As(err, &broken) || !strings.Contains(err.Error(), says) || broken.Offset > int64(len(text)) {
			t.Errorf("%q: %v, want %q", text, err, says)
		}
	}
}

// Whatever would read another file, or grow, begins with a DOCTYPE; without one there are only XML's own entities.
func TestXMLReadsNoDOCTYPE(t *testing.T) {
	lol := `<!DOCTYPE lolz [<!ENTITY a "lol">`
	for name := byte('b'); name < 'k'; name++ {
		lol += fmt.Sprintf(`<!ENTITY %c "%s">`, name, strings.Repeat(fmt.Sprintf("&%c;", name-1), 10))
	}
	for _, text := range []string{
		`<!DOCTYPE a><a/>`, `<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>`, `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>`,
		`<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><a>&e;</a>`, `<!DOCTYPE a [<!ENTITY % e SYSTEM "http://127.0.0.1/"> %e;]><a/>`,
		lol + `]><lolz>&j;</lolz>`, `<!ENTITY e "x"><a/>`, `<a><!DOCTYPE b></a>`, `<a/><!DOCTYPE b>`, `<!doctype a><a/>`, `<!X><a/>`, `<!DOCTYPE htmlx><a/>`,
	} {
		value, err := Parse([]byte(text), XML, "", Limits{Depth: 64})
		if err == nil || !strings.Contains(err.Error(), "the XML has a DOCTYPE, which is not read") || value.Kind() != Missing {
			t.Errorf("%.60q: %v", text, err)
		}
	}
}

func TestXMLThatBreaksOff(t *testing.T) {
	text := "\ufeff<?xml version='1.0' encoding='utf-8'?>\n<!-- c --><p:a xmlns:p='u' x=\"&lt;я\">\n<b>10 &amp; &#1087;</b><?pi x?><b><![CDATA[<ы>]]></b> text <c i:nil='true'/><d/>\n</p:a>"
	for end := range len(text) {
		value, err := Parse([]byte(text[:end]), XML, "", Limits{Depth: 64})
		var broken *DecodeError
		if !errors.As(err, &broken) || value.Kind() != Missing || broken.Offset > int64(end) {
			t.Errorf("%q: %+v %v", text[:end], value, err)
		}
	}
	if want, got := `{a:{@x:'<я' b:['10 & п' '<ы>'] c:null{@nil:'true'} d:'' #text:'text'}}`, shape(t, parsedXML(t, text)); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestXMLDepth(t *testing.T) {
	nested := func(depth int) []byte {
		return []byte(strings.Repeat("<a>", depth) + strings.Repeat("</a>", depth))
	}
	if _, err := Parse(nested(64), XML, "", Limits{Depth: 64}); err != nil {
		t.Errorf("64 elements: %v", err)
	}
	for _, body := range [][]byte{nested(65), nested(1_000_000), []byte(strings.Repeat("<a>", 1_000_000)), []byte(strings.Repeat("<a/>", 1))} {
		limits := Limits{Depth: 64}
		if len(body) == len("<a/>") {
			limits.Depth = 0
		}
		began := time.Now()
		if _, err := Parse(body, XML, "", limits); err != ErrTooDeep {
			t.Errorf("%d bytes: %v", len(body), err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("%d bytes took %s", len(body), took)
		}
	}
}

// Each of these is slow only if something is looked through again for every element.
func TestXMLOfManyPartsIsReadInOneGo(t *testing.T) {
	const many = 100_000
	numbered := func(format string) string {
		var text strings.Builder
		for i := range many {
			fmt.Fprintf(&text, format, i)
		}
		return text.String()
	}
	for name, check := range map[string]struct {
		text string
		ok   func(Value) bool
	}{
		"repeated":    {"<r>" + numbered("<a>%d</a>") + "</r>", func(r Value) bool { return r.Member("a").Len() == many && r.Member("a").Index(7).Text() == "7" }},
		"pairs":       {"<r>" + numbered("<a>%[1]d</a><b>%[1]d</b>") + "</r>", func(r Value) bool { return r.Member("b").Len() == many && r.Len() == 2 }},
		"names":       {"<r>" + numbered("<a%d/>") + "<a7>x</a7></r>", func(r Value) bool { return r.Len() == many && r.Member("a7").Len() == 2 }},
		"attributes":  {"<r" + numbered(" a%d='1'") + "/>", func(r Value) bool { return r.in != nil && len(r.in.layout) == many }},
		"cdata":       {"<r>" + numbered("<![CDATA[x]]><!--%d-->") + "</r>", func(r Value) bool { return len(r.Text()) == many }},
		"mixed":       {"<r>" + numbered("x<a>%d</a>") + "</r>", func(r Value) bool { return len(r.Member("#text").Text()) == many }},
		"indentation": {"<r>" + numbered("\n\t\t<a>%d</a>") + "\n</r>", func(r Value) bool { return r.Len() == 1 }},
	} {
		began := time.Now()
		if !check.ok(parsedXML(t, check.text).Member("r")) {
			t.Errorf("%s: read otherwise", name)
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s: took %s", name, took)
		}
	}
}

func TestXMLSample(t *testing.T) {
	folder := os.Getenv("BONUS_ADAPTER_SAMPLES")
	if folder == "" {
		t.Skip("BONUS_ADAPTER_SAMPLES names no folder of vendors' samples")
	}
	body, err := os.ReadFile(filepath.Join(folder, "mindbox-balance-history-response.xml"))
	if err != nil {
		t.Fatal(err)
	}
	result := parsedXML(t, string(body)).Member("result")
	change := result.Member("customerActions").Member("customerAction").Member("customerBalanceChanges").Member("customerBalanceChange")
	if result.Member("status").Text() != "Success" || change.Member("changeAmount").Kind() != Text {
		t.Errorf("%s", shape(t, result))
	}
}

func FuzzXML(f *testing.F) {
	for _, text := range []string{
		`<a x="1"><b>1</b><b i:nil="true"/> t <c><![CDATA[x]]></c></a>`, `<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>`, "<?xml version='1.0' encoding='windows-1251'?><a>\xef</a>",
		"\xff\xfe<\x00a\x00/\x00>\x00", "<html>", "{}", strings.Repeat("<a>", 20), `<?xml version="1.0" encoding="iso-2022-jp"?><a>` + "\x1b$B</a>", "<a></b>",
	} {
		f.Add([]byte(text), "")
		f.Add([]byte(text), "koi8-r")
	}
	f.Fuzz(func(t *testing.T, body []byte, charset string) {
		value, err := Parse(body, XML, charset, Limits{Depth: 8})
		var broken *DecodeError
		switch {
		case err == nil && (value.Kind() != Object || value.Len() != 1 || depthOf(value) > 8+1):
			t.Errorf("%q: %+v", body, value)
		case err != nil && !errors.As(err, &broken) && err != ErrTooDeep:
			t.Errorf("%q: %T %v", body, err, err)
		case err != nil && (len(err.Error()) > 200 || value.Kind() != Missing):
			t.Errorf("%q: %+v %v", body, value, err)
		}
	})
}

// depthOf counts the objects above the deepest value; a list of elements is no level of its own.
func depthOf(value Value) int {
	deepest := 0
	for _, item := range value.items() {
		deepest = max(deepest, depthOf(item)-1)
	}
	for name, member := range value.Members() {
		if name[0] != '@' && name != "#text" {
			deepest = max(deepest, depthOf(member))
		}
	}
	return deepest + 1
}

func BenchmarkXMLOfAThousandRecords(b *testing.B) {
	var text strings.Builder
	text.WriteString(`<?xml version="1.0" encoding="utf-8"?><result><items>`)
	for i := range 1000 {
		fmt.Fprintf(&text, "\n\t<item id=\"%d\"><type>accrual</type><amount>%d.50</amount><date>2026-01-02T03:04:05Z</date><order>A-%d</order><comment>Начислено за покупку</comment></item>", i, i, i)
	}
	text.WriteString("</items></result>")
	body := []byte(text.String())
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(body, XML, "", Limits{Depth: 64}); err != nil {
			b.Fatal(err)
		}
	}
}
