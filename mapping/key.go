package mapping

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// key is what records have in common: the values of some expressions. The empty key is no record's.
type key struct {
	parts []formula
	place string
}

func newKey(place string, sources Names, names *scope) key {
	made := key{place: place}
	for i, source := range sources {
		at := place
		if len(sources) > 1 {
			at = config.Index(place, i)
		}
		if strings.TrimSpace(source) == "" {
			names.problems.Add(at, "an empty text is no field")
			continue
		}
		made.parts = append(made.parts, names.formula(at, source, document.TypeNone))
	}
	return made
}

// of appends a record's key to room: no two different ones are written alike. It is nil if a part of it is none.
func (k *key) of(row *row, room []byte) ([]byte, *Problem) {
	if len(k.parts) == 0 {
		return nil, nil
	}
	for i := range k.parts {
		datum, problem := k.parts[i].eval(row)
		if datum.Type == document.TypeNone {
			return nil, problem
		}
		text := datum.String()
		if datum.Type == document.TypeTime {
			text = datum.Time().Format(time.RFC3339Nano) // a request's spelling has whole seconds
		}
		room = binary.AppendUvarint(room, uint64(len(text)))
		room = append(room, text...)
	}
	return room, nil
}

// isAgain gives the number of the earlier record that has the same key, 0 if there is none. One with the same key and
// other values is a problem: nobody knows which of the two is true.
func (r *reading) isAgain(i int) (int, *Problem) {
	key, problem := r.unique.of(r.row, r.key[:0])
	if key == nil {
		return 0, problem
	}
	r.key = key
	first, known := r.first[string(key)]
	if !known {
		if r.first == nil {
			r.first = make(map[string]int, len(r.records))
		}
		r.first[string(key)] = i
		return 0, nil
	}
	before := &row{mapping: r.Mapping, data: make([]document.Datum, len(r.fields)), now: r.row.now}
	r.read(r.records[first], before)
	for f := range r.fields {
		if !same(before.data[f], r.row.data[f]) {
			return 0, &Problem{Place: r.unique.place, Why: fmt.Sprintf("is that of an earlier record with another %s", r.fields[f].name)}
		}
	}
	return first + 1, nil
}

func same(a, b document.Datum) bool {
	return a.Type == b.Type && a.Text == b.Text && a.Number() == b.Number() && a.Bool() == b.Bool() && a.Time().Equal(b.Time())
}

// join adds an entry to the one that its group is already.
func (r *reading) join(made *Entry, became *meaning) {
	key, problem := r.group.of(r.row, r.key[:0])
	if key == nil {
		if problem != nil {
			became.refused(problem)
		}
		return
	}
	r.key = key
	at, known := r.grouped[string(key)]
	if !known {
		if r.grouped == nil {
			r.grouped = make(map[string]int)
		}
		r.grouped[string(key)] = len(r.result.Entries)
		return
	}
	first := &r.result.Entries[at]
	added, err := first.Added.Add(made.Added)
	expired, again := first.Expired.Add(made.Expired)
	if err = cmp.Or(err, again); err != nil {
		became.refused(&Problem{Place: r.group.place, Why: "cannot be summed: " + err.Error()})
		return
	}
	first.Added, first.Expired = added, expired
	became.fate, became.with = Grouped, first.Record
}
