package sharing

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// A limit is kept where requests are sent; it is measured where they arrive. Between the two a request may be late, by as
// much as the machine lets a process wait for its turn, and then it meets the next ones. That is no breach. So a witness
// measures how late this machine is, all the time: a timer that should ring each few milliseconds. A request passes four
// such hands: the replica's timer, its sending, the kernel's wake-up of the CRM, and the CRM's clock. On a quiet machine
// that is a millisecond or two, and the limit is judged to a few hundredths; replicas that did not share their limit would
// ask three times as often on any machine.
const (
	hands   = 4
	minimal = 20 * time.Millisecond // of tolerance
	tick    = 2 * time.Millisecond
)

// witness notes how late the machine is, and when.
type witness struct {
	late []lateness
	stop chan struct{}
	done chan struct{}
}

type lateness struct {
	at time.Time
	by time.Duration
}

func newWitness(t *testing.T) *witness {
	t.Helper()
	w := &witness{stop: make(chan struct{}), done: make(chan struct{})}
	go func() {
		defer close(w.done)
		for {
			due := time.Now().Add(tick)
			select {
			case <-w.stop:
				return
			case <-time.After(tick):
			}
			if now := time.Now(); now.Sub(due) > tick {
				w.late = append(w.late, lateness{now, now.Sub(due)})
			}
		}
	}()
	return w
}

// end ends it. Only then it may be asked.
func (w *witness) end() {
	close(w.stop)
	<-w.done
}

// tolerance is by how much a stretch of arrivals may be too short: the requests that it begins and ends with may have been
// late since a second before.
func (w *witness) tolerance(from, to time.Time) time.Duration {
	worst := time.Duration(0)
	for _, l := range w.late {
		if l.at.After(from.Add(-time.Second)) && l.at.Add(-l.by).Before(to) {
			worst = max(worst, l.by)
		}
	}
	return minimal + hands*worst
}

// breaches tells of each request that comes, with as many before it as are allowed, in less than the time of the limit, and
// of all of them if they are too many. It sorts the times.
func breaches(arrived []time.Time, limit int, per time.Duration, w *witness) (told []string) {
	slices.SortFunc(arrived, time.Time.Compare)
	for last := limit; last < len(arrived); last++ {
		first := last - limit
		span, may := arrived[last].Sub(arrived[first]), w.tolerance(arrived[first], arrived[last])
		if span < per-may {
			told = append(told, fmt.Sprintf("%d requests within %v (number %d to %d), which the machine explains by %v only", limit+1, span, first, last, may))
		}
	}
	if len(arrived) == 0 {
		return told
	}
	span := arrived[len(arrived)-1].Sub(arrived[0]) + w.tolerance(arrived[0], arrived[0]) + w.tolerance(arrived[len(arrived)-1], arrived[len(arrived)-1])
	if most := float64(limit) * (span.Seconds()/per.Seconds() + 1); float64(len(arrived)) > most {
		told = append(told, fmt.Sprintf("%d requests in %v, %.0f at most", len(arrived), span, most))
	}
	return told
}

// TestBreaches holds the judge itself against arrivals that are made up.
func TestBreaches(t *testing.T) {
	begin := time.Now()
	at := func(milliseconds ...int) (all []time.Time) {
		for _, m := range milliseconds {
			all = append(all, begin.Add(time.Duration(m)*time.Millisecond))
		}
		return all
	}
	quiet, busy := &witness{}, &witness{late: []lateness{{begin.Add(500 * time.Millisecond), 100 * time.Millisecond}}}
	for _, test := range []struct {
		arrived []time.Time
		by      *witness
		want    int
	}{
		{at(), quiet, 0},
		{at(0, 0, 1000, 1000, 2000, 2000), quiet, 0},
		{at(1000, 0, 990, 0, 1985, 1995), quiet, 0},
		{at(0, 0, 900, 1000), quiet, 1},
		{at(0, 0, 700, 1000), busy, 0},
		{at(0, 0, 500, 1000), busy, 1},
		{at(0, 0, 500, 500, 1000, 1000), quiet, 4 + 1},
		{at(0, 0, 985, 985, 1970, 1970, 2955, 2955, 3940, 3940), quiet, 1},
	} {
		if got := breaches(test.arrived, 2, time.Second, test.by); len(got) != test.want {
			t.Errorf("%v: %d breaches: %v", test.arrived, len(got), got)
		}
	}
}
