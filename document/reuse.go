package document

import (
	"io"
	"slices"
	"strings"
)

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
	if cap(d.row.text) > mostRoom {
		d.row.text = nil
	}
	d.row.done, d.row.under = nil, nil
	clear(d.stack)
	d.stack, d.values, d.insides, d.texts, d.valuesMade, d.insidesMade = d.stack[:0], nil, nil, texts{}, 0, 0
	d.source = nil
	s.decoders.Put(d)
}
