package https

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/letsencrypt/challtestsrv"

	"bonus-adapter/test/rig"
)

// life is that of the certificates, in seconds: they are renewed when a third of it is left.
const life = 15

// pebble is Let's Encrypt's own authority for tests, as a process. It resolves every name to this machine, and really
// asks there.
type pebble struct {
	directory string
	api       authority // of its own API
	manage    string
}

// free gives an address that nobody listens on.
func free(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// plan chooses where the authority will be. The program has to know that before the authority knows the program.
func plan(t *testing.T) *pebble {
	t.Helper()
	return &pebble{directory: free(t), manage: free(t), api: newAuthority(t, 1)}
}

// start starts it, for hosts whose port 443 is the one that is given.
func (p *pebble) start(t *testing.T, port int) {
	t.Helper()
	dir := t.TempDir()
	p.api.write(t, dir)
	config, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": p.directory, "managementListenAddress": p.manage,
		"certificate": filepath.Join(dir, "tls.crt"), "privateKey": filepath.Join(dir, "tls.key"),
		"httpPort": 1, "tlsPort": port, "retryAfter": map[string]int{"authz": 1, "order": 1},
		"profiles": map[string]any{"default": map[string]any{"description": "short", "validityPeriod": life}},
	}})
	check(t, err)
	file, binary := filepath.Join(dir, "pebble.json"), filepath.Join(dir, "pebble")
	check(t, os.WriteFile(file, config, 0o600))
	if out, err := exec.Command("go", "build", "-o", binary, "github.com/letsencrypt/pebble/v2/cmd/pebble").CombinedOutput(); err != nil {
		t.Fatalf("building pebble: %v\n%s", err, out)
	}
	output := rig.NewLog()
	cmd := exec.Command(binary, "-config", file, "-dnsserver", names(t))
	cmd.Env = append(cmd.Environ(), "PEBBLE_VA_NOSLEEP=1")
	cmd.Stdout, cmd.Stderr = output, output
	check(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("the authority's log ends with\n%s", output.Tail(4<<10))
		}
	})
	output.Await(t, `(ACME directory available)`) // said before the ports are open
	rig.Until(t, "the authority's ports are open", func() bool { return rig.Listens(p.directory) && rig.Listens(p.manage) })
}

// names starts a name server that knows every name, and gives its address.
func names(t *testing.T) string {
	t.Helper()
	address := free(t)
	server, err := challtestsrv.New(challtestsrv.Config{DNSAddrs: []string{address}, Log: log.New(io.Discard, "", 0)})
	check(t, err)
	server.SetDefaultDNSIPv4("127.0.0.1")
	server.SetDefaultDNSIPv6("")
	server.Run()
	t.Cleanup(server.Shutdown)
	rig.Until(t, "the name server is there", func() bool { return rig.Listens(address) })
	return address
}

// root gives the authority that has signed the certificates, as PEM.
func (p *pebble) root(t *testing.T) []byte {
	t.Helper()
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(p.api.certificate)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	defer client.CloseIdleConnections()
	response, err := client.Get("https://" + p.manage + "/roots/0")
	check(t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	check(t, err)
	return text
}

// TestACME gets a certificate from a real authority, by a real challenge, and renews it twice while it is asked. Then the
// program starts anew with what it has kept.
func TestACME(t *testing.T) {
	authority := plan(t)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	check(t, os.WriteFile(ca, authority.api.certificate, 0o600))
	p := serve(t, fmt.Sprintf(`{ acme: { hosts: [%s], email: ops@example.test, directory: "https://%s/dir", ca: "${file:%s}", cache: "%s", accept_terms: true } }`,
		host, authority.directory, ca, filepath.Join(t.TempDir(), "acme")))
	address := strings.TrimPrefix(p.URL, "http://")
	_, text, _ := net.SplitHostPort(address)
	port, err := net.LookupPort("tcp", text)
	check(t, err)
	authority.start(t, port)
	root := authority.root(t)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(root)

	curl(t, address, root)
	callers := gather(t, address, &tls.Config{RootCAs: pool}, 4)
	p.Frees(callers.drop)
	for seen := 2; seen <= 3; seen++ { // each takes two thirds of a certificate's life, and the authority its time
		rig.Until(t, fmt.Sprintf("certificate %d", seen), func() bool { return callers.seen() >= seen })
	}
	callers.end(t)
	if strings.Contains(p.Log.String(), "no certificate") {
		t.Errorf("the log tells of failures:\n%s", p.Log)
	}

	stranger := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "other.example.test"}}}
	if response, err := stranger.Get("https://" + address); err == nil {
		_ = response.Body.Close()
		t.Error("there is a certificate for a name that the config does not hold")
	}
}

// curl asks as a newcomer would, if the machine has curl.
func curl(t *testing.T, address string, root []byte) {
	t.Helper()
	name, err := exec.LookPath("curl")
	if err != nil {
		t.Log("there is no curl here")
		return
	}
	file := filepath.Join(t.TempDir(), "root.pem")
	check(t, os.WriteFile(file, root, 0o600))
	_, port, _ := net.SplitHostPort(address)
	out, err := exec.Command(name, "-sS", "-i", "--cacert", file, "--resolve", host+":"+port+":127.0.0.1",
		"https://"+host+":"+port+"/bonus-history", "-H", "Authorization: Bearer "+rig.Key, "-d", `{"userIdentifier":"12345"}`).CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "HTTP/2 200") || !strings.Contains(string(out), "bonus-history: live") {
		t.Fatalf("curl: %v\n%s", err, out)
	}
	t.Logf("curl:\n%s", out)
}
