package crmtest

import (
	"encoding/json"
	"net/http"
	"sync/atomic"
)

// MAXMA plays the API of MAXMA, whose errors come with HTTP 200. Hasty meets an unavailable service once.
type MAXMA struct {
	Key   string
	hasty atomic.Int32
}

func maxmaHistory() []object {
	history := []object{
		{"at": "2026-03-02T12:00:00+03:00", "amount": -40, "operation": "OPERATION_APPLIED", "operationName": "Списание за покупку", "OPERATION_APPLIED": object{"purchaseId": "A-17", "executedAt": "2026-03-02T12:00:00+03:00", "totalAmount": 400}},
		{"at": "2026-03-01T09:00:00+03:00", "amount": 300, "operation": "OPERATION_RECEIVED", "operationName": "Начисление по акции", "OPERATION_RECEIVED": object{"actionName": "День рождения", "comment": "не для клиента"}},
		{"at": "2026-02-28T00:00:01+03:00", "amount": -15, "operation": "OPERATION_EXPIRED", "operationName": "Сгорание бонусов", "OPERATION_EXPIRED": object{}},
	}
	return append(history, several(120, func(i int) object {
		return object{"at": "2026-01-05T10:00:00Z", "amount": 1, "operation": "OPERATION_COLLECTED", "operationName": "Начисление за покупку", "OPERATION_COLLECTED": object{"purchaseId": "A-" + string(rune('a'+i%26))}}
	})...)
}

// ServeHTTP answers as MAXMA does. How it answers a wrong key is not known; here by a 401.
func (v *MAXMA) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Client struct {
			ExternalID string `json:"externalId"`
		} `json:"client"`
		Pagination struct{ Limit, Offset int } `json:"pagination"`
	}
	switch err := json.NewDecoder(r.Body).Decode(&asked); {
	case r.Method != http.MethodPost || r.URL.Path != "/get-bonus-history":
		http.NotFound(w, r)
	case r.Header.Get("X-Processing-Key") != v.Key:
		w.WriteHeader(http.StatusUnauthorized)
	case err != nil || asked.Client.ExternalID == "":
		maxmaError(w, 2, "Malformed request")
	case asked.Client.ExternalID == Unknown:
		maxmaError(w, 3, "Client not found")
	case asked.Client.ExternalID == Unlucky:
		maxmaError(w, 4, "Client is suspended")
	case asked.Client.ExternalID == Hasty && v.hasty.Add(1) == 1:
		maxmaError(w, 49, "Temporarily unavailable")
	default:
		var history []object
		if asked.Client.ExternalID == Busy {
			history = maxmaHistory()
		}
		say(w, http.StatusOK, object{"history": part(history, asked.Pagination.Offset, asked.Pagination.Limit), "pagination": object{"total": len(history)}})
	}
}

func maxmaError(w http.ResponseWriter, code int, description string) {
	say(w, http.StatusOK, object{"errorCode": code, "description": description, "hint": ""})
}
