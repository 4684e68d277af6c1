package crm

import (
	"context"
	"sync"
)

// parallel does n pieces of work, so many at once, and waits for all of them. It gives the error of each. After a
// failure no piece behind it begins any more, and those under way are called off; with prefix those before it are let
// finish, since what they give may still be told.
func parallel(ctx context.Context, n, atOnce int, prefix bool, work func(ctx context.Context, i int) *Error) []*Error {
	switch n {
	case 0:
		return nil
	case 1:
		return []*Error{work(ctx, 0)} // most histories: nothing is left to be done at once
	}
	c := &crew{prefix: prefix, failed: make([]*Error, n), ctx: make([]context.Context, n), stop: make([]context.CancelFunc, n)}
	for i := range n {
		c.ctx[i], c.stop[i] = context.WithCancel(ctx)
		defer c.stop[i]()
	}
	free := make(chan struct{}, max(1, atOnce))
	var group sync.WaitGroup
	for i := range n {
		free <- struct{}{}
		group.Go(func() {
			defer func() { <-free }()
			c.do(i, work)
		})
	}
	group.Wait()
	if c.panicked != nil {
		panic(c.panicked) // where it can be recovered: in a goroutine of its own it would end the program
	}
	return c.failed
}

// crew is pieces of work that are done at once.
type crew struct {
	prefix bool
	failed []*Error
	ctx    []context.Context
	stop   []context.CancelFunc

	once     sync.Once
	panicked any
}

func (c *crew) do(i int, work func(ctx context.Context, i int) *Error) {
	defer func() {
		if bug := recover(); bug != nil {
			c.once.Do(func() { c.panicked = bug })
			c.callOff(-1)
		}
	}()
	if c.ctx[i].Err() != nil {
		c.failed[i] = calledOff(c.ctx[i])
		return
	}
	if c.failed[i] = work(c.ctx[i], i); c.failed[i] != nil {
		c.callOff(i)
	}
}

// callOff calls off what nobody needs any more after the i-th piece has failed.
func (c *crew) callOff(i int) {
	for other, stop := range c.stop {
		if other > i || !c.prefix {
			stop()
		}
	}
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
