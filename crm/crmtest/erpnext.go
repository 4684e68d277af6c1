package crmtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// ERPNext plays the list of Loyalty Point Entry. A row has the fields that were asked for, or its name alone.
type ERPNext struct {
	Ledger
	Key, Secret string
}

// ServeHTTP answers as ERPNext does.
func (s *ERPNext) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Header.Get("Authorization") != "token "+s.Key+":"+s.Secret:
		s.refuse(w, http.StatusUnauthorized, "AuthenticationError")
	case r.Method != http.MethodGet || r.URL.Path != "/api/resource/Loyalty Point Entry":
		s.refuse(w, http.StatusNotFound, "DoesNotExistError")
	default:
		s.entries(w, r)
	}
}

func (s *ERPNext) refuse(w http.ResponseWriter, status int, kind string) {
	say(w, status, object{"exc_type": kind, "exception": "frappe.exceptions." + kind, "_server_messages": `["{\"message\": \"` + kind + `\"}"]`})
}

func (s *ERPNext) entries(w http.ResponseWriter, r *http.Request) {
	fields, filters := []string{"name"}, [][4]string{}
	if text := r.URL.Query().Get("fields"); text != "" && json.Unmarshal([]byte(text), &fields) != nil {
		s.refuse(w, http.StatusExpectationFailed, "DataError")
		return
	}
	err := json.Unmarshal([]byte(r.URL.Query().Get("filters")), &filters)
	if err != nil || len(filters) != 1 || filters[0][1] != "customer" || filters[0][2] != "=" {
		s.refuse(w, http.StatusExpectationFailed, "DataError")
		return
	}
	switch filters[0][3] {
	case Hasty:
		s.refuse(w, http.StatusTooManyRequests, "RateLimitExceededError")
		return
	case Unlucky:
		s.refuse(w, http.StatusForbidden, "PermissionError")
		return
	}
	count, _ := s.of(filters[0][3]) // who is not known has an empty list
	rows := list(count, Asked(r, "limit_start", 0), Asked(r, "limit_page_length", 20), func(i int) object {
		row, given := s.row(i), object{}
		for _, field := range fields {
			given[field] = row[field]
		}
		return given
	})
	say(w, http.StatusOK, object{"data": rows})
}

func (s *ERPNext) row(i int) object {
	posted := s.At(i)
	return object{
		"name": fmt.Sprintf("LPE-%05d", 90_000-i), "loyalty_points": s.Points(i), "posting_date": posted.Format(time.DateOnly), "expiry_date": posted.AddDate(1, 0, 0).Format(time.DateOnly),
		"invoice_type": "Sales Invoice", "invoice": fmt.Sprintf("ACC-SINV-%05d", 90_000-i), "redeem_against": nil,
	}
}
