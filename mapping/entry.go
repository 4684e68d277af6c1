package mapping

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"bonus-adapter/document"
)

// Entry is one line of a customer's bonus history. Added and Expired are never negative, and one of them is above zero.
type Entry struct {
	Record     int // the number of its record, from 1; of several records that are one entry, the first
	Added      document.Decimal
	Expired    document.Decimal
	Message    string // one line of at most text_limit characters; never empty
	Activation Moment
	Expiration Moment
}

// entry is a compiled [EntryConfig].
type entry struct {
	message, activation, expiration formula
	most                            int // characters of a message
}

func newEntry(section Config, names *scope) entry {
	cfg := section.Entry
	names.decided = true
	defer func() { names.decided = false }()
	return entry{
		most:       section.TextLimit,
		message:    names.formula("entry.definitionMessage", cfg.DefinitionMessage, document.TypeText),
		activation: names.formula("entry.activationDate", cfg.ActivationDate, document.TypeTime),
		expiration: names.formula("entry.expirationDate", cfg.ExpirationDate, document.TypeTime),
	}
}

// describe fills in what an entry shows beside its points. A Problem makes the record unreadable.
func (e *entry) describe(made *Entry, row *row) (problem *Problem) {
	if made.Message, problem = e.text(row); problem == nil {
		made.Activation, problem = e.activation.moment(row)
	}
	if problem == nil {
		made.Expiration, problem = e.expiration.moment(row)
	}
	return problem
}

// text gives what the customer reads: that of the kind, if the config has nothing better for this record.
func (e *entry) text(row *row) (string, *Problem) {
	datum, problem := e.message.eval(row)
	message := cleaned(datum.Text, e.most)
	if message == "" && problem == nil {
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
	for i := range len(text) {
		c := text[i]
		if tidy[c] {
			space = false
			continue
		}
		switch r, _ := utf8.DecodeRuneInString(text[i:]); {
		case c == ' ' && !space:
			space = true
		case c <= ' ', r == utf8.RuneError, isBlank(r):
			return true
		default:
			space = false
		}
	}
	return text != "" && space
}

// tidy are the bytes that are part of a word wherever they stand.
var tidy = func() (table [256]bool) {
	for c := range 256 {
		table[c] = c > ' ' && c != 0x7f && !beginsBlank(byte(c))
	}
	return table
}()

// beginsBlank tells whether a blank character of more than one byte, or U+FFFD, may begin with a byte.
func beginsBlank(c byte) bool { return c == 0xc2 || c >= 0xe1 && c <= 0xe3 || c == 0xef }

func isBlank(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }
