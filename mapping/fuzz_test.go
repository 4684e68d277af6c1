package mapping_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"bonus-adapter/document"
	"bonus-adapter/mapping"
)

func FuzzEntries(f *testing.F) {
	for _, seed := range []string{
		`[]`, `[{}]`, `[1,null,"x"]`, `[{"type":"EARN","amount":1,"at":"2024-01-01"},{"type":"SPEND","amount":"-1 234,5"}]`,
		`[{"type":"BOTH","amount":999999999999999999,"at":"0001-01-01T00:00:00","till":"9999-12-31"}]`,
		`[{"type":"EARN","amount":5,"at":"2024-03-31T02:30:00","info":{"comment":"\u0000x\ny"}},{"type":"EARN","amount":1}]`,
		`[{"type":"EARN","amount":5,"at":1627391774032},{"type":"EARN","amount":5,"at":"1627391774"},{"type":7,"amount":1e-18,"void":true}]`,
	} {
		f.Add([]byte(seed))
	}
	cfg := basic()
	cfg.MaxUnreadable, cfg.Limit = 1, 50
	created := cfg.Fields["created"]
	created.Layout = mapping.Layouts{"rfc3339", "unix_ms", "unix", "02.01.2006 15:04"}
	cfg.Fields["created"] = created
	m := build(f, cfg)
	plan := m.Plan()
	plan.Sources[0].Records = document.Path{}
	f.Fuzz(func(t *testing.T, body []byte) {
		value, err := document.ParseJSON(body, document.Limits{Depth: 64})
		if err != nil {
			return
		}
		list, err := plan.Extract(0, value)
		if err != nil {
			return
		}
		result, err := m.Entries(list, now)
		if result.Records != len(list) || len(result.Problems) > 10 || (err != nil && len(result.Entries) > 0) {
			t.Fatalf("%+v %v", result, err)
		}
		if sum := len(result.Entries) + result.Unreadable + result.Skipped + result.Unmatched; err == nil && len(result.Entries) < cfg.Limit && sum != len(list) {
			t.Fatalf("%d of %d records: %+v", sum, len(list), result)
		}
		for i := range result.Entries {
			checkEntry(t, result.Entries, i)
		}
	})
}

func checkEntry(t *testing.T, entries []mapping.Entry, i int) {
	e := entries[i]
	if e.Added.Sign() < 0 || e.Expired.Sign() < 0 || e.Added.Sign()+e.Expired.Sign() == 0 {
		t.Fatalf("points: %+v", e)
	}
	if i > 0 && e.Activation.Compare(entries[i-1].Activation) > 0 {
		t.Fatalf("not sorted: %v after %v", e.Activation, entries[i-1].Activation)
	}
	if !e.Activation.IsZero() && e.Activation.UnixMilli() < 0 || !e.Expiration.IsZero() && e.Expiration.UnixMilli() < 0 {
		t.Fatalf("before 1970: %+v", e)
	}
	if utf8.RuneCountInString(e.Message) > 1000 || !utf8.ValidString(e.Message) || strings.ContainsFunc(e.Message, unicode.IsControl) {
		t.Fatalf("message: %q", e.Message)
	}
}

func BenchmarkEntries(b *testing.B) {
	m := build(b, basic())
	var all []string
	for i := range 1000 {
		all = append(all, fmt.Sprintf(`{"type":"EARN","amount":%d.5,"at":"2024-%02d-%02d 10:20:30","till":"2025-01-01","info":{"comment":"За покупку %d"}}`, i+1, i%12+1, i%28+1, i))
	}
	list := records(b, m, "["+strings.Join(all, ",")+"]")
	b.ReportAllocs()
	for b.Loop() {
		if result, err := m.Entries(list, now); err != nil || len(result.Entries) != 1000 {
			b.Fatal(err)
		}
	}
}
