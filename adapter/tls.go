package adapter

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.uber.org/zap"
	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"bonus-adapter/config"
)

// TLS is how the public port proves who it is: by a certificate that somebody else renews, or by one that it gets by
// itself. Without either it is plain HTTP, for a proxy in front.
type TLS struct {
	Certificate config.Secret `yaml:"certificate"` // PEM, with its chain
	Key         config.Secret `yaml:"key"`
	ACME        *ACME         `yaml:"acme"`
}

// ACME is an authority that gives certificates to whoever answers at a name (RFC 8555), by its challenge tls-alpn-01: on
// the public port itself, which it has to reach as port 443.
type ACME struct {
	Hosts     []string      `yaml:"hosts"`
	Email     string        `yaml:"email"`        // to whom the authority writes
	Directory string        `yaml:"directory"`    // of the authority; Let's Encrypt's if empty
	CA        config.Secret `yaml:"ca"`           // whom the directory's own certificate is trusted by; the system's if zero
	Cache     string        `yaml:"cache"`        // folder for certificates and the account's key
	Terms     bool          `yaml:"accept_terms"` // of the authority
}

// letsEncrypt is the directory that is asked if none is named.
const letsEncrypt = acme.LetsEncryptURL

func (t *TLS) check(problems *config.Problems) {
	pair := !t.Certificate.IsZero() || !t.Key.IsZero()
	switch {
	case t.ACME != nil && pair:
		problems.Add("tls.acme", "a certificate of its own and one that is given are two answers to the same: keep one").Key = true
	case t.ACME != nil:
		t.ACME.check(problems)
	case pair:
		t.pair(problems)
	}
}

// pair reads the certificate; nil if there is none, or if it cannot be used: then the problems say why.
func (t *TLS) pair(problems *config.Problems) *tls.Certificate {
	switch {
	case t.ACME != nil || t.Certificate.IsZero() && t.Key.IsZero():
		return nil
	case t.Key.IsZero():
		problems.Add("tls", "key is missing: a certificate needs its key").Hint = `key: "${file:/run/secrets/tls.key}"`
		return nil
	case t.Certificate.IsZero():
		problems.Add("tls", "certificate is missing: a key needs its certificate").Hint = `certificate: "${file:/run/secrets/tls.crt}"`
		return nil
	case !t.Certificate.Resolved() || !t.Key.Resolved():
		return nil
	}
	if text := t.Certificate.Reveal(); !strings.Contains(text, "-----BEGIN") {
		problems.Add("tls.certificate", "it holds no PEM certificate").Hint = `a file is named so: certificate: "${file:/run/secrets/tls.crt}"`
		return nil
	}
	pair, err := tls.X509KeyPair([]byte(t.Certificate.Reveal()), []byte(t.Key.Reveal()))
	if err != nil { // its text is not passed on: it quotes from the files
		problems.Add("tls.key", "it cannot be read, or is not the key of tls.certificate").Hint = "the certificate of this host comes first in its file, then the authorities between"
		return nil
	}
	return &pair
}

func (a *ACME) check(problems *config.Problems) {
	if len(a.Hosts) == 0 {
		problems.Add("tls.acme", "hosts is missing: for which names?").Hint = "hosts: [bonus.example.ru]"
	}
	for i, host := range a.Hosts {
		if !strings.Contains(host, ".") || strings.ContainsAny(host, "*/: ") {
			problems.Add(config.Index("tls.acme.hosts", i), "%q is not the name of one host", host)
		}
	}
	if a.Cache == "" {
		problems.Add("tls.acme", "cache is missing: without a folder that stays, every start asks for new certificates, and the authority soon refuses").Hint = "cache: /var/lib/bonus-adapter/acme"
	}
	if !a.Terms {
		problems.Add("tls.acme", "accept_terms is missing: the authority's terms of service are to be read and accepted").Hint = "accept_terms: true"
	}
	if a.Directory != "" && !strings.HasPrefix(a.Directory, "https://") {
		problems.Add("tls.acme.directory", "it must begin with https://")
	}
	if _, ok := a.authorities(); !ok {
		problems.Add("tls.acme.ca", "it holds no PEM certificate")
	}
}

// authorities gives nil for the system's.
func (a *ACME) authorities() (pool *x509.CertPool, ok bool) {
	if a.CA.IsZero() || !a.CA.Resolved() {
		return nil, true
	}
	pool = x509.NewCertPool()
	return pool, pool.AppendCertsFromPEM([]byte(a.CA.Reveal()))
}

// manager gets certificates and renews them when a third of their life is left. Its timers end with the process.
func (a *ACME) manager() *autocert.Manager {
	pool, _ := a.authorities()
	transport := &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	directory := a.Directory
	if directory == "" {
		directory = letsEncrypt
	}
	return &autocert.Manager{
		Prompt:     autocert.AcceptTOS,
		Cache:      autocert.DirCache(a.Cache),
		HostPolicy: autocert.HostWhitelist(a.Hosts...),
		Email:      a.Email,
		Client:     &acme.Client{DirectoryURL: directory, UserAgent: "bonus-adapter", HTTPClient: &http.Client{Transport: transport, Timeout: time.Minute}},
	}
}

var errNoCertificate = errors.New("the config that answers now has no certificate")

// TLS gives what connections to the door are secured by; nil if they are plain. Whether they are is settled by the config
// that the door began with; which certificate they see, by the one that answers when they come.
func (d *Door) TLS() *tls.Config {
	began := d.handler()
	made := &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	switch {
	case began.acme != nil:
		manager := began.acme.manager()
		made.NextProtos = append(made.NextProtos, acme.ALPNProto)
		made.GetCertificate = d.told(manager.GetCertificate, began.acme.Hosts)
	case began.certificate != nil:
		made.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			if now := d.handler().certificate; now != nil {
				return now, nil
			}
			return nil, errNoCertificate
		}
	default:
		return nil
	}
	return made
}

// told logs why there is no certificate for one of the hosts: callers only see a handshake that fails. What strangers
// ask for under other names is not logged.
func (d *Door) told(get func(*tls.ClientHelloInfo) (*tls.Certificate, error), hosts []string) func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	return func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		certificate, err := get(hello)
		if err == nil && !slices.Contains(hello.SupportedProtos, acme.ALPNProto) {
			d.handler().certified(certificate)
		}
		if host := strings.ToLower(hello.ServerName); err != nil && slices.Contains(hosts, host) {
			d.handler().log.Error("no certificate", zap.String("host", host), zap.Error(err))
		}
		return certificate, err
	}
}

// certified notes until when callers see a certificate; nil is none.
func (h *Handler) certified(certificate *tls.Certificate) {
	if certificate != nil && certificate.Leaf != nil {
		h.until.Store(certificate.Leaf.NotAfter.Unix())
	}
}
