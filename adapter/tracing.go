package adapter

import (
	"net/url"

	"bonus-adapter/config"
)

// Tracing says where OpenTelemetry spans are sent, by OTLP over HTTP. The zero Tracing sends none.
type Tracing struct {
	Endpoint string                   `yaml:"endpoint"` // of the collector; /v1/traces is appended
	Headers  map[string]config.Secret `yaml:"headers"`  // for the collector
	Sample   config.Share             `yaml:"sample"`   // of the requests
}

// On tells whether anything is traced.
func (t *Tracing) On() bool { return t.Endpoint != "" }

func (t *Tracing) check(problems *config.Problems) {
	if !t.On() {
		if len(t.Headers) > 0 {
			problems.Add("tracing", "endpoint is missing: where do the headers go?")
		}
		return
	}
	target, err := url.Parse(t.Endpoint)
	if err != nil || target.Scheme != "http" && target.Scheme != "https" || target.Host == "" || target.User != nil || target.RawQuery != "" {
		problems.Add("tracing.endpoint", "it is no plain http or https URL").Hint = "for example https://collector.example.ru:4318"
	}
}
