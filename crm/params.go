package crm

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// Params is the query or the form of a request, in the order of the file. A list repeats its key; a map with the one key
// $json is sent as the JSON text of what it holds.
type Params struct{ list []param }

type param struct {
	name  string
	place string
	value Template
	json  *jsonNode // instead of value, if not nil
}

// UnmarshalTree reads a map of values or lists of values.
func (p *Params) UnmarshalTree(tree config.Tree) error {
	if tree.Kind != config.Map {
		return fmt.Errorf("expected a map of parameters, found %s", tree.Kind)
	}
	var problems config.Problems
	p.list = []param{}
	for _, member := range tree.Members {
		place := config.Member("", member.Name)
		checkKey(place, member.Name, &problems)
		if member.Value.Kind != config.List {
			p.add(member.Name, place, member.Value, &problems)
			continue
		}
		for i, item := range member.Value.Items {
			p.add(member.Name, config.Index(place, i), item, &problems)
		}
	}
	return problems.Err()
}

func (p *Params) add(name, place string, tree config.Tree, problems *config.Problems) {
	added := param{name: name, place: place}
	switch {
	case isJSONText(tree):
		added.json = newJSONNode(jsonTextPlace(place), tree.Members[0].Value, problems)
	case tree.Kind == config.Map, tree.Kind == config.List:
		problems.Add(place, "a parameter is a text, a number or a list of them, not %s", tree.Kind).Hint =
			"to send the JSON text of it, write " + name + ": { $json: … }"
	case tree.Kind == config.Null:
		problems.Add(place, "a parameter is a text, a number or a list of them, not %s", tree.Kind)
	default:
		problems.AddError(place, added.value.UnmarshalText([]byte(tree.Text)))
	}
	p.list = append(p.list, added)
}

// checkKey refuses a slot in a key: the names of what is sent are the config's.
func checkKey(place, key string, problems *config.Problems) {
	if strings.Contains(key, "{{") {
		problems.Add(place, "a key cannot have slots").Key = true
	}
}

// IsZero tells whether nothing was configured.
func (p *Params) IsZero() bool { return p.list == nil }

// Resolve resolves the references in the values.
func (p *Params) Resolve(lookup config.Lookup) error {
	var problems config.Problems
	for i := range p.list {
		problems.AddError(p.list[i].place, p.list[i].value.Resolve(lookup))
		p.list[i].json.resolve(lookup, &problems)
	}
	return problems.Err()
}

func (p *Params) bind(place string, names *names, problems *config.Problems) {
	for i := range p.list {
		p.list[i].value.bind(config.Join(place, p.list[i].place), names, problems)
		p.list[i].json.bind(place, names, problems)
	}
}

func (p *Params) sources() source {
	var all source
	for i := range p.list {
		all |= p.list[i].value.sources() | p.list[i].json.sources()
	}
	return all
}

func (p *Params) has(name string) bool {
	return slices.ContainsFunc(p.list, func(each param) bool { return each.name == name })
}

// encode gives the parameters as a URL and a form have them.
func (p *Params) encode(values document.Env) (string, *Error) {
	var query strings.Builder
	for i := range p.list {
		each := &p.list[i]
		if each.absent(values) {
			continue
		}
		value, err := each.encode(values)
		if err != nil {
			return "", err
		}
		appendParam(&query, url.QueryEscape(each.name), value)
	}
	return query.String(), nil
}

func (p *param) absent(values document.Env) bool {
	if p.json != nil {
		return p.json.absent(values)
	}
	return p.value.absent(values)
}

func (p *param) encode(values document.Env) (string, *Error) {
	if p.json == nil {
		return p.value.fill(values, inQuery())
	}
	text, err := p.json.append(nil, values)
	return url.QueryEscape(string(text)), err
}

func appendParam(query *strings.Builder, name, value string) {
	if query.Len() > 0 {
		query.WriteByte('&')
	}
	query.WriteString(name + "=" + value)
}
