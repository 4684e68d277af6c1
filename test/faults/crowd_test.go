package faults

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"bonus-adapter/crm/crmtest"

	"bonus-adapter/test/rig"
)

// TestACrowdBeforeASilentCRM is A12: five hundred at once, and a CRM that never answers. Nobody waits longer than the
// budget, the CRM sees no more at once than it may, and afterwards it is left alone.
func TestACrowdBeforeASilentCRM(t *testing.T) {
	crowd := crmtest.NewCrowd(10_000)
	s := newStage(t, strings.Replace(settings, "requests: 100000", "open: 1m, requests: 20", 1), crowd.Hold(good))
	before := s.Figures(t)
	var all sync.WaitGroup
	var mu sync.Mutex
	words := map[string]int{}
	for i := range 500 {
		all.Go(func() {
			got, err := s.Ask(t.Context(), patience+rig.Patience, fmt.Sprint(i)) // a slow machine may take long to ask so often
			if err != nil {
				got.History = "no answer"
			}
			mu.Lock()
			defer mu.Unlock()
			words[fmt.Sprint(got.Status, " ", got.History)]++
		})
	}
	all.Wait()
	t.Logf("%v, the CRM saw %d at once", words, crowd.Most())
	for word := range words {
		switch word {
		case "200 fallback; reason=crm_timeout", "200 fallback; reason=breaker_open", "200 fallback; reason=crm_busy", "503 rejected; reason=overloaded":
		default:
			t.Errorf("%q", word)
		}
	}
	// 64 are asked for at once, and 72 connections is the most: the CRM notices late that a request was given up.
	if crowd.Most() > 72 || words["200 fallback; reason=crm_timeout"] < 20 {
		t.Errorf("%d at once", crowd.Most())
	}
	asked := len(s.crm.Asked())
	for range 20 {
		s.expect(t, "later", "fallback; reason=breaker_open")
	}
	if more := len(s.crm.Asked()) - asked; more > 0 {
		t.Errorf("%d more requests to a CRM that is to be left alone", more)
	}
	if after := s.Figures(t); after.RSS > before.RSS+64<<20 && !rig.Racing() {
		t.Errorf("memory: %d MiB before, %d MiB after", before.RSS>>20, after.RSS>>20)
	}
}

// TestTheLogHoldsNothingOfTheCRM (A20): what a CRM sends unasked, on a connection that is kept, is printed by nobody.
func TestTheLogHoldsNothingOfTheCRM(t *testing.T) {
	body := fmt.Sprintf(`{"items":[%s]}`, record)
	whole := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	s := newScene(t, "", crmtest.Kept(whole+strings.ReplaceAll(whole, "Покупка", "poison!"), whole))
	for i := range 10 {
		s.expect(t, fmt.Sprint(i), "live")
	}
	s.expectSilence(t, "poison", "Unsolicited", "items")
}

func (s *scene) expectSilence(t *testing.T, words ...string) {
	t.Helper()
	for _, word := range words {
		if strings.Contains(s.Log.String(), word) {
			t.Errorf("the log holds %q", word)
		}
	}
}

// TestBombs is B15 and B16 seen from outside: answers that grow without an end, one after the other, cost no more memory
// than a few of the largest that are allowed.
func TestBombs(t *testing.T) {
	var packed bytes.Buffer
	writer, _ := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
	for range 200 {
		_, _ = writer.Write(bytes.Repeat([]byte{' '}, 1<<20))
	}
	_ = writer.Close()
	endless := crmtest.Endless("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "8000\r\n"+strings.Repeat(" ", 0x8000)+"\r\n", nil)
	s := newStage(t, strings.NewReplacer("budget: 2s", "budget: 40s", "timeout: 1s", "timeout: 30s\n  limits: { body: 4MiB }", "window: 1m", "window: 10m").Replace(settings), func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.Contains(r.URL.Path, "packed"):
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(packed.Bytes())
		case strings.Contains(r.URL.Path, "endless"):
			endless(w, r)
		default:
			good(w, r)
		}
	})
	s.waits = rig.Patience // its memory is judged here, not its time
	s.expect(t, "before", "live")
	before := s.Figures(t)
	for i := range 10 {
		s.expect(t, fmt.Sprint("packed-", i), "fallback; reason=too_large")
		s.expect(t, fmt.Sprint("endless-", i), "fallback; reason=too_large")
	}
	after := s.Figures(t)
	t.Logf("memory: %d MiB before, %d MiB after", before.RSS>>20, after.RSS>>20)
	if after.RSS > before.RSS+48<<20 && !rig.Racing() { // the race detector keeps a book of all memory
		t.Errorf("memory: %d MiB before, %d MiB after", before.RSS>>20, after.RSS>>20)
	}
	s.expect(t, "after", "live")
	if asked := len(s.crm.Asked()); asked != 22 {
		t.Errorf("the CRM was asked %d times", asked)
	}
}

// TestAFailingCRMSeesLittleMore: a CRM that answers 503 to everything is asked again for a tenth of the requests, and one
// a second: not for each. The breaker does not help here.
func TestAFailingCRMSeesLittleMore(t *testing.T) {
	s := newScene(t, "  retry: { wait: 1ms }", crmtest.Answer(503, ``))
	const requests = 300
	for i := range requests {
		got, err := s.Ask(t.Context(), patience, fmt.Sprint(i))
		if err != nil || got.History != "fallback; reason=crm_status" {
			t.Fatalf("%v %q", err, got.History)
		}
	}
	if asked := len(s.crm.Asked()); asked < requests+10 || asked > requests*12/10 {
		t.Errorf("%d requests came to the CRM, of %d", asked, requests)
	}
}
