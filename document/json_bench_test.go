package document

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// historyOf is an answer as CRMs give them: records of twelve members, of which five are read.
func historyOf(records int) []byte {
	var text strings.Builder
	text.WriteString(`{"success":true,"data":{"items":[`)
	for i := range records {
		if i > 0 {
			text.WriteByte(',')
		}
		_, _ = fmt.Fprintf(&text, `{"id":%d,"type":"ACCRUAL","amount":%d.50,"createdAt":"2026-08-%02dT10:%02d:00+03:00","expiresAt":"2027-08-01T00:00:00+03:00",`+
			`"comment":"За покупку %d","order":{"id":%d,"number":"A-%d"},"shop":"Shop on the corner","cashier":"cashier 12","status":"DONE","balance":%d,"tags":["a","b"]}`,
			i, i, i%28+1, i%60, i, i, i, i*3)
	}
	text.WriteString(`]},"meta":{"totalPages":1}}`)
	return []byte(text.String())
}

func benchmarkPlan(b *testing.B) Plan {
	b.Helper()
	plan := Plan{Sources: []Source{{Step: "history", Records: pathOf(b, "data.items")}}}
	for _, field := range []string{"type", "amount", "createdAt", "expiresAt", "comment"} {
		plan.Fields = append(plan.Fields, pathOf(b, field))
	}
	return plan
}

func pathOf(t testing.TB, source string) Path {
	t.Helper()
	path, err := ParsePath(source)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// BenchmarkHistory takes the records out of an answer; json.Valid and a struct of the five members are the yardsticks.
func BenchmarkHistory(b *testing.B) {
	plan := benchmarkPlan(b)
	selection := NewSelection()
	selection.AddPath(pathOf(b, "success"))
	selection.AddPath(pathOf(b, "meta.totalPages"))
	selection.AddSource(plan.Sources[0], plan.Fields)
	extract := func(b *testing.B, parse func([]byte, Limits) (Value, error), text []byte, records int) {
		value, err := parse(text, Limits{Depth: 64})
		if err != nil {
			b.Fatal(err)
		}
		if got, err := plan.Extract(0, value); err != nil || len(got) != records {
			b.Fatal(len(got), err)
		}
	}
	for _, records := range []int{1, 20, 1000} {
		text := historyOf(records)
		for name, work := range map[string]func(b *testing.B){
			"selected":   func(b *testing.B) { extract(b, selection.ParseJSON, text, records) },
			"everything": func(b *testing.B) { extract(b, ParseJSON, text, records) },
			"valid": func(b *testing.B) {
				if !json.Valid(text) {
					b.Fatal()
				}
			},
			"struct": func(b *testing.B) {
				var history struct {
					Data struct {
						Items []struct {
							Type, CreatedAt, ExpiresAt, Comment string
							Amount                              json.Number
						}
					}
				}
				if err := json.Unmarshal(text, &history); err != nil || len(history.Data.Items) != records {
					b.Fatal(err)
				}
			},
		} {
			b.Run(fmt.Sprintf("%d/%s", records, name), func(b *testing.B) {
				b.SetBytes(int64(len(text)))
				b.ReportAllocs()
				for b.Loop() {
					work(b)
				}
			})
		}
	}
}
