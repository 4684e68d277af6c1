package tracing

import (
	"slices"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

// The names of our own attributes.
const (
	sourceKey  = "bonus.source"
	reasonKey  = "bonus.reason"
	partialKey = "bonus.partial"
	stepKey    = "bonus.step"
	verdictKey = "bonus.verdict"

	attemptEvent = "crm attempt"
)

// allowed are the attributes that may leave. Every value they can have comes from a set that the program or its config
// closes, or is a number of ours. Whatever else an instrument notes, in this version or a later one, stays here.
func allowed() []string {
	return []string{
		sourceKey, reasonKey, partialKey, stepKey, verdictKey,
		"bonus.attempt", "bonus.waited_seconds", "bonus.pages", "bonus.records", "bonus.entries",
		"http.response.status_code", "network.protocol.version", "url.scheme",
	}
}

// clean takes out of spans what is not allowed to leave: attributes, the texts of errors, and the state that callers may
// attach to a trace.
func clean(batch []*tracepb.ResourceSpans) {
	names := allowed()
	for _, resource := range batch {
		for _, scope := range resource.ScopeSpans {
			for _, span := range scope.Spans {
				cleanSpan(span, names)
			}
		}
	}
}

func cleanSpan(span *tracepb.Span, names []string) {
	span.Attributes = kept(span.Attributes, names)
	span.TraceState = ""
	span.Links = nil
	if span.Status != nil {
		span.Status.Message = ""
	}
	span.Events = slices.DeleteFunc(span.Events, func(e *tracepb.Span_Event) bool { return e.Name != attemptEvent })
	for _, event := range span.Events {
		event.Attributes = kept(event.Attributes, names)
	}
}

func kept(attributes []*commonpb.KeyValue, names []string) []*commonpb.KeyValue {
	return slices.DeleteFunc(attributes, func(a *commonpb.KeyValue) bool { return !slices.Contains(names, a.Key) })
}
