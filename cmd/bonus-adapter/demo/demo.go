// Package demo is a small loyalty CRM, as a retailer might have one: a real HTTP server with its own credentials, pages,
// error bodies and quirks, for trying the adapter without an account anywhere.
//
//	GET /api/customers/{id}/transactions?page=1&limit=100      Authorization: Bearer TOKEN
//
//	200 {"ok":true,"data":{"items":[{"id","type","createdAt","expiresAt","earned","lost","title",…}]},
//	     "meta":{"page":1,"totalPages":10,"total":1000}}
//	400 401 404 405 {"ok":false,"error":{"code","text"}}; some errors come with 200, and 500 comes with a page for people
//
// Types are PURCHASE (earned and lost), ACCRUAL (earned), EXPIRE and SPEND (lost), NOTE (neither). The package is plain
// net/http and knows nothing of the adapter.
package demo

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// Options say how the CRM behaves.
type Options struct {
	Token  string         // the bearer token that it wants
	Fail   float64        // the share of histories answered with 500, from 0 to 1
	Slow   time.Duration  // how long the customer `slow` waits
	Random func() float64 // decides about Fail; nil is math/rand's
}

// Customer is one whom the CRM knows, or shows something.
type Customer struct{ ID, About string }

// Customers lists them in the order in which they are worth trying.
func Customers() []Customer {
	return []Customer{
		{documented, "the example of IRP's documentation"},
		{"1000", "a thousand transactions, over ten pages"},
		{"empty", "known, without transactions"},
		{"unknown", "not known (404 with its own error code)"},
		{"slow", "slower than the adapter's patience"},
		{"failing", "the CRM answers 500"},
		{"broken", "an answer of the wrong shape"},
		{"denied", "an error inside of HTTP 200"},
	}
}

// New makes the CRM.
func New(o Options) http.Handler {
	if o.Random == nil {
		o.Random = rand.Float64
	}
	c := &crm{options: o, token: sha256.Sum256([]byte("Bearer " + o.Token)), histories: histories()}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, "ok") })
	mux.HandleFunc("/api/customers/{id}/transactions", c.transactions)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		fail(w, http.StatusNotFound, "no_such_method", "there is only /api/customers/{id}/transactions")
	})
	return mux
}

type crm struct {
	options   Options
	token     [sha256.Size]byte
	histories map[string][]transaction
}

func (c *crm) transactions(w http.ResponseWriter, r *http.Request) {
	given := sha256.Sum256([]byte(r.Header.Get("Authorization")))
	page, limit, err := paging(r)
	switch {
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		fail(w, http.StatusMethodNotAllowed, "method", "only GET")
	case subtle.ConstantTimeCompare(given[:], c.token[:]) != 1:
		fail(w, http.StatusUnauthorized, "unauthorized", "the token is missing or wrong")
	case err != nil:
		fail(w, http.StatusBadRequest, "bad_page", err.Error())
	case c.options.Fail > 0 && c.options.Random() < c.options.Fail:
		crash(w)
	default:
		c.history(w, r, page, limit)
	}
}

func (c *crm) history(w http.ResponseWriter, r *http.Request, page, limit int) {
	switch id := r.PathValue("id"); id {
	case "failing":
		crash(w)
	case "denied":
		fail(w, http.StatusOK, "access_denied", "this customer belongs to another shop")
	case "broken":
		send(w, http.StatusOK, map[string]any{"ok": true, "data": map[string]any{"rows": []any{}}})
	case "slow":
		select {
		case <-time.After(c.options.Slow):
		case <-r.Context().Done():
			crash(w)
			return
		}
		c.page(w, c.histories[documented], page, limit)
	default:
		history, known := c.histories[id]
		if !known {
			fail(w, http.StatusNotFound, "customer_not_found", "no such customer")
			return
		}
		c.page(w, history, page, limit)
	}
}

func (c *crm) page(w http.ResponseWriter, history []transaction, page, limit int) {
	from := min((page-1)*limit, len(history))
	items := history[from:min(from+limit, len(history))]
	send(w, http.StatusOK, map[string]any{
		"ok":   true,
		"data": map[string]any{"items": items},
		"meta": map[string]any{"page": page, "totalPages": (len(history) + limit - 1) / limit, "total": len(history)},
	})
}

func paging(r *http.Request) (page, limit int, err error) {
	page, limit = 1, 20
	for name, target := range map[string]*int{"page": &page, "limit": &limit} {
		if !r.URL.Query().Has(name) {
			continue
		}
		*target, err = strconv.Atoi(r.URL.Query().Get(name))
		if err != nil || *target < 1 || *target > 100_000 {
			return 0, 0, fmt.Errorf("%s is a whole number from 1", name)
		}
	}
	if limit > 100 {
		return 0, 0, fmt.Errorf("limit is at most 100")
	}
	return page, limit, nil
}

func fail(w http.ResponseWriter, status int, code, text string) {
	send(w, status, map[string]any{"ok": false, "error": map[string]any{"code": code, "text": text}})
}

// crash answers as the server in front of such a system does.
func crash(w http.ResponseWriter) {
	http.Error(w, "<html><h1>500 Internal Server Error</h1></html>", http.StatusInternalServerError)
}

// send answers as such systems do, with a session cookie that nobody asked for: whoever keeps it sends one customer's
// session with another's request.
func send(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Set-Cookie", "session=of-whoever-asked-last; Path=/")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
