package main

import (
	"os"
	"strings"
)

// painter colours words for a terminal; the zero painter leaves them plain.
type painter struct{ on bool }

// The colours, by what they say.
const (
	colourBad   = "31"
	colourGood  = "32"
	colourHead  = "1"
	colourFaint = "2"
)

// painter paints only where a terminal reads, and nobody has asked for plain text (https://no-color.org).
func (p *program) painter() painter {
	for _, name := range []string{"NO_COLOR"} {
		if value, set := p.getenv(name); set && value != "" {
			return painter{}
		}
	}
	if term, _ := p.getenv("TERM"); term == "dumb" {
		return painter{}
	}
	file, isFile := p.out.(*os.File)
	if !isFile {
		return painter{}
	}
	about, err := file.Stat()
	return painter{err == nil && about.Mode()&os.ModeCharDevice != 0}
}

func (p painter) as(colour, text string) string {
	if !p.on || strings.TrimSpace(text) == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}
