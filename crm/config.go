package crm

import (
	"net/textproto"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// Config is the section crm of config.yaml. CONFIGURATION.md describes every key.
type Config struct {
	BaseURL Template           `yaml:"base_url"`
	Auth    Credentials        `yaml:"auth"`
	Fail    document.Condition `yaml:"fail"`
	Timeout config.Duration    `yaml:"timeout"`
	Limits  Limits             `yaml:"limits"`
	Breaker Breaker            `yaml:"breaker"`
	Steps   []Step             `yaml:"steps"`
}

// Credentials say how requests prove who is asking. Several may be given at once, for different headers.
type Credentials struct {
	Bearer  config.Secret            `yaml:"bearer"`
	Basic   *Basic                   `yaml:"basic"`
	Headers map[string]config.Secret `yaml:"headers"`
}

// Basic is the user and password of RFC 7617.
type Basic struct {
	User     config.Secret `yaml:"user"`
	Password config.Secret `yaml:"password"`
}

// Limits bound what one history may cost.
type Limits struct {
	Body       config.Size `yaml:"body"`       // of one answer, decompressed
	Depth      int         `yaml:"depth"`      // of nesting
	Pages      int         `yaml:"pages"`      // of one step
	Records    int         `yaml:"records"`    // of one history
	Concurrent int         `yaml:"concurrent"` // requests to the CRM at once
}

// Breaker says when a failing CRM is left alone, and for how long.
type Breaker struct {
	Window   config.Duration `yaml:"window"`   // over which requests are counted
	Requests int             `yaml:"requests"` // fewer than these never open it
	Failures config.Share    `yaml:"failures"` // from this share on it opens
	Open     config.Duration `yaml:"open"`     // how long it stays open before probes
	Probes   int             `yaml:"probes"`   // requests let through to find out whether the CRM is back
}

// Step is one kind of request.
type Step struct {
	Name     string                   `yaml:"name"`
	Get      Template                 `yaml:"get"`
	Post     Template                 `yaml:"post"`
	Query    Params                   `yaml:"query"`
	Headers  map[string]Template      `yaml:"headers"`
	JSON     Body                     `yaml:"json"`
	NotFound document.Condition       `yaml:"not_found"`
	Fail     document.Condition       `yaml:"fail"`
	Keep     map[string]document.Pick `yaml:"keep"`
	Pages    *Pages                   `yaml:"pages"`
}

// Pages asks a step again with a growing page number, until the last page that the answer names or, if it names none,
// until a page without records.
type Pages struct {
	Param string        `yaml:"param"` // the query parameter
	Start *int          `yaml:"start"` // the first page's number; 1 if nil
	Last  document.Pick `yaml:"last"`
}

// DefaultConfig gives the values of the keys that a config leaves out.
func DefaultConfig() Config {
	return Config{
		Timeout: config.Duration(2 * time.Second),
		Limits:  Limits{Body: 16 << 20, Depth: 64, Pages: 50, Records: 20_000, Concurrent: 64},
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
		{"limits.concurrent", c.Limits.Concurrent},
		{"breaker.requests", c.Breaker.Requests},
		{"breaker.probes", c.Breaker.Probes},
	} {
		if limit.value < 1 {
			problems.Add(limit.place, "it must be at least 1, not %d", limit.value)
		}
	}
	if c.Breaker.Failures <= 0 {
		problems.Add("breaker.failures", "a share of 0%% would open the breaker at once")
	}
	// A breaker that forgets faster than a request can fail never opens: gobreaker drops results of an older window.
	if time.Duration(c.Breaker.Window) <= 3*time.Duration(c.Timeout) {
		problems.Add("breaker.window", "%s is too short for a timeout of %s: the breaker would forget failures before it counts them", c.Breaker.Window, c.Timeout).Hint = "more than three timeouts"
	}
	c.Auth.check(problems)
}

func (a *Credentials) check(problems *config.Problems) {
	owner := map[string]string{}
	claim := func(header, place string) {
		header = textproto.CanonicalMIMEHeaderKey(header)
		if other, taken := owner[header]; taken {
			problems.Add(place, "the header %s is already set by %s", header, other)
		}
		owner[header] = place
	}
	if !a.Bearer.IsZero() {
		claim("Authorization", "auth.bearer")
		checkSecretHeader("auth.bearer", a.Bearer, problems)
	}
	if a.Basic != nil {
		claim("Authorization", "auth.basic")
		if a.Basic.User.IsZero() || strings.Contains(a.Basic.User.Reveal(), ":") {
			problems.Add("auth.basic.user", "a user is needed, and it cannot hold a colon")
		}
	}
	for name, value := range a.Headers {
		place := config.Member("auth.headers", name)
		checkHeaderName(place, name, problems)
		claim(name, place)
		checkSecretHeader(place, value, problems)
	}
}

func checkSecretHeader(place string, value config.Secret, problems *config.Problems) {
	if !httpguts.ValidHeaderFieldValue(value.Reveal()) {
		problems.Add(place, "its value holds a line break or another character that a header cannot carry")
	}
}

func checkHeaderName(place, name string, problems *config.Problems) {
	switch textproto.CanonicalMIMEHeaderKey(name) {
	case "Host", "Content-Length", "Transfer-Encoding", "Connection", "Accept-Encoding":
		problems.Add(place, "the header %s is the connection's own and cannot be set", name).Key = true
		return
	}
	if !httpguts.ValidHeaderFieldName(name) {
		problems.Add(place, "%q cannot be the name of a header", name).Key = true
	}
}
