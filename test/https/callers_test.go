package https

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"bonus-adapter/crm/crmtest"
	"bonus-adapter/test/rig"
)

// These tests are the callers who misbehave by TLS and HTTP/2, against the program as it is shipped. At the end of each the
// next caller is answered, and the rig finds nothing left over.

// shop is the program by TLS, and a CRM that holds whoever is called held until he leaves.
type shop struct {
	*rig.Program
	crm     *crmtest.CRM
	address string
	trusted *tls.Config
	held    chan struct{} // one for each that came
	left    chan struct{} // one for each that left
	most    atomic.Int64
}

func openShop(t *testing.T) *shop {
	t.Helper()
	dir, pair := t.TempDir(), newAuthority(t, 1)
	pair.write(t, dir)
	s := &shop{held: make(chan struct{}, 100_000), left: make(chan struct{}, 100_000), trusted: &tls.Config{RootCAs: x509.NewCertPool(), ServerName: host}}
	s.trusted.RootCAs.AppendCertsFromPEM(pair.certificate)
	var here atomic.Int64
	s.crm = crmtest.New(t, func(w http.ResponseWriter, r *http.Request) {
		now := here.Add(1)
		defer here.Add(-1)
		for most := s.most.Load(); now > most && !s.most.CompareAndSwap(most, now); most = s.most.Load() {
		}
		if strings.Contains(r.URL.Path, "held") {
			s.held <- struct{}{}
			<-r.Context().Done()
			s.left <- struct{}{}
			return
		}
		crmtest.Answer(http.StatusOK, `{"items":[{"n":1}]}`)(w, r)
	})
	s.Program = serveBefore(t, s.crm, fmt.Sprintf(`{ certificate: "${file:%s/tls.crt}", key: "${file:%s/tls.key}" }`, dir, dir))
	s.address = strings.TrimPrefix(s.URL, "http://")
	return s
}

// serves sees that the next caller is answered.
func (s *shop) serves(t *testing.T) {
	t.Helper()
	if err := s.ask(t); err != nil {
		t.Errorf("the next caller: %v", err)
	}
}

// recovers sees that one of the next callers is answered. The first may be turned away: a request that is called off gives
// its place back a moment later.
func (s *shop) recovers(t *testing.T) {
	t.Helper()
	rig.Until(t, "a caller is answered", func() bool {
		err := s.ask(t)
		if err != nil && !strings.Contains(err.Error(), "503") {
			t.Errorf("the next caller: %v", err)
		}
		return err == nil
	})
}

func (s *shop) ask(t *testing.T) error {
	t.Helper()
	c := &crowd{address: s.address, trusted: s.trusted}
	client := &http.Client{Timeout: rig.Patience, Transport: c.transport(false)}
	_, err := askOnce(t.Context(), client)
	return err
}

func (s *shop) dial(t *testing.T, protocol string) *tls.Conn {
	t.Helper()
	config := s.trusted.Clone()
	config.NextProtos = []string{protocol}
	connection, err := tls.Dial("tcp", s.address, config)
	check(t, err)
	t.Cleanup(func() { _ = connection.Close() })
	check(t, connection.SetDeadline(time.Now().Add(rig.Patience)))
	return connection
}

// frames is a caller who writes the frames of HTTP/2 by hand.
type frames struct {
	*http2.Framer
	connection *tls.Conn
	block      bytes.Buffer
	packer     *hpack.Encoder
	stream     uint32
}

func (s *shop) frames(t *testing.T) *frames {
	t.Helper()
	f := &frames{connection: s.dial(t, "h2")}
	_, err := io.WriteString(f.connection, http2.ClientPreface)
	check(t, err)
	f.Framer = http2.NewFramer(f.connection, f.connection)
	f.ReadMetaHeaders = hpack.NewDecoder(4096, nil)
	f.packer = hpack.NewEncoder(&f.block)
	check(t, f.WriteSettings())
	for { // who writes to a Framer is one: nobody has to answer later
		frame, err := f.ReadFrame()
		check(t, err)
		if settings, is := frame.(*http2.SettingsFrame); is && !settings.IsAck() {
			check(t, f.WriteSettingsAck())
			return f
		}
	}
}

// begin opens the next stream with the headers of a request, and with a few more.
func (f *frames) begin(ends bool, more ...string) error {
	f.block.Reset()
	for i, fields := 0, append([]string{":method", "POST", ":scheme", "https", ":authority", host, ":path", "/bonus-history", "authorization", "Bearer " + rig.Key}, more...); i < len(fields); i += 2 {
		_ = f.packer.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]})
	}
	f.stream = f.stream + 2 - (f.stream+1)%2
	return f.WriteHeaders(http2.HeadersFrameParam{StreamID: f.stream, BlockFragment: f.block.Bytes(), EndHeaders: ends})
}

func (f *frames) ask(customer string) error {
	if err := f.begin(true); err != nil {
		return err
	}
	return f.WriteData(f.stream, true, fmt.Appendf(nil, `{"userIdentifier":%q}`, customer))
}

// seen is what comes back: the streams that are over, each by the first that was told of it, a status and Bonus-History or
// the code of a reset; and how the connection ended, if it did.
type seen struct {
	over  map[uint32]string
	away  http2.ErrCode
	ended string
}

func (s *seen) note(stream uint32, what string) {
	if s.over[stream] == "" { // a stream that is refused is reset once more for its body
		s.over[stream] = what
	}
}

func (s *seen) by() map[string]int {
	count := map[string]int{}
	for _, what := range s.over {
		count[what]++
	}
	return count
}

// read reads until as many streams are over, or the connection is.
func (f *frames) read(streams int) seen {
	s := seen{over: map[uint32]string{}}
	for len(s.over) < streams {
		frame, err := f.ReadFrame()
		if err != nil {
			s.ended = err.Error()
			return s
		}
		switch frame := frame.(type) {
		case *http2.MetaHeadersFrame:
			s.note(frame.StreamID, frame.PseudoValue("status")+" "+historyOf(frame))
		case *http2.RSTStreamFrame:
			s.note(frame.StreamID, "reset "+frame.ErrCode.String())
		case *http2.GoAwayFrame:
			s.away = frame.ErrCode
		}
	}
	return s
}

func historyOf(frame *http2.MetaHeadersFrame) string {
	for _, field := range frame.RegularFields() {
		if field.Name == "bonus-history" {
			return field.Value
		}
	}
	return ""
}

// TestRapidReset (C30): streams that are opened and called off at once, thousands of them.
func TestRapidReset(t *testing.T) {
	s := openShop(t)
	f := s.frames(t)
	end := make(chan seen, 1)
	go func() { end <- f.read(1 << 30) }()
	sent := 0
	for range 20_000 {
		if f.ask(fmt.Sprint("held-", sent)) != nil || f.WriteRSTStream(f.stream, http2.ErrCodeCancel) != nil {
			break
		}
		sent++
	}
	_ = f.connection.CloseWrite()
	s.recovers(t)
	_ = f.connection.Close()
	got := <-end
	t.Logf("%d streams were sent, %v, away %v, %s, the CRM saw %d, %d at once", sent, got.by(), got.away, got.ended, len(s.crm.Asked()), s.most.Load())
	if s.most.Load() > 72 { // 64, and those of which the CRM has not noticed yet that they are given up
		t.Errorf("the CRM saw %d at once", s.most.Load())
	}
	s.serves(t)
}

// TestManyStreams (C31): more of them at once on one connection than a server lets be. Each is answered, or refused.
func TestManyStreams(t *testing.T) {
	s := openShop(t)
	f := s.frames(t)
	const streams = 1000
	end := make(chan seen, 1)
	go func() { end <- f.read(streams) }()
	for i := range streams {
		if f.ask(fmt.Sprint(i)) != nil {
			break
		}
	}
	got := <-end
	by := got.by()
	t.Logf("%v, the CRM saw %d at once", by, s.most.Load())
	for what := range by {
		if what != "200 live" && what != "503 rejected; reason=overloaded" && !strings.HasPrefix(what, "reset ") {
			t.Errorf("%d times %q", by[what], what)
		}
	}
	if got.ended != "" || by["200 live"] == 0 || s.most.Load() > 72 {
		t.Errorf("%q, %v, the CRM saw %d at once", got.ended, by, s.most.Load())
	}
	s.recovers(t)
}

// TestHeadersWithoutAnEnd (C32): frames of CONTINUATION for ever, and headers that are too large. The connection, or the
// stream, ends; nothing of it reaches the CRM.
func TestHeadersWithoutAnEnd(t *testing.T) {
	t.Run("CONTINUATION", func(t *testing.T) {
		s := openShop(t)
		f := s.frames(t)
		end := make(chan seen, 1)
		go func() { end <- f.read(1 << 30) }()
		check(t, f.begin(false))
		sent := 0
		for ; sent < 64<<20; sent += 8 << 10 {
			f.block.Reset()
			for range 8 {
				_ = f.packer.WriteField(hpack.HeaderField{Name: "x-more", Value: strings.Repeat("x", 1000), Sensitive: true})
			}
			if f.WriteContinuation(f.stream, false, f.block.Bytes()) != nil {
				break
			}
		}
		got := <-end
		t.Logf("%d KiB were sent, away %v, %s", sent>>10, got.away, got.ended)
		if sent >= 64<<20 || got.ended == "" || len(s.crm.Asked()) > 0 {
			t.Errorf("%d KiB were taken, %s, the CRM was asked %d times", sent>>10, got.ended, len(s.crm.Asked()))
		}
		s.serves(t)
	})
	t.Run("huge", func(t *testing.T) {
		s := openShop(t)
		c := &crowd{address: s.address, trusted: s.trusted}
		client := &http.Client{Timeout: rig.Patience, Transport: c.transport(false)}
		request, err := http.NewRequest(http.MethodPost, "https://"+host+"/bonus-history", strings.NewReader(`{"userIdentifier":"1"}`))
		check(t, err)
		request.Header.Set("Authorization", "Bearer "+rig.Key)
		request.Header.Set("X-Huge", strings.Repeat("x", 200<<10))
		response, err := client.Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		if err == nil && response.StatusCode != http.StatusRequestHeaderFieldsTooLarge || len(s.crm.Asked()) > 0 {
			t.Errorf("%v, the CRM was asked %d times", response, len(s.crm.Asked()))
		}
		s.serves(t)
	})
}

// TestCallersWhoLeaveByTLS (C22, C33): one calls his stream off, one closes his side of the connection after his question,
// one goes without a word. The CRM's requests end.
func TestCallersWhoLeaveByTLS(t *testing.T) {
	body := `{"userIdentifier":"held"}`
	question := fmt.Sprintf("POST /bonus-history HTTP/1.1\r\nHost: %s\r\nkey: %s\r\nContent-Length: %d\r\n\r\n%s", host, rig.Key, len(body), body)
	for name, leave := range map[string]func(*testing.T, *shop) func(){
		"a stream is called off": func(t *testing.T, s *shop) func() {
			f := s.frames(t)
			check(t, f.ask("held"))
			return func() { check(t, f.WriteRSTStream(f.stream, http2.ErrCodeCancel)) }
		},
		"half-closed": func(t *testing.T, s *shop) func() {
			connection := s.dial(t, "http/1.1")
			_, err := io.WriteString(connection, question)
			check(t, err)
			return func() {
				check(t, connection.CloseWrite())
				if _, err := io.ReadAll(connection); err != nil && errors.Is(err, net.ErrClosed) {
					t.Error(err)
				}
			}
		},
		"gone without a word": func(t *testing.T, s *shop) func() {
			connection := s.dial(t, "http/1.1")
			_, err := io.WriteString(connection, question)
			check(t, err)
			return func() { check(t, connection.NetConn().Close()) }
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := openShop(t)
			leaves := leave(t, s)
			await(t, s.held, "the CRM is asked")
			leaves()
			await(t, s.left, "the CRM's request ends")
			s.serves(t)
		})
	}
}

func await(t *testing.T, happened <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-happened:
	case <-time.After(rig.Patience):
		t.Fatalf("it never happened: %s", what)
	}
}

// TestHandshakesWithoutAnEnd (C8): callers who connect and never come to an end of TLS, or of their preface. They are let
// go, and hold up nobody meanwhile.
func TestHandshakesWithoutAnEnd(t *testing.T) {
	s := openShop(t)
	var slow []net.Conn
	for i := range 100 {
		connection, err := net.Dial("tcp", s.address)
		check(t, err)
		check(t, connection.SetDeadline(time.Now().Add(rig.Patience)))
		if i%2 == 0 {
			_, _ = io.WriteString(connection, "\x16\x03\x01\x02\x00\x01")
		}
		slow = append(slow, connection)
	}
	half := s.dial(t, "h2")
	_, _ = io.WriteString(half, http2.ClientPreface[:10])
	for range 10 {
		s.serves(t)
	}
	for _, connection := range append(slow, half) {
		_, err := io.ReadAll(connection)
		var late net.Error
		if errors.As(err, &late) && late.Timeout() {
			t.Error("a slow caller is still there")
		}
		_ = connection.Close()
	}
}
