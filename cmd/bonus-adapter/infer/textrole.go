package infer

import (
	"strings"
	"unicode"
)

// kindScore judges a column as the one that tells sorts of transactions apart.
func kindScore(c *column, records int) int {
	leaf := c.leaf()
	coded := c.texts || c.numbers && c.literal && c.whole && c.negative == 0 && c.distinct <= 12
	if !coded || c.isTime() || c.mock || c.present == 0 || c.longest > 60 || !has(leaf, wordsType) && !c.telling() {
		return never
	}
	s := c.common(records)
	s.when(has(leaf, wordsType), 20)
	s.when(has(leaf, wordsBestType), 20)
	s.when(c.telling(), 25)
	s.when(has(leaf, wordsIdentity) || has(leaf, wordsPrivate), -60)
	s.when(has(leaf, wordsStatus), -60)
	s.when(has(leaf, wordsThing), -40)
	s.when(has(leaf, wordsPoints) && has(leaf, wordsAmount), -60)
	s.when(has(leaf, strings.Fields("card account customer entity category currency reward media source client user")), -25)
	s.when(c.distinct == c.present && c.present > 3, -25)
	s.when(c.distinct > 20, -40)
	s.when(!c.texts && !has(leaf, wordsBestType), -40)
	s.when(has(c.parents(), wordsNotAmount) || has(c.parents(), wordsMoney), -20)
	return int(s)
}

// telling tells whether a column's values say by themselves which way points go.
func (c *column) telling() bool {
	for value := range c.counts {
		if way := wayOf(value); c.texts && c.longest <= 40 && (way == plus || way == minus) {
			return true
		}
	}
	return false
}

func statusScore(c *column, records int) int {
	if !has(c.leaf(), wordsStatus) || !c.texts || c.clock.found() || c.mock || c.distinct > 12 {
		return never
	}
	return int(c.common(records)) + 30
}

// debitScore judges a column of true and false that may say which way the points go.
func debitScore(c *column, records int) int {
	leaf := c.leaf()
	if !c.truths || c.present < records || !has(leaf, strings.Fields("debit credit spend spent income incoming outgoing outgo withdraw withdrawal withdrawn earn earned accrual writeoff списание начисление приход расход minus plus negative positive redeem redeemed")) {
		return never
	}
	return int(c.common(records)) + 30
}

// textScore judges a column as what a customer may read. Internal notes never are.
func textScore(c *column, records int) int {
	leaf := c.leaf()
	switch {
	case !c.texts || c.clock.found() || c.numbers || c.mock || c.present == 0:
		return never
	case has(leaf, wordsPrivate), has(c.parents(), wordsPrivate), has(leaf, wordsPerson), has(c.parents(), wordsPerson):
		return never
	case !c.readable():
		return never
	}
	s := c.common(records)
	s.when(has(leaf, wordsText), 20)
	s.when(has(leaf, wordsBetterText), 20)
	s.when(c.prose(), 15)
	s.when(!c.prose() && !has(leaf, wordsBetterText), -20)
	s.when(c.distinct > 1, 5)
	s.when(has(leaf, wordsIdentity), -50)
	s.when(has(leaf, wordsStatus), -60)
	s.when(has(leaf, wordsThing), -40)
	s.when(has(c.parents(), wordsThing), -20)
	return int(s)
}

// readable refuses addresses and what has no letters.
func (c *column) readable() bool {
	for value := range c.counts {
		if strings.Contains(value, "://") || strings.Contains(value, "@") || !strings.ContainsFunc(value, unicode.IsLetter) {
			return false
		}
	}
	return true
}

// prose tells words for people from codes: they hold spaces, or letters that codes do not have.
func (c *column) prose() bool {
	for value := range c.counts {
		if strings.Contains(strings.TrimSpace(value), " ") || strings.ContainsFunc(value, func(r rune) bool { return r > unicode.MaxLatin1 }) {
			return true
		}
	}
	return false
}
