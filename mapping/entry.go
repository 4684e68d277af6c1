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
	Added      document.Decimal
	Expired    document.Decimal
	Message    string    // one line of at most 1000 characters; never empty
	Activation time.Time // UTC, from 1970 on; IsZero is none
	Expiration time.Time // UTC, from 1970 on; IsZero is none
}

// entry is a compiled [EntryConfig].
type entry struct{ message, activation, expiration *document.Expression }

const (
	messagePlace    = "entry.definitionMessage"
	activationPlace = "entry.activationDate"
	expirationPlace = "entry.expirationDate"
)

func newEntry(cfg EntryConfig, names *scope) entry {
	names.decided = true
	defer func() { names.decided = false }()
	return entry{
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
	activation, problem := row.eval(e.activation, activationPlace)
	if problem.Place != "" {
		return problem
	}
	expiration, problem := row.eval(e.expiration, expirationPlace)
	made.Message, made.Activation, made.Expiration = message, activation.Time, expiration.Time
	return problem
}

// text gives what the customer reads: that of the kind, if the config has nothing better for this record.
func (e *entry) text(row *row) (string, Problem) {
	datum, problem := row.eval(e.message, messagePlace)
	message := cleaned(datum.Text)
	if message == "" && problem.Place == "" {
		message, problem = row.mapping.kindText(row)
		message = cleaned(message)
	}
	return message, problem
}

const longestMessage = 1000 // characters; what an app could still show

// cleaned makes one line of a CRM's text: control characters become spaces, the ends are trimmed, the rest is cut.
func cleaned(text string) string {
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		text = strings.Map(withoutControl, text)
	}
	text = strings.TrimSpace(text)
	if len(text) <= longestMessage {
		return text
	}
	count := 0
	for i := range text {
		if count == longestMessage {
			return strings.TrimSpace(text[:i])
		}
		count++
	}
	return text
}

func withoutControl(r rune) rune {
	if unicode.IsControl(r) {
		return ' '
	}
	return r
}
