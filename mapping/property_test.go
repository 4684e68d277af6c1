package mapping_test

import (
	"fmt"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"bonus-adapter/document"
	"bonus-adapter/mapping"
)

// amounts are numbers as CRMs write them, with signs, scales and separators, beside the exact value of each.
var amounts = rapid.Custom(func(t *rapid.T) [2]string {
	whole := rapid.Int64Range(0, 999_999_999).Draw(t, "whole")
	scale := rapid.IntRange(0, 4).Draw(t, "scale")
	digits := ""
	if scale > 0 {
		digits = fmt.Sprintf("%0*d", scale, rapid.IntRange(0, []int{0, 9, 99, 999, 9999}[scale]).Draw(t, "digits"))
	}
	plain := fmt.Sprint(whole)
	if digits != "" {
		plain += "." + digits
	}
	if rapid.Bool().Draw(t, "negative") {
		plain = "-" + plain
	}
	switch rapid.IntRange(0, 3).Draw(t, "spelling") {
	case 1:
		return [2]string{`"` + plain + `"`, plain}
	case 2:
		if scale != 3 { // 1,234 may be thousands
			return [2]string{`"` + strings.Replace(plain, ".", ",", 1) + `"`, plain}
		}
	case 3:
		return [2]string{plain + "e0", plain}
	}
	return [2]string{plain, plain}
})

// signBased are configs in which the sign of an amount decides, each in its own words.
func signBased() map[string]mapping.Config {
	rules := careful()
	rules.Rules = []mapping.Rule{{When: "amount >= 0", Added: "amount"}, {When: "amount < 0", Expired: "-amount"}}
	kinds := careful()
	kinds.Rules = nil
	kinds.Kinds = mapping.Kinds{Of: "type", Amount: "amount", Signed: mapping.Codes{{Name: "EARN"}, {Name: "SPEND"}}}
	grouped := careful()
	grouped.Rules, grouped.Group = rules.Rules, mapping.Names{"receipt"}
	kopecks := careful()
	kopecks.Rules = []mapping.Rule{{When: "amount >= 0", Added: "amount / 100 * 100"}, {Expired: "abs(amount) * 0.01 / 0.01"}}
	ordered := careful()
	ordered.Rules, ordered.Order = []mapping.Rule{{Added: "max(amount, 0)", Expired: "max(-amount, 0)"}}, "oldest"
	return map[string]mapping.Config{"rules": rules, "kinds": kinds, "grouped": grouped, "kopecks": kopecks, "oldest": ordered}
}

// histories draws a list of records, and the sum of their amounts.
func histories(t *rapid.T) (list string, sum *big.Rat) {
	sum = new(big.Rat)
	var all []string
	for range rapid.IntRange(0, 30).Draw(t, "records") {
		amount := amounts.Draw(t, "amount")
		value, _ := new(big.Rat).SetString(amount[1])
		sum.Add(sum, value)
		all = append(all, fmt.Sprintf(`{"type":%q,"amount":%s,"at":%s,"receipt":%s}`,
			rapid.SampledFrom([]string{"EARN", "SPEND"}).Draw(t, "type"), amount[0],
			rapid.SampledFrom([]string{`"2024-01-01"`, `"2024-01-02"`, `null`, `"2024-01-01T00:00:00+03:00"`}).Draw(t, "at"),
			rapid.SampledFrom([]string{`"a"`, `"b"`, `null`}).Draw(t, "receipt")))
	}
	return "[" + strings.Join(all, ",") + "]", sum
}

func rat(t *rapid.T, number document.Decimal) *big.Rat {
	made, ok := new(big.Rat).SetString(number.String())
	if !ok {
		t.Fatalf("%s is no number", number)
	}
	return made
}

// TestSumsAreConserved: what the CRM added and took is what the customer sees, to the last digit.
func TestSumsAreConserved(t *testing.T) {
	for name, cfg := range signBased() {
		m := build(t, cfg)
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				list, want := histories(rt)
				result, err := m.Entries(records(t, m, list), now)
				if err != nil || result.Unreadable+result.Unmatched > 0 {
					rt.Fatalf("%v %+v", err, result)
				}
				got := new(big.Rat)
				for i := range result.Entries {
					e := &result.Entries[i]
					if e.Added.Sign() < 0 || e.Expired.Sign() < 0 || e.Added.Sign()+e.Expired.Sign() == 0 {
						rt.Fatalf("points: %+v", e)
					}
					got.Add(got, rat(rt, e.Added)).Sub(got, rat(rt, e.Expired))
				}
				if got.Cmp(want) != 0 {
					rt.Fatalf("Σ added − Σ expired is %s, Σ amounts is %s", got.FloatString(6), want.FloatString(6))
				}
			})
		})
	}
}

// TestTheSameRecordsGiveTheSameEntries: in the same order, however often and by whichever way they are asked for; those
// that are equal in time stay as the CRM has them; and every record is accounted for.
func TestTheSameRecordsGiveTheSameEntries(t *testing.T) {
	for name, cfg := range signBased() {
		cfg.Limit = 20
		m := build(t, cfg)
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				text, _ := histories(rt)
				list := records(t, m, text)
				first, _ := m.Entries(list, now)
				again, _ := m.Entries(list, now)
				told, explained, _ := m.Explain(list, now)
				if !reflect.DeepEqual(first, again) || !reflect.DeepEqual(first, explained) {
					rt.Fatalf("%+v\n%+v\n%+v", first, again, explained)
				}
				for i := 1; i < len(first.Entries); i++ {
					a, b := &first.Entries[i-1], &first.Entries[i]
					if a.Activation == b.Activation && a.Record > b.Record {
						rt.Fatalf("record %d stands before %d", a.Record, b.Record)
					}
				}
				shown := slices.DeleteFunc(told, func(one mapping.Told) bool { return one.Fate != mapping.Shown && one.Fate != mapping.BeyondLimit })
				if sum := len(shown) + first.Skipped + first.Grouped; sum != first.Records || len(first.Entries) > cfg.Limit {
					rt.Fatalf("%d of %d records", sum, first.Records)
				}
			})
		})
	}
}
