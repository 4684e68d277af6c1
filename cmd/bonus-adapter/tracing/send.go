package tracing

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"bonus-adapter/adapter"
)

// sender is OTLP over HTTP, in protobuf. OpenTelemetry's own would bring all of gRPC into the binary, 11 MB for a POST.
type sender struct {
	url    string
	header http.Header
	http   *http.Client
	failed func(error)
}

// patience is how long a collector may take for one batch.
const patience = 10 * time.Second

func newSender(cfg adapter.Tracing, failed func(error)) *sender {
	s := &sender{
		url:    strings.TrimSuffix(cfg.Endpoint, "/") + "/v1/traces",
		header: http.Header{"Content-Type": {"application/x-protobuf"}, "Content-Encoding": {"gzip"}, "User-Agent": {"bonus-adapter"}},
		http:   &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConns: 1, IdleConnTimeout: time.Minute}},
		failed: failed,
	}
	for name, value := range cfg.Headers {
		s.header.Set(name, value.Reveal())
	}
	return s
}

// Start does nothing: the first batch opens the connection.
func (s *sender) Start(context.Context) error { return nil }

// Stop lets the connection go.
func (s *sender) Stop(context.Context) error {
	s.http.CloseIdleConnections()
	return nil
}

// UploadTraces sends a batch, cleaned. A batch that is not taken is lost and told: traces are a help, and what waits for a
// collector that is gone would only grow. The error is never given on: OpenTelemetry would print it.
func (s *sender) UploadTraces(ctx context.Context, batch []*tracepb.ResourceSpans) error {
	clean(batch)
	// As bytes it is an ExportTraceServiceRequest, whose own package needs gRPC.
	text, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: batch})
	if err == nil {
		err = s.post(ctx, text)
	}
	if err != nil && s.failed != nil {
		s.failed(err)
	}
	return nil
}

var errCollector = errors.New("the collector of traces cannot be reached")

func (s *sender) post(ctx context.Context, text []byte) error {
	var packed bytes.Buffer
	pack := gzip.NewWriter(&packed)
	_, _ = pack.Write(text) // to memory: it cannot fail
	_ = pack.Close()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, &packed)
	if err != nil {
		return errCollector // the error's text holds the URL
	}
	request.Header = s.header.Clone()
	response, err := s.http.Do(request)
	if err != nil {
		return errCollector
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, 1<<20))
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return fmt.Errorf("the collector of traces answers %d", response.StatusCode)
	}
	return nil
}
