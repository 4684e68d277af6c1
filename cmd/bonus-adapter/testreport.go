package main

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"bonus-adapter/cmd/bonus-adapter/replay"
)

// testReport is what test tells, and what its JSON is.
type testReport struct {
	Cases   []*caseResult `json:"cases"`
	Passed  int           `json:"passed"`
	Failed  int           `json:"failed"`
	Updated int           `json:"updated,omitempty"`
}

func (r *testReport) add(result *caseResult) {
	r.Cases = append(r.Cases, result)
	switch {
	case result.Updated:
		r.Updated++
	case result.OK:
		r.Passed++
	default:
		r.Failed++
	}
}

// write prints one line for each case, and below a failed one what is different.
func (r *testReport) write(w io.Writer) {
	for _, one := range r.Cases {
		word := "ok     "
		switch {
		case one.Updated:
			word = "updated"
		case !one.OK:
			word = "FAIL   "
		}
		_, _ = fmt.Fprintf(w, "%s  %s\n", word, one.Folder)
		if !one.Updated {
			one.writeFailures(w)
		}
	}
	_, _ = fmt.Fprintf(w, "\n%s\n", r.sum())
}

func (r *testReport) sum() string {
	text := counted(len(r.Cases), "case")
	if r.Updated > 0 {
		text += fmt.Sprintf(", %d updated", r.Updated)
	}
	if r.Failed > 0 {
		text += fmt.Sprintf(", %d failed", r.Failed)
	}
	return text
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// mostFailures is how many differences of one case are shown.
const mostFailures = 10

func (r *caseResult) writeFailures(w io.Writer) {
	for i := range r.Failures {
		if i == mostFailures {
			_, _ = fmt.Fprintf(w, "  and %d more\n", len(r.Failures)-i)
			return
		}
		_, _ = fmt.Fprint(w, r.Failures[i].text("  "))
	}
}

// text tells the failure in lines, each behind an indent.
func (f *caseFailure) text(indent string) string {
	var out strings.Builder
	at := f.File
	if f.Line > 0 {
		at = fmt.Sprintf("%s:%d", f.File, f.Line)
	}
	fmt.Fprintf(&out, "%s%s: %s\n", indent, at, f.Message)
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&out, "%s    %-9s %s\n", indent, name, text)
		}
	}
	line("asked", f.Asked)
	line("recorded", f.Recorded)
	if f.Entry == 0 && f.Field == "" && f.Got != replay.Nothing {
		line("got", f.Got)
		line("expected", f.Want)
	}
	if f.Config != nil {
		fmt.Fprintf(&out, "%s    %s\n%s        %s\n", indent, f.Config, indent, strings.TrimSpace(f.Config.Source))
	}
	line("hint", f.Hint)
	return out.String()
}

// The elements of a JUnit report, as far as all readers understand them.
type (
	junitSuite struct {
		XMLName  xml.Name    `xml:"testsuite"`
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string        `xml:"classname,attr"`
		Name    string        `xml:"name,attr"`
		Time    string        `xml:"time,attr"`
		Failure *junitFailure `xml:"failure"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// junit gives the report as JUnit's XML.
func (r *testReport) junit() []byte {
	whole := junitSuite{Name: "bonus-adapter", Tests: len(r.Cases), Failures: r.Failed}
	var took time.Duration
	for _, one := range r.Cases {
		took += one.took
		made := junitCase{Class: one.Folder, Name: one.Name, Time: inSeconds(one.took)}
		if !one.OK && !one.Updated {
			made.Failure = &junitFailure{Message: one.Failures[0].Message}
			for i := range one.Failures {
				made.Failure.Text += one.Failures[i].text("")
			}
		}
		whole.Cases = append(whole.Cases, made)
	}
	whole.Time = inSeconds(took)
	text, err := xml.MarshalIndent(whole, "", "  ")
	if err != nil {
		return []byte(err.Error()) // texts and numbers always encode
	}
	return append([]byte(xml.Header), append(text, '\n')...)
}

func inSeconds(span time.Duration) string { return fmt.Sprintf("%.3f", span.Seconds()) }
