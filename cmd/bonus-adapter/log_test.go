package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"
)

func TestLogLosesNothingThatIsTaken(t *testing.T) {
	out := newOutput()
	log, closeLog := newLog(out, logging{level: zap.NewAtomicLevel()})
	for i := range 1000 {
		log.Info(fmt.Sprint("line ", i))
	}
	closeLog()
	if got := out.String(); strings.Count(got, "\n") != 1000 || !strings.HasSuffix(got, "line 999\"}\n") {
		t.Errorf("%d lines, the last %q", strings.Count(got, "\n"), got[max(0, len(got)-100):])
	}
}

// TestLogThatNobodyReads holds up nobody; how much was lost is told once somebody reads.
func TestLogThatNobodyReads(t *testing.T) {
	read, write := io.Pipe()
	out := newLines(write, 10)
	for i := range 100 {
		_, _ = fmt.Fprintf(out, "line %d\n", i) // returns, though nobody reads
	}
	var got bytes.Buffer
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(&got, read)
	}()
	out.close()
	_ = write.Close()
	<-done
	kept, lost := strings.Count("\n"+got.String(), "\nline "), 0
	for _, match := range regexp.MustCompile(`"dropped":(\d+)}`).FindAllStringSubmatch(got.String(), -1) {
		count, _ := strconv.Atoi(match[1])
		lost += count
	}
	if kept < 10 || lost < 80 || kept+lost != 100 {
		t.Errorf("%d of 100 lines, %d are told to be lost:\n%s", kept, lost, got.String())
	}
}

func TestLogEndsThoughNobodyReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		read, write := io.Pipe()
		out := newLines(write, 10)
		_, _ = io.WriteString(out, "line\n")
		begin := time.Now()
		out.close()
		if took := time.Since(begin); took != longestLast {
			t.Errorf("waited %s", took)
		}
		_ = read.Close() // the goroutine must end with the bubble
	})
}

// fullDisk fails a few times.
type fullDisk struct {
	text  bytes.Buffer
	fails int
}

func (f *fullDisk) Write(p []byte) (int, error) {
	if f.fails--; f.fails >= 0 {
		return 0, errors.New("no space left on device")
	}
	return f.text.Write(p)
}

func TestLogOnAFullDisk(t *testing.T) {
	disk := &fullDisk{fails: 3} // a line, the notice, and the line after it
	out := newLines(disk, 10)
	for i := range 4 {
		_, _ = fmt.Fprintf(out, "line %d\n", i)
	}
	out.close()
	if got := disk.text.String(); !strings.Contains(got, `"dropped":2}`) || !strings.HasSuffix(got, "line 2\nline 3\n") {
		t.Error(got)
	}
}
