package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// TestEngineHostFromTheLogin: the customer's id goes to no host that the config does not allow.
func TestEngineHostFromTheLogin(t *testing.T) {
	const login = "auth: { login: { post: /login, token: body.token }, host: { at: body.url, allow: %s } }\n" + oneStep
	const oauth = "auth: { oauth2: { token_url: CRM/login, client_id: a, client_secret: b }, host: { at: body.url, allow: %s } }\n" + oneStep
	for name, test := range map[string]struct{ url, allow, want string }{
		"allowed":             {"SELF", "[HOST]", "1"},
		"below":               {"SELF", `["*.0.0.1"]`, "1"},
		"with a path":         {"SELF/any/path", "[other.example, HOST]", "1"},
		"another one":         {"http://other.example", "[HOST]", "! host refused"},
		"look-alike, end":     {"https://evil-my.salesforce.com.attacker.example", `["*.my.salesforce.com"]`, "! host refused"},
		"look-alike, begin":   {"https://evilmy.salesforce.com", `["*.my.salesforce.com"]`, "! host refused"},
		"the name itself":     {"https://my.salesforce.com", `["*.my.salesforce.com"]`, "! host refused"},
		"allowed in the path": {"https://attacker.example/x.my.salesforce.com", `["*.my.salesforce.com"]`, "! host refused"},
		"as user info":        {"https://x.my.salesforce.com@attacker.example", `["*.my.salesforce.com"]`, "! path missing"},
		"behind a backslash":  {`https://attacker.example\\@x.my.salesforce.com`, `["*.my.salesforce.com"]`, "! path missing"},
		"behind a hash":       {"https://attacker.example#.my.salesforce.com", `["*.my.salesforce.com"]`, "! host refused"},
		"behind a question":   {"https://attacker.example?.my.salesforce.com", `["*.my.salesforce.com"]`, "! host refused"},
		"not a URL":           {"x.my.salesforce.com", `["*.my.salesforce.com"]`, "! path missing"},
		"a file":              {"file:///etc/passwd", "[HOST]", "! path missing"},
		"nothing":             {"", "[HOST]", "! path missing"},
	} {
		for way, section := range map[string]string{"login": login, "oauth2": oauth} {
			t.Run(name+", "+way, func(t *testing.T) {
				var e *engine
				e = newEngine(t, fmt.Sprintf(section, test.allow), routes(map[string]http.HandlerFunc{
					"/login": func(w http.ResponseWriter, _ *http.Request) {
						_, _ = fmt.Fprintf(w, `{"token":"x","access_token":"x","token_type":"Bearer","url":"%s"}`, strings.ReplaceAll(test.url, "SELF", e.crm.URL))
					},
					"/tx": says(page("1")),
				}))
				want := test.want
				if way == "login" {
					want = strings.Replace(want, "path missing", "auth", 1)
				}
				if got := e.tell(t); got != want {
					t.Errorf("%s, want %s", got, want)
				}
			})
		}
	}
}

// TestEngineHostWithoutTLS: a login that is asked with TLS cannot lead out of it.
func TestEngineHostWithoutTLS(t *testing.T) {
	e := newEngine(t, "base_url: https://crm.example.ru\nauth: { login: { base_url: CRM, post: /login, token: body.token }, host: { at: body.url, allow: [HOST] } }\n"+oneStep,
		says(`{"token":"x","url":"http://127.0.0.1:1"}`))
	e.expect(t, "! host refused", 1)
}

func TestEngineOAuth2(t *testing.T) {
	for grant, want := range map[string]string{
		"client_id: id, client_secret: \"${env:S}\", scopes: [a, b], params: { audience: x }":              "audience=x&grant_type=client_credentials&scope=a+b Basic aWQ6dmFsdWUtb2YtUw==",
		"client_id: id, client_secret: \"${env:S}\", client: body":                                         "client_id=id&client_secret=value-of-S&grant_type=client_credentials ",
		"grant: password, client_id: id, client_secret: \"${env:S}\", username: u, password: \"${env:P}\"": "grant_type=password&password=value-of-P&username=u Basic aWQ6dmFsdWUtb2YtUw==",
		"grant: refresh_token, client_id: id, client_secret: \"${env:S}\", refresh_token: \"${env:R}\"":    "grant_type=refresh_token&refresh_token=value-of-R Basic aWQ6dmFsdWUtb2YtUw==",
	} {
		t.Run(grant, func(t *testing.T) {
			var mu sync.Mutex
			valid, logins := "", 0
			e := newEngine(t, "auth: { oauth2: { token_url: CRM/oauth/token, "+grant+" } }\n"+oneStep, func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				defer mu.Unlock()
				switch {
				case r.URL.Path == "/oauth/token":
					logins++
					valid = fmt.Sprint("token-", logins)
					w.Header().Set("Content-Type", "application/json")
					_, _ = fmt.Fprintf(w, `{"access_token":%q,"token_type":"bearer","expires_in":3600}`, valid)
				case r.Header.Get("Authorization") != "Bearer "+valid:
					w.WriteHeader(http.StatusUnauthorized)
				default:
					_, _ = fmt.Fprint(w, page("1"))
				}
			})
			if e.expect(t, "1", 2); e.crm.Asked()[0].Body+" "+e.crm.Asked()[0].Header.Get("Authorization") != want {
				t.Errorf("%s %s", e.crm.Asked()[0].Body, e.crm.Asked()[0].Header.Get("Authorization"))
			}
			mu.Lock()
			valid = "revoked"
			mu.Unlock()
			e.expect(t, "1", 5) // 401, a new token, and again
		})
	}
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"refused":  {replies(`400!{"error":"invalid_client","error_description":"secret"}`), "! auth"},
		"no token": {says(`{"token_type":"bearer"}`), "! auth"},
		"500":      {replies(`500!secret`), "! status"},
		"429":      {replies(`429!`), "! rate limited"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEngine(t, "auth: { oauth2: { token_url: CRM/oauth/token, client_id: a, client_secret: b } }\n"+oneStep, test.answer)
			for range 5 {
				if got := e.tell(t); got != test.want {
					t.Errorf("%s, want %s", got, test.want)
				}
			}
			if asked := len(e.crm.Asked()); asked > 2 {
				t.Errorf("asked %d times", asked)
			}
		})
	}
}

// TestEngineSigns: the server reckons the signature over what came over the wire, and no number is used twice.
func TestEngineSigns(t *testing.T) {
	const section = `
values: { secret: "${env:SECRET}" }
retry: { attempts: 3, wait: 1ms }
verdicts: [{ when: status == 503, then: retry }]
auth:
  headers:
    X-Nonce: "{{ uuid }}"
    X-Sign: '{{ hmac("sha256", values.secret, request.method + request.path + "?" + request.query + "#" + request.body) }}'
steps:
  - name: history
    post: "/клиенты/{{ user }}/tx"
    query: { "a b": "ы&", x: "{{ user }}" }
    json: { who: "{{ user }}", page: "{{ page.number }}" }
    pages: { param: page, count: body.n }
    parallel: 1
`
	var mu sync.Mutex
	nonces, failures := map[string]bool{}, 0
	var e *engine
	e = newEngine(t, "base_url: CRM/api/\n"+section, func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		sent := e.crm.Asked()
		body := sent[len(sent)-1].Body
		path, query, _ := strings.Cut(r.RequestURI, "?")
		mac := hmac.New(sha256.New, []byte("value-of-SECRET"))
		_, _ = fmt.Fprint(mac, r.Method, path, "?", query, "#", body)
		if want := hex.EncodeToString(mac.Sum(nil)); r.Header.Get("X-Sign") != want {
			t.Errorf("%s %s: signed %s, want %s", r.RequestURI, body, r.Header.Get("X-Sign"), want)
		}
		if nonce := r.Header.Get("X-Nonce"); nonces[nonce] || len(nonce) != 36 {
			t.Errorf("the nonce %q comes again", nonce)
		} else {
			nonces[nonce] = true
		}
		if failures++; failures < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprint(w, page(r.URL.Query().Get("page"), `,"n":2`))
	})
	if got := e.tell(t); got != "1 2" || len(nonces) != 4 {
		t.Errorf("%s with %d nonces", got, len(nonces))
	}
}
