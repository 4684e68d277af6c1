package faults

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// What loses the monotonic clock of a time, or reads the wall's.
var walls = regexp.MustCompile(`\.Round\(0\)|time\.Now\(\)\.(?:Unix|UnixMilli|UnixNano|UTC|Local|In|Truncate)\(`)

// TestSpansAreMonotonic is D10: a clock that is set must neither end nor prolong what is measured. Go measures spans by a
// clock that nobody sets, as long as a time is not taken apart.
func TestSpansAreMonotonic(t *testing.T) {
	for _, room := range []string{"adapter", "crm", "store", "cmd/bonus-adapter"} {
		files, err := filepath.Glob(filepath.Join(root, room, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatal(err, room)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if found := walls.Find(text); found != nil {
				t.Errorf("%s takes a time apart: %s", file, found)
			}
		}
	}
}
