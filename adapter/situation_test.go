package adapter_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"bonus-adapter/adapter"
	"bonus-adapter/config"
	"bonus-adapter/crm"
)

func TestAHistoryIsAnswered(t *testing.T) {
	d := open(t, settings(), reads("250", "215.10"))
	got := d.ask(t)
	d.expect(t, got, 200, "live")
	if !strings.HasPrefix(got.body, `{"bonuses":[{"added":250,"expired":0,"definitionMessage":"Бонусы","activationDate":null,"expirationDate":null},{"added":215.1,`) {
		t.Error(got.body)
	}
}

func TestWhatIsLeftOutIsSaid(t *testing.T) {
	d := open(t, settings(), reads("1", "2", "3", "4", "5", "6", "7", `"x"`, "-1", "-2"))
	d.expect(t, d.ask(t), 200, "live; skipped=1; unmatched=2")
	line := d.logs.FilterMessage("request").All()[0]
	fields := line.ContextMap()
	if fields["skipped"] != int64(1) || fields["unmatched"] != int64(2) || fields["records"] != int64(10) || fields["entries"] != int64(7) {
		t.Error(fields)
	}
	if !strings.Contains(fmt.Sprint(fields["problems"]), "fields.amount") || line.Level != zapcore.InfoLevel {
		t.Error(line.Level, fields)
	}
}

func TestAFailedMappingNamesItsProblems(t *testing.T) {
	d := open(t, settings(), reads(`"x"`))
	d.expect(t, d.ask(t), 200, "fallback; reason=mapping_failed")
	if fields := d.logs.All()[0].ContextMap(); fields["skipped"] != int64(1) || fields["problems"] == nil {
		t.Error(fields)
	}
}

// kindReasons is written out once more, by hand: a slip in the table of failure.go must not pass unseen.
var kindReasons = map[crm.Kind]string{
	crm.NoSuchCustomer: "live; reason=user_not_found", crm.Unreachable: "fallback; reason=crm_unreachable",
	crm.Timeout: "fallback; reason=crm_timeout", crm.Status: "fallback; reason=crm_status",
	crm.ErrorBody: "fallback; reason=crm_error_body", crm.Auth: "fallback; reason=crm_auth",
	crm.RateLimited: "fallback; reason=crm_rate_limited", crm.Busy: "fallback; reason=crm_busy",
	crm.HostRefused: "fallback; reason=host_refused", crm.BreakerOpen: "fallback; reason=breaker_open",
	crm.TooLarge: "fallback; reason=too_large", crm.TooManyPages: "fallback; reason=too_many_pages",
	crm.PathMissing: "fallback; reason=path_missing", crm.DecodeFailed: "fallback; reason=decode_failed",
	crm.BadCustomer: "rejected; reason=bad_request",
	crm.Canceled:    "rejected; reason=internal", // nobody left: somebody is wrong
}

func TestEveryKindOfFailure(t *testing.T) {
	for _, kind := range crm.Kinds() {
		t.Run(kind.String(), func(t *testing.T) {
			cause := &crm.Error{Kind: kind, Step: "history", Page: 2, Status: 418, Pages: 1, Calls: 3, Err: errors.New("why")}
			d := open(t, settings(), fails(fmt.Errorf("wrapped %s: %w", id, cause)))
			want, level := kindReasons[kind], zapcore.WarnLevel
			status := map[crm.Kind]int{crm.BadCustomer: 400, crm.Canceled: 500}[kind]
			d.expect(t, d.ask(t), max(status, 200), want)
			switch kind {
			case crm.NoSuchCustomer, crm.BadCustomer:
				level = zapcore.InfoLevel
			case crm.Canceled:
				level = zapcore.ErrorLevel
			}
			line := d.logs.All()[0]
			fields := line.ContextMap()
			if line.Level != level || fields["step"] != "history" || fields["page"] != int64(2) || fields["crm_status"] != int64(418) || fields["calls"] != int64(3) {
				t.Error(line.Level, fields)
			}
			if fields["customer"] != adapter.HashCustomer("id-key", id) || fields["error"] != cause.Error() {
				t.Error(fields)
			}
		})
	}
}

// TestEveryReasonIsDriven covers the reasons that no kind of failure stands for, and proves that none is missing.
func TestEveryReasonIsDriven(t *testing.T) {
	driven := []string{"overloaded", "canceled"} // TestOverload…, TestACallerWhoLeaves
	for _, history := range kindReasons {
		driven = append(driven, history[strings.Index(history, "=")+1:])
	}
	auth := []string{"key", key}
	for _, test := range []struct {
		ledger       ledger
		method, path string
		body         string
		headers      []string
		status       int
		history      string
	}{
		{reads(), "POST", path, body, auth, 200, "live; reason=no_transactions"},
		{reads("0"), "POST", path, body, auth, 200, "live; reason=all_filtered"},
		{reads("-5"), "POST", path, body, auth, 200, "live; reason=all_filtered; unmatched=1"},
		{reads(`"x"`), "POST", path, body, auth, 200, "fallback; reason=mapping_failed"},
		{fails(errors.New(id)), "POST", path, body, auth, 500, "rejected; reason=internal"},
		{nil, "POST", path, body, auth, 500, "rejected; reason=internal"}, // calling a nil function panics
		{reads(), "POST", path, `{}`, auth, 400, "rejected; reason=bad_request"},
		{reads(), "POST", path, strings.Repeat("x", 64<<10+1), auth, 413, "rejected; reason=bad_request"},
		{reads(), "POST", path, body, nil, 401, "rejected; reason=unauthorized"},
		{reads(), "POST", "/other", body, auth, 404, "rejected; reason=not_found"},
		{reads(), "GET", path, ``, auth, 405, "rejected; reason=method_not_allowed"},
	} {
		d := open(t, settings(), test.ledger)
		got := d.send(t, test.method, test.path, test.body, test.headers...)
		if !strings.Contains(test.history, "unmatched") {
			d.expect(t, got, test.status, test.history)
			driven = append(driven, test.history[strings.Index(test.history, "=")+1:])
		} else if got.header.Get("Bonus-History") != test.history {
			t.Error(got.header)
		}
		asks := map[string]string{}
		switch test.status {
		case 401:
			asks["WWW-Authenticate"] = "Bearer"
		case 405:
			asks["Allow"] = "POST"
		}
		for name, want := range asks {
			if got.header.Get(name) != want {
				t.Errorf("%s: %q", name, got.header.Get(name))
			}
		}
	}
	for _, reason := range adapter.Reasons() {
		if !slices.Contains(driven, string(reason)) {
			t.Errorf("%s is driven by no test", reason)
		}
	}
}

func TestAPanicStaysInside(t *testing.T) {
	d := open(t, settings(), func(context.Context, crm.Customer) (*crm.History, error) { panic(id) })
	d.expect(t, d.ask(t), 500, "rejected; reason=internal")
	if d.logs.FilterMessage("panic").FilterLevelExact(zapcore.ErrorLevel).Len() != 1 {
		t.Error(d.logs.All())
	}
}

func TestTheOrderOfJudgement(t *testing.T) {
	big := strings.Repeat("x", 64<<10+1)
	d := open(t, settings(), reads())
	for _, test := range []struct {
		method, path, body string
		headers            []string
		status             int
	}{
		{"GET", "/other", big, nil, 404},
		{"PUT", path, big, nil, 405},
		{"POST", path, big, nil, 413},
		{"POST", path, `{}`, nil, 401},
		{"POST", path, `not json`, nil, 401},
		{"POST", path, `not json`, []string{"key", key}, 400},
	} {
		if got := d.send(t, test.method, test.path, test.body, test.headers...); got.status != test.status {
			t.Errorf("%s %s %.10s: %d, want %d", test.method, test.path, test.body, got.status, test.status)
		}
	}
}

func TestPathsAndMethods(t *testing.T) {
	d := open(t, settings(), reads())
	for _, target := range []string{"/", "//bonus-history", path + "/", path + "//", "/%2e%2e" + path, path + "/%2e%2e/x", "/bonus%2dhistory", "/BONUS-HISTORY"} {
		d.expect(t, d.send(t, "POST", target, body, "key", key), 404, "rejected; reason=not_found")
	}
	for _, method := range []string{"GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "ODD"} {
		got := d.send(t, method, path, "", "key", key)
		d.expect(t, got, 405, "rejected; reason=method_not_allowed")
		if got.header.Get("Allow") != "POST" {
			t.Errorf("%s: %v", method, got.header)
		}
	}
	if got := d.send(t, "HEAD", path, ""); got.status != 405 || got.body != "" {
		t.Error(got)
	}
	for _, line := range d.logs.All() {
		if strings.Contains(fmt.Sprint(line.ContextMap()), "bonus") {
			t.Errorf("a path is in the log: %v", line.ContextMap())
		}
	}
}

func TestHealthAndReadiness(t *testing.T) {
	d := open(t, settings(), nil)
	for _, drained := range []bool{false, true} {
		ready := map[bool]int{false: 200, true: 503}[drained]
		for _, method := range []string{"GET", "HEAD"} {
			if got := d.send(t, method, "/healthz", ""); got.status != 200 || (method == "GET" && strings.TrimSpace(got.body) != "ok") {
				t.Errorf("%s /healthz: %v", method, got)
			}
			if got := d.send(t, method, "/readyz", ""); got.status != ready {
				t.Errorf("%s /readyz: %d, want %d", method, got.status, ready)
			}
		}
		d.handler.Drain()
	}
	if got := d.send(t, "POST", "/healthz", ""); got.status != 405 || got.header.Get("Allow") != "GET, HEAD" {
		t.Error(got)
	}
}

func TestCredentials(t *testing.T) {
	with := func(field string) string { return `{"userIdentifier":"1","key":` + field + `}` }
	plain := `{"userIdentifier":"1"}`
	d := open(t, settings(), reads())
	for i, test := range []struct {
		body    string
		headers []string
		status  int
	}{
		{plain, []string{"Authorization", "Bearer " + key}, 200},
		{plain, []string{"Authorization", "bEaReR " + other}, 200},
		{plain, []string{"key", key}, 200},
		{plain, []string{"KEY", other}, 200},
		{with(`"` + key + `"`), nil, 200},
		{with(`"first\u002dsecret-key"`), nil, 200},
		{with(`"` + key + `"`), []string{"Authorization", "Bearer " + key, "key", key}, 200},
		{plain, []string{"Authorization", "Basic eDp5", "key", key}, 200},
		{plain, []string{"key", key, "key", key}, 200},
		{plain, nil, 401},
		{plain, []string{"key", ""}, 401},
		{plain, []string{"key", key + "x"}, 401},
		{plain, []string{"key", key[:5]}, 401},
		{plain, []string{"key", key + "," + other}, 401},
		{plain, []string{"key", key, "key", other}, 401},
		{plain, []string{"Authorization", "Bearer"}, 401},
		{plain, []string{"Authorization", key}, 401},
		{plain, []string{"Authorization", "Bearer " + key, "Authorization", "Bearer " + other}, 401},
		{plain, []string{"Authorization", "Bearer " + key, "key", other}, 401},
		{plain, []string{"Authorization", "Bearer x", "key", key}, 401},
		{with(`"` + other + `"`), []string{"key", key}, 401},
		{with(`""`), []string{"key", key}, 401},
		{`{"userIdentifier":"1","Key":"` + key + `"}`, nil, 401},
		{with(`"` + key + `","key":"` + key + `"`), nil, 401},
		{with(`"` + key + `","k\u0065y":"` + other + `"`), []string{"key", key}, 400},
		{with(`5`), []string{"key", key}, 400},
	} {
		got := d.send(t, "POST", path, test.body, test.headers...)
		if got.status != test.status || (test.status == 401) != (got.header.Get("WWW-Authenticate") == "Bearer") {
			t.Errorf("row %d: %s %v: %d, want %d", i, test.body, test.headers, got.status, test.status)
		}
	}
	if got := d.send(t, "POST", path+"?key="+key, plain); got.status != 401 {
		t.Errorf("a key in the URL: %d", got.status)
	}
}

func TestTheLedgerIsAskedForTheExactID(t *testing.T) {
	var asked string
	d := open(t, settings(), func(_ context.Context, customer crm.Customer) (*crm.History, error) {
		asked = customer.Reveal()
		return &crm.History{}, nil
	})
	for text, want := range map[string]string{`"007"`: "007", `9007199254740993`: "9007199254740993", `"é"`: "é", `"e\u0301"`: "e\u0301"} {
		d.expect(t, d.send(t, "POST", path, `{"userIdentifier":`+text+`}`, "key", key), 200, "live; reason=no_transactions")
		if asked != want {
			t.Errorf("%q, want %q", asked, want)
		}
	}
}

func TestConfigsThatAreRefused(t *testing.T) {
	for place, spoil := range map[string]func(*adapter.Config){
		"keys":               func(c *adapter.Config) { c.Keys = nil },
		"keys[1]":            func(c *adapter.Config) { c.Keys[1] = config.Plain("") },
		"path":               func(c *adapter.Config) { c.Path = "bonus-history" },
		"path ":              func(c *adapter.Config) { c.Path = "/healthz" },
		"path  ":             func(c *adapter.Config) { c.Path = "/readyz" },
		"path   ":            func(c *adapter.Config) { c.Path = "/:id" },
		"path    ":           func(c *adapter.Config) { c.Path = "//x" },
		"budget":             func(c *adapter.Config) { c.Budget = 99e6 },
		"limits.body":        func(c *adapter.Config) { c.Limits.Body = 0 },
		"limits.concurrent":  func(c *adapter.Config) { c.Limits.Concurrent = 0 },
		"limits.connections": func(c *adapter.Config) { c.Limits.Connections = 0 },
		"limits.requests":    func(c *adapter.Config) { c.Limits.Requests = 0 },
		"limits.queue":       func(c *adapter.Config) { c.Limits.Queue = -1 },
		"cache.store ":       func(c *adapter.Config) { c.Cache.Store = "redis" }, // and there is none
		"cache.store":        func(c *adapter.Config) { c.Cache.Store = "disk" },
		"cache.stale_if_error": func(c *adapter.Config) {
			c.Cache.StaleIfError = config.Duration(16 * time.Minute)
		},
	} {
		cfg := settings()
		spoil(&cfg)
		_, err := adapter.New(cfg, adapter.Options{Log: zap.NewNop()})
		if all := config.All(err); len(all) != 1 || all[0].Place != strings.TrimSpace(place) {
			t.Errorf("%s: %v", place, err)
		}
	}
}

func FuzzRequestBody(f *testing.F) {
	for _, seed := range []string{body, `{"userIdentifier":1,"key":"` + key + `"}`, `{"userIdentifier":"\u0000"}`, `{"a":[[{}]]}`, "\ufeff{}", `{}{}`, ``} {
		f.Add([]byte(seed))
	}
	handler, _ := newHandler(f, settings(), reads("1"))
	f.Fuzz(func(t *testing.T, sent []byte) {
		for auth, want := range map[string][]int{"": {200, 401, 413, 400}, key: {200, 400, 401, 413}, "wrong": {401, 413}} {
			request := httptest.NewRequest(http.MethodPost, path, strings.NewReader(string(sent)))
			if auth != "" {
				request.Header.Set("key", auth)
			}
			recorded := httptest.NewRecorder()
			handler.ServeHTTP(recorded, request)
			source, _, _ := strings.Cut(recorded.Header().Get("Bonus-History"), ";")
			if !slices.Contains(want, recorded.Code) || (recorded.Code == 200) != (source == "live") {
				t.Errorf("%d %s for %q", recorded.Code, source, sent)
			}
		}
	})
}
