package mapping

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

var identifier = regexp.MustCompile(`^[\pL_][\pL\p{Nd}_]*$`)

// reserved are the words that expressions keep for themselves.
func reserved() []string {
	return []string{
		"true", "false", "nil", "not", "and", "or", "in", "let", "if", "else",
		"matches", "contains", "startsWith", "endsWith",
	}
}

// checkFieldName asks for a name that an expression can speak of.
func checkFieldName(place, name string, problems *config.Problems) {
	switch {
	case !identifier.MatchString(name):
		made := problems.Add(place, "%q cannot be the name of a field", name)
		made.Key, made.Hint = true, "use letters, digits and _; where it stands in the record is told by at"
	case slices.Contains(reserved(), name):
		made := problems.Add(place, "%q is a word of the expressions and cannot be the name of a field", name)
		made.Key, made.Hint = true, "the name is free, for example "+name+"_"
	}
}

// scope is what expressions may speak of: the fields, and names for what a record has beside them. A field of such a
// name hides it.
type scope struct {
	fields   []field
	decided  bool // what the record means is known: there is a kind
	problems *config.Problems
	broken   bool // the expression names a field whose type is not known, which is told already
}

// compile compiles an expression over the fields. The empty one is nil.
func (s *scope) compile(place, source string, want document.Type) *document.Expression {
	if strings.TrimSpace(source) == "" {
		return nil
	}
	s.broken = false
	made, err := document.Compile(source, want, s)
	if err != nil {
		if !s.broken {
			s.problems.AddError(place, err)
		}
		return nil
	}
	return made
}

// Resolve finds a field by its name. exists(field) has the index of the field plus the number of fields.
func (s *scope) Resolve(ref document.Ref, want document.Type) (int, document.Type, error) {
	index := slices.IndexFunc(s.fields, func(f field) bool { return f.name == ref.Root })
	switch {
	case index < 0 && ref.Path.IsZero() && ref.Call == "" && s.special(ref.Root).index != 0:
		return s.special(ref.Root).index, s.special(ref.Root).typ, nil
	case index < 0:
		return s.unknown(ref.Root)
	case !ref.Path.IsZero():
		return s.refuse(fmt.Sprintf("the field %s is one value and has no members", ref.Root),
			"declare what is needed as a field of its own, with at")
	case ref.Call == "len":
		return s.refuse("len() counts the elements of a list, and a field is one value",
			"exists(field) asks whether it is there")
	case ref.Call == "exists":
		return index + len(s.fields), document.TypeBool, nil
	case s.fields[index].typ == document.TypeNone:
		s.broken = true
		return index, want, nil
	}
	return index, s.fields[index].typ, nil
}

func (s *scope) unknown(name string) (int, document.Type, error) {
	known := make([]string, len(s.fields))
	for i := range s.fields {
		known[i] = s.fields[i].name
	}
	hint := didYouMean(name, known)
	if config.Nearest(name, known) == "" {
		hint = strings.TrimPrefix(hint+"; a text stands in quotes: \"…\"", "; ")
	}
	return s.refuse("there is no field "+name, hint)
}

// refuse gives an error that is told even if the expression names a broken field too.
func (s *scope) refuse(message, hint string) (int, document.Type, error) {
	s.broken = false
	return 0, document.TypeNone, &nameError{message, hint}
}

// nameError is a name that means nothing, with what to write instead.
type nameError struct{ message, hint string }

func (e *nameError) Error() string { return e.message }

func (e *nameError) Hint() string { return e.hint }

// special is a name that is no field. Its index is below zero.
type special struct {
	index int
	typ   document.Type
}

const (
	stepIndex = -1 - iota // the step whose answer held the record
	nowIndex              // the time for which the history is read
	kindIndex             // what the customer reads of the record's kind
)

// special gives a name that is no field; its index is 0 if there is no such name here.
func (s *scope) special(name string) special {
	switch {
	case name == "step":
		return special{stepIndex, document.TypeText}
	case name == "now":
		return special{nowIndex, document.TypeTime}
	case name == "kind" && s.decided:
		return special{kindIndex, document.TypeText}
	}
	return special{}
}

// row is one record's data as expressions see them.
type row struct {
	mapping *Mapping
	data    []document.Datum
	step    string
	now     time.Time
	meaning meaning // once it is known
}

// Get gives a field's datum, or whether it is there.
func (r *row) Get(index int) (document.Datum, error) {
	if index >= 0 && index < len(r.data) {
		return r.data[index], nil
	}
	switch index {
	case stepIndex:
		return document.TextDatum(r.step), nil
	case nowIndex:
		return document.TimeDatum(r.now), nil
	case kindIndex:
		text, problem := r.mapping.kindText(r)
		return document.TextDatum(text), problem.err()
	}
	return document.BoolDatum(r.data[index-len(r.data)].Type != document.TypeNone), nil
}

// didYouMean gives the hint for a misspelt name: the one that was probably meant, or all there are.
func didYouMean(misspelt string, known []string) string {
	if near := config.Nearest(misspelt, known); near != "" {
		return "did you mean " + near + "?"
	}
	if len(known) == 0 {
		return ""
	}
	return "there are: " + strings.Join(known, ", ")
}
