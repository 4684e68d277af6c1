package crm

import (
	"fmt"
	"regexp"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// Keep is what a step keeps of its answer for later steps: one value; or, by a place with [*], a list of values for a
// step with each; or a list of rows with named values.
type Keep struct {
	at   document.Pick
	list document.Plan // the rows of a list; without fields if the elements are values themselves
	rows []string      // the names of a row's values
}

// UnmarshalText takes a place in the answer.
func (k *Keep) UnmarshalText(text []byte) error { return k.at.UnmarshalText(text) }

// UnmarshalTree takes a place, or a map of list (the place of the rows) and named paths inside of a row.
func (k *Keep) UnmarshalTree(tree config.Tree) error {
	switch tree.Kind {
	case config.Text:
		return k.UnmarshalText([]byte(tree.Text))
	case config.Map:
		var problems config.Problems
		k.unmarshalRows(tree, &problems)
		return problems.Err()
	}
	return fmt.Errorf("a place in the answer is expected, or a map with list, not %s", tree.Kind)
}

func (k *Keep) unmarshalRows(tree config.Tree, problems *config.Problems) {
	for _, member := range tree.Members {
		place := config.Member("", member.Name)
		if member.Value.Kind != config.Text {
			problems.Add(place, "a path is expected, not %s", member.Value.Kind)
			continue
		}
		if member.Name == "list" {
			problems.AddError(place, k.at.UnmarshalText([]byte(member.Value.Text)))
			continue
		}
		path, err := document.ParsePath(member.Value.Text)
		problems.AddError(place, err)
		if err == nil && !path.Single() {
			problems.Add(place, "a row's value is one value, and [*] leads to many")
		}
		k.rows = append(k.rows, member.Name)
		k.list.Fields = append(k.list.Fields, path)
	}
	path, ok := k.at.Body()
	if !ok {
		problems.Add("", "list is missing: where in the body are the rows?").Hint = "list: body.cards"
	}
	if len(k.rows) == 0 {
		problems.Add("", "no value of a row is named").Hint = "id: card.id"
	}
	k.list.Sources = []document.Source{{Records: path}}
	k.checkUps(problems)
}

func (k *Keep) checkUps(problems *config.Problems) {
	for i, path := range k.list.Fields {
		if levels := k.list.Sources[0].Levels(); path.Ups() > levels {
			problems.Add(config.Member("", k.rows[i]), "%s goes up further than the answer: a row here has %d levels above", path, levels)
		}
	}
}

// many tells whether a list is kept.
func (k *Keep) many() bool { return len(k.rows) > 0 || !k.at.Single() }

// kept is a Keep, compiled.
type kept struct {
	Keep
	name  string
	place string
	index int // among the values, or among the lists
}

var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// list is a kept list as a later step may ask for it: each, or each.x.
type list struct {
	step string
	name string
	rows []string
}

// newKept makes a step's kept values known. Lists are noted apart: a slot has room for one value.
func (b *builder) newKept(place string, cfg *Step) []kept {
	var made []kept
	from := fromStep
	if cfg.KeepFor > 0 {
		from = fromConstant
	}
	for _, name := range sortedKeys(cfg.Keep) {
		place := config.Member(place+".keep", name)
		if !plainName.MatchString(name) {
			b.problems.Add(place, "%q cannot be the name of a kept value", name).Key = true
		}
		k := kept{Keep: cfg.Keep[name], name: name, place: place}
		if k.many() {
			k.index = len(b.lists)
			b.lists = append(b.lists, list{cfg.Name, name, k.rows})
		} else {
			k.index = b.names.add(cfg.Name+"."+name, document.TypeText, from)
		}
		made = append(made, k)
	}
	return made
}

// take keeps what an answer holds.
func (k *kept) take(got *answer, values *env, lists []rows) *Error {
	return k.takeFrom(got, values, lists).from(k.place)
}

func (k *kept) takeFrom(got *answer, values *env, lists []rows) *Error {
	if k.many() {
		taken, err := k.takeList(got)
		lists[k.index] = append(lists[k.index], taken...)
		return err
	}
	value, err := k.at.From(got.Answer)
	switch {
	case err != nil:
		return documentFailure(err)
	case value.Kind() == document.Missing:
		return nil // its question mark allows for that: the name has no value
	}
	text, failed := k.text(value)
	if failed == nil {
		values.set(k.index, text)
	}
	return failed
}

// one gives a single value.
func (k *kept) one(got *answer) (string, *Error) {
	value, err := k.at.From(got.Answer)
	if err != nil {
		return "", documentFailure(err).from(k.place)
	}
	text, failed := k.text(value)
	return text, failed.from(k.place)
}

// rows are the elements of a kept list, each with its values.
type rows [][]string

func (k *kept) takeList(got *answer) (rows, *Error) {
	if len(k.rows) > 0 {
		return k.takeRows(got)
	}
	values, err := k.at.List(got.Answer)
	if err != nil {
		return nil, documentFailure(err)
	}
	taken := make(rows, len(values))
	for i, value := range values {
		text, failed := k.text(value)
		if failed != nil {
			return nil, failed
		}
		taken[i] = []string{text}
	}
	return taken, nil
}

func (k *kept) takeRows(got *answer) (rows, *Error) {
	records, err := k.list.Extract(0, got.Body)
	if err != nil {
		return nil, documentFailure(err)
	}
	taken := make(rows, len(records))
	for i, record := range records {
		if why := record.Problem(); why != "" {
			return nil, failure(PathMissing, "keep.%s: a row %s", k.name, why)
		}
		for field := range k.rows {
			text, failed := k.text(record.Field(field))
			if failed != nil {
				return nil, failed
			}
			taken[i] = append(taken[i], text)
		}
	}
	return taken, nil
}

// text takes a value for a slot. What is null or has members is none: a request with it would ask for somebody else.
func (k *kept) text(value document.Value) (string, *Error) {
	switch value.Kind() {
	case document.Text, document.Number, document.Bool:
		return value.Text(), nil
	}
	return "", failure(PathMissing, "keep.%s: %s is %s, not a value to keep", k.name, k.at, value.Kind())
}
