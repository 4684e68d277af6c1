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
	codeFields []int // the fields whose texts the rules tell apart
	pending    pending
	unique     key
	group      key
	entry      entry
	since      time.Duration // 0 is for ever
	order      string
	limit      int // 0 is none
	failAtOnce bool
	most       float64 // the share of records that may be unreadable
}

// New compiles a config. The error joins every [config.Problem], with places relative to the section; the Mapping is nil
// if there is one.
func New(cfg Config) (*Mapping, error) {
	var problems config.Problems
	m := &Mapping{
		since: time.Duration(cfg.Since), order: cfg.Order, limit: cfg.Limit,
		most: float64(cfg.MaxUnreadable), failAtOnce: cfg.OnUnreadable == onUnreadableFail,
	}
	m.plan.Sources = newSources(cfg.Records, &problems)
	m.fields = newFields(cfg.Fields, &problems)
	checkUps(m.fields, m.plan.Sources, &problems)
	for i := range m.fields {
		m.fields[i].from = len(m.plan.Fields)
		m.plan.Fields = append(m.plan.Fields, m.fields[i].at...)
	}
	names := &scope{fields: m.fields, problems: &problems}
	m.rules = newRules(cfg, names)
	m.codeFields = codeFields(m.rules, m.fields)
	m.kinds = newKinds(cfg.Kinds, names)
	m.pending = newPending(cfg.Pending, names)
	m.unique = newKey("unique", cfg.Unique, names)
	m.group = newKey("group", cfg.Group, names)
	m.entry = newEntry(cfg, names)
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

// Optional names the fields whose absence is normal.
func (m *Mapping) Optional() (names []string) {
	for i := range m.fields {
		if m.fields[i].optional {
			names = append(names, m.fields[i].name)
		}
	}
	return names
}

// Plan says where the records are even if the rest of the config is wrong, so that the steps can be judged in the same run.
func (c Config) Plan() document.Plan {
	return document.Plan{Sources: newSources(c.Records, &config.Problems{})}
}

// Entries makes entries of the records, which are not kept, as they are at a time. The error is a *[Failed], when more
// records are unreadable than the config allows, or all of them; the Result then has counts and problems, and no entries.
// No records are no error.
func (m *Mapping) Entries(records []document.Record, now time.Time) (Result, error) {
	return m.newReading(records, now).all(nil)
}
