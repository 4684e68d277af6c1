package mapping

import (
	"strings"
	"time"
)

// written is a time as it stands in a text.
type written struct {
	year      int
	wall      time.Time // what calendar and clock show, as if in UTC
	exists    bool      // there is such a day and such a time of day
	offset    int       // seconds east of UTC
	hasOffset bool
	bare      bool // a date alone
}

// readISO reads the forms of ISO 8601 that CRMs write: a bare date, or a date and a time of day parted by T or a space,
// with seconds or without, with up to nine digits of a second behind a point or comma, and an offset (Z, UTC, +03:00,
// +0300, +03, perhaps after a space) or none. It reports whether the form fits.
func readISO(text string) (written, bool) {
	d := digits{rest: text, ok: true}
	year, month, day := d.number(4), 0, 0
	d.skip("-")
	month = d.number(2)
	d.skip("-")
	day = d.number(2)
	w := written{year: year, bare: d.rest == ""}
	var hour, minute, second, nanos int
	if !w.bare {
		d.skip("Tt ")
		hour = d.number(2)
		d.skip(":")
		minute = d.number(2)
		if d.at(":") {
			d.skip(":")
			second = d.number(2)
			nanos = d.fraction()
		}
		w.offset, w.hasOffset = d.offset()
	}
	if !d.ok || d.rest != "" {
		return written{}, false
	}
	w.wall = time.Date(year, time.Month(month), day, hour, minute, second, nanos, time.UTC)
	w.exists = w.wall.Month() == time.Month(month) && w.wall.Day() == day && hour < 24 && minute < 60 && second < 60
	return w, true
}

// readUsual reads a moment from 1970 on that is written 2006-01-02T15:04:05 with Z or an offset behind it, which is what
// most of them are. It gives the seconds since 1970.
func readUsual(text string) (seconds int64, usual bool) {
	if len(text) < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':' {
		return 0, false
	}
	offset := 0
	switch zone := text[19:]; {
	case zone == "Z":
	case len(zone) == 6 && (zone[0] == '+' || zone[0] == '-') && zone[3] == ':':
		hours, minutes := twoDigits(zone[1], zone[2]), twoDigits(zone[4], zone[5])
		if hours < 0 || hours >= 24 || minutes < 0 || minutes >= 60 {
			return 0, false
		}
		if offset = hours*3600 + minutes*60; zone[0] == '-' {
			offset = -offset
		}
	default:
		return 0, false
	}
	year := 100*twoDigits(text[0], text[1]) + twoDigits(text[2], text[3])
	month, day := twoDigits(text[5], text[6]), twoDigits(text[8], text[9])
	hour, minute, second := twoDigits(text[11], text[12]), twoDigits(text[14], text[15]), twoDigits(text[17], text[18])
	if year < firstYear || month < 1 || month > 12 || day < 1 || day > daysOf(year, month) ||
		hour < 0 || hour >= 24 || minute < 0 || minute >= 60 || second < 0 || second >= 60 {
		return 0, false
	}
	seconds = int64(daysSince1970(year, month, day))*86400 + int64(hour*3600+minute*60+second-offset)
	return seconds, seconds >= 0
}

// twoDigits gives the number they are, one far below zero if they are none.
func twoDigits(tens, ones byte) int {
	if tens, ones = tens-'0', ones-'0'; tens > 9 || ones > 9 {
		return -10_000
	}
	return int(tens)*10 + int(ones)
}

func daysOf(year, month int) int {
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		return 29
	}
	return [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
}

// daysSince1970 counts the days of the Gregorian calendar, in years that begin in March, so that a leap day is the last.
func daysSince1970(year, month, day int) int {
	if month <= 2 {
		year, month = year-1, month+12
	}
	return 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 1 - 719468
}

// digits takes a text apart from its beginning. Once something does not fit, ok stays false.
type digits struct {
	rest string
	ok   bool
}

// number takes exactly count digits.
func (d *digits) number(count int) (value int) {
	if len(d.rest) < count {
		d.ok, count = false, 0
	}
	for _, c := range []byte(d.rest[:count]) {
		d.ok = d.ok && c >= '0' && c <= '9'
		value = value*10 + int(c-'0')
	}
	d.rest = d.rest[count:]
	return value
}

// skip takes one of the bytes.
func (d *digits) skip(allowed string) {
	if !d.at(allowed) {
		d.ok = false
		return
	}
	d.rest = d.rest[1:]
}

func (d *digits) at(allowed string) bool {
	for i := range len(allowed) {
		if d.rest != "" && d.rest[0] == allowed[i] {
			return true
		}
	}
	return false
}

// fraction takes a point or comma and one to nine digits, and gives nanoseconds; without a point there are none.
func (d *digits) fraction() (nanos int) {
	if !d.at(".,") {
		return 0
	}
	d.rest = d.rest[1:]
	count := 0
	for d.at("0123456789") {
		nanos = nanos*10 + d.number(1)
		count++
		if count > 9 {
			d.ok = false
			return 0
		}
	}
	d.ok = d.ok && count > 0
	for ; count < 9; count++ {
		nanos *= 10
	}
	return nanos
}

// offset takes Z, UTC, +03:00, +0300 or +03, after a space or not, or nothing.
func (d *digits) offset() (seconds int, there bool) {
	d.rest = strings.TrimPrefix(d.rest, " ")
	switch d.rest {
	case "":
		return 0, false
	case "Z", "z", "UTC", "GMT":
		d.rest = ""
		return 0, true
	}
	sign := 1
	if d.at("-") {
		sign = -1
	}
	d.skip("+-")
	hours := d.number(2)
	minutes := 0
	if d.rest != "" {
		if d.at(":") {
			d.skip(":")
		}
		minutes = d.number(2)
	}
	d.ok = d.ok && hours < 24 && minutes < 60
	return sign * (hours*60 + minutes) * 60, true
}
