package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"

	"bonus-adapter/cmd/bonus-adapter/replay"
	"bonus-adapter/config"
)

// caseResult is what became of one case.
type caseResult struct {
	Name     string        `json:"name"`
	Folder   string        `json:"folder"`
	OK       bool          `json:"ok"`
	Updated  bool          `json:"updated,omitempty"`
	Failures []caseFailure `json:"failures,omitempty"`

	took   time.Duration
	played *played // nil if it could not be
	record *recordedCase
}

// caseFailure is one thing that is not as the case says.
type caseFailure struct {
	File     string      `json:"file"` // of the case
	Line     int         `json:"line,omitempty"`
	Message  string      `json:"message"`
	Hint     string      `json:"hint,omitempty"`
	Entry    int         `json:"entry,omitempty"` // counted from 1
	Field    string      `json:"field,omitempty"`
	Got      string      `json:"got,omitempty"`
	Want     string      `json:"want,omitempty"`
	Asked    string      `json:"asked,omitempty"`
	Recorded string      `json:"recorded,omitempty"`
	Config   *configLine `json:"config,omitempty"` // what decided it
}

// testCase plays the case in a folder. The error is a [unusableConfig]; everything else is the case's own failure.
func testCase(file *configFile, folder fs.FS, shown string) (*caseResult, error) {
	begun := time.Now()
	result := &caseResult{Name: path.Base(shown), Folder: shown}
	defer func() { result.took, result.OK = time.Since(begun), len(result.Failures) == 0 }()
	record, err := openCase(folder, shown)
	result.record = record
	if err != nil {
		result.unreadable(record, err)
		return result, nil
	}
	if result.played, err = play(file, &record.Case); err != nil {
		return nil, &unusableConfig{err}
	}
	if result.departed(file); len(result.Failures) == 0 {
		result.compare(file, folder)
	}
	return result, nil
}

// unreadable tells what is wrong with the case itself.
func (r *caseResult) unreadable(record *recordedCase, err error) {
	for _, found := range record.file.report(err) {
		message := found.Message
		if found.Place != "" {
			message = found.Place + ": " + message
		}
		r.Failures = append(r.Failures, caseFailure{File: found.File, Line: found.Line, Message: message, Hint: found.Hint})
	}
}

// departed tells where the conversation went another way than the recorded one.
func (r *caseResult) departed(file *configFile) {
	way := r.played.departed
	if way == nil {
		return
	}
	place := "answers"
	if way.Answer < len(r.record.Answers) {
		place = config.Index(place, way.Answer) + ".request"
	}
	at := r.record.file.locate(&config.Problem{Place: place})
	failure := caseFailure{
		File: r.record.file.name, Line: at.line, Asked: way.Asked, Recorded: way.Recorded,
		Message: fmt.Sprintf("request %d: %s", way.Answer+1, way.Why), Got: r.played.history,
	}
	if way.Asked != "" {
		failure.Config = r.played.asking(file)
	}
	r.Failures = append(r.Failures, failure)
}

// compare compares the answer with what the case expects.
func (r *caseResult) compare(file *configFile, folder fs.FS) {
	record := r.record
	if r.played.history != record.History {
		at := record.file.locate(&config.Problem{Place: "history"})
		r.Failures = append(r.Failures, caseFailure{
			File: record.file.name, Line: at.line, Message: "Bonus-History", Got: r.played.history, Want: record.History,
			Config: r.played.decider(file),
		})
	}
	expected := path.Join(r.Folder, replay.IRPFile)
	want, err := fs.ReadFile(folder, replay.IRPFile)
	if err != nil {
		why, hint := "it cannot be read", "bonus-adapter test --update writes what the adapter answers now; read it before you keep it"
		if errors.Is(err, fs.ErrNotExist) {
			why = "it is missing: which answer is expected?"
		}
		r.Failures = append(r.Failures, caseFailure{File: expected, Message: why, Hint: hint})
		return
	}
	differences, err := replay.Compare(r.played.body, want)
	if err != nil {
		r.Failures = append(r.Failures, caseFailure{File: expected, Message: err.Error()})
	}
	deciders := r.played.deciders(file)
	for _, d := range differences {
		r.Failures = append(r.Failures, caseFailure{
			File: expected, Message: d.String(), Entry: d.Entry + 1, Field: d.Field, Got: d.Got, Want: d.Want,
			Config: deciders.of(d),
		})
	}
}
