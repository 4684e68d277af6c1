package document

import (
	"bytes"
	"strings"
)

// An xmlElement is an element that is being read.
type xmlElement struct {
	members []member
	places  map[string]int // of members by name; nil while they are few
	text    strings.Builder
	nested  bool // it holds elements
	null    bool // xsi:nil says so
}

// few is how many members are looked through faster than asked for in a map.
const few = 16

func xmlText(text string) Value { return Value{kind: Text, text: text, xml: true} }

// find gives the place of a member, -1 if there is none.
func (e *xmlElement) find(name string) int {
	if e.places != nil {
		if place, known := e.places[name]; known {
			return place
		}
		return -1
	}
	for place := range e.members {
		if e.members[place].name == name {
			return place
		}
	}
	return -1
}

// add takes an element or an attribute. The second element of a name makes a list of the first; an element is never a
// list itself.
func (e *xmlElement) add(name string, value Value) {
	e.nested = e.nested || name[0] != '@'
	place := e.find(name)
	if place < 0 {
		e.append(name, value)
		return
	}
	list := &e.members[place].value
	if list.kind != List {
		*list = Value{kind: List, in: &inside{items: []Value{*list}, count: 1}, xml: true}
	}
	list.in.items = append(list.in.items, value)
	list.in.count++
}

func (e *xmlElement) append(name string, value Value) {
	e.members = append(e.members, member{name, value})
	switch {
	case e.places != nil:
		e.places[name] = len(e.members) - 1
	case len(e.members) > few:
		e.places = make(map[string]int, 2*few)
		for place := range e.members {
			e.places[e.members[place].name] = place
		}
	}
}

// write takes text. Blank text in front of everything would be trimmed later anyway.
func (e *xmlElement) write(text []byte) {
	if e.text.Len() > 0 || len(bytes.TrimSpace(text)) > 0 {
		e.text.Write(text)
	}
}

// value gives the element once it has ended.
func (e *xmlElement) value() Value {
	text := strings.TrimSpace(e.text.String())
	switch {
	case e.nested && text != "":
		e.append("#text", xmlText(text))
		fallthrough
	case e.nested:
		return Value{kind: Object, in: inObject(e.members), xml: true}
	case e.null && text == "":
		return Value{kind: Null, in: inObject(e.members), xml: true}
	}
	return Value{kind: Text, text: text, in: inObject(e.members), xml: true}
}

// member is one member of an object, or one attribute.
type member struct {
	name  string
	value Value
}

// inObject gives members as what stands in a value, nil if there are none.
func inObject(members []member) *inside {
	if len(members) == 0 {
		return nil
	}
	in := &inside{layout: make(layout, len(members)), items: make([]Value, len(members))}
	for i, member := range members {
		in.layout[i], in.items[i] = column{name: member.name, place: i}, member.value
	}
	return in
}
