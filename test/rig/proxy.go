package rig

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// Proxy stands between the program and its CRM and does to their bytes what it is told to.
type Proxy struct {
	Address string // host:port where the program finds it
	proxy   *toxiproxy.Proxy
}

// Toxic is one fault of toxiproxy: latency, bandwidth, slicer, limit_data, reset_peer, timeout, slow_close.
type Toxic struct {
	Type       string         `json:"type"`
	Stream     string         `json:"stream,omitempty"` // upstream or, if empty, downstream: towards the program
	Attributes map[string]any `json:"attributes,omitempty"`
}

// NewProxy starts a proxy in front of an address, host:port. It stops with its test.
func NewProxy(t testing.TB, upstream string) *Proxy {
	t.Helper()
	zerolog.SetGlobalLevel(zerolog.Disabled) // some toxics write to zerolog's own logger
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	proxy := toxiproxy.NewProxy(server, "crm", "127.0.0.1:0", upstream)
	if err := proxy.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	return &Proxy{Address: proxy.Listen, proxy: proxy}
}

// Poison adds a fault to the connections that there are, and to those to come.
func (p *Proxy) Poison(t testing.TB, toxics ...Toxic) {
	t.Helper()
	for _, toxic := range toxics {
		text, err := json.Marshal(toxic)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.proxy.Toxics.AddToxicJson(bytes.NewReader(text)); err != nil {
			t.Fatalf("%s: %v", toxic.Type, err)
		}
	}
}

// Heal takes all faults away.
func (p *Proxy) Heal(ctx context.Context) { p.proxy.Toxics.ResetToxics(ctx) }

// Cut ends the connections that there are.
func (p *Proxy) Cut(t testing.TB) {
	t.Helper()
	p.Down()
	p.Up(t)
}

// Down refuses connections and cuts those that there are.
func (p *Proxy) Down() { p.proxy.Stop() }

// Up listens again, on the same address.
func (p *Proxy) Up(t testing.TB) {
	t.Helper()
	if err := p.proxy.Start(); err != nil {
		t.Fatal(err)
	}
}
