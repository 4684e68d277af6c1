package crmtest

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"time"

	"go.uber.org/goleak"
)

// moreHeap is how much more memory may be in use after a package's tests than before them: what its tables and pools
// keep.
const moreHeap = 32 << 20

// Main runs the tests of a package and fails if they leave something over: goroutines, open files and sockets, or
// memory. It is for TestMain, and gives the code to exit with.
func Main(m interface{ Run() int }) int {
	if listener, err := net.Listen("tcp", "127.0.0.1:0"); err == nil { // what Go itself opens for its first socket stays open
		_ = listener.Close()
	}
	files, before := openFiles(), heap()
	code := m.Run()
	if code != 0 {
		return code
	}
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	if err := goleak.Find(); err != nil {
		fmt.Fprintln(os.Stderr, "the tests leave goroutines over:", err)
		return 1
	}
	left := openFiles()
	for deadline := time.Now().Add(10 * time.Second); left > files && time.Now().Before(deadline); left = openFiles() {
		<-time.After(10 * time.Millisecond)
	}
	if left > files {
		fmt.Fprintf(os.Stderr, "the tests leave %d files or sockets open\n", left-files)
		return 1
	}
	if after := heap(); after > before+moreHeap {
		fmt.Fprintf(os.Stderr, "the tests leave %d MiB of memory in use\n", (after-before)>>20)
		return 1
	}
	return 0
}

// openFiles counts what the process holds open; nothing where the kernel does not tell.
func openFiles() int {
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries)
}

// heap is how many bytes are in use after garbage was collected, twice: what pools keep is let go at the second time.
func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}
