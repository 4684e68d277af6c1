package crm

import (
	"crypto/sha256"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// Cursor is where the next page's cursor stands: a place in the answer, or record.x for a value of its last record.
type Cursor struct {
	at     document.Pick
	record document.Path
}

// UnmarshalText takes the place.
func (c *Cursor) UnmarshalText(text []byte) error {
	if path, found := strings.CutPrefix(string(text), "record."); found {
		record, err := document.ParsePath(path)
		c.record = record
		return err
	}
	return c.at.UnmarshalText(text)
}

// IsZero tells whether no place was given.
func (c *Cursor) IsZero() bool { return c.at.IsZero() && c.record.IsZero() }

// pager is a Pages, compiled: it tells where the next page begins and which page is the last one.
type pager struct {
	Pages
	by    string
	start int
}

// The ways to ask for the next page.
const (
	byNumber = "number"
	byOffset = "offset"
	byCursor = "cursor"
	byNext   = "next"
)

// place is where a page begins.
type place struct {
	number int    // from 1, whatever the CRM's own counting
	offset int    // elements before it
	cursor string // empty on the first page
	url    *url.URL
}

func newPager(at string, cfg *Step, asked *call, problems *config.Problems) *pager {
	if cfg.Pages == nil {
		return nil
	}
	p := &pager{Pages: *cfg.Pages, by: cfg.Pages.By}
	switch {
	case !p.Cursor.IsZero() && !p.Next.IsZero():
		problems.Add(at, "cursor and next are two ways to the next page: keep one")
	case !p.Cursor.IsZero():
		p.by = p.only(byCursor, at, problems)
	case !p.Next.IsZero():
		p.by = p.only(byNext, at, problems)
	case p.by == "":
		p.by = byNumber
	case p.by != byNumber && p.by != byOffset:
		problems.Add(at+".by", "pages cannot be asked for by %q", p.by).Hint = "by: number or by: offset; or give cursor or next"
	}
	p.checkStart(at, problems)
	p.checkPlace(at, cfg, asked, problems)
	p.checkEnd(at, problems)
	return p
}

func (p *pager) only(way, at string, problems *config.Problems) string {
	if p.By != "" {
		problems.Add(at+".by", "by is for pages without cursor and next")
	}
	if p.Start != nil {
		problems.Add(at+".start", "pages by %s begin without one", way)
	}
	return way
}

func (p *pager) checkStart(at string, problems *config.Problems) {
	if p.by == byNumber {
		p.start = 1
	}
	if p.Start != nil {
		p.start = *p.Start
	}
	if p.start != 0 && p.start != 1 {
		problems.Add(at+".start", "pages are counted from 0 or from 1, not from %d", p.start)
	}
	if p.Size < 0 {
		problems.Add(at+".size", "a page's size is at least 1, not %d", p.Size)
	}
}

// checkPlace asks that the page stands somewhere in the request: else every page would be the first.
func (p *pager) checkPlace(at string, cfg *Step, asked *call, problems *config.Problems) {
	slot := asked.sources()&fromPage != 0
	switch {
	case p.by == byNext:
		if p.Param != "" {
			problems.Add(at+".param", "the next page's URL is asked as it is: it has no parameter of ours")
		}
	case p.Param == "" && !slot:
		problems.Add(at, "param is missing: which query parameter holds the page?").Hint = "or name {{ page.number }}, {{ page.offset }} or {{ page.cursor }} in the request"
	case p.Param != "" && cfg.Query.has(p.Param):
		problems.Add(at+".param", "query sets %q already", p.Param)
	}
}

func (p *pager) checkEnd(at string, problems *config.Problems) {
	var ends []string
	for _, end := range []struct {
		name  string
		given bool
	}{{"last", !p.Last.IsZero()}, {"count", !p.Count.IsZero()}, {"total", !p.Total.IsZero()}} {
		if end.given {
			ends = append(ends, end.name)
		}
	}
	if len(ends) > 1 {
		problems.Add(at, "%s tell the end in different ways: keep one", strings.Join(ends, " and "))
	}
	if len(ends) > 0 && (p.by == byCursor || p.by == byNext) {
		problems.Add(at+"."+ends[0], "pages by %s end when there is no next one", p.by)
	}
	if !p.Last.IsZero() && p.by == byOffset {
		problems.Add(at+".last", "pages by offset have no numbers").Hint = "total, or count"
	}
}

// write puts the page into the request's values, and gives the parameter's text; given is false if there is none.
func (p *pager) write(values *env, at place) (text string, given bool) {
	number := p.start + at.number - 1
	values.data[pageNumberSlot] = document.Datum{Type: document.TypeNumber, Number: document.NewDecimal(int64(number))}
	values.data[pageOffsetSlot] = document.Datum{Type: document.TypeNumber, Number: document.NewDecimal(int64(at.offset))}
	values.data[pageCursorSlot] = document.Datum{}
	if at.cursor != "" {
		values.set(pageCursorSlot, at.cursor)
	}
	switch p.by {
	case byNumber:
		return strconv.Itoa(number), true
	case byOffset:
		return strconv.Itoa(p.start + at.offset), true
	}
	return at.cursor, at.cursor != ""
}

// reached is what a page told.
type reached struct {
	got      *answer
	at       place
	elements int // of the outermost list
	last     document.Value
	url      *url.URL // that was asked
}

// pages gives how many pages there are, if the first page tells.
func (p *pager) pages(first reached) (count int, known bool, failed *Error) {
	switch {
	case !p.Last.IsZero():
		last, err := whole(p.Last, first.got, "pages.last")
		return last - p.start + 1, true, err
	case !p.Count.IsZero():
		count, err := whole(p.Count, first.got, "pages.count")
		return count, true, err
	case !p.Total.IsZero():
		total, err := whole(p.Total, first.got, "pages.total")
		if err != nil || total == 0 {
			return 0, true, err
		}
		if first.elements == 0 {
			return 0, false, failure(DecodeFailed, "the CRM names %d records, and its first page has none", total)
		}
		return (total + first.elements - 1) / first.elements, true, nil
	}
	return 0, false, nil
}

// whole reads a number of pages or records.
func whole(at document.Pick, got *answer, key string) (int, *Error) {
	value, err := at.From(got.Answer)
	if err != nil {
		return 0, documentFailure(err)
	}
	number, err := strconv.ParseInt(value.Text(), 10, 32)
	if err != nil || number < 0 {
		return 0, failure(DecodeFailed, "%s: %s is not a whole number", key, at)
	}
	return int(number), nil
}

// next gives where the page after this one begins; end is true if this was the last.
func (p *pager) next(page reached) (next place, end bool, failed *Error) {
	next = place{number: page.at.number + 1, offset: page.at.offset + page.elements}
	if !p.More.IsZero() {
		more, err := p.More.Holds(page.got.Answer)
		if err != nil || !more {
			return next, true, conditionFailure(p.More, err)
		}
	}
	switch {
	case p.by == byNext:
		next.url, failed = p.nextURL(page)
		return next, next.url == nil, failed
	case p.by == byCursor && (p.Cursor.record.IsZero() || page.elements > 0):
		next.cursor, failed = p.nextCursor(page)
		return next, next.cursor == "" || p.short(page), failed
	}
	return next, page.elements == 0 || p.short(page), nil
}

// short tells whether a page that is not full ends the history: only where nothing else tells the end.
func (p *pager) short(page reached) bool {
	return p.Size > 0 && p.More.IsZero() && page.elements < p.Size
}

// nextCursor reads the cursor. Null, false and the empty text say that there is no next page; a place that is not there
// says nothing, unless the path allows for it with a question mark.
func (p *pager) nextCursor(page reached) (string, *Error) {
	var value document.Value
	var err error
	if p.Cursor.record.IsZero() {
		value, err = p.Cursor.at.From(page.got.Answer)
	} else {
		value, err = p.Cursor.record.Find(page.last)
	}
	if err != nil {
		return "", documentFailure(err)
	}
	switch value.Kind() {
	case document.Text, document.Number:
		return value.Text(), nil
	case document.List, document.Object:
		return "", failure(DecodeFailed, "pages.cursor: it is %s, not a cursor", value.Kind())
	}
	if !p.More.IsZero() {
		return "", failure(PathMissing, "the CRM says that there is more, and gives no cursor")
	}
	return "", nil
}

// nextURL reads the next page's URL: of another host than the one that was asked, it is refused.
func (p *pager) nextURL(page reached) (*url.URL, *Error) {
	text, failed := p.nextText(page)
	if failed != nil || text == "" {
		return nil, failed
	}
	link, err := url.Parse(text)
	if err != nil {
		return nil, failure(DecodeFailed, "pages.next: it is not a URL")
	}
	link = page.url.ResolveReference(link)
	if link.Scheme != page.url.Scheme || link.Host != page.url.Host || link.User != nil {
		return nil, failure(HostRefused, "the next page is at another host, which is not followed")
	}
	return link, nil
}

func (p *pager) nextText(page reached) (string, *Error) {
	if p.Next.IsHeader("Link") {
		return linkNext(page.got.Header("Link")), nil
	}
	value, err := p.Next.From(page.got.Answer)
	if err != nil {
		return "", documentFailure(err)
	}
	switch value.Kind() {
	case document.List, document.Object, document.Number:
		return "", failure(DecodeFailed, "pages.next: it is %s, not a URL", value.Kind())
	case document.Text:
		return value.Text(), nil
	}
	return "", nil
}

// linkNext gives the target of rel="next" in a header Link (RFC 8288); empty if there is none.
func linkNext(header string) string {
	for _, link := range strings.Split(header, ",") {
		target, params, found := strings.Cut(strings.TrimSpace(link), ">")
		if !found || !strings.HasPrefix(target, "<") {
			continue
		}
		for _, param := range strings.Split(params, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(param), "=")
			if strings.EqualFold(name, "rel") && strings.EqualFold(strings.Trim(value, `" `), "next") {
				return target[1:]
			}
		}
	}
	return ""
}

// track remembers pages: a CRM that gives one again would be asked for ever, or its records counted twice.
type track map[string]bool

// again tells whether a page has been there before: by its place if the CRM names it, and by its content.
func (t track) again(page reached, next place, end bool) *Error {
	content := sha256.Sum256(page.got.raw)
	if page.elements > 0 && t.seen("content", string(content[:])) {
		return failure(TooManyPages, "the CRM answers the same page again")
	}
	if !end && next.cursor != "" && t.seen("cursor", next.cursor) {
		return failure(TooManyPages, "the CRM gives a cursor again that it gave before")
	}
	if !end && next.url != nil && t.seen("next", next.url.String()) {
		return failure(TooManyPages, "the CRM gives a next page's URL again that it gave before")
	}
	return nil
}

func (t track) seen(kind, what string) bool {
	key := fmt.Sprint(kind, ":", what)
	before := t[key]
	t[key] = true
	return before
}
