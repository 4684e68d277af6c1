package infer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// way is what a code says about the points: that they come or go, or nothing that may be relied on.
type way uint8

const (
	unknown way = iota
	plus
	minus
)

// wayOf reads a code. What may mean either, such as a cancellation or a negation, is unknown.
func wayOf(code string) way {
	words := wordsOf(code)
	if code == "+" || code == "-" {
		words = []string{code}
	}
	comes, goes := has(words, wordsPlus), has(words, wordsMinus)
	switch {
	case has(words, wordsReversal), has(words, wordsNegation), comes == goes:
		return unknown
	case comes:
		return plus
	}
	return minus
}

// code is one value of the column that tells sorts of transactions apart, and the signs seen with it.
type code struct {
	text                     string
	way                      way
	seen                     int
	positive, negative, zero int
	without                  int    // records that have no amount
	chosen                   string // the group that it was put into; empty for none
}

// codes gives the values of the column, the most frequent first.
func (l *list) codes() []code {
	found := map[string]*code{}
	for record := range l.records {
		text := l.roles.kind.value(record)
		if text == "" {
			continue
		}
		if found[text] == nil {
			found[text] = &code{text: text, way: wayOf(text), chosen: l.chosen[text]}
		}
		found[text].note(l.sign(record))
	}
	all := make([]code, 0, len(found))
	for _, one := range found {
		all = append(all, *one)
	}
	slices.SortFunc(all, func(a, b code) int { return cmp.Or(cmp.Compare(b.seen, a.seen), cmp.Compare(a.text, b.text)) })
	return all
}

func (c *code) note(sign int, there bool) {
	c.seen++
	switch {
	case !there:
		c.without++
	case sign > 0:
		c.positive++
	case sign < 0:
		c.negative++
	default:
		c.zero++
	}
}

// sign gives the sign of a record's amount; there is false where it has none.
func (l *list) sign(record int) (sign int, there bool) {
	for _, amount := range l.roles.amounts {
		text := amount.value(record)
		switch {
		case text == "":
		case strings.HasPrefix(text, "-"):
			return -1, true
		case strings.Trim(text, "0.,+ ") == "":
			return 0, true
		default:
			return 1, true
		}
	}
	return 0, false
}

// contradicts tells whether the signs seen are not what the code says.
func (c code) contradicts() bool {
	return c.way == minus && c.positive > 0 || c.way == plus && c.negative > 0
}

// evidence is what was seen of a code.
func (c code) evidence() string {
	var signs []string
	for _, each := range []struct {
		count int
		name  string
	}{{c.positive, "positive"}, {c.negative, "negative"}, {c.zero, "zero"}, {c.without, "without an amount"}} {
		switch {
		case each.count == 0:
		case each.count == c.seen && each.name != "without an amount":
			signs = append(signs, "always "+each.name)
		case each.count == c.seen:
			signs = append(signs, each.name)
		default:
			signs = append(signs, fmt.Sprintf("%d %s", each.count, each.name))
		}
	}
	return fmt.Sprintf("%q seen %s, %s", c.text, times(c.seen), strings.Join(signs, ", "))
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
