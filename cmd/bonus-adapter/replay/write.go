package replay

import (
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Recorded makes an answer of what a CRM has answered, for whatever request comes: [Case.Ask] says which one it was. A
// status of 0 is no answer; fail then says why.
func Recorded(status int, header map[string]string, body []byte, fail string) Answer {
	a := Answer{Status: status, Headers: header, Fail: fail, any: true}
	if fail == "" {
		a.body = body
	}
	return a
}

// Ask notes the requests that the answers belong to, in their order, so that the case asks for them from now on.
func (c *Case) Ask(sent []Sent) {
	for i := range min(len(sent), len(c.Answers)) {
		a := &c.Answers[i]
		a.Request, a.any, a.sent = sent[i].Request, false, nil
		if len(sent[i].Body) > 0 {
			a.Sent, a.sent = fmt.Sprintf("request-%d%s", i+1, ending(sent[i].Type)), sent[i].Body
		}
	}
}

// Files writes the case as the files of its folder, by their names. irp is the body that is expected.
func (c *Case) Files(irp []byte) map[string][]byte {
	files := map[string][]byte{IRPFile: Pretty(irp)}
	var text strings.Builder
	fmt.Fprintf(&text, "user: %s\nnow: %s\n", quoted(c.User), c.Now.UTC().Format(time.RFC3339))
	if len(c.Env) > 0 {
		text.WriteString("env:\n" + members("  ", c.Env))
	}
	if c.History != Default().History {
		fmt.Fprintf(&text, "history: %s\n", c.History)
	}
	text.WriteString("answers:\n")
	for i := range c.Answers {
		c.Answers[i].write(&text, i+1, files)
	}
	files[CaseFile] = []byte(text.String())
	return files
}

func (a *Answer) write(text *strings.Builder, number int, files map[string][]byte) {
	fmt.Fprintf(text, "  - request: %s\n", plainOrQuoted(a.Request))
	if a.Sent != "" {
		fmt.Fprintf(text, "    sent: %s\n", a.Sent)
		files[a.Sent] = a.sent
	}
	if a.Fail != "" {
		fmt.Fprintf(text, "    fail: %s\n", a.Fail)
		return
	}
	if a.Status != http.StatusOK && a.Status != 0 {
		fmt.Fprintf(text, "    status: %d\n", a.Status)
	}
	name := fmt.Sprintf("answer-%d%s", number, ending(a.Headers["Content-Type"]))
	shown := map[string]string{}
	for header, value := range a.Headers {
		if header != "Content-Type" || !isUsual(name, value) {
			shown[header] = value
		}
	}
	if len(shown) > 0 {
		text.WriteString("    headers:\n" + members("      ", shown))
	}
	if len(a.body) > 0 {
		fmt.Fprintf(text, "    body: %s\n", name)
		files[name] = a.body
	}
}

// isUsual tells whether a body's ending says its Content-Type already.
func isUsual(name, contentType string) bool {
	return (&Answer{Body: name}).header().Get("Content-Type") == contentType
}

func ending(contentType string) string {
	kind, _, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil:
		return ".txt"
	case strings.HasSuffix(kind, "json"):
		return ".json"
	case strings.HasSuffix(kind, "html"):
		return ".html"
	case strings.HasSuffix(kind, "xml"):
		return ".xml"
	}
	return ".txt"
}

func members(indent string, all map[string]string) string {
	var text strings.Builder
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(&text, "%s%s: %s\n", indent, name, quoted(all[name]))
	}
	return text.String()
}

// plainOrQuoted writes a text as YAML: without quotes where it needs none.
func plainOrQuoted(text string) string {
	if strings.Contains(text, ": ") || strings.Contains(text, " #") || strings.HasSuffix(text, ":") || strings.TrimSpace(text) != text {
		return quoted(text)
	}
	return text
}

func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
