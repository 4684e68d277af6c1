package demo

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

func ask(t *testing.T, o Options, method, target, token string) *httptest.ResponseRecorder {
	t.Helper()
	request := httptest.NewRequest(method, target, nil)
	request.Header.Set("Authorization", "Bearer "+token)
	recorder := httptest.NewRecorder()
	New(o).ServeHTTP(recorder, request)
	return recorder
}

func TestAnswers(t *testing.T) {
	for _, test := range []struct {
		method, target, token string
		status                int
		holds                 string
	}{
		{"GET", "/api/customers/12345/transactions", "T", 200, `"createdAt":"2021-07-27T16:16:14.032+03:00","expiresAt":null,"earned":250,"lost":100`},
		{"GET", "/api/customers/empty/transactions", "T", 200, `"items":[]},"meta":{"page":1,"total":0,"totalPages":0}`},
		{"GET", "/api/customers/unknown/transactions", "T", 404, `"code":"customer_not_found"`},
		{"GET", "/api/customers/nobody/transactions", "T", 404, `"code":"customer_not_found"`},
		{"GET", "/api/customers/failing/transactions", "T", 500, `<html>`},
		{"GET", "/api/customers/broken/transactions", "T", 200, `"rows":[]`},
		{"GET", "/api/customers/denied/transactions", "T", 200, `"ok":false`},
		{"GET", "/api/customers/slow/transactions", "T", 200, `"ok":true`},
		{"GET", "/api/customers/12345/transactions", "x", 401, `"code":"unauthorized"`},
		{"GET", "/api/customers/12345/transactions?page=0", "T", 400, `"code":"bad_page"`},
		{"GET", "/api/customers/12345/transactions?limit=101", "T", 400, `"code":"bad_page"`},
		{"POST", "/api/customers/12345/transactions", "T", 405, `"ok":false`},
		{"GET", "/elsewhere", "T", 404, `"ok":false`},
		{"GET", "/healthz", "", 200, "ok"},
	} {
		got := ask(t, Options{Token: "T", Slow: time.Nanosecond}, test.method, test.target, test.token)
		if got.Code != test.status || !strings.Contains(got.Body.String(), test.holds) {
			t.Errorf("%s %s: %d %s", test.method, test.target, got.Code, got.Body)
		}
	}
}

func TestAThousandOverPages(t *testing.T) {
	seen := map[string]bool{}
	for page := 1; page <= 10; page++ {
		var answer struct {
			Data struct{ Items []struct{ ID string } }
			Meta struct{ TotalPages int }
		}
		got := ask(t, Options{Token: "T"}, "GET", "/api/customers/1000/transactions?limit=100&page="+strconv.Itoa(page), "T")
		if err := json.Unmarshal(got.Body.Bytes(), &answer); err != nil || answer.Meta.TotalPages != 10 {
			t.Fatal(err, answer.Meta)
		}
		for _, item := range answer.Data.Items {
			seen[item.ID] = true
		}
	}
	if len(seen) != 1000 {
		t.Errorf("%d different transactions", len(seen))
	}
}

func TestFail(t *testing.T) {
	for roll, status := range map[float64]int{0.05: 500, 0.15: 200} {
		got := ask(t, Options{Token: "T", Fail: 0.1, Random: func() float64 { return roll }}, "GET", "/api/customers/12345/transactions", "T")
		if got.Code != status {
			t.Errorf("%v: %d", roll, got.Code)
		}
	}
}

func TestSlowEndsWithItsCaller(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	leave()
	request := httptest.NewRequestWithContext(ctx, http.MethodGet, "/api/customers/slow/transactions", nil)
	request.Header.Set("Authorization", "Bearer T")
	New(Options{Token: "T", Slow: time.Hour}).ServeHTTP(httptest.NewRecorder(), request)
}

func TestCustomersAreKnown(t *testing.T) {
	if len(Customers()) != 8 {
		t.Error(Customers())
	}
}
