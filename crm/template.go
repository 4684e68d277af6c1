package crm

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/http/httpguts"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// Template is a text with slots: "/customers/{{ user }}/transactions". A slot holds an expression over the user and the
// values that earlier steps keep. Where the template stands decides how a slot is escaped; nothing can switch it off.
// Between the slots a template may hold references, as a [config.Secret] does.
type Template struct {
	source string
	parts  []part
}

type part struct {
	literal config.Secret
	slot    string // an expression's source; empty for a literal
	offset  int
	value   *document.Expression
	kept    bool // the slot speaks of what a step keeps
}

// UnmarshalText finds slots and references. What the slots may name is known when the whole section is: see bind.
func (t *Template) UnmarshalText(text []byte) error {
	source := string(text)
	t.source, t.parts = source, nil
	for offset := 0; offset < len(source); {
		start := strings.Index(source[offset:], "{{")
		if start < 0 {
			return t.literal(source[offset:], offset)
		}
		if err := t.literal(source[offset:offset+start], offset); err != nil {
			return err
		}
		start += offset
		length := strings.Index(source[start:], "}}")
		if length < 0 {
			return &slotError{start, "a slot that begins with {{ has no closing }}", ""}
		}
		inside := source[start+2 : start+length]
		if strings.TrimSpace(inside) == "" {
			return &slotError{start, "an empty slot", "name what stands here, for example {{ user }}"}
		}
		t.parts = append(t.parts, part{slot: inside, offset: start + 2})
		offset = start + length + 2
	}
	return nil
}

func (t *Template) literal(text string, offset int) error {
	if text == "" {
		return nil
	}
	p := part{offset: offset}
	if err := p.literal.UnmarshalText([]byte(text)); err != nil {
		var problems config.Problems
		problems.AddError("", err)
		problem := config.All(problems.Err())[0]
		problem.Offset += offset
		return problem
	}
	t.parts = append(t.parts, p)
	return nil
}

// Resolve resolves the references between the slots.
func (t *Template) Resolve(lookup config.Lookup) error {
	var problems config.Problems
	for i := range t.parts {
		for _, problem := range config.All(t.parts[i].literal.Resolve(lookup)) {
			problem.Offset += t.parts[i].offset
			problems.AddError("", problem)
		}
	}
	return problems.Err()
}

// IsZero tells whether nothing was configured.
func (t *Template) IsZero() bool { return t.source == "" }

// String gives the template as it stands in the file, references unresolved and slots unfilled.
func (t *Template) String() string { return t.source }

func (t *Template) resolved() bool {
	for i := range t.parts {
		if !t.parts[i].literal.Resolved() {
			return false
		}
	}
	return true
}

// bind compiles the slots: names says what they may speak of.
func (t *Template) bind(place string, names *names, problems *config.Problems) {
	for i := range t.parts {
		p := &t.parts[i]
		if p.slot == "" {
			continue
		}
		before := names.keptUsed
		value, err := document.Compile(p.slot, document.TypeText, names)
		p.value, p.kept = value, names.keptUsed > before
		var found config.Problems
		found.AddError(place, err)
		for _, problem := range config.All(found.Err()) {
			problem.Offset += p.offset
			problems.AddError("", problem)
		}
	}
}

// escape puts a slot's value into its place, or says why it cannot stand there.
type escape struct {
	slot    func(string) (string, error)
	literal func(string) string
}

// fill gives the text with its slots filled. The error is an *Error: BadCustomer if it is the caller's id that cannot
// stand here, PathMissing or DecodeFailed if it is something the CRM answered.
func (t *Template) fill(values document.Env, place escape) (string, *Error) {
	var text strings.Builder
	for i := range t.parts {
		p := &t.parts[i]
		if p.slot == "" {
			text.WriteString(place.literal(p.literal.Reveal()))
			continue
		}
		filled, err := p.fill(values, place)
		if err != nil {
			return "", err
		}
		text.WriteString(filled)
	}
	return text.String(), nil
}

func (p *part) fill(values document.Env, place escape) (string, *Error) {
	refused := BadCustomer
	if p.kept {
		refused = DecodeFailed
	}
	datum, err := p.value.Eval(values)
	if err != nil {
		return "", failure(refused, "the slot {{%s}} cannot be filled: %w", p.slot, err)
	}
	if datum.Type == document.TypeNone {
		return "", failure(refused, "the slot {{%s}} has no value", p.slot)
	}
	filled, err := place.slot(datum.Text)
	if err != nil {
		return "", failure(refused, "the slot {{%s}}: %w", p.slot, err)
	}
	return filled, nil
}

func same(text string) string { return text }

// In a path segment some texts are refused, not escaped: servers and proxies decode %2F and resolve dots, and then
// another customer's history is read.
func inPath() escape {
	return escape{slot: pathSegment, literal: func(text string) string {
		if strings.Contains(text, "%") {
			return text
		}
		return (&url.URL{Path: text}).EscapedPath()
	}}
}

func pathSegment(value string) (string, error) {
	switch {
	case value == "":
		return "", fmt.Errorf("an empty text cannot stand in a path")
	case strings.Trim(value, ".") == "":
		return "", fmt.Errorf("a text of dots alone cannot stand in a path")
	case strings.ContainsAny(value, `/\%`) || strings.ContainsFunc(value, unicode.IsControl):
		return "", fmt.Errorf(`a text with / \ %% or control characters cannot stand in a path`)
	}
	return url.PathEscape(value), nil
}

func inQuery() escape {
	return escape{literal: url.QueryEscape, slot: func(value string) (string, error) {
		return url.QueryEscape(value), nil
	}}
}

// In a header a value is sent as it is, or not at all: what HTTP would trim or split is refused.
func inHeader() escape {
	return escape{literal: same, slot: func(value string) (string, error) {
		if value == "" || strings.TrimSpace(value) != value || !httpguts.ValidHeaderFieldValue(value) {
			return "", fmt.Errorf("an empty text, or one with line breaks or spaces around it, cannot stand in a header")
		}
		return value, nil
	}}
}

// plain is for values that an encoder escapes as a whole.
func plain() escape {
	return escape{literal: same, slot: func(value string) (string, error) { return value, nil }}
}

type slotError struct {
	offset        int
	message, hint string
}

func (e *slotError) Error() string { return e.message }
func (e *slotError) Offset() int   { return e.offset }
func (e *slotError) Hint() string  { return e.hint }
