//go:build race

package rig

// raceFlags build the program with the race detector if the tests have it.
func raceFlags() []string { return []string{"-race"} }
