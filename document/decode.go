package document

import (
	"hash/maphash"
	"strings"
)

// decoder makes values of what is selected of one JSON text.
//
// The records of a list look alike: an object is taken to have the members of one before it, in the same order, until it
// has another one. So a name is compared with the one that is expected here, and neither looked up nor copied.
type decoder struct {
	scanner
	depth, deepest int
	layouts        []layouts // of the objects of each want
	unread         []layouts // of the objects that nobody reads, by their depth
	stack          []Value   // of the lists and objects that are being read
	values         []Value   // room for the values of those that were read
	insides        []inside
	seed           maphash.Seed // of the prints
}

// layouts are those that objects of one kind had so far, the last one first.
type layouts []layout

// mostLayouts is how many layouts are remembered: records of more kinds than that are decoded all the same.
const mostLayouts = 8

func (d *decoder) document(w *want) (Value, scanFault) {
	d.peek()
	return d.value(w)
}

// value reads a value that is wanted. The scanner stands at its first byte.
func (d *decoder) value(w *want) (Value, scanFault) {
	if d.at == len(d.text) {
		return Value{}, brokenOff
	}
	switch c := d.text[d.at]; c {
	case '"':
		raw, plain, fault := d.quoted()
		if fault == sound && !plain {
			raw = unquoted(raw)
		}
		return Value{kind: Text, text: raw}, fault
	case '{', '[':
		return d.container(w, c)
	case 't':
		return Value{kind: Bool, text: "true"}, d.word("true")
	case 'f':
		return Value{kind: Bool, text: "false"}, d.word("false")
	case 'n':
		return Value{kind: Null}, d.word("null")
	default:
		if c != '-' && c-'0' > 9 {
			return Value{}, broken
		}
		text, fault := d.number()
		return Value{kind: Number, text: text}, fault
	}
}

// skip checks a value that nobody wants.
func (d *decoder) skip() scanFault {
	if d.at < len(d.text) && d.text[d.at] == '"' {
		_, _, fault := d.quoted()
		return fault
	}
	_, fault := d.value(nil)
	return fault
}

// member reads or skips the value of a member or element, and notes it if it is wanted.
func (d *decoder) part(w *want) scanFault {
	d.peek()
	if w == nil {
		return d.skip()
	}
	value, fault := d.value(w)
	d.stack = append(d.stack, value)
	return fault
}

// container reads a list or an object. Of one that nobody wants the value is of no use.
func (d *decoder) container(w *want, c byte) (Value, scanFault) {
	if d.depth++; d.depth > d.deepest {
		return Value{}, tooDeep
	}
	begin, before := d.at, len(d.stack)
	d.at++
	var value Value
	var fault scanFault
	if c == '[' {
		value, fault = d.list(w, before)
	} else {
		value, fault = d.object(w, before)
	}
	d.depth--
	if w != nil && w.print && fault == sound {
		value.in.print = maphash.String(d.seed, d.text[begin:d.at]) | 1 // 0 is none
	}
	return value, fault
}

func (d *decoder) list(w *want, before int) (Value, scanFault) {
	var elements *want
	if w != nil {
		elements = w.elements
	}
	count := 0
	if d.peek() == ']' {
		d.at++
		return d.listOf(w, before, count), sound
	}
	for {
		if fault := d.part(elements); fault != sound {
			return Value{}, fault
		}
		count++
		switch d.peek() {
		case ',':
			d.at++
		case ']':
			d.at++
			return d.listOf(w, before, count), sound
		default:
			return Value{}, d.wrong()
		}
	}
}

func (d *decoder) listOf(w *want, before, count int) Value {
	if w == nil {
		return Value{}
	}
	return Value{kind: List, in: d.inside(inside{count: count}, before)}
}

// inside takes what was read since the stack was so high.
func (d *decoder) inside(in inside, before int) *inside {
	if read := d.stack[before:]; len(read) > 0 {
		if len(d.values) < len(read) {
			d.values = make([]Value, max(len(read), min(2*cap(d.stack), 512)))
		}
		n := copy(d.values, read)
		in.items, d.values = d.values[:n:n], d.values[n:]
		d.stack = d.stack[:before]
	}
	if len(d.insides) == 0 {
		d.insides = make([]inside, min(1+cap(d.stack), 256))
	}
	made := &d.insides[0]
	d.insides = d.insides[1:]
	*made = in
	return made
}

// known gives the layouts that objects had here before.
func (d *decoder) known(w *want) *layouts {
	if w != nil {
		return &d.layouts[w.number]
	}
	for len(d.unread) < d.depth {
		d.unread = append(d.unread, nil)
	}
	return &d.unread[d.depth-1]
}

func (d *decoder) object(w *want, before int) (Value, scanFault) {
	o := object{known: d.known(w), want: w}
	if len(*o.known) > 0 {
		o.like = (*o.known)[0]
	}
	if d.peek() == '}' {
		d.at++
		return d.objectOf(&o, before), sound
	}
	for {
		wanted, fault := d.name(&o)
		if fault == sound {
			fault = d.part(wanted)
		}
		if fault != sound {
			return Value{}, fault
		}
		switch d.peek() {
		case ',':
			d.at++
		case '}':
			d.at++
			return d.objectOf(&o, before), sound
		default:
			return Value{}, d.wrong()
		}
	}
}

func (d *decoder) objectOf(o *object, before int) Value {
	made := o.end()
	if o.want == nil {
		return Value{}
	}
	return Value{kind: Object, in: d.inside(inside{layout: made}, before)}
}

// name reads a member's name and the colon behind it, and gives what is wanted of the member.
func (d *decoder) name(o *object) (*want, scanFault) {
	if d.peek() != '"' {
		return nil, d.wrong()
	}
	if o.at < len(o.like) && strings.HasPrefix(d.text[d.at:], o.like[o.at].quoted) {
		d.at += len(o.like[o.at].quoted)
	} else if fault := d.otherName(o); fault != sound {
		return nil, fault
	}
	wanted := o.like[o.at].want
	o.at++
	if d.peek() != ':' {
		return nil, d.wrong()
	}
	d.at++
	return wanted, sound
}

// otherName reads a name that was not expected.
func (d *decoder) otherName(o *object) scanFault {
	begin := d.at
	name, plain, fault := d.quoted()
	if fault != sound {
		return fault
	}
	if !plain {
		name = unquoted(name)
	}
	if o.switchTo(d.text[begin:d.at]) {
		return sound
	}
	if !o.grow(name, d.text[begin:d.at]) {
		d.at = begin
		return twice
	}
	return sound
}
