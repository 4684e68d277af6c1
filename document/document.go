// Package document is a CRM's answer, decoded, and what may be asked of it: paths that pick a value, expressions that
// compute over typed values, conditions over a whole answer, and the records of a history.
//
// Everything is compiled when a config is loaded and only walked per request. The package has no network, no clock, no
// log and no state; how an answer is fetched is package crm's business, what a record means is package mapping's.
package document

// Kind says what a [Value] is.
type Kind uint8

// The kinds of a [Value]. Missing is the zero value: what a path leads to when nothing is there.
const (
	Missing Kind = iota
	Null
	Bool
	Number
	Text
	List
	Object
)

// String names the kind as an error message would.
func (k Kind) String() string {
	return [...]string{"missing", "null", "true or false", "a number", "a text", "a list", "an object"}[k]
}

// Value is one value of a decoded answer. It is immutable and safe for concurrent use; the zero Value is Missing.
type Value struct {
	kind    Kind
	text    string // the text, the number's literal, true or false
	items   []Value
	members []member
	xml     bool // it comes from an XML, where everything is text
}

type member struct {
	name  string
	value Value
}

// Kind says what the value is.
func (v Value) Kind() Kind { return v.kind }

// Text gives a text, a number as the CRM wrote it, "true" or "false"; of everything else the empty text.
func (v Value) Text() string { return v.text }

// Len gives the number of elements of a list or members of an object, 0 of everything else.
func (v Value) Len() int {
	if v.kind == Object {
		return len(v.members)
	}
	return len(v.items)
}

// Index gives an element of a list, Missing where there is none. In an XML a value is the only element of its list.
func (v Value) Index(i int) Value {
	if v.xml && v.kind != List && v.kind != Missing && i == 0 {
		return v
	}
	if i < 0 || i >= len(v.items) {
		return Value{}
	}
	return v.items[i]
}

// Member gives a member of an object, Missing where there is none.
func (v Value) Member(name string) Value {
	for i := range v.members {
		if v.members[i].name == name {
			return v.members[i].value
		}
	}
	if name == ownText && v.xml && v.kind == Text {
		return Value{kind: Text, text: v.text, xml: true}
	}
	return Value{}
}

// ownText is how a path names the text of an XML element that has attributes.
const ownText = "#text"
