// Package rig puts real parts together for the tests of this module: the program as it is shipped, built and started as a
// process; a fault proxy between it and its CRM; callers with a deadline of their own; and what the process holds of the
// machine, as the kernel counts it.
package rig

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Key is the API key that every config of these tests reads from the variable IRP_KEY.
const Key = "rig-key"

// Patience is how long a test waits for what has to happen sooner or later. It decides nothing: it only ends a test that
// would hang.
const Patience = 30 * time.Second

// Binary is the path of the built program.
type Binary string

// Build compiles the program into dir, with the versions of libraries that its own module names, and with the race
// detector if the test has it.
func Build(dir string) (Binary, error) {
	root, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "bonus-adapter").Output()
	if err != nil {
		return "", fmt.Errorf("finding the program's module: %w", err)
	}
	binary := filepath.Join(dir, "bonus-adapter")
	build := exec.Command("go", append(append([]string{"build", "-o", binary}, raceFlags()...), "./cmd/bonus-adapter")...)
	build.Dir = strings.TrimSpace(string(root))
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the program: %w\n%s", err, out)
	}
	return Binary(binary), nil
}

// Program is the program serving one config. It ends with its test.
type Program struct {
	URL        string // scheme and address of the public port
	ConfigFile string
	Log        *Log

	cmd  *exec.Cmd
	done chan struct{} // closed when the process has ended
	err  error         // of its end

	first     *Level      // what it held at its start; nil if that is not compared
	free      []func()    // let go of the connections that it keeps
	kept      int         // connections that it rightly holds at its end
	signalled atomic.Bool // by the test
}

// Serve starts the program with a config and waits until it listens. env are further variables, NAME=value.
func (b Binary) Serve(t testing.TB, yaml string, env ...string) *Program {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	return b.ServeFile(t, file, env...)
}

// ServeFile is Serve for a config that is a file already.
func (b Binary) ServeFile(t testing.TB, file string, env ...string) *Program {
	t.Helper()
	return b.serve(t, file, nil, env)
}

// ServeFileOften is ServeFile for a test that changes files and sends no signal: the program looks at them ten times a
// second.
func (b Binary) ServeFileOften(t testing.TB, file string) *Program {
	t.Helper()
	p := b.prepare(file, nil, nil)
	p.cmd.Args = append(p.cmd.Args, "--watch", "100ms")
	p.start(t)
	p.URL = "http://" + p.Log.Await(t, `"msg":"listening","address":"([^"]+)"`)
	return p
}

// ServeWith is Serve by a command that runs the program in surroundings of its own: its words come before the
// program's.
func (b Binary) ServeWith(t testing.TB, yaml string, command []string, env ...string) *Program {
	t.Helper()
	return b.serve(t, b.file(t, yaml), command, env)
}

// ServeQuietly is Serve for a long run: only the beginning of the log is kept.
func (b Binary) ServeQuietly(t testing.TB, yaml string, env ...string) *Program {
	t.Helper()
	p := b.prepare(b.file(t, yaml), nil, env)
	p.Log.most = 1 << 20
	p.start(t)
	p.URL = "http://" + p.Log.Await(t, `"msg":"listening","address":"([^"]+)"`)
	return p
}

// ServeInto is ServeFile for a test that reads the log itself. The program has no URL.
func (b Binary) ServeInto(t testing.TB, file string, log *os.File) *Program {
	t.Helper()
	p := b.prepare(file, nil, nil)
	p.cmd.Stdout, p.cmd.Stderr = nil, log
	p.start(t)
	return p
}

// file writes a config where every user may read it.
func (b Binary) file(t testing.TB, yaml string) string {
	t.Helper()
	file := filepath.Join(filepath.Dir(string(b)), fmt.Sprintf("%x.yaml", time.Now().UnixNano()))
	if err := os.WriteFile(file, []byte(yaml), 0o644); err != nil { //nolint:gosec // it holds no secret
		t.Fatal(err)
	}
	return file
}

func (b Binary) serve(t testing.TB, file string, command, env []string) *Program {
	t.Helper()
	p := b.prepare(file, command, env)
	p.start(t)
	p.URL = "http://" + p.Log.Await(t, `"msg":"listening","address":"([^"]+)"`)
	p.remember(t)
	return p
}

func (b Binary) prepare(file string, command, env []string) *Program {
	words := append(slices.Clone(command), string(b), "serve", "--config", file, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0")
	p := &Program{ConfigFile: file, Log: NewLog(), cmd: exec.Command(words[0], words[1:]...), done: make(chan struct{})}
	p.cmd.Env = append(append(p.cmd.Environ(), "IRP_KEY="+Key), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.Log, p.Log
	return p
}

// start starts the process, which ends with the test.
func (p *Program) start(t testing.TB) {
	t.Helper()
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	t.Cleanup(func() {
		p.settles(t)
		_ = p.cmd.Process.Kill()
		<-p.done
		if strings.Contains(p.Log.String(), "DATA RACE") {
			t.Errorf("a data race in the program:\n%s", p.Log)
		}
		if t.Failed() {
			t.Logf("the program's log ends with\n%s", p.Log.Tail(8<<10))
		}
	})
}

// Signal sends the process a signal.
func (p *Program) Signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	if signal != syscall.SIGHUP {
		p.signalled.Store(true)
	}
	if err := p.cmd.Process.Signal(signal); err != nil {
		t.Fatal(err)
	}
}

// PID is the process's number.
func (p *Program) PID() int { return p.cmd.Process.Pid }

// Wait waits for the end of the process and gives its error: nil if it ended with 0.
func (p *Program) Wait(t testing.TB) error {
	t.Helper()
	select {
	case <-p.done:
		return p.err
	case <-time.After(Patience):
		t.Fatal("the process does not end")
		return nil
	}
}

// Reply is an answer as a caller sees it.
type Reply struct {
	Status  int
	History string // the header Bonus-History
	Body    string
	Header  http.Header
	Close   bool // the connection ends with it
	Took    time.Duration
}

// Ask asks for a customer's history on a connection of its own. The caller waits for within, and no longer.
func (p *Program) Ask(ctx context.Context, within time.Duration, customer string) (Reply, error) {
	return Ask(ctx, &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}, p.URL+"/bonus-history", within, customer)
}

// Ask is one request by any client.
func Ask(ctx context.Context, client *http.Client, url string, within time.Duration, customer string) (Reply, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	started := time.Now()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(fmt.Sprintf(`{"userIdentifier":%q}`, customer)))
	if err != nil {
		return Reply{}, err
	}
	request.Header.Set("Authorization", "Bearer "+Key)
	response, err := client.Do(request)
	if err != nil {
		return Reply{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	return Reply{response.StatusCode, response.Header.Get("Bonus-History"), string(body), response.Header, response.Close, time.Since(started)}, err
}

// Until waits until a condition holds, and fails the test if that never happens.
func Until(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(Patience); !holds(); {
		if time.Now().After(deadline) {
			t.Fatalf("it never happened: %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}
