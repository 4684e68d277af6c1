package mapping

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"bonus-adapter/document"
)

// TestTheUsualFormIsReadAsAllForms: what is read in a shorter way is read alike, and nothing else is read so.
func TestTheUsualFormIsReadAsAllForms(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test
	zones := []string{"Z", "+03:00", "-11:45", "+24:00", "+03:60", "+0300", "", "z", " +03:00", "+3:00", "+0a:00"}
	general := &clock{layouts: []layout{{form: formISO}}}
	usual := 0
	for range 100_000 {
		text := fmt.Sprintf("%04d-%02d-%02dT%02d:%02d:%02d%s", random.IntN(10_000), random.IntN(14), random.IntN(33), random.IntN(26), random.IntN(62), random.IntN(62), zones[random.IntN(len(zones))])
		if random.IntN(4) == 0 {
			broken := []byte(text)
			broken[random.IntN(len(broken))] = "0 a/:-T.\x30"[random.IntN(9)]
			text = string(broken)
		}
		seconds, is := readUsual(text)
		if !is {
			continue
		}
		usual++
		if long, why := general.read(document.Text, text); why != "" || long != document.TimeDatum(time.Unix(seconds, 0)) {
			t.Fatalf("%q: %d, in any form: %s %s", text, seconds, long, why)
		}
	}
	if usual < 10_000 {
		t.Errorf("only %d of them were of the usual form", usual)
	}
}
