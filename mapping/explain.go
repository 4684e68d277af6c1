package mapping

import (
	"slices"
	"time"

	"bonus-adapter/document"
)

// Told is what became of one record, and why. It holds the record's values: it is for the eyes of somebody who asked for
// this customer, never for a log.
type Told struct {
	Fate    Fate
	Place   string      // of the rule or code that decided: rules[1], kinds.spent.SPEND; of the problem; empty if nothing did
	Problem Problem     // of an unreadable record
	Code    string      // of an unmatched record, if its code is known
	With    int         // the number of the record that it is the same as, or whose entry it is part of; else 0
	Fields  []ToldField // in the order of Fields
	Entry   Entry       // of a record that is shown, grouped, old or beyond the limit: what it would be alone
}

// ToldField is how one field of a record was read.
type ToldField struct {
	Name  string
	Raw   []document.Value // what stands at its path, or its paths
	Value document.Datum   // none if it has no value, or could not be read
	Why   string           // it could not be read; empty if it could
}

// Explain does what [Mapping.Entries] does, and tells what becomes of each record: of all of them, also where the config
// fails a history at the first one that cannot be read.
func (m *Mapping) Explain(records []document.Record, now time.Time) ([]Told, Result, error) {
	all := make([]Told, 0, len(records))
	result, err := m.newReading(records, now).all(func(i int, made *Entry, became *meaning) {
		all = append(all, m.told(records[i], made, became))
	})
	if err == nil {
		markBeyondLimit(all, result.Entries)
	}
	return all, result, err
}

// Fields gives the names of the fields in order.
func (m *Mapping) Fields() []string {
	names := make([]string, len(m.fields))
	for i := range m.fields {
		names[i] = m.fields[i].name
	}
	return names
}

func (m *Mapping) told(record document.Record, made *Entry, became *meaning) Told {
	told := Told{Fate: became.fate, Place: became.place, Code: became.code, With: became.with}
	if told.Fate == Unreadable {
		told.Problem, told.Place = *became.problem, became.problem.Place
		told.Problem.Record = made.Record
	}
	if slices.Contains([]Fate{Shown, Grouped, Old}, told.Fate) {
		told.Entry = *made
	}
	for i := range m.fields {
		told.Fields = append(told.Fields, m.fields[i].told(record))
	}
	return told
}

func (f *field) told(record document.Record) ToldField {
	told := ToldField{Name: f.name}
	for i := range f.at {
		told.Raw = append(told.Raw, record.Field(f.from+i))
	}
	if record.Problem() == "" {
		told.Value, told.Why = f.read(record)
	}
	return told
}

// markBeyondLimit finds the entries that the limit has cut off.
func markBeyondLimit(all []Told, shown []Entry) {
	kept := make(map[int]bool, len(shown))
	for i := range shown {
		kept[shown[i].Record] = true
	}
	for i := range all {
		if all[i].Fate == Shown && !kept[i+1] {
			all[i].Fate = BeyondLimit
		}
	}
}
