package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"strings"
)

// help tells how a command is used: its arguments, its flags and an example.
func (p *program) help(w io.Writer, c command) {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n%s\n", strings.TrimSpace("bonus-adapter "+c.name+" [flags] "+c.args), wrapped("  ", c.about))
	if flags := flagList(p.asked); len(flags) > 0 {
		text.WriteString("flags:\n")
		for _, one := range flags {
			fmt.Fprintf(&text, "  --%s\n%s", strings.TrimSpace(one.name+" "+strings.ToUpper(one.value)), wrapped("      ", one.about))
		}
		text.WriteByte('\n')
	}
	fmt.Fprintf(&text, "example:\n  bonus-adapter %s\n", c.example)
	_, _ = io.WriteString(w, text.String())
}

// describedFlag is a flag as help and shells show it; a flag without a value is true or false.
type describedFlag struct{ name, value, about string }

func flagList(set *flag.FlagSet) []describedFlag {
	var all []describedFlag
	if set == nil {
		return nil
	}
	set.VisitAll(func(f *flag.Flag) {
		value, about := flag.UnquoteUsage(f)
		if strings.Contains(f.DefValue, "unknown-") { // another one each time
			about += " (default: one that is made up)"
		} else if f.DefValue != "" && f.DefValue != "false" {
			about += " (default " + f.DefValue + ")"
		}
		all = append(all, describedFlag{f.Name, value, about})
	})
	return all
}

// flagsOf finds the flags of a command by asking it for help.
func flagsOf(ctx context.Context, c command) []describedFlag {
	asked := &program{out: io.Discard, err: io.Discard}
	_ = c.run(ctx, asked, []string{"--help"}) // it gives flag.ErrHelp, before it does anything
	return flagList(asked.asked)
}
