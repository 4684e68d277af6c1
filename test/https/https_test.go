// Package https proves the public port's TLS with real parts: the program as a process, an ACME authority as another one,
// curl as a caller, and load while certificates change.
package https

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"bonus-adapter/crm/crmtest"
	"bonus-adapter/test/rig"
)

var program rig.Binary

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "https")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if program, err = rig.Build(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

const host = "bonus.example.test"

// serve starts the program with a public port that is secured so, before a CRM that answers well.
func serve(t *testing.T, tls string) *rig.Program {
	t.Helper()
	return serveBefore(t, crmtest.New(t, crmtest.Answer(http.StatusOK, `{"items":[{"n":1}]}`)), tls)
}

func serveBefore(t *testing.T, crm *crmtest.CRM, tls string) *rig.Program {
	t.Helper()
	p := program.Serve(t, fmt.Sprintf(`
adapter:
  keys: ["${env:IRP_KEY}"]
  id_key: k
  pprof: true
  tls: %s
crm:
  base_url: %s
  breaker: { requests: 100000 }
  steps: [{ name: history, get: "/tx/{{ user }}" }]
mapping:
  records: history.items
  fields: { n: { at: n, as: decimal } }
  rules: [{ added: n }]
  entry: { definitionMessage: '"x"' }
`, tls, crm.URL))
	p.Frees(crm.Drop)
	return p
}

// authority is a certificate with its key; it signs itself.
type authority struct{ certificate, key []byte }

func newAuthority(t *testing.T, serial int64) authority {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "test"}, DNSNames: []string{host, "localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	check(t, err)
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	check(t, err)
	return authority{pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw})}
}

// write puts the pair into a folder.
func (a authority) write(t *testing.T, dir string) {
	t.Helper()
	check(t, os.WriteFile(filepath.Join(dir, "tls.crt"), a.certificate, 0o600))
	check(t, os.WriteFile(filepath.Join(dir, "tls.key"), a.key, 0o600))
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// crowd asks for histories over new connections and over kept ones, until it is told to stop.
type crowd struct {
	address  string
	trusted  *tls.Config
	asking   sync.WaitGroup
	stop     context.CancelFunc
	answered atomic.Int64
	mu       sync.Mutex
	failures []string
	serials  map[string]bool // of the certificates that were seen
	clients  []*http.Client
}

// gather begins with as many callers; each second one keeps its connection.
func gather(t *testing.T, address string, trusted *tls.Config, callers int) *crowd {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	c := &crowd{address: address, trusted: trusted, stop: stop, serials: map[string]bool{}}
	for i := range callers {
		client := &http.Client{Timeout: rig.Patience, Transport: c.transport(i%2 == 0)}
		c.clients = append(c.clients, client)
		c.asking.Go(func() { c.ask(ctx, client) })
	}
	t.Cleanup(func() { stop(); c.asking.Wait() })
	return c
}

func (c *crowd) transport(keeps bool) *http.Transport {
	return &http.Transport{
		TLSClientConfig: c.trusted.Clone(), ForceAttemptHTTP2: true, DisableKeepAlives: !keeps,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, c.address)
		},
	}
}

func (c *crowd) ask(ctx context.Context, client *http.Client) {
	for ctx.Err() == nil {
		serial, err := askOnce(ctx, client)
		switch {
		case ctx.Err() != nil:
		case err != nil:
			c.mu.Lock()
			c.failures = append(c.failures, err.Error())
			c.mu.Unlock()
			return
		default:
			c.answered.Add(1)
			c.mu.Lock()
			c.serials[serial] = true
			c.mu.Unlock()
		}
	}
}

// askOnce gives the serial number of the certificate that it has seen.
func askOnce(ctx context.Context, client *http.Client) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+host+"/bonus-history", strings.NewReader(`{"userIdentifier":"1"}`))
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+rig.Key)
	response, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusOK || !bytes.Contains(body, []byte(`"added":1`)) || response.ProtoMajor != 2 {
		return "", fmt.Errorf("%s %s %s", response.Proto, response.Status, body)
	}
	return response.TLS.PeerCertificates[0].SerialNumber.String(), nil
}

// drop ends connections that nobody uses: one on which a request has just been called off is not such a one at once.
func (c *crowd) drop() {
	for _, client := range c.clients {
		client.CloseIdleConnections()
	}
}

// seen tells how many certificates were seen so far.
func (c *crowd) seen() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.serials)
}

// end stops the crowd and judges it: not one request may have failed.
func (c *crowd) end(t *testing.T) {
	t.Helper()
	c.stop()
	c.asking.Wait()
	for _, failure := range c.failures {
		t.Error(failure)
	}
	t.Logf("%d answered over %d certificates", c.answered.Load(), len(c.serials))
}

// TestCertificateFilesChangeUnderLoad swaps a symbolic link, as Kubernetes does, and hangs up. A pair that does not fit
// together changes nothing.
func TestCertificateFilesChangeUnderLoad(t *testing.T) {
	dir, pool := t.TempDir(), x509.NewCertPool()
	link := filepath.Join(dir, "current")
	point := func(name string, pair authority) {
		folder := filepath.Join(dir, name)
		check(t, os.Mkdir(folder, 0o700))
		pair.write(t, folder)
		check(t, os.Symlink(folder, link+".new"))
		check(t, os.Rename(link+".new", link))
	}
	first, second, third := newAuthority(t, 1), newAuthority(t, 2), newAuthority(t, 3)
	for _, pair := range []authority{first, second, third} {
		pool.AppendCertsFromPEM(pair.certificate)
	}
	point("first", first)
	p := serve(t, fmt.Sprintf(`{ certificate: "${file:%s/tls.crt}", key: "${file:%s/tls.key}" }`, link, link))
	callers := gather(t, strings.TrimPrefix(p.URL, "http://"), &tls.Config{RootCAs: pool}, 4)
	p.Frees(callers.drop)
	rig.Until(t, "the first certificate is seen", func() bool { return callers.seen() == 1 })

	point("second", second)
	p.Signal(t, syscall.SIGHUP)
	rig.Until(t, "the second certificate is seen", func() bool { return callers.seen() == 2 })

	point("broken", authority{third.certificate, first.key})
	p.Signal(t, syscall.SIGHUP)
	p.Log.Await(t, `(the config is refused)`)
	before := callers.answered.Load()
	rig.Until(t, "requests go on", func() bool { return callers.answered.Load() > before+20 })
	if callers.seen() != 2 {
		t.Error("a pair that does not fit was served")
	}

	point("third", third)
	p.Signal(t, syscall.SIGHUP)
	rig.Until(t, "the third certificate is seen", func() bool { return callers.seen() == 3 })
	callers.end(t)
	if strings.Contains(p.Log.String(), "PRIVATE") {
		t.Error("the log holds a key")
	}
}
