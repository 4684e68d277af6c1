package infer

import (
	"slices"
	"strings"

	"bonus-adapter/document"
	"bonus-adapter/mapping"
)

// profile is what the values of a column are.
type profile struct {
	present  int  // records that have a value, the empty text not counted
	optional bool // some have none
	void     []string
	numbers  bool // every value is a decimal
	literal  bool // and written as a number
	whole    bool // without a fraction
	negative int
	positive int
	truths   bool  // every value is true or false
	texts    bool  // every value is a text
	clock    clock // how every value is a time, if it is one
	distinct int   // different values, up to mostDistinct
	counts   map[string]int
	longest  int  // of the texts, in bytes
	mock     bool // every value is a placeholder of a documentation: {Amount}, <date>
}

const mostDistinct = 100

// voids are values by which CRMs say that there is none.
var voids = []string{"false", "null", "none", "n/a", "-", "0001-01-01T00:00:00", "0001-01-01T00:00:00Z", "0001-01-01 00:00:00", "0000-00-00", "0000-00-00 00:00:00", "1900-01-01", "1900-01-01T00:00:00", "unlimited", "never"}

// judge finds what the values are.
func (c *column) judge(records int) {
	var values []document.Value
	c.counts = map[string]int{}
	for _, value := range c.values {
		text := strings.TrimSpace(value.Text())
		if value.Kind() == document.Missing || text == "" {
			continue
		}
		if len(c.counts) < mostDistinct || c.counts[text] > 0 {
			c.counts[text]++
		}
		values = append(values, value)
	}
	c.distinct, c.present = len(c.counts), len(values)
	c.optional = c.present < records
	c.kinds(values)
	c.numbered(values)
	if c.clock = clockOf(values, c); c.clock.found() {
		return
	}
	if kept := withoutVoids(values); len(kept) > 0 && len(kept) < len(values) {
		if c.clock = clockOf(kept, c); c.clock.found() {
			c.void = voidsIn(values)
		}
	}
}

func withoutVoids(values []document.Value) []document.Value {
	return slices.DeleteFunc(slices.Clone(values), isVoid)
}

func isVoid(value document.Value) bool {
	return slices.ContainsFunc(voids, func(known string) bool { return strings.EqualFold(known, strings.TrimSpace(value.Text())) })
}

func voidsIn(values []document.Value) []string {
	var found []string
	for _, value := range values {
		if isVoid(value) && !slices.Contains(found, value.Text()) {
			found = append(found, value.Text())
		}
	}
	return found
}

func (c *column) kinds(values []document.Value) {
	c.truths, c.texts = len(values) > 0, len(values) > 0
	c.mock = c.texts
	for _, value := range values {
		c.mock = c.mock && isMock(value.Text())
		c.truths = c.truths && value.Kind() == document.Bool
		c.texts = c.texts && value.Kind() == document.Text
		c.longest = max(c.longest, len(value.Text()))
	}
}

func isMock(text string) bool {
	text = strings.TrimSpace(text)
	return len(text) > 2 && (text[0] == '{' && strings.HasSuffix(text, "}") || text[0] == '<' && strings.HasSuffix(text, ">"))
}

// numbered reads the values as decimals, as mapping would.
func (c *column) numbered(values []document.Value) {
	reader, err := mapping.NewReader(mapping.Field{At: mapping.Paths{c.at()}, As: "decimal"})
	c.numbers, c.literal, c.whole = err == nil && len(values) > 0, true, true
	for _, value := range values {
		if !c.numbers {
			return
		}
		datum, err := reader.Read(value)
		c.numbers = err == nil
		c.literal = c.literal && value.Kind() == document.Number
		c.whole = c.whole && !strings.Contains(datum.Number().String(), ".")
		switch datum.Number().Sign() {
		case 1:
			c.positive++
		case -1:
			c.negative++
		}
	}
}

// at is the path of a column; it is written by KeyPath, so it can be read.
func (c *column) at() document.Path {
	path, _ := document.ParsePath(c.path)
	return path
}

// leaf is the column's own key, taken apart.
func (c *column) leaf() []string {
	if len(c.names) == 0 {
		return nil
	}
	name := c.names[len(c.names)-1]
	if name == "#text" && len(c.names) > 1 {
		name = c.names[len(c.names)-2]
	}
	return wordsOf(name)
}

// parents are the keys around it, taken apart.
func (c *column) parents() []string {
	var all []string
	for _, name := range c.names[:max(len(c.names)-1, 0)] {
		all = append(all, wordsOf(name)...)
	}
	return all
}

// value gives the text of a record's value, "" where there is none.
func (c *column) value(record int) string {
	if record >= len(c.values) {
		return ""
	}
	return strings.TrimSpace(c.values[record].Text())
}

// filled are the values that are there.
func (c *column) filled() []document.Value {
	return slices.DeleteFunc(slices.Clone(c.values), func(value document.Value) bool {
		return value.Kind() == document.Missing || strings.TrimSpace(value.Text()) == ""
	})
}
