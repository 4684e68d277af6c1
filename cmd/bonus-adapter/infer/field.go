package infer

import (
	"fmt"
	"strings"
)

// amountFields declares the fields that hold points.
func (p *Proposal) amountFields() {
	r := p.list.roles
	if r.earned != nil {
		p.declare("earned", r.earned, Field{As: "decimal"}, "")
		p.declare("lost", r.lost, Field{As: "decimal"}, "")
		return
	}
	for i, amount := range r.amounts {
		name := "amount"
		if len(r.amounts) > 1 {
			name = fmt.Sprintf("amount%d", i+1)
		}
		p.declare(name, amount, Field{As: "decimal"}, "numbers: "+signsOf(amount))
		p.Mock = p.Mock || amount.mock
	}
	if amount := r.amounts[0]; !has(amount.leaf(), wordsPoints) {
		p.guess("%q holds the points: %s", amount.path, signsOf(amount))
	} else {
		p.sure("%q holds the points: %s", amount.path, signsOf(amount))
	}
	p.unitField()
}

// unitField keeps amounts of money apart from points.
func (p *Proposal) unitField() {
	unit := p.list.roles.unit
	if unit == nil {
		return
	}
	var money []string
	for _, value := range sorted(unit.counts) {
		if has(wordsOf(value), wordsMoneyUnit) {
			money = append(money, value)
		}
	}
	if len(money) == 0 {
		return
	}
	p.declare("unit", unit, Field{}, "values: "+quoted(sorted(unit.counts)))
	p.guard = "not (" + is(p.name(unit), money) + ")"
	p.ask("%s %s is money, not points: such records have no rule and count as unmatched; is that right, and where are their points?", p.of(unit), quoted(money))
}

func signsOf(c *column) string {
	if c.mock {
		return "placeholders in the sample"
	}
	return fmt.Sprintf("%d positive, %d negative", c.positive, c.negative)
}

func (p *Proposal) timeField(name string, column *column) {
	if column == nil {
		return
	}
	clock := column.clock
	if column.mock {
		clock.as = "time"
	}
	field := Field{As: clock.as, Layout: clock.layout, Void: column.void}
	note := clock.shown() + `, such as "` + first(column.counts) + `"`
	if !clock.zoned {
		field.Zone, note = p.zone(column), note+": "+p.zoneNote(column)
	}
	if clock.either {
		note += "; ASK: is the day first? the sample allows both"
		p.ask("%q may be read with the day or the month first: such as %q", column.path, first(column.counts))
	}
	if len(column.void) > 0 {
		note += "; " + quoted(column.void) + " stands for none"
		p.guess("%s of %q stands for no time", quoted(column.void), column.path)
	}
	p.declare(name, column, field, note)
	if clock.zoned {
		p.sure("%q is %s: %s", column.path, roleOf(name), clock.shown())
	} else {
		p.guess("%q is %s: %s, read in %s", column.path, roleOf(name), clock.shown(), field.Zone)
	}
}

func roleOf(name string) string {
	return map[string]string{"created": "when it happened", "active": "when the points become active", "expires": "when the points expire"}[name]
}

const usualZone = "Europe/Moscow"

func (p *Proposal) zone(c *column) string {
	if has(c.leaf(), wordsUTC) || strings.HasSuffix(c.clock.layout, "UTC") || strings.HasSuffix(c.clock.layout, "GMT") {
		return "UTC"
	}
	return usualZone
}

func (p *Proposal) zoneNote(c *column) string {
	if p.zone(c) == "UTC" {
		return "the zone is UTC by name"
	}
	p.ask("%q has no zone: is it %s?", c.path, usualZone)
	return "ASK: is this the zone?"
}
