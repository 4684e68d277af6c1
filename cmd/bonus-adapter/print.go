package main

import (
	"crypto/sha256"
	"fmt"
	"hash"

	"go.yaml.in/yaml/v4"

	"bonus-adapter/config"
)

// print is a fingerprint.
type print = [sha256.Size]byte

// print tells the content of a place apart from any other: its keys and values as the file has them, and what their
// references stand for. Layout and comments make no difference. A nil lookup leaves references as they are.
func (f *configFile) print(place string, lookup config.Lookup) print {
	sum := sha256.New()
	if node := f.places[place]; node != nil {
		printNode(sum, node, lookup)
	}
	return print(sum.Sum(nil))
}

// identity is what no other config has, nor another version of the program: what one made, such as an answer that is
// kept, must not serve another. It is as secret as what it is made of.
func (f *configFile) identity(lookup config.Lookup) string {
	whole := f.print("", lookup)
	return version() + string(whole[:])
}

func printNode(sum hash.Hash, node *yaml.Node, lookup config.Lookup) {
	node = follow(node)
	_, _ = fmt.Fprintf(sum, "%d %q %d %q\n", node.Kind, node.Tag, len(node.Content), node.Value)
	var text config.Secret
	if node.Kind == yaml.ScalarNode && lookup != nil && text.UnmarshalText([]byte(node.Value)) == nil && text.Refers() {
		err := text.Resolve(lookup)
		_, _ = fmt.Fprintf(sum, "%q %t\n", text.Reveal(), err == nil)
	}
	for _, child := range node.Content {
		printNode(sum, child, lookup)
	}
}
