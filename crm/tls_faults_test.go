package crm

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// TestFaultsOfTLS: a CRM that cannot prove who it is sees no request, and is not asked again; the error tells what to
// look at. One that can is spoken to by HTTP/1.1, also if it offers HTTP/2: see newTransport.
func TestFaultsOfTLS(t *testing.T) {
	ours, other := issue(t, "authority", nil, soon()), issue(t, "another authority", nil, soon())
	for name, test := range map[string]struct {
		leaf  *issuer
		old   bool // the CRM speaks TLS 1.1 only
		plain bool // the CRM speaks no TLS
		host  string
		says  string // "" if all is well
	}{
		"A24 well":              {leaf: issue(t, "leaf", ours, soon())},
		"A25 expired":           {leaf: issue(t, "leaf", ours, time.Now().Add(-time.Minute)), says: "certificate is not accepted"},
		"A25 of another host":   {leaf: issue(t, "leaf", ours, soon()), host: "localhost", says: "certificate is not accepted"},
		"A25 signed by itself":  {leaf: issue(t, "leaf", nil, soon()), says: "certificate is not accepted"},
		"A25 signed by another": {leaf: issue(t, "leaf", other, soon()), says: "certificate is not accepted"},
		"A25 an old version":    {leaf: issue(t, "leaf", ours, soon()), old: true, says: "the connection failed"},
		"A25 no TLS":            {leaf: issue(t, "leaf", ours, soon()), plain: true, says: "does not speak TLS"},
		"A27 not yet valid":     {leaf: issue(t, "leaf", ours, time.Now().Add(3*time.Hour)), says: "check the clock"},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int64
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if asked.Add(1); r.ProtoMajor != 1 {
					t.Errorf("asked by %s", r.Proto)
				}
				_, _ = io.WriteString(w, `{"items":[]}`)
			}))
			pair, err := tls.X509KeyPair([]byte(test.leaf.chain), []byte(test.leaf.keyText))
			mustHold(t, err)
			server.Config.ErrorLog, server.EnableHTTP2 = quiet(), true
			server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
			if test.old {
				server.TLS.MinVersion, server.TLS.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
			}
			if test.plain {
				server.Start()
			} else {
				server.StartTLS()
			}
			defer server.Close()
			failed := askOverTLS(t, strings.Replace(strings.Replace(server.URL, "http:", "https:", 1), "127.0.0.1", firstOf(test.host, "127.0.0.1"), 1), ours)
			if (failed == nil) != (test.says == "") {
				t.Fatalf("%v", failed)
			}
			if failed == nil {
				return
			}
			if failed.Kind != Unreachable || !strings.Contains(failed.Error(), test.says) || failed.Calls != 1 || asked.Load() != 0 {
				t.Errorf("%v after %d attempts, the CRM saw %d", failed, failed.Calls, asked.Load())
			}
			if text := failed.Error(); strings.Contains(text, "127.0.0.1") || strings.Contains(text, "BEGIN") {
				t.Errorf("the error tells too much: %s", text)
			}
		})
	}
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// askOverTLS asks a CRM for a history.
func askOverTLS(t *testing.T, base string, authority *issuer) *Error {
	t.Helper()
	if _, _, err := net.SplitHostPort(strings.TrimPrefix(base, "https://")); err != nil {
		t.Fatal(err)
	}
	cfg := fakeConfig(t, getStep(t, "history", "/tx"))
	cfg.BaseURL, cfg.TLS.CA = templateOf(t, base), config.Plain(authority.chain)
	records, err := document.ParsePath("items")
	mustHold(t, err)
	client, err := New(cfg, document.Plan{Sources: []document.Source{{Step: "history", Records: records}}}, Options{})
	mustHold(t, err)
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, err = client.History(ctx, NewCustomer("1"))
	var failed *Error
	if err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	return failed
}
