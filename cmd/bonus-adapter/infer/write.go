package infer

import (
	"fmt"
	"regexp"
	"strings"

	"bonus-adapter/document"
)

// Writing is what a config needs beside the proposal.
type Writing struct {
	Files  []string // the samples' names
	Schema string   // the address of the JSON Schema for the modeline; empty for none
}

// Step is the name of the proposed config's one step, Request the path that it asks.
const (
	Step    = "history"
	Request = "/customers/{{ user }}/transactions"
)

// Config writes the proposal as a commented config.yaml. What waits for an answer holds the word ASK.
func (p *Proposal) Config(with Writing) string {
	w := writer{width: 100}
	if with.Schema != "" {
		w.line("# yaml-language-server: $schema=%s", with.Schema) // a modeline is the first line
	}
	w.comment("", "Proposed by bonus-adapter init after %s. What could not be known is marked with the word ASK; answer it, and take the mark away.", strings.Join(with.Files, ", "))
	w.comment("", "Every key is described in CONFIGURATION.md.")
	w.findings("Sure", p.Sure)
	w.findings("Guessed", p.Guessed)
	w.findings("Asked", p.Asked)
	w.line("")
	p.writeAdapter(&w)
	p.writeCRM(&w, with.Files[0])
	p.writeMapping(&w)
	return w.text.String()
}

type writer struct {
	text  strings.Builder
	width int
}

func (w *writer) line(format string, args ...any) { fmt.Fprintf(&w.text, format+"\n", args...) }

// comment writes a text as comment lines.
func (w *writer) comment(indent, format string, args ...any) {
	line := indent + "#"
	for _, word := range strings.Fields(fmt.Sprintf(format, args...)) {
		if len([]rune(line))+1+len([]rune(word)) > w.width && line != indent+"#" {
			w.line("%s", line)
			line = indent + "#"
		}
		line += " " + word
	}
	w.line("%s", line)
}

func (w *writer) findings(title string, all []string) {
	if len(all) == 0 {
		return
	}
	w.line("#")
	w.line("# %s:", title)
	for _, one := range all {
		w.comment("", "* %s", one)
	}
}

func (p *Proposal) writeAdapter(w *writer) {
	w.line("adapter:")
	w.line(`  keys: ["${env:IRP_KEY}"]              # the API key that Imshop sends: agree on it with Imshop`)
	w.line("")
}

func (p *Proposal) writeCRM(w *writer, file string) {
	w.line("crm:")
	w.line("  base_url: ${env:CRM_URL}              # for example https://crm.example.ru/api")
	w.line(`  auth: { bearer: "${env:CRM_TOKEN}" }  # ASK: how does the CRM know the adapter? see Auth in CONFIGURATION.md`)
	if p.Fail != "" {
		w.line("  fail: %s", flowScalar(p.Fail))
	}
	w.line("  steps:")
	w.line("    - name: %s", Step)
	w.line("      get: %s   # ASK: which request gives %s?", Request, file)
	if p.Format == document.XML {
		w.line("      answer: xml")
	}
	if len(p.Pages) > 0 {
		w.comment("      ", "ASK: without pages only the first answer is read. How does the request name the page? By what the answer says:")
	}
	for _, page := range p.Pages {
		w.line("      # %s   # it is %q", page.Line, page.Value)
	}
	w.line("")
}

func (p *Proposal) writeMapping(w *writer) {
	w.line("mapping:")
	w.line("  records: %s", flowScalar(placeOf(p.Records)))
	w.line("  fields:")
	for _, field := range p.Fields {
		for _, note := range field.Notes {
			w.comment("    ", "%s", note)
		}
		w.line("    %s: { %s }", field.Name, field.flow())
	}
	p.writeRules(w)
	p.writeKinds(w)
	if p.Unique != "" {
		w.line("  unique: %s", p.Unique)
	}
	p.writeEntry(w)
}

func (p *Proposal) writeRules(w *writer) {
	if len(p.Rules) == 0 {
		return
	}
	w.line("  rules:   # the first that holds decides; a record that none covers is counted as unmatched, never guessed")
	active := len(p.Kinds) > 0
	for _, rule := range p.Rules {
		mark := w.notes(rule.Notes, rule.Ask)
		active = active || !rule.Ask
		w.line("    %s- { %s }", mark, rule.flow())
	}
	if !active {
		w.comment("    ", "No record can be told yet: answer the ASKs above. Until then all of them are unmatched.")
		w.line(`    - { when: "false", skip: true }`)
	}
}

// notes writes why, and gives what turns the line below into a comment.
func (w *writer) notes(notes []string, ask bool) string {
	for _, note := range notes {
		w.comment("    ", "%s", note)
	}
	if ask {
		return "# "
	}
	return ""
}

func (p *Proposal) writeKinds(w *writer) {
	if len(p.Kinds) == 0 {
		return
	}
	w.line("  kinds:   # what the codes mean; one that is not here is counted as unmatched, never guessed")
	w.line("    of: %s", p.name(p.list.roles.kind))
	w.line("    amount: %s", flowScalar(p.amount()))
	asked := false
	for _, group := range p.Kinds {
		if group.Ask && !asked {
			w.comment("    ", "Put each of these into its group: added, refunded, spent, burned, canceled, or skip for what is no entry.")
			asked = true
		}
		mark := w.notes(group.Notes, group.Ask)
		w.line("    %s%s: %s", mark, group.Name, flowList(group.Codes))
	}
}

func (p *Proposal) writeEntry(w *writer) {
	w.line("  entry:")
	if p.Entry.Message != "" {
		w.line("    definitionMessage: %s   # kind: the words for what happened, where there is no text", flowScalar(p.Entry.Message))
	}
	if p.Entry.Activation != "" {
		w.line("    activationDate: %s", flowScalar(p.Entry.Activation))
	} else {
		w.line("    # activationDate:   # ASK: no time was found")
	}
	if p.Entry.Expiration != "" {
		w.line("    expirationDate: %s", flowScalar(p.Entry.Expiration))
	}
}

func placeOf(records string) string {
	if records == "" {
		return Step
	}
	return join(Step, records)
}

func (f Field) flow() string {
	parts := []string{"at: " + flowScalar(f.At)}
	if f.With != "" {
		parts[0] = "at: " + flowList([]string{f.At, f.With})
	}
	for _, part := range [][2]string{{"as", f.As}, {"layout", f.Layout}, {"zone", f.Zone}} {
		if part[1] != "" {
			parts = append(parts, part[0]+": "+flowScalar(part[1]))
		}
	}
	if len(f.Void) > 0 {
		parts = append(parts, "none: "+flowList(f.Void))
	}
	if f.Optional {
		parts = append(parts, "optional: true")
	}
	return strings.Join(parts, ", ")
}

func (r Rule) flow() string {
	var parts []string
	for _, part := range [][2]string{{"when", r.When}, {"added", r.Added}, {"expired", r.Expired}, {"text", r.Text}} {
		if part[1] != "" {
			parts = append(parts, part[0]+": "+flowScalar(part[1]))
		}
	}
	if r.Skip {
		parts = append(parts, "skip: true")
	}
	return strings.Join(parts, ", ")
}

var (
	plainScalar = regexp.MustCompile(`^-?[\pL_$^(][\pL\pN_$^ .=<>!"'*/()+?-]*$`)
	plainWord   = regexp.MustCompile(`(?i)^(?:true|false|null|yes|no|on|off|y|n)$`)
)

func flowList(all []string) string {
	parts := make([]string, len(all))
	for i, text := range all {
		parts[i] = flowScalar(text)
	}
	return "[" + strings.Join(parts, ", ") + "]"
}

// flowScalar writes a text as a value, inside { } or not.
func flowScalar(text string) string {
	if plainScalar.MatchString(text) && !plainWord.MatchString(text) && strings.TrimSpace(text) == text {
		return text
	}
	if !strings.ContainsAny(text, `"\`) {
		return `"` + text + `"`
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}
