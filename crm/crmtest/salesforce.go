package crmtest

import (
	"fmt"
	"net/http"
)

// Salesforce plays Salesforce Loyalty Management behind its login, which tells the address of the API: the server's own.
// Every journal also changes the points of a tier, which nobody can spend.
type Salesforce struct {
	Ledger
	ClientID, ClientSecret string
	Program                string
}

const salesforceToken = "salesforce-token"

// ServeHTTP answers as Salesforce does.
func (s *Salesforce) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /services/oauth2/token", s.login)
	mux.HandleFunc("GET /services/data/v58.0/loyalty/programs/{program}/members/{member}/transaction-ledger-summary", s.summary)
	switch {
	case r.Method == http.MethodGet && r.Header.Get("Authorization") != "Bearer "+salesforceToken:
		s.refuse(w, http.StatusUnauthorized, "INVALID_SESSION_ID")
	default:
		mux.ServeHTTP(w, r)
	}
}

func (s *Salesforce) refuse(w http.ResponseWriter, status int, code string) {
	say(w, status, []object{{"errorCode": code, "message": code}})
}

func (s *Salesforce) login(w http.ResponseWriter, r *http.Request) {
	if r.PostFormValue("grant_type") != "client_credentials" || r.PostFormValue("client_id") != s.ClientID || r.PostFormValue("client_secret") != s.ClientSecret {
		say(w, http.StatusBadRequest, object{"error": "invalid_client", "error_description": "invalid client credentials"})
		return
	}
	say(w, http.StatusOK, object{"access_token": salesforceToken, "token_type": "Bearer", "instance_url": "http://" + r.Host, "issued_at": "1"})
}

func (s *Salesforce) summary(w http.ResponseWriter, r *http.Request) {
	const size = 200
	member := r.PathValue("member")
	count, known := s.of(member)
	page := Asked(r, "pageNumber", 1)
	switch {
	case r.PathValue("program") != s.Program || page < 1:
		s.refuse(w, http.StatusNotFound, "NOT_FOUND")
		return
	case member == Hasty:
		s.refuse(w, http.StatusTooManyRequests, "REQUEST_LIMIT_EXCEEDED")
		return
	case !known || member == Unlucky:
		say(w, http.StatusOK, object{"status": false, "message": "no such member", "transactionJournalCount": 0, "transactionJournals": []object{}})
		return
	}
	journals := list(count, (page-1)*size, size, func(i int) object {
		return object{
			"activityDate": s.At(i).Format("2006-01-02T15:04:05.000Z"), "journalTypeName": "Accrual", "transactionJournalId": fmt.Sprintf("0lV%09d", i),
			"additionalTransactionJournalAttributes": []object{},
			"pointsChange": []object{
				{"changeInPoints": float64(s.Points(i)), "loyaltyMemberCurrency": "Reward Points"}, {"changeInPoints": 1000.0, "loyaltyMemberCurrency": "Tier Points"},
			},
		}
	})
	say(w, http.StatusOK, object{"status": true, "message": nil, "transactionJournalCount": len(journals), "transactionJournals": journals})
}
