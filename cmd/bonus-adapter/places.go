package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"bonus-adapter/config"
)

// configLine is a line of the config.
type configLine struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	Place  string `json:"place"`
	Source string `json:"source"` // literal secrets in it are masked
}

// String is where it is, as compilers write it.
func (c *configLine) String() string { return fmt.Sprintf("%s:%d", c.File, c.Line) }

// lineAt finds the line of a place; nil if the file has no such place.
func (f *configFile) lineAt(place string) *configLine {
	if f.places[place] == nil {
		return nil
	}
	return f.lineOf(place)
}

// lineOf finds the line of a place, or of the nearest one around it: of a map or a list in lines of its own that is the
// line of its key.
func (f *configFile) lineOf(place string) *configLine {
	problem := &config.Problem{Place: place}
	if node := f.places[place]; node != nil && follow(node).Kind != yaml.ScalarNode && f.keys[place] != nil {
		problem.Key = true
	}
	at := f.locate(problem)
	return &configLine{f.name, at.line, at.column, place, f.masked(at.line)}
}

// linesWithin are the lines of a place and of all that is inside of it, each once, in the order of the file; none if the
// file has no such place.
func (f *configFile) linesWithin(place string) []*configLine {
	if f.places[place] == nil {
		return nil
	}
	lines := map[int]*configLine{}
	for other := range f.places {
		if other != place && !strings.HasPrefix(other, place+".") && !strings.HasPrefix(other, place+"[") {
			continue
		}
		if line := f.lineOf(other); lines[line.Line] == nil || other == place {
			lines[line.Line] = line
		}
	}
	return ordered(lines)
}

func ordered(lines map[int]*configLine) []*configLine {
	all := make([]*configLine, 0, len(lines))
	for _, number := range slices.Sorted(maps.Keys(lines)) {
		all = append(all, lines[number])
	}
	return all
}

// described writes a declaration in one line, whatever lines it stands on: at: amount, as: decimal.
func (f *configFile) described(place string) string {
	node := f.places[place]
	if node == nil {
		return ""
	}
	return described(follow(node), true)
}

func described(node *yaml.Node, outermost bool) string {
	var parts []string
	switch node.Kind {
	case yaml.ScalarNode:
		return node.Value
	case yaml.SequenceNode:
		for _, item := range node.Content {
			parts = append(parts, described(follow(item), false))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		parts = append(parts, follow(node.Content[i]).Value+": "+described(follow(node.Content[i+1]), false))
	}
	if text := strings.Join(parts, ", "); outermost {
		return text
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
