package sharing

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/store"
	"bonus-adapter/store/storetest"
	"bonus-adapter/test/rig"
)

var rights = regexp.MustCompile("`(~bonus-adapter:[^`]+)`")

// TestTheRightsThatAreNeeded gives a user of Redis the rights that CONFIGURATION.md names, and no more.
func TestTheRightsThatAreNeeded(t *testing.T) {
	text, err := os.ReadFile("../../CONFIGURATION.md")
	if err != nil {
		t.Fatal(err)
	}
	named := rights.FindSubmatch(text)
	if named == nil {
		t.Fatal("CONFIGURATION.md names no rights")
	}
	server := rig.StartRedis(t)
	words := append([]string{"ACL", "SETUSER", "adapter", "on", ">pass", "resetkeys", "-@all"}, strings.Fields(string(named[1]))...)
	if reply := server.Do(t, words...); !strings.HasPrefix(reply, "+OK") {
		t.Fatal(reply)
	}
	s, err := store.NewRedis(store.Config{URL: config.Plain("redis://adapter:pass@" + server.Address), Key: config.Plain(secret)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	storetest.Run(t, s)
	if failed := s.Stats().Failed; len(failed) > 0 {
		t.Error(failed)
	}
}

// TestRedisByTLS: a server whose authority is ours is asked, and the same one without that is not.
func TestRedisByTLS(t *testing.T) {
	certificate, key := selfSigned(t)
	address := rig.FreeAddress(t)
	_, port, _ := net.SplitHostPort(address)
	rig.StartRedis(t, "--tls-port", port, "--tls-cert-file", certificate, "--tls-key-file", key, "--tls-auth-clients", "no")
	pem, err := os.ReadFile(certificate)
	if err != nil {
		t.Fatal(err)
	}
	trusting := store.Config{URL: config.Plain("rediss://" + address), Key: config.Plain(secret), CA: config.Plain(string(pem))}
	distrusting := trusting
	distrusting.CA = config.Secret{}
	for _, cfg := range []store.Config{trusting, distrusting} {
		s, err := store.NewRedis(cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if !cfg.CA.IsZero() {
			keep(t, s, "a", "1")
		} else if holds(t, s, "a", "1") || len(s.Stats().Failed) == 0 {
			t.Errorf("an unknown authority: %+v", s.Stats())
		}
	}
}

func selfSigned(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	bytes, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	certificate, key = filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	for name, block := range map[string]*pem.Block{certificate: {Type: "CERTIFICATE", Bytes: signed}, key: {Type: "EC PRIVATE KEY", Bytes: bytes}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certificate, key
}
