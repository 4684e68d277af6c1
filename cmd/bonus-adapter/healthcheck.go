package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// They are asked if no URL is given: the admin port where it is by default, since it answers whatever the public port
// speaks and however many callers hold it; then the public one, for an adapter without.
const (
	adminAlive  = "http://127.0.0.1:9090/healthz"
	publicAlive = "http://127.0.0.1:8080/healthz"
)

func runHealthcheck(ctx context.Context, p *program, args []string) error {
	set := p.flags("healthcheck")
	if err := parse(set, args, 1); err != nil {
		return err
	}
	if url := set.Arg(0); url != "" {
		return p.alive(ctx, url)
	}
	return p.alive(ctx, adminAlive, publicAlive)
}

// alive looks whether one of the URLs answers well.
func (p *program) alive(ctx context.Context, urls ...string) error {
	var failed error
	for _, url := range urls {
		err := answersWell(ctx, url)
		if err == nil {
			_, err = fmt.Fprintln(p.out, "ok")
			return err
		}
		failed = errors.Join(failed, err)
	}
	return failed
}

func answersWell(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", url, response.Status)
	}
	return nil
}
