package deploy

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// scratch is where the tests of this package put what they have in common.
var scratch string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "deploy")
	if err == nil {
		err = os.Chmod(dir, 0o755) //nolint:gosec // other users run what is in it
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	scratch = dir
	code := m.Run()
	_ = exec.Command("chmod", "-R", "u+w", dir).Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// built makes a release of what is committed for linux/amd64, once, and gives the folder that it is in.
var built = sync.OnceValues(func() (string, error) { return releaseAt(filepath.Join(scratch, "release")) })

func releaseAt(dir string) (dist string, err error) {
	root, err := filepath.Abs("../..")
	if err != nil {
		return "", err
	}
	for _, words := range [][]string{
		{"git", "clone", "--quiet", "--no-local", root, dir},
		{filepath.Join(dir, "deploy", "release.sh"), "linux/amd64"},
	} {
		if output, err := exec.Command(words[0], words[1:]...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%v: %w\n%s", words, err, output)
		}
	}
	return filepath.Join(dir, "dist"), nil
}

func release(t *testing.T) string {
	t.Helper()
	dist, err := built()
	if err != nil {
		t.Fatal(err)
	}
	return dist
}
