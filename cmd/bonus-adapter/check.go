package main

import (
	"context"
	"fmt"

	"go.uber.org/zap"

	"bonus-adapter/adapter"
	"bonus-adapter/config"
)

// runCheck is load and build, and nothing else: what it finds is what serve would find.
func runCheck(_ context.Context, p *program, args []string) error {
	set := p.flags("check")
	name := set.String("config", "config.yaml", "the config `file`")
	strict := set.Bool("strict-env", false, "an unset reference is an error, as it is for serve")
	if err := parse(set, args, 1); err != nil {
		return err
	}
	if set.NArg() == 1 {
		*name = set.Arg(0)
	}
	text, err := p.read(*name)
	if err != nil {
		return err
	}
	file, err := parseConfig(*name, text)
	if err != nil {
		return p.reportConfig(file, err)
	}
	var lookup config.Lookup // none leaves the references unresolved
	if *strict {
		lookup = environment(p.getenv, p.readFile)
	}
	if _, err := construct(file, lookup, zap.NewNop()); err != nil {
		return p.reportConfig(file, err)
	}
	if err := p.checkReferences(file); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.out, "%s: fine\n", *name)
	return err
}

// checkReferences resolves what the config refers to. A machine that checks a config need not hold its secrets, so what
// is unset is a warning; what is set is judged with its values.
func (p *program) checkReferences(file *configFile) error {
	lookup := environment(p.getenv, p.readFile)
	var unset config.Problems
	var whole sections
	unset.AddError("", file.decode(&whole, lookup))
	if findings := file.report(unset.Err()); len(findings) > 0 {
		for i := range findings {
			findings[i].Message = "warning: " + findings[i].Message
		}
		writeFindings(p.err, findings)
		return nil
	}
	if _, err := construct(file, lookup, zap.NewNop()); err != nil {
		return p.reportConfig(file, err)
	}
	return nil
}

// runHash lets support find one customer's lines in a log.
func runHash(_ context.Context, p *program, args []string) error {
	set := p.flags("hash")
	name := set.String("config", "config.yaml", "the config `file`")
	if err := parse(set, args, 1); err != nil {
		return err
	}
	if set.NArg() != 1 {
		return fmt.Errorf("%w: name one customer", errUsage)
	}
	text, err := p.read(*name)
	if err != nil {
		return err
	}
	file, err := parseConfig(*name, text)
	if err != nil {
		return p.reportConfig(file, err)
	}
	var whole sections
	_ = file.decode(&whole, environment(p.getenv, p.readFile)) // what else is wrong does not matter here
	switch key := whole.Adapter.IDKey; {
	case key.IsZero():
		return fmt.Errorf("%s has no adapter.id_key: without one the names in the log change with every start", *name)
	case !key.Resolved():
		return fmt.Errorf("adapter.id_key: %s is not set", key)
	default:
		_, err = fmt.Fprintln(p.out, adapter.HashCustomer(key.Reveal(), set.Arg(0)))
		return err
	}
}

func runVersion(_ context.Context, p *program, args []string) error {
	if err := parse(p.flags("version"), args, 0); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.out, "bonus-adapter %s\n", version())
	return err
}
