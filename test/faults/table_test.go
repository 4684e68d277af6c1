package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const root = "../.."

var (
	tableRow  = regexp.MustCompile(`(?m)^\| ([A-E][0-9]+) \|(.*)\|$`)
	namedTest = regexp.MustCompile("`([a-z/-]+)\\.((?:Test|Fuzz)\\w+)(?:/([^`]+))?`")
)

// TestTheTable compares docs/faults.md with the tests that it names: each has to be there. A part of a test, behind a
// slash, has to stand at the beginning of a text in that test's folder.
func TestTheTable(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs/faults.md"))
	if err != nil {
		t.Fatal(err)
	}
	sources := map[string]string{}
	for _, row := range tableRow.FindAllStringSubmatch(string(text), -1) {
		id, cells := row[1], strings.Split(row[2], " | ")
		proof := cells[len(cells)-1]
		names := namedTest.FindAllStringSubmatch(proof, -1)
		if len(names) == 0 && !strings.Contains(proof, "no test: ") {
			t.Errorf("%s names no test, and no reason for that", id)
		}
		for _, name := range names {
			if _, known := sources[name[1]]; !known {
				sources[name[1]] = testSources(t, name[1])
			}
			source := sources[name[1]]
			if !strings.Contains(source, "\nfunc "+name[2]+"(") {
				t.Errorf("%s names %s.%s, which is not there", id, name[1], name[2])
			}
			if name[3] != "" && !strings.Contains(source, `"`+name[3]) && !strings.Contains(source, "`"+name[3]) {
				t.Errorf("%s names the part %q of %s.%s, which is not there", id, name[3], name[1], name[2])
			}
		}
	}
}

// TestTheTableIsWhole: no row is forgotten.
func TestTheTableIsWhole(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs/faults.md"))
	if err != nil {
		t.Fatal(err)
	}
	for section, count := range map[string]int{"A": 27, "B": 35, "C": 33, "D": 17, "E": 9} {
		for number := range count {
			if id := fmt.Sprint("| ", section, number+1, " |"); strings.Count(string(text), "\n"+id) != 1 {
				t.Errorf("row %s is not there once", id)
			}
		}
	}
}

// testSources gives the text of a folder's tests.
func testSources(t *testing.T, folder string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}
