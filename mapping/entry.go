package mapping

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bonus-adapter/document"
)

// Entry is one line of a customer's bonus history. Added and Expired are never negative, and one of them is above zero.
type Entry struct {
	Record     int // the number of its record, from 1; of several records that are one entry, the first
	Added      document.Decimal
	Expired    document.Decimal
	Message    string    // one line of at most text_limit characters; never empty
	Activation time.Time // UTC, from 1970 to 10000; IsZero is none
	Expiration time.Time // UTC, from 1970 to 10000; IsZero is none
}

// entry is a compiled [EntryConfig].
type entry struct {
	message, activation, expiration *document.Expression
	most                            int // characters of a message
}

const (
	messagePlace    = "entry.definitionMessage"
	activationPlace = "entry.activationDate"
	expirationPlace = "entry.expirationDate"
)

func newEntry(section Config, names *scope) entry {
	cfg := section.Entry
	names.decided = true
	defer func() { names.decided = false }()
	return entry{
		most:       section.TextLimit,
		message:    names.compile(messagePlace, cfg.DefinitionMessage, document.TypeText),
		activation: names.compile(activationPlace, cfg.ActivationDate, document.TypeTime),
		expiration: names.compile(expirationPlace, cfg.ExpirationDate, document.TypeTime),
	}
}

// describe fills in what an entry shows beside its points. A Problem with a place makes the record unreadable.
func (e *entry) describe(made *Entry, row *row) Problem {
	message, problem := e.text(row)
	if problem.Place != "" {
		return problem
	}
	activation, problem := row.time(e.activation, activationPlace)
	if problem.Place != "" {
		return problem
	}
	expiration, problem := row.time(e.expiration, expirationPlace)
	made.Message, made.Activation, made.Expiration = message, activation.Time, expiration.Time
	return problem
}

// text gives what the customer reads: that of the kind, if the config has nothing better for this record.
func (e *entry) text(row *row) (string, Problem) {
	datum, problem := row.eval(e.message, messagePlace)
	message := cleaned(datum.Text, e.most)
	if message == "" && problem.Place == "" {
		message, problem = row.mapping.kindText(row)
		message = cleaned(message, e.most)
	}
	return message, problem
}

// cleaned makes one line of a CRM's text: control characters and runs of white space become one space, the ends are
// trimmed, what is longer than so many characters is cut and ends in ….
func cleaned(text string, most int) string {
	if isUntidy(text) {
		text = strings.Join(strings.FieldsFunc(text, isBlank), " ")
		text = strings.ToValidUTF8(text, string(utf8.RuneError))
	}
	return shortened(text, most)
}

// isUntidy tells whether a text is no single line of words with single spaces between them.
func isUntidy(text string) bool {
	before := ' '
	for _, r := range text {
		if r == utf8.RuneError || isBlank(r) && (r != ' ' || before == ' ') {
			return true
		}
		before = r
	}
	return text != "" && before == ' '
}

func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
