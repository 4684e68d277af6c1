package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.uber.org/zap"
)

func runServe(ctx context.Context, p *program, args []string) error {
	set := p.flags("serve")
	name := set.String("config", "config.yaml", "the config `file`")
	listen := set.String("listen", "", "listen on this `address` instead of adapter.listen")
	admin := set.String("admin", "", "listen for operators on this `address`, or off, instead of adapter.admin")
	every := set.Duration("watch", 10*time.Second, "look for changes of the config, and of the files that it refers to, every `so often`; never if 0")
	live := set.Bool(consoleLive, false, consoleLiveAbout)
	how := loggingFlags(set)
	if err := parse(set, args, 0); err != nil {
		return err
	}
	paceCollector(ctx)
	signal.Ignore(syscall.SIGPIPE) // of a log that nobody reads any more
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP)
	defer signal.Stop(hangups)
	watch, closeLog := newOperations(p.err, *how)
	defer closeLog()
	watch.console = watch.engine(onlyIf(*live, environment(p.getenv, p.readFile)))
	r := newReloader(p, *name, watch)
	if err := r.start(); err != nil {
		return err
	}
	at, err := watch.listen(r.made.config.Adapter, *listen, *admin)
	if err != nil {
		r.made.close(nil)
		return err
	}
	stopSwitching := watch.switchOnSignals(ctx)
	defer stopSwitching()
	err = r.serve(ctx, at, hangups, *every)
	watch.log.Info("stopped", zap.Error(err))
	return err
}

// serve answers on its ports until ctx ends, and reloads meanwhile.
func (r *reloader) serve(ctx context.Context, at ports, hangups <-chan os.Signal, every time.Duration) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	reloaded := make(chan struct{})
	go func() {
		defer close(reloaded)
		r.run(ctx, hangups, every)
	}()
	err := r.watch.serveBoth(ctx, at, r.door)
	stop()
	<-reloaded
	r.made.close(nil)
	return err
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
