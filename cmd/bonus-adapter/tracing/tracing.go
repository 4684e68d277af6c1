// Package tracing tells where the time of a request went, as OpenTelemetry spans sent by OTLP over HTTP: one span for the
// request, one for each request to the CRM within it, joined to the caller's by W3C's trace context. It is the only room
// that knows OpenTelemetry.
//
// Its instruments put URLs, addresses and error texts into spans, all of which can name a customer or a secret. So what
// leaves is chosen, at the one place where it leaves: see [clean].
package tracing

import (
	"context"
	"net/http"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"bonus-adapter/adapter"
	"bonus-adapter/crm"
)

// Options are what a Tracing takes from outside, beside its config.
type Options struct {
	Version string      // of the program
	Failed  func(error) // hears why spans were lost; called from the background
}

// Tracing makes and sends spans. A nil Tracing makes none: all its methods may be called. It is safe for concurrent use.
type Tracing struct {
	provider *sdk.TracerProvider
	options  []otelhttp.Option
}

// New begins to trace as cfg declares; nil if it declares nothing.
func New(cfg adapter.Tracing, o Options) *Tracing {
	if !cfg.On() {
		return nil
	}
	share := sdk.TraceIDRatioBased(float64(cfg.Sample))
	exporter := otlptrace.NewUnstarted(newSender(cfg, o.Failed))
	provider := sdk.NewTracerProvider(
		sdk.WithBatcher(exporter),
		// A caller may join its trace to ours. It may not decide how many of them we keep.
		sdk.WithSampler(sdk.ParentBased(share, sdk.WithRemoteParentSampled(share))),
		sdk.WithResource(resource.NewSchemaless(attribute.String("service.name", "bonus-adapter"), attribute.String("service.version", o.Version))),
	)
	return &Tracing{provider: provider, options: []otelhttp.Option{
		otelhttp.WithTracerProvider(provider),
		otelhttp.WithMeterProvider(noop.NewMeterProvider()), // the numbers are Prometheus's
		otelhttp.WithPropagators(propagation.TraceContext{}),
	}}
}

// Door makes a span of each request that comes in, health checks aside.
func (t *Tracing) Door(next http.Handler) http.Handler {
	if t == nil {
		return next
	}
	return otelhttp.NewHandler(next, "request", append(t.options,
		otelhttp.WithFilter(func(r *http.Request) bool { return r.Method != http.MethodGet && r.Method != http.MethodHead }),
		otelhttp.WithSpanNameFormatter(func(operation string, _ *http.Request) string { return operation }), // a path is the caller's
	)...)
}

// Network makes a span of each request to the CRM.
func (t *Tracing) Network(network http.RoundTripper) http.RoundTripper {
	if t == nil {
		return network
	}
	return otelhttp.NewTransport(network, append(t.options,
		otelhttp.WithSpanNameFormatter(func(_ string, r *http.Request) string { return "crm " + crm.StepOf(r.Context()) }),
	)...)
}

// Answered notes in the request's span where the answer came from and why it is empty. It is an adapter.Observer.
func (t *Tracing) Answered(ctx context.Context, a adapter.Answered) {
	if t == nil {
		return
	}
	trace.SpanFromContext(ctx).SetAttributes(
		attribute.String(sourceKey, a.Source), attribute.String(reasonKey, string(a.Reason)), attribute.String(partialKey, string(a.Partial)),
		attribute.Int("bonus.pages", a.Pages), attribute.Int("bonus.records", a.Records), attribute.Int("bonus.entries", a.Entries),
	)
}

// Attempted notes in the request's span what a request to the CRM came to: what its answer means is known only when the
// span of the network has ended. It is a crm.Observer.
func (t *Tracing) Attempted(ctx context.Context, a crm.Attempt) {
	if t == nil {
		return
	}
	verdict := "ok"
	if a.Kind != 0 {
		verdict = string(adapter.ReasonOf(a.Kind))
	}
	trace.SpanFromContext(ctx).AddEvent(attemptEvent, trace.WithAttributes(
		attribute.String(stepKey, a.Step), attribute.Int("bonus.attempt", a.Number), attribute.String(verdictKey, verdict),
		attribute.Float64("bonus.waited_seconds", a.Waited.Seconds()),
	))
}

// Close sends what is left, until ctx ends.
func (t *Tracing) Close(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}
