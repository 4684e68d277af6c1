package mapping

import (
	"slices"
	"time"

	"bonus-adapter/document"
)

// Told is what became of one record, and why, for commands that explain it. It holds values of the record.
type Told struct {
	Fate    Fate
	Place   string           // of the rule or code that decided: rules[1], kinds.spent.SPEND; of the problem; empty: nothing did
	Problem Problem          // of an unreadable record
	Code    string           // of an unmatched record, if its code is known
	Values  []document.Datum // of the fields, in the order of Fields; those behind one that cannot be read are none
	Entry   Entry            // of a record that is shown
}

// Explain tells what becomes of each record. It is what [Mapping.Entries] does, without order and limit.
func (m *Mapping) Explain(records []document.Record, now time.Time) []Told {
	all := make([]Told, len(records))
	for i, record := range records {
		row := &row{mapping: m, data: make([]document.Datum, len(m.fields)), now: now.UTC()}
		made, meaning := m.read(record, row)
		told := &all[i]
		told.Fate, told.Place, told.Code, told.Values = meaning.fate, meaning.place, meaning.code, slices.Clone(row.data)
		switch meaning.fate {
		case Shown:
			told.Entry = made
		case Unreadable:
			told.Problem, told.Place = meaning.problem, meaning.problem.Place
			told.Problem.Record = i + 1
		}
	}
	return all
}

// Fields gives the names of the fields, in the order of the plan.
func (m *Mapping) Fields() []string {
	names := make([]string, len(m.fields))
	for i := range m.fields {
		names[i] = m.fields[i].name
	}
	return names
}
