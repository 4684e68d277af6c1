package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"bonus-adapter/crm/crmtest"
)

const seven = "1 2 3 4 5 6 7"

var (
	sevenByTwo = crmtest.List{Records: 7, Size: 2}
	sixByTwo   = crmtest.List{Records: 6, Size: 2}
)

// paged is a section of one step with pages.
func paged(request, pages string) string {
	return "steps: [{ name: history, " + request + ", pages: " + pages + " }]"
}

func TestEnginePages(t *testing.T) {
	const get = "get: /tx"
	for name, test := range map[string]struct {
		section string
		answer  http.HandlerFunc
		want    string
		calls   int
	}{
		"none":                  {"steps: [{ name: history, get: /tx }]", crmtest.List{Records: 7}.ByOffset("offset", 0), seven, 1},
		"number, last":          {paged(get, "{ param: page, last: body.last }"), sevenByTwo.ByNumber("page", 1), seven, 4},
		"number from 0, last":   {paged(get, "{ param: page, start: 0, last: body.last }"), sevenByTwo.ByNumber("page", 0), seven, 4},
		"number, count":         {paged(get, "{ param: page, count: body.count }"), sevenByTwo.ByNumber("page", 1), seven, 4},
		"number from 0, count":  {paged(get, "{ param: page, start: 0, count: body.count }"), sevenByTwo.ByNumber("page", 0), seven, 4},
		"number, total":         {paged(get, "{ param: page, total: body.total }"), sevenByTwo.ByNumber("page", 1), seven, 4},
		"number, until empty":   {paged(get, "{ param: page }"), sevenByTwo.ByNumber("page", 1), seven, 5},
		"number, short page":    {paged(get, "{ param: page, size: 2 }"), sevenByTwo.ByNumber("page", 1), seven, 4},
		"number, full to end":   {paged(get, "{ param: page, size: 2 }"), sixByTwo.ByNumber("page", 1), "1 2 3 4 5 6", 4},
		"number, more":          {paged(get, "{ param: page, more: body.more }"), sevenByTwo.ByNumber("page", 1), seven, 4},
		"number, header":        {paged(get, "{ param: page, count: \"header['X-Pages']\" }"), withHeader("X-Pages", "4", sevenByTwo.ByNumber("page", 1)), seven, 4},
		"offset, total":         {paged(get, "{ by: offset, param: skip, total: body.total }"), sevenByTwo.ByOffset("skip", 0), seven, 4},
		"offset, size":          {paged(get, "{ by: offset, param: skip, size: 2 }"), sevenByTwo.ByOffset("skip", 0), seven, 4},
		"offset, until empty":   {paged(get, "{ by: offset, param: skip }"), sevenByTwo.ByOffset("skip", 0), seven, 5},
		"offset, more":          {paged(get, "{ by: offset, param: skip, more: body.more == true }"), sevenByTwo.ByOffset("skip", 0), seven, 4},
		"offset from 1":         {paged(get, "{ by: offset, param: skip, start: 1, total: body.total }"), sevenByTwo.ByOffset("skip", 1), seven, 4},
		"offset from 1, slot":   {paged(get+`, query: { skip: "{{ page.offset }}" }`, "{ by: offset, start: 1, total: body.total }"), sevenByTwo.ByOffset("skip", 1), seven, 4},
		"a clamped page":        {paged(get+", query: { limit: 500 }", "{ by: offset, param: skip, total: body.total }"), sevenByTwo.ByOffset("skip", 0), seven, 4},
		"a clamped page, count": {paged(get+", query: { limit: 500 }", "{ param: page, count: body.count }"), sevenByTwo.ByNumber("page", 1), seven, 4},
		"cursor":                {paged(get, "{ param: after, cursor: body.cursor }"), sevenByTwo.ByCursor("after"), seven, 4},
		"cursor, slot":          {paged(get+`, query: { after: "{{ page.cursor }}" }`, "{ cursor: body.cursor }"), sevenByTwo.ByCursor("after"), seven, 4},
		"cursor in JSON":        {paged(`post: /tx, json: { after: "{{ page.cursor }}", n: 2 }`, "{ cursor: body.cursor }"), sevenByTwo.ByCursor("after"), seven, 4},
		"record.id":             {paged(get, "{ param: after, cursor: record.id }"), sevenByTwo.ByCursor("after"), seven, 5},
		"record.id, size":       {paged(get, "{ param: after, cursor: record.id, size: 2 }"), sevenByTwo.ByCursor("after"), seven, 4},
		"relay":                 {paged(get, "{ param: after, more: body.more, cursor: body.cursor }"), sevenByTwo.ByCursor("after"), seven, 4},
		"next, relative":        {paged(get, "{ next: body.next }"), sevenByTwo.ByOffset("offset", 0), seven, 4},
		"next, absolute":        {paged(get, "{ next: body.nextURL }"), sevenByTwo.ByOffset("offset", 0), seven, 4},
		"next, Link":            {paged(get, `{ next: "header['Link']" }`), sevenByTwo.ByOffset("offset", 0), seven, 4},
		"no records":            {paged(get, "{ param: page, total: body.total }"), crmtest.List{Size: 2}.ByNumber("page", 1), "", 1},
		"no records, last":      {paged(get, "{ param: page, last: body.last }"), crmtest.List{Size: 2}.ByNumber("page", 1), "", 1},
		"no records, cursor":    {paged(get, "{ param: after, cursor: body.cursor }"), crmtest.List{Size: 2}.ByCursor("after"), "", 1},
		"no records, record.id": {paged(get, "{ param: after, cursor: record.id }"), crmtest.List{Size: 2}.ByCursor("after"), "", 1},
	} {
		t.Run(name, func(t *testing.T) { newEngine(t, test.section, test.answer).expect(t, test.want, test.calls) })
	}
}

func withHeader(name, value string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set(name, value)
		next(w, r)
	}
}

// replies answers the n-th request with the n-th body, and every further one with the last.
func replies(bodies ...string) http.HandlerFunc {
	count := make(chan int, 1)
	count <- 0
	return func(w http.ResponseWriter, _ *http.Request) {
		n := <-count
		count <- n + 1
		body := bodies[min(n, len(bodies)-1)]
		if status, rest, found := strings.Cut(body, "!"); found && len(status) == 3 {
			w.WriteHeader(int(status[0]-'0')*100 + int(status[1]-'0')*10 + int(status[2]-'0'))
			body = rest
		}
		_, _ = fmt.Fprint(w, body)
	}
}

func page(ids string, more ...string) string {
	var items []string
	for _, id := range strings.Fields(ids) {
		items = append(items, `{"id":"`+id+`"}`)
	}
	return `{"items":[` + strings.Join(items, ",") + "]" + strings.Join(more, "") + "}"
}

func TestEngineCursors(t *testing.T) {
	const cursor = `,"meta":{"cursor":%s}`
	for name, test := range map[string]struct {
		pages  string
		bodies []string
		want   string
		calls  int
	}{
		"null":              {"cursor: body.meta.cursor", []string{page("1", fmt.Sprintf(cursor, `"x"`)), page("2", fmt.Sprintf(cursor, "null"))}, "1 2", 2},
		"empty":             {"cursor: body.meta.cursor", []string{page("1", fmt.Sprintf(cursor, `"x"`)), page("2", fmt.Sprintf(cursor, `""`))}, "1 2", 2},
		"false":             {"cursor: body.meta.cursor", []string{page("1", fmt.Sprintf(cursor, `5`)), page("2", fmt.Sprintf(cursor, `false`))}, "1 2", 2},
		"true":              {"cursor: body.meta.cursor", []string{page("1", fmt.Sprintf(cursor, `true`))}, "! decode failed", 1},
		"a list":            {"cursor: body.meta.cursor", []string{page("1", fmt.Sprintf(cursor, `[]`))}, "! decode failed", 1},
		"missing":           {"cursor: body.meta.cursor", []string{page("1", `,"meta":{}`)}, "! path missing", 1},
		"missing around":    {"cursor: body.meta.cursor", []string{page("1")}, "! path missing", 1},
		"may be missing":    {"cursor: body.meta?.cursor", []string{page("1", fmt.Sprintf(cursor, `"x"`)), page("2")}, "1 2", 2},
		"may be missing, 2": {"cursor: body.meta.cursor?", []string{page("1", fmt.Sprintf(cursor, `"x"`)), page("2", `,"meta":{}`)}, "1 2", 2},
		"may be null":       {"cursor: body.meta?.cursor", []string{page("1", `,"meta":null`)}, "1", 1},
		"again":             {"cursor: body.meta.cursor", []string{page("1", fmt.Sprintf(cursor, `"x"`)), page("2", fmt.Sprintf(cursor, `"x"`))}, "! too many pages", 2},
		"to and fro": {"cursor: body.meta.cursor", []string{
			page("1", fmt.Sprintf(cursor, `"x"`)), page("2", fmt.Sprintf(cursor, `"y"`)), page("3", fmt.Sprintf(cursor, `"x"`)),
		}, "! too many pages", 3},
		"an empty page": {"cursor: body.meta.cursor", []string{
			page("1", fmt.Sprintf(cursor, `"x"`)), page("", fmt.Sprintf(cursor, `"y"`)), page("3", fmt.Sprintf(cursor, `null`)),
		}, "1 3", 3},
		"relay's end":           {"cursor: body.end, more: body.more", []string{page("1", `,"end":"x","more":true`), page("2", `,"end":"y","more":false`)}, "1 2", 2},
		"more, no cursor":       {"cursor: body.end, more: body.more", []string{page("1", `,"end":null,"more":true`)}, "! path missing", 1},
		"more, empty cursor":    {"cursor: body.end, more: body.more", []string{page("1", `,"end":"","more":true`)}, "! path missing", 1},
		"more, no record":       {"cursor: record.id, more: body.more", []string{page("1", `,"more":true`), page("", `,"more":true`)}, "! path missing", 2},
		"record without id":     {"cursor: record.no", []string{page("1")}, "! path missing", 1},
		"more, an empty page":   {"more: body.more", []string{page("1", `,"more":true`), page("", `,"more":true`), page("3", `,"more":false`)}, "1 3", 3},
		"more, offset, empty":   {"by: offset, more: body.more", []string{page("1", `,"more":true`), page("", `,"more":true`)}, "! path missing", 2},
		"more without an end":   {"more: body.more", []string{page("", `,"more":true`)}, "! too many pages", 50},
		"more that is no truth": {"more: body.more", []string{page("1", `,"more":{}`)}, "! decode failed", 1},
	} {
		t.Run(name, func(t *testing.T) {
			newEngine(t, paged("get: /tx", "{ param: at, "+test.pages+" }"), replies(test.bodies...)).expect(t, test.want, test.calls)
		})
	}
}

func TestEngineCursorIsLeftOutOnTheFirstPage(t *testing.T) {
	e := newEngine(t, paged(`post: /tx, json: { a: 1, page: { after: "{{ page.cursor }}", n: 2 } }, headers: { X-After: "{{ page.cursor }}" }`, "{ cursor: body.cursor }"),
		replies(page("1", `,"cursor":"x&y"`), page("2", `,"cursor":null`)))
	e.expect(t, "1 2", 2)
	first, second := e.crm.Asked()[0], e.crm.Asked()[1]
	if first.Body != `{"a":1,"page":{"n":2}}` || len(first.Header.Values("X-After")) != 0 {
		t.Errorf("%+v", first)
	}
	if second.Body != `{"a":1,"page":{"after":"x&y","n":2}}` || second.Header.Get("X-After") != "x&y" {
		t.Errorf("%+v", second)
	}
}

func TestEngineNextPages(t *testing.T) {
	for name, test := range map[string]struct {
		next, want, uri string
	}{
		"relative":         {`"?page=2"`, "1 2", "/api/tx?page=2&key=value-of-KEY"},
		"a path":           {`"/other/tx?a=%D1%8B"`, "1 2", "/other/tx?a=%D1%8B&key=value-of-KEY"},
		"beside":           {`"more/2"`, "1 2", "/api/more/2?key=value-of-KEY"},
		"absolute":         {`"CRM/api/tx?page=2"`, "1 2", "/api/tx?page=2&key=value-of-KEY"},
		"with the key":     {`"CRM/api/tx?key=value-of-KEY&page=2"`, "1 2", "/api/tx?key=value-of-KEY&page=2"},
		"with spaces":      {`"?from=2024-01-01 00:00:00&page=2"`, "1 2", "/api/tx?from=2024-01-01%2000:00:00&page=2&key=value-of-KEY"},
		"null":             {`null`, "1", ""},
		"empty":            {`""`, "1", ""},
		"a number":         {`2`, "! decode failed", ""},
		"broken":           {`"http://[::1"`, "! decode failed", ""},
		"other host":       {`"http://other.example/api/tx"`, "! host refused", ""},
		"other host, //":   {`"//other.example/api/tx"`, "! host refused", ""},
		"other port":       {`"http://127.0.0.1:1/api/tx"`, "! host refused", ""},
		"other scheme":     {`"https:CRM/tx"`, "! host refused", ""},
		"user info":        {`"http://x:y@HOSTPORT/api/tx"`, "! host refused", ""},
		"host as user":     {`"http://HOSTPORT@other.example/"`, "! host refused", ""},
		"no http at all":   {`"javascript:alert(1)"`, "! host refused", ""},
		"the same":         {`"?page=1"`, "! too many pages", ""},
		"an odd backslash": {`"\\\\other.example/tx"`, "1 2", "/api/%5C%5Cother.example/tx?key=value-of-KEY"},
	} {
		t.Run(name, func(t *testing.T) {
			var e *engine
			e = newEngine(t, "base_url: CRM/api\nauth: { query: { key: \"${env:KEY}\" } }\n"+paged("get: /tx", "{ next: body.next }"), func(w http.ResponseWriter, r *http.Request) {
				next := strings.NewReplacer("CRM", e.crm.URL, "HOSTPORT", r.Host).Replace(test.next)
				if len(e.crm.Asked()) > 1 && name != "the same" {
					next = "null"
				}
				_, _ = fmt.Fprint(w, page(fmt.Sprint(len(e.crm.Asked())), `,"next":`+next))
			})
			e.expect(t, test.want, 0)
			if uri := append(e.asked(), "")[1]; test.uri != "" && uri != test.uri {
				t.Errorf("asked %s, want %s", uri, test.uri)
			}
		})
	}
}
