package crm

import (
	"encoding/json"
	"strings"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// JSONBody is a JSON body as structure: slots stand in its texts only, so that no value can change its shape. A text
// that is one slot of a number, or of true or false, is sent as such; an object with the one key $json is sent as a text
// that holds the JSON of what is in it.
type JSONBody struct{ root *jsonNode }

// UnmarshalTree takes the structure as it stands in the file.
func (b *JSONBody) UnmarshalTree(tree config.Tree) error {
	var problems config.Problems
	b.root = newJSONNode("", tree, &problems)
	return problems.Err()
}

// IsZero tells whether nothing was configured.
func (b *JSONBody) IsZero() bool { return b.root == nil }

// Resolve resolves the references in the texts.
func (b *JSONBody) Resolve(lookup config.Lookup) error {
	var problems config.Problems
	b.root.resolve(lookup, &problems)
	return problems.Err()
}

func (b *JSONBody) bind(place string, names *names, problems *config.Problems) {
	b.root.bind(place, names, problems)
}

func (b *JSONBody) sources() source { return b.root.sources() }

// encode gives the body, nil if there is none.
func (b *JSONBody) encode(values document.Env) ([]byte, *Error) {
	if b.root == nil || b.root.absent(values) {
		return nil, nil
	}
	return b.root.append(nil, values)
}

// jsonNode is one value of the structure. A nil jsonNode is none.
type jsonNode struct {
	place   string
	literal string    // a number, true, false or null, as JSON writes it
	text    *Template // a text
	inner   *jsonNode // what a text holds the JSON of
	items   []*jsonNode
	names   []string // JSON texts; the items are the members of an object if not nil
}

// jsonKey is the key of a map that stands for a text.
const jsonKey = "$json"

func isJSONText(tree config.Tree) bool {
	return tree.Kind == config.Map && len(tree.Members) == 1 && tree.Members[0].Name == jsonKey
}

func jsonTextPlace(place string) string { return config.Member(place, jsonKey) }

func newJSONNode(place string, tree config.Tree, problems *config.Problems) *jsonNode {
	node := &jsonNode{place: place}
	switch {
	case isJSONText(tree):
		node.inner = newJSONNode(jsonTextPlace(place), tree.Members[0].Value, problems)
	case tree.Kind == config.Map:
		node.addMembers(tree, problems)
	case tree.Kind == config.List:
		for i, item := range tree.Items {
			node.items = append(node.items, newJSONNode(config.Index(place, i), item, problems))
		}
	case tree.Kind == config.Text:
		node.text = new(Template)
		problems.AddError(place, node.text.UnmarshalText([]byte(tree.Text)))
	case tree.Kind == config.Null:
		node.literal = "null"
	default:
		node.literal = tree.Text
		if !json.Valid([]byte(tree.Text)) {
			problems.Add(place, "%s is not written as JSON writes it", tree.Text).Hint = "put it in quotes to send a text"
		}
	}
	return node
}

func (n *jsonNode) addMembers(tree config.Tree, problems *config.Problems) {
	n.names = []string{}
	for _, member := range tree.Members {
		place := config.Member(n.place, member.Name)
		checkKey(place, member.Name, problems)
		if member.Name == jsonKey {
			problems.Add(place, "%s stands for a text, and has no other keys beside it", jsonKey).Key = true
		}
		n.names = append(n.names, jsonText(member.Name))
		n.items = append(n.items, newJSONNode(place, member.Value, problems))
	}
}

// jsonText encodes a text, and leaves & < > as they are: the CRM does not print it into HTML.
func jsonText(text string) string {
	var encoded strings.Builder
	encoder := json.NewEncoder(&encoded)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string always encodes
	return strings.TrimSuffix(encoded.String(), "\n")
}

// texts calls visit with every template of the structure.
func (n *jsonNode) texts(visit func(place string, text *Template)) {
	if n == nil {
		return
	}
	if n.text != nil {
		visit(n.place, n.text)
	}
	n.inner.texts(visit)
	for _, item := range n.items {
		item.texts(visit)
	}
}

func (n *jsonNode) resolve(lookup config.Lookup, problems *config.Problems) {
	n.texts(func(place string, text *Template) { problems.AddError(place, text.Resolve(lookup)) })
}

func (n *jsonNode) bind(place string, names *names, problems *config.Problems) {
	n.texts(func(inside string, text *Template) { text.bind(config.Join(place, inside), names, problems) })
}

func (n *jsonNode) sources() source {
	var all source
	n.texts(func(_ string, text *Template) { all |= text.sources() })
	return all
}

// absent tells whether the value is left out, with its name.
func (n *jsonNode) absent(values document.Env) bool {
	if n.inner != nil {
		return n.inner.absent(values)
	}
	return n.text != nil && n.text.absent(values)
}

func (n *jsonNode) append(out []byte, values document.Env) ([]byte, *Error) {
	switch {
	case n.text != nil:
		return n.appendText(out, values)
	case n.inner != nil:
		inner, err := n.inner.append(nil, values)
		return append(out, jsonText(string(inner))...), err
	case n.literal != "":
		return append(out, n.literal...), nil
	}
	return n.appendItems(out, values)
}

func (n *jsonNode) appendText(out []byte, values document.Env) ([]byte, *Error) {
	datum, typed, err := n.text.datum(values)
	if err != nil {
		return nil, err
	}
	if typed {
		return append(out, datum.String()...), nil
	}
	text, err := n.text.fill(values, inJSON())
	return append(out, jsonText(text)...), err
}

func (n *jsonNode) appendItems(out []byte, values document.Env) ([]byte, *Error) {
	brackets := "[]"
	if n.names != nil {
		brackets = "{}"
	}
	out = append(out, brackets[0])
	first := true
	for i, item := range n.items {
		if item.absent(values) {
			continue
		}
		if !first {
			out = append(out, ',')
		}
		first = false
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
