//go:build !unix

package main

import "os"

// levelSignals are none where there is no SIGUSR1: the admin port's /log-level is for all.
func levelSignals() []os.Signal { return nil }
