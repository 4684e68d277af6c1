package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"bonus-adapter/cmd/bonus-adapter/replay"
	"bonus-adapter/mapping"
)

// explainPrinter writes an explanation for people: what happened on the left, the line of the config on the right.
type explainPrinter struct {
	paint painter
	all   bool // every record
	out   strings.Builder
}

const (
	lineColumn    = 78 // where the lines of the config stand
	shownRecords  = 10 // of those that are not odd
	mostOddShown  = 20
	longestOnLine = 600
)

func (e *explainPrinter) print(w io.Writer, told *explanation) {
	e.line("", colourHead, fmt.Sprintf("%s, customer %s", told.Config, told.Customer), nil)
	for i := range told.Steps {
		e.step(i+1, &told.Steps[i])
	}
	e.records(told)
	e.notes(told.Notes)
	e.answer(told)
	_, _ = io.WriteString(w, e.out.String())
}

// line writes one line: its text behind an indent, and where it comes from.
func (e *explainPrinter) line(indent, colour, text string, at ...*configLine) {
	text = strings.Map(printable, text)
	from := linesText(at)
	e.out.WriteString(indent + e.paint.as(colour, text))
	if from != "" {
		gap := max(lineColumn-utf8.RuneCountInString(indent+text), 2)
		e.out.WriteString(strings.Repeat(" ", gap) + e.paint.as(colourFaint, from))
	}
	e.out.WriteByte('\n')
}

// linesText names lines of one file, in their order: config.yaml:4,10-12.
func linesText(at []*configLine) string {
	at = slices.DeleteFunc(slices.Clone(at), func(line *configLine) bool { return line == nil })
	text := ""
	for i := 0; i < len(at); i++ {
		first := at[i]
		for i+1 < len(at) && at[i+1].Line <= at[i].Line+1 {
			i++
		}
		switch text {
		case "":
			text = first.String()
		default:
			text += fmt.Sprintf(",%d", first.Line)
		}
		if last := at[i].Line; last > first.Line {
			text += fmt.Sprintf("-%d", last)
		}
	}
	return text
}

// printable keeps what a CRM has sent from steering the terminal.
func printable(c rune) rune {
	if c < ' ' || c >= 0x7f && c < 0xa0 {
		return '\ufffd'
	}
	return c
}

func (e *explainPrinter) step(number int, told *explainedStep) {
	e.out.WriteByte('\n')
	e.line("", colourHead, fmt.Sprintf("%d  %s", number, told.Name), told.Config)
	if told.Left {
		e.line("   ", "", "left out: its condition does not hold", told.When)
		return
	}
	for i := range told.Exchanges {
		if one := &told.Exchanges[i]; i > 0 && !one.Failed && one.Page > 1 && !e.all {
			e.further(one)
		} else {
			e.exchange(one)
		}
	}
	for _, kept := range told.Kept {
		e.line("   ", "", "kept "+kept.Name+" = "+kept.Text, kept.Config)
	}
	if told.Paging != nil {
		e.line("   ", "", told.Paging.Text, told.Paging.Config)
	}
	if told.Place != nil && told.Failure == nil {
		e.line("   ", "", counted(told.Records, "record"), told.Place)
	}
	if told.Failure != nil && !told.toldAlready() {
		text := "failed: " + told.Failure.Text
		if told.Failure.Goes {
			text += "; the history goes on without it"
		}
		e.line("   ", colourBad, text, told.Failure.Config)
	}
}

func (e *explainPrinter) exchange(told *explainedExchange) {
	e.line("   ", "", cut(told.Method+" "+told.URL), told.Lines...)
	for _, name := range sortedNames(told.Headers) {
		if name != "Accept" && name != "User-Agent" {
			e.line("     ", colourFaint, cut(name+": "+told.Headers[name]), nil)
		}
	}
	if told.Body != "" {
		e.line("     ", colourFaint, cut(strings.Join(strings.Fields(told.Body), " ")), nil)
	}
	answer := "no answer"
	if told.Status != 0 {
		answer = fmt.Sprintf("%d %s, %s", told.Status, firstOf(told.Type, "no Content-Type"), sizeOf(told.Size))
	}
	answer += fmt.Sprintf(", %.1f ms", told.TookMS)
	if told.Page > 1 {
		answer += fmt.Sprintf(", page %d", told.Page)
	}
	colour := colourGood
	if told.Failed {
		colour = colourBad
	}
	e.line("   ", colour, "→ "+answer, nil)
	for _, asked := range told.Asked {
		e.line("     ", "", conditionText(&asked), asked.Config)
	}
	e.line("     ", colour, "verdict: "+told.Verdict, told.Decided)
	if told.Head != "" {
		e.line("     ", colourFaint, told.Head, nil)
	}
}

// further tells a page that is as the first was, in one line.
func (e *explainPrinter) further(told *explainedExchange) {
	text := fmt.Sprintf("→ page %d: %d, %s, %.1f ms, %s", told.Page, told.Status, sizeOf(told.Size), told.TookMS, told.Verdict)
	e.line("   ", colourGood, text, told.Decided)
}

func conditionText(asked *explainedAsked) string {
	switch {
	case asked.Why != "":
		return asked.Name + " cannot be asked: " + asked.Text + ": " + strings.ReplaceAll(asked.Why, "\n", ": ")
	case asked.Held:
		return asked.Name + " holds: " + asked.Text
	}
	return asked.Name + " does not hold: " + asked.Text
}

// toldAlready tells whether the failure is what the last answer means, which is told there.
func (told *explainedStep) toldAlready() bool {
	last := len(told.Exchanges) - 1
	return last >= 0 && told.Exchanges[last].Verdict == told.Failure.Text && !told.Failure.Goes
}

func sizeOf(bytes int) string {
	if bytes < 1024 {
		return fmt.Sprintf("%d B", bytes)
	}
	return fmt.Sprintf("%.1f KiB", float64(bytes)/1024)
}

func cut(text string) string {
	if utf8.RuneCountInString(text) <= longestOnLine {
		return text
	}
	return string([]rune(text)[:longestOnLine]) + "…"
}

func (e *explainPrinter) records(told *explanation) {
	if len(told.Records) == 0 {
		return
	}
	e.out.WriteByte('\n')
	e.line("", colourHead, "records", nil)
	width := 0
	for _, field := range told.Fields {
		width = max(width, utf8.RuneCountInString(field.Name))
	}
	for _, field := range told.Fields {
		e.line("   ", colourFaint, fmt.Sprintf("%-*s  %s", width, field.Name, field.Value), field.Lines...)
	}
	plain, odd, left := 0, 0, map[string]int{}
	for i := range told.Records {
		record := &told.Records[i]
		shown, most := &plain, shownRecords
		if record.Fate == mapping.Unmatched.String() || record.Fate == mapping.Unreadable.String() {
			shown, most = &odd, mostOddShown
		}
		if *shown++; *shown > most && !e.all {
			left[record.Fate]++
			continue
		}
		e.record(record)
	}
	for _, fate := range sortedNames(left) {
		e.line("   ", "", fmt.Sprintf("and %d more: %s (--all shows them)", left[fate], fate), nil)
	}
}

func (e *explainPrinter) record(told *explainedRecord) {
	colour := ""
	if told.Fate == mapping.Unmatched.String() || told.Fate == mapping.Unreadable.String() {
		colour = colourBad
	}
	e.line("   ", colour, fmt.Sprintf("%-3d %-10s %s", told.Number, told.Fate, told.Why), told.Config)
	e.line("       ", colourFaint, fieldsText(told.Fields), nil)
	for _, rule := range told.Rules {
		e.line("       ", "", "no:     "+rule.Text, rule.Config)
	}
	if entry := told.Entry; entry != nil {
		text := fmt.Sprintf("+%s −%s %q active %s, expires %s", entry.Added, entry.Expired, entry.Message, firstOf(entry.Activation, "—"), firstOf(entry.Expiration, "—"))
		e.line("       ", "", text, entry.Config...)
	}
}

func fieldsText(fields []explainedField) string {
	var all []string
	for _, field := range fields {
		value := field.Value
		if field.Kind != "" {
			value = "(" + field.Kind + ")"
		} else if strings.ContainsAny(value, " =") || value == "" {
			value = fmt.Sprintf("%q", value)
		}
		if field.Read != "" {
			value += "→" + field.Read
		}
		all = append(all, field.Name+"="+value)
	}
	return cut(strings.Join(all, " "))
}

func (e *explainPrinter) notes(notes []explainedNote) {
	if len(notes) == 0 {
		return
	}
	e.out.WriteByte('\n')
	for _, note := range notes {
		e.line("", colourBad, note.Name+": "+note.Text, note.Config)
	}
}

func (e *explainPrinter) answer(told *explanation) {
	e.out.WriteByte('\n')
	for _, state := range told.States {
		e.line("", "", fmt.Sprintf("%-8s %s", state.Name, state.Text), state.Config)
	}
	e.out.WriteByte('\n')
	e.line("", colourHead, fmt.Sprintf("HTTP %d, Bonus-History: %s", told.Answer.Status, told.Answer.History), nil)
	body := replay.Pretty(told.Answer.Body)
	if !json.Valid(body) {
		body = told.Answer.Body
	}
	e.out.WriteString(strings.TrimRight(string(body), "\n") + "\n")
}
