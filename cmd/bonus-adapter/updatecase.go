package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"bonus-adapter/cmd/bonus-adapter/replay"
)

// updateCase writes what the adapter answers now into a case, as what it expects. A conversation that does not go as
// recorded has no answer to keep: that case stays as it is, and fails.
func updateCase(folder fs.FS, place string, result *caseResult) error {
	if result.played.departed != nil || result.OK {
		return nil
	}
	body := replay.Pretty(result.played.body)
	if err := os.WriteFile(filepath.Join(place, replay.IRPFile), body, 0o644); err != nil { //nolint:gosec // it holds no secrets
		return err
	}
	text, err := fs.ReadFile(folder, replay.CaseFile)
	if err != nil {
		return err
	}
	if changed := withHistory(text, result.played.history); !bytes.Equal(changed, text) {
		if err := os.WriteFile(filepath.Join(place, replay.CaseFile), changed, 0o644); err != nil { //nolint:gosec // as above
			return err
		}
	}
	result.Updated = true
	return nil
}

var historyLine = regexp.MustCompile(`(?m)^history:.*$`)

// withHistory sets what a case.yaml says of the header; all else in it, comments too, stays as it is.
func withHistory(text []byte, history string) []byte {
	line := []byte("history: " + history)
	switch found := historyLine.FindIndex(text); {
	case found != nil:
		return append(append(bytes.Clone(text[:found[0]]), line...), text[found[1]:]...)
	case history == replay.Default().History:
		return text
	}
	if at := bytes.Index(text, []byte("\nanswers:")); at >= 0 {
		return append(append(append(bytes.Clone(text[:at+1]), line...), '\n'), text[at+1:]...)
	}
	return append(append(bytes.TrimRight(bytes.Clone(text), "\n"), '\n'), append(line, '\n')...)
}
