package crmtest

import (
	"encoding/base64"
	"fmt"
	"net/http"
)

// Smile plays Smile.io's list of points transactions. Its customers are numbers, of which Busy is one. One
// who is not known has an empty list, and SmileHasty asks too often: how Smile itself answers is not known.
type Smile struct {
	Ledger
	Key string
}

// ServeHTTP answers as Smile does.
func (s *Smile) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/points_transactions", s.transactions)
	switch {
	case r.Header.Get("Authorization") != "Bearer "+s.Key:
		say(w, http.StatusUnauthorized, object{})
	default:
		mux.ServeHTTP(w, r)
	}
}

// SmileHasty is the customer Hasty, whom only a number can name here.
const SmileHasty = "98765"

const smileCursor = "id:%d,direction:next"

func (s *Smile) transactions(w http.ResponseWriter, r *http.Request) {
	size, id, offset := Asked(r, "limit", 50), Asked(r, "customer_id", -1), 0
	if cursor, err := base64.StdEncoding.DecodeString(r.URL.Query().Get("cursor")); err != nil || len(cursor) > 0 {
		if _, err := fmt.Sscanf(string(cursor), smileCursor, &offset); err != nil {
			say(w, http.StatusBadRequest, object{})
			return
		}
	}
	if size < 1 || size > 250 || id < 0 {
		say(w, http.StatusBadRequest, object{})
		return
	}
	if id == number(SmileHasty) {
		say(w, http.StatusTooManyRequests, object{})
		return
	}
	count, _ := s.of(r.URL.Query().Get("customer_id"))
	next := ""
	if offset+size < count {
		next = base64.StdEncoding.EncodeToString(fmt.Appendf(nil, smileCursor, offset+size))
	}
	found := list(count, offset, size, func(i int) object {
		at := s.At(i).Format("2006-01-02T15:04:05.000Z")
		return object{"id": 100_000 - i, "customer_id": id, "points_change": s.Points(i), "description": "transaction", "internal_note": "for the staff only", "created_at": at, "updated_at": at}
	})
	say(w, http.StatusOK, object{"points_transactions": found, "metadata": object{"next_cursor": next, "previous_cursor": ""}})
}
