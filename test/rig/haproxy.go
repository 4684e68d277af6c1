package rig

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// StartHAProxy starts a real HAProxy in front of replicas, and gives its URL. It asks each replica's /readyz five times a
// second, tries another replica where one refuses the connection, and names the replica that answered in the header
// X-Replica. It keeps no connections to replicas: one to a dead replica would lose a request that came after its death. It
// ends with its test.
func StartHAProxy(t testing.TB, replicas ...*Program) string {
	t.Helper()
	address := FreeAddress(t)
	var config strings.Builder
	_, _ = fmt.Fprintf(&config, `
defaults
	mode http
	timeout connect 1s
	timeout client 30s
	timeout server 30s
	retries 3
	option redispatch 1
frontend callers
	bind %s
	default_backend replicas
backend replicas
	balance roundrobin
	option httpchk GET /readyz
	http-reuse never
	http-response set-header X-Replica %%s
	default-server check inter 200ms fall 1 rise 1
`, address)
	for i, replica := range replicas {
		_, _ = fmt.Fprintf(&config, "\tserver replica%d %s\n", i+1, strings.TrimPrefix(replica.URL, "http://"))
	}
	file := filepath.Join(t.TempDir(), "haproxy.cfg")
	if err := os.WriteFile(file, []byte(config.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("haproxy", "-q", "-db", "-f", file)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v: install what these tests need by test/install.sh", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	Until(t, "haproxy listens", func() bool { return Listens(address) })
	return "http://" + address
}
