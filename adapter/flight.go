package adapter

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"bonus-adapter/crm"
)

// flights makes one history of all that are asked for the same customer at the same time, however many they are.
//
// A flight belongs to nobody: it has a time of its own, and goes on when the caller who began it leaves. Only when all
// who waited have left is it called off. What it finds serves those who waited, and is not kept beyond.
type flights struct {
	next   asker
	time   time.Duration // of a flight
	bug    func(cause any) outcome
	shared atomic.Uint64

	mu      sync.Mutex
	flying  map[string]*flight // by the customer's exact id
	running sync.WaitGroup
}

type flight struct {
	done    chan struct{}
	cancel  context.CancelFunc
	callers int     // guarded by flights.mu
	found   finding // written before done is closed
}

func newFlights(life time.Duration, bug func(any) outcome, next asker) *flights {
	return &flights{next: next, time: life, bug: bug, flying: map[string]*flight{}}
}

// ask waits for a flight that is under way, or for one that it begins.
func (f *flights) ask(ctx context.Context, customer crm.Customer) finding {
	own, shared := f.board(ctx, customer)
	defer f.leave(customer, own)
	select {
	case <-own.done:
	case <-ctx.Done():
		select {
		case <-own.done: // both: an answer is better
		default:
			return finding{outcome: ended(ctx), shared: shared}
		}
	}
	found := own.found
	found.shared = shared
	return found
}

// board finds the customer's flight, or begins one: in a goroutine of its own, since whoever happens to be first may
// leave.
func (f *flights) board(ctx context.Context, customer crm.Customer) (own *flight, shared bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if own, shared = f.flying[customer.Reveal()]; shared {
		own.callers++
		f.shared.Add(1)
		return own, true
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), f.time)
	own = &flight{done: make(chan struct{}), cancel: cancel, callers: 1}
	f.flying[customer.Reveal()] = own
	f.running.Go(func() { f.fly(ctx, customer, own) })
	return own, false
}

func (f *flights) fly(ctx context.Context, customer crm.Customer, own *flight) {
	makeRoom()
	defer f.land(customer, own)
	defer func() {
		if cause := recover(); cause != nil {
			own.found.outcome = f.bug(cause)
		}
	}()
	own.found.outcome = rejected(Internal, bugMessage) // whatever happens, something is answered
	own.found = f.next(ctx, customer)
}

// makeRoom lets the stack of a new goroutine grow at once to what a history needs, while there is nothing on it. Else it
// grows several times, and each time everything that stands on it is moved.
//
//go:noinline
func makeRoom() {
	var room [8 << 10]byte
	runtime.KeepAlive(&room)
}

func (f *flights) land(customer crm.Customer, own *flight) {
	own.cancel()
	f.mu.Lock()
	f.forget(customer, own)
	f.mu.Unlock()
	close(own.done)
}

// leave calls off a flight that nobody waits for any more. From then on nobody can join it.
func (f *flights) leave(customer crm.Customer, own *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if own.callers--; own.callers == 0 {
		f.forget(customer, own)
		own.cancel()
	}
}

func (f *flights) forget(customer crm.Customer, own *flight) {
	if f.flying[customer.Reveal()] == own {
		delete(f.flying, customer.Reveal())
	}
}

// wait returns when every flight has landed, or ctx has ended: that is its error.
func (f *flights) wait(ctx context.Context) error {
	landed := make(chan struct{})
	go func() {
		f.running.Wait()
		close(landed)
	}()
	select {
	case <-landed:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("a history is still asked for: %w", ctx.Err())
	}
}
