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
	made.Message, made.Activation, made.Expiration = message, activation.Time(), expiration.Time()
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

// isUntidy tells whether a text is no single line of words with single spaces between them. Most texts are tidy, and most
// of their bytes are known to be so without being decoded: package document gives nothing but UTF-8.
func isUntidy(text string) bool {
	space := true // before this byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == ' ' && space, c < ' ', c == 0x7f:
			return true
		case c == ' ':
			space = true
			continue
		case beginsBlank(c):
			if r, _ := utf8.DecodeRuneInString(text[i:]); r == utf8.RuneError || isBlank(r) {
				return true
			}
		}
		space = false
	}
	return text != "" && space
}

// beginsBlank tells whether a blank character of more than one byte, or U+FFFD, may begin with a byte.
func beginsBlank(c byte) bool { return c == 0xc2 || c >= 0xe1 && c <= 0xe3 || c == 0xef }

func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
