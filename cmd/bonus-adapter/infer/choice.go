package infer

import (
	"fmt"
	"slices"
	"strings"
)

// Choices are what an integrator has decided about a sample. What nothing is chosen for is proposed as ever.
type Choices struct {
	// Fields gives for a field of [Fields] the path of the member that it reads, or nothing if there is to be no such
	// field. A path that the records do not have is left out of account. The points cannot be left out.
	Fields map[string]string
	// Codes gives for a code the group of mapping.kinds that it belongs to: one of [Groups].
	Codes map[string]string
}

// Fields are the fields that can be chosen.
func Fields() []string {
	return []string{"amount", "earned", "lost", "created", "active", "expires", "type", "status", "debit", "text", "id"}
}

// Groups are the groups of mapping.kinds.
func Groups() []string {
	return []string{groupAdded, groupRefunded, groupSpent, groupBurned, groupCanceled, groupSkip}
}

// choose puts what was chosen in the place of what was found.
func (l *list) choose(c Choices) {
	l.chosen = c.Codes
	for _, name := range Fields() {
		path, given := c.Fields[name]
		column := l.index[path]
		if !given || path != "" && column == nil {
			continue
		}
		l.roles.set(name, column)
	}
	if len(l.roles.amounts) == 0 { // one of two columns was given up: the other one has a sign, or its records are all alike
		for _, left := range []**column{&l.roles.earned, &l.roles.lost} {
			if *left != nil && len(l.roles.amounts) == 0 && (l.roles.earned == nil || l.roles.lost == nil) {
				l.roles.amounts, *left = []*column{*left}, nil
			}
		}
	}
}

// set gives a role to a column; nil takes it away.
func (r *roles) set(name string, column *column) {
	switch name {
	case "amount":
		if column != nil {
			r.amounts, r.earned, r.lost = append(r.amounts[:0:0], column), nil, nil
		}
	case "earned":
		r.earned = column
	case "lost":
		r.lost = column
	case "created":
		r.created = column
	case "active":
		r.activates = column
	case "expires":
		r.expires = column
	case "type":
		r.kind = column
	case "status":
		r.status = column
	case "debit":
		r.debit = column
	case "text":
		r.text = column
	case "id":
		r.identity = column
	}
}

// Column is a member of the records, as somebody sees it who chooses one.
type Column struct {
	Path    string   `json:"path"`
	Present int      `json:"present"` // records that have a value
	Values  []string `json:"values"`  // some, as they are written
	Number  bool     `json:"number"`
	Time    bool     `json:"time"`
}

// Columns are the members of the records, in the order of the sample.
func (p *Proposal) Columns() []Column {
	const most = 3
	var all []Column
	for _, column := range p.list.columns {
		values := sorted(column.counts)
		all = append(all, Column{
			Path: column.path, Present: column.present, Values: values[:min(len(values), most)],
			Number: column.numbers, Time: column.clock.found(),
		})
	}
	return all
}

// Code is one value of the member that tells sorts of transactions apart.
type Code struct {
	Text     string `json:"text"`
	Evidence string `json:"evidence"`
	Group    string `json:"group"` // where it is put; empty if that is asked
}

// Codes are the values that decide, the most frequent first; none if something else tells earned points from lost ones.
func (p *Proposal) Codes() []Code {
	if p.By != ByCode || p.list.roles.kind == nil {
		return nil
	}
	var all []Code
	for _, one := range p.list.codes() {
		group, _ := one.group()
		all = append(all, Code{one.text, one.evidence(), group})
	}
	return all
}

// How sure a proposed field is.
const (
	Sure    = "sure"
	Guessed = "guessed"
	Asked   = "asked"
)

// Evidence gives how sure a field is, and the findings that speak of its member.
func (p *Proposal) Evidence(field Field) (confidence string, findings []string) {
	confidence = Sure
	for _, each := range []struct {
		name string
		all  []string
	}{{Sure, p.Sure}, {Guessed, p.Guessed}, {Asked, p.Asked}} {
		about := slices.DeleteFunc(slices.Clone(each.all), func(line string) bool { return !strings.Contains(line, fmt.Sprintf("%q", field.At)) })
		if findings = append(findings, about...); len(about) > 0 {
			confidence = each.name
		}
	}
	return confidence, findings
}
