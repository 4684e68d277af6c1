package crm

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// TestRepetitionsAreFew: a CRM that always fails sees no more than a fifth more requests from ten a second up, in any
// ten seconds; one that is asked seldom sees every request twice.
func TestRepetitionsAreFew(t *testing.T) {
	for rate, most := range map[int]float64{1: 2, 10: 1.2, 50: 1.12, 500: 1.102} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var s share
				repeats := make([]int, 60)
				for second := range repeats {
					for range rate {
						s.first()
						if s.take() {
							repeats[second]++
						}
						time.Sleep(time.Second / time.Duration(rate))
					}
				}
				for first := range len(repeats) - shareSeconds {
					sum := 0
					for _, count := range repeats[first : first+shareSeconds] {
						sum += count
					}
					if load := 1 + float64(sum)/float64(shareSeconds*rate); load > most {
						t.Fatalf("from second %d on the load is %.2f times the requests, want %.2f", first, load, most)
					}
				}
				if last := repeats[59]; rate == 1 && last != 1 {
					t.Errorf("%d repetitions in a second with one request", last)
				}
			})
		})
	}
}

func TestShareForgetsAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s share
		taken := func() (count int) {
			for s.take() {
				count++
			}
			return count
		}
		for range 1000 {
			s.first()
		}
		if got := taken(); got != 110 {
			t.Errorf("%d of a thousand", got)
		}
		time.Sleep(time.Hour)
		if got := taken(); got != 10 {
			t.Errorf("%d after an hour without requests", got)
		}
	})
}

func TestShareIsForManyAtOnce(t *testing.T) {
	var s share
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 1000 {
				s.first()
				s.take()
			}
		})
	}
	all.Wait()
	if s.start.IsZero() {
		t.Error("nothing was counted")
	}
}

// TestWhatBrokeIsJudged by how far the request came.
func TestWhatBrokeIsJudged(t *testing.T) {
	dial := func(err error) error { return &url.Error{Op: "Get", Err: &net.OpError{Op: "dial", Err: err}} }
	read := func(err error) error { return &url.Error{Op: "Get", Err: &net.OpError{Op: "read", Err: err}} }
	for name, test := range map[string]struct {
		err                error
		answered, insecure bool
		want               repetition
	}{
		"refused":                {err: dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), want: unsent},
		"no route":               {err: dial(os.NewSyscallError("connect", syscall.EHOSTUNREACH)), want: unsent},
		"no such name":           {err: dial(&net.DNSError{IsNotFound: true}), want: never},
		"a private address":      {err: dial(errPrivate), want: never},
		"a name server fails":    {err: dial(&net.DNSError{IsTemporary: true}), want: unsent},
		"no connection in time":  {err: dial(os.ErrDeadlineExceeded), want: late},
		"no answer in time":      {err: context.DeadlineExceeded, want: late},
		"closed":                 {err: io.EOF, want: harmless},
		"reset":                  {err: read(os.NewSyscallError("read", syscall.ECONNRESET)), want: harmless},
		"reset in the answer":    {err: read(os.NewSyscallError("read", syscall.ECONNRESET)), answered: true, want: never},
		"not http":               {err: errors.New("malformed HTTP response"), answered: true, want: never},
		"closed before TLS":      {err: io.EOF, insecure: true, want: unsent},
		"reset before TLS":       {err: read(os.NewSyscallError("read", syscall.ECONNRESET)), insecure: true, want: unsent},
		"a certificate":          {err: &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, insecure: true, want: never},
		"an old version of TLS":  {err: errors.New("tls: protocol version not supported"), insecure: true, want: never},
		"closed while it waited": {err: errors.New("http: server closed idle connection"), want: harmless},
	} {
		t.Run(name, func(t *testing.T) {
			c := &course{}
			c.answered.Store(test.answered)
			c.insecure.Store(test.insecure)
			if got := c.repeat(test.err); got != test.want {
				t.Errorf("%d, want %d", got, test.want)
			}
		})
	}
}
