package rig

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Level is what a process holds: of the machine by the kernel's count, and of goroutines and memory by its own.
type Level struct {
	Figures
	Goroutines int
	Heap       int64 // bytes that are in use after garbage was collected
}

// moreHeap is how much more a process may hold at its end than when it began to listen: pools, breakers, the books that it keeps of a CRM.
// A leaked answer of a test's CRM is larger than this only by the hundred; goroutines and sockets, which every leak of a
// request has, are compared exactly.
const moreHeap = 8 << 20

// Frees says how the other side of the connections that the program keeps for later lets go of them: its CRM, or the
// proxy before it. Connections that stay are leftovers.
func (p *Program) Frees(drop func()) { p.free = append(p.free, drop) }

// Keeps says that the program rightly holds so many connections more than at its start: to a Redis, without goroutines.
func (p *Program) Keeps(connections int) { p.kept = connections }

// level gives what the process holds. The config needs adapter.pprof.
func (p *Program) level() (Level, error) {
	var l Level
	stacks, err := p.profile("goroutine?debug=1")
	if err != nil {
		return l, err
	}
	heap, err := p.profile("heap?gc=1&debug=1")
	if err != nil {
		return l, err
	}
	l.Goroutines = count(stacks)
	l.Heap = number(heapInUse, heap)
	<-time.After(5 * time.Millisecond) // the connection of this look ends
	l.Figures, err = figuresOf(p.PID())
	return l, err
}

var (
	goroutines   = regexp.MustCompile(`(?m)^(\d+) @ .*\n((?:#.*\n)*)`)
	ofTheLook    = regexp.MustCompile(`adapter\.\(\*Admin\)|net/http\.\(\*connReader\)\.backgroundRead`)
	heapInUse    = regexp.MustCompile(`(?m)^# HeapAlloc = (\d+)`)
	listensAdmin = regexp.MustCompile(`"listens":"([^"]+)"`)
)

// count counts the goroutines of a profile, but for those that serve the look itself, and those that have not begun.
func count(profile string) (sum int) {
	for _, entry := range goroutines.FindAllStringSubmatch(profile, -1) {
		if several, err := strconv.Atoi(entry[1]); err == nil && entry[2] != "" && !ofTheLook.MatchString(entry[2]) {
			sum += several
		}
	}
	return sum
}

func number(pattern *regexp.Regexp, text string) int64 {
	match := pattern.FindStringSubmatch(text)
	if match == nil {
		return 0
	}
	value, _ := strconv.ParseInt(match[1], 10, 64)
	return value
}

// profile reads one of Go's profiles from the admin port.
func (p *Program) profile(name string) (string, error) {
	address := listensAdmin.FindStringSubmatch(p.Log.String())
	if address == nil {
		return "", fmt.Errorf("the log does not name the admin port")
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: Patience}
	response, err := client.Get("http://" + address[1] + "/debug/pprof/" + name)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("the profile %s is answered with %d: the config of this test needs adapter.pprof", name, response.StatusCode)
	}
	return string(text), err
}

// remember notes what the process holds before anybody has asked anything: the least of a few looks, since a look is a
// connection itself, of which the next one may still see something.
func (p *Program) remember(t testing.TB) {
	t.Helper()
	if err := p.answers(); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		now, err := p.level()
		if err != nil {
			t.Fatal(err)
		}
		if p.first == nil {
			p.first = &now
		}
		p.first.Files, p.first.Sockets = min(p.first.Files, now.Files), min(p.first.Sockets, now.Sockets)
		p.first.Goroutines, p.first.Heap = min(p.first.Goroutines, now.Goroutines), min(p.first.Heap, now.Heap)
	}
}

// answers waits until the public port answers anything, by TLS or not: then everything has begun that serves it.
func (p *Program) answers() error {
	connection, err := net.Dial("tcp", strings.TrimPrefix(p.URL, "http://"))
	if err != nil {
		return err
	}
	defer func() { _ = connection.Close() }()
	_ = connection.SetDeadline(time.Now().Add(Patience))
	if _, err := io.WriteString(connection, "GET /readyz HTTP/1.0\r\n\r\n"); err != nil {
		return err
	}
	_, err = io.ReadAll(connection)
	return err
}

// settles waits until the process holds what it held at its start: no more files, sockets and goroutines, and the
// memory of it. A process that the test has ended holds nothing; one that ended by itself fails the test.
func (p *Program) settles(t testing.TB) {
	t.Helper()
	if p.ended() {
		if !p.signalled.Load() {
			t.Errorf("the process ended by itself: %v", p.err)
		}
		return
	}
	if p.first == nil {
		return
	}
	var now Level
	var err error
	for deadline := time.Now().Add(Patience); ; {
		for _, drop := range p.free { // again: a connection may not have been accepted yet
			drop()
		}
		if now, err = p.level(); err == nil && p.first.holds(now, p.kept) {
			t.Logf("it holds %+v, at its start %+v", now, *p.first)
			return
		}
		if time.Now().After(deadline) {
			break
		}
		<-time.After(20 * time.Millisecond)
	}
	stacks, _ := p.profile("goroutine?debug=1")
	t.Errorf("something is left over (%v): it holds\n%+v, at its start\n%+v, and %d connections are kept\n%s", err, now, *p.first, p.kept, stacks)
}

// holds tells whether later is no more than this.
func (l Level) holds(later Level, kept int) bool {
	return later.Files <= l.Files+kept && later.Sockets <= l.Sockets+kept &&
		later.Goroutines <= l.Goroutines && later.Heap <= l.Heap+moreHeap
}

func (p *Program) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}
