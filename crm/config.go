package crm

import (
	"time"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// Config is the section crm of config.yaml. CONFIGURATION.md describes every key.
type Config struct {
	BaseURL     Template              `yaml:"base_url"` // slots below the host only
	Headers     map[string]Template   `yaml:"headers"`  // of every step's requests
	Values      map[string]Credential `yaml:"values"`   // texts that slots may name: values.x
	Auth        Credentials           `yaml:"auth"`
	Verdicts    []Verdict             `yaml:"verdicts"`
	Fail        document.Condition    `yaml:"fail"`
	OnPartial   string                `yaml:"on_partial"` // nothing or newest
	Timeout     config.Duration       `yaml:"timeout"`
	Limits      Limits                `yaml:"limits"`
	Rate        Rate                  `yaml:"rate"`
	Retry       Retry                 `yaml:"retry"`
	Breaker     Breaker               `yaml:"breaker"`
	TLS         TLS                   `yaml:"tls"`
	Proxy       config.Secret         `yaml:"proxy"`        // the URL of an HTTP proxy
	DenyPrivate bool                  `yaml:"deny_private"` // only addresses of the public internet are asked
	Steps       []Step                `yaml:"steps"`
}

// Credentials say how requests prove who is asking. Several ways may be given at once, for different headers.
type Credentials struct {
	Bearer  Credential            `yaml:"bearer"`
	Basic   *Basic                `yaml:"basic"`
	Headers map[string]Credential `yaml:"headers"`
	Query   map[string]Credential `yaml:"query"`
	Login   *Login                `yaml:"login"`
	OAuth2  *OAuth2               `yaml:"oauth2"`
	Host    *Host                 `yaml:"host"`
}

// Basic is the user and password of RFC 7617.
type Basic struct {
	User     Credential `yaml:"user"`
	Password Credential `yaml:"password"`
}

// Login is a request that gives a token. Unless a slot names auth.token, it is sent as a Bearer token.
type Login struct {
	Request   `yaml:",inline"`
	Basic     *Basic                   `yaml:"basic"`
	Token     document.Pick            `yaml:"token"`
	ExpiresIn document.Pick            `yaml:"expires_in"` // seconds
	ExpiresAt document.Pick            `yaml:"expires_at"` // seconds or milliseconds since 1970, or RFC 3339
	Lifetime  config.Duration          `yaml:"lifetime"`   // where the answer does not tell it; 5 minutes if zero
	Keep      map[string]document.Pick `yaml:"keep"`       // more of the answer, named auth.x
	Verdicts  []Verdict                `yaml:"verdicts"`
	Fail      document.Condition       `yaml:"fail"`
}

// OAuth2 is a token by RFC 6749: client_credentials, password or refresh_token.
type OAuth2 struct {
	TokenURL     config.Secret            `yaml:"token_url"`
	Grant        string                   `yaml:"grant"` // client_credentials if empty
	ClientID     config.Secret            `yaml:"client_id"`
	ClientSecret config.Secret            `yaml:"client_secret"`
	Username     config.Secret            `yaml:"username"`
	Password     config.Secret            `yaml:"password"`
	RefreshToken config.Secret            `yaml:"refresh_token"`
	Scopes       []string                 `yaml:"scopes"`
	Params       map[string]config.Secret `yaml:"params"`   // further parameters of a client_credentials request
	Client       string                   `yaml:"client"`   // where the client's id and secret stand: header (if empty) or body
	Lifetime     config.Duration          `yaml:"lifetime"` // where the answer does not tell it; 5 minutes if zero
}

// Host is the CRM's host where only the login tells it. Which ones it may be is the config's to say.
type Host struct {
	At    document.Pick `yaml:"at"`    // a URL in the login's answer
	Allow []string      `yaml:"allow"` // host names, *.example.com for all below
}

// Request is one kind of request: what a step and a login have in common.
type Request struct {
	BaseURL Template            `yaml:"base_url"` // instead of the crm's
	Get     Template            `yaml:"get"`
	Post    Template            `yaml:"post"`
	Put     Template            `yaml:"put"`
	Query   Params              `yaml:"query"`
	Headers map[string]Template `yaml:"headers"`
	JSON    JSONBody            `yaml:"json"`
	Form    Params              `yaml:"form"`
	XML     XMLBody             `yaml:"xml"`
	SOAP    XMLBody             `yaml:"soap"` // the content of a SOAP 1.1 body
	GraphQL *GraphQL            `yaml:"graphql"`
	JSONRPC *JSONRPC            `yaml:"jsonrpc"`
	Answer  string              `yaml:"answer"` // json, xml or text; xml if the request is XML, json otherwise
}

// GraphQL is a query with its variables.
type GraphQL struct {
	Query     string   `yaml:"query"`
	Variables JSONBody `yaml:"variables"`
}

// JSONRPC is a call by JSON-RPC 2.0.
type JSONRPC struct {
	Method string   `yaml:"method"`
	Params JSONBody `yaml:"params"`
}

// Step is one kind of request to the CRM, and what is done with the answers.
type Step struct {
	Name       string `yaml:"name"`
	Request    `yaml:",inline"`
	Idempotent bool               `yaml:"idempotent"` // its POST or PUT may be repeated
	When       string             `yaml:"when"`       // a condition over names; the step is left out if it does not hold
	Each       string             `yaml:"each"`       // a kept list: the step is asked once for each element
	Windows    *Windows           `yaml:"windows"`    // and once for each stretch of time
	Parallel   int                `yaml:"parallel"`   // how many of a step's requests are under way at once; 4 if zero
	Weight     int                `yaml:"weight"`     // what a request costs of crm.rate; 1 if zero
	Optional   bool               `yaml:"optional"`   // the history goes on without it
	KeepFor    config.Duration    `yaml:"keep_for"`   // what it keeps is the same for every customer, for so long
	Verdicts   []Verdict          `yaml:"verdicts"`
	NotFound   document.Condition `yaml:"not_found"`
	Owner      document.Pick      `yaml:"owner"`    // where an answer names whose it is; one of another customer is an error
	OwnerIs    Template           `yaml:"owner_is"` // who that has to be; the customer who is asked for if empty
	Fail       document.Condition `yaml:"fail"`
	Keep       map[string]Keep    `yaml:"keep"`
	Pages      *Pages             `yaml:"pages"`
}

// Windows asks a step for one stretch of time after the other, from now on backwards.
type Windows struct {
	Span config.Duration `yaml:"span"` // of one window
	Back config.Duration `yaml:"back"` // how far back in all
}

// Pages asks a step again until its list is read to the end.
type Pages struct {
	By     string             `yaml:"by"`     // number or offset; number if empty, unless cursor or next is given
	Param  string             `yaml:"param"`  // the query parameter; none if a slot names page.number, page.offset or page.cursor
	Start  *int               `yaml:"start"`  // the first page's number (1 if nil) or offset (0 if nil)
	Size   int                `yaml:"size"`   // a page with fewer records is the last one
	Cursor Cursor             `yaml:"cursor"` // where an answer holds the next page's cursor
	Next   document.Pick      `yaml:"next"`   // where an answer holds the next page's URL
	Last   document.Pick      `yaml:"last"`   // where an answer names the last page's number
	Count  document.Pick      `yaml:"count"`  // or how many pages there are
	Total  document.Pick      `yaml:"total"`  // or how many records
	More   document.Condition `yaml:"more"`   // or whether there is more
}

// Verdict says what an answer means for which When holds.
type Verdict struct {
	When    document.Condition `yaml:"when"`
	Then    string             `yaml:"then"`    // ok, empty, retry, reauth or fail
	Reason  string             `yaml:"reason"`  // the word under which it is known
	Breaker string             `yaml:"breaker"` // count or ignore; by its reason if empty
}

// Limits bound what one history may cost.
type Limits struct {
	Body       config.Size `yaml:"body"`       // of one answer, decompressed
	Depth      int         `yaml:"depth"`      // of nesting
	Pages      int         `yaml:"pages"`      // of one step, all its lists and windows together
	Records    int         `yaml:"records"`    // of one history
	Each       int         `yaml:"each"`       // elements that a step is asked for
	Concurrent int         `yaml:"concurrent"` // requests to the CRM at once
}

// Rate is how many requests the CRM wants to see in a time. The zero Rate is no limit.
type Rate struct {
	Requests   int             `yaml:"requests"` // in weights of steps
	Per        config.Duration `yaml:"per"`      // one second if zero
	RetryAfter RetryAfter      `yaml:"retry_after"`
	Share      config.Share    `yaml:"share"` // this replica's part of it where replicas cannot count in common; all of it if zero
}

// RetryAfter says where an answer tells when to come again: the header Retry-After if empty.
type RetryAfter struct {
	Header string `yaml:"header"`
	Unit   string `yaml:"unit"` // s (if empty), ms, epoch or epoch_ms
}

// Retry says how often a request is sent again that failed in a way that may pass.
type Retry struct {
	Attempts int             `yaml:"attempts"` // in all; 1 is never again
	Wait     config.Duration `yaml:"wait"`     // the longest wait before the first repetition; it doubles
	Timeouts bool            `yaml:"timeouts"` // also one whose own time was over
}

// TLS is what the connection to the CRM needs beyond the system's trust. The values are PEM texts, mostly references to
// files.
type TLS struct {
	CA          config.Secret `yaml:"ca"`          // instead of the system's authorities
	Certificate config.Secret `yaml:"certificate"` // of this client, with its chain
	Key         config.Secret `yaml:"key"`
}

// Breaker says when a failing CRM is left alone, and for how long.
type Breaker struct {
	Window   config.Duration `yaml:"window"`   // over which requests are counted
	Requests int             `yaml:"requests"` // fewer than these never open it
	Failures config.Share    `yaml:"failures"` // from this share on it opens
	Open     config.Duration `yaml:"open"`     // how long it stays open before probes
	Probes   int             `yaml:"probes"`   // requests let through to find out whether the CRM is back
}

const (
	partialNothing = "nothing"
	partialNewest  = "newest"
)

// DefaultConfig gives the values of the keys that a config leaves out.
func DefaultConfig() Config {
	return Config{
		OnPartial: partialNothing,
		Rate:      Rate{Share: 1},
		Timeout:   config.Duration(2 * time.Second),
		Limits:    Limits{Body: 16 << 20, Depth: 64, Pages: 50, Records: 20_000, Each: 20, Concurrent: 64},
		Retry:     Retry{Attempts: 2, Wait: config.Duration(200 * time.Millisecond)},
		Breaker: Breaker{
			Window:   config.Duration(time.Minute),
			Requests: 20,
			Failures: 0.5,
			Open:     config.Duration(10 * time.Second),
			Probes:   3,
		},
	}
}

func (c *Config) check(problems *config.Problems) {
	if len(c.Steps) == 0 {
		problems.Add("steps", "no step is declared: the CRM would never be asked")
	}
	for _, limit := range []struct {
		place string
		value int
	}{
		{"limits.depth", c.Limits.Depth},
		{"limits.pages", c.Limits.Pages},
		{"limits.records", c.Limits.Records},
		{"limits.each", c.Limits.Each},
		{"limits.concurrent", c.Limits.Concurrent},
		{"breaker.requests", c.Breaker.Requests},
		{"breaker.probes", c.Breaker.Probes},
	} {
		if limit.value < 1 {
			problems.Add(limit.place, "it must be at least 1, not %d", limit.value)
		}
	}
	if c.OnPartial != partialNothing && c.OnPartial != partialNewest {
		problems.Add("on_partial", "a half-read history cannot give %q", c.OnPartial).Hint = oneOf(c.OnPartial, partialNothing, partialNewest)
	}
	if c.DenyPrivate && !c.Proxy.IsZero() {
		problems.Add("deny_private", "behind a proxy the adapter does not see which addresses are asked").Hint = "let the proxy refuse them"
	}
	c.Rate.check(problems)
	c.Retry.check(problems)
	c.Breaker.check(c.Timeout, problems)
	for i := range c.Verdicts {
		newRule(config.Index("verdicts", i), &c.Verdicts[i], problems)
	}
}

func (b *Breaker) check(timeout config.Duration, problems *config.Problems) {
	if b.Failures <= 0 {
		problems.Add("breaker.failures", "a share of 0%% would open the breaker at once")
	}
	// A breaker that forgets faster than a request can fail never opens: gobreaker drops results of an older window.
	if time.Duration(b.Window) <= 3*time.Duration(timeout) {
		problems.Add("breaker.window", "%s is too short for a timeout of %s: the breaker would forget failures before it counts them", b.Window, timeout).Hint = "more than three timeouts"
	}
}
