package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"bonus-adapter/adapter"
	"bonus-adapter/cmd/bonus-adapter/metrics"
	"bonus-adapter/config"
	"bonus-adapter/crm"
)

// operations are what a process has for its operators: the log, the numbers, and what the admin port tells. It is safe
// for concurrent use.
type operations struct {
	log     *zap.Logger
	level   zap.AtomicLevel // of the log
	metrics *metrics.Metrics
	serving atomic.Pointer[serving] // nil until started
}

// serving is which config answers, and how it came to that.
type serving struct {
	made       *built
	generation int
	since      time.Time
	refused    bool // a newer one was refused
}

// newOperations makes them for a process that logs to w. close writes what is left of the log.
func newOperations(w io.Writer) (o *operations, close func()) {
	level := zap.NewAtomicLevel()
	log, close := newLog(w, level)
	return newOperationsOf(log, level), close
}

// newOperationsOf makes them around a log.
func newOperationsOf(log *zap.Logger, level zap.AtomicLevel) *operations {
	return &operations{log: log, level: level, metrics: metrics.New(thisBuild())}
}

// around gives the surroundings in which a config is counted and logged.
func (o *operations) around(lookup config.Lookup) surroundings {
	return surroundings{lookup: lookup, log: o.log, answered: o.metrics.Answered, crm: crm.Options{Observe: o.metrics.Attempted}}
}

// started tells of the first config that answers.
func (o *operations) started(made *built) {
	now := time.Now()
	o.serving.Store(&serving{made: made, generation: 1, since: now})
	o.metrics.Started(now)
	o.metrics.Watch(func() metrics.Now {
		made := o.serving.Load().made
		return metrics.Now{Door: made.handler.Stats(), CRM: made.client.State()}
	})
}

// reloaded tells of a config that took over.
func (o *operations) reloaded(made *built) {
	now := time.Now()
	o.serving.Store(&serving{made: made, generation: o.serving.Load().generation + 1, since: now})
	o.metrics.Reloaded(now)
}

// refused tells of a config that did not.
func (o *operations) refused() {
	still := *o.serving.Load()
	still.refused = true
	o.serving.Store(&still)
	o.metrics.Refused()
}

// detail is what /readyz of the admin port tells beyond its word. None of it makes the adapter unready: what is wrong
// behind it is told to callers with a reason.
func (o *operations) detail() map[string]any {
	now := o.serving.Load()
	return map[string]any{
		"breakers": now.made.client.State().Breakers,
		"config":   map[string]any{"generation": now.generation, "since": now.since.UTC().Format(time.RFC3339), "newest_refused": now.refused},
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
		Pages:  map[string]http.Handler{"GET /metrics": o.metrics.Handler(), "/log-level": o.level},
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
	err := adapter.Serve(ctx, at.public, door)
	stop()
	if failed := <-told; failed != nil {
		o.log.Error("the admin port ended early", zap.Error(failed))
	}
	return err
}
