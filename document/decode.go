package document

import (
	"hash/maphash"
	"io"
	"slices"
	"strings"
)

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
	return value, d.failed(nil)
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
	made, fault := d.members(w)
	if w == nil || fault != sound {
		return Value{}, fault
	}
	return Value{kind: Object, in: d.inside(inside{layout: made}, before)}, sound
}

// members goes over the members of an object, whose opening brace is read, and gives its layout.
func (d *decoder) members(w *want) (layout, scanFault) {
	o := object{known: d.known(w), want: w}
	if len(*o.known) > 0 {
		o.like = (*o.known)[0]
	}
	if d.peek() == '}' {
		d.at++
		return o.end(), sound
	}
	for {
		wanted, fault := d.name(&o)
		if fault == sound {
			fault = d.part(wanted)
		}
		if fault != sound {
			return nil, fault
		}
		switch d.peek() {
		case ',':
			d.at++
		case '}':
			d.at++
			return o.end(), sound
		default:
			return nil, d.wrong()
		}
	}
}

// name reads a member's name and the colon behind it, and gives what is wanted of the member.
func (d *decoder) name(o *object) (*want, scanFault) {
	if d.peek() != '"' {
		return nil, d.wrong()
	}
	if o.at < len(o.like) && d.stands(o.like[o.at].quoted) {
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

// stands tells whether a text stands here, all of it in the window.
func (d *decoder) stands(text string) bool {
	return len(d.text)-d.at >= len(text) && string(d.text[d.at:d.at+len(text)]) == text
}

// otherName reads a name that was not expected.
func (d *decoder) otherName(o *object) scanFault {
	begin := d.offset()
	raw, plain, fault := d.quoted()
	if fault != sound {
		return fault
	}
	if o.switchTo(raw) {
		return sound
	}
	quoted := `"` + string(raw) + `"`
	name := quoted[1 : len(quoted)-1]
	if !plain {
		name = string(appendUnquoted(nil, raw))
	}
	if !o.grow(name, quoted) {
		d.at = int(begin - d.gone)
		return twice
	}
	return sound
}

// texts keeps the texts of values: one allocation for many of them.
type texts struct {
	room  strings.Builder // never moved: it is made anew when it is full
	spare []byte
	next  int
}

const (
	fewTexts  = 256
	manyTexts = 64 << 10
)

// of gives a copy of a string's value.
func (t *texts) of(raw []byte, plain bool) string {
	if !plain {
		t.spare = appendUnquoted(t.spare[:0], raw)
		raw = t.spare
	}
	if t.room.Cap()-t.room.Len() < len(raw) {
		t.room.Reset()
		t.next = min(max(2*t.next, fewTexts), manyTexts)
		t.room.Grow(max(t.next, len(raw)))
	}
	begin := t.room.Len()
	t.room.Write(raw)
	return t.room.String()[begin:]
}

// decoder gives a decoder that nobody uses.
func (s *Selection) decoder() *decoder {
	s.ready.Do(func() { s.root.seal(false) })
	if d, ok := s.decoders.Get().(*decoder); ok {
		return d
	}
	return &decoder{seed: s.seed, layouts: make([]layouts, s.wants)}
}

// start begins an answer.
func (d *decoder) start(source io.Reader, deepest, least int) {
	if d.room == nil {
		d.room = make([]byte, 0, partOfRoom*least)
	}
	d.scanner = scanner{window: window{text: d.room, source: source, least: least, prints: d.prints[:0]}}
	d.depth, d.deepest = 0, deepest
}

// What one answer may leave behind for the next.
const (
	mostColumns = 64
	mostRoom    = 256 << 10
)

// giveBack keeps the decoder for another answer: the layouts it has learned, and its room. It keeps no value of this one,
// and none of the names of an object that has so many: they may be a customer's.
func (s *Selection) giveBack(d *decoder) {
	long := func(known layout) bool { return len(known) > mostColumns }
	for _, lists := range [][]layouts{d.layouts, d.unread} {
		for i := range lists {
			lists[i] = slices.DeleteFunc(lists[i], long)
		}
	}
	if d.room = d.text[:0]; cap(d.room) > mostRoom {
		d.room = nil
	}
	clear(d.stack)
	d.stack, d.values, d.insides, d.texts, d.valuesMade, d.insidesMade = d.stack[:0], nil, nil, texts{}, 0, 0
	d.source = nil
	s.decoders.Put(d)
}
