package document

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
)

// Print gives a fingerprint of the elements of the outermost list, whatever stands around it: two pages with the same
// elements have the same one. It is empty where there are none.
func (s Source) Print(root Value) string {
	items, err := s.Records.counted(root)
	if err != nil || len(items) == 0 {
		return ""
	}
	if in := (Path{steps: s.Records.steps[:s.Records.fan()]}).Get(root).in; in != nil && in.print != 0 {
		return string(binary.LittleEndian.AppendUint64(nil, in.print))
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
