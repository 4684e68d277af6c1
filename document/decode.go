package document

import "hash/maphash"

// decoder makes values of what is selected of one JSON text.
//
// The records of a list look alike: an object is taken to have the members of one before it, in the same order, until it
// has another one. So a name is compared with the one that is expected here, and neither looked up nor copied. What was
// learned of one answer is used for the next.
type decoder struct {
	scanner
	depth, deepest int
	layouts        []layouts // of the objects of each want
	unread         []layouts // of the objects that nobody reads, by their depth
	stack          []Value   // of the lists and objects that are being read
	texts          texts     // of the values
	values         []Value   // room for the values of those that were read
	insides        []inside
	valuesMade     int // so far
	insidesMade    int
	row            rowReader
	seed           maphash.Seed // of the prints
	room           []byte       // for a window
}

// layouts are those that objects of one kind had so far, the last one first.
type layouts []layout

// mostLayouts is how many layouts are remembered: records of more kinds than that are decoded all the same.
const mostLayouts = 8

// document reads the whole text.
func (d *decoder) document(w *want) (Value, error) {
	switch d.peek() {
	case 0:
		if d.at == len(d.text) {
			return Value{}, d.failed(errEmpty())
		}
	case '<':
		return Value{}, d.failed(&DecodeError{What: "the body is HTML or XML, not JSON"})
	}
	value, fault := d.value(w)
	if fault == sound && (d.peek() != 0 || d.at < len(d.text)) {
		return Value{}, d.failed(&DecodeError{What: "there is more after the JSON value", Offset: d.offset()})
	}
	if fault != sound {
		return Value{}, d.failed(d.wrongAt(fault))
	}
	if err := d.failed(nil); err != nil {
		return Value{}, err
	}
	return value, nil
}

// offset is where the decoder stands in the text.
func (d *decoder) offset() int64 { return d.gone + int64(d.at) }

// failed gives why the text ended where it did, if it did not end by itself, and err else.
func (d *decoder) failed(err error) error {
	if d.err == errForeign {
		return &DecodeError{What: "the body is not UTF-8 but another charset"}
	}
	if d.err != nil {
		return d.err
	}
	return err
}

// value reads a value that is wanted. The scanner stands at its first byte.
func (d *decoder) value(w *want) (Value, scanFault) {
	if d.at == len(d.text) {
		return Value{}, brokenOff
	}
	switch c := d.text[d.at]; c {
	case '"':
		raw, plain, fault := d.quoted()
		if fault != sound {
			return Value{}, fault
		}
		return Value{kind: Text, text: d.texts.of(raw, plain)}, sound
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
		raw, fault := d.number()
		return Value{kind: Number, text: d.texts.of(raw, true)}, fault
	}
}

// skip checks a value that nobody wants.
func (d *decoder) skip() scanFault {
	if d.at == len(d.text) {
		return brokenOff
	}
	switch c := d.text[d.at]; c {
	case '"':
		return d.passed()
	case '{', '[':
		_, fault := d.container(nil, c)
		return fault
	case 't':
		return d.word("true")
	case 'f':
		return d.word("false")
	case 'n':
		return d.word("null")
	default:
		if c != '-' && c-'0' > 9 {
			return broken
		}
		_, fault := d.number()
		return fault
	}
}

// part reads or skips the value of a member or element, and notes it if it is wanted.
func (d *decoder) part(w *want) scanFault {
	d.peek()
	switch {
	case w == nil:
		return d.skip()
	case w.ofRow:
		return d.cell(w)
	}
	value, fault := d.value(w)
	d.stack = append(d.stack, value)
	return fault
}

// container reads a list or an object. Of one that nobody wants the value is of no use.
func (d *decoder) container(w *want, c byte) (value Value, fault scanFault) {
	if d.depth++; d.depth > d.deepest {
		return Value{}, tooDeep
	}
	prints := w != nil && w.print
	if prints {
		d.begin()
	}
	before := len(d.stack)
	d.at++
	switch {
	case c == '[' && w != nil && w.alone:
		value, fault = d.rows(w)
	case c == '[':
		value, fault = d.list(w, before)
	default:
		value, fault = d.object(w, before)
	}
	d.depth--
	if prints && fault == sound {
		value.in.print = d.end()
	}
	return value, fault
}

// elements goes over the elements of a list, whose opening bracket is read, and counts them.
func (d *decoder) elements(each func(w *want) scanFault, w *want) (count int, fault scanFault) {
	if d.peek() == ']' {
		d.at++
		return 0, sound
	}
	for {
		if fault := each(w); fault != sound {
			return count, fault
		}
		count++
		switch d.peek() {
		case ',':
			d.at++
		case ']':
			d.at++
			return count, sound
		default:
			return count, d.wrong()
		}
	}
}

func (d *decoder) list(w *want, before int) (Value, scanFault) {
	var elements *want
	if w != nil {
		elements = w.elements
	}
	count, fault := d.elements(d.part, elements)
	if fault != sound || w == nil {
		return Value{}, fault
	}
	return Value{kind: List, in: d.inside(inside{count: count}, before)}, sound
}

// inside takes what was read since the stack was so high. Room is made for many at once.
func (d *decoder) inside(in inside, before int) *inside {
	if read := d.stack[before:]; len(read) > 0 {
		if len(d.values) < len(read) {
			d.values = make([]Value, max(len(read), many(d.valuesMade)))
			d.valuesMade += len(d.values)
		}
		n := copy(d.values, read)
		in.items, d.values = d.values[:n:n], d.values[n:]
		clear(read)
		d.stack = d.stack[:before]
	}
	if len(d.insides) == 0 {
		d.insides = make([]inside, many(d.insidesMade))
		d.insidesMade += len(d.insides)
	}
	made := &d.insides[0]
	d.insides = d.insides[1:]
	*made = in
	return made
}

// many tells for how many more to make room where there were so many.
func many(before int) int { return min(4+before, 256) }
