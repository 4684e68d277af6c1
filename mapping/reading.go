package mapping

import (
	"time"

	"bonus-adapter/document"
)

// reading is the way of one history through a mapping. It is used once, by one goroutine.
type reading struct {
	*Mapping
	records []document.Record
	row     *row
	oldest  Moment         // what is before it is too old
	seen    []bool         // by field: some record has something at its path
	unseen  int            // fields of which that is not so
	first   map[string]int // by key: the number of the first record that has it
	grouped map[string]int // by key: the number of the entry that its records are
	key     []byte         // room for one
	made    Entry          // room for one: escaping, it would cost one for each record
	result  Result
}

func (m *Mapping) newReading(records []document.Record, now time.Time) *reading {
	made := &reading{
		Mapping: m, records: records, seen: make([]bool, len(m.fields)), unseen: len(m.fields), result: Result{Records: len(records)},
		row: &row{mapping: m, data: make([]document.Datum, len(m.fields)), now: now.UTC()},
	}
	if m.since > 0 {
		made.oldest = NewMoment(now.Add(-m.since))
	}
	return made
}

// all reads every record. watch, if it is not nil, is shown what became of each.
func (r *reading) all(watch func(record int, made *Entry, became *meaning)) (Result, error) {
	var stopped *Result // as it was when nothing more had to be read
	for i := range r.records {
		made := &r.made
		*made = Entry{Record: i + 1}
		became := r.one(i, made)
		if watch != nil {
			watch(i, made, became)
		}
		r.result.count(became, i+1)
		switch {
		case became.fate == Shown:
			r.result.add(made, len(r.records)-i)
		case became.fate == Unreadable && r.failAtOnce && watch == nil:
			return r.result.failed()
		case became.fate == Unreadable && r.failAtOnce && stopped == nil:
			at := r.result
			stopped = &at
		}
	}
	if stopped != nil {
		return stopped.failed()
	}
	r.result.NeverSeen = r.neverSeen()
	if r.tooMany(&r.result) {
		return r.result.failed()
	}
	r.result.Entries = r.arranged(r.result.Entries)
	return r.result, nil
}

// one gives what becomes of one record. Every field is read before anything else, so that what a rule happens not to
// need does not decide whether a record is readable. What it gives is valid until the next call.
func (r *reading) one(i int, made *Entry) *meaning {
	became := &r.row.meaning
	*became = meaning{}
	if problem := r.read(r.records[i], r.row); problem != nil {
		return became.refused(problem)
	}
	r.look(r.records[i])
	if again, problem := r.isAgain(i); problem != nil {
		return became.refused(problem)
	} else if again > 0 {
		became.fate, became.with = Duplicate, again
		return became
	}
	r.decide(r.row)
	if became.fate == Shown {
		r.finish(made, became)
	}
	return became
}

// finish makes the entry of a record that is one.
func (r *reading) finish(made *Entry, became *meaning) {
	made.Added, made.Expired = became.added, became.expired
	waits, problem := r.pending.when.holds(r.row)
	if problem == nil && waits && r.pending.then == thenHide {
		became.fate = Waiting
		return
	}
	if problem == nil {
		problem = r.entry.describe(made, r.row)
	}
	if problem == nil && waits && r.pending.then == thenFuture {
		made.Activation, problem = r.pending.moment(r.row)
	}
	switch {
	case problem != nil:
		became.refused(problem)
	case r.since > 0 && !made.Activation.IsZero() && made.Activation.Compare(r.oldest) < 0:
		became.fate = Old
	default:
		r.join(made, became)
	}
}

// read reads the fields of a record into a row.
func (m *Mapping) read(record document.Record, row *row) *Problem {
	if problem := record.Problem(); problem != "" {
		return &Problem{Place: "records", Why: problem}
	}
	row.step = record.Step()
	for i := range m.fields {
		datum, why := m.fields[i].read(record)
		if why != "" {
			return &Problem{Place: m.fields[i].place, Why: why}
		}
		row.data[i] = datum
	}
	return nil
}

// look notes which fields a record has, null or not.
func (r *reading) look(record document.Record) {
	if r.unseen == 0 {
		return
	}
	for i := range r.seen {
		if !r.seen[i] && r.fields[i].stands(record) {
			r.seen[i] = true
			r.unseen--
		}
	}
}

// neverSeen gives the optional fields that no record has. Where no record could be read, nobody knows.
func (r *reading) neverSeen() (names []string) {
	if r.result.Unreadable == r.result.Records {
		return nil
	}
	for i, seen := range r.seen {
		if !seen && r.fields[i].optional {
			names = append(names, r.fields[i].name)
		}
	}
	return names
}
