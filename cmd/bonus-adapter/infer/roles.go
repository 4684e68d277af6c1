package infer

import (
	"slices"
	"strings"
)

// roles are the columns that mean something; each may be nil.
type roles struct {
	amounts     []*column // one; several of which a record has one
	earned      *column   // points that are added, in a column of their own, with ...
	lost        *column   // ... those that are lost in another one
	created     *column
	activates   *column
	expires     *column
	kind        *column // tells one sort of transaction from another
	debit       *column // true or false: which way the points go
	status      *column
	text        *column // what a customer may read
	identity    *column
	unit        *column // of the amount
	unreadables []*column
}

// judge finds the roles of a list's columns, and how much the list is like transactions: 0 or less if it is none.
func (l *list) judge() {
	for _, column := range l.columns {
		column.judge(l.records)
	}
	amount := l.judgeAmount()
	if amount <= 0 {
		return
	}
	l.judgeTimes()
	l.roles.kind = l.best(kindScore, 10)
	l.roles.status = l.best(statusScore, 10)
	l.roles.debit = l.best(debitScore, 10)
	l.roles.text = l.best(textScore, 15)
	l.roles.identity = l.best(identityScore, 10)
	l.roles.unit = l.unit()
	l.score = amount + l.nameScore() + min(l.records, 10)
	for _, found := range []struct {
		column *column
		worth  int
	}{{l.roles.created, 25}, {l.roles.expires, 5}, {l.roles.kind, 10}, {l.roles.text, 5}, {l.roles.identity, 5}} {
		if found.column != nil {
			l.score += found.worth
		}
	}
	if l.roles.created == nil && l.roles.activates == nil && l.roles.expires == nil {
		l.score -= 30
	}
}

// best gives the column with the highest score over least, the first of equals.
func (l *list) best(score func(*column, int) int, least int) *column {
	var best *column
	for _, column := range l.columns {
		if got := score(column, l.records); got > least {
			best, least = column, got
		}
	}
	return best
}

// nameScore judges the key of the list.
func (l *list) nameScore() int {
	if len(l.names) == 0 {
		return 0
	}
	words := wordsOf(l.names[len(l.names)-1])
	switch {
	case has(words[max(len(words)-1, 0):], wordsHolders):
		return -100
	case has(words, wordsList):
		return 20
	case has(words, wordsNotList):
		return -40
	}
	return 0
}

// judgeAmount finds the points: a column of earned and one of lost points, or one column; and how sure that is.
func (l *list) judgeAmount() int {
	if earned, lost := l.best(earnedScore, 20), l.best(lostScore, 20); earned != nil && lost != nil && earned != lost && earned.parent() == lost.parent() {
		l.roles.earned, l.roles.lost = earned, lost
		return earnedScore(earned, l.records) + 10
	}
	best := l.best(amountScore, 0)
	if best == nil {
		return 0
	}
	l.roles.amounts = append(l.roles.amounts, best)
	for _, other := range l.columns {
		if best.optional && other != best && slices.Equal(other.leaf(), best.leaf()) && amountScore(other, l.records) > 0 && l.apart(other) {
			l.roles.amounts = append(l.roles.amounts, other)
		}
	}
	return amountScore(best, l.records)
}

// apart tells whether no record has this column and one of the amounts.
func (l *list) apart(other *column) bool {
	for record := range l.records {
		for _, amount := range l.roles.amounts {
			if other.value(record) != "" && amount.value(record) != "" {
				return false
			}
		}
	}
	return true
}

func (c *column) parent() string { return strings.Join(c.names[:max(len(c.names)-1, 0)], "\x00") }

// score adds up points for what holds.
type score int

func (s *score) when(holds bool, points int) {
	if holds {
		*s += score(points)
	}
}

// common is what every judgement of a column begins with: what stands deep, outside or in few records is less likely.
func (c *column) common(records int) score {
	s := score(-4 * (len(c.names) - 1))
	s.when(c.ups > 0, -10)
	s.when(c.present*2 < records, -5)
	s.when(has(c.parents(), wordsPrivate), -20)
	return s
}

const never = -1000

func amountScore(c *column, records int) int {
	leaf := c.leaf()
	if !c.numbers && !c.mock || c.clock.found() || c.ups > 0 || c.present == 0 {
		return never
	}
	s := c.common(records) + 5
	paid := has(leaf, wordsPoints) && has(leaf, wordsMoney)
	s.when(has(leaf, wordsPoints), 50)
	s.when(has(leaf, wordsAmount), 30)
	s.when(has(leaf, wordsPlusColumn) || has(leaf, wordsMinusColumn), 30)
	s.when(has(c.parents(), wordsPoints), 15)
	s.when(has(leaf, wordsNotAmount), -70)
	s.when(has(leaf, wordsIdentity), -70)
	s.when(has(leaf, wordsMoney) && !paid, -70)
	s.when(has(c.parents(), wordsMoney), -20)
	s.when(has(leaf, wordsType) && !has(leaf, wordsPoints) && !has(leaf, wordsAmount), -40)
	s.when(c.negative > 0, 25)
	s.when(c.mock && !has(leaf, wordsAmount) && !has(leaf, wordsPoints), -40)
	s.when(c.idLike(), -30)
	return int(s)
}

// idLike are large whole numbers that are all different.
func (c *column) idLike() bool {
	return c.whole && c.negative == 0 && c.longest >= 6 && c.distinct == c.present
}

// lostScore judges a column that may hold lost points only.
func lostScore(c *column, records int) int {
	leaf := c.leaf()
	if !has(leaf, wordsMinusColumn) && !(has(leaf, wordsPoints) && has(leaf, wordsMoney)) || has(leaf, wordsPlusColumn) || c.negative > 0 && c.positive > 0 {
		return never
	}
	return amountScore(c, records)
}

// earnedScore judges a column that may hold earned points only.
func earnedScore(c *column, records int) int {
	leaf := c.leaf()
	if has(leaf, wordsMinusColumn) || has(leaf, wordsMoney) || !has(leaf, wordsPlusColumn) && !has(leaf, wordsPoints) || c.negative > 0 {
		return never
	}
	s := score(amountScore(c, records))
	s.when(has(leaf, wordsPlusColumn), 20)
	return int(s)
}

func identityScore(c *column, records int) int {
	leaf := c.leaf()
	if c.present < records || c.distinct < min(records, mostDistinct) || c.clock.found() || c.truths || !has(leaf, wordsIdentity) || len(c.names) > 1 || c.ups > 0 || c.mock {
		return never
	}
	var s score = 15
	s.when(len(leaf) == 1, 30)
	s.when(has(leaf, wordsList), 20)
	s.when(has(leaf, wordsNotAmount) && !has(leaf, wordsIdentity), -10)
	s.when(has(leaf, strings.Fields("order customer user client card account store external parent receipt check заказ*")), -40)
	return int(s)
}

// unit finds the currency beside the amount.
func (l *list) unit() *column {
	if len(l.roles.amounts) != 1 {
		return nil
	}
	amount := l.roles.amounts[0]
	for _, column := range l.columns {
		if column.parent() == amount.parent() && column.ups == 0 && column.texts && has(column.leaf(), strings.Fields("currency unit валюта wahrung waehrung moneda divisa единица")) && !has(column.leaf(), wordsIdentity) {
			return column
		}
	}
	return nil
}
