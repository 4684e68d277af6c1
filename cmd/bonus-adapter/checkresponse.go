package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"bonus-adapter/config"
	"bonus-adapter/crm"
	"bonus-adapter/document"
	"bonus-adapter/mapping"
)

// checkResponses holds a config that works against recorded answers: what finds nothing in them, what cannot be read and
// what no rule covers are problems of the config. Doubts are no problems. The error is a recording that cannot be used.
func (p *program) checkResponses(ctx context.Context, file *configFile, names []string) (problems, doubts []finding, err error) {
	x, err := p.newExplainer(file, "", explainOptions{responses: names})
	if err != nil {
		return nil, nil, err
	}
	defer x.built.client.Close()
	x.run(ctx, true)
	problems, doubts = x.judge()
	return problems, doubts, nil
}

// judge tells what a recording that was played shows to be wrong, and what it leaves in doubt.
func (x *explainer) judge() (problems, doubts []finding) {
	c := &responseCheck{explainer: x}
	for _, step := range x.heard.steps {
		c.step(step)
	}
	c.records()
	return x.file.report(c.problems.Err()), x.file.report(c.doubts.Err())
}

// responseCheck collects what a recording shows to be wrong.
type responseCheck struct {
	*explainer
	problems config.Problems
	doubts   config.Problems
}

func (c *responseCheck) add(place, format string, args ...any) {
	c.problems.Add(strings.TrimPrefix(config.Join("crm", place), "/"), format, args...)
}

func (c *responseCheck) step(heard *stepTold) {
	for _, exchange := range heard.exchanges {
		for _, asked := range exchange.Asked {
			if asked.Err != nil {
				c.add(asked.Place, "it cannot be asked of the recording: %s", c.text(oneLine(asked.Err.Error())))
			}
		}
	}
	c.paths(heard)
	if heard.done == nil {
		return
	}
	for _, kept := range heard.done.Kept {
		if kept.Rows == 0 || kept.Rows < 0 && !kept.There && heard.done.Failed == nil && !heard.done.Left {
			c.add(kept.Place, "it finds nothing in the recording")
		}
	}
	if failed := heard.done.Failed; failed != nil && !c.ended(failed) {
		failure := c.failure(failed, heard.place)
		c.problems.Add(failure.Config.Place, "%s", failure.Text)
	}
}

// ended tells whether a failure only says that the recording is shorter than the conversation.
func (c *responseCheck) ended(failed *crm.Error) bool {
	return c.player.Departed() != nil && c.player.Departed().Recorded == "" && failed.Kind == crm.Unreachable
}

func oneLine(text string) string { return strings.ReplaceAll(text, "\n", ": ") }

// bodyPath matches the places of an answer that a condition speaks of.
var bodyPath = regexp.MustCompile(`\bbody\.((?:[\pL_$@#][\pL\pN_$@#-]*|\['[^']*'\]|\[\d+\])(?:\.[\pL_$@#][\pL\pN_$@#-]*|\['[^']*'\]|\[\d+\])*)`)

// paths doubts conditions over a place that is in no recorded answer: it may be one of errors only, or misspelt.
func (c *responseCheck) paths(heard *stepTold) {
	found, missing := map[string]bool{}, map[string]string{}
	for _, exchange := range heard.exchanges {
		body, err := document.ParseJSON(exchange.Answer, document.Limits{Depth: maxDepth})
		if err != nil {
			continue
		}
		for _, asked := range exchange.Asked {
			for _, match := range bodyPath.FindAllStringSubmatch(asked.Text, -1) {
				if strings.Contains(asked.Text, "exists("+match[0]) {
					continue // that it may be absent is what is asked
				}
				path, err := document.ParsePath(match[1])
				if err == nil && path.Get(body).Kind() == document.Missing {
					missing[match[0]] = asked.Place
				} else {
					found[match[0]] = true
				}
			}
		}
	}
	for _, path := range sortedNames(missing) {
		if !found[path] {
			c.doubts.Add(strings.TrimPrefix(config.Join("crm", missing[path]), "/"), "%s is in no answer of the recording: is it in those of errors?", path)
		}
	}
}

// records tells what is wrong with the records.
func (c *responseCheck) records() {
	history := c.heard.history
	switch {
	case history == nil:
		return
	case len(history.Records) == 0:
		c.problems.Add("mapping.records", "the recording holds no records: nothing can be said about fields and rules").Hint = "record a customer who has some"
		return
	}
	fates, _, _ := c.built.mapping.Explain(history.Records, c.now) // what the error says, is told of each record
	for _, name := range neverSeen(fates) {
		c.problems.Add(config.Member("mapping.fields", name)+".at", "the field is in none of %s", counted(len(fates), "record")).Hint = c.instead(name)
	}
	c.unreadable(fates)
	c.unmatched(fates)
}

// instead tells what the first record has where a field was looked for; "" where that cannot be told.
func (c *responseCheck) instead(field string) string {
	at := c.built.config.Mapping.Fields[field].At
	record := c.firstRecord()
	if len(at) != 1 || record.Kind() != document.Object {
		return ""
	}
	var nowhere *document.PathError
	if _, err := at[0].Find(record); errors.As(err, &nowhere) && !strings.Contains(at[0].String(), "^") {
		return c.text(nowhere.Error())
	}
	return ""
}

// firstRecord gives the first record of the recording; Missing if its answer is no JSON.
func (c *responseCheck) firstRecord() document.Value {
	for _, source := range c.built.plan.Sources {
		for _, step := range c.heard.steps {
			for _, exchange := range step.exchanges {
				body, err := document.ParseJSON(exchange.Answer, document.Limits{Depth: maxDepth})
				if err != nil || step.name != source.Step {
					continue
				}
				if records, err := source.Records.List(body); err == nil && len(records) > 0 {
					return records[0]
				}
			}
		}
	}
	return document.Value{}
}

// unreadable tells each kind of problem once.
func (c *responseCheck) unreadable(fates []mapping.Told) {
	count := map[mapping.Problem]int{}
	var order []mapping.Problem
	for _, told := range fates {
		if told.Fate == mapping.Unreadable {
			kind := told.Problem
			kind.Record = 0
			if count[kind]++; count[kind] == 1 {
				order = append(order, kind)
			}
		}
	}
	var never []string
	for _, name := range neverSeen(fates) {
		never = append(never, config.Member("mapping.fields", name)+".at")
	}
	for _, kind := range order {
		line := c.suspected(config.Join("mapping", kind.Place), kind.Why)
		if slices.Contains(never, line.Place) {
			continue // that says it better
		}
		c.problems.Add(line.Place, "%d of %s cannot be read: it %s", count[kind], counted(len(fates), "record"), c.text(kind.Why))
	}
}

// code names what a record that no rule covers is: by its code, or else by the fields that the rules speak of.
func (c *responseCheck) code(told mapping.Told) string {
	if told.Code != "" {
		return told.Code
	}
	var values []string
	for _, field := range told.Fields {
		if field.Value.Type == document.TypeText && c.ruled(field.Name) {
			values = append(values, field.Name+"="+field.Value.Text)
		}
	}
	return strings.Join(values, " ")
}

// ruled tells whether the rules speak of a field.
func (c *responseCheck) ruled(field string) bool {
	named := regexp.MustCompile(`(?:^|[^\pL\pN_])` + regexp.QuoteMeta(field) + `(?:$|[^\pL\pN_])`)
	return slices.ContainsFunc(c.built.config.Mapping.Rules, func(rule mapping.Rule) bool { return named.MatchString(rule.When) })
}

func (c *responseCheck) unmatched(fates []mapping.Told) {
	count, codes := 0, map[string]int{}
	for _, told := range fates {
		if told.Fate == mapping.Unmatched {
			count++
			codes[c.code(told)]++
		}
	}
	if count == 0 {
		return
	}
	var named []string
	for _, code := range sortedNames(codes) {
		if code != "" {
			named = append(named, fmt.Sprintf("%s (%d)", c.text(code), codes[code]))
		}
	}
	text := fmt.Sprintf("no rule covers %d of %s", count, counted(len(fates), "record"))
	if len(named) > 0 {
		text += ": " + strings.Join(named, ", ")
	}
	c.problems.Add(firstLine(c.file.lineAt("mapping.rules"), c.file.lineAt("mapping.kinds")).Place, "%s", text)
}
