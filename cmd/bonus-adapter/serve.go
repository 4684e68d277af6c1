package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"bonus-adapter/adapter"
)

func runServe(ctx context.Context, p *program, args []string) error {
	set := p.flags("serve")
	name := set.String("config", "config.yaml", "the config `file`")
	listen := set.String("listen", "", "listen on this `address` instead of adapter.listen")
	if err := parse(set, args, 0); err != nil {
		return err
	}
	text, err := p.read(*name)
	if err != nil {
		return err
	}
	log := newLog(p.err)
	made, err := p.build(*name, text, environment(p.getenv, p.readFile), log)
	if err != nil {
		return err
	}
	defer made.client.Close()
	listener, err := net.Listen("tcp", firstOf(*listen, made.config.Adapter.Listen))
	if err != nil {
		return err
	}
	log.Info("listening", zap.String("address", listener.Addr().String()), zap.String("path", made.config.Adapter.Path))
	err = adapter.Serve(ctx, listener, made.handler)
	log.Info("stopped", zap.Error(err))
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

// newLog writes JSON, one line an event. The encoder escapes whatever a CRM sends, so a line cannot be split.
func newLog(w io.Writer) *zap.Logger {
	encoding := zap.NewProductionEncoderConfig()
	encoding.EncodeTime = zapcore.RFC3339NanoTimeEncoder
	encoding.TimeKey = "time"
	sink := zapcore.Lock(zapcore.AddSync(w))
	return zap.New(zapcore.NewCore(zapcore.NewJSONEncoder(encoding), sink, zap.InfoLevel))
}

func runHealthcheck(ctx context.Context, p *program, args []string) error {
	set := p.flags("healthcheck")
	if err := parse(set, args, 1); err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, firstOf(set.Arg(0), "http://127.0.0.1:8080/healthz"), nil)
	if err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("it answers %s", response.Status)
	}
	_, err = fmt.Fprintln(p.out, "ok")
	return err
}
