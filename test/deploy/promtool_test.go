package deploy

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"bonus-adapter/test/rig"
)

// tools are what the tests of this folder build, once and if they need it.
type tools struct {
	promtool func() (string, error)
	program  func() (rig.Binary, error)
}

// parts are built once, in what the tests of this package have in common.
var parts = tools{
	promtool: sync.OnceValues(func() (string, error) { return buildPromtool(scratch) }),
	program:  sync.OnceValues(func() (rig.Binary, error) { return rig.Build(scratch) }),
}

// buildPromtool compiles Prometheus's own tool, of the version that this module names, without the clouds' service
// discovery, of which it needs none here.
func buildPromtool(dir string) (string, error) {
	binary := filepath.Join(dir, "promtool")
	build := exec.Command("go", "build", "-tags", "remove_all_sd", "-o", binary, "github.com/prometheus/prometheus/cmd/promtool")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building promtool: %w\n%s", err, out)
	}
	return binary, nil
}

// promtool runs it, and fails the test if it is not content.
func promtool(t *testing.T, input string, args ...string) {
	t.Helper()
	binary, err := parts.promtool()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(binary, args...)
	command.Stdin = strings.NewReader(input)
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
