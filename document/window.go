package document

import (
	"errors"
	"hash/maphash"
	"io"
	"unicode/utf8"
)

// window is the part of a text that is being looked at. It moves over the text as it arrives, so that what is behind it
// takes no memory any more.
type window struct {
	text   []byte
	source io.Reader // of what comes behind; nil if nothing does
	least  int       // bytes that are waited for at once
	gone   int64     // bytes of the text before the window
	err    error     // that ended the source; nil at its end

	judged int   // the bytes of the window that are known to be UTF-8, or not
	dirty  bool  // the text so far is not all UTF-8
	broken int   // bytes in a row that are none, up to here
	prints []sum // of lists and objects that are not at their end yet
}

// sum is the fingerprint of a value, as far as the window has moved on.
type sum struct {
	hash  maphash.Hash
	begin int64 // where in the text what is not in it yet begins
}

// leastRead is how much of a text is waited for before it is looked at, and a part of the room there is for it. A CRM that
// sends byte by byte must not have each of them looked at anew.
const (
	leastRead  = 4 << 10
	partOfRoom = 8
)

// errForeign ends a text that is in another charset.
var errForeign = errors.New("the text is not UTF-8")

// slide drops what stands before from, and reads more. It gives false if there is no more; err says why.
func (w *window) slide(from int) bool {
	w.drop(from)
	had := len(w.text)
	if had > cap(w.text)-w.least {
		w.text = append(make([]byte, 0, 2*cap(w.text)+w.least), w.text...)
	}
	for idle := 0; len(w.text) < had+w.least && w.source != nil; idle++ {
		n, err := w.source.Read(w.text[len(w.text):cap(w.text)])
		w.text = w.text[:len(w.text)+n]
		switch {
		case err != nil:
			w.source = nil
			if err != io.EOF {
				w.err = err
			}
		case n > 0:
			idle = 0
		case idle > 99:
			w.source, w.err = nil, io.ErrNoProgress
		}
	}
	if w.judge(); w.err != nil {
		w.source = nil
	}
	return len(w.text) > had
}

// drop takes the beginning of the window into the prints that it belongs to, and forgets it.
func (w *window) drop(from int) {
	if from == 0 {
		return
	}
	for i := range w.prints {
		w.take(&w.prints[i], from)
	}
	w.gone += int64(from)
	w.judged -= from
	w.text = w.text[:copy(w.text, w.text[from:])]
}

// take adds to a print what stands before a place of the window.
func (w *window) take(s *sum, until int) {
	if begin := int(s.begin - w.gone); begin < until {
		_, _ = s.hash.Write(w.text[begin:until]) // it never fails
		s.begin = w.gone + int64(until)
	}
}

// judge looks for what is not UTF-8. A character whose end is still to come waits for it.
func (w *window) judge() {
	rest := w.text[w.judged:]
	if w.source != nil {
		rest = rest[:wholeRunes(rest)]
	}
	w.judged += len(rest)
	if w.broken == 0 && utf8.Valid(rest) {
		return
	}
	w.dirty = true
	if w.isForeign(rest) && w.err == nil {
		w.err = errForeign
	}
}

// wholeRunes gives the length without a character at the end that is not complete.
func wholeRunes(text []byte) int {
	for back := 1; back < utf8.UTFMax && back <= len(text); back++ {
		if tail := text[len(text)-back:]; utf8.RuneStart(tail[0]) {
			if !utf8.FullRune(tail) {
				return len(text) - back
			}
			break
		}
	}
	return len(text)
}

// isForeign tells a text in another charset from one with a broken character: so many bytes in a row are never one.
func (w *window) isForeign(text []byte) bool {
	for len(text) > 0 {
		character, size := utf8.DecodeRune(text)
		text = text[size:]
		if character != utf8.RuneError || size != 1 {
			w.broken = 0
		} else if w.broken++; w.broken > utf8.UTFMax-1 {
			return true
		}
	}
	return false
}
