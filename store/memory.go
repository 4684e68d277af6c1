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
	begun  map[string][]time.Time   // by limit: when the units of its stretch of time began
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
	return &Memory{size: size, values: map[string]*list.Element{}, recent: list.New(), begun: map[string][]time.Time{}}
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

// Take counts the units that began within the stretch of time before now. It never fails.
func (m *Memory) Take(_ context.Context, name string, units int, limit Limit) (Turn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	units = min(max(units, 1), limit.Units)
	now := time.Now()
	begun := m.begun[name]
	for len(begun) > 0 && now.Sub(begun[0]) >= limit.Per {
		begun = begun[1:]
	}
	if crowd := len(begun) + units - limit.Units; crowd > 0 { // so many must leave the stretch of time first
		m.begun[name] = begun
		return Turn{Wait: limit.Per - now.Sub(begun[crowd-1]), Used: len(begun)}, nil
	}
	for range units {
		begun = append(begun, now)
	}
	m.begun[name] = begun
	return Turn{Used: len(begun)}, nil
}

// Stats gives what happened so far.
func (m *Memory) Stats() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stats
}

// Close does nothing: the memory goes with the store.
func (m *Memory) Close() {}
