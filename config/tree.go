package config

// Tree is a value of the config whose shape is the integrator's own, such as a request's body or its query: a scalar,
// a list or a map in the order of the file. It carries no position; a [Problem] found in it names its place.
type Tree struct {
	Kind    Kind
	Text    string   // the scalar's text as it stands in the file, before any interpretation: 0123 stays 0123
	Items   []Tree   // the elements of a list
	Members []Branch // the keys of a map, in order
}

// IsScalar tells whether the value is a text, a number or a truth: something with a text of its own.
func (t Tree) IsScalar() bool { return t.Kind == Text || t.Kind == Number || t.Kind == Bool }

// Branch is one key of a map.
type Branch struct {
	Name  string
	Value Tree
}

// Kind says what a [Tree] is.
type Kind uint8

// The kinds of a [Tree]. A scalar's kind is what YAML takes it for: quoted text is always Text.
const (
	Null Kind = iota
	Text
	Number
	Bool
	List
	Map
)

// String names the kind as an error message would.
func (k Kind) String() string {
	return [...]string{"null", "a text", "a number", "true or false", "a list", "a map"}[k]
}

// TreeUnmarshaler is a value of the config that is made of a whole tree. Its errors may be [Problem]s with places
// relative to the tree.
type TreeUnmarshaler interface {
	UnmarshalTree(Tree) error
}
