package crm

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// TestEngineClientCertificate asks for a history behind TLS: the login, the pages and OAuth2 all show the certificate.
func TestEngineClientCertificate(t *testing.T) {
	authority, clients := issue(t, "the CRM's authority", nil, soon()), issue(t, "the clients' authority", nil, soon())
	own, stranger := issue(t, "leaf of the adapter", clients, soon()), issue(t, "leaf of a stranger", nil, soon())
	server := overTLS(t, authority, clients)
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			_, _ = io.WriteString(w, `{"access_token":"x","token_type":"bearer"}`)
			return
		}
		_, _ = io.WriteString(w, `{"items":[{"id":"`+r.TLS.PeerCertificates[0].Subject.CommonName+`"}]}`)
	})
	for name, test := range map[string]struct {
		tls  TLS
		want Kind
	}{
		"its own":       {TLS{config.Plain(authority.chain), config.Plain(own.chain), config.Plain(own.keyText)}, 0},
		"none":          {TLS{CA: config.Plain(authority.chain)}, Unreachable},
		"a stranger's":  {TLS{config.Plain(authority.chain), config.Plain(stranger.chain), config.Plain(stranger.keyText)}, Unreachable},
		"not our trust": {TLS{config.Plain(clients.chain), config.Plain(own.chain), config.Plain(own.keyText)}, Unreachable},
	} {
		for _, login := range []bool{false, true} {
			history, err := behindTLS(t, server, test.tls, login)
			var failed *Error
			switch {
			case errors.As(err, &failed) && failed.Kind == test.want:
			case err == nil && test.want == 0 && history.Records[0].Field(0).Text() == "leaf of the adapter":
			default:
				t.Errorf("%s, login %v: %+v, %v", name, login, history, err)
			}
		}
	}
}

func behindTLS(t *testing.T, server *httptest.Server, cfg TLS, login bool) (*History, error) {
	t.Helper()
	all := DefaultConfig()
	all.BaseURL, all.TLS = templateOf(t, server.URL), cfg
	if login {
		all.Auth.OAuth2 = &OAuth2{TokenURL: config.Plain(server.URL + "/token"), ClientID: config.Plain("a"), ClientSecret: config.Plain("b")}
	}
	all.Steps = []Step{{Name: "history", Request: Request{Get: templateOf(t, "/tx")}}}
	records, err := document.ParsePath("items")
	mustHold(t, err)
	id, err := document.ParsePath("id")
	mustHold(t, err)
	made, err := New(all, document.Plan{Sources: []document.Source{{Step: "history", Records: records}}, Fields: []document.Path{id}}, Options{})
	mustHold(t, err)
	defer made.Close()
	return made.History(t.Context(), NewCustomer("1"))
}
