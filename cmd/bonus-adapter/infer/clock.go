package infer

import (
	"strings"

	"bonus-adapter/document"
	"bonus-adapter/mapping"
)

// clock is how a column's values are written as times.
type clock struct {
	as     string // time or date; empty if they are no times
	layout string // empty is ISO 8601
	zoned  bool   // the values tell their offset
	either bool   // day and month may be the other way round
}

func (c clock) found() bool { return c.as != "" }

// spelling is a layout, and the one with day and month the other way round.
type spelling struct{ layout, swapped string }

// spellings are the ways in which times are written, the likelier ones first. The day may stand before or behind the
// month: then swapped is the other reading.
func spellings() []spelling {
	all := []spelling{{"", ""}}
	for _, part := range []string{".", "/", "-"} {
		for _, year := range []string{"2006", "06"} {
			for _, pair := range []spelling{{"02" + part + "01" + part + year, "01" + part + "02" + part + year}, {"2" + part + "1" + part + year, "1" + part + "2" + part + year}} {
				for _, clock := range []string{" 15:04:05", " 15:04", "", " 3:04:05 PM", " 3:04 PM", "T15:04:05", ", 15:04:05", ", 15:04", " 15:04:05 -0700", " 15:04:05.999", " 15:04:05 -07:00", " 15.04.05"} {
					all = append(all, spelling{pair.layout + clock, pair.swapped + clock})
				}
			}
		}
	}
	for _, date := range []string{
		"2006/01/02", "2006.01.02", "2006-01-02", "2006-1-2",
		"02-Jan-2006", "2 Jan 2006", "Jan 2, 2006", "Mon, 02 Jan 2006", "Mon Jan 2", "2 January 2006", "January 2, 2006",
	} {
		for _, clock := range []string{" 15:04:05", " 15:04", "", "  15:04:05", " 3:04:05 PM", " 3:04 PM", ", 15:04", " 15:04:05 -0700", " 15:04:05 2006", " 15:04:05 GMT"} {
			all = append(all, spelling{date + clock, ""})
		}
	}
	for _, layout := range []string{"20060102150405", "20060102 150405", "20060102 1504", "20060102T150405", "20060102T150405Z0700", "20060102", "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02T15:04Z07:00", "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05 -07:00", "2006-01-02 15:04:05 UTC", "15:04:05 02.01.2006", "15:04 02.01.2006"} {
		all = append(all, spelling{layout, ""})
	}
	return all
}

// clockOf finds how all the values are times.
func clockOf(values []document.Value, of *column) clock {
	if len(values) == 0 {
		return clock{}
	}
	if of.numbers {
		if found := epoch(values); found.found() && !has(of.leaf(), wordsPoints) {
			return found
		}
	}
	if !datelike(values) {
		return clock{}
	}
	if strings.HasPrefix(values[0].Text(), "/Date(") {
		return reads("dotnet", values)
	}
	for _, known := range spellings() {
		if found := reads(known.layout, values); found.found() {
			found.either = known.swapped != "" && reads(known.swapped, values).found()
			return found
		}
		if known.swapped != "" {
			if found := reads(known.swapped, values); found.found() {
				return found
			}
		}
	}
	return clock{}
}

// datelike spares most texts the trial of all spellings.
func datelike(values []document.Value) bool {
	const shortest, longest, fewestDigits = 6, 40, 3
	for _, value := range values {
		text, digits := value.Text(), 0
		for _, c := range text {
			if c >= '0' && c <= '9' {
				digits++
			}
		}
		if value.Kind() != document.Text || len(text) < shortest || len(text) > longest || digits < fewestDigits {
			return false
		}
	}
	return true
}

// epoch are seconds or milliseconds since 1970, if they are of the years 2001 to 2038.
func epoch(values []document.Value) clock {
	for digits, layout := range map[int]string{10: "unix", 13: "unix_ms"} {
		if allDigits(values, digits) {
			return clock{as: "time", layout: layout, zoned: true}
		}
	}
	return clock{}
}

func allDigits(values []document.Value, digits int) bool {
	for _, value := range values {
		text, _, _ := strings.Cut(value.Text(), ".")
		if len(text) != digits || strings.Trim(text, "0123456789") != "" || text[0] > '2' {
			return false
		}
	}
	return true
}

// reads tries one layout on all the values: as bare dates, with an offset, and with a zone.
func reads(layout string, values []document.Value) clock {
	var layouts mapping.Layouts
	if layout != "" {
		layouts = mapping.Layouts{layout}
	}
	timed := layout == "" || layout == "dotnet" || strings.Contains(layout, "04") && strings.ContainsAny(layout, "5:")
	for _, try := range []struct {
		fits  bool
		as    string
		zone  string
		zoned bool
	}{
		{layout == "" || !timed, "date", "UTC", false},
		{timed, "time", "", true},
		{timed, "time", "UTC", false},
	} {
		if try.fits && readsAll(mapping.Field{At: mapping.Paths{valuePath()}, As: try.as, Zone: try.zone, Layout: layouts}, values) {
			return clock{as: try.as, layout: layout, zoned: try.zoned}
		}
	}
	return clock{}
}

func valuePath() document.Path {
	path, _ := document.ParsePath("value")
	return path
}

func readsAll(field mapping.Field, values []document.Value) bool {
	reader, err := mapping.NewReader(field)
	if err != nil {
		return false
	}
	for _, value := range values {
		if _, err := reader.Read(value); err != nil {
			return false
		}
	}
	return true
}

// shown describes how the values are written.
func (c clock) shown() string {
	switch {
	case c.layout == "unix":
		return "seconds since 1970"
	case c.layout == "unix_ms":
		return "milliseconds since 1970"
	case c.as == "date":
		return "bare dates"
	case c.zoned:
		return "times with their offset"
	}
	return "times without an offset"
}
