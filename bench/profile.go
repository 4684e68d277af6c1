package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"time"
)

// profiled is how long the program is looked at over histories of each length.
const profiled = 20 * time.Second

// profile writes a CPU profile of the adapter for the compiler, over histories of all lengths alike.
func (b *bench) profile(ctx context.Context, file string) (err error) {
	if b.dir, err = os.MkdirTemp("", "bench"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.dir) }()
	if err := b.build(ctx); err != nil {
		return err
	}
	own, err := os.Executable()
	if err != nil {
		return err
	}
	crm, err := start("crm", "", own, "crm")
	if err != nil {
		return err
	}
	defer crm.stop()
	merge := []string{"tool", "pprof", "-proto", "-output", file}
	for _, records := range b.records {
		part := filepath.Join(b.dir, fmt.Sprint(records))
		if err := b.look(ctx, fmt.Sprintf("%s/%d/0s", crm.url, records), records, part); err != nil {
			return fmt.Errorf("%d records: %w", records, err)
		}
		merge = append(merge, part)
	}
	if output, err := exec.CommandContext(ctx, "go", merge...).CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, output)
	}
	return nil
}

// look asks for histories of one length, and writes a profile of that into a file.
func (b *bench) look(ctx context.Context, crm string, records int, file string) error {
	c, err := start("adapter", crm, b.adapter, "serve", "--config", b.config(watched))
	if err != nil {
		return err
	}
	defer c.stop()
	var over atomic.Bool
	asked := make(chan error, 2)
	for range cap(asked) {
		go func() {
			var err error
			for err == nil && !over.Load() {
				err = c.ask(ctx, records)
			}
			asked <- err
		}()
	}
	err = fetch(ctx, fmt.Sprintf("http://%s/debug/pprof/profile?seconds=%d", c.admin, int(profiled.Seconds())), file)
	over.Store(true)
	return errors.Join(err, <-asked, <-asked)
}

func fetch(ctx context.Context, url, file string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := caller.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, body)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(file, body, 0o600)
}
