package document

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"slices"
)

// Print gives a fingerprint of the elements of the outermost list, whatever stands around it: two pages with the same
// elements have the same one. It is empty where there are none.
func (s Source) Print(root Value) string {
	if in := (Path{steps: s.Records.steps[:s.Records.fan()]}).Get(root).in; in != nil && in.print != 0 && max(in.count, len(in.layout)) > 0 {
		return string(binary.LittleEndian.AppendUint64(nil, in.print))
	}
	items, err := s.Records.counted(root)
	if err != nil || len(items) == 0 {
		return ""
	}
	sum := sha256.New()
	for _, item := range items {
		item.print(sum)
	}
	return string(sum.Sum(nil))
}

// print writes the value so that no other value is written alike: every part has its length before it.
func (v Value) print(sum hash.Hash) {
	sum.Write([]byte{byte(v.kind)}) // a hash never fails
	printText(sum, v.text)
	items := v.items()
	printLength(sum, len(items))
	for _, item := range items {
		item.print(sum)
	}
	printLength(sum, len(v.layout()))
	for name, member := range v.Members() {
		printText(sum, name)
		member.print(sum)
	}
}

func printText(sum hash.Hash, text string) {
	printLength(sum, len(text))
	sum.Write([]byte(text))
}

func printLength(sum hash.Hash, length int) {
	sum.Write(binary.AppendUvarint(nil, uint64(length))) //nolint:gosec // a length is never negative
}

// begin starts the print of a list or object whose first byte is the next one.
func (d *decoder) begin() {
	n := len(d.prints)
	d.prints = slices.Grow(d.prints, 1)[:n+1]
	s := &d.prints[n]
	s.hash.SetSeed(d.seed)
	s.begin = d.offset()
}

// end gives the print of the one that was begun last, up to here.
func (d *decoder) end() uint64 {
	last := len(d.prints) - 1
	s := &d.prints[last]
	d.take(s, d.at)
	d.prints = d.prints[:last]
	return s.hash.Sum64() | 1 // 0 is none
}
