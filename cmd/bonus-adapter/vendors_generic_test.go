package main

import (
	"encoding/base64"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"testing"

	bonusadapter "bonus-adapter"
	"bonus-adapter/cmd/bonus-adapter/replay"
	"bonus-adapter/crm/crmtest"
)

// genericTests put each starting point in front of a server that gives the answers of the preset's case kinds, in their
// order, to whoever has the credentials.
func genericTests(t *testing.T) []vendorTest {
	t.Helper()
	bearer := map[string]string{"CRM_URL": "URL", "CRM_TOKEN": "crm-token"}
	basic := map[string]string{"CRM_URL": "URL", "CRM_USER": "crm-user", "CRM_PASSWORD": "crm-password"}
	var all []vendorTest
	for _, one := range []struct {
		preset string
		env    map[string]string
		wrong  string
	}{{"rest", bearer, "CRM_TOKEN"}, {"graphql", bearer, "CRM_TOKEN"}, {"sql-rest", bearer, "CRM_TOKEN"}, {"soap", basic, "CRM_PASSWORD"}, {"odata", basic, "CRM_PASSWORD"}} {
		authorization := "Bearer crm-token"
		if one.wrong == "CRM_PASSWORD" {
			authorization = "Basic " + base64.StdEncoding.EncodeToString([]byte("crm-user:crm-password"))
		}
		folder, answers := kindsOf(t, one.preset)
		irp, err := fs.ReadFile(folder, replay.IRPFile)
		if err != nil {
			t.Fatal(err)
		}
		told, first := summary(t, string(irp))
		all = append(all, vendorTest{
			one.preset, &recorded{folder: folder, answers: answers, authorization: authorization}, one.env,
			[]askedOf{{crmtest.Busy, "live", told, first}},
			one.wrong,
		})
	}
	return all
}

func kindsOf(t *testing.T, preset string) (fs.FS, []replay.Answer) {
	t.Helper()
	folder, err := fs.Sub(bonusadapter.Presets, path.Join("presets", preset, casesFolder, "kinds"))
	if err != nil {
		t.Fatal(err)
	}
	record, err := openCase(folder, preset)
	if err != nil {
		t.Fatal(err)
	}
	return folder, record.Answers
}

// recorded is a server that gives the answers of a case in their order. It is safe for concurrent use.
type recorded struct {
	folder        fs.FS
	answers       []replay.Answer
	authorization string

	mu    sync.Mutex
	given int
}

// ServeHTTP gives the next answer.
func (s *recorded) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("Authorization") != s.authorization {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.given == len(s.answers) || !strings.HasPrefix(s.answers[s.given].Request, r.Method+" "+r.URL.Path) {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	s.given++
	http.ServeFileFS(w, r, s.folder, s.answers[s.given-1].Body)
}

// TestStartingPointsAreShort: they are to be read before they are changed.
func TestStartingPointsAreShort(t *testing.T) {
	for _, one := range allPresets(t) {
		if lines := strings.Count(strings.TrimSpace(configOf(t, one)), "\n") + 1; one.Rank == rankGeneric && lines > 40 {
			t.Errorf("%s has %d lines", one.Name, lines)
		}
	}
}
