package mapping

import (
	"strings"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// These values of the config are one thing or a list of them.
var (
	_ config.TreeUnmarshaler = (*Places)(nil)
	_ config.TreeUnmarshaler = (*Paths)(nil)
	_ config.TreeUnmarshaler = (*Layouts)(nil)
	_ config.TreeUnmarshaler = (*Literals)(nil)
	_ config.TreeUnmarshaler = (*Names)(nil)
)

// Names are fields, or expressions over them.
type Names []string

// UnmarshalTree reads one name or a list of them.
func (n *Names) UnmarshalTree(tree config.Tree) error {
	var problems config.Problems
	*n = Names(textsOf(tree, "a field", &problems))
	return problems.Err()
}

// Paths are where a field stands: one path, or several.
type Paths []document.Path

// UnmarshalTree reads one path or a list of them.
func (p *Paths) UnmarshalTree(tree config.Tree) error {
	var problems config.Problems
	*p = nil
	for i, text := range textsOf(tree, "a path", &problems) {
		place := ""
		if tree.Kind == config.List {
			place = config.Index("", i)
		}
		path, err := document.ParsePath(text)
		problems.AddError(place, err)
		*p = append(*p, path)
	}
	return problems.Err()
}

// Places are the lists that hold records, each as STEP.path; STEP alone if the answer is the list.
type Places []string

// UnmarshalTree reads one place or a list of them.
func (p *Places) UnmarshalTree(tree config.Tree) error {
	var problems config.Problems
	*p = Places(textsOf(tree, "a place", &problems))
	return problems.Err()
}

// textsOf reads one text or a list of them.
func textsOf(tree config.Tree, what string, problems *config.Problems) []string {
	switch tree.Kind {
	case config.Text, config.Number:
		return []string{tree.Text}
	case config.List:
		made := make([]string, 0, len(tree.Items))
		for i, item := range tree.Items {
			if item.Kind != config.Text && item.Kind != config.Number {
				problems.Add(config.Index("", i), "%s is a text, not %s", what, item.Kind)
			}
			made = append(made, item.Text)
		}
		return made
	case config.Null:
	default:
		problems.Add("", "%s is a text or a list of texts, not %s", what, tree.Kind)
	}
	return nil
}

// Layouts are the ways in which a time may be written, tried in order: the names rfc3339, unix, unix_ms, unix_us and
// dotnet, Go's 02.01.2006 15:04 or strftime's %d.%m.%Y %H:%M.
type Layouts []string

// UnmarshalTree reads one layout or a list of them.
func (l *Layouts) UnmarshalTree(tree config.Tree) error {
	var problems config.Problems
	*l = Layouts(textsOf(tree, "a layout", &problems))
	return problems.Err()
}

// Literals are values that stand for none, by their texts: false is the JSON false and the text "false".
type Literals []string

// UnmarshalTree reads one literal or a list of them.
func (l *Literals) UnmarshalTree(tree config.Tree) error {
	var problems config.Problems
	items := []config.Tree{tree}
	if tree.Kind == config.List {
		items = tree.Items
	}
	*l = nil
	for i, item := range items {
		switch {
		case item.Kind == config.Null:
			item.Text = null
		case item.Kind == config.Bool:
			item.Text = strings.ToLower(item.Text) // YAML also has False and FALSE
		case !item.IsScalar():
			place := ""
			if tree.Kind == config.List {
				place = config.Index("", i)
			}
			problems.Add(place, "what stands for no value is a text, a number, true or false, not %s", item.Kind)
		}
		*l = append(*l, item.Text)
	}
	return problems.Err()
}

// null is the literal of a JSON null.
const null = "null"
