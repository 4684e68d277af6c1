package main

import (
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"bonus-adapter/config"
)

// stretch is a part of the file, from its first character to behind its last.
type stretch struct{ from, to position }

// conceal hides every secret that is to be decoded into a t, before anything is: the line of one value's error may hold
// another value. What stands where a secret should be, as under a misspelt key or without a list's brackets, is hidden
// too.
func (f *configFile) conceal(node *yaml.Node, t reflect.Type) {
	node = follow(node)
	switch {
	case t.Kind() == reflect.Map && node.Kind == yaml.MappingNode:
		for i := 1; i < len(node.Content); i += 2 {
			f.conceal(node.Content[i], t.Elem())
		}
	case holdsSecret(t):
		f.hide(node)
	case t.Kind() == reflect.Pointer:
		f.conceal(node, t.Elem())
	case t.Kind() == reflect.Slice && node.Kind == yaml.SequenceNode:
		for _, item := range node.Content {
			f.conceal(item, t.Elem())
		}
	case t.Kind() == reflect.Struct && node.Kind == yaml.MappingNode:
		fields, names := fieldsOf(t)
		for i := 0; i+1 < len(node.Content); i += 2 {
			name := follow(node.Content[i]).Value
			field, known := fields[name]
			if near := config.Nearest(name, names); !known && near != "" {
				field, known = fields[near], true
			}
			if known {
				f.conceal(node.Content[i+1], t.FieldByIndex(field).Type)
			}
		}
	}
}

// holdsSecret tells whether what is decoded into t is secret.
func holdsSecret(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return holdsSecret(t.Elem())
	}
	return t.Implements(reflect.TypeFor[config.Sensitive]())
}

// hide remembers that the texts in node are secrets. A config should refer to its secrets (a reference may be shown),
// but one that does not must not have them printed by its own errors.
func (f *configFile) hide(node *yaml.Node) {
	node = follow(node)
	if node.Kind != yaml.ScalarNode {
		for _, inner := range node.Content {
			f.hide(inner)
		}
		return
	}
	if node.Value == "" || strings.Contains(node.Value, "${") {
		return
	}
	from := f.content(node)
	to := f.within(node, len(node.Value))
	if to == from { // a text whose end is not known; rather too much than too little
		to = position{len(f.lines) + 1, 1}
	}
	if secret := (stretch{from, to}); !slices.Contains(f.hidden, secret) {
		f.hidden = append(f.hidden, secret)
		f.secret = append(f.secret, node.Value)
	}
}

// masked gives a line with what is hidden in it covered, character by character, so that columns stay.
func (f *configFile) masked(number int) string {
	line := []rune(f.line(number))
	for _, secret := range f.hidden {
		from, to := 0, len(line)
		if number < secret.from.line || number > secret.to.line {
			continue
		}
		if number == secret.from.line {
			from = secret.from.column - 1
		}
		if number == secret.to.line {
			to = secret.to.column - 1
		}
		for i := max(from, 0); i < min(to, len(line)); i++ {
			line[i] = '*'
		}
	}
	return string(line)
}
