package mapping

import (
	"cmp"
	"time"

	"bonus-adapter/document"
)

// Moment is a time that an answer tells: in UTC, from 1970 to 10000, to the tenth of a microsecond. The zero Moment is
// none. It is a third as large as a [time.Time], and a long history has two for each entry.
type Moment struct{ at int64 } // ticks since 1970, and one more

const (
	tick           = 100 * time.Nanosecond
	ticksPerSecond = int64(time.Second / tick)
	ticksPerMilli  = int64(time.Millisecond / tick)
)

// NewMoment gives a time as a Moment.
func NewMoment(at time.Time) Moment { return momentOf(document.TimeDatum(at)) }

func momentOf(at document.Datum) Moment {
	seconds, nanos := at.Unix()
	return Moment{seconds*ticksPerSecond + int64(nanos)/int64(tick) + 1}
}

// IsZero tells whether it is none.
func (m Moment) IsZero() bool { return m.at == 0 }

// Time gives it as a time in UTC, none as the zero time.
func (m Moment) Time() time.Time {
	if m.IsZero() {
		return time.Time{}
	}
	ticks := m.at - 1
	return time.Unix(ticks/ticksPerSecond, ticks%ticksPerSecond*int64(tick)).UTC()
}

// UnixMilli gives the milliseconds since 1970, those that have gone by; -1 of none.
func (m Moment) UnixMilli() int64 {
	if m.IsZero() {
		return -1
	}
	return (m.at - 1) / ticksPerMilli
}

// Compare gives -1 if it is before another one, 1 if it is after it. None is before all others.
func (m Moment) Compare(other Moment) int { return cmp.Compare(m.at, other.at) }
