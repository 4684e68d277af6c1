package main

import (
	"context"
	"os"
	"os/signal"

	"go.uber.org/zap"
)

// switchOnSignals changes the log's level between info and debug at each of levelSignals, until stop is called or ctx ends.
func (o *operations) switchOnSignals(ctx context.Context) (stop func()) {
	if len(levelSignals()) == 0 {
		return func() {} // Notify without signals would mean all of them
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, levelSignals()...)
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		o.switchLevels(ctx, signals)
	}()
	return func() {
		signal.Stop(signals)
		cancel()
		<-done
	}
}

// switchLevels changes between info and debug at each signal, until ctx ends.
func (o *operations) switchLevels(ctx context.Context, signals <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-signals:
			next := zap.DebugLevel
			if o.level.Enabled(zap.DebugLevel) {
				next = zap.InfoLevel
			}
			o.level.SetLevel(next)
			o.log.Info("the log's level is changed", zap.Stringer("level", next))
		}
	}
}
