package report

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"bonus-adapter/test/rig"
)

const overloaded = "rejected; reason=overloaded"

// budget is a CRM that answers nothing: how late is the answer?
func budget(t *testing.T, program rig.Binary) string {
	t.Helper()
	crm := newCRM(t, 0)
	crm.sick.Store(true)
	p := serve(t, program, crm, fmt.Sprintf(strings.Replace(settings, "timeout: 1s", "timeout: 5s", 1), "", crm.address(), "  breaker: { requests: 100000 }"))
	took := of(ask(p, 20, *phase, different), is("fallback; reason=crm_timeout"))
	return fmt.Sprintf(`## A CRM that never answers

The budget is 2 s, and an attempt could last longer. %d requests: all have the answer %s after %s to %s: at
most %s later than the budget.

`, len(took), "`crm_timeout`", at(took, 0), at(took, 1), milliseconds(max(took[len(took)-1]-2*time.Second, 0)))
}

// overload is ten times as many requests as can be answered.
func overload(t *testing.T, program rig.Binary) string {
	t.Helper()
	crm := newCRM(t, 50*time.Millisecond)
	p := serve(t, program, crm, fmt.Sprintf(settings, "  limits: { concurrent: 2, queue: 4 }", crm.address(), ""))
	var text strings.Builder
	fmt.Fprint(&text, `## Ten times the capacity

The CRM takes 50 ms, and two histories are asked for at once (`+"`adapter.limits.concurrent: 2`"+`, `+"`queue: 4`"+`): that
is 40 a second.

| asked a second | answered a second | median | 99 % | refused with 503 | 99 % of these |
|---|---|---|---|---|---|
`)
	late := time.Duration(0)
	for _, rate := range []int{32, 400, 32} {
		replies := ask(p, rate, *phase, different)
		every := of(replies, all)
		late = max(late, every[len(every)-1]-2*time.Second)
		live, refused := of(replies, is("live")), of(replies, is(overloaded))
		fmt.Fprintf(&text, "| %d | %.1f | %s | %s | %d of %d | %s |\n", rate, float64(len(live))/phase.Seconds(), at(live, 0.5), at(live, 0.99), len(refused), len(replies), at(refused, 0.99))
		if len(live)+len(refused) != len(replies) {
			t.Errorf("at %d a second, of %d requests %d are answered and %d refused", rate, len(replies), len(live), len(refused))
		}
	}
	fmt.Fprintf(&text, "\nNo answer came later than the budget by more than %s. The CRM never saw more than %d requests at once. Refused requests never reach it.\n\n",
		milliseconds(late), crm.most.Load())
	return text.String()
}

// herd is many requests for one customer at the same moment.
func herd(t *testing.T, program rig.Binary) string {
	t.Helper()
	crm := newCRM(t, 300*time.Millisecond)
	p := serve(t, program, crm, fmt.Sprintf(settings, "", crm.address(), ""))
	var mu sync.Mutex
	var replies []reply
	var asking sync.WaitGroup
	for range 500 {
		asking.Go(func() {
			got, err := p.Ask(t.Context(), 5*time.Second, "one")
			if err != nil {
				got.History = "none"
			}
			mu.Lock()
			defer mu.Unlock()
			replies = append(replies, reply{0, got.Took, got.History})
		})
	}
	asking.Wait()
	live := of(replies, is("live"))
	return fmt.Sprintf(`## Five hundred requests for one customer at once

The CRM takes 300 ms, answers are not kept (%s). %d of 500 are answered, median %s, the last after %s. The CRM
was asked %d times.

`, "`adapter.cache: off`", len(live), at(live, 0.5), at(live, 1), crm.asked.Load())
}

// outage is a CRM that dies and comes back: first its machine refuses connections, then it takes them and says nothing.
func outage(t *testing.T, program rig.Binary) string {
	t.Helper()
	var text strings.Builder
	fmt.Fprintf(&text, `## A CRM that is dead, and back

20 requests a second, for other customers each: two phases with a CRM that is well, %s with a dead one, two phases after it is back.

| how it is dead | attempts while dead | median answer | 99 %% | slowest | first history after it is back | answers while dead |
|---|---|---|---|---|---|---|
`, *death)
	for _, how := range []string{"refuses connections", "says nothing"} {
		text.WriteString(dead(t, program, how))
	}
	fmt.Fprint(&text, `
The breaker opens when half of the requests of a minute have failed: here, after as many as were good before. It stays
open for ten seconds, a fifth more or less, and lets three probes through then.
`)
	return text.String()
}

func dead(t *testing.T, program rig.Binary, how string) string {
	t.Helper()
	crm := newCRM(t, 20*time.Millisecond)
	proxy := rig.NewProxy(t, crm.address())
	p := program.Serve(t, fmt.Sprintf(settings, "", proxy.Address, ""))
	p.Frees(proxy.Down)
	well := ask(p, 20, 2**phase, different)
	if live := of(well, is("live")); len(live) != len(well) {
		t.Errorf("of %d requests to a CRM that is well %d are answered", len(well), len(live))
	}
	before := attempts(p)
	if how == "says nothing" {
		crm.sick.Store(true)
	} else {
		proxy.Down()
	}
	sick := ask(p, 20, *death, different)
	during := attempts(p) - before
	if crm.sick.Swap(false); how != "says nothing" {
		proxy.Up(t)
	}
	back := ask(p, 20, max(2**phase, 15*time.Second), different)
	first := "never"
	for _, r := range back {
		if r.word == "live" && (first == "never" || r.at < firstAt(back)) {
			first = fmt.Sprintf("%.1f s", firstAt(back).Seconds())
			break
		}
	}
	took := of(sick, all)
	return fmt.Sprintf("| it %s | %d of %d requests | %s | %s | %s | %s | %s |\n", how, during, len(sick), at(took, 0.5), at(took, 0.99), at(took, 1), first, words(sick))
}

// firstAt is when the earliest request was asked that was answered with a history.
func firstAt(replies []reply) time.Duration {
	first := time.Hour
	for _, r := range replies {
		if r.word == "live" {
			first = min(first, r.at)
		}
	}
	return first
}

// words counts answers by their reason.
func words(replies []reply) string {
	count := map[string]int{}
	for _, r := range replies {
		_, reason, found := strings.Cut(r.word, "reason=")
		if !found {
			reason = r.word
		}
		count[reason]++
	}
	var text []string
	for _, reason := range sorted(count) {
		text = append(text, fmt.Sprintf("%d `%s`", count[reason], reason))
	}
	return strings.Join(text, ", ")
}
