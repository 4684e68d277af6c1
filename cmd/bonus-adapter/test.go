package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// casesFolder is where cases lie beside a config.
const casesFolder = "tests"

// testOptions are the flags of test.
type testOptions struct {
	config string
	junit  string
	update bool
	json   bool
}

// runTest plays the cases beside a config and compares what the adapter answers with what they expect. It needs no
// network, and none of the config's secrets.
func runTest(_ context.Context, p *program, args []string) error {
	var options testOptions
	set := p.flags("test")
	set.StringVar(&options.config, "config", "", "the config `file`; config.yaml beside or above the cases if it is not given")
	set.StringVar(&options.junit, "junit", "", "write a report in JUnit's XML to this `file` too")
	set.BoolVar(&options.update, "update", false, "write what the adapter answers into the cases, as what they expect")
	set.BoolVar(&options.json, "json", false, "print JSON")
	if err := parse(set, args, len(args)); err != nil {
		return err
	}
	var suites []*suite
	for _, place := range placesOf(set, options.config) {
		one, err := p.openSuite(place, options.config)
		if err != nil {
			return err
		}
		suites = append(suites, one)
	}
	return p.testAll(suites, options)
}

// placesOf gives the folders to test: those that are named, or the one beside the config.
func placesOf(set *flag.FlagSet, config string) []string {
	if set.NArg() > 0 {
		return set.Args()
	}
	return []string{filepath.Join(filepath.Dir(config), casesFolder)}
}

// suite is a folder of cases with the config that they are about.
type suite struct {
	place  string // of the cases
	cases  fs.FS
	config *configFile
}

// openSuite finds a folder's cases and their config: place is a case, a folder of cases, or a folder that holds a config
// and its tests.
func (p *program) openSuite(place, config string) (*suite, error) {
	if beside := filepath.Join(place, "config.yaml"); isFile(beside) {
		config = firstOf(config, beside)
		place = filepath.Join(place, casesFolder)
	}
	if !isFile(place) {
		return nil, fmt.Errorf("there are no cases: %s is not there; write the first with bonus-adapter explain USER --record %s", place, filepath.Join(place, "first"))
	}
	for _, near := range []string{filepath.Join(place, "..", "config.yaml"), filepath.Join(place, "..", "..", "config.yaml")} {
		if config == "" && isFile(near) {
			config = near
		}
	}
	config = filepath.Clean(firstOf(config, "config.yaml"))
	text, err := p.read(config)
	if err != nil {
		return nil, err
	}
	file, err := parseConfig(config, text)
	if err != nil {
		return nil, p.reportConfig(file, err)
	}
	return &suite{filepath.ToSlash(filepath.Clean(place)), os.DirFS(place), file}, nil
}

func isFile(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

func (p *program) testAll(suites []*suite, options testOptions) error {
	report := &testReport{}
	for _, one := range suites {
		if err := one.test(report, options); err != nil {
			return p.testTrouble(one, err)
		}
	}
	if len(report.Cases) == 0 {
		return fmt.Errorf("%s holds no cases; write the first with bonus-adapter explain USER --record %s", suites[0].place, path.Join(suites[0].place, "first"))
	}
	return p.tellTests(report, options)
}

// testTrouble tells what keeps a suite from being tested at all: mostly a config that does not work.
func (p *program) testTrouble(one *suite, err error) error {
	var broken *unusableConfig
	if errors.As(err, &broken) {
		return p.reportConfig(one.config, broken.err)
	}
	return err
}

// unusableConfig is a config that no case can be played with.
type unusableConfig struct{ err error }

func (b *unusableConfig) Error() string { return b.err.Error() }

// test plays every case of the suite.
func (s *suite) test(report *testReport, options testOptions) error {
	names, err := casesIn(s.cases)
	if err != nil {
		return err
	}
	for _, name := range names {
		folder, err := fs.Sub(s.cases, name)
		if err != nil {
			return err
		}
		shown := path.Join(s.place, name)
		result, err := testCase(s.config, folder, shown)
		if err != nil {
			return err
		}
		if options.update && result.played != nil {
			if err := updateCase(os.DirFS(shown), shown, result); err != nil {
				return err
			}
		}
		report.add(result)
	}
	return nil
}

// tellTests prints the report, and is an error if a case failed.
func (p *program) tellTests(report *testReport, options testOptions) error {
	if options.junit != "" {
		if err := os.WriteFile(options.junit, report.junit(), 0o644); err != nil { //nolint:gosec // for everybody to read
			return err
		}
	}
	if options.json {
		encoder := json.NewEncoder(p.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(report); err != nil {
			return err
		}
	} else {
		report.write(p.out)
	}
	if report.Failed > 0 {
		return errReported
	}
	return nil
}
