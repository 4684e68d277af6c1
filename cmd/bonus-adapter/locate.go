package main

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"bonus-adapter/config"
)

// configFile is a config file, parsed, that can tell the position of each of its places. It is the only one that knows
// YAML: the sections speak of places, and its report turns these into lines and columns.
//
// It is not safe for concurrent use.
type configFile struct {
	name   string
	text   []byte
	lines  []string
	root   *yaml.Node            // nil if the document is empty or could not be read
	places map[string]*yaml.Node // by place: the value
	keys   map[string]*yaml.Node // by place: its key, if it has one
	exact  map[config.Problem]position
	nodes  int       // how many values there are, those behind an alias counted with each use
	hidden []stretch // literal secrets
	secret []string  // their texts
}

// position is a line and a column, both from 1; a column counts runes.
type position struct{ line, column int }

// A config with more is a mistake or an attack (aliases of aliases grow exponentially), and neither may cost memory.
const (
	maxDepth = 64
	maxNodes = 50_000
)

// lineBreaks are YAML's own, so that its lines and ours are the same.
var lineBreaks = regexp.MustCompile("\r\n|[\n\r\u0085\u2028\u2029]")

// parseConfig reads a file's YAML. With an error the configFile still locates it, and decodes as an empty file would.
func parseConfig(name string, text []byte) (*configFile, error) {
	text = []byte(strings.TrimPrefix(string(text), "\ufeff"))
	file := &configFile{
		name:   name,
		text:   text,
		lines:  lineBreaks.Split(string(text), -1),
		places: map[string]*yaml.Node{},
		keys:   map[string]*yaml.Node{},
		exact:  map[config.Problem]position{},
	}
	if problem := file.unreadable(); problem != nil {
		return file, problem
	}
	if err := file.parse(); err != nil {
		return file, err
	}
	return file, nil
}

// unreadable finds what is no text at all: YAML would refuse it too, but without a position.
func (f *configFile) unreadable() error {
	for number, line := range f.lines {
		column := 0
		for i, c := range line {
			column++
			_, size := utf8.DecodeRuneInString(line[i:])
			switch {
			case c == utf8.RuneError && size == 1:
				return f.problemAt(position{number + 1, column}, "here is a byte that is not UTF-8", "save the file as UTF-8")
			case c < ' ' && c != '\t' || c >= 0x7f && c < 0xa0 || c == 0xfffe || c == 0xffff:
				return f.problemAt(position{number + 1, column}, fmt.Sprintf("here is an invisible character, U+%04X", c), "remove it")
			}
		}
	}
	return nil
}

func (f *configFile) parse() error {
	loader, err := yaml.NewLoader(strings.NewReader(string(f.text)))
	if err != nil {
		return f.syntaxProblem(err)
	}
	var document, second yaml.Node
	if err := loader.Load(&document); err != nil {
		if errors.Is(err, io.EOF) {
			return nil
		}
		return f.syntaxProblem(err)
	}
	if err := loader.Load(&second); err == nil {
		return f.problemAt(position{second.Line, 1}, "a second document begins here, and a config is only one",
			"remove the --- or ... line, or keep the other document in a file of its own")
	} else if !errors.Is(err, io.EOF) {
		return f.syntaxProblem(err)
	}
	if len(document.Content) == 0 {
		return nil
	}
	if err := f.index(document.Content[0], "", 0); err != nil {
		clear(f.places)
		clear(f.keys)
		return err
	}
	f.root = document.Content[0]
	return nil
}

// index remembers where each place is. Everything behind an alias is at the alias's place too, so a walk that index
// has allowed ends.
func (f *configFile) index(node *yaml.Node, place string, depth int) error {
	if f.nodes++; f.nodes > maxNodes || depth > maxDepth {
		message := fmt.Sprintf("the config is nested deeper than %d levels here", maxDepth)
		if depth <= maxDepth {
			message = fmt.Sprintf("the config has more than %d values", maxNodes)
		}
		return f.problemAt(position{node.Line, node.Column}, message, "look for an alias (*name) that repeats too much")
	}
	if _, known := f.places[place]; !known {
		f.places[place] = node
	}
	node = follow(node)
	if node.Kind == yaml.SequenceNode {
		for i, item := range node.Content {
			if err := f.index(item, config.Index(place, i), depth+1); err != nil {
				return err
			}
		}
	}
	if node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		member := config.Member(place, follow(node.Content[i]).Value)
		if _, known := f.keys[member]; !known {
			f.keys[member] = node.Content[i]
		}
		if err := f.index(node.Content[i+1], member, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// follow gives what an alias stands for.
func follow(node *yaml.Node) *yaml.Node {
	for range maxDepth {
		if node.Kind != yaml.AliasNode || node.Alias == nil {
			break
		}
		node = node.Alias
	}
	return node
}

// problemAt makes a problem whose position is known better than by its place.
func (f *configFile) problemAt(at position, message, hint string) *config.Problem {
	return f.pin(&config.Problem{Message: message, Hint: hint}, at)
}

// pin remembers a problem's position by what it says, since a problem is copied on its way through the sections.
func (f *configFile) pin(problem *config.Problem, at position) *config.Problem {
	f.exact[*problem] = at
	return problem
}

// locate finds a problem's position: that of its place, or of the nearest place around it that is in the file.
func (f *configFile) locate(problem *config.Problem) position {
	if at, found := f.exact[*problem]; found {
		return f.clamp(at)
	}
	place := problem.Place
	value, key := f.places[place], f.keys[place]
	for value == nil && place != "" {
		place = parentPlace(place)
		value, key = f.places[place], f.keys[place]
	}
	switch {
	case value == nil:
		return position{1, 1}
	case key != nil && (problem.Key || place != problem.Place || isAbsent(value)):
		return f.clamp(position{key.Line, key.Column})
	case place != problem.Place || problem.Offset <= 0:
		return f.clamp(position{value.Line, value.Column})
	}
	return f.clamp(f.within(value, problem.Offset))
}

// clamp keeps a position inside of the file: YAML puts the end of a file on a line of its own.
func (f *configFile) clamp(at position) position {
	last := len(f.lines)
	for last > 1 && strings.TrimSpace(f.lines[last-1]) == "" {
		last--
	}
	if at.line > last {
		at = position{last, utf8.RuneCountInString(f.lines[last-1]) + 1}
	}
	return position{max(at.line, 1), max(at.column, 1)}
}

// line gives the text of a line, counted from 1, without what could disturb a terminal.
func (f *configFile) line(number int) string {
	if number < 1 || number > len(f.lines) {
		return ""
	}
	return strings.Map(func(c rune) rune {
		if c < ' ' && c != '\t' || c >= 0x7f && c < 0xa0 {
			return utf8.RuneError
		}
		return c
	}, f.lines[number-1])
}

// isAbsent tells whether a key stands there without a value; YAML then has no position for it.
func isAbsent(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null" && node.Value == ""
}

// parentPlace cuts the last step off a place.
func parentPlace(place string) string {
	cut := strings.LastIndexByte(place, '.')
	if strings.HasSuffix(place, "']") {
		cut = strings.LastIndex(place, "['")
	} else if strings.HasSuffix(place, "]") {
		cut = strings.LastIndexByte(place, '[')
	}
	return place[:max(cut, 0)]
}
