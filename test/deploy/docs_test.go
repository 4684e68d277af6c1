package deploy

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTheDocsNameWhatThereIs: metrics and places of other pages, where those who run the adapter read of them.
func TestTheDocsNameWhatThereIs(t *testing.T) {
	known := metrics(t)
	for _, page := range []string{"operations", "deploy", "security", "architecture"} {
		text := read(t, "docs/"+page+".md")
		for _, name := range regexp.MustCompile(`\bbonus_adapter_\w+`).FindAllString(text, -1) {
			if _, there := known[name]; !there {
				t.Errorf("docs/%s.md names %s, which is no metric", page, name)
			}
		}
		for _, link := range regexp.MustCompile(`\]\((?:(\w+)\.md)?#([^)]+)\)`).FindAllStringSubmatch(text, -1) {
			target := link[1]
			if target == "" {
				target = page
			}
			if !slices.Contains(places(read(t, "docs/"+target+".md")), link[2]) {
				t.Errorf("docs/%s.md links to #%s of docs/%s.md, which is not there", page, link[2], target)
			}
		}
	}
}

// places gives what the headings of a page are linked to as.
func places(text string) []string {
	var all []string
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		word := regexp.MustCompile(`[^\w\- ]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		all = append(all, strings.ReplaceAll(word, " ", "-"))
	}
	return all
}
