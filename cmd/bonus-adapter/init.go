package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	bonusadapter "bonus-adapter"
)

// begun is what init wrote, as its JSON has it.
type begun struct {
	Files   []string `json:"files"`
	Sure    []string `json:"sure,omitempty"`
	Guessed []string `json:"guessed,omitempty"`
	Asked   []string `json:"asked,omitempty"`
	Needs   []value  `json:"needs,omitempty"` // what the config's references stand for
}

// initOptions are the flags of init.
type initOptions struct {
	preset  string
	samples []string
	dir     string
	force   bool
	json    bool
}

// runInit writes a config to start from: the one of a preset, one that is proposed after a CRM's answers, or the
// annotated config.yaml of the program itself.
func runInit(_ context.Context, p *program, args []string) error {
	var options initOptions
	set := p.flags("init")
	set.StringVar(&options.preset, "preset", "", "start from the preset of this `name`; bonus-adapter presets lists them")
	set.Func("sample", "propose a config after this `file`, an answer of the CRM (JSON or XML); may be given several times", func(name string) error {
		options.samples = append(options.samples, name)
		return nil
	})
	set.StringVar(&options.dir, "dir", ".", "write into this `folder`")
	set.BoolVar(&options.force, "force", false, "overwrite files that are there already")
	set.BoolVar(&options.json, "json", false, "print JSON")
	if err := parse(set, args, len(args)); err != nil {
		return err
	}
	switch others := set.Args(); {
	case len(others) > 0 && len(options.samples) == 0:
		return fmt.Errorf("%w: too many arguments: %s; a sample is given as --sample FILE", errUsage, strings.Join(others, " "))
	case options.preset != "" && len(options.samples) > 0:
		return fmt.Errorf("%w: a config starts from a preset or from a sample, not from both", errUsage)
	default:
		options.samples = append(options.samples, others...)
	}
	made, err := p.begin(options)
	if err != nil {
		return err
	}
	return p.tellBegun(made, options.json)
}

func (p *program) begin(options initOptions) (*begun, error) {
	switch {
	case options.preset != "":
		return beginPreset(options)
	case len(options.samples) > 0:
		return p.beginSample(options)
	}
	files := newFiles{{newConfigFile, append([]byte(modeline), bonusadapter.Config...)}}
	return begin(files, options)
}

// newConfigFile is the name of a new config.
const newConfigFile = "config.yaml"

// beginPreset copies a preset's config and cases.
func beginPreset(options initOptions) (*begun, error) {
	all, err := newPresets(bonusadapter.Presets)
	if err != nil {
		return nil, err
	}
	if all, err = onePreset(all, options.preset); err != nil {
		return nil, err
	}
	from := path.Join("presets", options.preset)
	var files newFiles
	err = fs.WalkDir(bonusadapter.Presets, from, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path.Base(name) == presetFile {
			return err
		}
		content, err := fs.ReadFile(bonusadapter.Presets, name)
		name = strings.TrimPrefix(name, from+"/")
		if name == newConfigFile {
			content = append([]byte(modeline), content...)
		}
		files = append(files, newFile{name, content})
		return err
	})
	if err != nil {
		return nil, err
	}
	needs := append(slices.Clone(all[0].Values), value{Name: "IRP_KEY", What: "the API key that Imshop sends", Where: "agree on it with Imshop"})
	made, err := begin(files, options)
	if err != nil {
		return nil, err
	}
	made.Needs, made.Asked = needs, all[0].Unverified
	return made, nil
}

// begin writes new files, and the schema that their config names.
func begin(files newFiles, options initOptions) (*begun, error) {
	text, err := configSchema()
	if err != nil {
		return nil, err
	}
	files = append(files, newFile{schemaFile, text})
	return &begun{Files: files.names(options.dir)}, files.write(options)
}

// newFile is a file to be written, by its path with slashes.
type newFile struct {
	name    string
	content []byte
}

type newFiles []newFile

func (f newFiles) names(dir string) []string {
	names := make([]string, len(f))
	for i, one := range f {
		names[i] = filepath.Join(dir, filepath.FromSlash(one.name))
	}
	return names
}

// write writes all the files, or none if one is there already and it is not forced.
func (f newFiles) write(options initOptions) error {
	names := f.names(options.dir)
	if !options.force {
		for _, name := range names {
			if _, err := os.Lstat(name); !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("%s is there already, and nothing was written; --force overwrites it, --dir writes elsewhere", name)
			}
		}
	}
	for i, one := range f {
		if err := os.MkdirAll(filepath.Dir(names[i]), 0o755); err != nil { //nolint:gosec // a config holds no secrets
			return err
		}
		if err := os.WriteFile(names[i], one.content, 0o644); err != nil { //nolint:gosec // as above
			return err
		}
	}
	return nil
}

// tellBegun tells what was written, and what is to be done next.
func (p *program) tellBegun(made *begun, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(p.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(made)
	}
	var text strings.Builder
	for _, name := range made.Files {
		fmt.Fprintf(&text, "wrote %s\n", name)
	}
	for _, part := range []struct {
		title string
		lines []string
	}{{"sure", made.Sure}, {"guessed", made.Guessed}, {"to be answered", made.Asked}} {
		if len(part.lines) > 0 {
			fmt.Fprintf(&text, "\n%s:\n", part.title)
		}
		for _, line := range part.lines {
			text.WriteString(bullet(line))
		}
	}
	if len(made.Needs) > 0 {
		text.WriteString("\nneeds, as environment variables:\n")
	}
	for _, need := range made.Needs {
		fmt.Fprintf(&text, "  %s\n%s", need.Name, wrapped("    ", need.What+". "+need.Where))
	}
	fmt.Fprintf(&text, "\nnext: bonus-adapter check %s\n", made.Files[0])
	_, err := p.out.Write([]byte(text.String()))
	return err
}

// bullet writes a text as an item of a list.
func bullet(text string) string {
	return "  * " + strings.TrimLeft(wrapped("    ", text), " ")
}
