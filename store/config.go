package store

import (
	"crypto/tls"
	"crypto/x509"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"bonus-adapter/config"
)

// Config is adapter.redis: the Redis or Valkey that replicas have in common.
type Config struct {
	URL config.Secret `yaml:"url"` // redis://, rediss:// with TLS, or unix://
	Key config.Secret `yaml:"key"` // everything in it is encrypted and authenticated by
	CA  config.Secret `yaml:"ca"`  // PEM; instead of the system's authorities
}

const (
	patience     = 50 * time.Millisecond // for one call
	dialPatience = 100 * time.Millisecond
	connections  = 32
	shortestKey  = 32
)

// options are those of go-redis. By itself it waits 3 to 5 seconds, whatever the context says, and tries again three
// times: here each call has its patience, once.
func (c *Config) options(problems *config.Problems) *redis.Options {
	options := c.address(problems)
	options.ContextTimeoutEnabled = true
	options.MaxRetries = -1
	options.DialerRetries = 1
	options.DialTimeout = dialPatience
	options.ReadTimeout, options.WriteTimeout, options.PoolTimeout = patience, patience, patience
	options.PoolSize = connections
	options.Protocol = 2 // what every Redis and Valkey speaks
	options.DisableIdentity = true
	options.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	c.trust(options, problems)
	return options
}

// address reads the URL. One whose references nobody has resolved gives options that are never used.
func (c *Config) address(problems *config.Problems) *redis.Options {
	const example = "for example rediss://user:${env:REDIS_PASSWORD}@redis.example.ru:6379/0"
	if c.URL.IsZero() {
		problems.Add("url", "it is missing: where is the Redis?").Hint = example
	}
	if c.URL.IsZero() || !c.URL.Resolved() {
		return &redis.Options{}
	}
	options, err := redis.ParseURL(c.URL.Reveal())
	if err != nil { // its text is not passed on: it quotes the URL, and with it the password
		problems.Add("url", "it is not the URL of a Redis").Hint = example
		return &redis.Options{}
	}
	return options
}

func (c *Config) trust(options *redis.Options, problems *config.Problems) {
	if c.CA.IsZero() || !c.CA.Resolved() {
		return
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(c.CA.Reveal())) {
		problems.Add("ca", "it holds no PEM certificate").Hint = `ca: "${file:/etc/ssl/redis-ca.pem}"`
	}
	switch {
	case options.TLSConfig != nil:
		options.TLSConfig.MinVersion, options.TLSConfig.RootCAs = tls.VersionTLS12, pool
	case c.URL.Resolved() && !c.URL.IsZero():
		problems.Add("ca", "the connection has no TLS").Hint = "url: rediss://…"
	}
}

func (c *Config) checkKey(problems *config.Problems) {
	const hint = "key: ${env:REDIS_KEY}, filled by: openssl rand -base64 32"
	switch {
	case c.Key.IsZero():
		problems.Add("key", "it is missing: what is kept there is customers' data").Hint = hint
	case c.Key.Resolved() && len(c.Key.Reveal()) < shortestKey:
		problems.Add("key", "it is shorter than %d characters", shortestKey).Hint = hint
	}
}
