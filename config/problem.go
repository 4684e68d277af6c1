package config

import (
	"errors"
	"fmt"
	"strings"
)

// Problem is one thing that is wrong with a config, told to the person who can mend it.
type Problem struct {
	Place   string // where: the path of keys, such as steps[0].query.limit; one that begins with / counts from the whole file
	Offset  int    // the byte of the value's text at which it goes wrong; 0 is its beginning
	Key     bool   // the key itself is wrong (unknown, duplicate), not its value
	Message string // what is wrong, and why
	Hint    string // what to write instead; empty if there is nothing to say
}

// Error gives the place, the message and the hint in one line.
func (p *Problem) Error() string {
	text := p.Message
	if p.Place != "" {
		text = p.Place + ": " + text
	}
	if p.Hint != "" {
		text += " (" + p.Hint + ")"
	}
	return text
}

// located is what an error may know about itself: document's expressions and paths do.
type located interface {
	Offset() int
	Hint() string
}

// Problems collects what is wrong, so that a constructor can say everything at once. The zero value is ready to use.
type Problems struct{ list []error }

// Add notes that the value at place is wrong.
func (p *Problems) Add(place, format string, args ...any) *Problem {
	problem := &Problem{Place: place, Message: fmt.Sprintf(format, args...)}
	p.list = append(p.list, problem)
	return problem
}

// AddError notes err at place, if err is not nil. What err already knows is kept: the problems inside it have their
// places joined to this one, an offset and a hint stay.
func (p *Problems) AddError(place string, err error) {
	if err == nil {
		return
	}
	for _, each := range flatten(err) {
		p.list = append(p.list, within(place, each))
	}
}

func within(place string, err error) *Problem {
	var inner *Problem
	if errors.As(err, &inner) {
		moved := *inner
		moved.Place = Join(place, inner.Place)
		return &moved
	}
	problem := &Problem{Place: place, Message: err.Error()}
	var known located
	if errors.As(err, &known) {
		problem.Offset, problem.Hint = known.Offset(), known.Hint()
	}
	return problem
}

// Len tells how many there are.
func (p *Problems) Len() int { return len(p.list) }

// Err gives everything that was noted, as an errors.Join, or nil.
func (p *Problems) Err() error { return errors.Join(p.list...) }

// All gives the problems inside an error that [Problems.Err] made, in the order they were noted. An error that is
// none of ours becomes a problem without a place.
func All(err error) []*Problem {
	if err == nil {
		return nil
	}
	var all []*Problem
	for _, each := range flatten(err) {
		all = append(all, within("", each))
	}
	return all
}

func flatten(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var all []error
	for _, each := range joined.Unwrap() {
		all = append(all, flatten(each)...)
	}
	return all
}

// Join puts two places together: "crm" and "steps[0]" are "crm.steps[0]", "crm.steps" and "[0]" are "crm.steps[0]". A
// place that begins with / counts from the whole file and stays as it is.
func Join(outer, inner string) string {
	switch {
	case outer == "", strings.HasPrefix(inner, "/"):
		return inner
	case inner == "":
		return outer
	case strings.HasPrefix(inner, "["):
		return outer + inner
	default:
		return outer + "." + inner
	}
}

// Member is the place of a key below outer. A key with odd characters is written in brackets, as in a path.
func Member(outer, key string) string {
	if strings.ContainsAny(key, ".[]'\" ") || key == "" {
		return outer + "['" + key + "']"
	}
	return Join(outer, key)
}

// Index is the place of an element of the list at outer.
func Index(outer string, i int) string { return fmt.Sprintf("%s[%d]", outer, i) }
