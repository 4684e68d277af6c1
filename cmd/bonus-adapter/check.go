package main

import (
	"context"
	"encoding/json"
	"fmt"

	"bonus-adapter/adapter"
	"bonus-adapter/config"
)

// checked is what check found out about a config, as its JSON has it.
type checked struct {
	File     string    `json:"file"`
	OK       bool      `json:"ok"`
	Problems []finding `json:"problems"`          // that keep serve from starting, or that a recording shows
	Warnings []finding `json:"warnings"`          // references that are not set here, and doubts that a recording leaves
	Advice   []advice  `json:"advice,omitempty"`  // of --audit
	Ignored  int       `json:"ignored,omitempty"` // pieces of advice that --ignore left out
}

// runCheck is load and build, and nothing else: what it finds is what serve would find.
func runCheck(ctx context.Context, p *program, args []string) error {
	set := p.flags("check")
	name := set.String("config", "config.yaml", "the config `file`")
	strict := set.Bool("strict-env", false, "an unset reference is an error, as it is for serve")
	audit := set.Bool("audit", false, "give advice too: what works, but is dangerous or likely to be regretted; docs/audit.md explains it")
	ignore := set.String("ignore", "", "leave out the advice of these `numbers`, such as A05,A11")
	asJSON := set.Bool("json", false, "print JSON")
	var responses texts
	set.Var(&responses, "response", "hold the config against a CRM's answer in this `file`, or against the folder of a case; may be given again for further answers")
	if err := parse(set, args, 1); err != nil {
		return err
	}
	ignored, err := adviceNumbers(*ignore)
	if err != nil {
		return err
	}
	if set.NArg() == 1 {
		*name = set.Arg(0)
	}
	text, err := p.read(*name)
	if err != nil {
		return err
	}
	found := p.check(*name, text, *strict)
	if err := p.checkRecording(ctx, found, text, responses); err != nil {
		return err
	}
	if *audit && len(found.Problems) == 0 {
		found.Advice, found.Ignored = p.audit(*name, text, ignored)
		found.OK = !anyOf(found.Advice, severityHigh)
	}
	return p.tellChecked(found, *asJSON)
}

// check judges a config's text. A machine that checks a config need not hold its secrets: unless strict, what is unset
// is a warning only; what is set is judged with its values.
func (p *program) check(name string, text []byte, strict bool) *checked {
	found := &checked{File: name, Problems: []finding{}, Warnings: []finding{}}
	file, err := parseConfig(name, text)
	var lookup config.Lookup // none leaves the references unresolved
	if strict {
		lookup = environment(p.getenv, p.readFile)
	}
	if err == nil {
		err = try(file, lookup)
	}
	if err == nil {
		found.Warnings, err = p.checkReferences(file)
	}
	found.Problems = append(found.Problems, file.report(err)...)
	found.OK = len(found.Problems) == 0
	return found
}

// checkRecording holds a config that is fine against recorded answers, if there are any.
func (p *program) checkRecording(ctx context.Context, found *checked, text []byte, responses []string) error {
	if len(responses) == 0 || !found.OK {
		return nil
	}
	file, err := parseConfig(found.File, text)
	if err != nil {
		return err
	}
	problems, doubts, err := p.checkResponses(ctx, file, responses)
	found.Problems, found.Warnings = append(found.Problems, problems...), append(found.Warnings, doubts...)
	found.OK = len(found.Problems) == 0
	return err
}

// checkReferences resolves what the config refers to. The findings are what is unset; if nothing is, the error is what
// is wrong with the values.
func (p *program) checkReferences(file *configFile) ([]finding, error) {
	lookup := environment(p.getenv, p.readFile)
	var unset config.Problems
	var whole sections
	unset.AddError("", file.decode(&whole, lookup))
	if unset.Len() > 0 {
		return file.report(unset.Err()), nil
	}
	return []finding{}, try(file, lookup)
}

// tellChecked prints what was found. It is an error if something is wrong.
func (p *program) tellChecked(found *checked, asJSON bool) error {
	if asJSON {
		if err := p.printJSON(found); err != nil {
			return err
		}
	} else if err := p.printChecked(found); err != nil {
		return err
	}
	if !found.OK {
		return errReported
	}
	return nil
}

func (p *program) printChecked(found *checked) error {
	if len(found.Problems) > 0 {
		p.tellFindings(found.Problems)
		return nil
	}
	for i := range found.Warnings {
		found.Warnings[i].Message = "warning: " + found.Warnings[i].Message
	}
	writeFindings(p.err, found.Warnings)
	if found.Advice != nil {
		return p.printAdvice(found)
	}
	_, err := fmt.Fprintf(p.out, "%s: fine\n", found.File)
	return err
}

// printJSON prints a result for machines.
func (p *program) printJSON(result any) error {
	encoder := json.NewEncoder(p.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(result)
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
