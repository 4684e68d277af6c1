//go:build unix

package main

import (
	"os"
	"syscall"
)

// levelSignals ask for the log's other level: debug, and back.
func levelSignals() []os.Signal { return []os.Signal{syscall.SIGUSR1} }
