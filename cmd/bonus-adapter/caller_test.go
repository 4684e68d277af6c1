package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"

	"bonus-adapter/crm/crmtest"
)

// dial opens a connection to the subject for a caller who does not keep to HTTP's manners.
func (s *subject) dial(t *testing.T) net.Conn {
	t.Helper()
	connection, err := net.Dial("tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = connection.Close() })
	_ = connection.SetDeadline(time.Now().Add(30 * time.Second))
	return connection
}

const head = "POST /bonus-history HTTP/1.1\r\nHost: x\r\nkey: one-key\r\n"

func answers(t *testing.T, connection net.Conn, count int) []string {
	t.Helper()
	reader := bufio.NewReader(connection)
	var all []string
	for range count {
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			t.Fatalf("%v after %v", err, all)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprintf("%d %s %s", response.StatusCode, response.Header.Get("Bonus-History"), strings.TrimSpace(string(body))))
	}
	return all
}

// TestABodyThatNeverComes is answered by the budget, and asks no CRM.
func TestABodyThatNeverComes(t *testing.T) {
	s := newSubject(t, reasonsConfig, items(""))
	connection := s.dial(t)
	_, _ = io.WriteString(connection, head+"Content-Length: 20\r\n\r\n{")
	if got := answers(t, connection, 1)[0]; !strings.HasPrefix(got, "400 rejected; reason=bad_request") {
		t.Error(got)
	}
	if len(s.crm.Asked()) != 0 {
		t.Error("the CRM was asked")
	}
}

// TestABodyThatNeverEnds is refused at the limit, and the connection is closed.
func TestABodyThatNeverEnds(t *testing.T) {
	s := newSubject(t, reasonsConfig, items(""))
	connection := s.dial(t)
	_, _ = io.WriteString(connection, head+"Transfer-Encoding: chunked\r\n\r\n")
	go func() {
		for range 10_000 {
			if _, err := io.WriteString(connection, "10\r\n0123456789abcdef\r\n"); err != nil {
				return
			}
		}
	}()
	if got := answers(t, connection, 1)[0]; !strings.HasPrefix(got, "413 rejected; reason=bad_request") {
		t.Error(got)
	}
}

// TestABodyAnnouncedTooLarge is refused without waiting for it.
func TestABodyAnnouncedTooLarge(t *testing.T) {
	s := newSubject(t, reasonsConfig, items(""))
	connection := s.dial(t)
	_, _ = io.WriteString(connection, head+"Content-Length: 1000000000\r\n\r\n")
	if got := answers(t, connection, 1)[0]; !strings.HasPrefix(got, "413 rejected; reason=bad_request") {
		t.Error(got)
	}
}

// TestPipelinedRequests are answered in their order, each with its own customer's history.
func TestPipelinedRequests(t *testing.T) {
	s := newSubject(t, reasonsConfig, func(w http.ResponseWriter, r *http.Request) {
		items(`{"type":"EARN","amount":`+strings.TrimPrefix(r.URL.Path, "/customers/")+`}`)(w, r)
	})
	connection := s.dial(t)
	var requests strings.Builder
	for i := range 100 {
		body := fmt.Sprintf(`{"userIdentifier":%d}`, 1000+i)
		fmt.Fprintf(&requests, "%sContent-Length: %d\r\n\r\n%s", head, len(body), body)
	}
	go func() { _, _ = io.WriteString(connection, requests.String()) }()
	for i, got := range answers(t, connection, 100) {
		if !strings.Contains(got, fmt.Sprintf(`"added":%d,`, 1000+i)) {
			t.Fatalf("answer %d is %s", i, got)
		}
	}
}

// BenchmarkRequest is a whole request over HTTP, CRM on loopback included.
func BenchmarkRequest(b *testing.B) {
	for _, records := range []int{1, 20, 1000} {
		b.Run(fmt.Sprint(records), func(b *testing.B) {
			record := `{"type":"EARN","amount":215.1,"at":"2024-03-01T10:00:00+03:00","id":12345,"shop":"x","tags":["a","b"],"note":null}`
			crm := crmtest.New(b, items(strings.TrimSuffix(strings.Repeat(record+",", records), ",")))
			url := serveBenchmark(b, crm.URL)
			client := &http.Client{Transport: &http.Transport{}}
			b.ReportAllocs()
			for b.Loop() {
				request, _ := http.NewRequestWithContext(b.Context(), http.MethodPost, url, strings.NewReader(`{"userIdentifier":"1"}`))
				request.Header.Set("key", "one-key")
				response, err := client.Do(request)
				if err != nil {
					b.Fatal(err)
				}
				size, _ := io.Copy(io.Discard, response.Body)
				_ = response.Body.Close()
				if size < int64(records)*50 {
					b.Fatalf("%d bytes, %s", size, response.Header.Get("Bonus-History"))
				}
			}
		})
	}
}

func serveBenchmark(b *testing.B, crmURL string) string {
	b.Helper()
	yaml := strings.NewReplacer("body: 2KiB", "body: 2MiB", "records: 20,", "records: 2000,").Replace(fmt.Sprintf(reasonsConfig, crmURL))
	file, err := parseConfig("config.yaml", []byte(yaml))
	if err != nil {
		b.Fatal(err)
	}
	made, err := construct(file, nil, zap.NewNop())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(made.client.Close)
	server := httptest.NewServer(made.handler)
	b.Cleanup(server.Close)
	return server.URL + "/bonus-history"
}
