package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/document"
	"bonus-adapter/mapping"
)

// explainedField is a declared field, or its value in one record.
type explainedField struct {
	Name  string        `json:"name"`
	Value string        `json:"value"`            // as the CRM wrote it; of a declaration, what it says
	Read  string        `json:"read,omitempty"`   // what it is taken for, if that is not the same
	Kind  string        `json:"kind,omitempty"`   // what the value is, if it is no text
	Lines []*configLine `json:"config,omitempty"` // of the declaration
}

// explainedRecord is what became of one record, and which line decided it.
type explainedRecord struct {
	Number int              `json:"record"` // from 1
	Step   string           `json:"step"`
	Fate   string           `json:"fate"`
	Why    string           `json:"why,omitempty"`
	Config *configLine      `json:"config,omitempty"`
	Fields []explainedField `json:"fields"`
	Entry  *explainedEntry  `json:"entry,omitempty"`
	Rules  []explainedNote  `json:"rules,omitempty"` // that were asked and do not hold, of a record that none covers
}

// explainedEntry is an entry for people: times as times.
type explainedEntry struct {
	Number     int           `json:"entry,omitempty"` // of the entry in the answer, from 1; 0 if it is not there on its own
	Added      string        `json:"added"`
	Expired    string        `json:"expired"`
	Message    string        `json:"message"`
	Activation string        `json:"activation,omitempty"`
	Expiration string        `json:"expiration,omitempty"`
	Config     []*configLine `json:"config"` // of what it shows beside its points
}

// records tells what became of every record.
func (x *explainer) records(told *explanation) {
	told.Records, told.Fields = []explainedRecord{}, x.fields()
	if x.heard.history == nil || x.built.mapping == nil {
		return
	}
	records := x.heard.history.Records
	fates, result, _ := x.built.mapping.Explain(records, x.now) // what the error says, the fates say of each record
	for i := range fates {
		one := x.record(records[i], &fates[i])
		one.Number = i + 1
		told.Records = append(told.Records, one)
	}
	for i := range result.Entries {
		if entry := told.Records[result.Entries[i].Record-1].Entry; entry != nil {
			entry.Number = i + 1
		}
	}
	told.Notes = x.notes(records, fates)
}

// fields gives the declared fields.
func (x *explainer) fields() []explainedField {
	var all []explainedField
	for _, name := range x.built.mapping.Fields() {
		place := config.Member("mapping.fields", name)
		all = append(all, explainedField{Name: name, Value: x.file.described(place), Lines: x.file.linesWithin(place)})
	}
	return all
}

func (x *explainer) record(record document.Record, told *mapping.Told) explainedRecord {
	made := explainedRecord{Step: record.Step(), Fate: told.Fate.String()}
	for i := range told.Fields {
		made.Fields = append(made.Fields, x.field(&told.Fields[i]))
	}
	switch told.Fate {
	case mapping.Unreadable:
		made.Why = strings.TrimSpace(told.Problem.Place + " " + x.mask.Text(told.Problem.Why))
		made.Config = x.suspected(config.Join("mapping", told.Problem.Place), told.Problem.Why)
	case mapping.Unmatched:
		if told.Code != "" {
			made.Why = "the code is " + x.mask.Text(told.Code)
		}
		made.Config, made.Rules = firstLine(x.file.lineAt("mapping.rules"), x.file.lineAt("mapping.kinds")), x.rules()
	default:
		made.Why, made.Config = x.decision(told.Place), x.file.lineOf(config.Join("mapping", told.Place))
		if why, place := policy(told); place != "" {
			made.Why, made.Config = why, x.file.lineOf(place)
		} else if x.isZero(told) {
			made.Why += ": its points are 0"
		}
		if told.Entry.Record > 0 {
			made.Entry = x.entry(&told.Entry)
		}
	}
	return made
}

// policy tells why a record that means something is no entry of its own all the same, and where the config says so.
func policy(told *mapping.Told) (why, place string) {
	switch told.Fate {
	case mapping.Duplicate:
		return fmt.Sprintf("it is record %d again", told.With), "mapping.unique"
	case mapping.Grouped:
		return fmt.Sprintf("it is part of the entry of record %d", told.With), "mapping.group"
	case mapping.Waiting:
		return "its points cannot be used yet", "mapping.pending"
	case mapping.Old:
		return "it is older than what is looked at", "mapping.since"
	case mapping.BeyondLimit:
		return "other entries come first", "mapping.limit"
	}
	return "", ""
}

// isZero tells whether a skipped record is left out for want of points, and not since a rule or kind says skip.
func (x *explainer) isZero(told *mapping.Told) bool {
	rule, is := x.ruleAt(told.Place)
	return told.Fate == mapping.Skipped && !strings.HasPrefix(told.Place, "kinds.skip") && !(is && x.built.config.Mapping.Rules[rule].Skip)
}

// suspected is the line of a field that is most likely wrong, by why it cannot be read.
func (x *explainer) suspected(place, why string) *configLine {
	key := ".as"
	switch {
	case strings.Contains(why, "is missing"), strings.Contains(why, "is null"):
		key = ".at"
	case strings.Contains(why, "layout"):
		key = ".layout"
	}
	return firstLine(x.file.lineAt(place+key), x.file.lineOf(place))
}

func firstLine(lines ...*configLine) *configLine {
	for _, line := range lines {
		if line != nil {
			return line
		}
	}
	return nil
}

func (x *explainer) field(told *mapping.ToldField) explainedField {
	var texts []string
	for _, raw := range told.Raw {
		texts = append(texts, raw.Text())
	}
	field, read := explainedField{Name: told.Name, Value: headOf(x.mask.Text(strings.Join(texts, " ")))}, told.Value
	if kind := told.Raw[0].Kind(); kind != document.Text && kind != document.Number && kind != document.Bool {
		field.Kind = kind.String()
	}
	if text := headOf(x.mask.Text(read.String())); read.Type != document.TypeNone && text != field.Value {
		field.Read = text
	}
	return field
}

// decision tells in words what decided about a record.
func (x *explainer) decision(place string) string {
	if rule, is := x.ruleAt(place); is {
		return x.ruleText(rule)
	}
	return place
}

// ruleAt gives the number of the rule at a place, if one stands there.
func (x *explainer) ruleAt(place string) (rule int, is bool) {
	_, err := fmt.Sscanf(place, "rules[%d]", &rule)
	return rule, err == nil && rule < len(x.built.config.Mapping.Rules)
}

func (x *explainer) ruleText(rule int) string {
	return firstOf(x.built.config.Mapping.Rules[rule].When, "always")
}

// rules gives every rule, and the kinds as one more.
func (x *explainer) rules() []explainedNote {
	var all []explainedNote
	for i := range x.built.config.Mapping.Rules {
		all = append(all, explainedNote{Text: x.ruleText(i), Config: x.file.lineOf(config.Index("mapping.rules", i))})
	}
	if line := x.file.lineAt("mapping.kinds"); line != nil {
		all = append(all, explainedNote{Text: "kinds of " + x.built.config.Mapping.Kinds.Of, Config: line})
	}
	return all
}

func (x *explainer) entry(made *mapping.Entry) *explainedEntry {
	told := &explainedEntry{
		Added: made.Added.String(), Expired: made.Expired.String(), Message: x.mask.Text(made.Message),
		Activation: moment(made.Activation), Expiration: moment(made.Expiration),
	}
	for _, key := range []string{"definitionMessage", "activationDate", "expirationDate"} {
		if line := x.file.lineAt("mapping.entry." + key); line != nil {
			told.Config = append(told.Config, line)
		}
	}
	return told
}

func moment(at mapping.Moment) string {
	if at.IsZero() {
		return ""
	}
	return at.Time().Format(time.RFC3339)
}

// notes tells what is odd about all records together.
func (x *explainer) notes(records []document.Record, fates []mapping.Told) []explainedNote {
	var notes []explainedNote
	for _, name := range neverSeen(fates) {
		line := x.file.lineOf(config.Member("mapping.fields", name) + ".at")
		notes = append(notes, explainedNote{name, fmt.Sprintf("the field has no value in any of %s: is its path right?", counted(len(records), "record")), line})
	}
	entries := 0
	for i := range fates {
		if fates[i].Fate == mapping.Shown || fates[i].Fate == mapping.BeyondLimit {
			entries++
		}
	}
	if limit := x.built.config.Mapping.Limit; limit > 0 && entries > limit {
		notes = append(notes, explainedNote{"limit", fmt.Sprintf("%d of %d entries are shown", limit, entries), x.file.lineOf("mapping.limit")})
	}
	return notes
}

// neverSeen are the fields that no record has.
func neverSeen(fates []mapping.Told) []string {
	seen := map[string]bool{}
	var names []string
	for i := range fates {
		for _, field := range fates[i].Fields {
			there := slices.ContainsFunc(field.Raw, func(raw document.Value) bool { return raw.Kind() > document.Null })
			if _, known := seen[field.Name]; !known {
				names = append(names, field.Name)
			}
			seen[field.Name] = seen[field.Name] || there
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return seen[name] })
}
