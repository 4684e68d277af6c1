package deploy

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

const machineScript = "testdata/machine.sh"

// machine is a machine within this one that runs systemd: see testdata/machine.sh.
type machine struct {
	t   *testing.T
	pid string // of its first process, as this machine counts
}

// boot starts one, or skips the test where that is not allowed. share is the folder that it has as /mnt.
func boot(t *testing.T, share string) *machine {
	t.Helper()
	script, err := filepath.Abs(machineScript)
	if err != nil {
		t.Fatal(err)
	}
	if output, err := exec.Command(script, "try").CombinedOutput(); err != nil {
		t.Skipf("this machine lets nobody make another one: %v %s", err, output)
	}
	name := fmt.Sprint("bonus-adapter-test-", time.Now().UnixNano())
	first := exec.Command(script, "boot", name, share)
	first.Stderr = os.Stderr
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = first.Process.Kill() // its child goes with it, and all that the child has begun
		_ = first.Wait()
		_ = exec.Command(script, "forget", name).Run()
	})
	m := &machine{t: t}
	m.until("it has a first process", func() error {
		children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", first.Process.Pid))
		if m.pid = strings.TrimSpace(string(children)); m.pid == "" {
			return fmt.Errorf("none: %w", err)
		}
		return nil
	})
	m.until("systemd runs", func() error {
		output, err := m.command("systemctl", "is-system-running").CombinedOutput()
		if err != nil {
			return fmt.Errorf("%w: %s", err, output)
		}
		return nil
	})
	return m
}

// within are the words that let a command run in the machine, beside what it shares.
func (m *machine) within() []string {
	return []string{"nsenter", "--target", m.pid, "--all", "--root", "--wdns=/mnt"}
}

func (m *machine) command(words ...string) *exec.Cmd {
	all := append(m.within(), words...)
	return exec.Command(all[0], all[1:]...)
}

// run runs a line of shell in the machine and gives what it prints.
func (m *machine) run(line string) string {
	m.t.Helper()
	output, err := m.command("bash", "-c", line).CombinedOutput()
	if err != nil {
		m.t.Fatalf("%s: %v\n%s", line, err, output)
	}
	return string(output)
}

func (m *machine) until(what string, try func() error) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), time.Minute)
	defer cancel()
	for {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			m.t.Fatalf("%s: %v", what, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// TestAMachineWithSystemd follows docs/deploy.md on a machine that runs systemd, looks at what was installed, and takes it
// away again.
func TestAMachineWithSystemd(t *testing.T) {
	m := boot(t, release(t))
	before := m.traces()
	follow(t, "A machine with systemd", "/", nil, m.within()...)

	files := m.run("dpkg -L bonus-adapter | xargs -d '\\n' stat -c '%a %U:%G %n'")
	for _, want := range []string{
		"755 root:root /etc/bonus-adapter", "755 root:root /usr/bin/bonus-adapter", "644 root:root /usr/lib/systemd/system/bonus-adapter.service",
		"644 root:root /usr/share/doc/bonus-adapter/config.yaml",
	} {
		if !strings.Contains(files, want+"\n") {
			t.Errorf("installed, there is no %s in\n%s", want, files)
		}
	}
	if strange := regexp.MustCompile(`(?m)^\d*[2367]\d .*$|^\d*\d[2367] .*$`).FindString(files); strange != "" {
		t.Errorf("others than root may write: %s", strange)
	}
	if listed := m.run("dpkg --verify bonus-adapter; stat -c %a /etc/bonus-adapter/env"); listed != "600\n" {
		t.Errorf("dpkg --verify: %s", listed)
	}
	m.restarts()

	m.run("systemctl start bonus-adapter && dpkg --remove bonus-adapter")
	if left := m.run("cd /etc/bonus-adapter && ls; systemctl is-active bonus-adapter || true; which bonus-adapter || true"); left != "config.yaml\nenv\ninactive\n" {
		t.Errorf("removed, there is %q", left)
	}
	m.run("dpkg --purge bonus-adapter")
	if after := m.traces(); after != before {
		t.Errorf("before it was installed there was\n%s\npurged, there is\n%s", before, after)
	}
}

// restarts looks whether a process that was killed comes back, with the rights that the unit leaves it.
func (m *machine) restarts() {
	m.t.Helper()
	m.run("systemctl start bonus-adapter && systemctl kill --signal=KILL bonus-adapter")
	m.until("it is started anew", func() error {
		if got := m.run("systemctl show --property=NRestarts --property=ActiveState bonus-adapter"); !strings.Contains(got, "NRestarts=1") || !strings.Contains(got, "ActiveState=active") {
			return fmt.Errorf("%s", got)
		}
		return nil
	})
	status := m.run("cat /proc/$(systemctl show --property=MainPID --value bonus-adapter)/status")
	for _, want := range []string{`CapEff:\s+0000000000000000\n`, `CapBnd:\s+0000000000000000\n`, `NoNewPrivs:\s+1\n`, `Seccomp:\s+2\n`, `Uid:\s+[1-9]\d+\s`} {
		if !regexp.MustCompile(want).MatchString(status) {
			m.t.Errorf("the process has not %s:\n%s", want, status)
		}
	}
	size, _ := strconv.Atoi(regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindStringSubmatch(status)[1])
	if m.t.Logf("at rest it takes %d MiB", size>>10); size > 40<<10 {
		m.t.Errorf("at rest it takes %d MiB, of which docs/operations.md knows nothing", size>>10)
	}
}

// traces are all files, users and units of the machine that have to do with the package.
func (m *machine) traces() string {
	return m.run("find /etc /usr /var/lib/dpkg /var/lib/systemd /var/lib/private /var/lib/bonus-adapter -name '*bonus-adapter*' 2>/dev/null | sort; " +
		"grep bonus-adapter /etc/passwd /etc/group; dpkg -l bonus-adapter 2>/dev/null | grep '^[ir]'; systemctl list-unit-files --no-legend 'bonus-adapter*'; true")
}
