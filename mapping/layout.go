package mapping

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// layout is one way in which a time is written.
type layout struct {
	form    form
	source  string
	pattern string // of formGo, as package time has it; empty if it makes no sense, which is told
	offset  bool   // of formGo: it holds one
	shift   int    // of formUnix: digits of a second
}

type form uint8

const (
	formGo     form = iota
	formISO         // all forms of [readISO]
	formUnix        // seconds since 1970, or parts of them
	formDotNet      // /Date(1627391774032+0300)/
)

// named are the layouts with names.
func named() []layout {
	return []layout{
		{form: formISO, source: "rfc3339"},
		{form: formUnix, source: "unix"},
		{form: formUnix, source: "unix_ms", shift: 3},
		{form: formUnix, source: "unix_us", shift: 6},
		{form: formDotNet, source: "dotnet"},
	}
}

// numeric tells whether a JSON number may be such a time.
func (l layout) numeric() bool { return l.form == formUnix || l.form == formGo && isDigits(l.pattern) }

// newLayout compiles a layout: a name, strftime's %d.%m.%Y, or Go's 02.01.2006. One that could never be read, or would
// be read wrongly, is refused.
func newLayout(place, source string, problems *config.Problems) layout {
	for _, known := range named() {
		if known.source == source {
			return known
		}
	}
	made := layout{source: source, pattern: source}
	if strings.Contains(source, "%") {
		if made.pattern = fromStrftime(place, source, problems); made.pattern == "" {
			return made
		}
	}
	made.offset = strings.Contains(made.pattern, "-07") || strings.Contains(made.pattern, "Z07")
	if message, hint := refuses(made); message != "" {
		problems.Add(place, "%s", message).Hint = hint
		made.pattern = ""
	}
	return made
}

// refuses tells why a layout makes no sense.
func refuses(l layout) (message, hint string) {
	sample := time.Date(2021, 11, 23, 22, 41, 56, 0, time.FixedZone("", 19800))
	read, err := time.Parse(l.pattern, sample.Format(l.pattern))
	switch {
	case strings.Contains(l.pattern, "MST"):
		return "MST stands for an abbreviation, which does not tell the offset", "leave it out of the layout and set zone, or use -0700"
	case err != nil || read.Year() != 2021 || read.YearDay() != sample.YearDay():
		hint = "show how 2 January 2006 15:04:05 would be written, for example 02.01.2006 15:04, or as %d.%m.%Y %H:%M"
		if near := config.Nearest(l.source, layoutNames()); near != "" {
			hint = "did you mean " + near + "?"
		}
		return strconv.Quote(l.source) + " is not a layout with a day, a month and a year", hint
	case read.Hour() == 10:
		return "an hour from 1 to 12 does not tell morning from evening", "write 15 (%H), or add PM (%p)"
	case read.Hour() != 0 && read.Minute() == 0:
		return "the layout has an hour and no minute", "the minute is 04 (%M); 01 (%m) is the month and 05 (%S) the second"
	case read.Hour() == 0 && read.Minute() != 0:
		return "the layout has a minute and no hour", "the hour is 15 (%H)"
	}
	return "", ""
}

// strftime are its directives in Go's words.
var strftime = map[rune]string{
	'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'e': "_2", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM",
	'b': "Jan", 'h': "Jan", 'B': "January", 'a': "Mon", 'A': "Monday", 'j': "002", 'z': "-0700", 'f': "999999999",
	'T': "15:04:05", 'R': "15:04", 'F': "2006-01-02", 'D': "01/02/06", '%': "%",
}

// fromStrftime gives Go's layout for one of strftime, the empty text if there is none.
func fromStrftime(place, source string, problems *config.Problems) string {
	var made strings.Builder
	directive := false
	for offset, r := range source {
		word, known := strftime[r]
		switch {
		case !directive && r == '%':
			directive = true
			continue
		case !directive && (r < unicode.MaxASCII && unicode.IsLetter(r) && !strings.ContainsRune("TZ", r) || unicode.IsDigit(r)):
			problems.Add(place, "%c among the %% of a layout would be read as a part of the time", r).Offset = offset
			return ""
		case !directive:
			made.WriteRune(r)
		case !known:
			problem := problems.Add(place, "%%%c is not known here", r)
			problem.Offset, problem.Hint = offset-1, "there are %Y %y %m %d %e %H %I %p %M %S %f %b %B %a %A %j %z %F %T %R %D"
			return ""
		case r == 'f' && !strings.HasSuffix(made.String(), ".") && !strings.HasSuffix(made.String(), ","):
			problems.Add(place, "%%f is the fraction of a second: it stands behind a point or a comma").Offset = offset - 1
			return ""
		default:
			made.WriteString(word)
		}
		directive = false
	}
	return made.String()
}

// readUnix reads seconds since 1970, or with a shift thousandths (3) or millionths (6) of them, digit by digit up to
// nanoseconds. What would be in 1970 itself is refused.
func readUnix(text string, shift int) (moment time.Time, why string, fits bool) {
	number, err := document.ParseDecimal(text)
	if err != nil {
		return time.Time{}, "", false
	}
	whole, fraction, _ := strings.Cut(number.String(), ".")
	count, _ := strconv.ParseInt(whole, 10, 64) // at most 18 digits
	nanos, _ := strconv.ParseInt((fraction + "000000000")[:9-shift], 10, 64)
	switch shift {
	case 3:
		moment = time.UnixMilli(count).Add(time.Duration(nanos))
	case 6:
		moment = time.UnixMicro(count).Add(time.Duration(nanos))
	default:
		moment = time.Unix(count, nanos)
	}
	year := moment.UTC().Year()
	if number.Sign() < 0 {
		year = min(year, firstYear-1) // a fraction was counted the wrong way
	}
	switch {
	case year < firstYear || year > lastYear:
		return time.Time{}, outside(year), true
	case year == firstYear:
		return time.Time{}, inFirstYear, true
	}
	return moment, "", true
}

// inFirstYear is told of a count that would be a moment in 1970. No bonus is so old: it is a 0 that stands for nothing, or
// seconds that were read as thousandths of them.
const inFirstYear = "counts to a time in the year 1970: it is in another unit than the layout says, or stands for none"

// readDotNet reads /Date(1627391774032)/ and /Date(1627391774032+0300)/: milliseconds since 1970 in UTC. The offset only
// tells in which zone the time was thought of.
func readDotNet(text string) (moment time.Time, why string, fits bool) {
	inside, begins := strings.CutPrefix(text, "/Date(")
	inside, ends := strings.CutSuffix(inside, ")/")
	if !begins || !ends || inside == "" {
		return time.Time{}, "", false
	}
	if at := strings.LastIndexAny(inside, "+-"); at > 0 {
		if !isDigits(inside[at+1:]) || len(inside)-at != len("+0300") {
			return time.Time{}, "", false
		}
		inside = inside[:at]
	}
	if !isDigits(strings.TrimPrefix(inside, "-")) {
		return time.Time{}, "", false
	}
	return readUnix(inside, 3)
}

// layoutNames gives the names of the layouts that have one.
func layoutNames() []string {
	var names []string
	for _, known := range named() {
		names = append(names, known.source)
	}
	return names
}
