package document

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The spans of time that have a name. A day has 24 hours, also where the clocks change.
const (
	minute = time.Minute
	hour   = time.Hour
	day    = 24 * time.Hour
)

func spanOf(unit time.Duration) builder {
	return func(given []Datum) (apply, *misfit) {
		span := SpanDatum(time.Duration(given[0].Number().coefficient) * unit)
		return func(_, _ Datum) (Datum, error) { return span, nil }, nil
	}
}

// The layouts with names.
const (
	layoutRFC3339 = "rfc3339"
	layoutUnix    = "unix"
	layoutUnixMS  = "unix_ms"
)

// buildFormat makes the function that writes a time.
func buildFormat(given []Datum) (apply, *misfit) {
	write, wrong := writer(given[1].Text)
	if wrong != nil {
		return nil, wrong
	}
	zone := time.UTC
	if given[2].Type != TypeNone {
		if zone, wrong = zoneNamed(given[2].Text); wrong != nil {
			return nil, wrong
		}
	}
	return func(a, _ Datum) (Datum, error) { return TextDatum(write(a.Time().In(zone))), nil }, nil
}

func zoneNamed(name string) (*time.Location, *misfit) {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil, &misfit{2, fmt.Sprintf("there is no zone %q", name), "write its IANA name, such as Europe/Moscow, Asia/Yekaterinburg or UTC"}
	}
	return zone, nil
}

// writer gives the function that writes times of a layout.
func writer(layout string) (func(time.Time) string, *misfit) {
	switch layout {
	case layoutRFC3339:
		layout = time.RFC3339
	case layoutUnix:
		return func(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }, nil
	case layoutUnixMS:
		return func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }, nil
	default:
		if wrong := checkLayout(layout); wrong != nil {
			return nil, wrong
		}
	}
	return func(t time.Time) string { return t.Format(layout) }, nil
}

// checkLayout refuses a layout that would write something else than a time.
func checkLayout(layout string) *misfit {
	hint := `show how 2 January 2006 15:04:05 would be written: YYYY-MM-DD is "2006-01-02", HH:mm:ss is "15:04:05"`
	sample := time.Date(2021, 11, 23, 9, 41, 56, 987654321, time.FixedZone("", 19800)) // no part of it is as in a layout
	switch {
	case isMisspelt(layout):
		hint = `the layouts with names are "rfc3339", "unix" and "unix_ms"`
	case sample.Format(layout) != layout && !foreignLayout.MatchString(layout):
		return nil
	}
	return &misfit{1, fmt.Sprintf("%q is not a layout", layout), hint}
}

// foreignLayout is a part of a layout as other languages write it.
var foreignLayout = regexp.MustCompile(`(^|[^\pL]|T)([Yy]{2}|[Yy]{4}|MM|[Dd]{2}|[Hh]{2}|mm|ss)($|[^\pL]|T)`)

// isMisspelt tells whether a layout's name was meant, as in RFC3339 or unixms. Some would even pass for a layout: a 3 is
// the hour there.
func isMisspelt(layout string) bool {
	plain := strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(layout))
	return slices.Contains([]string{"rfc3339", "rfc3339nano", "iso", "iso8601", "unix", "unixms", "unixmilli", "timestamp"}, plain)
}
