package store

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"bonus-adapter/config"
)

// Redis is a store that several replicas have in common. Its names are digests, its values are encrypted, and every one
// of them has a lifetime. A call takes 50 ms at most; when several in a row have failed, there are none for a second.
type Redis struct {
	client *redis.Client
	seal   *seal
	rest   rest
	counts counts
	jobs   chan job
	undone undone
	back   chan struct{} // Redis is there again

	ending chan struct{} // closed by Close
	once   sync.Once
	work   sync.WaitGroup // the writer, and the probe that is under way
}

var _ Store = (*Redis)(nil)

// job is something to be written; without bytes, to be dropped.
type job struct {
	digest []byte
	bytes  []byte
	life   time.Duration
	number uint64 // jobs that were given later have a larger one
}

// mostJobs is how many values may wait to be written. Who writes does not wait: a value more is not kept.
const mostJobs = 256

// NewRedis makes the store that cfg declares, and connects when it is asked for something. It is the validator of the
// section: the error holds every [config.Problem].
func NewRedis(cfg Config) (*Redis, error) {
	var problems config.Problems
	options := cfg.options(&problems)
	cfg.checkKey(&problems)
	seal, err := newSeal(cfg.Key.Reveal())
	problems.AddError("key", err)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	redis.SetLogger(silent{}) // it has one for all clients, which prints addresses and errors where our log goes
	r := &Redis{client: redis.NewClient(options), seal: seal, jobs: make(chan job, mostJobs), back: make(chan struct{}, 1), ending: make(chan struct{})}
	r.work.Go(r.write)
	return r, nil
}

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// Get gives a value that is this store's own. What is anything else is dropped.
func (r *Redis) Get(ctx context.Context, name string) (Value, bool) {
	digest := r.seal.digest(name)
	if r.undone.hides(digest) {
		r.counts.misses.Add(1)
		return Value{}, false
	}
	var text *redis.StringCmd
	var left *redis.DurationCmd
	err := r.call(ctx, "get", func(ctx context.Context) error {
		_, err := r.client.Pipelined(ctx, func(both redis.Pipeliner) error {
			text = both.GetRange(ctx, key(digest), 0, longestSealed) // GET would take what is there, however large
			left = both.PTTL(ctx, key(digest))
			return nil
		})
		return err
	})
	switch {
	case redis.HasErrorPrefix(err, "WRONGTYPE"):
		r.foreign(digest)
	case err != nil:
		r.counts.misses.Add(1)
	case text.Val() == "", left.Val() == 0, left.Val() == gone: // nothing of ours is empty; or it ended between the two
		r.counts.misses.Add(1)
	default:
		value, err := r.seal.open(digest, []byte(text.Val()))
		if err == nil && left.Val() > 0 {
			r.counts.hits.Add(1)
			return Value{value, left.Val()}, true
		}
		r.foreign(digest)
	}
	return Value{}, false
}

// gone is what PTTL tells of a name that is not there, as go-redis gives it.
const gone = time.Duration(-2)

// longestSealed is the longest value that is read: one with its seal, so that a longer one is cut and does not open.
const longestSealed = longestValue + 64

func (r *Redis) foreign(digest []byte) {
	r.counts.misses.Add(1)
	r.counts.corrupt.Add(1)
	r.queue(job{digest: digest, number: r.undone.number(0)})
}

// Set has a value written soon.
func (r *Redis) Set(name string, bytes []byte, life time.Duration) {
	digest := r.seal.digest(name)
	if len(bytes) > longestValue || life < time.Millisecond {
		r.counts.unwritten.Add(1)
		r.drop(digest)
		return
	}
	sealed, err := r.seal.close(digest, bytes)
	if err != nil {
		r.counts.unwritten.Add(1)
		return
	}
	r.queue(job{digest, sealed, life, r.undone.number(life)})
}

// Drop has a value forgotten soon. From now on this process does not give it, also if Redis cannot be told.
func (r *Redis) Drop(name string) { r.drop(r.seal.digest(name)) }

func (r *Redis) drop(digest []byte) { r.queue(job{digest: digest, number: r.undone.add(digest)}) }

func (r *Redis) queue(j job) {
	select {
	case r.jobs <- j:
	default:
		r.counts.unwritten.Add(1)
	}
}

// write is the one goroutine that writes. It ends after Close, when all that was to be written is, or a second is over.
func (r *Redis) write() {
	for {
		if len(r.jobs) == 0 {
			r.settle(context.Background())
		}
		select {
		case j := <-r.jobs:
			r.do(context.Background(), j)
			continue
		case <-r.back:
			continue
		case <-r.ending:
		}
		break
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	for ctx.Err() == nil {
		select {
		case j := <-r.jobs:
			r.do(ctx, j)
		default:
			r.settle(ctx)
			return
		}
	}
}

func (r *Redis) do(ctx context.Context, j job) {
	err := r.call(ctx, "set", func(ctx context.Context) error {
		if j.bytes == nil {
			return r.client.Del(ctx, key(j.digest)).Err()
		}
		return r.client.Set(ctx, key(j.digest), j.bytes, j.life).Err()
	})
	if err != nil {
		return
	}
	r.undone.done(j.digest, j.number)
	if j.bytes != nil {
		r.counts.written.Add(1)
	}
}

// atOnce is how many names one call drops.
const atOnce = 256

// settle drops what should have been dropped long ago, as far as Redis is there. Nothing else waits to be written then.
func (r *Redis) settle(ctx context.Context) {
	for ctx.Err() == nil && len(r.jobs) == 0 {
		jobs := r.undone.some(atOnce)
		if len(jobs) == 0 {
			return
		}
		keys := make([]string, len(jobs))
		for i, j := range jobs {
			keys[i] = key(j.digest)
		}
		if r.call(ctx, "set", func(ctx context.Context) error { return r.client.Del(ctx, keys...).Err() }) != nil {
			return
		}
		for _, j := range jobs {
			r.undone.done(j.digest, j.number)
		}
	}
}

// Take asks Redis, whose clock is the same for all replicas.
func (r *Redis) Take(ctx context.Context, name string, want Want) (Turn, error) {
	want = want.bounded()
	limit := want.Limit
	var got []int64
	err := r.call(ctx, "take", func(ctx context.Context) (err error) {
		got, err = turn.Run(ctx, r.client, []string{key(r.seal.limit(name)), key(r.seal.limit("limits of " + name))},
			want.Units, limit.Units, limit.Per.Microseconds(), want.Within.Microseconds(), longestWithin.Microseconds(), limitMemory.Microseconds()).Int64Slice()
		return err
	})
	if err != nil || len(got) != 3 || got[0] < 0 {
		return Turn{}, errNotAsked
	}
	return Turn{time.Duration(got[0]) * time.Microsecond, got[1] == 1, int(got[2])}, nil
}

// Stats gives what happened so far.
func (r *Redis) Stats() Stats {
	stats := r.counts.stats()
	stats.Open = r.rest.open()
	return stats
}

// Close writes what waits to be written, for a second at most, and ends the connections.
func (r *Redis) Close() {
	r.once.Do(func() {
		close(r.ending)
		r.rest.end()
		r.work.Wait()
		_ = r.client.Close() // there is nothing left that could fail
	})
}
