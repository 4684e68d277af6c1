package report

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"

	"bonus-adapter/test/rig"
)

// reply is one answer, and when it was asked for.
type reply struct {
	at, took time.Duration
	word     string // what the header says, or why there is none
}

// ask sends requests at a rate for a time, each for another customer if customers is so. It returns when all are answered.
func ask(p *rig.Program, rate int, span time.Duration, customer func(i int) string) []reply {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 512, MaxConnsPerHost: 512}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var all []reply
	var asking sync.WaitGroup
	begin := time.Now()
	for i := range int(span.Seconds() * float64(rate)) {
		due := begin.Add(time.Duration(i) * time.Second / time.Duration(rate))
		<-time.After(time.Until(due))
		asking.Go(func() {
			got, err := rig.Ask(context.Background(), client, p.URL+"/bonus-history", 5*time.Second, customer(i))
			// From when it was due: a caller who is kept waiting by the one before waits too.
			r := reply{due.Sub(begin), time.Since(due), got.History}
			if err != nil {
				r.word = "none"
			}
			mu.Lock()
			defer mu.Unlock()
			all = append(all, r)
		})
	}
	asking.Wait()
	return all
}

func different(i int) string { return fmt.Sprint("customer-", i) }

// of gives how long the answers took of which word tells so, sorted.
func of(replies []reply, word func(string) bool) []time.Duration {
	var took []time.Duration
	for _, r := range replies {
		if word(r.word) {
			took = append(took, r.took)
		}
	}
	slices.Sort(took)
	return took
}

func is(words ...string) func(string) bool {
	return func(word string) bool { return slices.Contains(words, word) }
}

func all(string) bool { return true }

// at gives a quantile, as text.
func at(sorted []time.Duration, quantile float64) string {
	if len(sorted) == 0 {
		return "–"
	}
	return milliseconds(sorted[min(int(quantile*float64(len(sorted))), len(sorted)-1)])
}

func milliseconds(d time.Duration) string {
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

var callsOf = regexp.MustCompile(`"calls":(\d+)`)

// attempts sums up how many requests the program says to have sent to the CRM.
func attempts(p *rig.Program) (sum int) {
	for _, match := range callsOf.FindAllStringSubmatch(p.Log.String(), -1) {
		calls, _ := strconv.Atoi(match[1])
		sum += calls
	}
	return sum
}

func sorted(count map[string]int) []string { return slices.Sorted(maps.Keys(count)) }
