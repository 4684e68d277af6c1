package crm

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"bonus-adapter/config"
)

// issuer is an authority, or a certificate that it has signed.
type issuer struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	chain       string // PEM: the certificate, then the authorities between
	keyText     string // PEM
}

// issue makes a certificate, valid for an hour until the given moment; of its own if by is nil.
func issue(t *testing.T, name string, by *issuer, until time.Time) *issuer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	mustHold(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: until.Add(-2 * time.Hour), NotAfter: until,
		IsCA: !strings.HasPrefix(name, "leaf"), BasicConstraintsValid: true,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	signed := &issuer{key: key}
	if by == nil {
		by = &issuer{certificate: template, key: key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.certificate, key.Public(), by.key)
	mustHold(t, err)
	signed.certificate, err = x509.ParseCertificate(der)
	mustHold(t, err)
	private, err := x509.MarshalPKCS8PrivateKey(key)
	mustHold(t, err)
	signed.chain = pemOf("CERTIFICATE", der) + by.chain
	signed.keyText = pemOf("PRIVATE KEY", private)
	return signed
}

func pemOf(kind string, content []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}))
}

func mustHold(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func soon() time.Time { return time.Now().Add(time.Hour) }

// quiet keeps a server's complaints about refused handshakes out of the test's output.
func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// overTLS is a CRM behind TLS. It lets only those in whose certificate clients has signed, if that is not nil.
func overTLS(t *testing.T, by, clients *issuer) *httptest.Server {
	t.Helper()
	leaf := issue(t, "leaf of the CRM", by, soon())
	pair, err := tls.X509KeyPair([]byte(leaf.chain), []byte(leaf.keyText))
	mustHold(t, err)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "the CRM")
	}))
	server.Config.ErrorLog = quiet()
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	if clients != nil {
		pool := x509.NewCertPool()
		pool.AddCert(clients.certificate)
		server.TLS.ClientCAs, server.TLS.ClientAuth = pool, tls.RequireAndVerifyClientCert
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

// get asks a URL as the section's connection would.
func get(t *testing.T, target string, cfg TLS, proxy config.Secret) (string, error) {
	t.Helper()
	var problems config.Problems
	transport := &http.Transport{TLSClientConfig: newTLS(cfg, &problems), Proxy: newProxy(proxy, &problems)}
	mustHold(t, problems.Err())
	t.Cleanup(transport.CloseIdleConnections)
	response, err := (&http.Client{Transport: transport}).Get(target)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return string(body), err
}

func TestTLSOwnAuthority(t *testing.T) {
	ours, other := issue(t, "authority", nil, soon()), issue(t, "another authority", nil, soon())
	server := overTLS(t, ours, nil)
	if body, err := get(t, server.URL, TLS{CA: config.Plain(ours.chain)}, config.Secret{}); err != nil || body != "the CRM" {
		t.Errorf("%q %v", body, err)
	}
	if _, err := get(t, server.URL, TLS{CA: config.Plain(other.chain + ours.chain)}, config.Secret{}); err != nil {
		t.Errorf("one authority of two: %v", err)
	}
	for name, ca := range map[string]TLS{"another authority": {CA: config.Plain(other.chain)}, "the system's authorities": {}} {
		_, err := get(t, server.URL, ca, config.Secret{})
		if failed := transportFailure(t.Context(), err); err == nil || !strings.Contains(failed.Error(), "certificate is not accepted") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTLSClientCertificate(t *testing.T) {
	ours, other := issue(t, "authority", nil, soon()), issue(t, "another authority", nil, soon())
	between := issue(t, "authority between", ours, soon())
	server := overTLS(t, ours, ours)
	for name, test := range map[string]struct {
		client *issuer
		says   string // the CRM's alert
	}{
		"signed by the authority":        {issue(t, "leaf", ours, soon()), ""},
		"signed by one between":          {issue(t, "leaf", between, soon()), ""},
		"signed by another, the rogue's": {issue(t, "leaf", other, soon()), "unknown certificate authority"},
		"signed by itself":               {issue(t, "leaf", nil, soon()), "unknown certificate authority"},
		"none":                           {nil, "certificate required"},
	} {
		cfg := TLS{CA: config.Plain(ours.chain)}
		if test.client != nil {
			cfg.Certificate, cfg.Key = config.Plain(test.client.chain), config.Plain(test.client.keyText)
		}
		_, err := get(t, server.URL, cfg, config.Secret{})
		if (err == nil) != (test.says == "") || (err != nil && !strings.Contains(err.Error(), test.says)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTLSRefusesOldVersions(t *testing.T) {
	ours := issue(t, "authority", nil, soon())
	server := overTLS(t, ours, nil)
	server.TLS.MinVersion, server.TLS.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	if _, err := get(t, server.URL, TLS{CA: config.Plain(ours.chain)}, config.Secret{}); err == nil || !strings.Contains(err.Error(), "protocol version") {
		t.Errorf("TLS 1.1: %v", err)
	}
}

func TestTLSProblems(t *testing.T) {
	fine, other := issue(t, "leaf", nil, soon()), issue(t, "leaf", nil, soon())
	expired := issue(t, "leaf", nil, time.Date(2024, 1, 2, 3, 4, 0, 0, time.UTC))
	early := issue(t, "leaf", nil, time.Date(2999, 1, 2, 3, 4, 0, 0, time.UTC))
	const secret = "5ecret"
	broken := pemOf("CERTIFICATE", []byte(secret))
	for want, cfg := range map[string]TLS{
		"": {CA: config.Plain(other.chain), Certificate: config.Plain(fine.chain), Key: config.Plain(fine.keyText)},
		`tls.ca: it holds no PEM certificate (ca: "${file:/etc/ssl/crm-ca.pem}")`: {CA: config.Plain("/" + secret + ".pem")},
		"tls.ca: it holds no PEM":                                          {CA: config.Plain(fine.keyText)},
		"tls.ca: it holds":                                                 {CA: config.Plain(broken)},
		"tls.key: it is missing":                                           {Certificate: config.Plain(fine.chain)},
		"tls.certificate: it is missing":                                   {Key: config.Plain(fine.keyText)},
		"tls.certificate: it holds no PEM":                                 {Certificate: config.Plain(secret), Key: config.Plain(fine.keyText)},
		"in it cannot be read":                                             {Certificate: config.Plain(broken), Key: config.Plain(fine.keyText)},
		"tls.key: it holds no PEM private":                                 {Certificate: config.Plain(fine.chain), Key: config.Plain(fine.chain)},
		"tls.key: it cannot be read, or is not the key of tls.certificate": {Certificate: config.Plain(fine.chain), Key: config.Plain(other.keyText)},
		"tls.key: it cannot be read":                                       {Certificate: config.Plain(fine.chain), Key: config.Plain(pemOf("PRIVATE KEY", []byte(secret)))},
		"tls.key: the key has a passphrase":                                {Certificate: config.Plain(fine.chain), Key: config.Plain(pemOf("ENCRYPTED PRIVATE KEY", []byte(secret)))},
		"a passphrase, and nobody":                                         {Certificate: config.Plain(fine.chain), Key: config.Plain(oldPassphrase)},
		"tls.certificate: it has expired on 2024-01-02 03:04 UTC":          {Certificate: config.Plain(expired.chain), Key: config.Plain(expired.keyText)},
		"tls.certificate: it is not valid before 2999-01-02 01:04 UTC":     {Certificate: config.Plain(early.chain), Key: config.Plain(early.keyText)},
	} {
		var problems config.Problems
		newTLS(cfg, &problems)
		checkProblem(t, problems.Err(), want)
		if err := problems.Err(); err != nil && strings.Contains(err.Error(), secret) {
			t.Errorf("the text of a file is in %v", err)
		}
	}
}

const oldPassphrase = `-----BEGIN EC PRIVATE KEY-----
Proc-Type: 4,ENCRYPTED
DEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF

NWVjcmV0
-----END EC PRIVATE KEY-----
`

// reference is a secret that nobody has resolved.
func reference(t *testing.T) (secret config.Secret) {
	t.Helper()
	mustHold(t, secret.UnmarshalText([]byte("${env:NOT_HERE}")))
	return secret
}

func TestTLSAndProxyLeaveWhatIsNotResolved(t *testing.T) {
	there, fine := reference(t), issue(t, "leaf", nil, soon())
	var problems config.Problems
	for _, cfg := range []TLS{
		{CA: there, Certificate: there, Key: there},
		{Certificate: config.Plain(fine.chain), Key: there},
		{Certificate: there, Key: config.Plain(fine.keyText)},
	} {
		if made := newTLS(cfg, &problems); made == nil || made.RootCAs != nil || made.GetClientCertificate != nil {
			t.Errorf("%+v", made)
		}
	}
	if newProxy(there, &problems) != nil || newProxy(config.Secret{}, &problems) != nil || newTLS(TLS{}, &problems) != nil {
		t.Error("something is made of nothing")
	}
	checkProblem(t, problems.Err(), "")
}

func TestProxyProblems(t *testing.T) {
	for _, bad := range []string{
		"proxy.example.ru:3128", "//us3r:5ecret@proxy", "socks5://us3r:5ecret@proxy:1080", "http://", "http://:3128",
		"http:us3r:5ecret@proxy", "http://us3r:5ecret@proxy:port", "http://us3r:5ecret%zz@proxy", "http://us3r:5ecret@pro xy", "\x00http://proxy",
	} {
		var problems config.Problems
		if newProxy(config.Plain(bad), &problems) != nil {
			t.Errorf("%q is taken", bad)
		}
		checkProblem(t, problems.Err(), "proxy: it is not the URL of an HTTP proxy (for example http://proxy.example.ru:3128)")
	}
}

// forwarder is an HTTP proxy that asks for a password and notes where it is sent.
type forwarder struct {
	mutex sync.Mutex
	asked []string
}

func (f *forwarder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Header.Set("Authorization", r.Header.Get("Proxy-Authorization"))
	if user, password, _ := r.BasicAuth(); user != "us3r" || password != "p@ss" {
		w.WriteHeader(http.StatusProxyAuthRequired)
		return
	}
	f.mutex.Lock()
	f.asked = append(f.asked, r.Method+" "+r.Host)
	f.mutex.Unlock()
	if r.Method == http.MethodConnect {
		tunnel(w, r.Host)
		return
	}
	response, err := http.DefaultTransport.RoundTrip(&http.Request{Method: r.Method, URL: r.URL, Header: http.Header{}})
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer func() { _ = response.Body.Close() }()
	w.WriteHeader(response.StatusCode)
	_, _ = io.Copy(w, response.Body)
}

// tunnel carries bytes both ways until both sides are done.
func tunnel(w http.ResponseWriter, host string) {
	target, err := net.Dial("tcp", host)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusOK)
	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = target.Close()
		return
	}
	go func() {
		_, _ = io.Copy(target, buffered)
		_ = target.Close()
	}()
	_, _ = io.Copy(client, target)
	_ = client.Close()
}

func proxyURL(server *httptest.Server, user *url.Userinfo) config.Secret {
	target := &url.URL{Scheme: "http", Host: server.Listener.Addr().String(), User: user}
	if server.TLS != nil {
		target.Scheme = "https"
	}
	return config.Plain(target.String())
}

func TestProxyIsUsedForEveryRequest(t *testing.T) {
	ours := issue(t, "authority", nil, soon())
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Proxy-Authorization") == "" {
			_, _ = io.WriteString(w, "the CRM")
		}
	}))
	defer plain.Close()
	secure := overTLS(t, ours, ours)
	client := issue(t, "leaf", ours, soon())
	cfg := TLS{CA: config.Plain(ours.chain), Certificate: config.Plain(client.chain), Key: config.Plain(client.keyText)}
	for name, server := range map[string]*httptest.Server{"http": overHTTP(t), "https": overTLS(t, ours, nil)} {
		forward := &forwarder{}
		server.Config.Handler = forward
		for _, target := range []*httptest.Server{plain, secure} {
			body, err := get(t, target.URL, cfg, proxyURL(server, url.UserPassword("us3r", "p@ss")))
			if err != nil || body != "the CRM" {
				t.Errorf("%s: %q %v", name, body, err)
			}
		}
		want := "GET " + plain.Listener.Addr().String() + ",CONNECT " + secure.Listener.Addr().String()
		if got := strings.Join(forward.asked, ","); got != want {
			t.Errorf("%s: the proxy was asked %s, not %s", name, got, want)
		}
		body, err := get(t, secure.URL, cfg, proxyURL(server, url.UserPassword("us3r", "5ecret")))
		if err == nil || strings.Contains(err.Error(), "5ecret") {
			t.Errorf("%s: without the password: %q %v", name, body, err)
		}
	}
}

func overHTTP(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(nil)
	t.Cleanup(server.Close)
	return server
}

func TestTheEnvironmentsProxyIsNotUsed(t *testing.T) {
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		t.Setenv(name, "http://127.0.0.1:1")
	}
	var problems config.Problems
	if proxy := newProxy(config.Secret{}, &problems); proxy != nil {
		t.Error("there is a proxy")
	}
	proxy := newProxy(config.Plain("http://proxy.example.ru:3128"), &problems)
	target, err := proxy(httptest.NewRequest(http.MethodGet, "https://localhost/", nil))
	if err != nil || target.Host != "proxy.example.ru:3128" {
		t.Errorf("%v %v", target, err)
	}
}
