package adapter

import (
	"net"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/store"
)

// Config is the section adapter of config.yaml. CONFIGURATION.md describes every key.
type Config struct {
	Listen         string          `yaml:"listen"`
	Path           string          `yaml:"path"`
	Keys           []config.Secret `yaml:"keys"`
	Budget         config.Duration `yaml:"budget"`
	IDKey          config.Secret   `yaml:"id_key"`
	Admin          string          `yaml:"admin"` // the address of the admin port, or off
	AdminKeys      []config.Secret `yaml:"admin_keys"`
	Pprof          bool            `yaml:"pprof"`
	TLS            TLS             `yaml:"tls"`
	Allow          []string        `yaml:"allow"`           // networks that requests may come from; any if empty
	TrustedProxies []string        `yaml:"trusted_proxies"` // networks whose X-Forwarded-For is believed
	Tracing        Tracing         `yaml:"tracing"`
	Limits         Limits          `yaml:"limits"`
	Cache          Cache           `yaml:"cache"`
	Redis          *store.Config   `yaml:"redis"` // what replicas have in common; nil if there is only one, or if each is on its own
}

// Limits bound what callers may cost.
type Limits struct {
	Body        config.Size `yaml:"body"`        // of a request
	Connections int         `yaml:"connections"` // of callers at once; more wait until one ends
	Requests    int         `yaml:"requests"`    // requests under way at once
	Concurrent  int         `yaml:"concurrent"`  // histories asked for at once
	Queue       int         `yaml:"queue"`       // histories that wait for that
}

// DefaultConfig gives the values of the keys that a config leaves out.
func DefaultConfig() Config {
	return Config{
		Listen:  ":8080",
		Admin:   "127.0.0.1:9090",
		Tracing: Tracing{Sample: 0.1},
		Path:    "/bonus-history",
		Budget:  config.Duration(5 * time.Second),
		Limits:  Limits{Body: 64 << 10, Connections: 4096, Requests: 1024, Concurrent: 64, Queue: 64},
		Cache: Cache{
			Store: cacheOff, TTL: config.Duration(time.Minute), NegativeTTL: config.Duration(30 * time.Second), Size: 64 << 20,
		},
	}
}

func (c *Config) check(problems *config.Problems) {
	if len(c.Keys) == 0 {
		problems.Add("keys", "no key is declared: anybody could read every customer's history").Hint = `keys: ["${env:IRP_KEY}"]`
	}
	checkKeys("keys", c.Keys, problems)
	checkKeys("admin_keys", c.AdminKeys, problems)
	problems.AddError("admin", CheckAdmin(c.Admin, len(c.AdminKeys) > 0))
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		problems.Add("listen", "%q is not an address to listen on", c.Listen).Hint = "for example :8080 or 127.0.0.1:8080"
	}
	plain, err := url.Parse(c.Path)
	switch {
	case !strings.HasPrefix(c.Path, "/"):
		problems.Add("path", "it must begin with /")
	case c.Path == healthPath || c.Path == readyPath:
		problems.Add("path", "%s is taken by the health checks", c.Path)
	case err != nil || plain.Path != c.Path || strings.ContainsAny(c.Path, ":*?#%"):
		problems.Add("path", "it must be a plain path, without : * ? # %%")
	}
	if time.Duration(c.Budget) < 100*time.Millisecond {
		problems.Add("budget", "%s is too short to ask a CRM", c.Budget)
	}
	c.TLS.check(problems)
	c.Tracing.check(problems)
	c.Limits.check(problems)
	c.Cache.check(problems)
	if c.Cache.Store == CacheRedis && c.Redis == nil {
		problems.Add("cache.store", "there is no adapter.redis to keep them in").Hint = `redis: { url: "${env:REDIS_URL}", key: "${env:REDIS_KEY}" }`
	}
}

func checkKeys(place string, keys []config.Secret, problems *config.Problems) {
	for i, key := range keys {
		text := key.Reveal()
		if key.Resolved() && (strings.TrimSpace(text) != text || text == "") {
			problems.Add(config.Index(place, i), "a key cannot be empty or have spaces around it")
		}
	}
}

func (l *Limits) check(problems *config.Problems) {
	for _, limit := range []struct {
		place        string
		value, least int
	}{
		{"limits.body", int(l.Body), 1},
		{"limits.connections", l.Connections, 1},
		{"limits.requests", l.Requests, 1},
		{"limits.concurrent", l.Concurrent, 1},
		{"limits.queue", l.Queue, 0},
	} {
		if limit.value < limit.least {
			problems.Add(limit.place, "it must be at least %d, not %d", limit.least, limit.value)
		}
	}
}

// NeedRestart names the keys, in order, that are read at the start only and differ between the config that a process began
// with and the one that it has now.
func NeedRestart(began, now *Config) []string {
	var keys []string
	for key, same := range map[string]bool{
		"adapter.limits.connections": began.Limits.Connections == now.Limits.Connections,
		"adapter.listen":             began.Listen == now.Listen,
		"adapter.admin":              began.Admin == now.Admin,
		"adapter.tls":                began.TLS.Certificate.IsZero() == now.TLS.Certificate.IsZero(),
		"adapter.tracing":            reflect.DeepEqual(began.Tracing, now.Tracing),
		"adapter.tls.acme":           reflect.DeepEqual(began.TLS.ACME, now.TLS.ACME),
	} {
		if !same {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}
