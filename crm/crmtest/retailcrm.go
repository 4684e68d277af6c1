package crmtest

import (
	"net/http"
	"slices"
	"strings"
)

// RetailCRM plays RetailCRM's API v5 with two shops, myshop and other: the same externalId is another person's there.
type RetailCRM struct{ Key string }

type retailAccount struct {
	id, site, customer string
	operations         []object
}

func (v RetailCRM) accounts() []retailAccount {
	operations := []object{
		{"type": "credit_for_event", "createdAt": "2026-03-01 09:00:00", "amount": 500, "event": object{"type": "welcome"}, "bonus": object{"activationDate": "2026-03-15"}},
		{"type": "charge_for_order", "createdAt": "2026-02-20 18:30:00", "amount": -247, "order": object{"id": 6473, "externalId": "10"}},
	}
	operations = append(operations, several(128, func(int) object {
		return object{"type": "credit_for_order", "createdAt": "2026-02-20 10:00:00", "amount": 0.1, "order": object{"id": 6472, "externalId": "9"}, "bonus": object{"activationDate": "2026-02-20"}}
	})...)
	return []retailAccount{
		{"162", "other", Busy, []object{{"type": "credit_manual", "createdAt": "2026-01-01 00:00:00", "amount": 999999}}},
		{"731", "myshop", Busy, operations},
		{"732", "myshop", Newbie, nil},
		{"733", "myshop", "twice", nil},
		{"734", "myshop", "twice", nil},
	}
}

// ServeHTTP answers as RetailCRM does.
func (v RetailCRM) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, inside := strings.CutPrefix(r.URL.Path, "/api/v5/loyalty/")
	account, isOperations := strings.CutSuffix(strings.TrimPrefix(path, "account/"), "/bonus/operations")
	query := r.URL.Query()
	switch key := r.Header.Get("X-Api-Key"); {
	case key == "":
		retailError(w, http.StatusForbidden, `"apiKey" is missing.`)
	case key != v.Key:
		retailError(w, http.StatusForbidden, `Wrong "apiKey" value.`)
	case query.Get("filter[customerExternalId]") == Hasty:
		w.WriteHeader(http.StatusServiceUnavailable)
	case !inside:
		retailError(w, http.StatusNotFound, "Not found")
	case !slices.Contains([]string{"20", "50", "100", "250"}, query.Get("limit")):
		say(w, http.StatusBadRequest, object{"success": false, "errorMsg": "Errors in the input parameters", "errors": object{"limit": "The value you selected is not a valid choice."}})
	case path == "accounts":
		v.find(w, r)
	case isOperations:
		v.list(w, r, account)
	default:
		retailError(w, http.StatusNotFound, "Not found")
	}
}

func (v RetailCRM) find(w http.ResponseWriter, r *http.Request) {
	found := []object{}
	for _, one := range v.accounts() {
		sites := r.URL.Query()["filter[sites][]"]
		if one.customer == r.URL.Query().Get("filter[customerExternalId]") && (len(sites) == 0 || slices.Contains(sites, one.site)) {
			found = append(found, object{"id": number(one.id), "active": true, "customer": object{"externalId": one.customer, "site": one.site}})
		}
	}
	say(w, http.StatusOK, object{"success": true, "pagination": retailPages(len(found), 20, 1), "loyaltyAccounts": found})
}

func (v RetailCRM) list(w http.ResponseWriter, r *http.Request, id string) {
	size, page := number(r.URL.Query().Get("limit")), Asked(r, "page", 1)
	for _, one := range v.accounts() {
		if one.id == id {
			say(w, http.StatusOK, object{"success": true, "pagination": retailPages(len(one.operations), size, page), "bonusOperations": part(one.operations, (page-1)*size, size)})
			return
		}
	}
	retailError(w, http.StatusNotFound, "Account does not exist.")
}

func retailPages(total, size, page int) object {
	return object{"limit": size, "totalCount": total, "currentPage": page, "totalPageCount": (total + size - 1) / size}
}

func retailError(w http.ResponseWriter, status int, message string) {
	say(w, status, object{"success": false, "errorMsg": message})
}
