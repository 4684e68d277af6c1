//go:build race

package rig

// raceFlags build the program with the race detector if the tests have it.
func raceFlags() []string { return []string{"-race"} }

// Racing tells whether the program runs with the race detector, which takes many times the memory.
func Racing() bool { return true }
