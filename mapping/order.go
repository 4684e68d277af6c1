package mapping

import (
	"cmp"
	"slices"
)

// The orders of entries.
const (
	orderNewest = "newest"
	orderOldest = "oldest"
	orderCRM    = "crm"
)

// arranged puts entries in order and keeps no more than the limit. Equal ones stay in the order of the records. An entry
// without an activation is older than all others: it comes last if the newest stand first, and if the oldest do.
func (m *Mapping) arranged(entries []Entry) []Entry {
	if m.order != orderCRM {
		sort(entries, Moment.newestFirst)
	}
	if m.limit > 0 && len(entries) > m.limit {
		entries = slices.Clip(entries[:m.limit])
	}
	if m.order == orderOldest {
		sort(entries, Moment.oldestFirst)
	}
	return entries
}

// source is the entry that comes to a place.
type source struct {
	moment Moment
	number int
}

// sort orders the sources, which are small, and then moves each entry once. Most CRMs have them in order already.
func sort(entries []Entry, order func(a, b Moment) int) {
	if isSorted(entries, order) {
		return
	}
	sources := make([]source, len(entries))
	for i := range entries {
		sources[i] = source{entries[i].Activation, i}
	}
	slices.SortFunc(sources, func(a, b source) int { return cmp.Or(order(a.moment, b.moment), a.number-b.number) })
	for i := range sources {
		move(entries, sources, i)
	}
}

// move moves the entries of a circle: each goes to the place of the one before it, the first to that of the last.
func move(entries []Entry, sources []source, first int) {
	kept := entries[first]
	for at := first; ; {
		from := sources[at].number
		sources[at].number = at
		if from == first {
			entries[at] = kept
			return
		}
		entries[at] = entries[from]
		at = from
	}
}

func isSorted(entries []Entry, order func(a, b Moment) int) bool {
	for i := 1; i < len(entries); i++ {
		if order(entries[i-1].Activation, entries[i].Activation) > 0 {
			return false
		}
	}
	return true
}

func (m Moment) newestFirst(other Moment) int { return other.Compare(m) }

func (m Moment) oldestFirst(other Moment) int {
	if m.IsZero() || other.IsZero() {
		return other.Compare(m)
	}
	return m.Compare(other)
}
