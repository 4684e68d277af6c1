package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAMisspeltSectionIsToldOnce: what it holds is not told as missing besides.
func TestAMisspeltSectionIsToldOnce(t *testing.T) {
	start, err := os.ReadFile("../../config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for section, misspelt := range map[string]string{"adapter": "adaptor", "crm": "cmr", "mapping": "maping"} {
		name := filepath.Join(t.TempDir(), "config.yaml")
		if err := os.WriteFile(name, []byte(strings.Replace(string(start), "\n"+section+":", "\n"+misspelt+":", 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, told bytes.Buffer
		p := &program{in: strings.NewReader(""), out: &out, err: &told, getenv: func(string) (string, bool) { return "", false }, readFile: os.ReadFile}
		code := p.execute(t.Context(), []string{"check", name})
		if want := misspelt + ": unknown key"; code != exitWrong || !strings.Contains(told.String(), want) || !strings.Contains(told.String(), "\n1 problem\n") {
			t.Errorf("%d %s\nwant %s, and nothing else", code, told.String(), want)
		}
	}
}
