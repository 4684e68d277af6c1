package crm

import (
	"net/url"
	"strings"
	"testing"
)

// TestElsewhere: where a next page may be. One place may be written in several ways; another one is never followed, and the
// text says why.
func TestElsewhere(t *testing.T) {
	for _, test := range []struct{ asked, link, says string }{
		{"https://crm.example/a", "https://crm.example/b", ""},
		{"https://crm.example/a", "https://crm.example:443/b", ""},
		{"https://crm.example:443/a", "https://crm.example/b", ""},
		{"https://crm.example/a", "https://CRM.Example/b", ""},
		{"https://crm.example/a", "HTTPS://crm.example/b", ""},
		{"http://crm.example:80/a", "http://crm.example/b", ""},
		{"https://[2001:db8::1]/a", "https://[2001:DB8::1]:443/b", ""},
		{"https://crm.example:8443/a", "https://crm.example:8443/b", ""},
		{"https://crm.example/a", "http://crm.example/b", "is http://"},
		{"https://crm.example/a", "http://crm.example:443/b", "is http://"},
		{"https://crm.example:8443/a", "http://crm.example/b", "is http://"},
		{"https://crm.example/a", "https://crm.example:8443/b", "another host, port or scheme"},
		{"https://crm.example:8443/a", "https://crm.example/b", "another host, port or scheme"},
		{"http://crm.example/a", "https://crm.example/b", "another host, port or scheme"},
		{"http://crm.example/a", "http://crm.example:443/b", "another host, port or scheme"},
		{"https://crm.example/a", "https://crm.example:80/b", "another host, port or scheme"},
		{"https://crm.example/a", "https://crm.example.evil.example/b", "another host, port or scheme"},
		{"https://crm.example/a", "https://crm.example./b", "another host, port or scheme"},
		{"https://crm.example/a", "http://other.example/b", "another host, port or scheme"},
		{"https://crm.example/a", "ftp://crm.example/b", "another host, port or scheme"},
		{"https://crm.example/a", "https://x@crm.example/b", "user name"},
		{"https://crm.example/a", "javascript:alert(1)", "another host, port or scheme"},
	} {
		asked, link := parsed(t, test.asked), parsed(t, test.link)
		failed := elsewhere(asked, link)
		switch {
		case (failed == nil) != (test.says == ""):
			t.Errorf("%s after %s: %v", test.link, test.asked, failed)
		case failed != nil && (failed.Kind != HostRefused || !strings.Contains(failed.Error(), test.says)):
			t.Errorf("%s after %s: %v, want %q", test.link, test.asked, failed, test.says)
		case failed != nil && strings.Contains(failed.Error(), "example"):
			t.Errorf("the text names a host: %v", failed)
		}
	}
}

func parsed(t *testing.T, text string) *url.URL {
	t.Helper()
	made, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return made
}
