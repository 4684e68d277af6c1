package main

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// within finds the position of a byte of a scalar's text, which is not its byte in the file: quotes, escapes and
// indentation stand in between. Where it cannot be told, the scalar's beginning must do.
func (f *configFile) within(node *yaml.Node, offset int) position {
	start := f.content(node)
	if node.Kind != yaml.ScalarNode || start.line < 1 || start.line > len(f.lines) {
		return start
	}
	offset = min(offset, len(node.Value))
	rest := fromColumn(f.lines[start.line-1], start.column)
	switch {
	case node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return f.withinLines(node.Value, offset, start.line+1, start)
	case node.Style&yaml.SingleQuotedStyle != 0:
		return advance(start, rest, offset, singleQuoted)
	case node.Style&yaml.DoubleQuotedStyle != 0:
		return advance(start, rest, offset, doubleQuoted)
	case strings.HasPrefix(rest, node.Value):
		return position{start.line, start.column + utf8.RuneCountInString(node.Value[:offset])}
	default:
		return f.withinLines(node.Value, offset, start.line, start)
	}
}

// content is where a value's own text begins, behind its anchor and its tag.
func (f *configFile) content(node *yaml.Node) position {
	at := position{node.Line, node.Column}
	if at.line < 1 || at.line > len(f.lines) {
		return at
	}
	rest := fromColumn(f.lines[at.line-1], at.column)
	for strings.HasPrefix(rest, "&") || strings.HasPrefix(rest, "!") {
		end := strings.IndexAny(rest, " \t")
		if end < 0 {
			return position{node.Line, node.Column}
		}
		behind := strings.TrimLeft(rest[end:], " \t")
		at.column += utf8.RuneCountInString(rest) - utf8.RuneCountInString(behind)
		rest = behind
	}
	return at
}

// fromColumn gives the part of a line that begins at a column.
func fromColumn(line string, column int) string {
	for ; column > 1 && line != ""; column-- {
		_, size := utf8.DecodeRuneInString(line)
		line = line[size:]
	}
	return line
}

// unit tells how many bytes of source stand for how many bytes of text.
type unit func(source string) (read, made int)

// advance walks a quoted scalar that stands on one line. source begins with its opening quote.
func advance(start position, source string, offset int, next unit) position {
	at := position{start.line, start.column + 1}
	for source = source[min(1, len(source)):]; offset > 0; {
		if source == "" {
			return start // it goes on in the next line
		}
		read, made := next(source)
		if made > offset {
			break
		}
		at.column += utf8.RuneCountInString(source[:read])
		source, offset = source[read:], offset-made
	}
	return at
}

func singleQuoted(source string) (read, made int) {
	if strings.HasPrefix(source, "''") {
		return 2, 1
	}
	_, size := utf8.DecodeRuneInString(source)
	return size, size
}

func doubleQuoted(source string) (read, made int) {
	if source[0] != '\\' || len(source) < 2 {
		_, size := utf8.DecodeRuneInString(source)
		return size, size
	}
	switch source[1] {
	case 'x':
		return codePoint(source, 4)
	case 'u':
		return codePoint(source, 6)
	case 'U':
		return codePoint(source, 10)
	case 'N', '_':
		return 2, 2
	case 'L', 'P':
		return 2, 3
	default:
		_, size := utf8.DecodeRuneInString(source[1:])
		return 1 + size, 1
	}
}

// codePoint is an escape of hexadecimal digits, such as \u0041, that is length bytes long.
func codePoint(source string, length int) (read, made int) {
	length = min(length, len(source))
	code, err := strconv.ParseUint(source[2:length], 16, 32)
	if err != nil {
		return length, 1
	}
	return length, len(string(rune(code)))
}

// withinLines finds a byte of a text that YAML has put together from several lines, literal or folded: the words of
// each line are looked for in what is left of the text.
func (f *configFile) withinLines(text string, offset, from int, start position) position {
	done, whole := 0, len(strings.TrimRight(text, " \t\n"))
	for number := from; number <= len(f.lines); number++ {
		line, column := f.lines[number-1], 1
		if number == start.line {
			line, column = fromColumn(line, start.column), start.column
		}
		words := strings.TrimLeft(line, " \t")
		if words == "" {
			continue
		}
		column += utf8.RuneCountInString(line) - utf8.RuneCountInString(words)
		done = len(text) - len(strings.TrimLeft(text[done:], " \t\n"))
		length := commonPrefix(strings.TrimRight(words, " \t"), text[done:])
		switch {
		case length == 0:
			return start
		case offset < done+length || done+length >= whole:
			return position{number, column + utf8.RuneCountInString(text[done:max(done, offset)])}
		}
		done += length
	}
	return start
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
