package mapping

import (
	"bonus-adapter/document"
)

// formula is an expression of the config over what a record has. The zero formula gives none.
type formula struct {
	of    *document.Expression
	place string // of it in the config
	field int    // it is this field and nothing else; -1 if it is more
}

// formula compiles an expression that gives want; the empty one gives the zero formula.
func (s *scope) formula(place, source string, want document.Type) formula {
	made := formula{of: s.compile(place, source, want), place: place, field: -1}
	if made.of != nil {
		if index, alone := made.of.Name(); alone && index >= 0 && index < len(s.fields) {
			made.field = index
		}
	}
	return made
}

func (f *formula) isZero() bool { return f.of == nil }

// eval gives its value for a record, or why it has none: it cannot be computed.
func (f *formula) eval(row *row) (document.Datum, *Problem) {
	if f.of == nil {
		return document.Datum{}, nil
	}
	if f.field >= 0 {
		return row.data[f.field], nil
	}
	datum, err := f.of.Eval(row)
	if err != nil {
		return document.Datum{}, &Problem{Place: f.place, Why: "cannot be computed: " + err.Error()}
	}
	return datum, nil
}

// holds tells whether a condition does. None is false.
func (f *formula) holds(row *row) (bool, *Problem) {
	datum, problem := f.eval(row)
	return datum.Bool(), problem
}

// moment gives a time that an answer can tell. What a field has read is one; days that are added to it or taken from it
// may lead to where a field would not read it.
func (f *formula) moment(row *row) (Moment, *Problem) {
	datum, problem := f.eval(row)
	if datum.Type != document.TypeTime {
		return Moment{}, problem
	}
	if seconds, _ := datum.Unix(); seconds < 0 || seconds >= endOfTime {
		return Moment{}, &Problem{Place: f.place, Why: outside(datum.Time().Year())}
	}
	return momentOf(datum), nil
}
