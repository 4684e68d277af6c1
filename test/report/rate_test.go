package report

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"bonus-adapter/test/rig"
)

// A history of this config takes three requests, of 30 a second that the CRM wants to see.
const (
	limitOfCRM = 30
	callsEach  = 3
	threeSteps = `
adapter:
  keys: ["${env:IRP_KEY}"]
  budget: 2s
  pprof: true
crm:
  base_url: http://%s
  timeout: 1s
  rate: { requests: 30, per: 1s }
  steps:
    - { name: customer, get: "/customers/{{ user }}", keep: { id: body.id } }
    - { name: card, get: "/cards/{{ customer.id }}", keep: { id: body.id } }
    - { name: history, get: "/history/{{ card.id }}" }
mapping:
  records: history.items
  fields: { n: { at: n, as: decimal } }
  rules: [{ added: n }]
  entry: { definitionMessage: '"Бонусы"' }
`
)

// underRate is more customers than the CRM's limit has turns for: what becomes of the turns?
func underRate(t *testing.T, program rig.Binary) string {
	t.Helper()
	crm := newCRM(t, 20*time.Millisecond)
	p := serve(t, program, crm, fmt.Sprintf(threeSteps, crm.address()))
	capacity := limitOfCRM / callsEach
	var text strings.Builder
	var reasons []string
	fmt.Fprintf(&text, `## More than the CRM's limit has turns for

A history takes %d requests, one after the other, and the CRM wants to see %d a second (`+"`crm.rate`"+`): that is %d
histories a second. Wasted are the requests that went into histories which then were not answered.

| asked a second | finished a second | median | 99 %% | slowest | over the budget, at most | shed | 99 %% of these | requests to the CRM, a second | wasted |
|---|---|---|---|---|---|---|---|---|---|
`, callsEach, limitOfCRM, capacity)
	span := 3 * *phase
	for _, rate := range []int{capacity * 8 / 10, capacity * 5, capacity * 10, capacity * 8 / 10} {
		before, began := crm.asked.Load(), time.Now()
		replies := ask(p, rate, span, different)
		took := time.Since(began) // with those that were still waiting at last
		asked := int(crm.asked.Load() - before)
		live, every := of(replies, is("live")), of(replies, all)
		shed := of(replies, func(word string) bool { return word != "live" })
		late := max(every[len(every)-1]-2*time.Second, 0)
		fmt.Fprintf(&text, "| %d | %.1f | %s | %s | %s | %s | %d of %d | %s | %.1f | %d of %d |\n", rate, float64(len(live))/took.Seconds(), at(live, 0.5), at(live, 0.99), at(live, 1),
			milliseconds(late), len(shed), len(replies), at(shed, 0.99), float64(asked)/took.Seconds(), max(asked-callsEach*len(live), 0), asked)
		if len(of(replies, is("none"))) > 0 {
			t.Errorf("%d requests a second: %s", rate, words(replies))
		}
		t.Logf("%d a second: %s", rate, words(replies))
		if rate > capacity {
			reasons = append(reasons, fmt.Sprintf("at %d a second %s", rate, words(replies)))
		}
	}
	fmt.Fprintf(&text, "\nAnswers: %s.\n\n", strings.Join(reasons, "; "))
	return text.String()
}
