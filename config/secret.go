package config

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// Lookup gives the value of a reference: scheme "env" with a variable's name, or scheme "file" with a file's path. It
// is how the command lends its environment to the values of a config, which have none of their own.
type Lookup func(scheme, name string) (string, error)

// Resolver is a value with references in it. The command that reads a config calls Resolve once, after the text was
// understood and before anything is built from it.
type Resolver interface {
	Resolve(Lookup) error
}

// Sensitive marks a value of the config: its text in the file must not be printed.
type Sensitive interface{ Sensitive() }

var _ Sensitive = Secret{}

// Secret is a text that may hold references to what is kept outside of the file: ${env:NAME} and ${file:/run/secrets/x},
// alone or among other text. Whatever prints it prints the references, never what they stand for; a secret without a
// reference prints as "***". Only [Secret.Reveal] gives the text.
//
// The zero value is an empty text. A Secret is safe for concurrent use once it is resolved.
type Secret struct {
	pieces []piece
	text   string
	known  bool
}

type piece struct {
	scheme string // env or file; empty for plain text
	text   string // the plain text, or the name
	offset int
}

// Sensitive marks the text as one that must not be printed.
func (s Secret) Sensitive() {}

// Plain makes a Secret of a text without looking for references in it.
func Plain(text string) Secret {
	return Secret{pieces: []piece{{text: text}}, text: text, known: true}
}

// UnmarshalText finds the references. They are resolved later, by Resolve.
func (s *Secret) UnmarshalText(text []byte) error {
	pieces, err := split(string(text))
	if err != nil {
		return err
	}
	*s = Secret{pieces: pieces}
	if !s.Refers() {
		s.text, s.known = string(text), true
	}
	return nil
}

func split(text string) ([]piece, error) {
	var pieces []piece
	offset := 0
	for {
		start := strings.Index(text[offset:], "${")
		if start < 0 {
			return append(pieces, piece{text: text[offset:], offset: offset}), nil
		}
		start += offset
		length := strings.IndexByte(text[start:], '}')
		if length < 0 {
			return nil, &referenceError{offset: start, message: "a reference that begins with ${ has no closing }"}
		}
		scheme, name, found := strings.Cut(text[start+2:start+length], ":")
		if !found || name == "" || (scheme != "env" && scheme != "file") {
			return nil, &referenceError{
				offset:  start,
				message: fmt.Sprintf("%q is not a reference", text[start:start+length+1]),
				hint:    "write ${env:NAME} or ${file:/path/of/a/file}",
			}
		}
		if start > offset {
			pieces = append(pieces, piece{text: text[offset:start], offset: offset})
		}
		pieces = append(pieces, piece{scheme: scheme, text: name, offset: start})
		offset = start + length + 1
	}
}

// Resolve asks lookup for each reference. An unset or empty value is an error: a credential that is not there would
// only be noticed as a customer without bonuses.
func (s *Secret) Resolve(lookup Lookup) error {
	var text strings.Builder
	var failed []error
	for _, p := range s.pieces {
		if p.scheme == "" {
			text.WriteString(p.text)
			continue
		}
		value, err := lookup(p.scheme, p.text)
		if err == nil && value == "" {
			err = errors.New("it is empty")
		}
		if err != nil {
			message := fmt.Sprintf("${%s:%s} cannot be used: %v", p.scheme, p.text, err)
			failed = append(failed, &Problem{Offset: p.offset, Message: message})
			continue
		}
		text.WriteString(value)
	}
	if len(failed) > 0 {
		return errors.Join(failed...)
	}
	s.text, s.known = text.String(), true
	return nil
}

// Refers tells whether the text holds a reference.
func (s Secret) Refers() bool {
	for _, p := range s.pieces {
		if p.scheme != "" {
			return true
		}
	}
	return false
}

// Reveal gives the text itself, for the one place that needs it. An unresolved Secret gives the empty text.
func (s Secret) Reveal() string { return s.text }

// Resolved tells whether the text is known: false only for references that nobody has resolved, as when a config is
// checked on a machine that does not hold its secrets.
func (s Secret) Resolved() bool { return s.known || len(s.pieces) == 0 }

// IsZero tells whether nothing was configured.
func (s Secret) IsZero() bool { return len(s.pieces) == 0 && s.text == "" }

// String gives the text with its references unresolved, or "***" if there are none.
func (s Secret) String() string {
	if !s.Refers() {
		if s.IsZero() {
			return ""
		}
		return "***"
	}
	return s.Source()
}

// Source gives the text as it stands in the file, references unresolved. It is for values that are not secret in
// themselves, such as a URL; a literal secret would be shown.
func (s Secret) Source() string {
	var text strings.Builder
	for _, p := range s.pieces {
		if p.scheme == "" {
			text.WriteString(p.text)
		} else {
			text.WriteString("${" + p.scheme + ":" + p.text + "}")
		}
	}
	return text.String()
}

// Format prints what String gives, whatever the verb: a %#v or %+v must not reach the fields.
func (s Secret) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, s.String()) }

// MarshalText gives what String gives, so that no encoder can print the text.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

type referenceError struct {
	offset        int
	message, hint string
}

func (e *referenceError) Error() string { return e.message }
func (e *referenceError) Offset() int   { return e.offset }
func (e *referenceError) Hint() string  { return e.hint }
