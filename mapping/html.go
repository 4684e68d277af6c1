package mapping

import (
	"html"
	"strings"
)

// plainText gives the text of a piece of HTML: without tags, comments and what browsers do not show, with its entities
// decoded. A < that begins no tag is a <. Where one block ends and another begins, there is a space.
func plainText(markup string) string {
	var out strings.Builder
	last := strings.LastIndexByte(markup, '>')
	for rest := markup; rest != ""; {
		open := strings.IndexByte(rest, '<')
		if open < 0 || len(markup)-len(rest)+open > last {
			out.WriteString(rest)
			break
		}
		out.WriteString(rest[:open])
		tag, after := cutTag(rest[open:])
		switch {
		case tag == "":
			out.WriteByte('<')
		case isBlock(tag):
			out.WriteByte(' ')
		}
		rest = after
	}
	return strings.Join(strings.Fields(html.UnescapeString(out.String())), " ")
}

// cutTag takes a tag off the beginning of markup, with all that is inside of it if it is never shown. The name is empty
// if there is no tag; after is what follows the < then.
func cutTag(markup string) (name, after string) {
	if comment, is := strings.CutPrefix(markup, "<!--"); is {
		_, after, _ = strings.Cut(comment, "-->")
		return "!--", after
	}
	closing := strings.HasPrefix(markup, "</")
	if name = tagName(strings.TrimPrefix(markup[1:], "/")); name == "" {
		return "", markup[1:]
	}
	_, after, _ = strings.Cut(markup, ">")
	if !closing && (name == "script" || name == "style") {
		after = fromClosing(name, after)
	}
	return name, after
}

const longestTag = 32 // of all tag names there are, and more

// tagName gives the name at the beginning of a tag, in lower case; ! and ? begin declarations.
func tagName(text string) string {
	text = text[:min(len(text), longestTag)]
	if end := strings.IndexAny(text, " \t\r\n/>"); end >= 0 {
		text = text[:end]
	}
	name := strings.ToLower(text)
	if name == "" || (name[0] < 'a' || name[0] > 'z') && name[0] != '!' && name[0] != '?' {
		return ""
	}
	return name
}

// fromClosing gives what begins with the closing tag of this name, the empty text if there is none.
func fromClosing(name, markup string) string {
	for {
		at := strings.Index(markup, "</")
		if at < 0 {
			return ""
		}
		markup = markup[at:]
		if len(markup) >= len(name)+2 && strings.EqualFold(markup[2:len(name)+2], name) {
			return markup
		}
		markup = markup[2:]
	}
}

func isBlock(name string) bool {
	switch name {
	case "br", "p", "div", "li", "ul", "ol", "tr", "td", "th", "table", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article":
		return true
	}
	return false
}
