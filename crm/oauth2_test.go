package crm

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/crm/crmtest"
)

// oddText has what a form and a Basic header must escape.
const oddText = "a:b &=+%/ы\""

func secret(text string) config.Secret { return config.Plain(text) }

// unresolved is a reference that nobody has looked up.
func unresolved(t testing.TB) (made config.Secret) {
	t.Helper()
	if err := made.UnmarshalText([]byte("${env:X}")); err != nil {
		t.Fatal(err)
	}
	return made
}

// tokens is a token endpoint that gives a good token and whatever else it is told.
func tokens(t testing.TB, more string) *crmtest.CRM {
	t.Helper()
	return crmtest.New(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"access_token":"T0ken"%s}`, more)
	})
}

func byTheClient(endpoint string) *OAuth2 {
	return &OAuth2{TokenURL: secret(endpoint), ClientID: secret("id"), ClientSecret: secret("s3cret")}
}

func exchangeOf(t testing.TB, cfg *OAuth2) func(context.Context) (grant, *Error) {
	t.Helper()
	var problems config.Problems
	client := &http.Client{
		Transport:     &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	made := newOAuth2("auth.oauth2", cfg, client, &problems)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return made
}

func granted(t testing.TB, exchange func(context.Context) (grant, *Error)) grant {
	t.Helper()
	made, failed := exchange(t.Context())
	if failed != nil {
		t.Fatal(failed)
	}
	return made
}

func TestOAuth2SendsWhatTheGrantNeeds(t *testing.T) {
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(oddText)+":"+url.QueryEscape("s"+oddText)))
	odd, oddSecret := secret(oddText), secret("s"+oddText)
	further := map[string]config.Secret{"audience": secret(oddText)}
	for name, test := range map[string]struct {
		cfg    OAuth2
		form   url.Values
		header string
	}{
		"client in the header": {
			OAuth2{ClientID: odd, ClientSecret: oddSecret, Scopes: []string{"a", "b"}, Params: further},
			url.Values{"grant_type": {"client_credentials"}, "scope": {"a b"}, "audience": {oddText}},
			basic,
		},
		"client in the body": {
			OAuth2{Grant: "client_credentials", Client: "body", ClientID: odd, ClientSecret: oddSecret},
			url.Values{"grant_type": {"client_credentials"}, "client_id": {oddText}, "client_secret": {"s" + oddText}},
			"",
		},
		"a grant of the vendor's own": {
			OAuth2{ClientID: odd, ClientSecret: oddSecret, Params: map[string]config.Secret{"grant_type": secret("own")}},
			url.Values{"grant_type": {"own"}},
			basic,
		},
		"password": {
			OAuth2{Grant: "password", Client: "header", ClientID: odd, ClientSecret: oddSecret, Username: odd, Password: odd, Scopes: []string{"a"}},
			url.Values{"grant_type": {"password"}, "username": {oddText}, "password": {oddText}, "scope": {"a"}},
			basic,
		},
		"password without a client": {
			OAuth2{Grant: "password", Username: odd, Password: odd},
			url.Values{"grant_type": {"password"}, "username": {oddText}, "password": {oddText}},
			"",
		},
		"refresh": {
			OAuth2{Grant: "refresh_token", ClientID: odd, ClientSecret: oddSecret, RefreshToken: odd},
			url.Values{"grant_type": {"refresh_token"}, "refresh_token": {oddText}},
			basic,
		},
	} {
		endpoint := tokens(t, "")
		test.cfg.TokenURL = secret(endpoint.URL + "/oauth/token?tenant=7")
		made := granted(t, exchangeOf(t, &test.cfg))
		asked := endpoint.Asked()
		if made.token != "T0ken" || len(asked) != 1 || asked[0].Method != http.MethodPost || asked[0].URI != "/oauth/token?tenant=7" {
			t.Fatalf("%s: %v %v", name, made.token, asked)
		}
		if form, err := url.ParseQuery(asked[0].Body); err != nil || form.Encode() != test.form.Encode() {
			t.Errorf("%s: sent %s", name, asked[0].Body)
		}
		if got := asked[0].Header.Get("Authorization"); got != test.header {
			t.Errorf("%s: Authorization %q", name, got)
		}
		if header := asked[0].Header; header.Get("Accept") != "application/json" || header.Get("Content-Type") != "application/x-www-form-urlencoded" {
			t.Errorf("%s: %v", name, header)
		}
	}
}

func TestOAuth2TokensAreNeverForEver(t *testing.T) {
	for _, test := range []struct {
		more     string
		declared time.Duration
		want     time.Duration
	}{
		{`,"expires_in":3600`, time.Minute, time.Hour},
		{`,"expires_in":"3600"`, 0, time.Hour},
		{`,"expires_in":2592000,"token_type":"mac"`, 0, 30 * 24 * time.Hour},
		{``, 0, 5 * time.Minute},
		{`,"expires_in":null`, 0, 5 * time.Minute},
		{`,"expires_in":0`, 0, 5 * time.Minute},
		{``, 48 * time.Hour, 48 * time.Hour},
		{`,"expires_in":-5`, 0, -5 * time.Second},
	} {
		cfg := byTheClient(tokens(t, test.more).URL)
		cfg.Lifetime = config.Duration(test.declared)
		before := time.Now()
		until := granted(t, exchangeOf(t, cfg)).until
		if until.Before(before.Add(test.want)) || until.After(time.Now().Add(test.want)) {
			t.Errorf("%s: %s", test.more, until.Sub(before))
		}
	}
}

func TestOAuth2KeepsTheNewRefreshToken(t *testing.T) {
	answers := []string{`,"refresh_token":"second"`, ``, `,"refresh_token":"third"`, `,"access_token":""`, ``}
	asked := 0
	endpoint := crmtest.New(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"access_token":"T0ken"%s}`, answers[asked])
		asked++
	})
	exchange := exchangeOf(t, &OAuth2{TokenURL: secret(endpoint.URL), Grant: grantRefresh, RefreshToken: secret("first")})
	for range answers {
		_, _ = exchange(t.Context())
	}
	var sent []string
	for _, each := range endpoint.Asked() {
		form, _ := url.ParseQuery(each.Body)
		sent = append(sent, form.Get("refresh_token"))
	}
	if want := []string{"first", "second", "second", "third", "third"}; !slices.Equal(sent, want) {
		t.Fatal(sent)
	}
}

func TestOAuth2GivesMoreOfTheAnswer(t *testing.T) {
	for kind, answer := range map[string]string{
		"application/json": `{"access_token":"T0ken","org":"ООО","id":12345678901234567890,"code":"0123","sum":1.10,"on":true,"none":null,"list":[1],"map":{}}`,
		"text/plain":       ` {"access_token":"T0ken","org":"ООО","id":12345678901234567890,"code":"0123","sum":1.10,"on":true}`,
		"application/x-www-form-urlencoded": url.Values{
			"access_token": {"T0ken"}, "org": {"ООО"}, "id": {"12345678901234567890"}, "code": {"0123"}, "sum": {"1.10"}, "on": {"true"},
		}.Encode(),
	} {
		endpoint := crmtest.New(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", kind)
			_, _ = w.Write([]byte(answer))
		})
		made := granted(t, exchangeOf(t, byTheClient(endpoint.URL)))
		if made.token != "T0ken" {
			t.Errorf("%s: %q", kind, made.token)
		}
		for name, want := range map[string]string{
			"org": "ООО", "id": "12345678901234567890", "code": "0123", "sum": "1.10", "on": "true",
			"none": "", "list": "", "map": "", "absent": "",
		} {
			if got := made.extra(name); got != want {
				t.Errorf("%s: %s is %q", kind, name, got)
			}
		}
	}
}

func TestOAuth2GivesNothingMoreOfAnAmbiguousAnswer(t *testing.T) {
	made := granted(t, exchangeOf(t, byTheClient(tokens(t, `,"org":"1","org":"2"`).URL)))
	if org := made.extra("org"); made.token != "T0ken" || org != "" {
		t.Fatal(made.token, org)
	}
}

func TestOAuth2Refusals(t *testing.T) {
	const told = `"error_description":"PRIVATE","error_uri":"http://private/"`
	for _, test := range []struct {
		status int
		kind   string
		body   string
		want   Kind
		text   string
	}{
		{400, "", `{"error":"invalid_grant",` + told + `}`, Auth, "refuses the credentials: invalid_grant"},
		{401, "", `{"error":"invalid_client",` + told + `}`, Auth, "refuses the credentials: invalid_client"},
		{200, "", `{"error":"invalid_scope",` + told + `}`, Auth, "refuses the credentials: invalid_scope"},
		{400, "text/plain", `error=unauthorized_client&error_description=PRIVATE`, Auth, "refuses the credentials: unauthorized_client"},
		{400, "", `{"error":"PRIVATE"}`, Auth, "refuses the credentials"},
		{403, "text/html", `<html>PRIVATE</html>`, Auth, "refuses the credentials"},
		{404, "", ``, Auth, "refuses the credentials"},
		{429, "", `{"error":"PRIVATE"}`, RateLimited, "asked too often"},
		{500, "", `{"error":"invalid_grant"}`, Status, "the token endpoint fails"},
		{503, "text/html", `<html>PRIVATE</html>`, Status, "the token endpoint fails"},
		{500, "", strings.Repeat("PRIVATE", 1<<18), Status, "the token endpoint fails"},
		{302, "", `PRIVATE`, Status, "redirects, which is not followed"},
		{307, "", ``, Status, "redirects, which is not followed"},
		{200, "text/html", `<html>PRIVATE</html>`, Auth, "something that is no token"},
		{200, "", ``, Auth, "something that is no token"},
		{200, "", `{"access_token":""}`, Auth, "something that is no token"},
		{200, "", `{"access_token":7}`, Auth, "something that is no token"},
		{200, "", `{"access_token":"PRIVATE","expires_in":"PRIVATE"}`, Auth, "something that is no token"},
		{200, "", `["PRIVATE"]`, Auth, "something that is no token"},
		{200, "text/plain", `%zz=PRIVATE`, Auth, "something that is no token"},
		{200, "", `{"access_token":"` + strings.Repeat("PRIVATE", 1<<18) + `"}`, Auth, "something that is no token"},
		{200, "text/plain", `access_token=` + strings.Repeat("PRIVATE", 1<<18), Auth, "something that is no token"},
	} {
		endpoint := crmtest.New(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", test.kind)
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(test.status)
			_, _ = w.Write([]byte(test.body))
		})
		_, failed := exchangeOf(t, byTheClient(endpoint.URL))(t.Context())
		if failed == nil || failed.Kind != test.want || failed.Status != test.status || !strings.HasSuffix(failed.Error(), test.text) {
			t.Errorf("%d %.60s: %v", test.status, test.body, failed)
		}
		if len(endpoint.Asked()) != 1 {
			t.Errorf("%d %.60s: asked %d times", test.status, test.body, len(endpoint.Asked()))
		}
		expectNothingPrivate(t, failed)
	}
}

func expectNothingPrivate(t *testing.T, failed *Error) {
	t.Helper()
	for _, text := range []string{"PRIVATE", "private", "127.0.0.1", "s3cret", "id:", "error_description"} {
		if told := fmt.Sprintf("%v %+v", failed, failed.Err); strings.Contains(told, text) {
			t.Errorf("%s tells %s", told, text)
		}
	}
}

func TestOAuth2WhoseConnectionFails(t *testing.T) {
	hijacked := func(answer string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			connection, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = connection.Write([]byte(answer))
			_ = connection.Close()
		}
	}
	for name, test := range map[string]struct {
		answer string
		status int
		want   Kind
		text   string
	}{
		"no answer": {"", 0, Unreachable, "the connection ended"},
		"no HTTP":   {"PRIVATE\r\n\r\n", 0, Unreachable, "not HTTP"},
		"broken":    {"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"access_token\":\"PRIVATE", 200, Unreachable, "the connection ended"},
		"no gzip":   {"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nPRIVATE and more of it", 200, DecodeFailed, "is not"},
	} {
		_, failed := exchangeOf(t, byTheClient(crmtest.New(t, hijacked(test.answer)).URL))(t.Context())
		if failed == nil || failed.Kind != test.want || failed.Status != test.status || !strings.Contains(failed.Error(), "the token endpoint: ") || !strings.Contains(failed.Error(), test.text) {
			t.Errorf("%s: %v", name, failed)
		}
		expectNothingPrivate(t, failed)
	}
}

func TestOAuth2EndsWithItsContext(t *testing.T) {
	for name, early := range map[string]string{"before the answer": "", "within the answer": `{"access_token":"PRIV`} {
		reached := make(chan struct{})
		endpoint := crmtest.New(t, func(w http.ResponseWriter, r *http.Request) {
			if early != "" {
				_, _ = w.Write([]byte(early))
				_ = http.NewResponseController(w).Flush()
			}
			close(reached)
			<-r.Context().Done()
		})
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		_, failed := exchangeOf(t, byTheClient(endpoint.URL))(ctx)
		cancel()
		if failed == nil || failed.Kind != Timeout {
			t.Errorf("%s: %v", name, failed)
		}
		<-reached
	}
	reached := make(chan struct{})
	endpoint := crmtest.New(t, func(_ http.ResponseWriter, r *http.Request) {
		close(reached)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-reached
		cancel()
	}()
	if _, failed := exchangeOf(t, byTheClient(endpoint.URL))(ctx); failed == nil || failed.Kind != Canceled {
		t.Error(failed)
	}
}

func TestOAuth2Problems(t *testing.T) {
	some, endpoint := secret("x"), secret("https://crm.example.ru/token")
	params := func(name string) map[string]config.Secret { return map[string]config.Secret{name: some} }
	for name, test := range map[string]struct {
		cfg  OAuth2
		want []string // places with a part of what is said
	}{
		"nothing":       {OAuth2{}, []string{"token_url: it is missing", "client_id: it is missing", "client_secret: it is missing"}},
		"nothing known": {OAuth2{TokenURL: unresolved(t), ClientID: unresolved(t), ClientSecret: unresolved(t)}, nil},
		"superfluous": {
			OAuth2{TokenURL: endpoint, ClientID: some, ClientSecret: some, Username: some, Password: some, RefreshToken: some},
			[]string{"password: the grant client_credentials does not send it", "refresh_token: the", "username: the"},
		},
		"password": {
			OAuth2{TokenURL: endpoint, Grant: "password", ClientSecret: some, Params: params("x")},
			[]string{"params: the grant password", "password: it is missing", "username: it is missing", "client_id: it is missing: whose"},
		},
		"refresh": {
			OAuth2{TokenURL: endpoint, Grant: "refresh_token", Scopes: []string{"a"}},
			[]string{"refresh_token: it is missing", "scopes: the grant refresh_token does not send it"},
		},
		"misspelt":  {OAuth2{TokenURL: endpoint, Grant: "pasword"}, []string{`grant: there is no grant "pasword" (did you mean password?)`}},
		"not known": {OAuth2{TokenURL: endpoint, Grant: "implicit"}, []string{"grant: there is no grant"}},
		"client": {
			OAuth2{TokenURL: endpoint, ClientID: some, ClientSecret: some, Client: "query"},
			[]string{"client: the client's id and secret stand in the header or in the body"},
		},
		"params": {
			OAuth2{TokenURL: endpoint, ClientID: some, ClientSecret: some, Params: params("client_secret")},
			[]string{"params.client_secret: client_id"},
		},
		"relative":    {OAuth2{TokenURL: secret("/token"), ClientID: some, ClientSecret: some}, []string{"token_url: it is missing, or no absolute URL"}},
		"scheme":      {OAuth2{TokenURL: secret("ftp://PRIVATE"), ClientID: some, ClientSecret: some}, []string{"token_url: it is missing, or no absolute URL"}},
		"no URL":      {OAuth2{TokenURL: secret("http://PRI VATE%"), ClientID: some, ClientSecret: some}, []string{"token_url: it is missing, or no absolute URL"}},
		"credentials": {OAuth2{TokenURL: secret("https://PRIVATE@h/"), ClientID: some, ClientSecret: some}, []string{"token_url: it cannot hold credentials"}},
	} {
		var problems config.Problems
		newOAuth2("auth.oauth2", &test.cfg, http.DefaultClient, &problems)
		found := config.All(problems.Err())
		if len(found) != len(test.want) {
			t.Errorf("%s: %v", name, found)
			continue
		}
		for i, want := range test.want {
			if text := found[i].Error(); !strings.HasPrefix(text, "auth.oauth2."+want) || strings.Contains(text, "PRIVATE") {
				t.Errorf("%s: %s", name, text)
			}
		}
	}
}
