package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestTheUnit: systemd itself finds nothing wrong with the unit, and little that it could still do.
func TestTheUnit(t *testing.T) {
	if _, err := exec.LookPath("systemd-analyze"); err != nil {
		t.Fatal("systemd-analyze is missing: apt-get install systemd (make tools does)")
	}
	text, err := os.ReadFile("../../deploy/systemd/bonus-adapter.service")
	if err != nil {
		t.Fatal(err)
	}
	stop := regexp.MustCompile(`(?m)^TimeoutStopSec=(\d+)$`).FindStringSubmatch(string(text))
	if stop == nil {
		t.Fatal("the unit does not say how long it may take to end")
	}
	if seconds, _ := strconv.Atoi(stop[1]); time.Duration(seconds)*time.Second < toEnd() {
		t.Errorf("it has %s s to end, and may need %s", stop[1], toEnd())
	}
	unit := filepath.Join(t.TempDir(), "bonus-adapter.service")
	// The binary is not installed where tests run; true is, and takes every argument.
	if err := os.WriteFile(unit, []byte(strings.ReplaceAll(string(text), "/usr/bin/bonus-adapter", "/bin/true")), 0o600); err != nil {
		t.Fatal(err)
	}
	if output, err := exec.Command("systemd-analyze", "verify", "--man=no", unit).CombinedOutput(); err != nil || len(output) > 0 {
		t.Errorf("%v\n%s", err, output)
	}
	output, err := exec.Command("systemd-analyze", "security", "--no-pager", "--offline=true", unit).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	found := regexp.MustCompile(`Overall exposure level for \S+: (\d+\.\d+)`).FindStringSubmatch(string(output))
	if found == nil {
		t.Fatalf("%s", output)
	}
	exposure, _ := strconv.ParseFloat(found[1], 64)
	if t.Logf("exposure level %s", found[1]); exposure > 2 {
		t.Errorf("%s", output)
	}
}
