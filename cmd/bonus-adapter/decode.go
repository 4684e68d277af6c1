package main

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"

	"go.yaml.in/yaml/v4"

	"bonus-adapter/config"
)

// decoder fills a config's structs from YAML. It is our own, where the library has one, for three reasons: it tells all
// that is wrong in one run, each with its line, column and a hint; a text keeps the characters that stand in the file
// (0123 is not 83, no is not false); and references are resolved while it is known where they stand.
type decoder struct {
	file     *configFile
	lookup   config.Lookup
	problems config.Problems
	count    int // of the problems
}

// decode fills target, a pointer to a struct, and keeps what is set in it already where the file says nothing. Fields
// are named by their yaml tag; a field without one is not read. A nil lookup leaves references unresolved. The error
// joins every [config.Problem].
func (f *configFile) decode(target any, lookup config.Lookup) error {
	if f.root == nil {
		return nil
	}
	d := &decoder{file: f, lookup: lookup}
	f.conceal(f.root, reflect.TypeOf(target).Elem())
	d.value(f.root, "", reflect.ValueOf(target).Elem())
	return d.problems.Err()
}

// refuse notes that the value at place is wrong.
func (d *decoder) refuse(place, hint, format string, args ...any) *config.Problem {
	d.count++
	problem := d.problems.Add(place, format, args...)
	problem.Hint = hint
	return problem
}

func (d *decoder) refuseError(place string, err error) {
	if err != nil {
		d.count++
		d.problems.AddError(place, err)
	}
}

// value fills target, then resolves its references if all of it was understood.
func (d *decoder) value(node *yaml.Node, place string, target reflect.Value) {
	node = follow(node)
	if target.Kind() == reflect.Pointer {
		d.pointer(node, place, target)
		return
	}
	if d.tagged(node, place) {
		return
	}
	before := d.count
	d.fill(node, place, target)
	if resolver, ok := target.Addr().Interface().(config.Resolver); ok && d.lookup != nil && d.count == before {
		d.refuseError(place, resolver.Resolve(d.lookup))
	}
	if shown, ok := target.Addr().Interface().(fmt.Stringer); ok && node.Kind == yaml.ScalarNode && d.count == before && shown.String() == "***" {
		d.file.hide(node)
	}
}

// pointer leaves a target that has no value nil. A value that is set already is copied, since it may be shared.
func (d *decoder) pointer(node *yaml.Node, place string, target reflect.Value) {
	if isNull(node) {
		return
	}
	made := reflect.New(target.Type().Elem())
	if !target.IsNil() {
		made.Elem().Set(target.Elem())
	}
	d.value(node, place, made.Elem())
	target.Set(made)
}

func (d *decoder) fill(node *yaml.Node, place string, target reflect.Value) {
	switch known := target.Addr().Interface().(type) {
	case config.TreeUnmarshaler:
		before := d.count
		if tree := d.tree(node, place); d.count == before {
			d.refuseError(place, known.UnmarshalTree(tree))
		}
		return
	case encoding.TextUnmarshaler:
		if text, ok := d.text(node, place, target.Type()); ok {
			d.refuseError(place, known.UnmarshalText([]byte(text)))
		}
		return
	}
	switch target.Kind() {
	case reflect.Struct:
		d.fields(node, place, target)
	case reflect.Map:
		d.entries(node, place, target)
	case reflect.Slice:
		d.elements(node, place, target)
	case reflect.String:
		if text, ok := d.text(node, place, target.Type()); ok {
			target.SetString(text)
		}
	case reflect.Bool:
		d.truth(node, place, target)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		d.integer(node, place, target)
	default:
		d.refuse(place, "", "nothing can be read into a %s; this is a mistake in the program", target.Type())
	}
}

func (d *decoder) fields(node *yaml.Node, place string, target reflect.Value) {
	if isNull(node) || !d.expect(node, place, yaml.MappingNode, target.Type()) {
		return
	}
	fields, names := fieldsOf(target.Type())
	for _, m := range d.members(node, place) {
		if field, known := fields[m.name]; known {
			d.value(m.value, m.place, target.FieldByIndex(field))
			continue
		}
		hint := "allowed here: " + strings.Join(names, ", ")
		if near := config.Nearest(m.name, names); near != "" {
			hint = "did you mean " + near + "?"
		}
		if m.name == "<<" {
			hint = "a config has no merge keys: write the keys out"
		}
		d.refuse(m.place, hint, "unknown key").Key = true
	}
}

// fieldsOf gives where a struct's fields are by their names in the file, and the names in order. The fields of an
// inline struct are its own.
func fieldsOf(t reflect.Type) (map[string][]int, []string) {
	fields := map[string][]int{}
	var names []string
	for i := range t.NumField() {
		name, option, _ := strings.Cut(t.Field(i).Tag.Get("yaml"), ",")
		if option == "inline" {
			inner, more := fieldsOf(t.Field(i).Type)
			for _, name := range more {
				fields[name] = append([]int{i}, inner[name]...)
			}
			names = append(names, more...)
			continue
		}
		if name == "" || name == "-" || !t.Field(i).IsExported() {
			continue
		}
		fields[name] = []int{i}
		names = append(names, name)
	}
	return fields, names
}

func (d *decoder) entries(node *yaml.Node, place string, target reflect.Value) {
	if isNull(node) || !d.expect(node, place, yaml.MappingNode, target.Type()) {
		return
	}
	made := reflect.MakeMap(target.Type())
	for _, m := range d.members(node, place) {
		entry := reflect.New(target.Type().Elem()).Elem()
		d.value(m.value, m.place, entry)
		made.SetMapIndex(reflect.ValueOf(m.name).Convert(target.Type().Key()), entry)
	}
	target.Set(made)
}

func (d *decoder) elements(node *yaml.Node, place string, target reflect.Value) {
	if isNull(node) || !d.expect(node, place, yaml.SequenceNode, target.Type()) {
		return
	}
	made := reflect.MakeSlice(target.Type(), len(node.Content), len(node.Content))
	for i, item := range node.Content {
		d.value(item, config.Index(place, i), made.Index(i))
	}
	target.Set(made)
}

func isNull(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null"
}
