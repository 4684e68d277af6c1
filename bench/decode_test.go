package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bytedance/sonic"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"
	"github.com/valyala/fastjson"
	"go.uber.org/zap"

	"bonus-adapter/adapter"
	"bonus-adapter/config"
	"bonus-adapter/crm"
	"bonus-adapter/document"
	"bonus-adapter/mapping"
)

// BenchmarkDecoding takes five of twelve members out of a thousand records, or only looks whether they are JSON. What a
// library does not check stands in docs/performance.md.
func BenchmarkDecoding(b *testing.B) {
	text := history(1000)
	m, only := newMapping(b)
	for _, each := range []struct {
		name string
		work func() bool
	}{
		{"sonic.Valid", func() bool { return sonic.Valid(text) }},
		{"json.Valid", func() bool { return json.Valid(text) }},
		{"document", func() bool { return len(records(b, m, only, text)) == 1000 }},
		{"everything behind the CRM", newPipeline(b, m, only, text)},
		{"jsontext, skipped", func() bool {
			return jsontext.NewDecoder(bytes.NewReader(text)).SkipValue() == nil
		}},
		{"encoding json, a struct", func() bool { return decoded(text, json.Unmarshal) == 1000 }},
		{"sonic, a struct", func() bool { return decoded(text, sonic.Unmarshal) == 1000 }},
		{"gjson", func() bool { return withGJSON(text) == 1000 }},
		{"fastjson", func() bool { return withFastJSON(text) == 1000 }},
	} {
		b.Run(each.name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if !each.work() {
					b.Fatal("it is not read")
				}
			}
		})
	}
}

func newMapping(b *testing.B) (*mapping.Mapping, *document.Selection) {
	b.Helper()
	at := func(path string) mapping.Paths {
		parsed, err := document.ParsePath(path)
		if err != nil {
			b.Fatal(err)
		}
		return mapping.Paths{parsed}
	}
	cfg := mapping.DefaultConfig()
	cfg.Records = mapping.Places{"history.data.items"}
	cfg.Fields = map[string]mapping.Field{
		"type": {At: at("type")}, "amount": {At: at("amount"), As: "decimal"}, "created": {At: at("createdAt"), As: "time"},
		"expires": {At: at("expiresAt"), As: "time", Optional: true}, "comment": {At: at("comment"), Optional: true},
	}
	cfg.Rules = []mapping.Rule{{When: `type == "ACCRUAL"`, Added: "amount"}, {When: `type in ["EXPIRE", "SPEND"]`, Expired: "amount"}}
	cfg.Entry = mapping.EntryConfig{DefinitionMessage: `comment ?? "Бонусы"`, ActivationDate: "created", ExpirationDate: "expires"}
	m, err := mapping.New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	only := document.NewSelection()
	only.AddSource(m.Plan().Sources[0], m.Plan().Fields)
	return m, only
}

func records(b *testing.B, m *mapping.Mapping, only *document.Selection, text []byte) []document.Record {
	b.Helper()
	root, err := only.ReadJSON(bytes.NewReader(text), document.Limits{Depth: 64})
	if err != nil {
		b.Fatal(err)
	}
	found, err := m.Plan().Extract(0, root)
	if err != nil {
		b.Fatal(err)
	}
	return found
}

// ledger is a CRM whose answer is there already.
type ledger func() []document.Record

func (l ledger) History(context.Context, crm.Customer) (*crm.History, error) {
	return &crm.History{Records: l(), Pages: 1, Calls: 1}, nil
}

// newPipeline decodes, maps and writes an answer, with all that the adapter does for a request beside the network.
func newPipeline(b *testing.B, m *mapping.Mapping, only *document.Selection, text []byte) func() bool {
	b.Helper()
	cfg := adapter.DefaultConfig()
	cfg.Keys = []config.Secret{config.Plain(key)}
	handler, err := adapter.New(cfg, adapter.Options{
		Ledger: ledger(func() []document.Record { return records(b, m, only, text) }), Mapping: m, Log: zap.NewNop(),
	})
	if err != nil {
		b.Fatal(err)
	}
	return func() bool {
		request := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/bonus-history", strings.NewReader(`{"userIdentifier":"1"}`))
		request.Header.Set("Authorization", "Bearer "+key)
		answer := httptest.NewRecorder()
		handler.ServeHTTP(answer, request)
		return answer.Body.Len() > 100_000
	}
}

func decoded(text []byte, unmarshal func([]byte, any) error) int {
	var history struct {
		Data struct {
			Items []transaction `json:"items"`
		} `json:"data"`
	}
	if unmarshal(text, &history) != nil {
		return 0
	}
	return len(history.Data.Items)
}

var members = []string{"type", "amount", "createdAt", "expiresAt", "comment"}

func withGJSON(text []byte) (count int) {
	gjson.GetBytes(text, "data.items").ForEach(func(_, item gjson.Result) bool {
		read := 0
		item.ForEach(func(name, value gjson.Result) bool {
			for _, member := range members {
				if name.Str == member && value.Exists() {
					read++
				}
			}
			return true
		})
		if read == len(members) {
			count++
		}
		return true
	})
	return count
}

func withFastJSON(text []byte) (count int) {
	var parser fastjson.Parser
	root, err := parser.ParseBytes(text)
	if err != nil {
		return 0
	}
	for _, item := range root.GetArray("data", "items") {
		read := 0
		for _, member := range members {
			if item.Get(member) != nil {
				read++
			}
		}
		if read == len(members) {
			count++
		}
	}
	return count
}
