package store

import (
	"container/list"
	"context"
	"sync"
	"time"
)

// Memory is a store inside of this process, bounded by the bytes that it holds: the value that was not asked for the
// longest makes room for others. Its clock is monotonic.
type Memory struct {
	size int64

	mu     sync.Mutex
	held   int64
	values map[string]*list.Element // of *memoryValue
	recent *list.List               // the value that was asked for last is at the front
	limits map[string]*counted      // by name
	stats  Stats
}

type memoryValue struct {
	name  string
	bytes []byte
	until time.Time
}

var _ Store = (*Memory)(nil)

// overhead is about what a value costs beside its name and its bytes.
const overhead = 256

func (v *memoryValue) cost() int64 { return int64(len(v.name)+len(v.bytes)) + overhead }

// NewMemory makes a store of at most so many bytes.
func NewMemory(size int64) *Memory {
	return &Memory{size: size, values: map[string]*list.Element{}, recent: list.New(), limits: map[string]*counted{}}
}

// Get gives a value that is still alive.
func (m *Memory) Get(_ context.Context, name string) (Value, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	element, found := m.values[name]
	if !found {
		m.stats.Misses++
		return Value{}, false
	}
	value := element.Value.(*memoryValue)
	left := time.Until(value.until)
	if left <= 0 {
		m.remove(element)
		m.stats.Misses++
		return Value{}, false
	}
	m.recent.MoveToFront(element)
	m.stats.Hits++
	return Value{value.bytes, left}, true
}

// Set keeps a value, and lets go of others until it fits.
func (m *Memory) Set(name string, bytes []byte, life time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if old, found := m.values[name]; found {
		m.remove(old)
	}
	value := &memoryValue{name, bytes, time.Now().Add(life)}
	if len(bytes) > longestValue || value.cost() > m.size || life <= 0 {
		m.stats.Unwritten++
		return
	}
	for m.held+value.cost() > m.size {
		m.remove(m.recent.Back())
		m.stats.Evicted++
	}
	m.values[name] = m.recent.PushFront(value)
	m.held += value.cost()
	m.stats.Written++
}

// Drop forgets a value.
func (m *Memory) Drop(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if element, found := m.values[name]; found {
		m.remove(element)
	}
}

func (m *Memory) remove(element *list.Element) {
	value := element.Value.(*memoryValue)
	m.recent.Remove(element)
	delete(m.values, value.name)
	m.held -= value.cost()
}

// counted is what was taken of a limit.
type counted struct {
	begun []time.Time         // when the latest units began, or will
	seen  map[Limit]time.Time // the limits that were asked with lately: all of them are kept
}

// Take never fails.
func (m *Memory) Take(_ context.Context, name string, want Want) (Turn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.limits[name]
	if c == nil {
		c = &counted{seen: map[Limit]time.Time{}}
		m.limits[name] = c
	}
	want = want.bounded()
	now := time.Now()
	c.seen[want.Limit] = now
	at, most := c.next(want.Units, now)
	turn := Turn{Wait: at.Sub(now), Taken: at.Sub(now) <= want.Within}
	if turn.Taken {
		for range want.Units {
			c.begun = append(c.begun, at)
		}
		c.begun = c.begun[max(0, len(c.begun)-most):]
	}
	for _, unit := range c.begun {
		if at.Sub(unit) < want.Limit.Per {
			turn.Used++
		}
	}
	turn.Used = min(turn.Used, want.Limit.Units)
	return turn, nil
}

// next tells when so many units can begin, and how many have to be remembered.
func (c *counted) next(units int, now time.Time) (at time.Time, most int) {
	at = now
	if len(c.begun) > 0 {
		at = latest(at, c.begun[len(c.begun)-1])
	}
	for limit, seen := range c.seen {
		if now.Sub(seen) > limitMemory {
			delete(c.seen, limit)
			continue
		}
		most = max(most, limit.Units)
		if edge := len(c.begun) + min(units, limit.Units) - limit.Units - 1; edge >= 0 { // the last that must have left the stretch of time
			at = latest(at, c.begun[edge].Add(limit.Per))
		}
	}
	return at, most
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// Stats gives what happened so far.
func (m *Memory) Stats() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stats
}

// Close does nothing: the memory goes with the store.
func (m *Memory) Close() {}
