package crm

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

const (
	grantClient   = "client_credentials"
	grantPassword = "password"
	grantRefresh  = "refresh_token"

	clientInHeader = "header"
	clientInBody   = "body"

	usualLifetime = 5 * time.Minute // of a token whose answer does not tell it
	longestAnswer = 1 << 20         // of a token endpoint; x/oauth2 would cut it there without a word
	deepestAnswer = 32
)

// grant is what a login gives: a token, how long it may be used, and more of the answer by name.
type grant struct {
	token string
	until time.Time
	extra func(name string) string
}

// exchange is one way of RFC 6749 to get a token.
type exchange func(context.Context) (*oauth2.Token, error)

// newOAuth2 makes the exchange that cfg declares. client sends its requests (it follows no redirects).
func newOAuth2(place string, cfg *OAuth2, client *http.Client, problems *config.Problems) func(context.Context) (grant, *Error) {
	checkOAuth2(place, cfg, problems)
	exchange := newExchange(cfg)
	lifetime := cmp.Or(time.Duration(cfg.Lifetime), usualLifetime)
	return func(ctx context.Context) (grant, *Error) {
		whole := &wholeAnswer{next: cmp.Or(client.Transport, http.DefaultTransport)}
		sender := *client
		sender.Transport = whole
		token, err := exchange(context.WithValue(ctx, oauth2.HTTPClient, &sender))
		if err != nil {
			failed := exchangeFailure(ctx, err, whole.status).from(place)
			whole.witness.judged(nil, failed)
			return grant{}, failed
		}
		whole.witness.judged(&answer{}, nil)
		until := token.Expiry
		if until.IsZero() {
			until = time.Now().Add(lifetime)
		}
		return grant{token.AccessToken, until, whole.extra()}, nil
	}
}

func newExchange(cfg *OAuth2) exchange {
	declared := &oauth2.Config{
		ClientID:     cfg.ClientID.Reveal(),
		ClientSecret: cfg.ClientSecret.Reveal(),
		Scopes:       cfg.Scopes,
		Endpoint:     oauth2.Endpoint{TokenURL: cfg.TokenURL.Reveal(), AuthStyle: cfg.style()},
	}
	switch cfg.Grant {
	case grantPassword:
		return func(ctx context.Context) (*oauth2.Token, error) {
			return declared.PasswordCredentialsToken(ctx, cfg.Username.Reveal(), cfg.Password.Reveal())
		}
	case grantRefresh:
		return refreshing(declared, cfg.RefreshToken.Reveal())
	}
	return byClient(declared, cfg.Params)
}

// style says where the client's id and secret stand. It is never left to x/oauth2 to find out: it would try both, and
// send the credentials twice. Without a client there is nothing for a header to hold.
func (o *OAuth2) style() oauth2.AuthStyle {
	if o.Client == clientInBody || o.ClientID.IsZero() {
		return oauth2.AuthStyleInParams
	}
	return oauth2.AuthStyleInHeader
}

func byClient(declared *oauth2.Config, params map[string]config.Secret) exchange {
	further := make(url.Values, len(params))
	for name, value := range params {
		further.Set(name, value.Reveal())
	}
	client := &clientcredentials.Config{
		ClientID:       declared.ClientID,
		ClientSecret:   declared.ClientSecret,
		TokenURL:       declared.Endpoint.TokenURL,
		Scopes:         declared.Scopes,
		EndpointParams: further,
		AuthStyle:      declared.Endpoint.AuthStyle,
	}
	return client.Token
}

// refreshing sends the refresh token that the last answer gave: an endpoint may take each only once. It is kept in
// memory and lost at a restart, which begins with the configured one again. Whoever runs behind such an endpoint needs
// a refresh token that stays valid.
func refreshing(declared *oauth2.Config, first string) exchange {
	var mu sync.Mutex
	next := first
	return func(ctx context.Context) (*oauth2.Token, error) {
		mu.Lock() // while it is asked: a refresh token that is sent twice looks stolen
		defer mu.Unlock()
		token, err := declared.TokenSource(ctx, &oauth2.Token{RefreshToken: next}).Token()
		if err == nil {
			next = token.RefreshToken // the one that was sent, if the answer has none
		}
		return token, err
	}
}

// exchangeFailure classifies what x/oauth2 reports. Its texts are not kept: they hold the URL and the answer.
func exchangeFailure(ctx context.Context, err error, status int) *Error {
	var refused *oauth2.RetrieveError
	var unsent *url.Error
	var failed *Error
	switch {
	case errors.As(err, &refused):
		failed = refusal(status, refused.ErrorCode)
	case errors.As(err, &unsent):
		failed = bodyFailure(ctx, err)
		failed.Err = fmt.Errorf("the token endpoint: %w", failed.Err)
	default:
		failed = failure(Auth, "the token endpoint answers with something that is no token")
	}
	failed.Status = status
	return failed
}

func refusal(status int, code string) *Error {
	switch {
	case status == http.StatusTooManyRequests:
		return failure(RateLimited, "the token endpoint is asked too often")
	case status >= 500:
		return failure(Status, "the token endpoint fails")
	case status >= 300 && status < 400:
		return failure(Status, "the token endpoint redirects, which is not followed")
	}
	switch code {
	case "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type", "invalid_scope":
		return failure(Auth, "the token endpoint refuses the credentials: %s", code)
	}
	// A code that is none of RFC 6749, 5.2 is the endpoint's own text, and may hold anything.
	return failure(Auth, "the token endpoint refuses the credentials")
}

// wholeAnswer reads an answer to its end before x/oauth2 sees it, which would make a text of every error met there: a
// deadline could not be told from a connection that broke. It remembers what x/oauth2 forgets or rounds.
type wholeAnswer struct {
	next   http.RoundTripper
	status int // 0 if there was no answer
	body   []byte

	witness *witness // nil if nobody traces the exchange
}

// RoundTrip sends one request. Some endpoints answer with a form unless they are asked for JSON.
func (w *wholeAnswer) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "bonus-adapter")
	w.witness = witnessOf(request)
	response, err := w.next.RoundTrip(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	w.status = response.StatusCode
	body, err := io.ReadAll(io.LimitReader(response.Body, longestAnswer+1))
	if err != nil {
		return nil, err
	}
	if len(body) > longestAnswer {
		body = nil // a token that was cut off would look like a token
	}
	w.body = body
	w.witness.answered(response.StatusCode, response.Header)
	w.witness.read(body)
	response.Body = io.NopCloser(bytes.NewReader(body))
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte("{")) {
		response.Header.Set("Content-Type", "application/json") // x/oauth2 would read JSON in text/plain as a form
	}
	return response, nil
}

// extra gives the scalars of the answer by name, "" for what is none: as they stand there, since x/oauth2 makes numbers
// of them, 83 of "0123" in a form's answer included.
func (w *wholeAnswer) extra() func(string) string {
	if body, err := document.ParseJSON(w.body, document.Limits{Depth: deepestAnswer}); err == nil {
		return func(name string) string { return scalar(body.Member(name)) }
	}
	form, _ := url.ParseQuery(string(w.body))
	return form.Get
}

func scalar(value document.Value) string {
	switch value.Kind() {
	case document.Text, document.Number, document.Bool:
		return value.Text()
	}
	return ""
}

// checkOAuth2 finds what a token request would be refused for, or would not send.
func checkOAuth2(place string, cfg *OAuth2, problems *config.Problems) {
	checkTokenURL(place+".token_url", cfg.TokenURL, problems)
	checkGrant(place, cfg, problems)
	if cfg.Client != "" && cfg.Client != clientInHeader && cfg.Client != clientInBody {
		problems.Add(place+".client", "the client's id and secret stand in the header or in the body, not in %q", cfg.Client)
	}
	for _, name := range []string{"client_id", "client_secret", "scope"} {
		if _, has := cfg.Params[name]; has {
			problems.Add(config.Member(place+".params", name), "client_id, client_secret and scopes stand beside params").Key = true
		}
	}
}

func checkTokenURL(place string, text config.Secret, problems *config.Problems) {
	if !text.Resolved() {
		return
	}
	target, err := url.Parse(text.Reveal())
	switch {
	case err != nil, target.Scheme != "https" && target.Scheme != "http", target.Hostname() == "":
		problems.Add(place, "it is missing, or no absolute URL").Hint = "for example https://crm.example.ru/oauth/token"
	case target.User != nil:
		problems.Add(place, "it cannot hold credentials").Hint = "client_id and client_secret are for them"
	}
}

// grantKeys are the keys that a grant needs, and those that it may have besides.
type grantKeys struct{ name, needs, may string }

func grants() []grantKeys {
	return []grantKeys{
		{grantClient, "client_id client_secret", "scopes params client"},
		{grantPassword, "username password", "client_id client_secret scopes client"},
		{grantRefresh, "refresh_token", "client_id client_secret client"}, // x/oauth2 asks for the scopes as they were
	}
}

func checkGrant(place string, cfg *OAuth2, problems *config.Problems) {
	var names []string
	for _, each := range grants() {
		if each.name == cmp.Or(cfg.Grant, grantClient) {
			checkGrantKeys(place, cfg, each, problems)
			return
		}
		names = append(names, each.name)
	}
	problem := problems.Add(place+".grant", "there is no grant %q", cfg.Grant)
	problem.Hint = "there are " + strings.Join(names, ", ")
	if near := config.Nearest(cfg.Grant, names); near != "" {
		problem.Hint = "did you mean " + near + "?"
	}
}

func checkGrantKeys(place string, cfg *OAuth2, of grantKeys, problems *config.Problems) {
	needs, may := strings.Fields(of.needs), strings.Fields(of.may)
	given := cfg.given()
	for _, key := range slices.Sorted(maps.Keys(given)) {
		switch needed := slices.Contains(needs, key); {
		case needed && !given[key]:
			problems.Add(place+"."+key, "it is missing: the grant %s needs it", of.name)
		case given[key] && !needed && !slices.Contains(may, key):
			problems.Add(place+"."+key, "the grant %s does not send it", of.name).Key = true
		}
	}
	if given["client_secret"] && !given["client_id"] && of.name != grantClient {
		problems.Add(place+".client_id", "it is missing: whose is the client_secret?")
	}
}

func (o *OAuth2) given() map[string]bool {
	return map[string]bool{
		"client_id":     !o.ClientID.IsZero(),
		"client_secret": !o.ClientSecret.IsZero(),
		"username":      !o.Username.IsZero(),
		"password":      !o.Password.IsZero(),
		"refresh_token": !o.RefreshToken.IsZero(),
		"scopes":        len(o.Scopes) > 0,
		"params":        len(o.Params) > 0,
		"client":        o.Client != "",
	}
}
