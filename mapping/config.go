package mapping

import (
	"maps"
	"slices"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// Config is the section mapping of a config file.
type Config struct {
	Records       string           `yaml:"records"`        // STEP.path of the list; STEP alone if the answer is the list
	Fields        map[string]Field `yaml:"fields"`         // what is read of each record
	Rules         []Rule           `yaml:"rules"`          // the first that holds decides
	Entry         EntryConfig      `yaml:"entry"`          // what an entry shows
	Limit         int              `yaml:"limit"`          // the most entries, the newest ones; 0 is no limit
	OnUnreadable  string           `yaml:"on_unreadable"`  // skip or fail
	MaxUnreadable config.Share     `yaml:"max_unreadable"` // more than this fails the history; all of them always do
}

// Field is one typed value of a record. It is required unless it is optional.
type Field struct {
	At       document.Path `yaml:"at"`       // inside the record, without [*]
	As       string        `yaml:"as"`       // text (if empty), decimal, bool, time or date
	Zone     string        `yaml:"zone"`     // IANA name, for times that name no offset
	Layout   Layouts       `yaml:"layout"`   // how times are written; ISO 8601 if empty
	Optional bool          `yaml:"optional"` // missing, null and the empty text are normal
}

// Rule says what a record is if When holds: skipped, or points added, expired or both.
type Rule struct {
	When    string `yaml:"when"`    // a condition over the fields; empty always holds
	Added   string `yaml:"added"`   // a number over the fields
	Expired string `yaml:"expired"` // a number over the fields
	Skip    bool   `yaml:"skip"`
}

// EntryConfig says what an entry shows beside its points: expressions over the fields, by IRP's own names.
type EntryConfig struct {
	DefinitionMessage string `yaml:"definitionMessage"` // a text; required
	ActivationDate    string `yaml:"activationDate"`    // a time; empty is none
	ExpirationDate    string `yaml:"expirationDate"`    // a time; empty is none
}

// Layouts are the ways in which a time may be written, tried in order: the names rfc3339, unix and unix_ms, or Go
// layouts such as 02.01.2006 15:04.
type Layouts []string

var _ config.TreeUnmarshaler = (*Layouts)(nil)

// UnmarshalTree reads one layout or a list of them.
func (l *Layouts) UnmarshalTree(tree config.Tree) error {
	var problems config.Problems
	switch tree.Kind {
	case config.Text, config.Number:
		*l = Layouts{tree.Text}
	case config.List:
		made := make(Layouts, 0, len(tree.Items))
		for i, item := range tree.Items {
			if item.Kind != config.Text && item.Kind != config.Number {
				problems.Add(config.Index("", i), "a layout is a text, not %s", item.Kind)
			}
			made = append(made, item.Text)
		}
		*l = made
	case config.Null:
	default:
		problems.Add("", "a layout is a text or a list of texts, not %s", tree.Kind)
	}
	return problems.Err()
}

const (
	onUnreadableSkip = "skip"
	onUnreadableFail = "fail"
)

// DefaultConfig gives what holds where a config says nothing.
func DefaultConfig() Config {
	return Config{OnUnreadable: onUnreadableSkip, MaxUnreadable: 0.2}
}

// newRecords takes STEP.path apart. Whether there is such a step is crm's to tell.
func newRecords(text string, problems *config.Problems) (step string, at document.Path) {
	const hint = "write the step's name, then the path of the list in its answers: history.data.items"
	if text == "" {
		problems.Add("records", "it is not said where the records are").Hint = hint
		return "", document.Path{}
	}
	path, err := document.ParsePath(text)
	if err != nil {
		problems.AddError("records", err)
		return "", document.Path{}
	}
	step, at, ok := path.Cut()
	if !ok {
		problems.Add("records", "the records' place does not begin with the name of a step").Hint = hint
	}
	return step, at
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
	policies := []string{onUnreadableSkip, onUnreadableFail}
	if !slices.Contains(policies, cfg.OnUnreadable) {
		problems.Add("on_unreadable", "an unreadable record cannot be treated as %q", cfg.OnUnreadable).Hint = didYouMean(cfg.OnUnreadable, policies)
	}
}
