package main

import (
	"errors"
	"io/fs"
	"path"
	"slices"

	"bonus-adapter/cmd/bonus-adapter/replay"
	"bonus-adapter/config"
)

// recordedCase is a folder with a case.yaml, read.
type recordedCase struct {
	name   string // the folder's
	folder fs.FS
	file   *configFile // case.yaml
	replay.Case
}

// openCase reads the case in a folder. shown is the folder as messages name it. What is wrong with case.yaml is in the
// error, as [config.Problem]s with places in it; the recordedCase can locate them.
func openCase(folder fs.FS, shown string) (*recordedCase, error) {
	c := &recordedCase{name: path.Base(shown), folder: folder, Case: replay.Default()}
	file := path.Join(shown, replay.CaseFile)
	text, err := fs.ReadFile(folder, replay.CaseFile)
	if err != nil {
		c.file, _ = parseConfig(file, nil)
		return c, errors.New("the folder has no " + replay.CaseFile)
	}
	c.file, err = parseConfig(file, text)
	if err != nil {
		return c, err
	}
	var problems config.Problems
	problems.AddError("", c.file.decode(&c.Case, nil))
	if problems.Len() == 0 {
		problems.AddError("", c.Load(folder))
	}
	return c, problems.Err()
}

// casesIn gives the folders below a folder of cases, sorted. A folder that is a case itself is the only one.
func casesIn(folder fs.FS) ([]string, error) {
	if _, err := fs.Stat(folder, replay.CaseFile); err == nil {
		return []string{"."}, nil
	}
	entries, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}
