package adapter_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"bonus-adapter/adapter"
	"bonus-adapter/config"
)

// selfSigned gives a certificate for localhost and its key, as PEM.
func selfSigned(t *testing.T, serial int64) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	certificate = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return certificate, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}))
}

func secured(t *testing.T, serial int64) adapter.Config {
	t.Helper()
	certificate, key := selfSigned(t, serial)
	cfg := settings()
	cfg.TLS = adapter.TLS{Certificate: config.Plain(certificate), Key: config.Plain(key)}
	return cfg
}

// serveTLS answers until the test ends, and gives the URL of the health check.
func serveTLS(t *testing.T, door *adapter.Door) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- adapter.Serve(ctx, listener, door) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return "https://" + listener.Addr().String() + "/healthz"
}

// caller asks over new connections of a version of TLS, and looks at no certificate.
func caller(version uint16) *http.Client {
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true, ServerName: "localhost", MaxVersion: version, MinVersion: tls.VersionTLS10}, //nolint:gosec // the test looks at it itself
		ForceAttemptHTTP2: true, DisableKeepAlives: true,
	}}
}

// sees gives the serial number of the certificate that a new connection sees, and its protocol.
func sees(t *testing.T, url string, version uint16) (serial int64, protocol string) {
	t.Helper()
	response, err := caller(version).Get(url)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.TLS.PeerCertificates[0].SerialNumber.Int64(), response.Proto
}

func TestHTTPS(t *testing.T) {
	handler, _ := newHandler(t, secured(t, 1), reads())
	door := adapter.NewDoor(handler)
	url := serveTLS(t, door)
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		if serial, protocol := sees(t, url, version); serial != 1 || protocol != "HTTP/2.0" {
			t.Errorf("%d over %s", serial, protocol)
		}
	}
	for _, version := range []uint16{tls.VersionTLS10, tls.VersionTLS11} {
		if response, err := caller(version).Get(url); err == nil {
			_ = response.Body.Close()
			t.Errorf("TLS %x is answered", version)
		}
	}
	if response, err := http.Get(strings.Replace(url, "https", "http", 1)); err == nil {
		if _ = response.Body.Close(); response.StatusCode != http.StatusBadRequest {
			t.Errorf("plain HTTP gets %d", response.StatusCode)
		}
	}
	if until := handler.Stats().CertificateUntil; until < time.Now().Unix() {
		t.Errorf("it ends %d", until)
	}
}

// TestANewCertificateIsSeenByNewConnections replaces the handler, as a reload does.
func TestANewCertificateIsSeenByNewConnections(t *testing.T) {
	handler, _ := newHandler(t, secured(t, 1), reads())
	door := adapter.NewDoor(handler)
	url := serveTLS(t, door)
	next, _ := newHandler(t, secured(t, 2), reads())
	door.Replace(next)()
	if serial, _ := sees(t, url, tls.VersionTLS13); serial != 2 {
		t.Errorf("%d", serial)
	}
}

func TestTLSProblems(t *testing.T) {
	certificate, key := selfSigned(t, 1)
	_, other := selfSigned(t, 2)
	acme := func(change func(*adapter.ACME)) adapter.TLS {
		made := adapter.ACME{Hosts: []string{"bonus.example.ru"}, Cache: t.TempDir(), Terms: true}
		change(&made)
		return adapter.TLS{ACME: &made}
	}
	for want, cfg := range map[string]adapter.TLS{
		"key is missing":                 {Certificate: config.Plain(certificate)},
		"certificate is missing":         {Key: config.Plain(key)},
		"is not the key of":              {Certificate: config.Plain(certificate), Key: config.Plain(other)},
		"no PEM certificate":             {Certificate: config.Plain("/etc/tls.crt"), Key: config.Plain(key)},
		"two answers to the same":        {Certificate: config.Plain(certificate), Key: config.Plain(key), ACME: &adapter.ACME{}},
		"hosts is missing":               acme(func(a *adapter.ACME) { a.Hosts = nil }),
		"not the name of one host":       acme(func(a *adapter.ACME) { a.Hosts = []string{"*.example.ru"} }),
		"cache is missing":               acme(func(a *adapter.ACME) { a.Cache = "" }),
		"accept_terms is missing":        acme(func(a *adapter.ACME) { a.Terms = false }),
		"it must begin with https://":    acme(func(a *adapter.ACME) { a.Directory = "http://ca.example.ru" }),
		"acme.ca: it holds no PEM certi": acme(func(a *adapter.ACME) { a.CA = config.Plain("x") }),
	} {
		whole := settings()
		whole.TLS = cfg
		_, err := adapter.New(whole, adapter.Options{})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "BEGIN") {
			t.Errorf("%q: %v", want, err)
		}
	}
}

func TestWhatNeedsARestartIsNamed(t *testing.T) {
	before, after := settings(), secured(t, 1)
	if keys := adapter.NeedRestart(&before, &before); len(keys) != 0 {
		t.Errorf("%v", keys)
	}
	after.Listen, after.Admin, after.TLS.ACME = ":1", "off", &adapter.ACME{}
	if keys := strings.Join(adapter.NeedRestart(&before, &after), " "); keys != "adapter.admin adapter.listen adapter.tls adapter.tls.acme" {
		t.Error(keys)
	}
	renewed := secured(t, 2)
	after = secured(t, 1)
	if keys := adapter.NeedRestart(&after, &renewed); len(keys) != 0 {
		t.Errorf("a renewed certificate: %v", keys)
	}
}
