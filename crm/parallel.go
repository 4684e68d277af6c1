package crm

import (
	"context"
	"sync"
)

// parallel does n pieces of work, so many at once, and waits for all of them. It gives the error of each. After a
// failure no piece behind it begins any more, and those under way are called off.
func parallel(ctx context.Context, n, atOnce int, work func(ctx context.Context, i int) *Error) []*Error {
	failed := make([]*Error, n)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	free := make(chan struct{}, max(1, atOnce))
	var group sync.WaitGroup
	for i := range n {
		free <- struct{}{}
		if ctx.Err() != nil {
			failed[i] = calledOff(ctx)
			<-free
			continue
		}
		group.Go(func() {
			defer func() { <-free }()
			if failed[i] = work(ctx, i); failed[i] != nil {
				stop()
			}
		})
	}
	group.Wait()
	return failed
}

// calledOff is the error of work that was not begun.
func calledOff(ctx context.Context) *Error { return transportFailure(ctx, ctx.Err()) }

// cause gives the error that made the others fail: a piece that was called off only follows another's failure.
func cause(failed []*Error) *Error {
	var called *Error
	for _, each := range failed {
		switch {
		case each == nil:
		case each.Kind != Canceled:
			return each
		case called == nil:
			called = each
		}
	}
	return called
}
