package main

import (
	"context"
	"fmt"
	"strings"

	bonusadapter "bonus-adapter"
)

// runCompletion prints a script for a shell. It is made of the commands and their flags, so it cannot name others.
func runCompletion(ctx context.Context, p *program, args []string) error {
	set := p.flags("completion")
	if err := parse(set, args, 1); err != nil {
		return err
	}
	shells := map[string]func(all []completable) string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}
	script, known := shells[set.Arg(0)]
	if !known {
		return fmt.Errorf("%w: name a shell: bash, zsh or fish", errUsage)
	}
	presets, err := newPresets(bonusadapter.Presets)
	if err != nil {
		return err
	}
	var all []completable
	for _, c := range commands() {
		one := completable{command: c, flags: flagsOf(ctx, c)}
		if c.name == "completion" {
			one.words = []string{"bash", "zsh", "fish"}
		}
		for _, preset := range presets {
			if c.name == "init" || c.name == "presets" {
				one.words = append(one.words, preset.Name)
			}
		}
		all = append(all, one)
	}
	_, err = p.out.Write([]byte(script(all)))
	return err
}

// completable is a command with what a shell may complete behind it.
type completable struct {
	command
	flags []describedFlag
	words []string // beside flags; files if there are none
}

func (c completable) dashed() string {
	var all []string
	for _, one := range c.flags {
		all = append(all, "--"+one.name)
	}
	return strings.Join(all, " ")
}

// bashScript completes a command, its flags behind a dash, and files or words otherwise.
func bashScript(all []completable) string {
	var names []string
	var cases strings.Builder
	for _, c := range all {
		names = append(names, c.name)
		fmt.Fprintf(&cases, "    %s) flags=%q; words=%q ;;\n", c.name, c.dashed(), strings.Join(c.words, " "))
	}
	return fmt.Sprintf(`# bash completion of bonus-adapter
_bonus_adapter() {
  local word="${COMP_WORDS[COMP_CWORD]}" flags="" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W %q -- "$word"))
    return
  fi
  case "${COMP_WORDS[1]}" in
%s  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$word")) ;;
    *) if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$word")); else COMPREPLY=($(compgen -f -- "$word")); fi ;;
  esac
}
complete -o filenames -F _bonus_adapter bonus-adapter
`, strings.Join(names, " "), cases.String())
}

// zshScript describes commands and flags, too.
func zshScript(all []completable) string {
	var names, cases strings.Builder
	for _, c := range all {
		fmt.Fprintf(&names, "      %s\n", zshQuoted(c.name+":"+c.about))
		fmt.Fprintf(&cases, "    %s) _arguments", c.name)
		for _, one := range c.flags {
			spec := "--" + one.name + "[" + strings.NewReplacer("[", "", "]", "").Replace(one.about) + "]"
			if one.value != "" {
				spec += ":" + one.value + ":_files"
			}
			cases.WriteString(" " + zshQuoted(spec))
		}
		rest := "*:file:_files"
		if len(c.words) > 0 {
			rest = "*:name:(" + strings.Join(c.words, " ") + ")"
		}
		cases.WriteString(" " + zshQuoted(rest) + " ;;\n")
	}
	return fmt.Sprintf(`#compdef bonus-adapter
_bonus_adapter() {
  if (( CURRENT == 2 )); then
    local -a names=(
%s    )
    _describe command names
    return
  fi
  local name="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$name" in
%s  esac
}
compdef _bonus_adapter bonus-adapter
`, names.String(), cases.String())
}

// zshQuoted writes a text in single quotes, in which nothing is replaced.
func zshQuoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

func fishScript(all []completable) string {
	var script strings.Builder
	script.WriteString("# fish completion of bonus-adapter\n")
	for _, c := range all {
		fmt.Fprintf(&script, "complete -c bonus-adapter -f -n __fish_use_subcommand -a %s -d %s\n", c.name, fishQuoted(c.about))
		seen := fishQuoted("__fish_seen_subcommand_from " + c.name)
		for _, one := range c.flags {
			value := ""
			if one.value != "" {
				value = " -r"
			}
			fmt.Fprintf(&script, "complete -c bonus-adapter -n %s -l %s%s -d %s\n", seen, one.name, value, fishQuoted(one.about))
		}
		if len(c.words) > 0 {
			fmt.Fprintf(&script, "complete -c bonus-adapter -f -n %s -a %s\n", seen, fishQuoted(strings.Join(c.words, " ")))
		}
	}
	return script.String()
}

// fishQuoted writes a text in single quotes, in which only these two are escaped.
func fishQuoted(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}
