package faults

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestNames is A2 and A3: the program finds the CRM by a name server that knows nothing, fails, or says nothing. The
// server is the test's own, at an address of this machine; a file of ours lies over /etc/resolv.conf.
func TestNames(t *testing.T) {
	seal := []string{"unshare", "--mount", "sh", "-c", `mount --bind "$0" /etc/resolv.conf && exec "$@"`}
	for name, test := range map[string]struct {
		code int // of the answer; -1 gives none
		want string
	}{
		"A2 NXDOMAIN": {3, "fallback; reason=crm_unreachable"},
		"A2 SERVFAIL": {2, "fallback; reason=crm_unreachable"},
		"A3 silence":  {-1, "fallback; reason=crm_"}, // in time; by whose clock does not matter
	} {
		t.Run(name, func(t *testing.T) {
			address, asked := nameServer(t, test.code)
			file := t.TempDir() + "/resolv.conf"
			if err := os.WriteFile(file, fmt.Appendf(nil, "nameserver %s\noptions timeout:5 attempts:2\n", address), 0o644); err != nil { //nolint:gosec // as the real one
				t.Fatal(err)
			}
			command := append(slices.Clone(seal), file)
			if out, err := exec.Command(command[0], append(slices.Clone(command[1:]), "true")...).CombinedOutput(); err != nil {
				t.Skipf("this machine lets nobody mount: %v %s", err, out)
			}
			p := program.ServeWith(t, fmt.Sprintf(settings, "crm.example.test", ""), command)
			got, err := p.Ask(t.Context(), patience, "1")
			if err != nil || !strings.HasPrefix(got.History, test.want) || got.Body != empty {
				t.Errorf("%v %q", err, got.History)
			}
			if asked() == 0 {
				t.Error("the name server was not asked")
			}
			for _, told := range []string{"crm.example.test", address} {
				if strings.Contains(p.Log.String(), told) {
					t.Errorf("the log tells %s", told)
				}
			}
			t.Log(got.History, got.Took)
		})
	}
}

// nameServer answers every question with a code. It gives its address, and what counts the questions.
func nameServer(t *testing.T, code int) (address string, asked func() int) {
	t.Helper()
	var socket net.PacketConn
	var err error
	for last := 53; last < 250; last++ { // an address of this machine at which nobody serves names
		address = fmt.Sprintf("127.0.0.%d", last)
		if socket, err = net.ListenPacket("udp", address+":53"); err == nil {
			break
		}
	}
	if err != nil {
		t.Skipf("this machine lets nobody serve names: %v", err)
	}
	done, count := make(chan struct{}), 0
	go func() {
		defer close(done)
		question := make([]byte, 1500)
		for {
			n, from, err := socket.ReadFrom(question)
			if err != nil {
				return
			}
			if count++; n < 12 || code < 0 {
				continue
			}
			answer := slices.Clone(question[:n])
			binary.BigEndian.PutUint16(answer[2:], uint16(0x8180|code)) //nolint:gosec // a code is small
			clear(answer[6:12])                                         // no records
			_, _ = socket.WriteTo(answer, from)
		}
	}()
	t.Cleanup(func() { _ = socket.Close() })
	return address, func() int {
		_ = socket.Close()
		<-done
		return count
	}
}
