package infer_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"bonus-adapter/cmd/bonus-adapter/infer"
)

// TestSignsAgainstWords: what a negation says is no word for earned points, and signs that are the contrary of what
// customers read are asked about, not trusted.
func TestSignsAgainstWords(t *testing.T) {
	for name, c := range map[string]struct {
		records []string // the type, the amount and the text of each
		asked   string   // a part of a question; every rule waits for its answer
		rules   int      // rules and groups that wait for none
	}{
		"negations":         {[]string{`"Начислено", 10, "x"`, `"Не начислено", 20, "x"`, `"not_redeemed", 30, "x"`}, `"Не начислено" seen once`, 1},
		"the shop's ledger": {[]string{`"01", -10, "Начисление за покупку"`, `"02", 20, "Списание"`, `"01", -30, "Начисление за отзыв"`}, "are earned points written with a minus?", 0},
		"texts that agree":  {[]string{`"01", 10, "Начисление за покупку"`, `"02", -20, "Списание"`, `"01", 30, "Оплата заказа"`}, "", 2},
	} {
		t.Run(name, func(t *testing.T) {
			var records []string
			for i, record := range c.records {
				var kind, text string
				var points int
				if err := json.Unmarshal([]byte("["+record+"]"), &[]any{&kind, &points, &text}); err != nil {
					t.Fatal(err)
				}
				records = append(records, fmt.Sprintf(`{"type":%q,"points":%d,"title":%q,"date":"2024-01-%02dT10:00:00Z"}`, kind, points, text, i+1))
			}
			body := `{"data":[` + strings.Join(records, ",") + `]}`
			proposal, err := infer.Propose([]infer.Sample{{Name: "history.json", Body: []byte(body)}})
			if err != nil {
				t.Fatal(err)
			}
			told := 0
			for _, group := range proposal.Kinds {
				if !group.Ask {
					told += len(group.Codes)
				}
			}
			for _, rule := range proposal.Rules {
				if !rule.Ask {
					told++
				}
			}
			if told != c.rules || !strings.Contains(strings.Join(proposal.Asked, "\n"), c.asked) {
				t.Errorf("%d are told, asked: %q\nrules: %+v\nkinds: %+v", told, proposal.Asked, proposal.Rules, proposal.Kinds)
			}
		})
	}
}

// TestNoSilentWrongSign makes up histories whose codes mean what they mean, whatever they look like: some have a word
// that tells it, some a word that may mean either, some none. Whatever is proposed without a question has to be right.
func TestNoSilentWrongSign(t *testing.T) {
	comes := []string{"EARN", "accrual", "Начисление", "bonus_added", "PurchaseCredit", "WELCOME"}
	goes := []string{"SPEND", "Redeem", "списание_по_чеку", "EXPIRE", "pointsBurned", "debit"}
	open := []string{"X17", "CANCEL", "REFUND", "adjustment", "Возврат", "3", "TRANSFER", "cancel_of_credit", "PENDING_ADDED", "movement"}
	told := 0
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // the same histories every time
		signed := random.IntN(2) == 0
		truth := map[string]bool{} // code: it adds points
		var codes []string
		for range 2 + random.IntN(4) {
			var code string
			switch random.IntN(3) {
			case 0:
				code = comes[random.IntN(len(comes))]
				truth[code] = true
			case 1:
				code = goes[random.IntN(len(goes))]
				truth[code] = false
			default:
				code = open[random.IntN(len(open))]
				if _, known := truth[code]; !known {
					truth[code] = random.IntN(2) == 0
				}
			}
			codes = append(codes, code)
		}
		var records []string
		for i := range 3 + random.IntN(9) {
			code, amount := codes[i%len(codes)], 1+random.IntN(500)
			if signed && !truth[code] {
				amount = -amount
			}
			records = append(records, fmt.Sprintf(`{"type":%q,"points":%d,"date":"2024-01-%02dT10:00:00Z"}`, code, amount, i+1))
		}
		body := `{"data":[` + strings.Join(records, ",") + `]}`
		proposal, err := infer.Propose([]infer.Sample{{Name: "history.json", Body: []byte(body)}})
		if err != nil {
			t.Fatalf("%v\n%s", err, body)
		}
		for _, group := range proposal.Kinds {
			for _, code := range group.Codes {
				if told++; !group.Ask && truth[code] != (group.Name == "added") {
					t.Errorf("%s is %s\n%s", code, group.Name, body)
				}
			}
		}
		for _, rule := range proposal.Rules {
			if asked := rule.Ask || strings.Contains(strings.Join(rule.Notes, " "), "ASK"); asked || strings.Contains(rule.When, "points") {
				continue
			}
			for code, adds := range truth {
				if told++; strings.Contains(rule.When, fmt.Sprintf("%q", code)) && adds != (rule.Added != "") {
					t.Errorf("%s: %+v\n%s", code, rule, body)
				}
			}
			if !signed && strings.Contains(rule.When, "amount >= 0") {
				t.Errorf("a sign is trusted where there is none: %+v\n%s", rule, body)
			}
		}
	}
	if told < 400 {
		t.Errorf("only %d codes were judged", told)
	}
}
