package mapping

import (
	"maps"
	"slices"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// Config is the section mapping of a config file.
type Config struct {
	Records       Places           `yaml:"records"`        // STEP.path of a list; STEP alone if the answer is the list
	Fields        map[string]Field `yaml:"fields"`         // what is read of each record
	Rules         []Rule           `yaml:"rules"`          // the first that holds decides
	Kinds         Kinds            `yaml:"kinds"`          // what the CRM's codes mean, where no rule holds
	Pending       Pending          `yaml:"pending"`        // points that cannot be used yet
	Unique        Names            `yaml:"unique"`         // fields by which a record is known; one that comes again is dropped
	Group         Names            `yaml:"group"`          // fields by which records are one entry
	Entry         EntryConfig      `yaml:"entry"`          // what an entry shows
	TextLimit     int              `yaml:"text_limit"`     // the most characters of a definitionMessage
	Since         config.Duration  `yaml:"since"`          // entries that were active longer ago are left out; 0 leaves none out
	Order         string           `yaml:"order"`          // newest, oldest or crm
	Limit         int              `yaml:"limit"`          // the most entries; 0 is no limit
	OnUnreadable  string           `yaml:"on_unreadable"`  // skip or fail
	MaxUnreadable config.Share     `yaml:"max_unreadable"` // more than this fails the history; all of them always do
}

// Field is one typed value of a record. It is required unless it is optional.
type Field struct {
	At       Paths    `yaml:"at"`       // inside the record, without [*]; of a time several, whose texts are joined by a space
	As       string   `yaml:"as"`       // text (if empty), html, decimal, integer, bool, time or date
	Zone     string   `yaml:"zone"`     // IANA name, for times that name no offset
	Layout   Layouts  `yaml:"layout"`   // how times are written; ISO 8601 if empty
	Day      string   `yaml:"day"`      // the moment that a date stands for: start (if empty) or end of its day
	None     Literals `yaml:"none"`     // what stands for no value
	Optional bool     `yaml:"optional"` // missing, null and the empty text are normal
}

// Rule says what a record is if When holds: skipped, or points added, expired or both.
type Rule struct {
	When    string `yaml:"when"`    // a condition over the fields; empty always holds
	Added   string `yaml:"added"`   // a number over the fields
	Expired string `yaml:"expired"` // a number over the fields
	Skip    bool   `yaml:"skip"`
	Text    string `yaml:"text"` // what the customer reads; it may hold slots, {{ order }}
}

// EntryConfig says what an entry shows beside its points: expressions over the fields, by IRP's own names.
type EntryConfig struct {
	DefinitionMessage string `yaml:"definitionMessage"` // a text; that of the rule or kind if empty
	ActivationDate    string `yaml:"activationDate"`    // a time; empty is none
	ExpirationDate    string `yaml:"expirationDate"`    // a time; empty is none
}

// Pending says which points cannot be used yet, and what becomes of them.
type Pending struct {
	When       string `yaml:"when"`       // a condition over the fields; empty never holds
	Then       string `yaml:"then"`       // hide (if empty), show or future
	Activation string `yaml:"activation"` // of future: a time over the fields, in place of the entry's own
}

const (
	onUnreadableSkip = "skip"
	onUnreadableFail = "fail"
)

// DefaultConfig gives what holds where a config says nothing.
func DefaultConfig() Config {
	return Config{TextLimit: 1000, Order: orderNewest, OnUnreadable: onUnreadableSkip, MaxUnreadable: 0.2}
}

// newSources takes the places apart. Whether there are such steps is crm's to tell.
func newSources(places Places, problems *config.Problems) []document.Source {
	if len(places) == 0 {
		problems.Add("records", "it is not said where the records are").Hint = recordsHint
	}
	sources := make([]document.Source, len(places))
	for i, text := range places {
		at := "records"
		if len(places) > 1 {
			at = config.Index(at, i)
		}
		sources[i] = newSource(at, text, problems)
	}
	return sources
}

const recordsHint = "write the step's name, then the path of the list in its answers: history.data.items"

func newSource(at, text string, problems *config.Problems) document.Source {
	if text == "" {
		problems.Add(at, "it is not said where the records are").Hint = recordsHint
		return document.Source{}
	}
	path, err := document.ParsePath(text)
	if err != nil {
		problems.AddError(at, err)
		return document.Source{}
	}
	step, records, ok := path.Cut()
	if !ok {
		problems.Add(at, "the records' place does not begin with the name of a step").Hint = recordsHint
	}
	return document.Source{Step: step, Records: records}
}

// checkUps finds fields that go up further than there is anything around a record.
func checkUps(fields []field, sources []document.Source, problems *config.Problems) {
	for _, source := range sources {
		for _, f := range fields {
			for i, path := range f.at {
				if path.Ups() > source.Levels() {
					problems.Add(f.placeOf(i), "%s goes up further than the answer: a record of %s has %d levels around it", path, source.Step, source.Levels())
				}
			}
		}
	}
}

// newFields compiles the fields in the order of their names, so that a config gives the same plan every time.
func newFields(fields map[string]Field, problems *config.Problems) []field {
	made := make([]field, 0, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		made = append(made, newField(name, fields[name], problems))
	}
	return made
}

func checkPolicy(cfg Config, problems *config.Problems) {
	if cfg.Limit < 0 {
		problems.Add("limit", "the limit is a number of entries, not less than 0").Hint = "leave it out for no limit"
	}
	if cfg.TextLimit < 1 {
		problems.Add("text_limit", "the customer has to read something: at least 1 character, not %d", cfg.TextLimit)
	}
	if orders := []string{orderNewest, orderOldest, orderCRM}; !slices.Contains(orders, cfg.Order) {
		problems.Add("order", "entries cannot be in the order %q", cfg.Order).Hint = didYouMean(cfg.Order, orders)
	}
	policies := []string{onUnreadableSkip, onUnreadableFail}
	if !slices.Contains(policies, cfg.OnUnreadable) {
		problems.Add("on_unreadable", "an unreadable record cannot be treated as %q", cfg.OnUnreadable).Hint = didYouMean(cfg.OnUnreadable, policies)
	}
}
