package rig

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// Machine is a line about how busy the machine is: to be asked before a measurement, when its figure does not yet hold
// the measurement itself.
func Machine() string {
	text, err := os.ReadFile("/proc/loadavg")
	fields := strings.Fields(string(text))
	if err != nil || len(fields) < 3 {
		return "How busy the machine was besides is not known."
	}
	return fmt.Sprintf("Just before, at\n%s UTC, %s processes ran or waited for one of the %d processors in the mean of a minute, %s of fifteen minutes.",
		time.Now().UTC().Format("15:04"), fields[0], runtime.NumCPU(), fields[2])
}
