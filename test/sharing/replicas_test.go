package sharing

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"bonus-adapter/crm/crmtest"
	"bonus-adapter/test/rig"
)

var program rig.Binary // built by TestMain

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "sharing")
	if err == nil {
		program, err = rig.Build(dir)
	}
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

const (
	limit = 10 // requests a second that the CRM wants to see

	redisConnections = 32 // that a replica keeps at most

	budget   = 5 * time.Second
	patience = budget + time.Second // of a caller
)

// settings are the config of every replica, with %s for the CRM's URL and the Redis's address.
const settings = `
adapter:
  keys: ["${env:IRP_KEY}"]
  budget: 5s
  pprof: true
  cache: { store: redis, ttl: 1m }
  redis: { url: "redis://%[2]s", key: "${env:REDIS_KEY}" }
crm:
  base_url: %[1]s
  timeout: 1s
  auth: { login: { post: /login, token: body.token, lifetime: 1h } }
  rate: { requests: 10, per: 1s, share: 33%% }
  steps:
    - name: history
      get: /customers/{{ user }}
mapping:
  records: history.items
  fields: { amount: { at: amount, as: decimal } }
  rules: [{ added: amount }]
  entry: { definitionMessage: '"Бонусы"' }
`

// vendor is a CRM that notes when it is asked, and by how many logins.
type vendor struct {
	*crmtest.CRM
	logins atomic.Int64
	mu     sync.Mutex
	asked  []time.Time
}

func newVendor(t *testing.T) *vendor {
	t.Helper()
	v := &vendor{}
	v.CRM = crmtest.New(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login" {
			_, _ = fmt.Fprintf(w, `{"token":"token-%d"}`, v.logins.Add(1))
			return
		}
		v.mu.Lock()
		v.asked = append(v.asked, time.Now())
		v.mu.Unlock()
		_, _ = fmt.Fprint(w, `{"items":[{"amount":250}]}`)
	})
	return v
}

// busiest is the most requests that the CRM saw in any stretch of time of this length, and how many it saw in all.
func (v *vendor) busiest(per time.Duration) (most, all int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	slices.SortFunc(v.asked, time.Time.Compare)
	for from, to := 0, 0; to < len(v.asked); to++ {
		for v.asked[to].Sub(v.asked[from]) >= per {
			from++
		}
		most = max(most, to-from+1)
	}
	return most, len(v.asked)
}

// shop is three replicas behind a proxy, with one Redis and one CRM.
type shop struct {
	crm      *vendor
	redis    *rig.Redis
	replicas []*rig.Program
	url      string
}

func openShop(t *testing.T) *shop {
	t.Helper()
	s := &shop{crm: newVendor(t), redis: rig.StartRedis(t)}
	yaml := fmt.Sprintf(settings, s.crm.URL, s.redis.Address)
	for range 3 {
		replica := program.Serve(t, yaml, "REDIS_KEY="+secret)
		replica.Frees(s.crm.Drop)
		replica.Keeps(redisConnections)
		s.replicas = append(s.replicas, replica)
	}
	s.url = rig.StartHAProxy(t, s.replicas...)
	rig.Until(t, "the proxy has found all replicas", func() bool {
		found := map[string]bool{}
		for range 6 {
			response, err := http.Get(s.url + "/readyz")
			if err == nil {
				found[response.Header.Get("X-Replica")] = response.StatusCode == http.StatusOK
				_ = response.Body.Close()
			}
		}
		return len(found) == 3
	})
	return s
}

// TestReplicasHaveOneCache: whichever replica is asked, the CRM is asked once, by one login.
func TestReplicasHaveOneCache(t *testing.T) {
	s := openShop(t)
	for i, replica := range s.replicas {
		rig.Until(t, "the answer of before is found", func() bool {
			got, err := replica.Ask(t.Context(), patience, "4711")
			if err != nil || got.Status != 200 || !strings.Contains(got.Body, "250") {
				t.Fatal(err, got)
			}
			return i == 0 || got.History == "cache"
		})
	}
	if _, all := s.crm.busiest(time.Second); all != 1 || s.crm.logins.Load() != 1 {
		t.Errorf("the CRM was asked %d times, by %d logins", all, s.crm.logins.Load())
	}
	if got, err := s.replicas[2].Ask(t.Context(), patience, "4712"); err != nil || got.History != "live" || s.crm.logins.Load() != 1 {
		t.Error(got, err, s.crm.logins.Load())
	}
	for _, name := range s.redis.Keys(t) {
		if text := s.redis.Do(t, "DUMP", name); strings.Contains(text, "4711") || strings.Contains(text, "250") || strings.Contains(text, "token-") {
			t.Errorf("%s can be read in Redis: %q", name, text)
		}
	}
}

// crowd are callers who ask for one customer after the other, and once more where there was no answer.
type crowd struct {
	url     string
	asking  sync.WaitGroup
	number  atomic.Int64
	mu      sync.Mutex
	answers map[string]int // by status and header
	by      map[string]int // by replica
	lost    int            // first requests without an answer
	gone    []string       // second ones
	slowest time.Duration
}

// beforeRepeating is how long a caller waits before a request is repeated: at once it would meet the process that is just
// being ended, whose port still takes connections when its other ones are closed already.
const beforeRepeating = 100 * time.Millisecond

// ask begins callers who ask until ctx ends.
func (c *crowd) ask(ctx context.Context, callers int) {
	c.answers, c.by = map[string]int{}, map[string]int{}
	for range callers {
		c.asking.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for ctx.Err() == nil {
				customer := fmt.Sprint(c.number.Add(1))
				got, err := rig.Ask(context.Background(), client, c.url+"/bonus-history", patience, customer)
				if c.note(got, err, false) {
					<-time.After(beforeRepeating)
					got, err = rig.Ask(context.Background(), client, c.url+"/bonus-history", patience, customer)
					c.note(got, err, true)
				}
			}
		})
	}
}

// note tells whether there was no answer of the adapter.
func (c *crowd) note(got rig.Reply, err error, again bool) (lost bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	lost = err != nil || got.Header.Get("Bonus-History") == ""
	switch {
	case lost && again:
		c.gone = append(c.gone, fmt.Sprintf("%v %d", err, got.Status))
	case lost:
		c.lost++
	default:
		c.answers[fmt.Sprint(got.Status, " ", got.History)]++
		c.by[got.Header.Get("X-Replica")]++
		c.slowest = max(c.slowest, got.Took)
	}
	return lost
}

func (c *crowd) answered() (all int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, number := range c.answers {
		all += number
	}
	return all
}

// TestReplicasUnderLoad has three replicas asked for more than the CRM's limit. One of them is killed, then the Redis is
// lost, and the Redis comes back. Every request is answered with its history, at most after the caller has repeated it,
// and the CRM never sees more than it wants to.
func TestReplicasUnderLoad(t *testing.T) {
	t.Run("Redis killed, and started anew", func(t *testing.T) {
		underLoad(t, func(r *rig.Redis) { r.Kill() }, func(r *rig.Redis) { r.Start(t) })
	})
	t.Run("Redis stopped, and continued", func(t *testing.T) {
		underLoad(t, func(r *rig.Redis) { r.Silence(t) }, func(r *rig.Redis) { r.Speak(t) })
	})
}

func underLoad(t *testing.T, lose, back func(*rig.Redis)) {
	t.Helper()
	s := openShop(t)
	c := &crowd{url: s.url}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	const callers = 6 // who always ask for more than the limit, and for no more than two replicas' shares of it can bear
	began, machine := time.Now(), newWitness(t)
	c.ask(ctx, callers)
	phase := func(what string, answers int) {
		t.Helper()
		before, from := c.answered(), time.Now()
		rig.Until(t, what+" goes on", func() bool { return c.answered() >= before+answers })
		t.Logf("%s: %d answers in %v", what, c.answered()-before, time.Since(from).Round(time.Millisecond))
	}
	phase("three replicas", 30)
	s.replicas[0].Signal(t, syscall.SIGKILL)
	phase("two replicas", 30)
	lost := c.lost
	lose(s.redis)
	phase("no Redis", 20)
	back(s.redis)
	phase("a Redis again", 30)
	stop()
	c.asking.Wait()
	machine.end()
	took := time.Since(began)

	most, all := s.crm.busiest(time.Second)
	t.Logf("%d answers in %v, the slowest after %v: %v by %v", c.answered(), took.Round(time.Millisecond), c.slowest.Round(time.Millisecond), c.answers, c.by)
	t.Logf("the CRM saw %d requests, at most %d in a second (limit %d), and %d logins; %d first requests were lost, %d of them for good", all, most, limit, s.crm.logins.Load(), c.lost, len(c.gone))
	if len(c.gone) > 0 {
		t.Errorf("lost also when repeated: %v", c.gone)
	}
	if c.lost != lost || lost > callers {
		t.Errorf("%d requests were lost, %d of them by the death of the replica: only those under way there may", c.lost, lost)
	}
	if len(c.answers) != 1 || c.answers["200 live"] == 0 || len(c.by) != 3 {
		t.Errorf("not every answer is live, or not by all replicas: %v %v", c.answers, c.by)
	}
	for _, breach := range breaches(s.crm.asked, limit, time.Second, machine) {
		t.Error(breach)
	}
	if logins := s.crm.logins.Load(); logins > 3 {
		t.Errorf("%d logins", logins)
	}
}
