package infer

import (
	"encoding/json"
	"regexp"
	"strings"

	"bonus-adapter/document"
)

// judgeTimes finds which times are which. One that only its name shows to be a time is kept to be asked about.
func (l *list) judgeTimes() {
	l.roles.expires = l.best(expiresScore, 20)
	l.roles.activates = l.best(activatesScore, 20)
	l.roles.created = l.best(createdScore, 0)
	l.joinClock()
	for _, column := range l.columns {
		named := has(column.leaf(), wordsExpires) || has(column.leaf(), wordsTime) && has(column.leaf(), strings.Fields("date time дата время at datetime"))
		if named && column.texts && !column.clock.found() && !column.mock && column.ups == 0 && datelike(column.filled()) {
			l.roles.unreadables = append(l.roles.unreadables, column)
		}
	}
}

var hours = regexp.MustCompile(`^\d{1,2}:\d{2}(:\d{2})?$`)

// joinClock finds the time of day that stands in a column beside a bare date's.
func (l *list) joinClock() {
	date := l.roles.created
	if date == nil || date.clock.as != "date" {
		return
	}
	for _, column := range l.columns {
		if column.parent() == date.parent() && column.ups == date.ups && column.ofDay() {
			if joined := clockOf(l.joined(date, column), date); joined.as == "time" {
				date.clock, date.beside = joined, column
				return
			}
		}
	}
}

// ofDay tells whether every value is a time of day.
func (c *column) ofDay() bool {
	for value := range c.counts {
		if !hours.MatchString(value) {
			return false
		}
	}
	return c.texts && c.distinct > 0
}

// joined are the values of two columns as mapping joins them, where both are there.
func (l *list) joined(date, hour *column) []document.Value {
	var all []document.Value
	for record := range l.records {
		if date.value(record) == "" || hour.value(record) == "" {
			continue
		}
		text, _ := json.Marshal(date.value(record) + " " + hour.value(record)) // a text always encodes
		value, err := document.ParseJSON(text, document.Limits{Depth: 1})
		if err == nil {
			all = append(all, value)
		}
	}
	return all
}

func (c *column) isTime() bool {
	return c.clock.found() || c.mock && has(c.leaf(), strings.Fields("date time datetime дата время period moment timestamp"))
}

// begins are words by which a time is the beginning of a validity.
var begins = strings.Fields("from start* begin* since activat* activation начал* актив*")

func expiresScore(c *column, records int) int {
	leaf := c.leaf()
	if !c.isTime() || has(leaf, begins) {
		return never
	}
	s := c.common(records)
	s.when(has(leaf, wordsExpires), 50)
	s.when(has(c.parents(), wordsExpires), 20)
	s.when(has(leaf, wordsNotTime), -60)
	return int(s)
}

func activatesScore(c *column, records int) int {
	leaf := c.leaf()
	if !c.isTime() || expiresScore(c, records) > 20 {
		return never
	}
	s := c.common(records)
	s.when(has(leaf, wordsActivates), 50)
	s.when(has(leaf, wordsNotTime) || has(leaf, wordsCreated) && !has(leaf, wordsActivates), -60)
	s.when(has(leaf, strings.Fields("transaction operation")), -60)
	return int(s)
}

func createdScore(c *column, records int) int {
	leaf := c.leaf()
	if !c.isTime() {
		return never
	}
	s := c.common(records) + 25
	s.when(has(leaf, wordsCreated), 30)
	s.when(has(leaf, strings.Fields("created creation occurred happened posted создан*")), 5)
	s.when(has(leaf, wordsTime), 10)
	s.when(has(leaf, wordsExpires), -80)
	s.when(activatesScore(c, records) > 20, -40)
	s.when(has(leaf, wordsNotTime), -80)
	s.when(has(c.parents(), strings.Fields("order customer user client group owner store product заказ* клиент*")), -30)
	s.when(c.present < records, -10)
	return int(s)
}
