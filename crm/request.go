package crm

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// Params is the query of a request, in the order of the file. A list repeats its key.
type Params struct{ list []param }

type param struct {
	name  string
	place string
	value Template
}

// UnmarshalTree reads a map of texts or lists of texts.
func (p *Params) UnmarshalTree(tree config.Tree) error {
	if tree.Kind != config.Map {
		return fmt.Errorf("expected a map of parameters, found %s", tree.Kind)
	}
	var problems config.Problems
	p.list = nil
	for _, member := range tree.Members {
		place := config.Member("", member.Name)
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
	switch tree.Kind {
	case config.List, config.Map, config.Null:
		problems.Add(place, "a parameter is a text, a number or a list of them, not %s", tree.Kind)
	default:
		problems.AddError(place, added.value.UnmarshalText([]byte(tree.Text)))
	}
	p.list = append(p.list, added)
}

// Resolve resolves the references in the values.
func (p *Params) Resolve(lookup config.Lookup) error {
	var problems config.Problems
	for i := range p.list {
		problems.AddError(p.list[i].place, p.list[i].value.Resolve(lookup))
	}
	return problems.Err()
}

func (p *Params) bind(place string, names *names, problems *config.Problems) {
	for i := range p.list {
		p.list[i].value.bind(config.Join(place, p.list[i].place), names, problems)
	}
}

func (p *Params) has(name string) bool {
	return slices.ContainsFunc(p.list, func(each param) bool { return each.name == name })
}

func (p *Params) fill(values document.Env) (string, *Error) {
	var query strings.Builder
	place := inQuery()
	for i := range p.list {
		value, err := p.list[i].value.fill(values, place)
		if err != nil {
			return "", err
		}
		appendParam(&query, place.literal(p.list[i].name), value)
	}
	return query.String(), nil
}

func appendParam(query *strings.Builder, name, value string) {
	if query.Len() > 0 {
		query.WriteByte('&')
	}
	query.WriteString(name + "=" + value)
}

// Body is a JSON body as structure: slots stand in its texts only, so that no value can change its shape.
type Body struct{ root *bodyNode }

type bodyNode struct {
	place   string
	literal string // a number, true, false or null, as JSON writes it
	text    *Template
	items   []*bodyNode
	names   []string // JSON texts; the items are the members of an object if not nil
}

// UnmarshalTree takes the structure as it stands in the file.
func (b *Body) UnmarshalTree(tree config.Tree) error {
	var problems config.Problems
	b.root = newBodyNode("", tree, &problems)
	return problems.Err()
}

func newBodyNode(place string, tree config.Tree, problems *config.Problems) *bodyNode {
	node := &bodyNode{place: place}
	switch tree.Kind {
	case config.Map:
		node.names = []string{}
		for _, member := range tree.Members {
			node.names = append(node.names, jsonText(member.Name))
			node.items = append(node.items, newBodyNode(config.Member(place, member.Name), member.Value, problems))
		}
	case config.List:
		for i, item := range tree.Items {
			node.items = append(node.items, newBodyNode(config.Index(place, i), item, problems))
		}
	case config.Text:
		node.text = new(Template)
		problems.AddError(place, node.text.UnmarshalText([]byte(tree.Text)))
	case config.Null:
		node.literal = "null"
	default:
		node.literal = tree.Text
		if !json.Valid([]byte(tree.Text)) {
			problems.Add(place, "%s is not written as JSON writes it", tree.Text).Hint = "put it in quotes to send a text"
		}
	}
	return node
}

func jsonText(text string) string {
	encoded, _ := json.Marshal(text) // a string always encodes
	return string(encoded)
}

func (n *bodyNode) each(visit func(*bodyNode)) {
	if n == nil {
		return
	}
	visit(n)
	for _, item := range n.items {
		item.each(visit)
	}
}

// Resolve resolves the references in the texts.
func (b *Body) Resolve(lookup config.Lookup) error {
	var problems config.Problems
	b.root.each(func(n *bodyNode) {
		if n.text != nil {
			problems.AddError(n.place, n.text.Resolve(lookup))
		}
	})
	return problems.Err()
}

func (b *Body) bind(place string, names *names, problems *config.Problems) {
	b.root.each(func(n *bodyNode) {
		if n.text != nil {
			n.text.bind(config.Join(place, n.place), names, problems)
		}
	})
}

func (b *Body) fill(values document.Env) ([]byte, *Error) {
	if b.root == nil {
		return nil, nil
	}
	return b.root.append(nil, values)
}

func (n *bodyNode) append(out []byte, values document.Env) ([]byte, *Error) {
	switch {
	case n.text != nil:
		text, err := n.text.fill(values, plain())
		return append(out, jsonText(text)...), err
	case n.literal != "":
		return append(out, n.literal...), nil
	}
	brackets := "[]"
	if n.names != nil {
		brackets = "{}"
	}
	out = append(out, brackets[0])
	for i, item := range n.items {
		if i > 0 {
			out = append(out, ',')
		}
		if n.names != nil {
			out = append(append(out, n.names[i]...), ':')
		}
		var err *Error
		if out, err = item.append(out, values); err != nil {
			return nil, err
		}
	}
	return append(out, brackets[1]), nil
}

// request is one request, ready to be sent: what is the same on every page of a step, and the page.
type request struct {
	method  string
	target  string // the path below the base URL, escaped
	query   string // encoded
	body    []byte
	headers map[string]string
}

// page gives the same request with the page's number in its query.
func (r request) page(param string, number int) request {
	var query strings.Builder
	query.WriteString(r.query)
	appendParam(&query, inQuery().literal(param), strconv.Itoa(number))
	r.query = query.String()
	return r
}
