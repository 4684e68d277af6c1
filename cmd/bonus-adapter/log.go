package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// logging says how a process logs.
type logging struct {
	level   zap.AtomicLevel // may change at any time
	console bool            // for people; JSON if false
}

// loggingFlags are how a command is told how to log.
func loggingFlags(set *flag.FlagSet) *logging {
	how := &logging{level: zap.NewAtomicLevel()}
	set.Func("log", "the log's `format`: json, or console for people (json if it is not given)", func(text string) error {
		how.console = text == "console"
		if text != "json" && !how.console {
			return errors.New("there is json and console")
		}
		return nil
	})
	set.Func("log-level", "the log's `level`: debug, info, warn or error (info if it is not given)", func(text string) error {
		level, err := zapcore.ParseLevel(text)
		if err != nil || level > zap.ErrorLevel {
			return errors.New("there is debug, info, warn and error")
		}
		how.level.SetLevel(level)
		return nil
	})
	return how
}

// newLog writes to w, one line an event. The encoders escape whatever a CRM sends, so a line cannot be split. A w that does
// not take what is written holds up nobody: see [lines]. A failure that repeats is told now and then: see [quiet]. close
// writes what is left, for a moment.
func newLog(w io.Writer, how logging) (log *zap.Logger, close func()) {
	encoding := zap.NewProductionEncoderConfig()
	encoding.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	encoding.TimeKey = "time"
	encoder := zapcore.NewJSONEncoder(encoding)
	if how.console {
		encoding.EncodeTime = zapcore.TimeEncoderOfLayout("15:04:05.000")
		encoding.EncodeLevel = zapcore.CapitalLevelEncoder
		encoder = zapcore.NewConsoleEncoder(encoding)
	}
	out := newLines(w, mostLines)
	core := zapcore.NewCore(encoder, zapcore.Lock(zapcore.AddSync(out)), how.level)
	return zap.New(newQuiet(core)), out.close
}

const (
	mostLines   = 1024            // that wait to be written
	longestLast = time.Second / 2 // for what is left at the end: of the lines, and of the spans
)

// lines writes lines in the background. When the other side does not read, or a disk is full, they are dropped and
// counted: a customer must not wait for a log. It is safe for concurrent use.
type lines struct {
	out     io.Writer
	waiting chan []byte
	dropped atomic.Uint64 // since the last one that was written
	closing chan struct{}
	done    chan struct{}
}

func newLines(out io.Writer, most int) *lines {
	l := &lines{out: out, waiting: make(chan []byte, most), closing: make(chan struct{}), done: make(chan struct{})}
	go l.run()
	return l
}

// Write takes one line, or drops it. It never fails.
func (l *lines) Write(line []byte) (int, error) {
	select {
	case l.waiting <- append([]byte(nil), line...):
	default:
		l.dropped.Add(1)
	}
	return len(line), nil
}

func (l *lines) run() {
	defer close(l.done)
	for {
		select {
		case line := <-l.waiting:
			l.write(line)
		case <-l.closing:
			for len(l.waiting) > 0 {
				l.write(<-l.waiting)
			}
			return
		}
	}
}

// write writes one line, and tells before it how many were lost.
func (l *lines) write(line []byte) {
	if dropped := l.dropped.Swap(0); dropped > 0 {
		notice := fmt.Sprintf(`{"level":"error","time":%q,"msg":"lines of the log were dropped: nobody took them","dropped":%d}`+"\n", time.Now().Format(time.RFC3339Nano), dropped)
		if _, err := io.WriteString(l.out, notice); err != nil {
			l.dropped.Add(dropped)
		}
	}
	if _, err := l.out.Write(line); err != nil {
		l.dropped.Add(1)
	}
}

// close writes what is left. It waits a moment for a reader that is slow, and no longer for one that is gone.
func (l *lines) close() {
	close(l.closing)
	select {
	case <-l.done:
	case <-time.After(longestLast):
	}
}
