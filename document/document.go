// Package document is a CRM's answer, decoded, and what may be asked of it: paths that pick a value, expressions that
// compute over typed values, conditions over a whole answer, and the records of a history.
//
// Everything is compiled when a config is loaded and only walked per request. The package has no network, no clock, no
// log and no state; how an answer is fetched is package crm's business, what a record means is package mapping's.
package document

import "iter"

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
	text string  // the text, the number's literal, true or false
	in   *inside // of a list, an object, or an element of an XML with attributes
	kind Kind
	xml  bool // it comes from an XML, where everything is text
}

// inside is what stands in a list or an object. What a [Selection] leaves out is counted or named, and has no value.
type inside struct {
	layout layout  // of an object
	items  []Value // the elements of a list; the values of an object that its layout has a place for
	count  int     // of all elements of a list
	rows   []*rows // the elements of a list, where they are records and nothing else is read of them
	print  uint64  // of a list's or object's text, where a selection asks for it
}

// layout is what objects look like, member by member: records of one list mostly share it.
type layout []column

// column is one member of all the objects of a layout.
type column struct {
	name    string
	written string // as it is written in a JSON, in quotes and with a colon behind
	want    *want  // what is read of its value; nil if nothing is
	place   int    // of its value among the items; -1 if nothing is read
}

// place finds the value of a member: among the items, or -1 if it is left out; there tells whether there is such a member.
func (l layout) place(name string) (place int, there bool) {
	for i := range l {
		if l[i].name == name {
			return l[i].place, true
		}
	}
	return 0, false
}

// layout gives the members of an object without their values.
func (v Value) layout() layout {
	if v.in == nil {
		return nil
	}
	return v.in.layout
}

// Members gives the members of an object by their names, in the order of the answer; in an XML also the attributes of a
// text. All of them have to be decoded.
func (v Value) Members() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for _, column := range v.layout() {
			if column.place < 0 {
				panic("document: members are read that no selection names")
			}
			if !yield(column.name, v.in.items[column.place]) {
				return
			}
		}
	}
}

// items gives the elements of a list.
func (v Value) items() []Value {
	if v.kind != List || v.in == nil {
		return nil
	}
	if v.in.count > len(v.in.items) {
		panic("document: elements are read that no selection names")
	}
	return v.in.items
}

// Kind says what the value is.
func (v Value) Kind() Kind { return v.kind }

// Text gives a text, a number as the CRM wrote it, "true" or "false"; of everything else the empty text.
func (v Value) Text() string { return v.text }

// Len gives the number of elements of a list or members of an object, 0 of everything else.
func (v Value) Len() int {
	switch {
	case v.in == nil:
		return 0
	case v.kind == Object:
		return len(v.in.layout)
	}
	return v.in.count
}

// Index gives an element of a list, Missing where there is none. In an XML a value is the only element of its list.
func (v Value) Index(i int) Value {
	if v.xml && v.kind != List && v.kind != Missing && i == 0 {
		return v
	}
	if items := v.items(); i >= 0 && i < len(items) {
		return items[i]
	}
	return Value{}
}

// Member gives a member of an object, Missing where there is none.
func (v Value) Member(name string) Value {
	if v.in != nil {
		place, there := v.in.layout.place(name)
		if place < 0 {
			panic("document: a member is read that no selection names")
		}
		if there {
			return v.in.items[place]
		}
	}
	if name == ownText && v.xml && v.kind == Text {
		return Value{kind: Text, text: v.text, xml: true}
	}
	return Value{}
}

// ownText is how a path names the text of an XML element that has attributes.
const ownText = "#text"
