package crm

import (
	"slices"
	"sort"
	"time"
)

// turn is a request's place in the queue.
type turn struct {
	trip     *trip
	weight   int
	deadline time.Time   // zero if there is none
	last     int         // the number of its last unit
	at       time.Time   // when it comes if nobody before it is late or leaves
	come     chan *Error // nil: go on
}

// place is where a turn stands in the queue.
func (p *pace) place(t *turn) int {
	if t.trip.fresh() {
		return len(p.waiting)
	}
	return p.before()
}

// before is how many turns of histories that have begun wait.
func (p *pace) before() int {
	return sort.Search(len(p.waiting), func(i int) bool { return p.waiting[i].trip.fresh() })
}

// tooLate tells whether a turn at this place of the queue would be of no use.
func (p *pace) tooLate(t *turn, place int, now time.Time) bool {
	if t.deadline.IsZero() {
		return false
	}
	return t.at.Sub(now) > p.patience(t.deadline.Sub(now)) || t.trip.fresh() && p.hopeless(t, place-p.before(), now)
}

// plan gives a turn the numbers after those of the turns before it. It comes when the unit that stands a whole limit
// before its last one has left the window.
func (p *pace) plan(t *turn, before []*turn) {
	last := p.units
	if len(before) > 0 {
		last = before[len(before)-1].last
	}
	t.last = last + t.weight
	t.at = p.began(t.last-len(p.begun), before).Add(p.per)
}

// replan counts anew what waits from this place on.
func (p *pace) replan(from int) {
	for i := from; i < len(p.waiting); i++ {
		p.plan(p.waiting[i], p.waiting[:i])
	}
}

// began tells when one of the latest units began, or when it will if it is still in the queue. A unit that never was,
// at the start, began at the beginning of time.
func (p *pace) began(unit int, queue []*turn) time.Time {
	if unit <= p.units {
		return p.begun[(unit+len(p.begun))%len(p.begun)]
	}
	return queue[sort.Search(len(queue), func(i int) bool { return queue[i].last >= unit })].at
}

// begin notes the moment at which a request is really let through: what was only planned would let two requests come
// too close if the first was late.
func (p *pace) begin(t *turn, now time.Time) {
	for range t.weight {
		p.units++
		p.begun[p.units%len(p.begun)] = now
	}
	p.went(t.trip, t.weight, now)
}

// arm sets the timer for the first that waits.
func (p *pace) arm(now time.Time) {
	if len(p.waiting) == 0 {
		return
	}
	span := p.waiting[0].at.Sub(now)
	if p.timer == nil {
		p.timer = time.AfterFunc(span, p.ring)
		return
	}
	p.timer.Reset(span)
}

func (p *pace) ring() {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.advance()
}

// advance lets those through whose turn has come.
func (p *pace) advance() {
	now := time.Now()
	for len(p.waiting) > 0 {
		first := p.waiting[0]
		if p.plan(first, nil); first.at.After(now) {
			break
		}
		p.waiting = slices.Delete(p.waiting, 0, 1)
		if first.trip.fresh() && p.hopeless(first, 0, now) {
			first.come <- &Error{Kind: Busy, Err: errNoTurn}
			p.replan(0)
			continue
		}
		begins := first.trip.fresh()
		p.begin(first, now)
		first.come <- nil
		if begins {
			p.promote()
		}
	}
	p.arm(now)
}

// promote puts the other turns of a history that has begun before those of the histories that have not.
func (p *pace) promote() {
	slices.SortStableFunc(p.waiting, func(a, b *turn) int { return order(a) - order(b) })
	p.replan(0)
}

func order(t *turn) int {
	if t.trip.fresh() {
		return 1
	}
	return 0
}

// leave gives a turn back, and those behind it move up. A turn that came at the very moment of leaving is spent.
func (p *pace) leave(t *turn) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	place := slices.Index(p.waiting, t)
	if place < 0 {
		return
	}
	p.waiting = slices.Delete(p.waiting, place, place+1)
	p.replan(place)
	p.advance()
}
