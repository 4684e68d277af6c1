package crmtest

import (
	"sync"
	"time"
)

// Ledger is what stand-ins have in common whose customers have many transactions of the same kinds: two points are
// earned, and one is lost every third time. Transaction 0 is the newest.
type Ledger struct {
	Busy int // how many transactions the customer Busy has; Newbie has none, and nobody else is known

	hour  time.Time // in which it was first asked
	begin sync.Once
}

// Points gives the points of a transaction.
func (l *Ledger) Points(i int) int {
	if i%3 == 2 {
		return -1
	}
	return 2
}

// Sums gives what all transactions of the customer Busy come to.
func (l *Ledger) Sums() (added, expired int) {
	for i := range l.Busy {
		if points := l.Points(i); points > 0 {
			added += points
		} else {
			expired -= points
		}
	}
	return added, expired
}

// At gives the time of a transaction in UTC: one every 50 hours, back from the present hour, so that a year has 175.
func (l *Ledger) At(i int) time.Time {
	l.begin.Do(func() { l.hour = time.Now().UTC().Truncate(time.Hour) })
	return l.hour.Add(-time.Duration(i)*50*time.Hour - time.Hour)
}

// of gives how many transactions a customer has.
func (l *Ledger) of(customer string) (count int, known bool) {
	if customer == Busy {
		return l.Busy, true
	}
	return 0, customer == Newbie || customer == Hasty || customer == Unlucky
}

// list gives the elements from an offset on, so many at most. It is never nil: JSON would say null.
func list(all, offset, most int, element func(i int) object) []object {
	made := []object{}
	for i := max(offset, 0); i < min(all, offset+most); i++ {
		made = append(made, element(i))
	}
	return made
}
