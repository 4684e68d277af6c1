// Package mapping is the meaning of a CRM's records: it reads declared fields with their types, finds the first rule
// that holds, and makes entries of added and expired points.
//
// It is pure: no network, no log, no clock, so the same records give the same entries, today and tomorrow. How records
// are fetched is package crm's business, how entries are written for Imshop is package adapter's.
//
// A record that cannot be read is never guessed at. It is counted, and told by its number, its field or rule and a
// reason; a value of a customer's record stands in no message.
package mapping

import (
	"fmt"
	"slices"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// Mapping turns records into entries. Only [New] makes one. It is immutable and safe for concurrent use.
type Mapping struct {
	plan       document.Plan
	fields     []field // in the order of plan.Fields
	rules      []rule
	entry      entry
	limit      int // 0 is none
	failAtOnce bool
	most       float64 // the share of records that may be unreadable
}

// New compiles a config. The error joins every [config.Problem], with places relative to the section; the Mapping is nil
// if there is one.
func New(cfg Config) (*Mapping, error) {
	var problems config.Problems
	m := &Mapping{limit: cfg.Limit, most: float64(cfg.MaxUnreadable), failAtOnce: cfg.OnUnreadable == onUnreadableFail}
	m.plan.Sources = newSources(cfg.Records, &problems)
	m.fields = newFields(cfg.Fields, &problems)
	checkUps(m.fields, m.plan.Sources, &problems)
	for _, f := range m.fields {
		m.plan.Fields = append(m.plan.Fields, f.at)
	}
	names := &scope{fields: m.fields, problems: &problems}
	m.rules = newRules(cfg.Rules, names)
	m.entry = newEntry(cfg.Entry, names)
	checkPolicy(cfg, &problems)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return m, nil
}

// Plan says where the records are and which members are read. The records given to [Mapping.Entries] are to be made by
// this plan. The caller owns the copy.
func (m *Mapping) Plan() document.Plan {
	return document.Plan{Sources: slices.Clone(m.plan.Sources), Fields: slices.Clone(m.plan.Fields)}
}

// Plan says where the records are even if the rest of the config is wrong, so that the steps can be judged in the same run.
func (c Config) Plan() document.Plan {
	return document.Plan{Sources: newSources(c.Records, &config.Problems{})}
}

// Result is what became of the records: Records = Unreadable + Unmatched + Skipped + the entries before the limit.
type Result struct {
	Entries    []Entry   // newest activation first, then those without one; equal ones in the order of the records
	Records    int       // how many were given
	Unreadable int       // left out: a value is not what its field declares, or a rule's amount is negative
	Unmatched  int       // left out: no rule holds
	Skipped    int       // left out on purpose: a rule says skip, or neither added nor expired is above zero
	Problems   []Problem // of the unreadable ones, the first of each kind, at most 10
}

// Problem is why a record cannot be read. It holds no value of the record, at most the year of a time.
type Problem struct {
	Record int    // counted from 1
	Place  string // fields.amount, rules[1].added, entry.definitionMessage, or records if it is no object
	Why    string // what it is, and what was expected
}

// String tells the problem in one line.
func (p Problem) String() string { return fmt.Sprintf("record %d: %s %s", p.Record, p.Place, p.Why) }

// Failed is a history of which too little could be read: a half-read history is no history.
type Failed struct {
	Records    int
	Unreadable int // up to the record at which reading stopped
	First      Problem
}

// Error tells how many records cannot be read, and the first of them. It holds no value of a record.
func (f *Failed) Error() string {
	return fmt.Sprintf("%d of %d records cannot be read; the first: %s", f.Unreadable, f.Records, f.First)
}

const mostProblems = 10

// Entries makes entries of the records, which are not kept. The error is a *[Failed], when more records are unreadable
// than the config allows, or all of them; the Result then has counts and problems, and no entries. No records are no
// error.
func (m *Mapping) Entries(records []document.Record) (Result, error) {
	result := Result{Records: len(records)}
	row := &row{data: make([]document.Datum, len(m.fields))}
	for i, record := range records {
		made, fate, problem := m.read(record, row)
		switch fate {
		case isEntry:
			result.add(made, len(records)-i)
		case isSkipped:
			result.Skipped++
		case isUnmatched:
			result.Unmatched++
		case isUnreadable:
			problem.Record = i + 1
			result.refuse(problem)
			if m.failAtOnce {
				return result.failed()
			}
		}
	}
	if m.tooMany(result) {
		return result.failed()
	}
	sortEntries(result.Entries)
	if m.limit > 0 && len(result.Entries) > m.limit {
		result.Entries = slices.Clip(result.Entries[:m.limit])
	}
	return result, nil
}

// read gives what becomes of one record: every field is read before any rule, so that what a rule happens not to need
// does not decide whether a record is readable.
func (m *Mapping) read(record document.Record, row *row) (Entry, fate, Problem) {
	if problem := record.Problem(); problem != "" {
		return Entry{}, isUnreadable, Problem{Place: "records", Why: problem}
	}
	for i := range m.fields {
		datum, why := m.fields[i].read(record.Field(i))
		if why != "" {
			return Entry{}, isUnreadable, Problem{Place: m.fields[i].place, Why: why}
		}
		row.data[i] = datum
	}
	row.step = record.Step()
	made, fate, problem := decide(m.rules, row)
	if fate == isEntry {
		problem = m.entry.describe(&made, row)
	}
	if problem.Place != "" {
		return Entry{}, isUnreadable, problem
	}
	return made, fate, Problem{}
}

// roundingError is less than any one record of a history, and more than what a share loses as a float64.
const roundingError = 1e-6

func (m *Mapping) tooMany(result Result) bool {
	if result.Unreadable == 0 {
		return false
	}
	allowed := m.most*float64(result.Records) + roundingError
	return result.Unreadable == result.Records || float64(result.Unreadable) > allowed
}

func (r *Result) add(made Entry, left int) {
	if r.Entries == nil {
		r.Entries = make([]Entry, 0, left)
	}
	r.Entries = append(r.Entries, made)
}

func (r *Result) refuse(problem Problem) {
	r.Unreadable++
	known := func(p Problem) bool { return p.Place == problem.Place && p.Why == problem.Why }
	if len(r.Problems) < mostProblems && !slices.ContainsFunc(r.Problems, known) {
		r.Problems = append(r.Problems, problem)
	}
}

func (r *Result) failed() (Result, error) {
	r.Entries = nil
	return *r, &Failed{Records: r.Records, Unreadable: r.Unreadable, First: r.Problems[0]}
}

// sortEntries puts the newest activation first. An entry without one has the zero time, which is older than any year
// that a field may have, and so comes last.
func sortEntries(entries []Entry) {
	slices.SortStableFunc(entries, func(a, b Entry) int { return b.Activation.Compare(a.Activation) })
}
