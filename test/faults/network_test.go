package faults

import (
	"testing"

	"bonus-adapter/test/rig"
)

func downstream(kind string, attributes map[string]any) rig.Toxic {
	return rig.Toxic{Type: kind, Attributes: attributes}
}

// TestNetwork does to the connection between the program and its CRM what networks do. Afterwards the network is well
// again: the next request is answered as if nothing had been, and nothing is left over.
func TestNetwork(t *testing.T) {
	for name, test := range map[string]struct {
		toxics   []rig.Toxic
		down     bool
		customer string
		want     string
		asked    int // requests that the CRM saw, of the one
	}{
		"A1 refused":                     {down: true, customer: "1", want: "fallback; reason=crm_unreachable", asked: 0},
		"A6 silence once connected":      {toxics: []rig.Toxic{downstream("timeout", map[string]any{"timeout": 0})}, customer: "1", want: "fallback; reason=crm_timeout", asked: 1},
		"A7 reset instead of an answer":  {toxics: []rig.Toxic{downstream("reset_peer", map[string]any{"timeout": 0})}, customer: "1", want: "fallback; reason=crm_unreachable", asked: 2},
		"A7 closed instead of an answer": {toxics: []rig.Toxic{downstream("limit_data", map[string]any{"bytes": 0})}, customer: "1", want: "fallback; reason=crm_unreachable", asked: 2},
		"A9 slow, in time":               {toxics: []rig.Toxic{downstream("latency", map[string]any{"latency": 400, "jitter": 100})}, customer: "1", want: "live", asked: 1},
		"A9 slow, too slow":              {toxics: []rig.Toxic{downstream("latency", map[string]any{"latency": 5000})}, customer: "1", want: "fallback; reason=crm_timeout", asked: 1},
		"A10 headers byte by byte":       {toxics: []rig.Toxic{downstream("slicer", map[string]any{"average_size": 1, "delay": 100_000})}, customer: "1", want: "fallback; reason=crm_timeout", asked: 1},
		"A11 a body that trickles":       {toxics: []rig.Toxic{downstream("bandwidth", map[string]any{"rate": 8})}, customer: "big", want: "fallback; reason=crm_timeout", asked: 1},
		"A13 cut in the body":            {toxics: []rig.Toxic{downstream("limit_data", map[string]any{"bytes": 2000})}, customer: "big", want: "fallback; reason=crm_unreachable", asked: 1},
		"A13 cut in the headers":         {toxics: []rig.Toxic{downstream("limit_data", map[string]any{"bytes": 20})}, customer: "1", want: "fallback; reason=crm_unreachable", asked: 1},
		"in small pieces":                {toxics: []rig.Toxic{downstream("slicer", map[string]any{"average_size": 100, "size_variation": 90, "delay": 10})}, customer: "1", want: "live", asked: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t, "", good)
			s.expect(t, "before", "live")
			s.crm.Forget()
			s.proxy.Cut(t) // a request on a kept connection that breaks is sent again by net/http itself: the CRM would see both
			s.proxy.Poison(t, test.toxics...)
			if test.down {
				s.proxy.Down()
			}
			s.expect(t, test.customer, test.want)
			if asked := len(s.crm.Asked()); asked != test.asked {
				t.Errorf("the CRM saw %d requests, want %d", asked, test.asked)
			}
			s.proxy.Heal(t.Context())
			if test.down {
				s.proxy.Up(t)
			}
			s.expect(t, "after", "live")
		})
	}
}
