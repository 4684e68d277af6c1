package crm

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// Template is a text with slots: "/customers/{{ user }}/transactions". A slot holds an expression over the user and what
// else is known when the request is made. Where the template stands decides how a slot is escaped; nothing can switch it
// off. Between the slots a template may hold references, as a [config.Secret] does.
type Template struct {
	source string
	place  string // in the section; empty until it is bound
	parts  []part
}

type part struct {
	literal config.Secret
	slot    string // an expression's source; empty for a literal
	offset  int
	value   *document.Expression
	typ     document.Type
	from    source   // of all that the slot names
	stands  standing // among the literals
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
		if err := t.slot(source[start+2:start+length], start+2); err != nil {
			return err
		}
		offset = start + length + 2
	}
	return nil
}

func (t *Template) slot(inside string, offset int) error {
	if strings.TrimSpace(inside) == "" {
		return &slotError{offset - 2, "an empty slot", "name what stands here, for example {{ user }}"}
	}
	if at := strings.Index(inside, "${"); at >= 0 {
		return &slotError{offset + at, "a reference cannot stand inside a slot", "give it a name in crm.values, and write values.name here"}
	}
	t.parts = append(t.parts, part{slot: inside, offset: offset})
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

// bind compiles the slots: names says what they may speak of. What they do speak of is added to names.used.
func (t *Template) bind(place string, names *names, problems *config.Problems) {
	t.place = place
	for i := range t.parts {
		p := &t.parts[i]
		if p.slot == "" {
			continue
		}
		var found config.Problems
		found.AddError(place, p.compile(names))
		for _, problem := range config.All(found.Err()) {
			problem.Offset += p.offset
			problems.AddError("", problem)
		}
	}
	t.settle()
}

func (p *part) compile(names *names) error {
	before := names.used
	names.used = 0
	value, err := document.Compile(p.slot, document.TypeNone, names)
	p.from = names.used
	names.used |= before
	if err != nil {
		return err
	}
	p.value, p.typ = value, value.Type()
	return p.writable()
}

// writable refuses what has no one way to be written.
func (p *part) writable() error {
	inside := strings.TrimSpace(p.slot)
	offset := strings.Index(p.slot, inside)
	switch p.typ {
	case document.TypeTime:
		return &slotError{offset, fmt.Sprintf("a time is written format(%s, \"2006-01-02\")", inside), "after the time comes how 2 January 2006 15:04:05 would be written"}
	case document.TypeSpan:
		return &slotError{offset, "a span of time cannot be written into a request", `add it to a time, for example format(now - days(30), "2006-01-02")`}
	}
	return nil
}

// sources gives what the slots speak of.
func (t *Template) sources() source {
	var all source
	for i := range t.parts {
		all |= t.parts[i].from
	}
	return all
}

// lone gives the slot of a template that is nothing else, or nil.
func (t *Template) lone() *part {
	if len(t.parts) == 1 && t.parts[0].slot != "" {
		return &t.parts[0]
	}
	return nil
}

// absent tells whether the template is left out, with its name: on the first page there is no cursor to send.
func (t *Template) absent(values document.Env) bool {
	p := t.lone()
	if p == nil || p.from != fromPage {
		return false
	}
	datum, err := p.value.Eval(values)
	return err == nil && datum.Type == document.TypeNone
}

// datum gives the value of a template that is one slot of a number or of true or false; ok is false for every other.
func (t *Template) datum(values document.Env) (value document.Datum, ok bool, failed *Error) {
	p := t.lone()
	if p == nil || p.typ != document.TypeNumber && p.typ != document.TypeBool {
		return document.Datum{}, false, nil
	}
	value, failed = p.eval(values)
	return value, failed == nil, failed
}

// fill gives the text with its slots filled. The error is an *Error: BadCustomer if it is the caller's id that cannot
// stand here, DecodeFailed if it is something that the CRM answered.
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
			return "", err.from(t.place)
		}
		text.WriteString(filled)
	}
	return text.String(), nil
}

func (p *part) fill(values document.Env, place escape) (string, *Error) {
	datum, failed := p.eval(values)
	if failed != nil {
		return "", failed
	}
	text, err := datum.String(), error(nil)
	if p.from&foreign != 0 && place.among != nil {
		text, err = place.among(p.stands, text)
	}
	if err == nil {
		text, err = place.slot(text)
	}
	if err == nil && text == "" && p.from&fromUser != 0 {
		err = errNothingLeft
	}
	if err != nil {
		return "", failure(p.refused(), "the slot {{%s}}: %w", p.shown(), err)
	}
	return text, nil
}

// An id that comes to nothing, such as digits(user) of one without any, asks for nobody: for everybody, perhaps.
var errNothingLeft = errors.New("nothing is left of the customer's id")

// What a step may keep, and what one that is optional failed to keep, may be none.
var errNoValue = errors.New("has no value")

func (p *part) eval(values document.Env) (document.Datum, *Error) {
	datum, err := p.value.Eval(values)
	if err != nil {
		return datum, failure(p.refused(), "the slot {{%s}} cannot be filled: %w", p.shown(), err)
	}
	if datum.Type == document.TypeNone {
		return datum, failure(p.refused(), "the slot {{%s}} %w", p.shown(), errNoValue)
	}
	return datum, nil
}

// shown is the slot as an error may tell it: between an expression's quotes there may be a key.
func (p *part) shown() string { return quoted.ReplaceAllString(p.slot, `"…"`) }

var quoted = regexp.MustCompile("\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*'|`[^`]*`")

// refused says whose mistake it is if the slot cannot be filled: the caller's only if nothing of the CRM is in it.
func (p *part) refused() Kind {
	if p.from&foreign == fromUser {
		return BadCustomer
	}
	return DecodeFailed
}

type slotError struct {
	offset        int
	message, hint string
}

func (e *slotError) Error() string { return e.message }
func (e *slotError) Offset() int   { return e.offset }
func (e *slotError) Hint() string  { return e.hint }
