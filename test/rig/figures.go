package rig

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Figures are what a process holds of the machine.
type Figures struct {
	Files   int // open file descriptors, sockets included
	Sockets int
	Threads int
	RSS     int64 // resident memory in bytes
}

// Figures asks the kernel.
func (p *Program) Figures(t testing.TB) Figures {
	t.Helper()
	figures, err := figuresOf(p.PID())
	if err != nil {
		t.Fatal(err)
	}
	return figures
}

var goroutine = regexp.MustCompile(`(?m)^goroutine \d+ `)

// Goroutines ends the process with SIGQUIT, at which Go writes the stack of every goroutine, and counts them.
func (p *Program) Goroutines(t testing.TB) int {
	t.Helper()
	p.Log.restart()
	p.Signal(t, syscall.SIGQUIT)
	_ = p.Wait(t)
	return len(goroutine.FindAllString(p.Log.String(), -1))
}

func figuresOf(pid int) (Figures, error) {
	var figures Figures
	place := fmt.Sprintf("/proc/%d", pid)
	entries, err := os.ReadDir(place + "/fd")
	if err != nil {
		return figures, fmt.Errorf("asking the kernel about the process: %w", err)
	}
	figures.Files = len(entries)
	for _, entry := range entries {
		if target, err := os.Readlink(place + "/fd/" + entry.Name()); err == nil && strings.HasPrefix(target, "socket:") {
			figures.Sockets++
		}
	}
	status, err := os.ReadFile(place + "/status")
	if err != nil {
		return figures, fmt.Errorf("asking the kernel about the process: %w", err)
	}
	figures.Threads = int(field(string(status), "Threads:"))
	figures.RSS = field(string(status), "VmRSS:") << 10
	return figures, nil
}

// field gives a number of /proc/PID/status.
func field(status, name string) int64 {
	_, rest, _ := strings.Cut(status, "\n"+name)
	line, _, _ := strings.Cut(rest, "\n")
	number, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(line), " kB"), 10, 64)
	return number
}
