package crm

import (
	"fmt"
	"io"
	"strings"

	"bonus-adapter/config"
)

// Credential is a [Template] that holds, or may hold, a secret. Whatever prints it prints its references and slots,
// never what they stand for; one whose text is written into the file prints as "***".
type Credential struct{ Template }

var _ config.Sensitive = Credential{}

// Sensitive marks the text as one that must not be printed.
func (Credential) Sensitive() {}

// IsZero tells whether nothing was configured.
func (c Credential) IsZero() bool { return c.source == "" }

// String gives the text as it stands in the file if it refers to its secret or is made of slots alone, else "***".
func (c Credential) String() string {
	if c.IsZero() || c.refers() || c.slotsOnly() {
		return c.source
	}
	return "***"
}

func (c Credential) refers() bool {
	for i := range c.parts {
		if c.parts[i].literal.Refers() {
			return true
		}
	}
	return false
}

// slotsOnly tells whether there are only names in the text: in an expression's quotes there may be a key.
func (c Credential) slotsOnly() bool {
	for i := range c.parts {
		if strings.TrimSpace(c.parts[i].literal.Reveal()) != "" || strings.ContainsAny(c.parts[i].slot, "\"'`") {
			return false
		}
	}
	return true
}

// Format prints what String gives, whatever the verb: a %#v or %+v must not reach the fields.
func (c Credential) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, c.String()) }

// MarshalText gives what String gives, so that no encoder can print the text.
func (c Credential) MarshalText() ([]byte, error) { return []byte(c.String()), nil }
