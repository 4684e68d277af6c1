package crm

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// XMLBody is an XML body as structure: a key is an element, @key an attribute, #text the text beside attributes; a list
// repeats its element. Slots stand in texts and attributes only.
type XMLBody struct{ root *xmlNode }

// xmlNode is an element; or, without a name, a text or the document itself.
type xmlNode struct {
	place      string
	name       string
	text       *Template
	attributes []*xmlNode
	content    []*xmlNode
	plain      bool // an element that is its text and nothing else: without one it is left out
}

// UnmarshalTree takes the structure as it stands in the file.
func (b *XMLBody) UnmarshalTree(tree config.Tree) error {
	if tree.Kind != config.Map {
		return fmt.Errorf("expected a map of elements, found %s", tree.Kind)
	}
	var problems config.Problems
	b.root = &xmlNode{}
	b.root.addMembers(tree, &problems)
	if len(b.root.attributes) > 0 || slices.ContainsFunc(b.root.content, func(n *xmlNode) bool { return n.text != nil }) {
		problems.Add("", "attributes and #text stand inside an element")
	}
	return problems.Err()
}

// textKey is the key of the text beside attributes.
const textKey = "#text"

func (n *xmlNode) addMembers(tree config.Tree, problems *config.Problems) {
	for _, member := range tree.Members {
		place := config.Member(n.place, member.Name)
		attribute, isAttribute := strings.CutPrefix(member.Name, "@")
		switch {
		case isAttribute:
			n.attributes = append(n.attributes, newXMLText(place, attribute, member.Value, problems))
		case member.Name == textKey:
			n.content = append(n.content, newXMLText(place, "", member.Value, problems))
		case member.Value.Kind == config.List:
			for i, item := range member.Value.Items {
				n.content = append(n.content, newXMLElement(config.Index(place, i), member.Name, item, problems))
			}
		default:
			n.content = append(n.content, newXMLElement(place, member.Name, member.Value, problems))
		}
	}
}

func newXMLText(place, name string, tree config.Tree, problems *config.Problems) *xmlNode {
	node := &xmlNode{place: place, name: name, text: new(Template)}
	switch tree.Kind {
	case config.Null, config.List, config.Map:
		problems.Add(place, "attributes and #text are texts, not %s", tree.Kind)
	default:
		problems.AddError(place, node.text.UnmarshalText([]byte(tree.Text)))
	}
	return node
}

func newXMLElement(place, name string, tree config.Tree, problems *config.Problems) *xmlNode {
	node := &xmlNode{place: place, name: name}
	switch tree.Kind {
	case config.Null:
	case config.List:
		problems.Add(place, "an element cannot be a list in a list").Hint = "a list repeats its element: give the inner one a name"
	case config.Map:
		node.addMembers(tree, problems)
	default:
		node.plain, node.content = true, []*xmlNode{newXMLText(place, "", tree, problems)}
	}
	return node
}

// IsZero tells whether nothing was configured.
func (b *XMLBody) IsZero() bool { return b.root == nil }

// Resolve resolves the references in texts and attributes.
func (b *XMLBody) Resolve(lookup config.Lookup) error {
	var problems config.Problems
	b.root.texts(func(n *xmlNode) { problems.AddError(n.place, n.text.Resolve(lookup)) })
	return problems.Err()
}

// texts visits the nodes that have a text: texts and attributes.
func (n *xmlNode) texts(visit func(*xmlNode)) {
	if n == nil {
		return
	}
	if n.text != nil {
		visit(n)
	}
	for _, inner := range n.attributes {
		inner.texts(visit)
	}
	for _, inner := range n.content {
		inner.texts(visit)
	}
}

// xmlName is a name of XML 1.0 with at most one prefix (Namespaces in XML).
var xmlName = regexp.MustCompile(`^(?:([\pL_][\pL\pN_.-]*):)?[\pL_][\pL\pN_.-]*$`)

// xmlBinder compiles the texts and checks the names.
type xmlBinder struct {
	place    string
	names    *names
	problems *config.Problems
}

// content compiles what is in a node; known are the prefixes that are declared around it.
func (b *xmlBinder) content(n *xmlNode, known map[string]bool) {
	for _, inner := range n.content {
		if inner.text != nil {
			b.text(inner)
		} else {
			b.element(inner, known)
		}
	}
}

func (b *xmlBinder) element(n *xmlNode, known map[string]bool) {
	known = maps.Clone(known)
	for _, attribute := range n.attributes {
		if prefix, found := strings.CutPrefix(attribute.name, "xmlns:"); found {
			known[prefix] = true
		}
	}
	b.name(n, known)
	for _, attribute := range n.attributes {
		b.name(attribute, known)
		b.text(attribute)
	}
	b.content(n, known)
}

func (b *xmlBinder) name(n *xmlNode, known map[string]bool) {
	place := config.Join(b.place, n.place)
	match := xmlName.FindStringSubmatch(n.name)
	switch {
	case match == nil:
		b.problems.Add(place, "%q cannot be a name in XML", n.name).Key = true
	case match[1] != "" && !known[match[1]] && (match[1] != "xmlns" || n.text == nil):
		problem := b.problems.Add(place, "the prefix %s is not declared", match[1])
		problem.Key, problem.Hint = true, fmt.Sprintf(`write "@xmlns:%s": the address of its namespace, in this element or in one around it`, match[1])
	}
}

func (b *xmlBinder) text(n *xmlNode) {
	place := config.Join(b.place, n.place)
	n.text.bind(place, b.names, b.problems)
	for i := range n.text.parts {
		p := &n.text.parts[i]
		if p.slot == "" && !xmlHolds(p.literal.Reveal()) {
			b.problems.Add(place, "it holds a character that XML does not have").Offset = p.offset
		}
		if p.slot != "" && (n.name == "xmlns" || strings.HasPrefix(n.name, "xmlns:")) {
			b.problems.Add(place, "a namespace cannot have slots").Offset = p.offset
		}
	}
}

// xmlBody is an XMLBody, compiled, with what its protocol lays around it.
type xmlBody struct {
	before, after string
	root          *xmlNode
}

const xmlDeclaration = `<?xml version="1.0" encoding="UTF-8"?>`

func newXML(place string, cfg *XMLBody, names *names, problems *config.Problems) xmlBody {
	binder := xmlBinder{place, names, problems}
	binder.content(cfg.root, map[string]bool{"xml": true})
	if count := len(cfg.root.content); count != 1 {
		problems.Add(place, "XML has one element around all others, and here are %d", count)
	}
	return xmlBody{xmlDeclaration, "", cfg.root}
}

func newSOAP(place string, cfg *XMLBody, names *names, problems *config.Problems) xmlBody {
	binder := xmlBinder{place, names, problems}
	binder.content(cfg.root, map[string]bool{"xml": true, "soap": true})
	const open = `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>`
	return xmlBody{xmlDeclaration + open, `</soap:Body></soap:Envelope>`, cfg.root}
}

func (b xmlBody) sources() source {
	var all source
	b.root.texts(func(n *xmlNode) { all |= n.text.sources() })
	return all
}

func (b xmlBody) encode(values document.Env) ([]byte, *Error) {
	var out bytes.Buffer
	out.WriteString(b.before)
	for _, node := range b.root.content {
		if err := node.write(&out, values); err != nil {
			return nil, err
		}
	}
	out.WriteString(b.after)
	return out.Bytes(), nil
}

// write writes an element, or a text.
func (n *xmlNode) write(out *bytes.Buffer, values document.Env) *Error {
	if n.text != nil {
		return n.writeText(out, values)
	}
	if n.plain && n.content[0].text.absent(values) {
		return nil
	}
	out.WriteString("<" + n.name)
	for _, attribute := range n.attributes {
		if err := attribute.writeAttribute(out, values); err != nil {
			return err
		}
	}
	if len(n.content) == 0 {
		out.WriteString("/>")
		return nil
	}
	out.WriteByte('>')
	for _, inner := range n.content {
		if err := inner.write(out, values); err != nil {
			return err
		}
	}
	out.WriteString("</" + n.name + ">")
	return nil
}

func (n *xmlNode) writeText(out *bytes.Buffer, values document.Env) *Error {
	if n.text.absent(values) {
		return nil
	}
	text, err := n.text.fill(values, inXML())
	out.WriteString(text)
	return err
}

func (n *xmlNode) writeAttribute(out *bytes.Buffer, values document.Env) *Error {
	if n.text.absent(values) {
		return nil
	}
	text, err := n.text.fill(values, inXML())
	out.WriteString(" " + n.name + `="` + text + `"`)
	return err
}
