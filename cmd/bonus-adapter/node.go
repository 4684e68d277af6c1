package main

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"bonus-adapter/config"
)

// member is one key of a map and its value.
type member struct {
	name, place string
	value       *yaml.Node
}

// members gives a map's keys in the order of the file, without those that cannot be meant: a key that is no text, one
// that was there before, and one that is really the rest of a text which a comma has cut in two.
func (d *decoder) members(node *yaml.Node, place string) []member {
	seen := map[string]*yaml.Node{}
	members := make([]member, 0, len(node.Content)/2)
	for i := 0; i+1 < len(node.Content); i += 2 {
		at, value := node.Content[i], node.Content[i+1]
		key := follow(at)
		m := member{key.Value, config.Member(place, key.Value), value}
		switch first := seen[m.name]; {
		case key.Kind != yaml.ScalarNode:
			d.refuseAt(at, place, d.file.quoteHint(d.outermost(node, at)), "a key must be a text; {{ and [ must be quoted")
		case first != nil:
			hint := fmt.Sprintf("the first is at line %d, column %d: keep one of them", first.Line, first.Column)
			d.refuseAt(at, m.place, hint, "the key is set for a second time")
		case node.Style&yaml.FlowStyle != 0 && isAbsent(value) && d.lacksColon(at, key):
			d.refuseAt(at, place, d.file.commaHint(at), "%q has no value", m.name)
		default:
			members = append(members, m)
		}
		if seen[m.name] == nil || key.Kind == yaml.ScalarNode {
			seen[m.name] = at
		}
	}
	return members
}

// refuseAt notes that a key is wrong which its place cannot tell from others.
func (d *decoder) refuseAt(key *yaml.Node, place, hint, format string, args ...any) {
	problem := d.refuse(place, hint, format, args...)
	problem.Key = true
	d.file.pin(problem, position{key.Line, key.Column})
}

// outermost is where the text begins that a map with a map as its key is a part of: {{ user }} is one at its first {.
func (d *decoder) outermost(node, key *yaml.Node) position {
	if key.Kind == yaml.MappingNode && key.Line == node.Line && key.Column == node.Column+1 {
		return position{node.Line, node.Column}
	}
	return position{key.Line, key.Column}
}

func (d *decoder) lacksColon(at, key *yaml.Node) bool {
	if at != key || key.Style != 0 {
		return false
	}
	rest, found := strings.CutPrefix(fromColumn(d.file.line(at.Line), at.Column), key.Value)
	rest = strings.TrimLeft(rest, " \t")
	return found && (strings.HasPrefix(rest, ",") || strings.HasPrefix(rest, "}"))
}

// commaHint shows the line of a key without a value as it was probably meant.
func (f *configFile) commaHint(key *yaml.Node) string {
	if name, value, found := strings.Cut(key.Value, ":"); found {
		return "put a space after the colon: " + name + ": " + value
	}
	for _, inside := range []bool{false, true} {
		line := f.masked(key.Line)
		if traps := trapsOf(scanLine(line, inside)); len(traps) > 0 {
			return "quote it: " + quoteTokens(line, traps)
		}
	}
	return "write key: value; a text with a comma in it must be quoted"
}

// expect refuses a node of another kind than the target needs.
func (d *decoder) expect(node *yaml.Node, place string, kind yaml.Kind, t reflect.Type) bool {
	if node.Kind == kind {
		return true
	}
	wanted, hint := "a map", ""
	switch {
	case kind == yaml.SequenceNode && node.Kind == yaml.MappingNode:
		wanted, hint = "a list", `begin each element with "- "`
	case kind == yaml.SequenceNode:
		wanted, hint = "a list", "write it as "+asList(node, holdsSecret(t))
	case node.Kind == yaml.SequenceNode:
		hint = `write it as key: value, without "- " or [ ]`
	case utf8.RuneCountInString(node.Value) > 1 && strings.Contains(node.Value[1:], ":"):
		hint = "write it as key: value, with a space after the colon"
	default:
		hint = "write it as key: value, on indented lines or within { }"
	}
	d.refuse(place, hint, "expected %s, found %s", wanted, describe(node))
	return false
}

func asList(node *yaml.Node, secret bool) string {
	text := node.Value
	switch {
	case secret && !strings.Contains(text, "${"), strings.Contains(text, "\n"):
		return `["…"]`
	case strings.ContainsAny(text, "[]{},:#&*!|>'\"%@`\\") || strings.TrimSpace(text) != text || text == "" || node.Style != 0:
		return "[" + quote(text) + "]"
	}
	return "[" + text + "]"
}

// text gives a scalar's text as it stands in the file.
func (d *decoder) text(node *yaml.Node, place string, t reflect.Type) (string, bool) {
	switch {
	case isNull(node):
		d.refuse(place, d.file.emptyHint(node), "expected a text, found nothing")
	case node.Kind != yaml.ScalarNode:
		hint := "write one text here"
		if node.Style&yaml.FlowStyle != 0 && !holdsSecret(t) {
			hint = d.file.quoteHint(position{node.Line, node.Column})
		}
		d.refuse(place, hint, "expected a text, found %s", describe(node))
	default:
		return node.Value, true
	}
	return "", false
}

// emptyHint tells why a key may be without the value that its writer gave it.
func (f *configFile) emptyHint(node *yaml.Node) string {
	switch line := f.line(node.Line); {
	case node.Value != "":
		return "for the text " + node.Value + " itself, quote it; for no value, leave the key out"
	case node.Line > 0 && strings.HasPrefix(strings.TrimLeft(fromColumn(line, node.Column), " \t:"), "#"):
		return "a # begins a comment: quote a text that begins with it"
	}
	return "give it a value, or leave the key out"
}

// integer reads decimal digits only: 010 and 0x10 mean different things to different people.
func (d *decoder) integer(node *yaml.Node, place string, target reflect.Value) {
	if node.Kind != yaml.ScalarNode || isNull(node) {
		d.refuse(place, "write it in digits", "expected a whole number, found %s", describe(node))
		return
	}
	text := node.Value
	number, err := strconv.ParseInt(text, 10, target.Type().Bits())
	digits := strings.TrimLeft(text, "+-")
	switch {
	case node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0 && err == nil:
		d.refuse(place, "write it without quotes: "+text, "expected a whole number, found a text")
	case err == nil && (len(digits) == 1 || digits[0] != '0') && text[0] != '+':
		target.SetInt(number)
	case err == nil:
		d.refuse(place, "write "+strconv.FormatInt(number, 10), "expected a whole number, found %q", text)
	case strings.Trim(digits, "0123456789") == "" && digits != "":
		d.refuse(place, "", "the number %s is too large", text)
	default:
		d.refuse(place, "write it in decimal digits only", "expected a whole number, found %q", text)
	}
}

// truth reads true and false only: yes and on are words of other formats, and "false" in quotes may be either.
func (d *decoder) truth(node *yaml.Node, place string, target reflect.Value) {
	quoted := node.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0
	switch {
	case node.Kind != yaml.ScalarNode || isNull(node):
		d.refuse(place, "write true or false", "expected true or false, found %s", describe(node))
	case !quoted && (node.Value == "true" || node.Value == "false"):
		target.SetBool(node.Value == "true")
	case strings.Contains("|yes|y|on|true|1|", "|"+strings.ToLower(node.Value)+"|"):
		d.refuse(place, "write true, without quotes", "expected true or false, found %q", node.Value)
	case strings.Contains("|no|n|off|false|0|", "|"+strings.ToLower(node.Value)+"|"):
		d.refuse(place, "write false, without quotes", "expected true or false, found %q", node.Value)
	default:
		d.refuse(place, "write true or false", "expected true or false, found %q", node.Value)
	}
}

// tree gives a value whose shape is the integrator's own. Its depth and size were judged by index.
func (d *decoder) tree(node *yaml.Node, place string) config.Tree {
	node = follow(node)
	tree := config.Tree{Kind: kindOf(node)}
	if d.tagged(node, place) {
		return tree
	}
	switch node.Kind {
	case yaml.ScalarNode:
		tree.Text = node.Value
	case yaml.SequenceNode:
		for i, item := range node.Content {
			tree.Items = append(tree.Items, d.tree(item, config.Index(place, i)))
		}
	case yaml.MappingNode:
		for _, m := range d.members(node, place) {
			tree.Members = append(tree.Members, config.Branch{Name: m.name, Value: d.tree(m.value, m.place)})
		}
	}
	return tree
}

// tagged refuses a value with a tag of the writer's own: it is a condition such as !body.success, which YAML takes for a
// tag without a value.
func (d *decoder) tagged(node *yaml.Node, place string) bool {
	if tag := node.ShortTag(); !strings.HasPrefix(tag, "!") || strings.HasPrefix(tag, "!!") {
		return false
	}
	at := position{node.Line, node.Column}
	d.file.pin(d.refuse(place, d.file.quoteHint(at), "a text that begins with ! must be quoted"), at)
	return true
}

func kindOf(node *yaml.Node) config.Kind {
	switch node.Kind {
	case yaml.SequenceNode:
		return config.List
	case yaml.MappingNode:
		return config.Map
	}
	switch node.ShortTag() {
	case "!!null":
		return config.Null
	case "!!int", "!!float":
		return config.Number
	case "!!bool":
		return config.Bool
	}
	return config.Text
}

func describe(node *yaml.Node) string {
	if isNull(node) {
		return "nothing"
	}
	return kindOf(node).String()
}
