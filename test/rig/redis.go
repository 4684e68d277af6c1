package rig

import (
	"fmt"
	"net"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Redis is a real redis-server on loopback, without anything on disk. It ends with its test.
type Redis struct {
	Address string
	options []string
	folder  string
	cmd     *exec.Cmd
}

// StartRedis starts one on a free port. options are of redis.conf, name and value: "--maxmemory", "1mb".
func StartRedis(t testing.TB, options ...string) *Redis {
	t.Helper()
	r := &Redis{Address: FreeAddress(t), options: options, folder: t.TempDir()}
	r.Start(t)
	t.Cleanup(r.Kill)
	return r
}

// FreeAddress is an address of loopback at which nobody listens now.
func FreeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().String()
}

// Start starts a server that was killed, at the same address and empty.
func (r *Redis) Start(t testing.TB) {
	t.Helper()
	host, port, _ := net.SplitHostPort(r.Address)
	options := append([]string{
		"--bind", host, "--port", port, "--dir", r.folder, "--save", "", "--appendonly", "no", "--daemonize", "no",
	}, r.options...)
	r.cmd = exec.Command("redis-server", options...)
	if err := r.cmd.Start(); err != nil {
		t.Fatalf("%v: install what these tests need by test/install.sh", err)
	}
	Until(t, "redis-server answers", func() bool {
		return strings.Contains(r.tell("PING"), "PONG") || len(r.options) > 0 && Listens(r.Address)
	})
}

// Listens tells whether a TCP port is open.
func Listens(address string) bool {
	conn, err := net.Dial("tcp", address)
	if err == nil {
		_ = conn.Close()
	}
	return err == nil
}

// Kill ends the server as a crash would.
func (r *Redis) Kill() {
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
}

// Silence stops the server: it takes connections and says nothing, until it speaks again.
func (r *Redis) Silence(t testing.TB) { r.signal(t, syscall.SIGSTOP) }

// Speak ends the silence.
func (r *Redis) Speak(t testing.TB) { r.signal(t, syscall.SIGCONT) }

func (r *Redis) signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	if err := r.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// Do sends a command by hand, as an operator would, and gives the reply as it comes: +OK, $3 and the text, -ERR ….
func (r *Redis) Do(t testing.TB, words ...string) string {
	t.Helper()
	reply := r.tell(words...)
	if reply == "" {
		t.Fatalf("redis-server does not answer %v", words)
	}
	return reply
}

func (r *Redis) tell(words ...string) string {
	conn, err := net.DialTimeout("tcp", r.Address, time.Second)
	if err != nil {
		return ""
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	var command strings.Builder
	_, _ = fmt.Fprintf(&command, "*%d\r\n", len(words))
	for _, word := range words {
		_, _ = fmt.Fprintf(&command, "$%d\r\n%s\r\n", len(word), word)
	}
	if _, err := conn.Write([]byte(command.String())); err != nil {
		return ""
	}
	reply := make([]byte, 64<<10)
	n, _ := conn.Read(reply) // what an operator asks for is short
	return string(reply[:n])
}

// Keys are the names that the server holds.
func (r *Redis) Keys(t testing.TB) []string {
	t.Helper()
	var names []string
	for _, line := range strings.Split(r.Do(t, "KEYS", "*"), "\r\n") {
		if line != "" && !strings.ContainsAny(line[:1], "*$") {
			names = append(names, line)
		}
	}
	return names
}
