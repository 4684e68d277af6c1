package crmtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Capillary plays Capillary's points ledger behind its OAuth login. The ends of a period belong to it, a page has 10
// events, and every event has points of a category that nobody can spend.
type Capillary struct {
	Ledger
	Key, Secret, Source string
}

const capillaryToken = "capillary-token"

// ServeHTTP answers as Capillary does.
func (s *Capillary) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v3/oauth/token/generate", s.login)
	mux.HandleFunc("GET /v2/pointsLedger/getCustomerLedgerInfo", s.ledger)
	switch {
	case r.Method == http.MethodGet && r.Header.Get("X-CAP-API-OAUTH-TOKEN") != capillaryToken:
		w.WriteHeader(http.StatusUnauthorized)
	default:
		mux.ServeHTTP(w, r)
	}
}

func (s *Capillary) login(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Key, Secret string }
	if json.NewDecoder(r.Body).Decode(&asked) != nil || asked.Key != s.Key || asked.Secret != s.Secret {
		say(w, http.StatusUnauthorized, object{"data": nil, "errors": []object{{"code": 401, "message": "invalid credentials"}}})
		return
	}
	say(w, http.StatusOK, object{"data": object{"accessToken": capillaryToken, "ttlSeconds": 300}, "errors": nil})
}

// refuse answers with an error inside a 200.
func (s *Capillary) refuse(w http.ResponseWriter, code int, message string) {
	say(w, http.StatusOK, object{"errors": []object{{"status": false, "code": code, "message": message}}, "warnings": []object{}})
}

func (s *Capillary) ledger(w http.ResponseWriter, r *http.Request) {
	const layout, day, size = "2006-01-02T15:04:05", 24 * time.Hour, 10
	query := r.URL.Query()
	id := query.Get("identifierValue")
	count, known := s.of(id)
	from, badFrom := time.Parse(layout, query.Get("startDate"))
	to, badTo := time.Parse(layout, query.Get("endDate"))
	switch {
	case query.Get("identifierName") != "externalId" || query.Get("source") != s.Source || Asked(r, "limit", size) > size:
		s.refuse(w, 412, "invalid input")
		return
	case badFrom != nil || badTo != nil || to.Sub(from) > 30*day:
		s.refuse(w, 413, "at most 30 days may lie between startDate and endDate")
		return
	case id == Hasty:
		w.WriteHeader(http.StatusTooManyRequests)
		return
	case id == Unlucky:
		s.refuse(w, 500, "it did not work")
		return
	case !known:
		s.refuse(w, 816, "customer not found in the organization")
		return
	}
	var all []object
	for i := range count {
		if at := s.At(i); !at.Before(from) && !at.After(to) {
			all = append(all, s.event(i))
		}
	}
	page := Asked(r, "offset", 0)
	say(w, http.StatusOK, object{
		"ledgerDetails": object{"pageNumber": page, "pageSize": size, "totalEntries": len(all), "pageCount": (len(all) + size - 1) / size},
		"ledgerEntries": list(len(all), page*size, size, func(i int) object { return all[i] }), "warnings": []object{},
	})
}

func (s *Capillary) event(i int) object {
	kind, name, points := "CREDIT", "TransactionAdd", s.Points(i)
	if points < 0 {
		kind, name = "DEBIT", "PointsExpiry"
	}
	return object{
		"eventLogId": 100_000 - i, "eventName": name, "ledgerCreatedDate": s.At(i).Format("2006-01-02 15:04:05.0"), "netPointsOnEvent": fmt.Sprintf("%d.000", points),
		"entryDetails": []object{
			{"ledgerEntryType": kind, "points": fmt.Sprintf("%d.00", points), "pointsCategory": "Main", "programName": "club", "programId": 1},
			{"ledgerEntryType": kind, "points": "500", "pointsCategory": "DelayedAccrualPointCategory", "programName": "club", "programId": 1},
		},
	}
}
