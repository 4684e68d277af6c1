package infer

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"bonus-adapter/document"
)

// Proposal is what was found out.
type Proposal struct {
	Format  document.Format
	Records string // the path of the list, without the step
	Count   int    // of the records in the samples
	Fields  []Field
	Rules   []Rule
	Kinds   []Group // of the column that holds the codes, after the rules
	By      string  // what tells earned points from lost ones, such as BySign
	Entry   Entry
	Unique  string // the field by which a record is known; empty if there is none
	Fail    string // a condition: the answer says that it is an error
	Pages   []Page // what the answer says about pages

	Sure, Guessed, Asked []string // the findings, each in one line
	Mock                 bool     // the sample's values are placeholders: nothing can be read of it

	list  *list
	field map[*column]string
	guard string // holds of records whose amount is points
}

// Field is a proposed field.
type Field struct {
	Name, At, As, Zone, Layout string
	With                       string // a second path, whose text is joined to that of the first; empty for none
	Optional                   bool
	Void                       []string // values that stand for none
	Notes                      []string
}

// Entry is what an entry shows.
type Entry struct{ Message, Activation, Expiration string }

func (p *Proposal) sure(format string, args ...any) {
	p.Sure = append(p.Sure, fmt.Sprintf(format, args...))
}

func (p *Proposal) guess(format string, args ...any) {
	p.Guessed = append(p.Guessed, fmt.Sprintf(format, args...))
}

func (p *Proposal) ask(format string, args ...any) {
	p.Asked = append(p.Asked, fmt.Sprintf(format, args...))
}

// describe fills the proposal.
func (p *Proposal) describe(lists []*list, roots []document.Value) {
	p.field = map[*column]string{}
	p.Records, p.Count = p.list.path, p.list.records
	p.sure("the transactions are at %s: %s in the sample", orRoot(p.list.path), plural(p.list.records, "record"))
	p.others(lists)
	if r := &p.list.roles; r.earned != nil || r.debit != nil && r.debit.distinct == 2 && !p.anyNegative() {
		r.kind = nil // it is not needed
	}
	p.fields()
	p.classify()
	p.entry()
	p.envelope(roots)
}

func orRoot(path string) string {
	if path == "" {
		return "the root of the answer"
	}
	return path
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// others tells of further lists that hold amounts: some CRMs keep one purchase's points in lists inside of it.
func (p *Proposal) others(lists []*list) {
	const most = 4
	var places []string
	for _, other := range lists {
		if other != p.list && other.score > 40 && len(places) < most {
			places = append(places, fmt.Sprintf("%s (%s)", other.path, plural(other.records, "record")))
		}
	}
	if len(places) > 0 {
		p.guess("other lists hold amounts too, and were left aside: %s", strings.Join(places, ", "))
	}
}

// fields declares a field for every role.
func (p *Proposal) fields() {
	r := p.list.roles
	p.amountFields()
	p.declare("type", r.kind, Field{Optional: !p.kindDecides()}, "")
	if r.kind != nil {
		p.noteLast(plural(r.kind.distinct, "different value"))
	}
	if r.status != nil && p.statusMatters() {
		p.declare("status", r.status, Field{}, "values: "+quoted(sorted(r.status.counts)))
	}
	if r.debit != nil && r.earned == nil && !p.anyNegative() && r.debit.distinct == 2 {
		p.declare("debit", r.debit, Field{As: "bool"}, "")
	}
	for _, each := range []struct {
		name   string
		column *column
	}{{"created", r.created}, {"active", r.activates}, {"expires", r.expires}} {
		p.timeField(each.name, each.column)
	}
	for _, column := range r.unreadables {
		p.ask("%q looks like a time by its name, but %q is none that could be read", column.path, first(column.counts))
	}
	if r.text != nil && r.text != r.kind {
		p.declare("text", r.text, Field{Optional: true}, "what the customer reads; internal notes are never proposed")
		p.guess("%q is what the customer reads", r.text.path)
	}
	if r.identity != nil && p.field[r.identity] == "" && p.list.records > 1 {
		p.declare("id", r.identity, Field{}, "another one in each record")
		p.Unique = "id"
		p.guess("%q is another one in each record: a record that comes twice, as on two pages, is dropped", r.identity.path)
	}
	if r.created == nil && r.activates == nil {
		p.ask("no time was found that tells when points came or went: name it in entry.activationDate")
	}
}

// kindDecides tells whether a rule will ask for the kind of a transaction; otherwise it is evidence only.
func (p *Proposal) kindDecides() bool {
	return p.list.roles.kind != nil && (!p.anyNegative() || slices.ContainsFunc(p.list.codes(), code.contradicts))
}

func (p *Proposal) statusMatters() bool {
	for value := range p.list.roles.status.counts {
		if words := wordsOf(value); has(words, wordsCanceled) || has(words, wordsPending) {
			return true
		}
	}
	return false
}

// declare adds a field for a column, once. Its name is the role's.
func (p *Proposal) declare(name string, column *column, field Field, note string) {
	if column == nil || p.field[column] != "" {
		return
	}
	field.Name, field.At = name, column.path
	if column.beside != nil {
		field.With = column.beside.path
		field.Optional = field.Optional || column.beside.optional
	}
	field.Optional = field.Optional || column.optional
	if note != "" {
		field.Notes = append(field.Notes, note)
	}
	if column.optional && column.present < p.list.records {
		field.Notes = append(field.Notes, fmt.Sprintf("in %d of %d records", column.present, p.list.records))
	}
	p.field[column] = name
	p.Fields = append(p.Fields, field)
}

func (p *Proposal) noteLast(note string) {
	last := &p.Fields[len(p.Fields)-1]
	last.Notes = append(last.Notes, note)
}

// name is the field of a column.
func (p *Proposal) name(c *column) string { return p.field[c] }

// of names a column in a message.
func (p *Proposal) of(c *column) string { return fmt.Sprintf("%q", c.path) }

func (p *Proposal) amount() string {
	var all []string
	for _, amount := range p.list.roles.amounts {
		all = append(all, p.name(amount))
	}
	if len(all) == 1 {
		return all[0]
	}
	return "(" + strings.Join(all, " ?? ") + ")"
}

func (p *Proposal) amountPath() string {
	var all []string
	for _, amount := range p.list.roles.amounts {
		all = append(all, fmt.Sprintf("%q", amount.path))
	}
	return strings.Join(all, ", ")
}

func (p *Proposal) entry() {
	r := p.list.roles
	if text := p.name(r.text); text != "" {
		p.Entry.Message = text + " ?? kind" // the words that mapping has for what happened
	}
	p.Entry.Activation, p.Entry.Expiration = p.name(r.created), p.name(r.expires)
	switch active := p.name(r.activates); {
	case active != "" && p.Entry.Activation == "":
		p.Entry.Activation = active
	case active != "" && r.activates.optional:
		p.Entry.Activation = active + " ?? " + p.Entry.Activation
	case active != "":
		p.Entry.Activation = active
	}
}

func sorted(counts map[string]int) []string { return slices.Sorted(maps.Keys(counts)) }

func first(counts map[string]int) string {
	if all := sorted(counts); len(all) > 0 {
		return all[0]
	}
	return ""
}

func quoted(texts []string) string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = fmt.Sprintf("%q", text)
	}
	return strings.Join(all, ", ")
}
