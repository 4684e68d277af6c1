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
	// Drop forgets the value under a name. It does not wait either, but whatever becomes of it, Get gives none from now on
	// that was kept before.
	Drop(name string)
	// Take asks for units of a limit. If they can begin soon enough they are taken, after all that others have taken before,
	// and the caller begins when Wait is over. An error says that the store cannot be asked; it names no value and no secret.
	Take(ctx context.Context, name string, want Want) (Turn, error)
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

// Want is what Take is asked for.
type Want struct {
	Units  int // from 1 to all of the limit; fewer are 1, more are all
	Limit  Limit
	Within time.Duration // the longest wait that is still of use; a minute at most
}

// Turn is what Take gives.
type Turn struct {
	Wait  time.Duration // until the units may begin; if they were not taken, until they might
	Taken bool
	Used  int // units that begin in the stretch of time that ends then, those just taken included
}

// longestWithin bounds how far ahead turns are given. A time further ahead was written before a clock was set back.
const longestWithin = time.Minute

// bounded gives what Take can be asked for.
func (w Want) bounded() Want {
	w.Units = min(max(w.Units, 1), w.Limit.Units)
	w.Within = min(max(w.Within, 0), longestWithin)
	return w
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
const longestValue = 1 << 20
