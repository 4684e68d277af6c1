// Package syntax reads the text of an expression: what it says, not what it means, which is package document's to tell.
//
// The words and their order are those of expr (expr-lang.org), whose lexer reads them. Its parser is not used: it brings
// functions along that look methods up by name, and with these in the program the linker keeps every method of every
// library, which doubled the binary.
package syntax

// Span is the part of a source that something stands in, in bytes.
type Span struct{ From, To int }

// Location gives the span.
func (s Span) Location() Span { return s }

// Node is a part of an expression. Its location is where a reader would look for it: of an operation, its operator; of
// everything else, all of it.
type Node interface{ Location() Span }

// The nodes.
type (
	// Identifier is a name: amount.
	Identifier struct {
		Span
		Value string
	}
	// String is a text in quotes.
	String struct {
		Span
		Value string
	}
	// Number is a number, as it is written.
	Number struct {
		Span
		Text string
	}
	// Bool is true or false.
	Bool struct {
		Span
		Value bool
	}
	// Nil is nil.
	Nil struct{ Span }
	// Array is a list of values: ["a", "b"].
	Array struct {
		Span
		Nodes []Node
	}
	// Unary is an operator before a value: not, !, - or +.
	Unary struct {
		Span
		Operator string
		Node     Node
	}
	// Binary is an operator between two values.
	Binary struct {
		Span
		Operator    string
		Left, Right Node
	}
	// Conditional is a ? b : c.
	Conditional struct {
		Span
		Cond, Exp1, Exp2 Node
	}
	// Member is a part of something: a.b, a["b"], a[0]. Optional is a?.b.
	Member struct {
		Span
		Node, Property Node
		Optional       bool
	}
	// Call is a function with its arguments.
	Call struct {
		Span
		Name      string
		Arguments []Node
	}
	// Other is a form of expression that means nothing here, such as a method or a part of a list.
	Other struct{ Span }
)

// Error is a text that is no expression.
type Error struct {
	Offset  int // the byte
	Message string
	Hint    string // what to write instead; may be empty
}

// Error says what is wrong.
func (e *Error) Error() string { return e.Message }
