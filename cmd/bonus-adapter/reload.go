package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"go.uber.org/zap"

	"bonus-adapter/adapter"
	"bonus-adapter/config"
)

// reloader puts a changed config in the place of the one that answers: all of it is compiled first, and one that is
// broken changes nothing. What is not changed goes on: a crm section that reads as before keeps its breakers, tokens, pace
// and connections.
type reloader struct {
	program *program // notes in files what it reads
	name    string   // of the config file
	log     *zap.Logger
	watch   *operations
	door    *adapter.Door

	readFile func(string) ([]byte, error) // notes nothing

	began   *adapter.Config // whose ports and tracing the process has until it ends
	made    *built
	files   map[string]print // the config file and those it refers to, as they were when they were read
	pending print            // of what was seen once, and may be half written
	retired chan struct{}    // closed when all before made are closed
}

func newReloader(p *program, name string, watch *operations) *reloader {
	r := &reloader{name: name, log: watch.log, watch: watch, files: map[string]print{}, retired: make(chan struct{})}
	close(r.retired)
	noting := *p
	noting.readFile = func(name string) ([]byte, error) {
		content, err := p.readFile(name)
		r.files[name] = printOf(content, err)
		return content, err
	}
	r.program = &noting
	r.readFile = p.readFile
	return r
}

// printOf tells a file's content. That it cannot be read is a content of its own.
func printOf(content []byte, err error) print {
	sum := sha256.New()
	_, _ = fmt.Fprintf(sum, "%t\n", err == nil)
	_, _ = sum.Write(content)
	return print(sum.Sum(nil))
}

// start builds the first config. There is none to go on with if it is broken.
func (r *reloader) start() error {
	text, err := r.program.read(r.name)
	if err != nil {
		return err
	}
	r.made, err = r.program.build(r.name, text, r.watch.around(r.lookup()))
	if err != nil {
		return err
	}
	r.began = &r.made.config.Adapter
	r.door = adapter.NewDoor(r.made.handler)
	r.watch.started(r.made)
	return nil
}

// lookup resolves references, each once.
func (r *reloader) lookup() config.Lookup {
	known := map[string]string{}
	lookup := environment(r.program.getenv, r.program.readFile)
	return func(scheme, name string) (string, error) {
		value, is := known[scheme+":"+name]
		if is {
			return value, nil
		}
		value, err := lookup(scheme, name)
		if err == nil {
			known[scheme+":"+name] = value
		}
		return value, err
	}
}

// run reloads at each signal, and when the files have changed, which it looks for every so often; never if that is zero.
// It returns when ctx has ended and everything that was replaced is closed.
func (r *reloader) run(ctx context.Context, signals <-chan os.Signal, every time.Duration) {
	defer func() { <-r.retired }()
	var looks <-chan time.Time
	if every > 0 {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		looks = ticker.C
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-signals:
			r.reload()
		case <-looks:
			r.poll()
		}
	}
}

// poll reloads what is not as it was read. A change is taken when it is seen a second time: the first look may have met a
// file that was being written, half of which may be a config too.
func (r *reloader) poll() {
	now, changed := r.look()
	if changed && now == r.pending {
		r.reload()
	}
	r.pending = now
}

// look reads everything that the config is made of, and tells whether any of it is not as it was read.
func (r *reloader) look() (now print, changed bool) {
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(r.files)) {
		content := printOf(r.readFile(name))
		changed = changed || content != r.files[name]
		_, _ = fmt.Fprintf(sum, "%q %x\n", name, content)
	}
	return print(sum.Sum(nil)), changed
}

// reload builds the config anew and replaces the one that answers, or says why not.
func (r *reloader) reload() {
	next, problems := r.build()
	if problems != nil {
		r.watch.refused(problems)
		r.log.Error("the config is refused, the last good one goes on", zap.Strings("problems", problems))
		return
	}
	before := r.made
	if keys := adapter.NeedRestart(r.began, &next.config.Adapter); len(keys) > 0 {
		r.log.Warn("these keys are as they were at the start: restart to change them", zap.Strings("keys", keys))
	}
	r.made = next
	r.watch.reloaded(next)
	r.retire(before, r.door.Replace(next.handler))
	r.log.Info("the config is reloaded", zap.Bool("crm_unchanged", next.client == before.client))
}

// build makes the next config, or gives its problems as texts.
func (r *reloader) build() (*built, []string) {
	r.files = map[string]print{} // a broken config is read anew once a file changes that it was read from
	text, err := r.program.read(r.name)
	if err != nil {
		return nil, []string{err.Error()}
	}
	file, err := parseConfig(r.name, text)
	if err == nil {
		var made *built
		around := r.watch.around(r.lookup())
		around.before = r.made
		if made, err = constructIn(file, around); err == nil {
			return made, nil
		}
		made.close(r.made)
	}
	var problems []string
	for _, one := range file.report(err) {
		problems = append(problems, one.line())
	}
	return nil, problems
}

// retire closes what was replaced once nobody uses it any more: after the last request that met it, and after all that
// were replaced earlier, since they may share its client.
func (r *reloader) retire(before *built, left func()) {
	earlier, now, kept := r.retired, make(chan struct{}), r.made
	r.retired = now
	go func() {
		defer close(now)
		left()
		<-earlier
		before.close(kept)
	}()
}
