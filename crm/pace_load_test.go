package crm

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"bonus-adapter/store"
)

// TestPaceIsOfUseUnderTooMuch: three times what the rate allows, without an end, before a CRM that is well. Every turn that
// is given is an answer: nobody is let through so late that the CRM has no time for him.
func TestPaceIsOfUseUnderTooMuch(t *testing.T) {
	for name, shared := range map[string]store.Store{"alone": nil, "in common": store.NewMemory(1 << 20)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var well, late atomic.Int64
				send := withPace(newPacer(inCommon(10, time.Second, 1), time.Second, shared), func(ctx context.Context, _ request, _ verdict) (*answer, *Error) {
					if pause(ctx, 900*time.Millisecond) != nil {
						late.Add(1)
						return nil, &Error{Kind: Timeout}
					}
					well.Add(1)
					return &answer{}, nil
				})
				var asking sync.WaitGroup
				for range 30 * 20 {
					asking.Go(func() {
						ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
						defer cancel()
						_, _ = send(ctx, request{}, verdict{})
					})
					time.Sleep(time.Second / 30)
				}
				asking.Wait()
				if late.Load() > 0 || well.Load() < 180 {
					t.Errorf("%d answers in time, %d too late", well.Load(), late.Load())
				}
			})
		})
	}
}

// TestPaceLeavesHalfOfTheTime where that is less than an attempt may take.
func TestPaceLeavesHalfOfTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, ask := paced(1, 500*time.Millisecond, nil)
		_ = ask(t.Context(), 1)
		ctx, cancel := context.WithTimeout(t.Context(), 900*time.Millisecond)
		defer cancel()
		if failed := ask(ctx, 1); kindOf(failed) != Busy {
			t.Error(failed)
		}
		ctx, cancel = context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if failed := ask(ctx, 1); failed != nil {
			t.Error(failed)
		}
	})
}
