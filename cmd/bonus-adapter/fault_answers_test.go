package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf16"

	"bonus-adapter/crm/crmtest"
)

// typed answers with a body under a content type of its own; none if that is empty.
func typed(contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		_, _ = io.WriteString(w, body)
	}
}

// record is an answer with one good record and another one.
func oneAnd(record string) string {
	return `{"items":[` + strings.Repeat(`{"type":"EARN","amount":250},`, 9) + record + `]}`
}

// entries is the body that tells of nine good records, and perhaps another one.
func nineAnd(entry string) string {
	nine := strings.Repeat(`{"added":250,"expired":0,"definitionMessage":"Бонусы","activationDate":null,"expirationDate":null},`, 9)
	return `{"bonuses":[` + strings.TrimSuffix(nine+entry, ",") + "]}\n"
}

func entry(added, message string) string {
	return fmt.Sprintf(`{"added":%s,"expired":0,"definitionMessage":%s,"activationDate":null,"expirationDate":null}`, added, message)
}

// TestFaultsOfAnswers: answers that are HTTP, and not what was asked for.
func TestFaultsOfAnswers(t *testing.T) {
	const errorBody, auth = "fallback; reason=crm_error_body", "fallback; reason=crm_auth"
	const pathMissing = "fallback; reason=path_missing"
	proveAll(t, map[string]fault{
		"B1 404, declared":            {answer: crmtest.Answer(404, `{"code":"nobody"}`), want: "live; reason=user_not_found", calls: 1},
		"B1 404, not declared":        {answer: crmtest.Answer(404, `{"code":"typo"}`), want: statusFailed, calls: 1},
		"B2 400":                      {answer: crmtest.Answer(400, `{"error":"secret-id"}`), want: statusFailed, calls: 1},
		"B2 422":                      {answer: crmtest.Answer(422, `{"error":"secret-id"}`), want: statusFailed, calls: 1},
		"B4 401":                      {answer: crmtest.Answer(401, ``), want: auth, calls: 1},
		"B4 403":                      {answer: crmtest.Answer(403, ``), want: auth, calls: 1},
		"B6 500":                      {answer: crmtest.Answer(500, `panic: secret-id at 127.0.0.1`), want: statusFailed, calls: 1},
		"B6 502":                      {answer: crmtest.Answer(502, `<h1>poison</h1>`), want: statusFailed, calls: 2},
		"B6 503":                      {answer: crmtest.Answer(503, ``), want: statusFailed, calls: 2},
		"B6 504":                      {answer: crmtest.Answer(504, ``), want: statusFailed, calls: 2},
		"B8 204":                      {answer: crmtest.Answer(204, ``), want: decodeFailed, calls: 1},
		"B8 206":                      {answer: crmtest.Answer(206, goodItems), want: decodeFailed, calls: 1},
		"B8 304":                      {answer: crmtest.Answer(304, ``), want: statusFailed, calls: 1},
		"B9 a page for people":        {answer: typed("text/html", "<!doctype html><title>Вход</title>secret-id"), want: decodeFailed, calls: 1},
		"B9 ... that calls itself so": {answer: crmtest.Answer(200, "<html>"), want: decodeFailed, calls: 1},
		"B10 an error in a 200":       {answer: crmtest.Answer(200, `{"ok":false,"error":"no secret-id"}`), want: errorBody, calls: 1},
		"B12 JSON as text":            {answer: typed("text/plain", goodItems), want: "live", calls: 1},
		"B12 JSON as bytes":           {answer: typed("application/octet-stream", goodItems), want: "live", calls: 1},
		"B12 JSON as nothing":         {answer: typed("", goodItems), want: "live", calls: 1},
		"B13 nothing":                 {answer: crmtest.Answer(200, ``), want: decodeFailed, calls: 1},
		"B13 a list":                  {answer: crmtest.Answer(200, `[]`), want: pathMissing, calls: 1},
		"B13 no such place":           {answer: crmtest.Answer(200, `{"rows":[]}`), want: pathMissing, calls: 1},
		"B13 null":                    {answer: crmtest.Answer(200, `{"items":null}`), want: pathMissing, calls: 1},
		"B13 an object":               {answer: crmtest.Answer(200, `{"items":{"type":"EARN","amount":1}}`), want: pathMissing, calls: 1},
		"B13 a text":                  {answer: crmtest.Answer(200, `{"items":"none"}`), want: pathMissing, calls: 1},
		"B13 an empty list":           {answer: crmtest.Answer(200, `{"items":[]}`), want: "live; reason=no_transactions", calls: 1},
		"B14 to the same place":       {answer: redirectTo("/customers/secret-id"), want: statusFailed, calls: 1},
		"B14 to another host":         {answer: redirectTo("http://other.example/secret-id"), want: "fallback; reason=host_refused", calls: 1},
		"B14 to a file":               {answer: redirectTo("file:///etc/passwd"), want: "fallback; reason=host_refused", calls: 1},
		"B15 200000 records":          {answer: crmtest.Answer(200, `{"items":[`+strings.Repeat(`{"a":1},`, 200_000)+`{}]}`), want: tooLarge, calls: 1},
		"B16 a gzip bomb":             {answer: bomb(500 << 20), want: tooLarge, calls: 1},
		"B17 100000 deep":             {answer: crmtest.Answer(200, `{"items":`+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)+`}`), want: tooLarge, calls: 1},
		"B18 the same name twice":     {answer: crmtest.Answer(200, `{"items":[],"items":[{"type":"EARN","amount":1}]}`), want: decodeFailed, calls: 1},
		"B20 a BOM":                   {answer: crmtest.Answer(200, "\ufeff"+goodItems), want: "live", calls: 1},
		"B20 UTF-16, declared":        {answer: typed("application/json; charset=utf-16le", wide(goodItems)), want: "live", calls: 1},
		"B20 windows-1251, declared":  {answer: typed("application/json; charset=windows-1251", `{"items":[{"type":"EARN","amount":250,"text":"`+"\xc1\xee\xed\xf3\xf1\xfb"+`"}]}`), want: "live", calls: 1},
		"B20 windows-1251, not said":  {answer: crmtest.Answer(200, `{"items":[{"type":"EARN","amount":250,"text":"`+"\xc1\xee\xed\xf3\xf1\xfb"+`"}]}`), want: decodeFailed, calls: 1},
		"B20 a charset of nobody":     {answer: typed("application/json; charset=klingon", goodItems), want: decodeFailed, calls: 1},
	})
}

// TestFaultsOfRecords: one bad record among nine good ones costs nobody the history.
func TestFaultsOfRecords(t *testing.T) {
	faults := map[string]fault{
		"B19 what may not stand in a text": {
			answer: crmtest.Answer(200, oneAnd(`{"type":"EARN","amount":250,"text":"a\u0000b\r\nc\u202e<script>\ud800"}`)),
			want:   "live", body: nineAnd(entry("250", `"a b c`+"\u202e"+`<script>`+"\ufffd"+`"`)), calls: 1,
		},
		"B23 another type": {answer: crmtest.Answer(200, oneAnd(`{"type":"GIFT","amount":1}`)), want: "live; unmatched=1", body: nineAnd(""), calls: 1},
		"B24 a text of a megabyte": {
			answer: crmtest.Answer(200, oneAnd(`{"type":"EARN","amount":250,"text":"`+strings.Repeat("ы", 400_000)+`"}`)),
			want:   "live", body: nineAnd(entry("250", `"`+strings.Repeat("ы", 999)+`…"`)), calls: 1,
		},
		"B21 -0":          {answer: crmtest.Answer(200, oneAnd(`{"type":"EARN","amount":-0}`)), want: "live", body: nineAnd(""), calls: 1},
		"B21 75,25":       {answer: crmtest.Answer(200, oneAnd(`{"type":"EARN","amount":"75,25"}`)), want: "live", body: nineAnd(entry("75.25", `"Бонусы"`)), calls: 1},
		"B21 1 234,00":    {answer: crmtest.Answer(200, oneAnd(`{"type":"EARN","amount":"1 234,00"}`)), want: "live", body: nineAnd(entry("1234", `"Бонусы"`)), calls: 1},
		"B21 2^53+1":      {answer: crmtest.Answer(200, oneAnd(`{"type":"EARN","amount":9007199254740993}`)), want: "live", body: nineAnd(entry("9007199254740993", `"Бонусы"`)), calls: 1},
		"B21 an exponent": {answer: crmtest.Answer(200, oneAnd(`{"type":"EARN","amount":2.5e2}`)), want: "live", body: nineAnd(entry("250", `"Бонусы"`)), calls: 1},
	}
	for _, amount := range []string{`1e999`, `"NaN"`, `"Infinity"`, `1e-400`, strings.Repeat("9", 500_000), `true`, `""`, `null`, `[1]`, `-5`} {
		faults["B21 "+amount[:min(len(amount), 12)]] = fault{answer: crmtest.Answer(200, oneAnd(`{"type":"EARN","amount":`+amount+`}`)), want: "live; skipped=1", body: nineAnd(""), calls: 1}
	}
	for _, at := range []string{
		`0`, `"0000-00-00"`, `"0001-01-01"`, `"0001-01-01T00:00:00"`, `"2024-02-31T00:00:00Z"`, `"2024-01-01T24:00:01Z"`, `"2024-01-01T23:60:00Z"`,
		`"2024-01-01T00:00:00+25:00"`, `"99999-01-01T00:00:00Z"`, `"2024-01-01T00:00:00"`, `1627391774032`, `45000`, `"soon"`, `{}`,
	} {
		faults["B22 "+at] = fault{answer: crmtest.Answer(200, oneAnd(`{"type":"EARN","amount":1,"at":`+at+`}`)), want: "live; skipped=1", body: nineAnd(""), calls: 1}
	}
	proveAll(t, faults)
}

// bomb answers with so many blanks, compressed.
func bomb(size int) http.HandlerFunc {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	blanks := bytes.Repeat([]byte{' '}, 1<<20)
	for range size >> 20 {
		_, _ = writer.Write(blanks)
	}
	_ = writer.Close()
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed.Bytes())
	}
}

// wide is a text in UTF-16, little end first.
func wide(text string) string {
	var out strings.Builder
	for _, unit := range utf16.Encode([]rune(text)) {
		out.Write([]byte{byte(unit), byte(unit >> 8)})
	}
	return out.String()
}
