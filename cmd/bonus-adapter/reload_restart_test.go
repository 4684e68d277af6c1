package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestReloadTellsWhatNeedsARestart: what is read at the start only is named as long as it differs from how the process
// began, and no longer.
func TestReloadTellsWhatNeedsARestart(t *testing.T) {
	s := newReloading(t)
	for i, test := range []struct{ adapter, want string }{
		{"", ""},
		{"listen: 127.0.0.1:1", "[adapter.listen]"},
		{"listen: 127.0.0.1:1\n  budget: 4s", "[adapter.listen]"}, // still
		{"", ""}, // as it began
		{`admin: "off"`, "[adapter.admin]"},
		{"tracing: { endpoint: http://127.0.0.1:1 }", "[adapter.tracing]"},
		{"limits: { connections: 7 }", "[adapter.limits.connections]"},
		{"tls: { acme: { hosts: [a.example.ru], cache: " + t.TempDir() + ", accept_terms: true } }", "[adapter.tls.acme]"},
		{"path: /other\n  limits: { requests: 7 }\n  pprof: true\n  allow: [127.0.0.0/8]", ""},
	} {
		s.logs.TakeAll()
		s.write(t, "config.yaml", strings.Replace(s.config(), "\ncrm:", "\n  "+test.adapter+"\ncrm:", 1))
		s.r.reload()
		if s.logs.FilterMessage("the config is reloaded").Len() != 1 {
			t.Fatalf("%d: %v", i, s.logs.All())
		}
		got := ""
		for _, line := range s.logs.FilterMessageSnippet("restart to change them").All() {
			got += fmt.Sprint(line.ContextMap()["keys"])
		}
		if got != test.want {
			t.Errorf("%d: %q, want %q", i, got, test.want)
		}
	}
}
