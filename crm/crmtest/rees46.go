package crmtest

import "net/http"

// REES46 plays the API of REES46, which knows its members by their phone numbers: 79001234567 and 79000000000, who has
// no bonuses. Every other number asks too often.
type REES46 struct{ ShopID, Secret string }

func reesHistory() []object {
	history := []object{
		{"date": "2026-03-01", "status": "confirmed", "event_source": "order", "event": nil, "order_id": "pc19843", "amount": -300, "activation_date": "2026-03-01", "expiration_date": "2027-03-01"},
		{"date": "2026-02-25", "status": "pending", "event_source": "order", "event": nil, "order_id": "pc19840", "amount": 120, "activation_date": "2099-03-11", "expiration_date": "2099-12-31"},
		{"date": "2026-02-24", "status": "cancelled", "event_source": "order", "event": nil, "order_id": "pc19839", "amount": 77, "activation_date": "2026-03-10", "expiration_date": "2027-03-10"},
		{"date": "2026-01-01", "status": "confirmed", "event_source": "custom", "event": "registration", "order_id": nil, "amount": 1000, "activation_date": "2026-01-14", "expiration_date": "2027-01-01"},
	}
	return append(history, several(50, func(int) object {
		return object{"date": "2025-12-01", "status": "spent", "event_source": "custom", "event": "review", "order_id": nil, "amount": 2, "activation_date": nil, "expiration_date": nil}
	})...)
}

// ServeHTTP answers as REES46 does. The bodies of its errors are not known; here they are empty.
func (v REES46) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	limit := min(Asked(r, "limit", 50), 50)
	switch {
	case r.URL.Path != "/loyalty/bonuses/history":
		http.NotFound(w, r)
	case query.Get("shop_id") != v.ShopID || query.Get("shop_secret") != v.Secret:
		w.WriteHeader(http.StatusForbidden)
	case query.Get("identifier") == "79001234567":
		say(w, http.StatusOK, part(reesHistory(), Asked(r, "offset", 0), limit))
	case query.Get("identifier") == "79000000000":
		say(w, http.StatusOK, []object{})
	default:
		w.WriteHeader(http.StatusTooManyRequests)
	}
}
