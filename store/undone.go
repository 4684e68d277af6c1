package store

import (
	"sync"
	"time"
)

// mostUndone bounds the names that are remembered.
const mostUndone = 1 << 14

// shortestBlind is for the values that others have written, whose lives are not known here.
const shortestBlind = 20 * time.Minute

// undone are the names that were to be dropped in a Redis and are not yet: what stands under them there is not given any
// more, by this process, however long the Redis is away or its queue is full. It is safe for concurrent use.
//
// If they become too many to be remembered, nothing is given until every value that may be among them has ended.
type undone struct {
	mu      sync.Mutex
	last    uint64            // number of the newest job
	of      map[string]uint64 // by digest: the number of the newest job that drops it
	longest time.Duration     // life of a value
	blind   time.Time         // until then nothing is given
}

// number numbers a job that writes a value with this life.
func (u *undone) number(life time.Duration) uint64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.longest = max(u.longest, life)
	u.last++
	return u.last
}

// add remembers a name, and numbers the job that drops it.
func (u *undone) add(digest []byte) uint64 {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.last++
	if u.of == nil {
		u.of = map[string]uint64{}
	}
	if _, known := u.of[string(digest)]; !known && len(u.of) >= mostUndone {
		u.blind = time.Now().Add(max(u.longest, shortestBlind))
		return u.last
	}
	u.of[string(digest)] = u.last
	return u.last
}

// done forgets a name that a job has dropped or replaced, unless a later one is to drop it.
func (u *undone) done(digest []byte, number uint64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.of[string(digest)] <= number {
		delete(u.of, string(digest))
	}
}

// hides tells whether what stands under a name is not to be given.
func (u *undone) hides(digest []byte) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	_, known := u.of[string(digest)]
	return known || time.Now().Before(u.blind)
}

// some gives a few of the names, as jobs.
func (u *undone) some(most int) []job {
	u.mu.Lock()
	defer u.mu.Unlock()
	var jobs []job
	for digest, number := range u.of {
		if len(jobs) == most {
			break
		}
		jobs = append(jobs, job{digest: []byte(digest), number: number})
	}
	return jobs
}
