package adapter

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/crm"
	"bonus-adapter/store"
)

// The stores in which answers may be kept.
const (
	cacheOff    = "off"
	CacheMemory = "memory"
	CacheRedis  = "redis"
)

// Cache is adapter.cache: whether answers are kept, and for how long.
type Cache struct {
	Store        string          `yaml:"store"`
	TTL          config.Duration `yaml:"ttl"`            // of an answer
	NegativeTTL  config.Duration `yaml:"negative_ttl"`   // of the answer that there is no such customer
	StaleIfError config.Duration `yaml:"stale_if_error"` // for so long after its ttl an answer stands in for a CRM that fails; never if zero
	Size         config.Size     `yaml:"size"`           // of all answers in memory
}

// longestStale bounds how old an answer may be that stands in: by then it is no help.
const longestStale = 15 * time.Minute

func (c *Cache) check(problems *config.Problems) {
	stores := []string{cacheOff, CacheMemory, CacheRedis}
	if !slices.Contains(stores, c.Store) {
		problem := problems.Add("cache.store", "answers cannot be kept in %q", c.Store)
		problem.Hint = "there are " + strings.Join(stores, ", ")
		if near := config.Nearest(c.Store, stores); near != "" {
			problem.Hint = "did you mean " + near + "?"
		}
	}
	if time.Duration(c.StaleIfError) > longestStale {
		problems.Add("cache.stale_if_error", "%s is over %s: nobody should see an answer that old", c.StaleIfError, longestStale)
	}
}

// cache keeps rendered answers, each under a name that the config and the customer's exact id make together: no two
// customers meet, and no answer outlives the config that it was made by. What it keeps are the CRM's own complete words:
// neither failures nor parts of a history.
type cache struct {
	Cache
	store    store.Store
	identity string // of the config

	fresh, stale, corrupt atomic.Uint64
}

// owner is the name of a customer's answer: what no other customer's, and no other config's, can be. It tells neither.
func (c *cache) owner(customer crm.Customer) string {
	mac := hmac.New(sha256.New, []byte(c.identity))
	mac.Write([]byte(customer.Reveal()))
	return string(mac.Sum(nil))
}

// withRecall answers from the cache while its answer is fresh, and when the CRM fails with one that is not too old.
func (c *cache) withRecall(next asker) asker {
	if c == nil {
		return next
	}
	return func(ctx context.Context, customer crm.Customer) finding {
		owner := c.owner(customer)
		kept, fresh := c.recall(ctx, owner)
		if fresh {
			c.fresh.Add(1)
			return finding{outcome: *kept}
		}
		found := next(ctx, customer)
		if kept == nil || found.source != fallback || found.reason == Canceled {
			return found
		}
		c.stale.Add(1)
		kept.source, kept.reason = stale, found.reason
		return finding{*kept, found.trail, found.shared}
	}
}

// recall gives the customer's answer, nil if there is none, and whether it is fresh.
func (c *cache) recall(ctx context.Context, owner string) (*outcome, bool) {
	value, found := c.store.Get(ctx, owner)
	if !found {
		return nil, false
	}
	kept, spare, ok := unpack(value.Bytes, owner)
	if !ok {
		c.corrupt.Add(1)
		c.store.Drop(owner)
		return nil, false
	}
	return kept, value.Left > spare
}

// withKeeping keeps what the CRM said. It is inside of the flights, so that a history that many waited for is kept once,
// and also if the first of them has left.
func (c *cache) withKeeping(next asker) asker {
	if c == nil {
		return next
	}
	return func(ctx context.Context, customer crm.Customer) finding {
		found := next(ctx, customer)
		if found.source == live && found.partial == "" {
			c.keep(customer, &found.outcome)
		}
		return found
	}
}

// keep replaces the customer's answer. That a customer is not there any more is never stale: whoever was deleted stays so
// when the CRM fails. His answer of before is dropped, which the store heeds at once and does not forget, and only then
// replaced, which it may do late or never.
func (c *cache) keep(customer crm.Customer, o *outcome) {
	life, spare := time.Duration(c.TTL), time.Duration(c.StaleIfError)
	if o.reason == UserNotFound {
		life, spare = time.Duration(c.NegativeTTL), 0
	}
	life -= rand.N(life/10 + 1) // what was kept together does not end together
	owner := c.owner(customer)
	if o.reason == UserNotFound {
		c.store.Drop(owner)
	}
	c.store.Set(owner, o.pack(owner, spare), life+spare)
}

// packing is the version of the form in which answers are kept. Another form gets another number.
const packing = 1

// pack writes an answer: version, owner, for how many milliseconds of its life it is stale, what the header tells, body.
func (o *outcome) pack(owner string, spare time.Duration) []byte {
	body := o.body()
	out := make([]byte, 0, 64+len(owner)+len(body))
	out = append(append(out, packing), owner...)
	for _, number := range []int{int(spare.Milliseconds()), o.entries, o.skipped, o.unmatched, len(o.reason)} {
		out = binary.AppendUvarint(out, uint64(number)) //nolint:gosec // none is negative
	}
	out = append(out, o.reason...)
	return append(out, body...)
}

// unpack reads what pack wrote; false if it is anything else, or somebody else's.
func unpack(bytesKept []byte, owner string) (o *outcome, spare time.Duration, ok bool) {
	rest, ok := bytes.CutPrefix(bytesKept, append([]byte{packing}, owner...))
	if !ok {
		return nil, 0, false
	}
	var numbers [5]int
	for i := range numbers {
		number, length := binary.Uvarint(rest)
		if length <= 0 || number > 1<<40 {
			return nil, 0, false
		}
		numbers[i], rest = int(number), rest[length:]
	}
	if numbers[4] > len(rest) {
		return nil, 0, false
	}
	o = &outcome{
		status: http.StatusOK, source: cached, entries: numbers[1], skipped: numbers[2], unmatched: numbers[3],
		reason: Reason(rest[:numbers[4]]), rendered: rest[numbers[4]:],
	}
	return o, time.Duration(numbers[0]) * time.Millisecond, o.plausible()
}

// plausible tells whether it is an answer that would have been kept.
func (o *outcome) plausible() bool {
	empty := o.reason != ""
	return (!empty || slices.Contains([]Reason{NoTransactions, UserNotFound, AllFiltered}, o.reason)) && empty == (o.entries == 0) &&
		bytes.HasPrefix(o.rendered, []byte(`{"bonuses":[`)) && bytes.HasSuffix(o.rendered, []byte("]}\n"))
}
