package crm

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// everywhere are requests with slots in every position. What is named q… holds the slot between single quotes, where a
// quote is doubled; a parameter j holds JSON.
var everywhere = []string{
	`{"get":"/c/{{ user }}/tx"}`,
	`{"get":"/c/C('{{ user }}')/x"}`,
	`{"get":"/c/C(guid'{{ user }}')"}`,
	`{"base_url":"https://crm.ru/{{ user }}","get":"/c/a-{{ user }}.json"}`,
	`{"get":"/c","query":{"a":"{{ user }}","b":["1","{{ user }}"],"c":"z"}}`,
	`{"get":"/c","query":{"q1":"Ref eq '{{ user }}' and x","q2":"'a''b' 'c {{ user }} d'"}}`,
	`{"get":"/c","query":{"j":"{\"id\":\"{{ user }}\",\"b\":1}"}}`,
	`{"get":"/c","query":{"j":"{\"qf\":\"id eq '{{ user }}'\"}"}}`,
	`{"get":"/c","query":{"filter":"agent={{ user }};b=c","c":"{{ user }}{{ user }}"}}`,
	`{"get":"/c","query":{"a":"guid'{{ user }}'"}}`,
	`{"get":"/c","query":{"j":{"$json":[["x","=","{{ user }}"],{"b":{"$json":["{{ user }}"]}}]}}}`,
	`{"post":"/c","form":{"a":"{{ user }}","j":[{"$json":{"c":"{{ user }}"}},{"$json":["{{ user }}"]}]}}`,
	`{"post":"/c","json":{"a":"{{ user }}","b":["{{ user }}",1,{"c":null}],"d":{"$json":{"e":["{{ user }}"]}}}}`,
	`{"post":"/c","json":{"q":"id eq '{{ user }}'","n":{"q":"'{{ user }}'"}}}`,
	`{"post":"/c","graphql":{"query":"query($id: ID!) { me }","variables":{"id":"{{ user }}"}}}`,
	`{"post":"/c","jsonrpc":{"method":"m","params":["{{ user }}",[["partner","=","{{ user }}"]]]}}`,
	`{"post":"/c","xml":{"r":{"@a":"{{ user }}","b":["{{ user }}","x"],"c":{"@d":"1","#text":"{{ user }}"}}}}`,
	`{"post":"/c","soap":{"x:r":{"@xmlns:x":"urn:x","x:a":"{{ user }}","q":"card '{{ user }}'"}}}`,
	`{"post":"/c","xml":{"r":{"@a":"id={{ user }};"}}}`,
	`{"get":"/c","headers":{"X-User":"{{ user }}","X-Mixed":"id=\"{{ user }}\"; a"}}`,
	`{"post":"/{{ user }}","query":{"a":"{{ user }}"},"form":{"a":"{{ user }}"},"headers":{"X-User":"{{ user }}"}}`,
}

// plainID stands for every id in what is expected. It passes everywhere, also as a guid.
const plainID = "ab12"

func FuzzSlotsCannotChangeARequest(f *testing.F) {
	for _, id := range []string{
		plainID, "", "..", "a/b", "%2e", "\r\nX: y", `"`, "'", "''", "' or '1'='1", `","b":"`, `\`, "</b><b>", "]]>", "&q=2", "a;b=c", "a b+c", "\x00", "\xff",
		"\ufffe", "\ufffd", "\u2028", "é🙂", "{{ user }}", "${env:HOME}", "<![CDATA[", "&#x41;", "\u0085", "$json", "1e5", "#?", "\t",
	} {
		f.Add(id)
	}
	w := newWorld()
	calls, want := make([]*call, len(everywhere)), make([][]string, len(everywhere))
	for i, cfg := range everywhere {
		calls[i] = w.call(f, cfg)
		req, failed := w.ask(f, calls[i])
		if failed != nil {
			f.Fatalf("%s: %v", cfg, failed)
		}
		want[i] = facts(f, req)
	}
	f.Fuzz(func(t *testing.T, id string) {
		w := newWorld()
		w.set("user", id)
		for i := range calls {
			req, failed := w.ask(t, calls[i])
			if failed != nil {
				if failed.Kind != BadCustomer {
					t.Fatalf("%s with %q: %v", everywhere[i], id, failed)
				}
				continue
			}
			if got, want := facts(t, req), expected(want[i], id); !slices.Equal(got, want) {
				t.Fatalf("%s with %q:\n%q\nwant\n%q", everywhere[i], id, got, want)
			}
		}
	})
}

// expected puts an id into the facts of the plain one.
func expected(plain []string, id string) []string {
	made := slices.Clone(plain)
	for i, fact := range made {
		key, value, _ := strings.Cut(fact, "=")
		shown := id
		if name := key[strings.LastIndexAny(key, " ./")+1:]; strings.HasPrefix(name, "q") {
			shown = strings.ReplaceAll(id, "'", "''")
		}
		made[i] = key + "=" + strings.ReplaceAll(value, plainID, shown)
	}
	return made
}

// facts is everything that a CRM would read out of a request, as "where=what" in order.
func facts(t testing.TB, req request) []string {
	t.Helper()
	target, err := url.ParseRequestURI(req.base + req.path + "?" + req.query)
	if err != nil {
		t.Fatalf("%q: %v", req.path, err)
	}
	var all []string
	for _, segment := range strings.Split(target.EscapedPath(), "/") {
		text, err := url.PathUnescape(segment)
		if err != nil || text == "." || text == ".." {
			t.Fatalf("%q: %v", req.path, err)
		}
		all = append(all, "path="+text)
	}
	if len(target.Query()) > 0 && target.Fragment != "" {
		t.Fatalf("a fragment in %q", req.query)
	}
	all = append(all, pairs(t, "query", req.query)...)
	for name, value := range req.headers {
		if strings.ContainsAny(value, "\r\n\x00") || strings.TrimSpace(value) != value {
			t.Fatalf("header %q", value)
		}
		all = append(all, "header "+name+"="+value)
	}
	slices.Sort(all[len(all)-len(req.headers):])
	switch {
	case strings.HasPrefix(req.contentType, "application/x-www"):
		return append(all, pairs(t, "form", string(req.body))...)
	case strings.Contains(req.contentType, "json"):
		return append(all, jsonFacts(t, "json", string(req.body))...)
	case strings.Contains(req.contentType, "xml"):
		return append(all, xmlFacts(t, req.body)...)
	}
	return all
}

// pairs splits by hand, since url.Values would lose the order.
func pairs(t testing.TB, where, text string) []string {
	t.Helper()
	var all []string
	values, err := url.ParseQuery(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	seen := map[string]int{}
	for part := range strings.SplitSeq(text, "&") {
		if part == "" {
			continue
		}
		key, _, _ := strings.Cut(part, "=")
		name, _ := url.QueryUnescape(key)
		value := values[name][seen[name]]
		seen[name]++
		all = append(all, inside(t, where+" "+name, value)...)
	}
	return all
}

// inside reads the little languages of the values: JSON in a text, and the filters of МойСклад.
func inside(t testing.TB, where, value string) []string {
	t.Helper()
	switch {
	case strings.HasSuffix(where, " j"):
		return jsonFacts(t, where, value)
	case strings.HasSuffix(where, " filter"):
		return []string{fmt.Sprintf("%s has=%d", where, len(strings.Split(value, ";"))), where + "=" + value}
	}
	return []string{where + "=" + value}
}

func decoded(text string) (value any, err error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err = decoder.Decode(&value); err == nil && decoder.More() {
		err = io.ErrUnexpectedEOF
	}
	return value, err
}

func jsonFacts(t testing.TB, where, text string) []string {
	t.Helper()
	value, err := decoded(text)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return flat(t, where, value)
}

// flat gives the leaves of a JSON value; a text below d or b is JSON again where the config has $json.
func flat(t testing.TB, where string, value any) []string {
	t.Helper()
	var all []string
	switch value := value.(type) {
	case map[string]any:
		all = append(all, fmt.Sprintf("%s has=%d", where, len(value)))
		for key, inner := range value {
			text, isText := inner.(string)
			if nested := strings.HasSuffix(where, "json") && key == "d" || strings.HasSuffix(where, "1") && key == "b"; nested && isText {
				all = append(all, jsonFacts(t, where+"."+key, text)...)
				continue
			}
			all = append(all, flat(t, where+"."+key, inner)...)
		}
		slices.Sort(all)
	case []any:
		all = append(all, fmt.Sprintf("%s has=%d", where, len(value)))
		for i, inner := range value {
			all = append(all, flat(t, fmt.Sprintf("%s.%d", where, i), inner)...)
		}
	default:
		all = append(all, fmt.Sprintf("%s=%v", where, value))
	}
	return all
}

func xmlFacts(t testing.TB, body []byte) []string {
	t.Helper()
	var all []string
	decoder := xml.NewDecoder(bytes.NewReader(body))
	where, text := "xml", ""
	for {
		token, err := decoder.Token()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatalf("%q: %v", body, err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			where, text = where+"/"+token.Name.Local, ""
			all = append(all, where+"=")
			for _, attribute := range token.Attr {
				all = append(all, where+" @"+attribute.Name.Local+"="+attribute.Value)
			}
		case xml.CharData:
			text += string(token)
		case xml.EndElement:
			all = append(all, where+"="+text)
			where, text = where[:strings.LastIndex(where, "/")], ""
		case xml.Comment, xml.Directive:
			t.Fatalf("%q holds %T", body, token)
		}
	}
}
