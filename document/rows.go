package document

import "strings"

// rows are records of one list, row by row. They are kept as numbers and one text, where a tree of values would cost the
// collector a look at every one of them.
type rows struct {
	step   string
	width  int     // cells of a row: the fields of the plan
	cells  []cell  // of all rows that were decoded
	values []Value // of all rows, where they were taken out of a tree
	alien  map[int]Kind
	count  int
	text   string          // of the cells
	room   strings.Builder // in which the text is made; never moved, and full at some time
}

// cell is one value of a row: where its text stands, and how long it is, with the kind in the highest bits.
type cell struct{ at, size uint32 }

const (
	kindShift = 29
	sizeMask  = 1<<kindShift - 1
)

func (r *rows) field(row, i int) Value {
	at := row*r.width + i
	if i < 0 || i >= r.width || r.alien != nil && r.problem(row) != "" {
		return Value{}
	}
	if r.values != nil {
		return r.values[at]
	}
	c := r.cells[at]
	return Value{kind: Kind(c.size >> kindShift), text: r.text[c.at : c.at+c.size&sizeMask]}
}

// problem says why a row is no record.
func (r *rows) problem(row int) string {
	kind, is := r.alien[row]
	if !is {
		return ""
	}
	return "is " + kind.String() + ", not an object"
}

// refuse adds a row that is something else than an object.
func (r *rows) refuse(kind Kind) {
	if r.alien == nil {
		r.alien = map[int]Kind{}
	}
	r.alien[r.count] = kind
	r.count++
}

// rowReader collects the records of a list while it is decoded.
type rowReader struct {
	done  []*rows
	under *rows  // the ones that are added to
	cells []cell // of the record that is being read
	text  []byte
}

// The room for texts that rows have, first and at most.
const (
	fewRows  = 1 << 10
	manyRows = 64 << 10
)

// start begins a list.
func (r *rowReader) start(of *rowPlan) {
	if cap(r.cells) < of.width {
		r.cells = make([]cell, of.width)
	}
	r.cells = r.cells[:of.width]
	r.done, r.under = nil, &rows{step: of.step, width: of.width}
	r.under.room.Grow(fewRows)
}

// set gives the record's fields a value.
func (r *rowReader) set(fields []int, kind Kind, raw []byte, plain bool) {
	begin := len(r.text)
	if plain {
		r.text = append(r.text, raw...)
	} else {
		r.text = appendUnquoted(r.text, raw)
	}
	made := cell{uint32(begin), uint32(len(r.text)-begin) | uint32(kind)<<kindShift} //nolint:gosec // limits.body is far below
	for _, field := range fields {
		r.cells[field] = made
	}
}

// keep adds the record that was read.
func (r *rowReader) keep() {
	if room := &r.under.room; room.Cap()-room.Len() < len(r.text) {
		r.seal()
		next := &rows{step: r.under.step, width: r.under.width}
		next.room.Grow(max(len(r.text), min(2*room.Cap(), manyRows)))
		next.cells = make([]cell, 0, len(r.under.cells))
		r.under = next
	}
	begin := uint32(r.under.room.Len()) //nolint:gosec // it is never over manyRows or one record's
	for _, made := range r.cells {
		r.under.cells = append(r.under.cells, cell{made.at + begin, made.size})
	}
	r.under.room.Write(r.text)
	r.under.count++
}

// refuse adds what is no record.
func (r *rowReader) refuse(kind Kind) {
	r.under.cells = append(r.under.cells, make([]cell, r.under.width)...)
	r.under.refuse(kind)
}

func (r *rowReader) seal() {
	r.under.text = r.under.room.String()
	r.done = append(r.done, r.under)
}

// finish gives all records of the list.
func (r *rowReader) finish() []*rows {
	r.seal()
	done := r.done
	r.done, r.under = nil, nil
	return done
}

// rows reads a list whose elements are records and nothing else; its bracket is read. The records are kept as they come.
func (d *decoder) rows(w *want) (Value, scanFault) {
	d.row.start(w.rows)
	count, fault := d.elements(d.record, w.elements)
	made := d.row.finish()
	return Value{kind: List, in: &inside{count: count, rows: made}}, fault
}

// record reads one element of such a list.
func (d *decoder) record(w *want) scanFault {
	if c := d.peek(); c != '{' {
		kind := kindAt(c)
		fault := d.skip()
		d.row.refuse(kind)
		return fault
	}
	clear(d.row.cells)
	d.row.text = d.row.text[:0]
	fault := d.inRow(w)
	if fault == sound {
		d.row.keep()
	}
	return fault
}

// inRow goes over the members of an object of a record, or of the record itself.
func (d *decoder) inRow(w *want) scanFault {
	if d.depth++; d.depth > d.deepest {
		return tooDeep
	}
	d.at++
	_, fault := d.members(w)
	d.depth--
	return fault
}

// cell reads a value of a record, which some fields have.
func (d *decoder) cell(w *want) scanFault {
	if d.at == len(d.text) {
		return brokenOff
	}
	kind := kindAt(d.text[d.at])
	switch kind {
	case Text:
		raw, plain, fault := d.quoted()
		if fault == sound {
			d.row.set(w.fields, Text, raw, plain)
		}
		return fault
	case Number:
		raw, fault := d.number()
		if fault == sound {
			d.row.set(w.fields, Number, raw, true)
		}
		return fault
	case Bool:
		word := "true"
		if d.text[d.at] == 'f' {
			word = "false"
		}
		d.row.set(w.fields, Bool, []byte(word), true)
		return d.word(word)
	}
	d.row.set(w.fields, kind, nil, true)
	if kind == Object {
		return d.inRow(w)
	}
	return d.skip()
}

// kindAt gives the kind of the value that begins with a byte, Missing if none does.
func kindAt(c byte) Kind {
	switch c {
	case '"':
		return Text
	case '{':
		return Object
	case '[':
		return List
	case 't', 'f':
		return Bool
	case 'n':
		return Null
	}
	if c == '-' || c-'0' <= 9 {
		return Number
	}
	return Missing
}
