package deploy

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheRelease: the same commit gives the same bytes, wherever it is built; the Debian package holds a binary that runs,
// a unit and a config that the binary takes.
func TestTheRelease(t *testing.T) {
	dir := t.TempDir()
	elsewhere := filepath.Join(dir, "another", "place")
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	must(t, dir, "git", "clone", "--quiet", "--no-local", root, elsewhere)
	here := filepath.Join(dir, "here")
	must(t, dir, "git", "clone", "--quiet", "--no-local", root, here)
	for _, place := range []string{here, elsewhere} {
		must(t, place, "deploy/release.sh", "linux/amd64")
	}
	sums := must(t, here, "cat", "dist/SHA256SUMS")
	if again := must(t, elsewhere, "cat", "dist/SHA256SUMS"); again != sums || strings.Count(sums, "\n") != 3 {
		t.Errorf("%s\nand at another place\n%s", sums, again)
	}
	packages, err := filepath.Glob(filepath.Join(here, "dist", "*_amd64.deb"))
	if err != nil || len(packages) != 1 {
		t.Fatal(packages, err)
	}
	must(t, dir, "dpkg-deb", "--extract", packages[0], "installed")
	binary := filepath.Join(dir, "installed/usr/bin/bonus-adapter")
	if version := must(t, dir, binary, "version"); !strings.Contains(version, "go1.") {
		t.Error(version)
	}
	must(t, dir, binary, "check", "installed/usr/share/doc/bonus-adapter/config.yaml")
	if _, err := os.Stat(filepath.Join(dir, "installed/usr/lib/systemd/system/bonus-adapter.service")); err != nil {
		t.Error(err)
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
