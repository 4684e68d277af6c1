package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheRelease: the same commit gives the same bytes, wherever it is built; the binary knows its commit.
func TestTheRelease(t *testing.T) {
	dist := release(t)
	again, err := releaseAt(filepath.Join(t.TempDir(), "another", "place"))
	if err != nil {
		t.Fatal(err)
	}
	sums := must(t, dist, "cat", "SHA256SUMS")
	if other := must(t, again, "cat", "SHA256SUMS"); other != sums || strings.Count(sums, "\n") != 3 {
		t.Errorf("%s\nand at another place\n%s", sums, other)
	}
	must(t, dist, "sha256sum", "--check", "SHA256SUMS")
	binary := filepath.Join(dist, "bonus-adapter_linux_amd64")
	commit := strings.TrimSpace(must(t, "../..", "git", "rev-parse", "--short=12", "HEAD"))
	if version := must(t, dist, binary, "version"); !strings.Contains(version, "go1.") || !strings.Contains(version, commit) {
		t.Errorf("%s, built of %s", version, commit)
	}
	info, err := os.Stat(binary)
	if err != nil {
		t.Fatal(err)
	}
	if t.Logf("the binary has %d KiB", info.Size()>>10); info.Size() > 25<<20 {
		t.Errorf("the binary has %d MiB", info.Size()>>20)
	}
}

// must runs a command in a folder and gives what it prints.
func must(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	command := exec.Command(name, args...)
	command.Dir = dir
	if strings.Contains(name, "/") && !filepath.IsAbs(name) {
		command.Path = filepath.Join(dir, name)
	}
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, output)
	}
	return string(output)
}
