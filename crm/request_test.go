package crm

import (
	"maps"
	"strings"
	"testing"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// requestOf reads a Request from the JSON of its keys.
func requestOf(t testing.TB, text string) *Request {
	t.Helper()
	cfg := &Request{}
	for _, member := range treeOf(t, text).Members {
		readKey(t, cfg, member.Name, member.Value)
	}
	return cfg
}

func readKey(t testing.TB, cfg *Request, key string, tree config.Tree) {
	t.Helper()
	texts := map[string]*Template{"base_url": &cfg.BaseURL, "get": &cfg.Get, "post": &cfg.Post, "put": &cfg.Put}
	trees := map[string]config.TreeUnmarshaler{"query": &cfg.Query, "form": &cfg.Form, "json": &cfg.JSON, "xml": &cfg.XML, "soap": &cfg.SOAP}
	var err error
	switch {
	case texts[key] != nil:
		err = texts[key].UnmarshalText([]byte(tree.Text))
	case trees[key] != nil:
		err = trees[key].UnmarshalTree(tree)
	case key == "answer":
		cfg.Answer = tree.Text
	case key == "headers":
		cfg.Headers = map[string]Template{}
		for _, member := range tree.Members {
			cfg.Headers[member.Name] = templateOf(t, member.Value.Text)
		}
	case key == "graphql":
		cfg.GraphQL = &GraphQL{}
		cfg.GraphQL.Query, err = protocolBody(tree, &cfg.GraphQL.Variables)
	case key == "jsonrpc":
		cfg.JSONRPC = &JSONRPC{}
		cfg.JSONRPC.Method, err = protocolBody(tree, &cfg.JSONRPC.Params)
	}
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
}

func protocolBody(tree config.Tree, inside *JSONBody) (text string, err error) {
	for _, member := range tree.Members {
		if member.Name == "query" || member.Name == "method" {
			text = member.Value.Text
		} else {
			err = inside.UnmarshalTree(member.Value)
		}
	}
	return text, err
}

func (w *world) call(t testing.TB, text string) *call {
	t.Helper()
	var problems config.Problems
	made := newCall("step", requestOf(t, text), w.names, &problems)
	if err := problems.Err(); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return made
}

// ask makes a whole request, headers included.
func (w *world) ask(t testing.TB, made *call) (request, *Error) {
	t.Helper()
	req, failed := made.request(w.env)
	if failed != nil {
		return req, failed
	}
	values := w.env.with()
	values.set(requestMethodSlot, req.method)
	values.set(requestPathSlot, req.path)
	values.set(requestQuerySlot, req.query)
	values.set(requestBodySlot, string(req.body))
	req.headers = map[string]string{}
	return req, made.headers(values, req.headers)
}

const soapOpen = `<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>`

func TestRequests(t *testing.T) {
	for _, test := range []struct{ cfg, line, contentType, body string }{
		{`{"get":"/a/{{ user }}","query":{"limit":100,"f[x][]":["a&b","{{ user }}"]}}`, "GET /a/ab12?limit=100&f%5Bx%5D%5B%5D=a%26b&f%5Bx%5D%5B%5D=ab12", "", ""},
		{`{"get":"/a","query":{"filters":{"$json":[["Loyalty Point Entry","customer","=","{{ user }}"]]},"n":[{"$json":{"a":1.50}},true]}}`, "GET /a?filters=%5B%5B%22Loyalty+Point+Entry%22%2C%22customer%22%2C%22%3D%22%2C%22ab12%22%5D%5D&n=%7B%22a%22%3A1.50%7D&n=true", "", ""},
		{`{"get":"/a","query":{"cursor":"{{ page.cursor }}","c":{"$json":"{{ page.cursor }}"},"x":"y"}}`, "GET /a?x=y", "", ""},
		{`{"get":"/a","json":{"a":"{{ user }}"}}`, "GET /a", "application/json", `{"a":"ab12"}`},
		{`{"put":"/a","json":["<&>\u2028\u0001","{{ page.cursor }}",{"$json":{"id":"{{ user }}","o":{"$json":[]}}},{},[],null,true,-1e5]}`, "PUT /a", "application/json", `["<&>\u2028\u0001","{\"id\":\"ab12\",\"o\":\"[]\"}",{},[],null,true,-1e5]`},
		{`{"post":"/a","json":{"c":"{{ page.cursor }}","n":"{{ number(auth.token + \"00.10\") }}","b":"{{ user == \"ab12\" }}","t":"{{ text(number(\"7\")) }}"}}`, "POST /a", "application/json", `{"n":300.1,"b":true,"t":"7"}`},
		{`{"post":"/a","json":"{{ page.cursor }}"}`, "POST /a", "", ""},
		{`{"post":"/a","form":{"a b":["{{ user }}","{{ page.cursor }}"],"c":{"$json":{}}}}`, "POST /a", "application/x-www-form-urlencoded", "a+b=ab12&c=%7B%7D"},
		{`{"post":"/a","form":{}}`, "POST /a", "application/x-www-form-urlencoded", ""},
		{`{"post":"/a","xml":{"r":{"@id":"{{ user }}","#text":"<{{ user }}>"}}}`, "POST /a", "application/xml; charset=utf-8", `<?xml version="1.0" encoding="UTF-8"?><r id="ab12">&lt;ab12&gt;</r>`},
		{
			`{"post":"/a","soap":{"q:get":{"@xmlns:q":"urn:q","q:card":"{{ user }}","x":[1,2.50,true],"none":null,"empty":{},"soap:y":"","c":"{{ page.cursor }}"}},"headers":{"X":"y"}}`, "POST /a", "text/xml; charset=utf-8",
			soapOpen + `<q:get xmlns:q="urn:q"><q:card>ab12</q:card><x>1</x><x>2.50</x><x>true</x><none/><empty/><soap:y></soap:y></q:get></soap:Body></soap:Envelope>`,
		},
		{`{"post":"/a","soap":{"a":"1","b":"2"}}`, "POST /a", "text/xml; charset=utf-8", soapOpen + `<a>1</a><b>2</b></soap:Body></soap:Envelope>`},
		{`{"post":"/a","graphql":{"query":"{ me(id: \"x\") {{ a }} }","variables":{"id":"{{ user }}"}}}`, "POST /a", "application/json", `{"query":"{ me(id: \"x\") {{ a }} }","variables":{"id":"ab12"}}`},
		{`{"post":"/a","graphql":{"query":"{ me }"}}`, "POST /a", "application/json", `{"query":"{ me }"}`},
		{`{"post":"/a","jsonrpc":{"method":"execute_kw","params":["{{ user }}"]}}`, "POST /a", "application/json", `{"jsonrpc":"2.0","method":"execute_kw","params":["ab12"],"id":1}`},
		{`{"post":"/a","jsonrpc":{"method":"m"}}`, "POST /a", "application/json", `{"jsonrpc":"2.0","method":"m","id":1}`},
		{`{"post":"/a","json":{},"headers":{"content-type":"application/vnd.api+json"}}`, "POST /a", "", `{}`},
		{`{"base_url":"https://x.ru/{{ auth.token }}/","get":"/a"}`, "GET https://x.ru/T/a", "", ""},
	} {
		w := newWorld()
		w.set("auth.token", strings.Repeat("3", strings.Count(test.cfg, "number(auth")))
		if !strings.Contains(test.cfg, "number(auth") {
			w.set("auth.token", "T")
		}
		req, failed := w.ask(t, w.call(t, test.cfg))
		line := req.method + " " + req.base + req.path
		if req.query != "" {
			line += "?" + req.query
		}
		if failed != nil || line != test.line || req.contentType != test.contentType || string(req.body) != test.body {
			t.Errorf("%s: %v\n%s\n%q\n%s", test.cfg, failed, line, req.contentType, req.body)
		}
	}
}

func TestHeaders(t *testing.T) {
	for cfg, want := range map[string]map[string]string{
		`{"post":"/a","soap":{"a":null}}`:                                  {"Soapaction": `""`},
		`{"post":"/a","soap":{"a":null},"headers":{"SOAPAction":"urn:x"}}`: {"Soapaction": "urn:x"},
		`{"post":"/a/{{ user }}","query":{"q":1},"json":[1],"headers":{"x-sign":"{{ request.method + request.path + request.query + request.body }}","X-Page":"{{ page.cursor }}"}}`: {"X-Sign": "POST/a/ab12q=1[1]"},
		`{"get":"/a","headers":{"X":"id {{ user }}: '{{ user }}'","content-type":"a"}}`:                                                                                              {"X": "id ab12: 'ab12'", "Content-Type": "a"},
	} {
		w := newWorld()
		open := w.names.open
		req, failed := w.ask(t, w.call(t, cfg))
		if failed != nil || !maps.Equal(req.headers, want) {
			t.Errorf("%s: %v %v", cfg, req.headers, failed)
		}
		if w.names.open != open {
			t.Error("request.* stays open")
		}
	}
	for _, value := range []string{"", " a", "a\n", "a\r\nX: y", "\x00"} {
		w := newWorld()
		w.set("user", value)
		if _, failed := w.ask(t, w.call(t, `{"get":"/a","headers":{"X":"{{ user }}"}}`)); failed == nil || failed.Kind != BadCustomer {
			t.Errorf("%q: %v", value, failed)
		}
	}
}

func TestWhatACallIs(t *testing.T) {
	w := newWorld()
	for cfg, want := range map[string]struct {
		protocol protocol
		format   document.Format
		from     source
	}{
		`{"get":"/{{ user }}"}`:                                              {plainHTTP, document.JSON, fromUser},
		`{"get":"/a","query":{"a":{"$json":["{{ each }}"]}}}`:                {plainHTTP, document.JSON, fromEach},
		`{"post":"/a","xml":{"a":{"@b":"{{ card.id }}"}}}`:                   {plainHTTP, document.XML, fromStep},
		`{"post":"/a","soap":{"a":"{{ page.cursor }}"}}`:                     {soap, document.XML, fromPage},
		`{"post":"/a","soap":{"a":1},"answer":"json"}`:                       {soap, document.JSON, 0},
		`{"post":"/a","form":{"a":"{{ auth.token }}"},"answer":"text"}`:      {plainHTTP, document.PlainText, fromAuth},
		`{"post":"/a","graphql":{"query":"q","variables":{"a":"{{user}}"}}}`: {graphQL, document.JSON, fromUser},
		`{"post":"/a","jsonrpc":{"method":"q","params":["{{user}}"]}}`:       {jsonRPC, document.JSON, fromUser},
		`{"get":"/a","headers":{"X":"{{ request.path + user }}"}}`:           {plainHTTP, document.JSON, fromRequest | fromUser},
		`{"base_url":"https://x/{{ auth.token }}","get":"/a"}`:               {plainHTTP, document.JSON, fromAuth},
	} {
		made := w.call(t, cfg)
		if made.protocol() != want.protocol || made.format != want.format || made.sources() != want.from {
			t.Errorf("%s: %d %d %b", cfg, made.protocol(), made.format, made.sources())
		}
	}
	cfg := requestOf(t, `{"get":"/a","query":{"a":1}}`)
	if !cfg.Query.has("a") || cfg.Query.has("b") {
		t.Error("has")
	}
	one := request{query: "a=1"}
	if got := one.with("p q", "ы&"); got.query != "a=1&p+q=%D1%8B%26" || one.query != "a=1" || (request{}).with("a", "b").query != "a=b" {
		t.Error(got.query)
	}
}

func TestRequestProblems(t *testing.T) {
	for cfg, want := range map[string][2]string{
		`{}`: {"step", "exactly one"}, `{"get":"/a","post":"/b"}`: {"step.post", "exactly one"}, `{"put":"/a","post":"/b"}`: {"step.put", "exactly one"},
		`{"get":"a"}`: {"step.get", "begins with /"}, `{"put":"/a?b={{ user }}"}`: {"step.put", "no ?"}, `{"get":"/a#b"}`: {"step.get", "no ?"},
		`{"get":"/{{ usr }}"}`:                                        {"step.get", "did you mean user"},
		`{"get":"/{{ request.path }}"}`:                               {"step.get", "only in headers"},
		`{"get":"/a","form":{"a":1}}`:                                 {"step.form", "write post:"},
		`{"get":"/a","xml":{"a":1}}`:                                  {"step.xml", "needs post or put"},
		`{"get":"/a","soap":{"a":1}}`:                                 {"step.soap", "needs post or put"},
		`{"get":"/a","graphql":{"query":"q"}}`:                        {"step.graphql", "needs post or put"},
		`{"get":"/a","jsonrpc":{"method":"q"}}`:                       {"step.jsonrpc", "needs post or put"},
		`{"post":"/a","json":{},"xml":{"a":1}}`:                       {"step.xml", "json and xml"},
		`{"post":"/a","graphql":{}}`:                                  {"step.graphql", "query is missing"},
		`{"post":"/a","graphql":{"query":"q","variables":["a"]}}`:     {"step.graphql.variables", "a map"},
		`{"post":"/a","jsonrpc":{}}`:                                  {"step.jsonrpc", "method is missing"},
		`{"post":"/a","jsonrpc":{"method":"q","params":1}}`:           {"step.jsonrpc.params", "a map or a list"},
		`{"post":"/a","jsonrpc":{"method":"q","params":["{{ x }}"]}}`: {"step.jsonrpc.params[0]", "nothing is called"},
		`{"get":"/a","query":{"b":[1,"{{ x }}"]}}`:                    {"step.query.b[1]", "nothing is called"},
		`{"get":"/a","query":{"b":{"$json":["{{ x }}"]}}}`:            {"step.query.b.$json[0]", "nothing is called"},
		`{"post":"/a","json":{"b":["{{ now }}"]}}`:                    {"step.json.b[0]", "format(now"},
		`{"post":"/a","xml":{"a":1,"b":2}}`:                           {"step.xml", "here are 2"},
		`{"post":"/a","xml":{"a":[1,2]}}`:                             {"step.xml", "here are 2"},
		`{"post":"/a","xml":{}}`:                                      {"step.xml", "here are 0"},
		`{"post":"/a","xml":{"a b":1}}`:                               {"step.xml['a b']", "a name in XML"},
		`{"post":"/a","xml":{"":1}}`:                                  {"step.xml['']", "a name in XML"},
		`{"post":"/a","xml":{"a:b:c":1}}`:                             {"step.xml.a:b:c", "a name in XML"},
		`{"post":"/a","xml":{"a":{"@":1}}}`:                           {"step.xml.a.@", "a name in XML"},
		`{"post":"/a","xml":{"a":{"p:b":1,"c":{"@xmlns:p":"u"}}}}`:    {"step.xml.a.p:b", `"@xmlns:p"`},
		`{"post":"/a","xml":{"a":{"@xsi:nil":true}}}`:                 {"step.xml.a.@xsi:nil", "not declared"},
		`{"post":"/a","xml":{"soap:a":1}}`:                            {"step.xml.soap:a", "not declared"},
		`{"post":"/a","xml":{"xmlns:a":1}}`:                           {"step.xml.xmlns:a", "not declared"},
		`{"post":"/a","xml":{"a":{"@xmlns":"{{ user }}"}}}`:           {"step.xml.a.@xmlns", "cannot have slots"},
		`{"post":"/a","xml":{"a":"\u0001"}}`:                          {"step.xml.a", "XML does not have"},
		`{"post":"/a","xml":{"a":{"b":["{{ x }}"]}}}`:                 {"step.xml.a.b[0]", "nothing is called"},
		`{"get":"/a","answer":"jsn"}`:                                 {"step.answer", "did you mean json?"},
		`{"get":"/a","answer":"protobuf"}`:                            {"step.answer", "json, xml and text"},
		`{"get":"/a","headers":{"host":"x"}}`:                         {"step.headers.host", "own"},
		`{"get":"/a","headers":{"a b":"x"}}`:                          {"step.headers['a b']", "name of a header"},
		`{"get":"/a","headers":{"X-A":"x","x-a":"y"}}`:                {"step.headers.x-a", "twice"},
		`{"get":"/a","headers":{"X-A":"x\ny"}}`:                       {"step.headers.X-A", "line break"},
		`{"base_url":"https://{{ user }}/","get":"/a"}`:               {"step.base_url", "never the caller's"},
	} {
		w := newWorld()
		var problems config.Problems
		newCall("step", requestOf(t, cfg), w.names, &problems)
		hasProblem(t, problems.Err(), want[0], want[1])
	}
}

func TestProblemsOfTheShape(t *testing.T) {
	for _, test := range []struct {
		target               config.TreeUnmarshaler
		tree, place, problem string
	}{
		{new(Params), `[]`, "", "a map of parameters"},
		{new(Params), `{"a":[[1]]}`, "a[0]", "a: { $json: … }"},
		{new(Params), `{"a":{"b":1}}`, "a", "$json"},
		{new(Params), `{"a":{"$json":1,"b":1}}`, "a", "$json"},
		{new(Params), `{"a":null}`, "a", "not null"},
		{new(Params), `{"{{ user }}":1}`, "{{ user }}", ""},
		{new(JSONBody), `{"a":{"$json":1,"b":1}}`, "a.$json", "no other keys"},
		{new(JSONBody), `{"a":["{{"]}`, "a[0]", "no closing"},
		{new(XMLBody), `[]`, "", "a map of elements"},
		{new(XMLBody), `{"@a":1}`, "", "inside an element"},
		{new(XMLBody), `{"#text":1}`, "", "inside an element"},
		{new(XMLBody), `{"a":{"@b":{}}}`, "a.@b", "not a map"},
		{new(XMLBody), `{"a":{"#text":["x"]}}`, "a.#text", "not a list"},
		{new(XMLBody), `{"a":[["x"]]}`, "a[0]", "list in a list"},
		{new(XMLBody), `{"a":"{{"}`, "a", "no closing"},
	} {
		err := test.target.UnmarshalTree(treeOf(t, test.tree))
		if test.place == "{{ user }}" {
			test.place = config.Member("", test.place)
		}
		hasProblem(t, err, test.place, test.problem)
	}
	var body JSONBody
	hasProblem(t, body.UnmarshalTree(config.Tree{Kind: config.Number, Text: "0123"}), "", "quotes")
}

func TestReferencesInBodies(t *testing.T) {
	lookup := func(_, name string) (string, error) { return "<" + name + ">", nil }
	w := newWorld()
	cfg := requestOf(t, `{"post":"/a","query":{"a":"${env:A}","b":{"$json":["${env:B}"]}},"xml":{"a":{"@b":"${env:C}","c":"${env:D}"}}}`)
	for _, each := range []config.Resolver{&cfg.Query, &cfg.XML, &cfg.JSON, &cfg.Form, &cfg.SOAP} {
		if err := each.Resolve(lookup); err != nil {
			t.Fatal(err)
		}
	}
	var problems config.Problems
	made := newCall("step", cfg, w.names, &problems)
	req, failed := made.request(w.env)
	if problems.Err() != nil || failed != nil || req.query != "a=%3CA%3E&b=%5B%22%3CB%3E%22%5D" ||
		string(req.body) != xmlDeclaration+`<a b="&lt;C&gt;"><c>&lt;D&gt;</c></a>` {
		t.Errorf("%v %v %s %s", problems.Err(), failed, req.query, req.body)
	}
	refuse := func(string, string) (string, error) { return "", nil }
	for text, target := range map[string]interface {
		config.Resolver
		config.TreeUnmarshaler
	}{`{"a":["x${env:A}"]}`: new(Params), `{"a":[{"$json":"x${env:A}"}]}`: new(JSONBody)} {
		treeInto(t, target, text)
		all := config.All(target.Resolve(refuse))
		if len(all) != 1 || !strings.HasPrefix(all[0].Place, "a[0]") || all[0].Offset != 1 {
			t.Errorf("%s: %v", text, all)
		}
	}
}

func TestXMLTakesEveryCharacterItHas(t *testing.T) {
	w := newWorld()
	made := w.call(t, `{"post":"/a","xml":{"a":{"@b":"{{ user }}","c":"{{ user }}"}}}`)
	w.set("user", "<&>\"'\r\n\t]]>")
	req, failed := made.request(w.env)
	const escaped = "&lt;&amp;&gt;&#34;&#39;&#xD;&#xA;&#x9;]]&gt;"
	if want := xmlDeclaration + `<a b="` + escaped + `"><c>` + escaped + `</c></a>`; failed != nil || string(req.body) != want {
		t.Errorf("%s %v", req.body, failed)
	}
	for _, value := range []string{"\x00", "a\x1f", "\ufffe", "a\xff"} {
		w.set("user", value)
		if _, failed := made.request(w.env); failed == nil || failed.Kind != BadCustomer {
			t.Errorf("%q: %v", value, failed)
		}
	}
}
