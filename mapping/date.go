package mapping

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// clock reads the times of one field.
type clock struct {
	zone    *time.Location // nil if none is declared
	noZone  string         // what to tell then
	layouts []layout
	usual   bool // times are written as ISO 8601 has them
	date    bool // only dates are expected
	end     bool // a date is the end of its day, not the beginning
}

// The moments of a day that a date may stand for.
const (
	dayStart = "start"
	dayEnd   = "end"
)

func newClock(place string, cfg Field, problems *config.Problems) *clock {
	made := &clock{date: cfg.As == asDate, end: cfg.Day == dayEnd, noZone: "has no zone: set " + place + ".zone"}
	made.zone = newZone(place+".zone", cfg.Zone, problems)
	switch days := []string{"", dayStart, dayEnd}; {
	case !slices.Contains(days, cfg.Day):
		problems.Add(place+".day", "a day has no %q", cfg.Day).Hint = didYouMean(cfg.Day, days[1:])
	case cfg.Day != "" && !made.date:
		problems.Add(place+".day", "only a date begins or ends").Hint = "declare as: date, or leave it out"
	}
	if made.date && cfg.Zone == "" {
		problems.Add(place, "a date begins at midnight of some zone, and none is set").Hint = "for example zone: Europe/Moscow"
	}
	if len(cfg.Layout) == 0 {
		made.layouts = []layout{{form: formISO}}
	}
	for i, text := range cfg.Layout {
		at := place + ".layout"
		if len(cfg.Layout) > 1 {
			at = config.Index(at, i)
		}
		read := newLayout(at, text, problems)
		made.check(at, read, cfg.Zone, problems)
		made.layouts = append(made.layouts, read)
	}
	made.usual = !made.date && made.layouts[0].form == formISO
	return made
}

func newZone(place, name string, problems *config.Problems) *time.Location {
	if name == "" {
		return nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		problems.Add(place, "there is no zone %q", name).Hint = "write its IANA name, such as Europe/Moscow, Asia/Yekaterinburg or UTC"
		return nil
	}
	return zone
}

// check refuses a layout that does not suit the field.
func (c *clock) check(place string, l layout, zone string, problems *config.Problems) {
	switch {
	case c.date && l.form > formISO:
		problems.Add(place, "%s is a moment, not a date", l.source).Hint = "declare as: time"
	case c.date && l.offset:
		problems.Add(place, "a layout with an offset is that of a moment, not of a date").Hint = "declare as: time"
	case !c.date && l.form == formGo && l.pattern != "" && !l.offset && zone == "":
		problems.Add(place, "a time of this layout has no offset, and no zone is set").Hint = "for example zone: Europe/Moscow"
	}
}

// read gives the time in UTC, or why it cannot be had.
func (c *clock) read(kind document.Kind, text string) (document.Datum, string) {
	if c.usual && kind == document.Text {
		if seconds, usual := readUsual(text); usual {
			return document.TimeDatum(time.Unix(seconds, 0)), ""
		}
	}
	if kind != document.Text && kind != document.Number {
		return document.Datum{}, wrongKind(kind, c.wanted())
	}
	if kind == document.Number && !slices.ContainsFunc(c.layouts, layout.numeric) {
		return document.Datum{}, c.noNumber()
	}
	moment, why := c.parse(strings.TrimSpace(text), kind)
	if why != "" {
		return document.Datum{}, why
	}
	return document.TimeDatum(moment.UTC()), ""
}

func (c *clock) wanted() string {
	if c.date {
		return "a date"
	}
	return "a time"
}

func (c *clock) noNumber() string {
	if c.date {
		return "is a number where a date text was expected: declare as: time with layout: unix or unix_ms"
	}
	return "is a number where a time text was expected: declare layout: unix or unix_ms"
}

// parse tries the layouts in order. If none fits, the reason is that of the first which fitted by its form.
func (c *clock) parse(text string, kind document.Kind) (moment time.Time, why string) {
	for _, l := range c.layouts {
		if kind == document.Number && !l.numeric() {
			continue
		}
		moment, reason, fits := c.parseAs(l, text)
		if fits && reason == "" {
			return moment, ""
		}
		if fits && why == "" {
			why = reason
		}
	}
	if why != "" {
		return time.Time{}, why
	}
	why = wrongKind(kind, c.wanted()) + ": it fits no declared layout"
	if len(c.layouts) == 1 && c.layouts[0].form == formISO {
		why = wrongKind(kind, c.wanted()) + " such as 2006-01-02" + map[bool]string{false: "T15:04:05Z"}[c.date]
	}
	return time.Time{}, why
}

func (c *clock) parseAs(l layout, text string) (moment time.Time, why string, fits bool) {
	switch l.form {
	case formUnix:
		return readUnix(text, l.shift)
	case formDotNet:
		return readDotNet(text)
	case formISO:
		read, ok := readISO(text)
		if !ok {
			return time.Time{}, "", false
		}
		moment, why = c.place(read)
		return moment, why, true
	}
	at, err := time.Parse(l.pattern, text)
	if err != nil {
		return time.Time{}, "", false
	}
	_, offset := at.Zone()
	wall := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
	moment, why = c.place(written{year: at.Year(), wall: wall, exists: true, offset: offset, hasOffset: l.offset, bare: c.date})
	return moment, why, true
}

// place finds the moment of what is written.
func (c *clock) place(w written) (time.Time, string) {
	switch {
	case w.year < firstYear || w.year > lastYear:
		return time.Time{}, outside(w.year)
	case !w.exists:
		return time.Time{}, "is a time that no calendar and no clock has"
	case c.date && !w.bare:
		return time.Time{}, "is a time where a bare date was expected: declare as: time"
	case w.hasOffset && !c.date:
		return inRange(w.wall.Add(-time.Duration(w.offset) * time.Second))
	case c.zone == nil:
		return time.Time{}, c.noZone
	case c.date:
		return inRange(c.ofDay(w.wall))
	}
	return inRange(local(w.wall, c.zone))
}

// ofDay gives the first or the last moment of a day. The last is a millisecond before the next day, which is as fine as
// an answer tells it.
func (c *clock) ofDay(wall time.Time) time.Time {
	midnight := time.Date(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0, 0, time.UTC)
	if c.end {
		return local(midnight.AddDate(0, 0, 1), c.zone).Add(-time.Millisecond)
	}
	return local(midnight, c.zone)
}

const (
	firstYear = 1970
	lastYear  = 9999
)

// endOfTime is the end of the year that a local 9999 may reach into.
var endOfTime = time.Date(lastYear+2, 1, 1, 0, 0, 0, 0, time.UTC).Unix()

func outside(year int) string {
	return fmt.Sprintf("is a time in the year %d, outside of %d to %d", year, firstYear, lastYear)
}

// inRange refuses a moment before 1970 in UTC, which the first hours of a local 1970 are. The end needs no such care: a
// local 9999-12-31, which often stands for ever, may reach into UTC's year 10000.
func inRange(moment time.Time) (time.Time, string) {
	if moment.Unix() < 0 {
		return time.Time{}, outside(moment.UTC().Year())
	}
	return moment, ""
}

// local finds the moment at which the clocks of a zone show wall. A reading that a clock change skips is moved forward
// by as much as the change; of a reading that a change repeats, it is the first.
func local(wall time.Time, zone *time.Location) time.Time {
	const day = 24 * time.Hour // no offset is so large, so that the day around surely begins before and ends after
	_, before := wall.Add(-day).In(zone).Zone()
	_, after := wall.Add(day).In(zone).Zone()
	early := wall.Add(-time.Duration(before) * time.Second)
	if before == after {
		return early
	}
	late := wall.Add(-time.Duration(after) * time.Second)
	_, atEarly := early.In(zone).Zone()
	_, atLate := late.In(zone).Zone()
	if atEarly != before && atLate == after {
		return late
	}
	return early
}
