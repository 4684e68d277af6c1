package crm

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"net/url"
	"strings"
	"time"

	"bonus-adapter/config"
)

// newTLS makes the TLS side of the connection to the CRM; nil if the system's own is enough.
func newTLS(cfg TLS, problems *config.Problems) *tls.Config {
	if cfg.CA.IsZero() && cfg.Certificate.IsZero() && cfg.Key.IsZero() {
		return nil
	}
	made := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: authorities(cfg.CA, problems)}
	if pair := clientPair(cfg, problems); pair != nil {
		// Given in Certificates, it would be left out if the CRM names another authority than the one that signed it, such
		// as the one above. The CRM would then report a missing certificate, which sends the search the wrong way.
		made.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return pair, nil }
	}
	return made
}

// authorities gives nil for the system's own.
func authorities(ca config.Secret, problems *config.Problems) *x509.CertPool {
	if ca.IsZero() || !ca.Resolved() {
		return nil
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(ca.Reveal())) {
		problems.Add("tls.ca", "it holds no PEM certificate").Hint = `ca: "${file:/etc/ssl/crm-ca.pem}"`
	}
	return pool
}

// clientPair gives nil if there is none, or if it cannot be used: then the problems say why.
func clientPair(cfg TLS, problems *config.Problems) *tls.Certificate {
	if cfg.Certificate.IsZero() != cfg.Key.IsZero() {
		halfPair(cfg, problems)
		return nil
	}
	if cfg.Certificate.IsZero() || !cfg.Certificate.Resolved() || !cfg.Key.Resolved() {
		return nil
	}
	certificate, key := []byte(cfg.Certificate.Reveal()), []byte(cfg.Key.Reveal())
	if !readable(certificate, key, problems) {
		return nil
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil { // its text is not passed on: it quotes from the files
		problems.Add("tls.key", "it cannot be read, or is not the key of tls.certificate").
			Hint = "the certificate of this client comes first in its file, then the authorities between"
		return nil
	}
	checkValidity(pair.Certificate[0], problems)
	return &pair
}

func halfPair(cfg TLS, problems *config.Problems) {
	if cfg.Key.IsZero() {
		problems.Add("tls.key", "it is missing: a certificate needs its key").Hint = `key: "${file:/run/secrets/crm-client.key}"`
		return
	}
	problems.Add("tls.certificate", "it is missing: a key needs its certificate").Hint = `certificate: "${file:/etc/ssl/crm-client.pem}"`
}

// readable finds what is most often wrong, in words for who has the files.
func readable(certificate, key []byte, problems *config.Problems) bool {
	leaf, private := block(certificate, "CERTIFICATE"), block(key, "PRIVATE KEY")
	if leaf == nil {
		problems.Add("tls.certificate", "it holds no PEM certificate").Hint = `certificate: "${file:/etc/ssl/crm-client.pem}"`
	} else if _, err := x509.ParseCertificate(leaf.Bytes); err != nil {
		problems.Add("tls.certificate", "the certificate in it cannot be read")
		leaf = nil
	}
	switch {
	case private == nil:
		problems.Add("tls.key", "it holds no PEM private key").Hint = `key: "${file:/run/secrets/crm-client.key}"`
	case strings.HasPrefix(private.Type, "ENCRYPTED"), private.Headers["DEK-Info"] != "":
		problems.Add("tls.key", "the key has a passphrase, and nobody is there to enter it").Hint = "openssl pkey -in crm-client.key -out plain.key"
		return false
	}
	return leaf != nil && private != nil
}

// block gives the first PEM block of a kind: a private key's begins with the name of its algorithm, or with ENCRYPTED.
func block(text []byte, kind string) *pem.Block {
	for {
		found, rest := pem.Decode(text)
		if found == nil || found.Type == kind || strings.HasSuffix(found.Type, " "+kind) {
			return found
		}
		text = rest
	}
}

func checkValidity(der []byte, problems *config.Problems) {
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return // X509KeyPair has read it already
	}
	const moment = "2006-01-02 15:04 UTC"
	switch now := time.Now(); {
	case now.After(leaf.NotAfter):
		problems.Add("tls.certificate", "it has expired on %s", leaf.NotAfter.UTC().Format(moment)).Hint = "ask whoever runs the CRM for a new one"
	case now.Before(leaf.NotBefore):
		problems.Add("tls.certificate", "it is not valid before %s", leaf.NotBefore.UTC().Format(moment)).Hint = "is the clock right?"
	}
}

// newProxy gives the proxy for every request; nil for none. The environment's proxy is never used: a server's
// environment must not decide where customers' ids are sent.
func newProxy(proxy config.Secret, problems *config.Problems) func(*http.Request) (*url.URL, error) {
	if proxy.IsZero() || !proxy.Resolved() {
		return nil
	}
	target, err := url.Parse(proxy.Reveal())
	// The URL is in no text: it may hold a password.
	if err != nil || (target.Scheme != "http" && target.Scheme != "https") || target.Hostname() == "" {
		problems.Add("proxy", "it is not the URL of an HTTP proxy").Hint = "for example http://proxy.example.ru:3128"
		return nil
	}
	return http.ProxyURL(target)
}
