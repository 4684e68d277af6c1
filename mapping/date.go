package mapping

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// clock reads the times of one field.
type clock struct {
	zone    *time.Location // nil if none is declared
	noZone  string         // what to tell then
	layouts []string
	date    bool // only dates are expected: the start of the day in the zone
}

// The layouts with names. rfc3339 stands for all forms of [readISO].
const (
	layoutISO    = "rfc3339"
	layoutUnix   = "unix"
	layoutUnixMS = "unix_ms"
)

func newClock(place string, cfg Field, problems *config.Problems) *clock {
	made := &clock{layouts: cfg.Layout, date: cfg.As == asDate, noZone: "has no zone: set " + place + ".zone"}
	made.zone = newZone(place+".zone", cfg.Zone, problems)
	if len(cfg.Layout) == 0 {
		made.layouts = []string{layoutISO}
	}
	if made.date && cfg.Zone == "" {
		problems.Add(place, "a date begins at midnight of some zone, and none is set").Hint = "for example zone: Europe/Moscow"
	}
	for i, layout := range cfg.Layout {
		at := place + ".layout"
		if len(cfg.Layout) > 1 {
			at = config.Index(at, i)
		}
		made.check(at, layout, cfg.Zone, problems)
	}
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

// check refuses a layout that could never be read, or would be read wrongly.
func (c *clock) check(place, layout, zone string, problems *config.Problems) {
	named := []string{layoutISO, layoutUnix, layoutUnixMS}
	if slices.Contains(named, layout) {
		if c.date && layout != layoutISO {
			problems.Add(place, "%s is a moment, not a date", layout).Hint = "declare as: time"
		}
		return
	}
	sample := time.Date(2021, 11, 23, 22, 41, 56, 0, time.FixedZone("", 19800))
	read, err := time.Parse(layout, sample.Format(layout))
	_, offset := read.Zone()
	switch {
	case strings.Contains(layout, "MST"):
		problems.Add(place, "MST stands for an abbreviation, which does not tell the offset").Hint = "leave it out of the layout and set zone, or use -0700"
	case err != nil || read.Year() != 2021 || read.YearDay() != sample.YearDay():
		hint := "show how 2 January 2006 15:04:05 would be written, for example 02.01.2006 15:04"
		if near := config.Nearest(layout, named); near != "" {
			hint = "did you mean " + near + "?"
		}
		problems.Add(place, "%q is not a layout with a day, a month and a year", layout).Hint = hint
	case offset == 0 && zone == "" && !c.date:
		problems.Add(place, "a time of this layout has no offset, and no zone is set").Hint = "for example zone: Europe/Moscow"
	}
}

// read gives the time in UTC, or why it cannot be had.
func (c *clock) read(value document.Value) (document.Datum, string) {
	kind := value.Kind()
	if kind != document.Text && kind != document.Number {
		return document.Datum{}, wrongKind(kind, c.wanted())
	}
	if kind == document.Number && !c.takesNumbers() {
		return document.Datum{}, c.noNumber()
	}
	moment, why := c.parse(strings.TrimSpace(value.Text()), kind)
	if why != "" {
		return document.Datum{}, why
	}
	return document.Datum{Type: document.TypeTime, Time: moment.UTC()}, ""
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

func (c *clock) takesNumbers() bool {
	return slices.Contains(c.layouts, layoutUnix) || slices.Contains(c.layouts, layoutUnixMS)
}

// parse tries the layouts in order. If none fits, the reason is that of the first which fitted by its form.
func (c *clock) parse(text string, kind document.Kind) (moment time.Time, why string) {
	for _, layout := range c.layouts {
		numeric := layout == layoutUnix || layout == layoutUnixMS
		if kind == document.Number && !numeric {
			continue
		}
		moment, reason, fits := c.parseAs(layout, text)
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
	if len(c.layouts) == 1 && c.layouts[0] == layoutISO {
		why = wrongKind(kind, c.wanted()) + " such as 2006-01-02" + map[bool]string{false: "T15:04:05Z"}[c.date]
	}
	return time.Time{}, why
}

func (c *clock) parseAs(layout, text string) (moment time.Time, why string, fits bool) {
	switch layout {
	case layoutUnix:
		return readUnix(text, 0)
	case layoutUnixMS:
		return readUnix(text, 3)
	case layoutISO:
		read, ok := readISO(text)
		if !ok {
			return time.Time{}, "", false
		}
		moment, why = c.place(read)
		return moment, why, true
	}
	at, err := time.Parse(layout, text)
	if err != nil {
		return time.Time{}, "", false
	}
	_, offset := at.Zone()
	wall := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
	moment, why = c.place(written{
		year: at.Year(), wall: wall, exists: true, offset: offset, hasOffset: hasOffset(layout), bare: c.date,
	})
	return moment, why, true
}

func hasOffset(layout string) bool {
	return strings.Contains(layout, "-07") || strings.Contains(layout, "Z07")
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
		w.wall = time.Date(w.wall.Year(), w.wall.Month(), w.wall.Day(), 0, 0, 0, 0, time.UTC)
	}
	return inRange(local(w.wall, c.zone))
}

const (
	firstYear = 1970
	lastYear  = 9999
)

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

// readUnix reads seconds (shift 0) or milliseconds (shift 3) since 1970, digit by digit up to nanoseconds.
func readUnix(text string, shift int) (moment time.Time, why string, fits bool) {
	number, err := document.ParseDecimal(text)
	if err != nil {
		return time.Time{}, "", false
	}
	whole, fraction, _ := strings.Cut(number.String(), ".")
	count, _ := strconv.ParseInt(whole, 10, 64) // at most 18 digits
	nanos, _ := strconv.ParseInt((fraction + "000000000")[:9-shift], 10, 64)
	if shift == 3 {
		moment = time.UnixMilli(count).Add(time.Duration(nanos))
	} else {
		moment = time.Unix(count, nanos)
	}
	year := moment.UTC().Year()
	if number.Sign() < 0 {
		year = min(year, firstYear-1) // a fraction was counted the wrong way
	}
	if year < firstYear || year > lastYear {
		return time.Time{}, outside(year), true
	}
	return moment, "", true
}
