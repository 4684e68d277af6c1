package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// systems are configs of systems of which too little is known for a preset: they show what the engine can ask.
const systems = "testdata/systems"

func TestCasesOfOtherSystems(t *testing.T) {
	for _, name := range otherSystems(t) {
		t.Run(name, func(t *testing.T) { testCases(t, os.DirFS(filepath.Join(systems, name)), name) })
	}
}

// TestTableOfSystems: every preset and every other config has a row.
func TestTableOfSystems(t *testing.T) {
	text, err := os.ReadFile("../../docs/systems.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range allPresets(t) {
		if one.Rank != rankGeneric && !strings.Contains(string(text), "| preset [`"+one.Name+"`](presets/"+one.Name+".md) |") {
			t.Errorf("docs/systems.md has no row for the preset %s", one.Name)
		}
	}
	for _, name := range otherSystems(t) {
		if !strings.Contains(string(text), "(../cmd/bonus-adapter/"+systems+"/"+name+"/config.yaml)") {
			t.Errorf("docs/systems.md has no row for %s", name)
		}
	}
}

func otherSystems(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(systems)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}
