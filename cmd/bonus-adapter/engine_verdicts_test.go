package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"bonus-adapter/crm/crmtest"
)

func TestEngineVerdicts(t *testing.T) {
	const step = `steps: [{ name: history, get: /tx%s }]`
	ok := page("1")
	for name, test := range map[string]struct {
		crm, step, answer, want string
		calls                   int
	}{
		"ok, in spite of the status":   {"", "verdicts: [{ when: status == 418, then: ok }]", "418!" + ok, "1", 1},
		"ok, in spite of fail":         {"fail: body.items[0].id == 1", "verdicts: [{ when: status == 200, then: ok }]", ok, "1", 1},
		"ok, and no document":          {"", "verdicts: [{ when: status == 500, then: ok }]", "500!<html>", "! decode failed", 1},
		"empty is nobody":              {"", "verdicts: [{ when: body.code == 7, then: empty }]", `{"code":7}`, "! no such customer", 1},
		"empty is nothing":             {"", "verdicts: [{ when: body.code == 7, then: empty, reason: no_transactions }]", `{"code":"7"}`, "", 1},
		"empty without a body":         {"", "verdicts: [{ when: status == 204, then: empty, reason: no_transactions }]", "204!", "", 1},
		"retry, and never good":        {"retry: { attempts: 3, wait: 1ms }", "verdicts: [{ when: status == 502, then: retry }]", "502!", "! status", 3},
		"retry, with a reason":         {"retry: { wait: 1ms }", "verdicts: [{ when: body.busy == true, then: retry, reason: crm_unreachable }]", `{"busy":true}`, "! unreachable", 2},
		"retry, once is enough":        {"retry: { attempts: 1 }", "verdicts: [{ when: status == 502, then: retry }]", "502!", "! status", 1},
		"nothing else is repeated":     {"retry: { attempts: 5, wait: 1ms }", "", "500!", "! status", 1},
		"reauth without a login":       {"", "verdicts: [{ when: body.s == 1, then: reauth }]", `{"s":1}`, "! auth", 1},
		"fail":                         {"", "verdicts: [{ when: body.e != 0, then: fail }]", `{"e":1,"items":[]}`, "! error body", 1},
		"fail, with a reason":          {"", "verdicts: [{ when: body.e != 0, then: fail, reason: crm_timeout }]", `{"e":1}`, "! timeout", 1},
		"the first rule that holds":    {"", "verdicts: [{ when: status == 200, then: ok }, { when: status == 200, then: fail }]", ok, "1", 1},
		"the step's before the crm's":  {"verdicts: [{ when: status == 404, then: fail, reason: crm_auth }]", "verdicts: [{ when: status == 404, then: empty, reason: no_transactions }]", "404!{}", "", 1},
		"the crm's":                    {"verdicts: [{ when: status == 404, then: fail, reason: crm_auth }]", "", "404!{}", "! auth", 1},
		"verdicts before not_found":    {"verdicts: [{ when: status == 404, then: fail }]", "not_found: status == 404", "404!{}", "! error body", 1},
		"not_found before fail":        {"", "not_found: status == 404, fail: status == 404", "404!{}", "! no such customer", 1},
		"fail before the status":       {"fail: body.ok == false", "", `400!{"ok":false}`, "! error body", 1},
		"who is refused, before fail":  {"fail: body.ok == false", "", `401!{"ok":false}`, "! auth", 1},
		"too many, before fail":        {"fail: body.ok == false", "", `429!{"ok":false}`, "! rate limited", 1},
		"the step's fail":              {"fail: body.ok == false", "fail: body.bad == 1", `{"bad":1}`, "! error body", 1},
		"a header":                     {"", "fail: \"header['X-State'] == 'bad'\"", "badheader", "! error body", 1},
		"what is not there is no fail": {"fail: body.error.code == 5", "", ok, "1", 1},
		"null is no fail":              {"fail: body.error.code == 5", "", page("1", `,"error":null`), "1", 1},
		"cannot be asked of a 200":     {"fail: body.error.code > 5", "", page("1", `,"error":{"code":"secret"}`), "! decode failed", 1},
		"cannot be asked of a 500":     {"fail: body.error.code > 5", "", `500!{"error":{"code":"secret"}}`, "! status", 1},
		"len of nothing in a 200":      {"", "not_found: len(body.cards) == 0", ok, "! path missing", 1},
		"len of nothing in a 403":      {"", "not_found: len(body.cards) == 0", "403!<html>", "! auth", 1},
		"exists":                       {"", "fail: exists(body.error)", `{"error":{},"items":[]}`, "! error body", 1},
	} {
		t.Run(name, func(t *testing.T) {
			answer := replies(test.answer)
			if test.answer == "badheader" {
				answer = withHeader("X-State", "bad", says(ok))
			}
			of := test.step
			if of != "" {
				of = ", " + of
			}
			newEngine(t, test.crm+"\n"+fmt.Sprintf(step, of), answer).expect(t, test.want, test.calls)
		})
	}
}

// TestEngineProtocolsErrors: a protocol's error is one with every status, unless the config explains it.
func TestEngineProtocolsErrors(t *testing.T) {
	const fault = `<s:Envelope xmlns:s="x"><s:Body><s:Fault><faultstring>mine</faultstring></s:Fault></s:Body></s:Envelope>`
	const soap, graphql, rpc = `post: /tx, soap: { a: "{{ user }}" }`, `post: /tx, graphql: { query: "{ items { id } }", variables: { id: "{{ user }}" } }`, `post: /tx, jsonrpc: { method: tx, params: ["{{ user }}"] }`
	for name, test := range map[string]struct{ request, answer, want string }{
		"a fault":                 {soap, fault, "! error body"},
		"a fault in a 500":        {soap, "500!" + fault, "! error body"},
		"a fault, explained":      {soap + ", not_found: body.Envelope.Body.Fault.faultstring == \"mine\"", "500!" + fault, "! no such customer"},
		"no fault":                {soap, `<e:Envelope xmlns:e="x"><e:Body><items><id>1</id></items><items><id>2</id></items></e:Body></e:Envelope>`, "1 2"},
		"no soap":                 {soap, `500!<html>`, "! status"},
		"GraphQL errors":          {graphql, `{"errors":[{"message":"secret"}],"items":[]}`, "! error body"},
		"GraphQL errors in a 400": {graphql, `400!{"errors":[{"message":"secret"}]}`, "! error body"},
		"no GraphQL errors":       {graphql, page("1", `,"errors":[]`), "1"},
		"null GraphQL errors":     {graphql, page("1", `,"errors":null`), "1"},
		"JSON-RPC error":          {rpc, `{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"secret"}}`, "! error body"},
		"JSON-RPC error in a 500": {rpc, `500!{"error":{"code":-32000}}`, "! error body"},
		"no JSON-RPC error":       {rpc, page("1", `,"error":null`), "1"},
	} {
		t.Run(name, func(t *testing.T) {
			records := "history.items"
			if strings.HasPrefix(test.request, soap) {
				records = "history.Envelope.Body.items"
			}
			newEngineOf(t, records, "steps: [{ name: history, "+test.request+" }]", replies(test.answer)).expect(t, test.want, 1)
		})
	}
}

// TestEngineVerdictsAndTheBreaker: what a verdict says of the CRM's health counts, whatever the answer is.
func TestEngineVerdictsAndTheBreaker(t *testing.T) {
	const section = "breaker: { requests: 5 }\nsteps: [{ name: history, get: /tx, verdicts: [%s] }]"
	for name, test := range map[string]struct {
		verdict, answer string
		opens           bool
	}{
		"fail does not count":       {"{ when: body.e == 1, then: fail }", `{"e":1}`, false},
		"fail counts if told":       {"{ when: body.e == 1, then: fail, breaker: count }", `{"e":1}`, true},
		"a 500 counts":              {"{ when: body.e == 1, then: fail }", `500!{"e":1}`, true},
		"a 500 does not if told":    {"{ when: body.e == 1, then: fail, breaker: ignore }", `500!{"e":1}`, false},
		"nobody does not count":     {"{ when: status == 500, then: empty }", `500!{}`, false},
		"nobody counts if told":     {"{ when: status == 500, then: empty, breaker: count }", `500!{}`, true},
		"nothing is a good answer":  {"{ when: status == 500, then: empty, reason: no_transactions }", `500!{}`, false},
		"an outage told in a 200":   {"{ when: body.e == 1, then: fail, reason: crm_unreachable }", `{"e":1}`, true},
		"a 401 is the credentials'": {"{ when: body.e == 1, then: ok }", `401!{}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEngine(t, fmt.Sprintf(section, test.verdict), replies(test.answer))
			for range 9 {
				e.tell(t)
			}
			if opened := e.tell(t) == "! breaker open"; opened != test.opens || opened != (len(e.crm.Asked()) == 5) {
				t.Errorf("open: %v after %d requests", opened, len(e.crm.Asked()))
			}
		})
	}
}

// TestEngineAnswers: charsets, XML's lists of one, and what is no document.
func TestEngineAnswers(t *testing.T) {
	typed := func(contentType, body string) http.HandlerFunc {
		return withHeader("Content-Type", contentType, func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, body) })
	}
	const xml, json = "get: /tx, answer: xml", "get: /tx"
	const inna = "\xc8\xed\xed\xe0" // Инна in windows-1251
	for name, test := range map[string]struct {
		request string
		answer  http.HandlerFunc
		want    string
	}{
		"XML, two":                {xml, typed("text/xml", "<r><items><id>1</id></items><items><id>2</id></items></r>"), "1 2"},
		"XML, one":                {xml, typed("text/xml", "<r><items><id>1</id></items></r>"), "1"},
		"XML, none":               {xml, typed("text/xml", "<r><other/></r>"), ""},
		"XML, nothing":            {xml, typed("text/xml", "<r/>"), ""},
		"XML, another root":       {xml, typed("text/xml", "<q><items/></q>"), "! path missing"},
		"XML in 1251, declared":   {xml, typed("text/xml", `<?xml version="1.0" encoding="windows-1251"?><r><items><id>`+inna+`</id></items></r>`), "Инна"},
		"XML in 1251, by header":  {xml, typed("text/xml; charset=windows-1251", `<r><items><id>`+inna+`</id></items></r>`), "Инна"},
		"JSON in 1251, by header": {json, typed("application/json; charset=windows-1251", `{"r":{"items":[{"id":"`+inna+`"}]}}`), "Инна"},
		"JSON in 1251, untold":    {json, typed("application/json", `{"r":{"items":[{"id":"`+inna+`"}]}}`), "! decode failed"},
		"DOCTYPE":                 {xml, typed("text/xml", `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r><items><id>&x;</id></items></r>`), "! decode failed"},
		"an own entity":           {xml, typed("text/xml", `<r><items><id>&x;</id></items></r>`), "! decode failed"},
		"XML for JSON":            {json, typed("text/xml", "<r/>"), "! decode failed"},
		"JSON for XML":            {xml, typed("application/json", `{"r":{"items":[]}}`), "! decode failed"},
		"HTML for XML":            {xml, typed("text/html", "<!doctype html><html></html>"), "! decode failed"},
		"empty":                   {json, typed("application/json", ""), "! decode failed"},
		"spaces":                  {json, typed("application/json", " \n"), "! decode failed"},
		"an unknown charset":      {json, typed("application/json; charset=x-klingon", `{}`), "! decode failed"},
		"a record that is none":   {json, typed("application/json", `{"r":{"items":[5,{"id":1}]}}`), " 1"},
	} {
		t.Run(name, func(t *testing.T) {
			newEngineOf(t, "history.r.items", "steps: [{ name: history, "+test.request+" }]", test.answer).expect(t, test.want, 1)
		})
	}
}

// TestEngineHeads: the beginning of a page that is no document says what it is, and nobody's name.
func TestEngineHeads(t *testing.T) {
	for body, want := range map[string]string{
		"": "",
		"<html>\r\n<head><title>502 Bad Gateway</title></head><body><hr><center>nginx/1.18.0</center>": "<html> <head><title>… Bad Gateway</title></head><body><hr><center>nginx/…</center>",
		"Customer " + engineID + " is unknown":                                                         "… is unknown",
		"ivan.petrov@mail.ru not found":                                                                "… not found",
		"Иванов Пётр":                                                                                  "…",
		"user=Ivanov&card=4276123456781234":                                                            "…=…=…",
		"Authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.abc-def_ghi":                          "Authorization: …",
		"abcdefgh ABCDEF deadbeef":                                                                     "…",
		"Invalid token: qwertyuiop":                                                                    "Invalid …",
		"<error code=\"17\">secret</error>":                                                            "<error code=\"…\">…</error>",
		strings.Repeat("error ", 300):                                                                  strings.TrimSpace(strings.Repeat("error ", 17))[:100],
		"\x00\xff\xfe\x01":                                                                             "…",
	} {
		e := newEngine(t, oneStep, crmtest.Answer(200, body))
		if head, _ := e.head(t); head != want {
			t.Errorf("%q has the head\n%q, want\n%q", body, head, want)
		}
	}
}
