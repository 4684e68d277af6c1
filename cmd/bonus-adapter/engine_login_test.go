package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bonus-adapter/crm/crmtest"
)

const (
	loginSection = "auth: { login: { post: /login, json: { user: shop, password: \"${env:PASSWORD}\" }, token: body.token%s } }\n"
	oneStep      = "steps: [{ name: history, get: /tx }]"
	pagedStep    = "steps: [{ name: history, get: /tx, pages: { param: page } }]"
)

// TestEngineCredentials: what is sent where.
func TestEngineCredentials(t *testing.T) {
	for name, test := range map[string]struct {
		auth string
		sent func(r crmtest.Request) string
		want string
	}{
		"bearer":      {`{ bearer: "${env:KEY}" }`, header("Authorization"), "Bearer value-of-KEY"},
		"basic":       {`{ basic: { user: shop, password: "${env:P}" } }`, header("Authorization"), "Basic c2hvcDp2YWx1ZS1vZi1Q"},
		"basic, hash": {`{ basic: { user: u, password: '{{ hash("md5", "p") }}' } }`, header("Authorization"), "Basic dTo4Mzg3OGM5MTE3MTMzODkwMmUwZmUwZmI5N2E4YzQ3YQ=="},
		"headers":     {`{ headers: { X-Shop: "7", x-key: "${env:KEY}", Authorization: "Token ${env:T}" } }`, header("X-Shop", "X-Key", "Authorization"), "7 value-of-KEY Token value-of-T"},
		"query":       {`{ query: { api key: "a&${env:KEY}", b: c } }`, func(r crmtest.Request) string { return r.URI }, "/tx?api+key=a%26value-of-KEY&b=c"},
		"several":     {`{ bearer: b, headers: { X-Shop: "7" }, query: { k: v } }`, func(r crmtest.Request) string { return header("Authorization", "X-Shop")(r) + " " + r.URI }, "Bearer b 7 /tx?k=v"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEngine(t, "auth: "+test.auth+"\n"+oneStep, says(page("1")))
			if e.expect(t, "1", 1); test.sent(e.crm.Asked()[0]) != test.want {
				t.Errorf("sent %q, want %q", test.sent(e.crm.Asked()[0]), test.want)
			}
		})
	}
}

func header(names ...string) func(crmtest.Request) string {
	return func(r crmtest.Request) string {
		var values []string
		for _, name := range names {
			values = append(values, r.Header.Values(name)...)
		}
		return strings.Join(values, " ")
	}
}

// TestEngineLogins: how a login is asked, where its token goes, how long it lives.
func TestEngineLogins(t *testing.T) {
	in := func(life time.Duration) time.Time { return time.Now().Add(life) }
	jsonToken := func(more string) func(string) string {
		return func(token string) string { return `{"token":"` + token + `"` + more + `}` }
	}
	query := func(r *http.Request) string { return r.URL.Query().Get("key") }
	for name, test := range map[string]struct {
		auth string
		gate *crmtest.Gate
		sent string // by the login
	}{
		"JSON":             {`{ login: { post: /login, json: { p: "${env:P}" }, token: body.token } }`, &crmtest.Gate{}, `POST /login {"p":"value-of-P"}`},
		"form":             {`{ login: { post: /login, form: { p: "${env:P}&" }, token: body.token } }`, &crmtest.Gate{}, `POST /login p=value-of-P%26`},
		"get":              {`{ login: { get: /login, query: { p: "${env:P}" }, token: body.token } }`, &crmtest.Gate{}, `GET /login?p=value-of-P `},
		"text":             {`{ login: { post: /login, token: body, answer: text } }`, &crmtest.Gate{Answer: func(token string) string { return token + "\r\n" }}, `POST /login `},
		"text in JSON":     {`{ login: { post: /login, token: body } }`, &crmtest.Gate{Answer: func(token string) string { return `"` + token + `"` }}, `POST /login `},
		"XML":              {`{ login: { post: /login, xml: { l: a }, token: body.r.t } }`, &crmtest.Gate{Answer: func(token string) string { return `<r><t>` + token + `</t></r>` }}, `POST /login <?xml version="1.0" encoding="UTF-8"?><l>a</l>`},
		"basic of its own": {`{ login: { post: /login, basic: { user: u, password: p }, token: body.token } }`, &crmtest.Gate{}, `POST /login `},
		"in a header":      {`{ login: { post: /login, token: body.token }, headers: { X-Session: "s={{ auth.token }}" } }`, &crmtest.Gate{Shown: func(r *http.Request) string { return strings.TrimPrefix(r.Header.Get("X-Session"), "s=") }}, `POST /login `},
		"in the query":     {`{ login: { post: /login, token: body.token }, query: { key: "{{ auth.token }}" } }`, &crmtest.Gate{Shown: query}, `POST /login `},
		"expires_in":       {`{ login: { post: /login, token: body.token, expires_in: body.life } }`, &crmtest.Gate{Answer: jsonToken(`,"life":3600`)}, `POST /login `},
		"expires_in, text": {`{ login: { post: /login, token: body.token, expires_in: body.life } }`, &crmtest.Gate{Answer: jsonToken(`,"life":"3600"`)}, `POST /login `},
		"expires_at, s":    {`{ login: { post: /login, token: body.token, expires_at: body.life } }`, &crmtest.Gate{Answer: jsonToken(fmt.Sprintf(`,"life":%d`, in(time.Hour).Unix()))}, `POST /login `},
		"expires_at, ms":   {`{ login: { post: /login, token: body.token, expires_at: body.life } }`, &crmtest.Gate{Answer: jsonToken(fmt.Sprintf(`,"life":%d`, in(time.Hour).UnixMilli()))}, `POST /login `},
		"expires_at, text": {`{ login: { post: /login, token: body.token, expires_at: body.life } }`, &crmtest.Gate{Answer: jsonToken(`,"life":"` + in(time.Hour).Format(time.RFC3339) + `"`)}, `POST /login `},
		"lifetime":         {`{ login: { post: /login, token: body.token, lifetime: 1h } }`, &crmtest.Gate{}, `POST /login `},
	} {
		t.Run(name, func(t *testing.T) {
			test.gate.Behind = sevenByTwo.ByNumber("page", 1)
			e := newEngine(t, "auth: "+test.auth+"\n"+pagedStep, test.gate.ServeHTTP)
			for range 3 {
				if got := e.tell(t); got != seven {
					t.Error(got)
				}
			}
			login := e.crm.Asked()[0]
			if sent := login.Method + " " + login.URI + " " + login.Body; sent != test.sent || test.gate.Logins() != 1 {
				t.Errorf("sent %q, want %q; %d logins", sent, test.sent, test.gate.Logins())
			}
			if basic := login.Header.Get("Authorization"); (basic == "Basic dTpw") != (name == "basic of its own") {
				t.Errorf("the login carries %q", basic)
			}
		})
	}
}

func TestEngineTokenInTheBody(t *testing.T) {
	gate := &crmtest.Gate{Behind: says(page("1")), Shown: func(r *http.Request) string {
		var body strings.Builder
		_, _ = fmt.Fprint(&body, r.FormValue("session"), r.FormValue("client"))
		return body.String()
	}, Answer: func(token string) string { return `{"token":"` + token + `","client":""}` }}
	e := newEngine(t, "auth: { login: { post: /login, token: body.token } }\nsteps: [{ name: history, post: /tx, form: { session: \"{{ auth.token }}\" } }]", gate.ServeHTTP)
	if e.expect(t, "1", 2); e.crm.Asked()[1].Header.Get("Authorization") != "" {
		t.Error("the token is sent twice")
	}
}

// TestEngineTokenThatEnds: the CRM says so by a status or inside of a good answer, and once it is renewed the page repeats.
func TestEngineTokenThatEnds(t *testing.T) {
	for name, test := range map[string]struct {
		more   string
		refuse http.HandlerFunc
	}{
		"401":      {"", nil},
		"in a 200": {"verdicts: [{ when: body.error == \"session\", then: reauth }]\n", says(`{"error":"session"}`)},
		"in a 500": {"verdicts: [{ when: body.error == \"session\", then: reauth }]\n", crmtest.Answer(500, `{"error":"session"}`)},
	} {
		for _, pages := range []string{"{ param: page }", "{ param: page, count: body.count }"} {
			t.Run(name+pages, func(t *testing.T) {
				gate := &crmtest.Gate{Refuse: test.refuse}
				var ended atomic.Bool
				gate.Behind = func(w http.ResponseWriter, r *http.Request) {
					sevenByTwo.ByNumber("page", 1)(w, r)
					if ended.CompareAndSwap(false, true) {
						gate.Expire() // after page 1
					}
				}
				e := newEngine(t, test.more+fmt.Sprintf(loginSection, "")+paged("get: /tx", pages), gate.ServeHTTP)
				if e.expect(t, seven, 0); gate.Logins() != 2 {
					t.Errorf("%d logins: %v", gate.Logins(), e.asked())
				}
			})
		}
	}
}

// TestEngineManyAtTheMomentOfExpiry: one login at the beginning, one at the end.
func TestEngineManyAtTheMomentOfExpiry(t *testing.T) {
	gate := &crmtest.Gate{Behind: says(page("1"))}
	e := newEngine(t, "limits: { concurrent: 600 }\ntimeout: 9s\n"+fmt.Sprintf(loginSection, "")+oneStep, gate.ServeHTTP)
	for round := range 2 {
		var all sync.WaitGroup
		for range 500 {
			all.Go(func() {
				if got := e.tell(t); got != "1" {
					t.Error(got)
				}
			})
		}
		if all.Wait(); gate.Logins() != round+1 {
			t.Errorf("%d logins after round %d", gate.Logins(), round)
		}
		gate.Expire()
	}
}

// TestEngineLoginStorms: whatever the CRM refuses, its login is not asked with every request.
func TestEngineLoginStorms(t *testing.T) {
	t.Run("everything refused", func(t *testing.T) {
		gate := &crmtest.Gate{Shown: func(*http.Request) string { return "no" }}
		e := newEngine(t, fmt.Sprintf(loginSection, "")+oneStep, gate.ServeHTTP)
		for range 50 {
			if got := e.tell(t); got != "! auth" && got != "! breaker open" {
				t.Error(got)
			}
		}
		if gate.Logins() > 3 {
			t.Errorf("%d logins", gate.Logins())
		}
	})
	t.Run("one customer refused", func(t *testing.T) {
		gate := &crmtest.Gate{Behind: func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("who") == "bad" {
				w.WriteHeader(http.StatusUnauthorized)
			}
			_, _ = fmt.Fprint(w, page("1"))
		}}
		e := newEngine(t, "breaker: { requests: 10000 }\n"+fmt.Sprintf(loginSection, "")+`steps: [{ name: history, get: /tx, query: { who: "{{ user }}" } }]`, gate.ServeHTTP)
		began := time.Now()
		for range 100 {
			if bad, good := e.tellOf(t, "bad"), e.tellOf(t, "good"); bad != "! auth" || good != "1" {
				t.Error(bad, good)
			}
		}
		if most := 3 + int(time.Since(began)/time.Second); gate.Logins() > most {
			t.Errorf("%d logins, want %d at most", gate.Logins(), most)
		}
	})
}

func TestEngineLoginsThatFail(t *testing.T) {
	for name, test := range map[string]struct {
		more   string
		answer http.HandlerFunc
		want   string
	}{
		"refused":          {"", crmtest.Answer(401, `{}`), "! auth"},
		"bad request":      {"", crmtest.Answer(400, `{"token":"x"}`), "! auth"},
		"no token":         {"", says(`{}`), "! auth"},
		"a null":           {"", says(`{"token":null}`), "! auth"},
		"an empty one":     {"", says(`{"token":""}`), "! auth"},
		"an object":        {"", says(`{"token":{"secret":"secret"}}`), "! auth"},
		"HTML":             {"", says(`<html>secret</html>`), "! auth"},
		"a body's error":   {`, fail: "body.ok == false"`, says(`{"ok":false,"token":"x"}`), "! auth"},
		"by a verdict":     {`, verdicts: [{ when: body.ok == false, then: fail, reason: crm_rate_limited }]`, says(`{"ok":false}`), "! rate limited"},
		"500":              {"", crmtest.Answer(500, ``), "! status"},
		"429":              {"", crmtest.Answer(429, ``), "! rate limited"},
		"broken":           {"", crmtest.Raw("SSH-2.0"), "! unreachable"},
		"redirected":       {"", redirectTo("http://other.example/login"), "! host refused"},
		"no lifetime":      {", expires_in: body.life", says(`{"token":"x"}`), "! auth"},
		"a lifetime in ms": {", expires_in: body.life", says(`{"token":"x","life":1732406400000}`), "! auth"},
		"an odd lifetime":  {", expires_at: body.life", says(`{"token":"x","life":"soon"}`), "! auth"},
	} {
		t.Run(name, func(t *testing.T) {
			var logins atomic.Int32
			e := newEngine(t, fmt.Sprintf(loginSection, test.more)+oneStep, routes(map[string]http.HandlerFunc{
				"/login": func(w http.ResponseWriter, r *http.Request) { logins.Add(1); test.answer(w, r) }, "/tx": says(page("1")),
			}))
			began := time.Now()
			for range 20 {
				if got := e.tell(t); got != test.want {
					t.Errorf("%s, want %s", got, test.want)
				}
			}
			if len(e.crm.Asked()) != int(logins.Load()) || int(logins.Load()) > 2+int(time.Since(began)/time.Second) {
				t.Errorf("%d logins, asked %v", logins.Load(), e.asked())
			}
		})
	}
}

func redirectTo(target string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", target)
		w.WriteHeader(http.StatusFound)
	}
}
