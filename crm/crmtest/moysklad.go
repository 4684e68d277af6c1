package crmtest

import (
	"compress/gzip"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// MoySklad plays the JSON API remap 1.2 of МойСклад: it wants gzip, and its filters hold whole URLs. Of the codes of its
// errors only 1049 is known.
type MoySklad struct{ Token string }

const (
	moyBase = "/api/remap/1.2"
	moyBusy = "9fea1d90-d488-4271-97bc-a9ad1b9fbcc0"
	moyNew  = "00000000-d488-4271-97bc-a9ad1b9fbcc0"
)

// moyHistory has its newest transactions on the second page.
func moyHistory() []object {
	newest := []object{
		{"transactionType": "EARNING", "bonusValue": 100, "transactionStatus": "WAIT_PROCESSING", "applicable": true, "categoryType": "REGULAR", "moment": "2026-03-01 12:00:00", "executionDate": "2099-03-15 00:00:00.000", "name": "00012"},
		{"transactionType": "SPENDING", "bonusValue": 40, "transactionStatus": "COMPLETED", "applicable": true, "categoryType": "REGULAR", "moment": "2026-02-20 18:30:00.123", "name": "00011", "description": "Оплата заказа 10"},
		{"transactionType": "EARNING", "bonusValue": 77, "transactionStatus": "CANCELED", "applicable": true, "categoryType": "REGULAR", "moment": "2026-02-19 00:00:00", "name": "00010"},
		{"transactionType": "EARNING", "bonusValue": 78, "transactionStatus": "COMPLETED", "applicable": false, "categoryType": "REGULAR", "moment": "2026-02-18 00:00:00", "name": "00009"},
		{"transactionType": "EARNING", "bonusValue": 300, "transactionStatus": "COMPLETED", "applicable": true, "categoryType": "WELCOME", "moment": "2026-01-01 10:00:00", "executionDate": "2026-01-01 10:00:00", "name": "00001"},
	}
	return append(several(1000, func(int) object {
		return object{"transactionType": "EARNING", "bonusValue": 1, "transactionStatus": "COMPLETED", "applicable": true, "categoryType": "REGULAR", "moment": "2025-12-01 10:00:00", "name": "00000"}
	}), newest...)
}

// ServeHTTP answers as МойСклад does.
func (v MoySklad) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.WriteHeader(http.StatusUnsupportedMediaType)
		return
	}
	w.Header().Set("Content-Encoding", "gzip")
	packed := gzip.NewWriter(w)
	defer func() { _ = packed.Close() }()
	v.answer(gzipped{w, packed}, r)
}

type gzipped struct {
	http.ResponseWriter
	packed *gzip.Writer
}

// Write compresses.
func (g gzipped) Write(bytes []byte) (int, error) { return g.packed.Write(bytes) }

func (v MoySklad) answer(w http.ResponseWriter, r *http.Request) {
	field, value, _ := strings.Cut(r.URL.Query().Get("filter"), "=")
	home := "http://" + r.Host + moyBase + "/entity/counterparty/"
	switch {
	case r.Header.Get("Authorization") != "Bearer "+v.Token:
		moyError(w, http.StatusUnauthorized, 1, "Ошибка аутентификации")
	case r.URL.Path == moyBase+"/entity/counterparty" && field == "externalCode":
		v.find(w, r, home, value)
	case r.URL.Path == moyBase+"/entity/bonustransaction" && field == "agent" && value == home+moyBusy:
		moyList(w, r, moyHistory())
	case r.URL.Path == moyBase+"/entity/bonustransaction" && field == "agent" && value == home+moyNew:
		moyList(w, r, nil)
	default:
		moyError(w, http.StatusBadRequest, 2, "Неизвестный фильтр")
	}
}

func (v MoySklad) find(w http.ResponseWriter, r *http.Request, home, code string) {
	switch code {
	case Busy:
		moyList(w, r, []object{{"meta": object{"href": home + moyBusy}, "externalCode": code}})
	case Newbie:
		moyList(w, r, []object{{"meta": object{"href": home + moyNew}, "externalCode": code}})
	case "twice":
		moyList(w, r, []object{{"meta": object{"href": home + moyBusy}}, {"meta": object{"href": home + moyNew}}})
	case Hasty:
		w.Header().Set("X-Lognex-Retry-After", "50")
		w.Header().Set("X-RateLimit-Remaining", "0")
		moyError(w, http.StatusTooManyRequests, 1049, "Превышено ограничение на количество запросов")
	default:
		moyList(w, r, nil)
	}
}

func moyList(w http.ResponseWriter, r *http.Request, rows []object) {
	limit, offset := min(Asked(r, "limit", 1000), 1000), Asked(r, "offset", 0)
	meta := object{"href": "http://" + r.Host + r.RequestURI, "size": len(rows), "limit": limit, "offset": offset}
	if offset+limit < len(rows) {
		next := url.Values{"filter": r.URL.Query()["filter"], "limit": {strconv.Itoa(limit)}, "offset": {strconv.Itoa(offset + limit)}}
		meta["nextHref"] = "http://" + r.Host + r.URL.Path + "?" + next.Encode()
	}
	say(w, http.StatusOK, object{"meta": meta, "rows": part(rows, offset, limit)})
}

func moyError(w http.ResponseWriter, status, code int, text string) {
	say(w, status, object{"errors": []object{{"error": text, "code": code, "moreInfo": "https://dev.moysklad.ru/doc/api/remap/1.2/"}}})
}
