package crmtest

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// Voucherify plays Voucherify's Loyalty v2. The customer Busy has two cards, and every
// other transaction is on the second one; Newbie has no membership. Pending points, and a rejected transaction, are among those of the first.
type Voucherify struct {
	Ledger
	ID, Token string
}

// ServeHTTP answers as Voucherify does.
func (s *Voucherify) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v2/loyalties/memberships/{customer}", s.memberships)
	mux.HandleFunc("GET /v2/loyalties/programs/lprg_1/members/{member}/cards/{card}/transactions", s.transactions)
	switch {
	case r.Header.Get("X-App-Id") != s.ID || r.Header.Get("X-App-Token") != s.Token:
		s.refuse(w, http.StatusUnauthorized, "unauthorized")
	default:
		mux.ServeHTTP(w, r)
	}
}

func (s *Voucherify) refuse(w http.ResponseWriter, status int, key string) {
	say(w, status, object{"code": status, "key": key, "message": key, "details": key, "request_id": "v-1"})
}

func (s *Voucherify) memberships(w http.ResponseWriter, r *http.Request) {
	customer := r.PathValue("customer")
	count, known := s.of(customer)
	switch {
	case !known || r.URL.Query().Get("identification_type") != "customer_source_id":
		s.refuse(w, http.StatusNotFound, "not_found")
		return
	case customer == Hasty:
		w.Header().Set("X-Rate-Limit-Retry", strconv.FormatInt(time.Now().Add(20*time.Second).Unix(), 10))
		s.refuse(w, http.StatusTooManyRequests, "too_many_requests")
		return
	case customer == Unlucky:
		s.refuse(w, http.StatusPaymentRequired, "plan_exceeded")
		return
	}
	found := []object{}
	if count > 0 {
		found = append(found, object{"member": object{"id": "lmbr_" + customer}, "program": object{"id": "lprg_1"}, "cards": []object{
			{"member_role": "OWNER", "card": object{"id": "lcrd_0"}}, {"member_role": "OWNER", "card": object{"id": "lcrd_1"}},
		}})
	}
	say(w, http.StatusOK, object{"customer": object{"id": "cust_1", "source_id": customer}, "memberships": found, "object": "memberships_result"})
}

const voucherifyCursor = "lcrsctx_%x"

func (s *Voucherify) transactions(w http.ResponseWriter, r *http.Request) {
	card, size, offset := 0, Asked(r, "limit", 10), 0
	if r.PathValue("card") == "lcrd_1" {
		card = 1
	}
	if cursor := r.URL.Query().Get("cursor"); cursor != "" {
		if _, err := fmt.Sscanf(cursor, voucherifyCursor, &offset); err != nil {
			s.refuse(w, http.StatusBadRequest, "invalid_or_expired_cursor")
			return
		}
	}
	if size < 1 || size > 100 {
		s.refuse(w, http.StatusBadRequest, "invalid_query_params")
		return
	}
	all := s.card(r.PathValue("member")[len("lmbr_"):], card)
	var cursor any
	if offset+size < len(all) {
		cursor = object{"next": fmt.Sprintf(voucherifyCursor, offset+size), "expires_at": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}
	}
	say(w, http.StatusOK, object{"data": list(len(all), offset, size, func(i int) object { return all[i] }), "cursor": cursor, "object": "list"})
}

func (s *Voucherify) card(customer string, card int) []object {
	var all []object
	if card == 0 {
		all = append(all, s.transaction(-1, "PENDING_POINTS_ADDED", 50, "APPROVED"), s.transaction(-2, "POINTS_EARNED", 60, "REJECTED"))
	}
	count, _ := s.of(customer)
	for i := card; i < count; i += 2 {
		kind := "POINTS_EARNED"
		if s.Points(i) < 0 {
			kind = "POINTS_SPENT_ON_ORDER"
		}
		all = append(all, s.transaction(i, kind, s.Points(i), "APPROVED"))
	}
	return all
}

func (s *Voucherify) transaction(i int, kind string, points int, status string) object {
	return object{
		"id": fmt.Sprintf("lctx_%d", i+1000), "type": kind, "status": status, "created_at": s.At(max(i, 0)).Format("2006-01-02T15:04:05.000Z"),
		"details": object{"reason": nil, "rejection": nil, "metadata": object{}, "points": object{"total": points}}, "object": "card_transaction",
	}
}
