package mapping

import (
	"slices"
	"strings"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// Kinds says what the codes of a CRM mean, in groups. It is asked where no rule holds. The zero Kinds knows no code.
type Kinds struct {
	Of       string `yaml:"of"`       // a text over the fields: the code of a record
	Amount   string `yaml:"amount"`   // the points of a code that has no amount of its own: a number over the fields
	Added    Codes  `yaml:"added"`    // earned
	Refunded Codes  `yaml:"refunded"` // given back, when a purchase was; counts as added
	Spent    Codes  `yaml:"spent"`    // counts as expired
	Burned   Codes  `yaml:"burned"`   // lost when their time was over; counts as expired
	Canceled Codes  `yaml:"canceled"` // taken back, when what they were given for was undone; counts as expired
	Signed   Codes  `yaml:"signed"`   // the sign of the amount decides: above zero is added, below is expired
	Skip     Codes  `yaml:"skip"`     // no entries
}

// Codes are the codes of one group.
type Codes []Code

// Code is one code of a CRM.
type Code struct {
	Name   string
	Text   string // what the customer reads; the group's text if empty
	Amount string // its points; those of the group if empty
	at     string // its place below the group, where it is not its name
}

var _ config.TreeUnmarshaler = (*Codes)(nil)

// UnmarshalTree reads a list of codes, or a map from codes to their texts or to { amount, text }.
func (c *Codes) UnmarshalTree(tree config.Tree) error {
	var problems config.Problems
	*c = nil
	switch tree.Kind {
	case config.Null:
	case config.List:
		for i, item := range tree.Items {
			if !item.IsScalar() {
				problems.Add(config.Index("", i), "a code is a text, not %s", item.Kind).Hint = "a code with a text of its own stands in a map: SPEND: \"Списание\""
			}
			*c = append(*c, Code{Name: item.Text, at: config.Index("", i)})
		}
	case config.Map:
		for _, branch := range tree.Members {
			*c = append(*c, newCode(branch, &problems))
		}
	default:
		problems.Add("", "the codes of a group are a list or a map, not %s", tree.Kind).Hint = "for example [SPEND, PAY], or { SPEND: \"Списание\" }"
	}
	return problems.Err()
}

func newCode(branch config.Branch, problems *config.Problems) Code {
	made := Code{Name: branch.Name}
	place := config.Member("", branch.Name)
	switch value := branch.Value; {
	case value.Kind == config.Null:
	case value.IsScalar():
		made.Text = value.Text
	case value.Kind == config.List:
		problems.Add(place, "a code has a text, or { amount, text }, not a list")
	default:
		for _, key := range value.Members {
			made.set(config.Member(place, key.Name), key, problems)
		}
	}
	return made
}

func (c *Code) set(place string, key config.Branch, problems *config.Problems) {
	if !key.Value.IsScalar() {
		problems.Add(place, "it is a text, not %s", key.Value.Kind)
	}
	switch key.Name {
	case "text":
		c.Text = key.Value.Text
	case "amount":
		c.Amount = key.Value.Text
	default:
		made := problems.Add(place, "unknown key")
		made.Key, made.Hint = true, "allowed here: amount, text"
	}
}

// kinds is a compiled [Kinds]. It decides nothing if of is zero.
type kinds struct {
	of    formula
	codes []kind // in the order of their codes
}

// kind is what one code means.
type kind struct {
	code   string
	place  string
	group  group
	amount amount
	text   text
}

// group is one of the groups of [Kinds].
type group struct {
	name  string
	codes Codes
	sense sense
	text  string // what the customer reads, if the code does not say
}

// sense is what becomes of an amount.
type sense uint8

const (
	added sense = iota
	expired
	signed
	nothing
)

// What the customer reads where the config has no text. None of them counts anything, so that they suit every amount.
const (
	textAdded    = "Начисление бонусов"
	textRefunded = "Возврат бонусов"
	textExpired  = "Списание бонусов"
	textBurned   = "Сгорание бонусов"
	textCanceled = "Отмена начисления бонусов"
)

func (k Kinds) groups() []group {
	return []group{
		{"added", k.Added, added, textAdded},
		{"refunded", k.Refunded, added, textRefunded},
		{"spent", k.Spent, expired, textExpired},
		{"burned", k.Burned, expired, textBurned},
		{"canceled", k.Canceled, expired, textCanceled},
		{"signed", k.Signed, signed, ""},
		{"skip", k.Skip, nothing, ""},
	}
}

// isZero tells whether the config says nothing of kinds.
func (k Kinds) isZero() bool {
	return k.Of == "" && k.Amount == "" && !slices.ContainsFunc(k.groups(), func(g group) bool { return len(g.codes) > 0 })
}

func newKinds(cfg Kinds, names *scope) kinds {
	if cfg.isZero() {
		return kinds{}
	}
	if strings.TrimSpace(cfg.Of) == "" {
		names.problems.Add("kinds", "it is not said which field holds the code").Hint = "of: type"
	}
	made := kinds{of: names.formula("kinds.of", cfg.Of, document.TypeText)}
	common := newAmount("kinds.amount", cfg.Amount, names)
	for _, g := range cfg.groups() {
		for _, code := range g.codes {
			made.add(g, code, common, names)
		}
	}
	if len(made.codes) == 0 {
		names.problems.Add("kinds", "no code is in any group").Hint = "for example added: [ACCRUAL]"
	}
	slices.SortFunc(made.codes, func(a, b kind) int { return strings.Compare(a.code, b.code) })
	return made
}

// add compiles one code of a group.
func (k *kinds) add(g group, code Code, common amount, names *scope) {
	place := config.Member("kinds."+g.name, code.Name)
	if code.at != "" {
		place = config.Join("kinds."+g.name, code.at)
	}
	made := kind{code: code.Name, place: place, group: g, amount: common, text: newText(place, code.Text, names)}
	if code.Amount != "" {
		made.amount = newAmount(place+".amount", code.Amount, names)
	}
	twice := slices.IndexFunc(k.codes, func(other kind) bool { return other.code == code.Name })
	switch {
	case code.Name == "":
		names.problems.Add(place, "an empty text is no code")
	case twice >= 0:
		names.problems.Add(place, "the code %s is there twice: it is in %s too", code.Name, k.codes[twice].group.name).Key = code.at == ""
		return
	case g.sense == nothing && (code.Text != "" || code.Amount != ""):
		names.problems.Add(place, "a code that is skipped has no text and no amount").Hint = "write a list: skip: [" + code.Name + "]"
	case g.sense != nothing && strings.TrimSpace(made.amount.source) == "":
		names.problems.Add(place, "it is not said how many points the code %s stands for", code.Name).Hint = "kinds: { amount: abs(amount) }"
	}
	k.codes = append(k.codes, made)
}

// find gives what the record's code means, nil if nothing does. The code is empty if it has none.
func (k *kinds) find(row *row) (found *kind, code string, problem *Problem) {
	datum, problem := k.of.eval(row)
	if datum.Text == "" {
		return nil, "", problem
	}
	at, known := slices.BinarySearchFunc(k.codes, datum.Text, func(k kind, code string) int { return strings.Compare(k.code, code) })
	if !known {
		return nil, datum.Text, problem
	}
	return &k.codes[at], datum.Text, problem
}

// apply makes the points of a record that has the code.
func (k *kind) apply(row *row) {
	made := &row.meaning
	made.place, made.kind, made.fate = k.place, k, Shown
	if k.group.sense == nothing {
		made.fate = Skipped
		return
	}
	number, problem := k.amount.number(row)
	switch {
	case problem != nil:
		made.refused(problem)
	case number.Sign() == 0:
		made.fate = Skipped
	case number.Sign() < 0 && k.group.sense != signed:
		made.refused(&Problem{Place: k.amount.place, Why: isNegative})
	case number.Sign() < 0:
		made.expired = number.Neg()
	case k.group.sense == expired:
		made.expired = number
	default:
		made.added = number
	}
}
