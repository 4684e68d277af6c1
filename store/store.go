// Package store keeps values for a while under names: in memory, or in a Redis that several replicas of the adapter have
// in common. The adapter keeps its answers here; the way to the CRM keeps what replicas share, its token and its pace.
//
// What the values mean is left to those who keep them. A store is a help and never a need: whatever happens to it is a
// value that is not there, and a number in its [Stats].
package store

import (
	"context"
	"time"
)

// Store keeps values under names. Implementations are safe for concurrent use, and give up when ctx ends.
type Store interface {
	// Get gives the value that was last kept under a name; false if there is none, or none that can be had now. Nobody
	// may change its bytes.
	Get(ctx context.Context, name string) (Value, bool)
	// Set keeps a value for so long at most. It does not wait: Get may give it a little later, or never. The bytes belong
	// to the store from then on.
	Set(name string, bytes []byte, life time.Duration)
	// Drop forgets the value under a name. It does not wait either.
	Drop(name string)
	// Take asks for so many units of a limit, at most all of them, and takes them if they are free now. An error says that
	// the store cannot be asked; it names no value and no secret.
	Take(ctx context.Context, name string, units int, limit Limit) (Turn, error)
	// Stats gives what happened so far.
	Stats() Stats
	// Close lets go of what the store holds, after what Set was given is written, if that takes no longer than a second.
	Close()
}

// Value is what was kept, and for how long it still will be. The time left is counted by the store's own clock, so
// nobody's clock can make a value older or younger by being set.
type Value struct {
	Bytes []byte
	Left  time.Duration
}

// Limit is how many units may begin in any stretch of time of this length.
type Limit struct {
	Units int
	Per   time.Duration
}

// Turn is what Take gives. Whoever has to wait has taken nothing, and asks again.
type Turn struct {
	Wait time.Duration // until the units may be free; 0 if they were taken
	Used int           // units that began in the stretch of time that ends now, those just taken included
}

// Stats are counts since the start.
type Stats struct {
	Hits, Misses uint64 // of Get; a value that could not be had is a miss
	Written      uint64 // values that were kept
	Unwritten    uint64 // values that were not: too large, or more at once than can be written
	Evicted      uint64 // values that made room for others
	Corrupt      uint64 // values that were not this store's own, and were dropped
	Failed       map[Failure]uint64
	Open         bool // the store failed too often lately and is left alone
}

// Failure says what failed, get, set or take, and how: timeout, connection, refused (an error reply), or open (it was
// not asked).
type Failure struct{ Op, Class string }

// longestValue is the size from which on a value is not kept: it would cost more than it saves.
const longestValue = 4 << 20
