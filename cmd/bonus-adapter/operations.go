package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"bonus-adapter/adapter"
	"bonus-adapter/cmd/bonus-adapter/console"
	"bonus-adapter/cmd/bonus-adapter/metrics"
	"bonus-adapter/cmd/bonus-adapter/tracing"
	"bonus-adapter/cmd/bonus-adapter/watch"
	"bonus-adapter/config"
	"bonus-adapter/crm"
)

// operations are what a process has for its operators: the log, the numbers, and what the admin port tells. It is safe
// for concurrent use.
type operations struct {
	log     *zap.Logger
	level   zap.AtomicLevel // of the log
	metrics *metrics.Metrics
	watched *watch.Watch     // the last hour
	tracing *tracing.Tracing // nil if nothing is traced; settled by the first config
	begun   bool
	console console.Engine          // what the console of the admin port can do
	serving atomic.Pointer[serving] // nil until started
}

// serving is which config answers, and how it came to that.
type serving struct {
	made       *built
	generation int
	since      time.Time
	tried      time.Time // when the last one that was to take over was looked at; zero if there was none
	problems   []string  // why that was refused; nil if it was taken
}

// newOperations makes them for a process that logs to w. close sends and writes what is left of spans and lines.
func newOperations(w io.Writer, how logging) (o *operations, close func()) {
	log, closeLog := newLog(w, how)
	o = newOperationsOf(log, how.level)
	return o, func() {
		o.closeTracing()
		closeLog()
	}
}

// newOperationsOf makes them around a log.
func newOperationsOf(log *zap.Logger, level zap.AtomicLevel) *operations {
	return &operations{log: log, level: level, metrics: metrics.New(thisBuild()), watched: watch.New(watch.Options{})}
}

// around gives the surroundings in which a config is counted and logged.
func (o *operations) around(lookup config.Lookup) surroundings {
	return surroundings{lookup: lookup, log: o.log, answered: o.observer, amend: o.begin, crm: crm.Options{
		Observe:   o.attempted,
		Transport: func(network http.RoundTripper) http.RoundTripper { return o.tracing.Network(network) },
	}}
}

// begin begins to trace if the first config says so; a later one changes nothing of it. It comes before anything is built
// of the config.
func (o *operations) begin(read *sections) {
	if o.begun {
		return
	}
	o.begun = true
	o.tracing = tracing.New(read.Adapter.Tracing, tracing.Options{
		Version: thisBuild().Version,
		Failed:  func(err error) { o.log.Warn("spans are lost", zap.Error(err)) },
	})
}

// closeTracing sends what is left, for a moment.
func (o *operations) closeTracing() {
	ctx, cancel := context.WithTimeout(context.Background(), longestLast)
	defer cancel()
	if err := o.tracing.Close(ctx); err != nil {
		o.log.Warn("spans are lost", zap.Error(errLate))
	}
}

var errLate = errors.New("the collector of traces did not take them in time")

// observer gives who hears of the answers that a config gives.
func (o *operations) observer(file *configFile) adapter.Observer {
	lines := file.watchedLines()
	return func(ctx context.Context, a adapter.Answered) { o.answered(ctx, a, lines) }
}

func (o *operations) answered(ctx context.Context, a adapter.Answered, lines watch.Lines) {
	o.metrics.Answered(ctx, a)
	o.tracing.Answered(ctx, a)
	o.watched.Answered(a, lines)
}

// attempted tells of a request to the CRM. Its line is for the level debug.
func (o *operations) attempted(ctx context.Context, a crm.Attempt) {
	o.metrics.Attempted(ctx, a)
	o.tracing.Attempted(ctx, a)
	o.watched.Attempted(ctx, a)
	if entry := o.log.Check(zap.DebugLevel, "crm attempt"); entry != nil {
		entry.Write(zap.String("step", a.Step), zap.Int("number", a.Number), zap.String("verdict", verdictOf(a.Kind)), zap.Int("crm_status", a.Status),
			zap.Bool("sent", a.Sent), zap.Duration("waited", a.Waited), zap.Duration("took", a.Took))
	}
}

// verdictOf names what an attempt came to.
func verdictOf(failed crm.Kind) string {
	if failed == 0 {
		return "ok"
	}
	return string(adapter.ReasonOf(failed))
}

// started tells of the first config that answers.
func (o *operations) started(made *built) {
	now := time.Now()
	o.serving.Store(&serving{made: made, generation: 1, since: now})
	o.metrics.Started(now)
	o.metrics.Watch(func() metrics.Now {
		made := o.serving.Load().made
		now := metrics.Now{Door: made.handler.Stats(), CRM: made.client.State()}
		if made.shared != nil { // it fails for the rate and the logins too, where no answers are kept in it
			shared := made.shared.Stats()
			now.Door.Store.Failed, now.Door.Store.Open = shared.Failed, shared.Open
		}
		return now
	})
}

// reloaded tells of a config that took over.
func (o *operations) reloaded(made *built) {
	now := time.Now()
	o.serving.Store(&serving{made: made, generation: o.serving.Load().generation + 1, since: now, tried: now})
	o.metrics.Reloaded(now)
}

// refused tells of a config that did not, and why.
func (o *operations) refused(problems []string) {
	still := *o.serving.Load()
	still.tried, still.problems = time.Now(), problems
	o.serving.Store(&still)
	o.metrics.Refused()
}

// detail is what /readyz of the admin port tells beyond its word. None of it makes the adapter unready: what is wrong
// behind it is told to callers with a reason.
func (o *operations) detail() map[string]any {
	now := o.serving.Load()
	return map[string]any{
		"breakers": now.made.client.State().Breakers,
		"config":   map[string]any{"generation": now.generation, "since": now.since.UTC().Format(time.RFC3339), "newest_refused": len(now.problems) > 0},
		"version":  version(),
	}
}

// listen opens the ports that a config declares, or those that are given instead of them.
func (o *operations) listen(cfg adapter.Config, public, admin string) (ports, error) {
	var at ports
	var err error
	if at.admin, err = o.listenAdmin(firstOf(admin, cfg.Admin), cfg); err != nil {
		return at, err
	}
	if at.public, err = net.Listen("tcp", firstOf(public, cfg.Listen)); err != nil {
		at.close()
		return at, err
	}
	o.log.Info("listening", zap.String("address", at.public.Addr().String()), zap.String("path", cfg.Path))
	return at, nil
}

// close gives up ports that nobody serves.
func (at ports) close() {
	if at.admin != nil {
		_ = at.admin.Close()
	}
}

// listenAdmin opens the admin port; nil if it is off.
func (o *operations) listenAdmin(address string, cfg adapter.Config) (net.Listener, error) {
	if err := adapter.CheckAdmin(address, len(cfg.AdminKeys) > 0); err != nil {
		return nil, fmt.Errorf("%w: --admin: %w", errUsage, err)
	}
	if address == adapter.AdminOff {
		return nil, nil
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("the admin port: %w; choose another address with adapter.admin or --admin, or off", err)
	}
	o.log.Info("admin port", zap.String("listens", listener.Addr().String()))
	return listener, nil
}

// serve answers operators until ctx ends; a nil listener answers nobody.
func (o *operations) serve(ctx context.Context, listener net.Listener, door *adapter.Door) error {
	if listener == nil {
		return nil
	}
	return adapter.ServeAdmin(ctx, listener, adapter.NewAdmin(adapter.AdminOptions{
		Door:   door,
		Detail: o.detail,
		Pages: map[string]http.Handler{
			"GET /metrics": o.metrics.Handler(), "/log-level": o.level,
			console.APIPath: console.API(version(), o.console),
		},
		Open: map[string]http.Handler{
			console.Path: console.Pages(),
			"GET /{$}":   http.RedirectHandler(console.Path, http.StatusFound),
		},
	}))
}

// ports are where a process listens.
type ports struct {
	public net.Listener
	admin  net.Listener // nil if there is none
}

// serveBoth answers on both ports until ctx ends. The admin port stays until the last request of the public one is
// answered: how it drains can be watched.
func (o *operations) serveBoth(ctx context.Context, at ports, door *adapter.Door) error {
	watching, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	told := make(chan error, 1)
	go func() { told <- o.serve(watching, at.admin, door) }()
	door.Through(o.tracing.Door)
	err := adapter.Serve(ctx, at.public, door)
	stop()
	if failed := <-told; failed != nil {
		o.log.Error("the admin port ended early", zap.Error(failed))
	}
	return err
}
