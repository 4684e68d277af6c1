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
	"slices"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// Mapping turns records into entries. Only [New] makes one. It is immutable and safe for concurrent use.
type Mapping struct {
	plan       document.Plan
	fields     []field // in the order of plan.Fields
	rules      []rule
	kinds      kinds
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
	for i := range m.fields {
		m.fields[i].from = len(m.plan.Fields)
		m.plan.Fields = append(m.plan.Fields, m.fields[i].at...)
	}
	names := &scope{fields: m.fields, problems: &problems}
	m.rules = newRules(cfg, names)
	m.kinds = newKinds(cfg.Kinds, names)
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

// Entries makes entries of the records, which are not kept, as they are at a time. The error is a *[Failed], when more
// records are unreadable than the config allows, or all of them; the Result then has counts and problems, and no entries.
// No records are no error.
func (m *Mapping) Entries(records []document.Record, now time.Time) (Result, error) {
	result := Result{Records: len(records)}
	row := &row{mapping: m, data: make([]document.Datum, len(m.fields)), now: now.UTC()}
	for i, record := range records {
		made, meaning := m.read(record, row)
		result.count(&meaning, i+1)
		switch meaning.fate {
		case Shown:
			result.add(made, len(records)-i)
		case Unreadable:
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
func (m *Mapping) read(record document.Record, row *row) (Entry, meaning) {
	if problem := record.Problem(); problem != "" {
		return Entry{}, meaning{}.unreadable(Problem{Place: "records", Why: problem})
	}
	for i := range m.fields {
		datum, why := m.fields[i].read(record)
		if why != "" {
			return Entry{}, meaning{}.unreadable(Problem{Place: m.fields[i].place, Why: why})
		}
		row.data[i] = datum
	}
	row.step = record.Step()
	row.meaning = m.decide(row)
	if row.meaning.fate != Shown {
		return Entry{}, row.meaning
	}
	made := Entry{Added: row.meaning.added, Expired: row.meaning.expired}
	if problem := m.entry.describe(&made, row); problem.Place != "" {
		return Entry{}, row.meaning.unreadable(problem)
	}
	return made, row.meaning
}

// sortEntries puts the newest activation first. An entry without one has the zero time, which is older than any year
// that a field may have, and so comes last.
func sortEntries(entries []Entry) {
	slices.SortStableFunc(entries, func(a, b Entry) int { return b.Activation.Compare(a.Activation) })
}
