package crm

import (
	"context"
	"math"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// login keeps the token that a CRM gives for the adapter's credentials: one for all customers, asked for when it is
// needed and when it grows old. A nil login is a CRM that wants none.
type login struct {
	kept *fresh[*token]
}

// token is what a login gave.
type token struct {
	values []tokenValue
	host   string // scheme://host of the CRM, where the login tells it
}

type tokenValue struct {
	index int
	text  string
}

// put makes the token known to the slots.
func (t *token) put(values *env) {
	for _, value := range t.values {
		values.set(value.index, value.text)
	}
}

var noToken = &token{}

// token gives the token and its generation.
func (l *login) token(ctx context.Context) (*token, uint64, *Error) {
	if l == nil {
		return noToken, 0, nil
	}
	value, generation, failed := l.kept.get(ctx)
	if failed != nil {
		loginFailed := *failed
		loginFailed.Step, loginFailed.repeat, loginFailed.reauth = loginStep, never, false
		return nil, 0, &loginFailed
	}
	return value, generation, nil
}

func (l *login) accepted(generation uint64) {
	if l != nil {
		l.kept.accepted(generation)
	}
}

// wasAccepted tells whether the CRM has taken the token of this generation before.
func (l *login) wasAccepted(generation uint64) bool {
	return l != nil && l.kept.wasAccepted(generation)
}

func (l *login) reject(generation uint64) bool { return l != nil && l.kept.reject(generation) }

func (l *login) close() {
	if l != nil {
		l.kept.close()
	}
}

// tokenName is how slots call the token.
const tokenName = "auth.token"

// defaultLifetime is for tokens whose life nobody tells: none is used for ever.
const defaultLifetime = 5 * time.Minute

// declareLogin makes known what slots may name of a login, before anything is compiled that names it.
func (b *builder) declareLogin(cfg *Credentials) {
	if cfg.Login == nil && cfg.OAuth2 == nil {
		return
	}
	b.names.add(tokenName, document.TypeText, fromAuth)
	if cfg.Login != nil {
		for _, name := range sortedKeys(cfg.Login.Keep) {
			if !plainName.MatchString(name) || name == "token" {
				b.problems.Add(config.Member("auth.login.keep", name), "%q cannot be the name of a kept value", name).Key = true
			}
			b.names.add("auth."+name, document.TypeText, fromAuth)
		}
	}
}

// newLogin makes the login that cfg declares; nil if there is none. plain asks without a token.
func (b *builder) newLogin(cfg *Config, plain *asker) *login {
	auth := &cfg.Auth
	var fetch func(context.Context) (fetched[*token], *Error)
	switch {
	case auth.Login != nil && auth.OAuth2 != nil:
		b.problems.Add("auth", "login and oauth2 are two ways to the same token: keep one")
		return nil
	case auth.Login != nil:
		fetch = b.loginByRequest(cfg, plain)
	case auth.OAuth2 != nil:
		fetch = b.loginByOAuth2(cfg, plain)
	default:
		if auth.Host != nil {
			b.problems.Add("auth.host", "there is no login whose answer could name the host")
		}
		return nil
	}
	return &login{newFresh(time.Duration(cfg.Timeout)+time.Second, b.shareLogin(fetch))}
}

func (b *builder) loginByRequest(cfg *Config, plain *asker) func(context.Context) (fetched[*token], *Error) {
	own := cfg.Auth.Login
	b.names.open = fromConstant
	asked := newCall("auth.login", &own.Request, b.names, b.problems)
	b.names.open = 0
	if asked.base == nil && plain.base.sources() != 0 {
		b.problems.Add("auth.login.base_url", "it is missing: crm.base_url names what a login does not know, the customer or the login itself")
	}
	if !own.ExpiresIn.IsZero() && !own.ExpiresAt.IsZero() {
		b.problems.Add("auth.login.expires_at", "expires_in and expires_at tell the same: keep one")
	}
	if own.Token.IsZero() {
		b.problems.Add("auth.login", "token is missing: where in the answer is it?").Hint = "token: body.access_token, or token: body with answer: text"
	}
	ask := *plain
	ask.breaker = loginStep // one that fails must not keep those out who have a token, nor those who ask make it look well
	ask.auth = ask.auth.withoutToken()
	if own.Basic != nil {
		ask.auth.basics = []basic{b.newBasic("auth.login.basic", own.Basic)}
	}
	judge := b.newVerdict("auth.login", own.Verdicts, nil, asked.protocol())
	judge.fails = []clause{{own.Fail, "auth.login.fail"}}
	reader := loginReader{cfg: own, host: newHost(cfg.Auth.Host, plain.base, b.problems), token: b.names.find(tokenName)}
	for _, name := range sortedKeys(own.Keep) {
		reader.keeps = append(reader.keeps, kept{Keep: Keep{at: own.Keep[name]}, name: name, place: config.Member("auth.login.keep", name), index: b.names.find("auth." + name)})
	}
	values := b.env
	return func(ctx context.Context) (fetched[*token], *Error) {
		var calls atomic.Int64
		got, failed := ask.ask(ctx, question{step: loginStep, place: "auth.login", page: 1, call: asked, values: values(), verdict: judge, calls: &calls})
		if failed == nil {
			var read fetched[*token]
			if read, failed = reader.read(got); failed == nil {
				return read, nil
			}
			failed.Status = got.Status
		}
		return fetched[*token]{}, asAuth(failed)
	}
}

// asAuth says of a login's failure what it means: credentials that are refused, or an answer that is no login's. What
// the network or the CRM's load did keeps its own kind.
func asAuth(failed *Error) *Error {
	switch failed.Kind {
	case Status:
		if failed.Status < 500 {
			failed.Kind = Auth
		}
	case ErrorBody, PathMissing, DecodeFailed, NoSuchCustomer, TooLarge, BadCustomer:
		failed.Kind = Auth
	}
	return failed
}

// loginReader reads a login's answer.
type loginReader struct {
	cfg   *Login
	host  *host
	token int
	keeps []kept
}

func (r *loginReader) read(got *answer) (fetched[*token], *Error) {
	text, failed := (&kept{Keep: Keep{at: r.cfg.Token}, name: "token", place: "auth.login.token"}).one(got)
	if failed == nil && text == "" {
		failed = failure(PathMissing, "the token is empty").from("auth.login.token")
	}
	if failed != nil {
		return fetched[*token]{}, failed
	}
	made := &token{values: []tokenValue{{r.token, text}}}
	for i := range r.keeps {
		text, failed := r.keeps[i].one(got)
		if failed != nil {
			return fetched[*token]{}, failed
		}
		made.values = append(made.values, tokenValue{r.keeps[i].index, text})
	}
	if r.host != nil {
		if made.host, failed = r.host.from(got.Answer); failed != nil {
			return fetched[*token]{}, failed
		}
	}
	until, failed := r.until(got)
	return fetched[*token]{made, until}, failed
}

// until tells how long the token lives: what the answer says, or else the config.
func (r *loginReader) until(got *answer) (time.Time, *Error) {
	now := time.Now()
	lifetime := time.Duration(r.cfg.Lifetime)
	if lifetime == 0 {
		lifetime = defaultLifetime
	}
	at, instant := r.cfg.ExpiresIn, false
	place := "auth.login.expires_in"
	if at.IsZero() {
		at, instant, place = r.cfg.ExpiresAt, true, "auth.login.expires_at"
	}
	if at.IsZero() {
		return now.Add(lifetime), nil
	}
	value, err := at.From(got.Answer)
	if err != nil {
		return now, documentFailure(err).from(place)
	}
	until, failed := expiry(value.Text(), instant, now)
	return until, failed.from(place)
}

// expiry reads seconds from now, or an instant: RFC 3339, or seconds or milliseconds since 1970, whichever lies in this
// century.
func expiry(text string, instant bool, now time.Time) (time.Time, *Error) {
	if moment, err := time.Parse(time.RFC3339, text); instant && err == nil {
		return moment, nil
	}
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(number) || math.Abs(number) > 1e15 {
		return now, failure(DecodeFailed, "the token's lifetime is not a number of seconds or a time")
	}
	const millisecondsFrom = 1e11 // as seconds, in the year 5138
	switch {
	case !instant && number > math.MaxInt32:
		return now, failure(DecodeFailed, "the token would live for more than 68 years: it may be a point in time, which is read by expires_at")
	case !instant:
		return now.Add(time.Duration(number * float64(time.Second))), nil
	case number >= millisecondsFrom:
		return time.UnixMilli(int64(number)), nil
	}
	return time.Unix(int64(number), 0), nil
}

func (b *builder) loginByOAuth2(cfg *Config, plain *asker) func(context.Context) (fetched[*token], *Error) {
	exchange := newOAuth2(oauth2Place, cfg.Auth.OAuth2, b.http, b.problems)
	named := newHost(cfg.Auth.Host, plain.base, b.problems)
	if named != nil && named.deep {
		b.problems.Add("auth.host.at", "of a token's answer only members at the top are read").Hint = "at: body.instance_url"
	}
	index := b.names.find(tokenName)
	return func(ctx context.Context) (fetched[*token], *Error) {
		began := time.Now()
		given, failed := exchange(withStep(ctx, loginStep))
		plain.observer.observed(ctx, began, failed)
		if failed != nil {
			return fetched[*token]{}, failed
		}
		made := &token{values: []tokenValue{{index, given.token}}}
		if named != nil {
			if made.host, failed = named.of(given.extra(named.name)); failed != nil {
				return fetched[*token]{}, failed
			}
		}
		return fetched[*token]{made, given.until}, nil
	}
}

// host takes the CRM's host from a login's answer. Only those that the config allows are asked: they get every
// customer's id.
type host struct {
	at    document.Pick
	name  string // of a member at the top
	deep  bool   // it is not at the top
	plain bool   // it may be asked without TLS
	allow []string
}

func newHost(cfg *Host, named *base, problems *config.Problems) *host {
	if cfg == nil {
		return nil
	}
	made := &host{at: cfg.At, allow: cfg.Allow, plain: named.scheme == "http"}
	path, ok := cfg.At.Body()
	if !ok {
		problems.Add("auth.host.at", "where in the login's answer is the CRM's URL?").Hint = "at: body.instance_url"
	}
	name, rest, _ := path.Cut()
	made.name, made.deep = name, !rest.IsZero()
	if len(cfg.Allow) == 0 {
		problems.Add("auth.host", "allow is missing: which hosts may it be?").Hint = `allow: ["*.my.salesforce.com"]`
	}
	for i, name := range cfg.Allow {
		if rest := strings.TrimPrefix(name, "*."); strings.ContainsAny(rest, "*/: ") || strings.Count(rest, ".") == 0 {
			problems.Add(config.Index("auth.host.allow", i), "%q is not the name of a host", name).Hint = "crm.example.com, or *.example.com for all below"
		}
	}
	return made
}

func (h *host) from(got document.Answer) (string, *Error) {
	value, err := h.at.From(got)
	if err != nil {
		return "", documentFailure(err).from("auth.host.at")
	}
	return h.of(value.Text())
}

func (h *host) of(text string) (string, *Error) {
	base, err := url.Parse(text)
	if err != nil || base.Scheme != "https" && base.Scheme != "http" || base.Hostname() == "" || base.User != nil {
		return "", failure(PathMissing, "auth.host: the login names no URL of the CRM").from("auth.host")
	}
	if base.Scheme == "http" && !h.plain {
		return "", failure(HostRefused, "the login names a host without TLS, and crm.base_url has it").from("auth.host")
	}
	for _, allowed := range h.allow {
		below, wild := strings.CutPrefix(allowed, "*")
		if name := base.Hostname(); strings.EqualFold(name, allowed) || wild && len(name) > len(below) && strings.HasSuffix(strings.ToLower(name), strings.ToLower(below)) {
			return base.Scheme + "://" + base.Host, nil
		}
	}
	return "", failure(HostRefused, "the login names a host that auth.host.allow does not hold").from("auth.host.allow")
}
