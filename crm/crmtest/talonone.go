package crmtest

import (
	"fmt"
	"net/http"
	"time"
)

// TalonOne plays Talon.One's Integration API with one profile-based loyalty program. The customer Busy has one lot
// of 7 points that expired.
type TalonOne struct {
	Ledger
	Key     string
	Program string
}

// ServeHTTP answers as Talon.One does.
func (s *TalonOne) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mux := http.NewServeMux()
	profile := "GET /v1/loyalty_programs/" + s.Program + "/profile/{id}/"
	mux.HandleFunc(profile+"transactions", s.transactions)
	mux.HandleFunc(profile+"points", s.points)
	switch {
	case r.Header.Get("Authorization") != "ApiKey-v1 "+s.Key:
		s.refuse(w, http.StatusUnauthorized, "invalid API key")
	default:
		mux.ServeHTTP(w, r)
	}
}

func (s *TalonOne) refuse(w http.ResponseWriter, status int, title string) {
	say(w, status, object{"message": title, "errors": []object{{"title": title, "details": title}}, "StatusCode": status})
}

func (s *TalonOne) transactions(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	count, known := s.of(id)
	switch {
	case !known:
		s.refuse(w, http.StatusNotFound, "no such profile")
		return
	case id == Hasty:
		s.refuse(w, http.StatusTooManyRequests, "too many requests")
		return
	case id == Unlucky:
		s.refuse(w, http.StatusInternalServerError, "internal error")
		return
	}
	s.page(w, r, count, func(i int) object {
		points, kind, start, expiry := s.Points(i), "addition", "immediate", "unlimited"
		if points < 0 {
			points, kind = -points, "subtraction"
		} else if i%2 == 0 {
			start = s.At(i).Format(time.RFC3339)
			expiry = s.At(i).AddDate(1, 0, 0).Format(time.RFC3339)
		}
		return object{
			"transactionUUID": fmt.Sprintf("7c0e4a52-0000-4000-8000-%012d", i), "id": 1 + i, "programId": 1, "subledgerId": "",
			"created": s.At(i).Format(time.RFC3339Nano), "type": kind, "name": "transaction", "startDate": start, "expiryDate": expiry, "amount": points,
		}
	})
}

func (s *TalonOne) points(w http.ResponseWriter, r *http.Request) {
	count, _ := s.of(r.PathValue("id"))
	count = min(count, 1)
	if r.URL.Query().Get("status") != "expired" {
		count = 0
	}
	s.page(w, r, count, func(i int) object {
		return object{
			"transactionUUID": "7c0e4a52-0000-4000-8000-999999999999", "id": 999, "programId": 1, "subledgerId": "", "created": s.At(i).AddDate(-1, 0, 0).Format(time.RFC3339),
			"name": "lot", "startDate": "immediate", "expiryDate": s.At(i).Format(time.RFC3339), "amount": 7,
		}
	})
}

func (s *TalonOne) page(w http.ResponseWriter, r *http.Request, count int, element func(i int) object) {
	size, skip := Asked(r, "pageSize", 50), Asked(r, "skip", 0)
	if size < 1 || size > 1000 || skip < 0 {
		s.refuse(w, http.StatusBadRequest, "pageSize is from 1 to 1000")
		return
	}
	say(w, http.StatusOK, object{"hasMore": skip+size < count, "data": list(count, skip, size, element)})
}
