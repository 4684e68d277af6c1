package main

import (
	"os"
	"testing"
)

func TestEnvironment(t *testing.T) {
	lookup := environment(
		func(name string) (string, bool) { return "of " + name, name != "UNSET" },
		func(name string) ([]byte, error) {
			if name == "/none" {
				return []byte("half"), &os.PathError{Op: "open", Path: name, Err: os.ErrNotExist}
			}
			return []byte("content\n\n"), nil
		})
	for _, c := range []struct{ scheme, name, want, problem string }{
		{"env", "A", "of A", ""},
		{"env", "UNSET", "", "environment variable UNSET is not set"},
		{"file", "/a", "content\n", ""},
		{"file", "/none", "", "file /none cannot be read: file does not exist"},
		{"vault", "a", "", "a reference to vault is not known, only env and file"},
	} {
		got, err := lookup(c.scheme, c.name)
		if got != c.want || (err == nil) != (c.problem == "") || err != nil && err.Error() != c.problem {
			t.Errorf("%s:%s gave %q, %v", c.scheme, c.name, got, err)
		}
	}
}
