package infer

import (
	"fmt"
	"strconv"
	"strings"

	"bonus-adapter/document"
)

// Page is a value of the answer that tells about pages, and the line of the config that would use it.
type Page struct {
	Path, Value, Line string
	More              bool // the value says that the sample is not the whole history
}

// scalar is a value around the list of records.
type scalar struct {
	path  string
	words []string
	value document.Value
}

// envelope looks at what stands around the records: whether the answer says that it succeeded, and how many pages
// there are.
func (p *Proposal) envelope(roots []document.Value) {
	for _, one := range around(roots[0], place{}) {
		if p.Fail == "" {
			p.Fail = failure(one)
			if p.Fail != "" {
				p.guess("an answer for which %s holds is an error: in the sample it is %q", p.Fail, one.value.Text())
			}
		}
		if page, found := pageOf(one, p.Count); found {
			p.Pages = append(p.Pages, page)
			p.ask("the answer tells about pages (%s is %q): how does the request name the page?", one.path, one.value.Text())
		}
	}
}

// deepEnvelope is how deep outside of lists the answer is looked at.
const deepEnvelope = 4

func around(value document.Value, at place) []scalar {
	var all []scalar
	switch value.Kind() {
	case document.Text, document.Number, document.Bool, document.Null:
		if len(at.names) > 0 {
			return []scalar{{join("body", at.path), wordsOf(at.names[len(at.names)-1]), value}}
		}
	case document.Object:
		for name, member := range value.Members() {
			if at.depth < deepEnvelope {
				all = append(all, around(member, at.key(name))...)
			}
		}
	}
	return all
}

// failure gives the condition by which such a value tells an error, or "".
func failure(one scalar) string {
	text := one.value.Text()
	named := has(one.words, strings.Fields("success ok succeeded status state result")) && len(one.words) <= 2
	switch {
	case one.value.Kind() == document.Bool && named && text == "true":
		return one.path + " == false"
	case one.value.Kind() == document.Text && named && has(wordsOf(text), strings.Fields("success ok succeeded")):
		return one.path + " != " + strconv.Quote(text)
	case text == "0" && has(one.words, strings.Fields("error errno")) && has(one.words, strings.Fields("code error errno")):
		return one.path + " > 0"
	}
	return ""
}

// pageOf tells what a value says about pages.
func pageOf(one scalar, records int) (Page, bool) {
	text, words := one.value.Text(), one.words
	total := has(words, strings.Fields("total count size all"))
	number, numeric := strconv.Atoi(text)
	made := Page{Path: one.path, Value: text}
	switch {
	case has(words, strings.Fields("next")) && (strings.HasPrefix(text, "http") || strings.HasPrefix(text, "/")):
		made.Line, made.More = fmt.Sprintf("pages: { next: %s }", one.path), true
	case has(words, strings.Fields("cursor next after token")) && has(words, strings.Fields("next cursor")) && !has(words, strings.Fields("prev previous")) && one.value.Kind() != document.Bool:
		made.Line, made.More = fmt.Sprintf("pages: { param: cursor, cursor: %s }", one.path), text != ""
	case one.value.Kind() == document.Bool && has(words, strings.Fields("more next")):
		made.Line, made.More = fmt.Sprintf("pages: { param: page, more: %s }", one.path), text == "true"
	case numeric != nil:
		return Page{}, false
	case has(words, strings.Fields("pages last")) || has(words, strings.Fields("page")) && has(words, strings.Fields("total count all")):
		made.Line, made.More = fmt.Sprintf("pages: { param: page, count: %s }", one.path), number > 1
	case total && has(words, strings.Fields("total all size")) && !has(words, strings.Fields("page")):
		made.Line, made.More = fmt.Sprintf("pages: { by: offset, param: offset, total: %s }", one.path), number > records
	default:
		return Page{}, false
	}
	return made, true
}
