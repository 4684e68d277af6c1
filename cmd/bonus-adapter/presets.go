package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	bonusadapter "bonus-adapter"
	"bonus-adapter/config"
)

// preset is what is known about one CRM: presets/NAME/preset.yaml. Its config and cases lie beside it.
type preset struct {
	Name       string   `json:"name"` // the folder's
	Vendor     string   `yaml:"vendor" json:"vendor"`
	Rank       string   `yaml:"rank" json:"rank"`             // first, second or generic
	Customer   string   `yaml:"customer" json:"customer"`     // what the customer's id means there
	Values     []value  `yaml:"values" json:"values"`         // what the config's references need, IRP_KEY aside
	Account    []string `yaml:"account" json:"account"`       // what to do in the vendor's system, in this order
	Handled    []string `yaml:"handled" json:"handled"`       // the vendor's traps that the config takes care of
	Dates      dates    `yaml:"dates" json:"dates"`           // which of IRP's dates there are
	Calls      string   `yaml:"calls" json:"calls"`           // requests for one customer's history
	Limit      string   `yaml:"limit" json:"limit"`           // the vendor's rate limit
	Unverified []string `yaml:"unverified" json:"unverified"` // what no source confirms
	Advice     []string `yaml:"advice" json:"advice"`         // of check --audit that it does not follow: number and reason
}

// value is one value that a preset's config needs.
type value struct {
	Name    string `yaml:"name" json:"name"` // of the environment variable
	What    string `yaml:"what" json:"what"`
	Where   string `yaml:"where" json:"where"`     // where to find it
	Example string `yaml:"example" json:"example"` // made up
}

// dates say which of an entry's two dates a CRM knows, and how.
type dates struct {
	Activation string `yaml:"activation" json:"activation"`
	Expiration string `yaml:"expiration" json:"expiration"`
}

// presetFile is what a preset's folder says about it.
const presetFile = "preset.yaml"

// The ranks, in the order in which they are shown.
const (
	rankFirst   = "first"
	rankSecond  = "second"
	rankGeneric = "generic"
)

// ranks gives each rank with the words under which it is shown.
func ranks() []struct{ name, about string } {
	return []struct{ name, about string }{
		{rankFirst, "known from the vendor's own documentation, SDK or specification"},
		{rankSecond, "known from integrators: verify with your vendor before going live"},
		{rankGeneric, "starting points for CRMs that are none of these"},
	}
}

// newPresets reads what is known about every preset, in the order in which they are shown. An error is a mistake in the
// program: a test reads them all.
func newPresets(folder fs.FS) ([]preset, error) {
	files, err := fs.Glob(folder, "presets/*/"+presetFile)
	if err != nil {
		return nil, err
	}
	var all []preset
	for _, name := range files {
		one, err := newPreset(folder, name)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	slices.SortStableFunc(all, func(a, b preset) int {
		return cmp.Or(cmp.Compare(rankOrder(a.Rank), rankOrder(b.Rank)), cmp.Compare(a.Name, b.Name))
	})
	return all, nil
}

func newPreset(folder fs.FS, name string) (preset, error) {
	one := preset{Name: path.Base(path.Dir(name))}
	text, err := fs.ReadFile(folder, name)
	if err != nil {
		return one, err
	}
	file, err := parseConfig(name, text)
	if err == nil {
		err = file.decode(&one, nil)
	}
	if err == nil && rankOrder(one.Rank) < 0 {
		err = fmt.Errorf("there is no rank %q", one.Rank)
	}
	if err != nil {
		return one, fmt.Errorf("%s: %w", name, err)
	}
	return one, nil
}

func rankOrder(rank string) int {
	for i, known := range ranks() {
		if known.name == rank {
			return i
		}
	}
	return -1
}

func runPresets(_ context.Context, p *program, args []string) error {
	set := p.flags("presets")
	asJSON := set.Bool("json", false, "print JSON")
	if err := parse(set, args, 1); err != nil {
		return err
	}
	all, err := newPresets(bonusadapter.Presets)
	if err != nil {
		return err
	}
	if set.NArg() == 1 {
		if all, err = onePreset(all, set.Arg(0)); err != nil {
			return err
		}
	}
	switch {
	case *asJSON:
		encoder := json.NewEncoder(p.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(all)
	case set.NArg() == 1:
		_, err = fmt.Fprintf(p.out, "%s\n%s", rankLine(all[0].Rank), all[0].whole())
	default:
		_, err = io.WriteString(p.out, listPresets(all))
	}
	return err
}

func onePreset(all []preset, name string) ([]preset, error) {
	var names []string
	for _, one := range all {
		if one.Name == name {
			return []preset{one}, nil
		}
		names = append(names, one.Name)
	}
	hint := "there are: " + strings.Join(names, ", ")
	if near := config.Nearest(name, names); near != "" {
		hint = "did you mean " + near + "?"
	}
	return nil, fmt.Errorf("%w: there is no preset %q; %s", errUsage, name, hint)
}

// listPresets shows all presets, by rank.
func listPresets(all []preset) string {
	var text strings.Builder
	rank := ""
	for _, one := range all {
		if one.Rank != rank {
			rank = one.Rank
			text.WriteString(rankLine(rank) + "\n")
		}
		text.WriteString(one.short() + "\n")
	}
	text.WriteString("bonus-adapter presets NAME tells where the values are found, and what is unverified.\n")
	return text.String()
}

func rankLine(rank string) string {
	for _, known := range ranks() {
		if known.name == rank {
			return known.name + " rank: " + known.about + "\n"
		}
	}
	return ""
}

// short is what an integrator compares presets by.
func (one preset) short() string {
	var names []string
	for _, needed := range one.Values {
		names = append(names, needed.Name)
	}
	return one.Name + "\n" + one.lines("needs", strings.Join(append(names, "IRP_KEY"), ", "))
}

// whole is all that is known.
func (one preset) whole() string {
	var text strings.Builder
	text.WriteString(one.Name + "\n" + one.lines("", ""))
	text.WriteString("\nneeds\n")
	for _, needed := range one.Values {
		fmt.Fprintf(&text, "  %s\n", needed.Name)
		text.WriteString(wrapped("    ", needed.What+". "+needed.Where+". For example "+needed.Example))
	}
	fmt.Fprintf(&text, "  IRP_KEY\n%s", wrapped("    ", "the API key that Imshop sends: agree on it with Imshop"))
	text.WriteString(listed("to do there, in this order", one.Account))
	text.WriteString(listed("unverified", one.Unverified))
	text.WriteString(listed("advice of check --audit that is not followed", one.Advice))
	return text.String()
}

// listed is a list under its title, if there is any.
func listed(title string, items []string) string {
	if len(items) == 0 {
		return ""
	}
	text := "\n" + title + "\n"
	for _, item := range items {
		text += "  - " + strings.TrimLeft(wrapped("    ", item), " ")
	}
	return text
}

// lines are the properties of a preset, one a line; another one may stand among them.
func (one preset) lines(name, text string) string {
	var lines strings.Builder
	for _, line := range [][2]string{
		{"vendor", one.Vendor},
		{name, text},
		{"customer", one.Customer},
		{"activation", one.Dates.Activation},
		{"expiration", one.Dates.Expiration},
		{"calls", one.Calls},
		{"limit", one.Limit},
	} {
		if line[0] != "" {
			fmt.Fprintf(&lines, "  %-11s%s\n", line[0], strings.TrimLeft(wrapped("             ", line[1]), " \n"))
		}
	}
	return strings.ReplaceAll(lines.String(), "\n\n", "\n")
}

// textWidth is how wide text is for people.
const textWidth = 100

// wrapped breaks a text into lines with an indent.
func wrapped(indent, text string) string {
	var lines strings.Builder
	width := 0
	for _, word := range strings.Fields(text) {
		length := len([]rune(word))
		switch {
		case width == 0:
			lines.WriteString(indent)
			width = len(indent)
		case width+1+length > textWidth:
			lines.WriteString("\n" + indent)
			width = len(indent)
		default:
			lines.WriteByte(' ')
			width++
		}
		lines.WriteString(word)
		width += length
	}
	return lines.String() + "\n"
}
