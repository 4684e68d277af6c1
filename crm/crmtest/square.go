package crmtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// Square plays Square Loyalty. Besides a customer's transactions there is a REDEEM_REWARD at the end, without points.
type Square struct {
	Ledger
	Token string
}

// ServeHTTP answers as Square does.
func (s *Square) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v2/loyalty/accounts/search", s.accounts)
	mux.HandleFunc("POST /v2/loyalty/events/search", s.events)
	switch {
	case r.Header.Get("Authorization") != "Bearer "+s.Token:
		s.refuse(w, http.StatusUnauthorized, "AUTHENTICATION_ERROR", "UNAUTHORIZED")
	case r.Header.Get("Square-Version") != "2025-08-20":
		s.refuse(w, http.StatusBadRequest, "INVALID_REQUEST_ERROR", "INVALID_SQUARE_VERSION_FORMAT")
	default:
		mux.ServeHTTP(w, r)
	}
}

func (s *Square) refuse(w http.ResponseWriter, status int, category, code string) {
	say(w, status, object{"errors": []object{{"category": category, "code": code, "detail": code}}})
}

func (s *Square) accounts(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Query struct {
			CustomerIDs []string `json:"customer_ids"`
		} `json:"query"`
	}
	if json.NewDecoder(r.Body).Decode(&asked) != nil || len(asked.Query.CustomerIDs) != 1 {
		s.refuse(w, http.StatusBadRequest, "INVALID_REQUEST_ERROR", "BAD_REQUEST")
		return
	}
	id := asked.Query.CustomerIDs[0]
	switch _, known := s.of(id); {
	case id == Hasty:
		s.refuse(w, http.StatusTooManyRequests, "RATE_LIMIT_ERROR", "RATE_LIMITED")
	case id == Unlucky:
		s.refuse(w, http.StatusOK, "API_ERROR", "INTERNAL_SERVER_ERROR")
	case !known:
		say(w, http.StatusOK, object{})
	default:
		say(w, http.StatusOK, object{"loyalty_accounts": []object{{"id": "account-" + id, "customer_id": id, "balance": 0}}})
	}
}

const squareCursor = "cursor-%d"

func (s *Square) events(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Query struct {
			Filter struct {
				Account struct {
					ID string `json:"loyalty_account_id"`
				} `json:"loyalty_account_filter"`
			} `json:"filter"`
		} `json:"query"`
		Limit  int    `json:"limit"`
		Cursor string `json:"cursor"`
	}
	var offset int
	bad := json.NewDecoder(r.Body).Decode(&asked) != nil || asked.Limit < 1 || asked.Limit > 30 || len(asked.Query.Filter.Account.ID) < len("account-")
	if _, err := fmt.Sscanf(asked.Cursor, squareCursor, &offset); bad || err != nil && asked.Cursor != "" {
		s.refuse(w, http.StatusBadRequest, "INVALID_REQUEST_ERROR", "BAD_REQUEST")
		return
	}
	all := s.account(asked.Query.Filter.Account.ID[len("account-"):])
	answer := object{}
	if len(all) > 0 {
		answer["events"] = list(len(all), offset, asked.Limit, func(i int) object { return all[i] })
	}
	if offset+asked.Limit < len(all) {
		answer["cursor"] = fmt.Sprintf(squareCursor, offset+asked.Limit)
	}
	say(w, http.StatusOK, answer)
}

func (s *Square) account(customer string) []object {
	count, _ := s.of(customer)
	var all []object
	for i := range count {
		kind, key := "ACCUMULATE_POINTS", "accumulate_points"
		if s.Points(i) < 0 {
			kind, key = "CREATE_REWARD", "create_reward"
		}
		all = append(all, s.event(i, kind, key, object{"points": s.Points(i)}))
	}
	if count > 0 {
		all = append(all, s.event(count, "REDEEM_REWARD", "redeem_reward", object{"reward_id": "reward-1"}))
	}
	return all
}

func (s *Square) event(i int, kind, key string, of object) object {
	return object{"id": fmt.Sprintf("event-%d", i), "type": kind, "created_at": s.At(i).Format(time.RFC3339), "source": "LOYALTY_API", key: of}
}
