package rig

import (
	"bytes"
	"regexp"
	"sync"
	"testing"
	"time"
)

// Log is what a process writes. It can be waited for.
type Log struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
	most    int // what comes behind so many bytes is not kept; 0 keeps everything
}

// NewLog gives an empty log.
func NewLog() *Log { return &Log{changed: make(chan struct{}, 1)} }

// Write appends.
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.changed <- struct{}{}:
	default:
	}
	if l.most == 0 || l.text.Len() < l.most {
		return l.text.Write(p)
	}
	return len(p), nil
}

// restart forgets what was written, and keeps everything from then on.
func (l *Log) restart() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text.Reset()
	l.most = 0
}

// String gives all of it.
func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// Tail gives the last bytes, no more than size.
func (l *Log) Tail(size int) string {
	text := l.String()
	return text[max(len(text)-size, 0):]
}

// Await gives the first group of the first match of a pattern, once there is one.
func (l *Log) Await(t testing.TB, pattern string) string {
	t.Helper()
	expression := regexp.MustCompile(pattern)
	timeout := time.After(Patience)
	for {
		if match := expression.FindStringSubmatch(l.String()); match != nil {
			return match[len(match)-1]
		}
		select {
		case <-l.changed:
		case <-timeout:
			t.Fatalf("%s never appeared in:\n%s", pattern, l.Tail(8<<10))
		}
	}
}
