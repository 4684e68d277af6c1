package crm

import (
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
	place string
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
	p := &pager{Pages: *cfg.Pages, place: at, by: cfg.Pages.By}
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
	numbered := p.by != byCursor && p.by != byNext
	if numbered && !p.More.IsZero() {
		ends = append(ends, "more")
	}
	if len(ends) > 1 {
		problems.Add(at, "%s tell the end in different ways: keep one", strings.Join(ends, " and "))
	}
	if len(ends) > 0 && !numbered {
		problems.Add(at+"."+ends[0], "pages by %s end when there is no next one", p.by)
	}
	if !p.Last.IsZero() && p.by == byOffset {
		problems.Add(at+".last", "pages by offset have no numbers").Hint = "total, or count"
	}
}

// write puts the page into the request's values, and gives the parameter's text; given is false if there is none.
func (p *pager) write(values *env, at place) (text string, given bool) {
	number, offset := p.start+at.number-1, at.offset
	if p.by == byOffset {
		offset += p.start
	}
	values.data[pageNumberSlot] = document.NumberDatum(document.NewDecimal(int64(number)))
	values.data[pageOffsetSlot] = document.NumberDatum(document.NewDecimal(int64(offset)))
	values.data[pageCursorSlot] = document.Datum{}
	if at.cursor != "" {
		values.set(pageCursorSlot, at.cursor)
	}
	switch p.by {
	case byNumber:
		return strconv.Itoa(number), true
	case byOffset:
		return strconv.Itoa(offset), true
	}
	return at.cursor, at.cursor != ""
}

// reached is what a page told.
type reached struct {
	got      *answer
	at       place
	elements int // of the outermost list
	print    string
	last     document.Value
	url      *url.URL // that was asked
}

// extent is how much the first page says that there is.
type extent struct{ pages, records int }

// extent gives what the first page tells of all, nil if it tells nothing. What it holds itself cannot be more: then the
// number is of something else, and pages would be missed without a word.
func (p *pager) extent(first reached) (*extent, *Error) {
	all, failed := &extent{}, (*Error)(nil)
	switch {
	case !p.Last.IsZero():
		all.pages, failed = p.whole(p.Last, first.got, "last")
		all.pages += 1 - p.start
	case !p.Count.IsZero():
		all.pages, failed = p.whole(p.Count, first.got, "count")
	case !p.Total.IsZero():
		all.records, failed = p.whole(p.Total, first.got, "total")
		all.pages = (all.records + first.elements - 1) / max(first.elements, 1)
	default:
		return nil, nil
	}
	switch {
	case failed != nil:
		return nil, failed
	case all.records > 0 && first.elements == 0:
		return nil, failure(DecodeFailed, "the CRM names %d records, and its first page has none", all.records)
	case first.elements > 0 && (all.pages < 1 || !p.Total.IsZero() && all.records < first.elements):
		return nil, failure(DecodeFailed, "the first page holds %d records, more than the CRM says there are in all", first.elements)
	}
	return all, nil
}

// whole reads a number of pages or records.
func (p *pager) whole(at document.Pick, got *answer, key string) (int, *Error) {
	value, err := at.From(got.Answer)
	if err != nil {
		return 0, documentFailure(err).from(p.place + "." + key)
	}
	decimal, err := document.ParseDecimal(value.Text()) // some write 4.0
	number, notWhole := strconv.ParseInt(decimal.String(), 10, 32)
	if err != nil || notWhole != nil || number < 0 {
		return 0, failure(DecodeFailed, "pages.%s: %s is not a whole number", key, at).from(p.place + "." + key)
	}
	return int(number), nil
}

// next gives where the page after this one begins; end is true if this was the last.
func (p *pager) next(page reached) (next place, end bool, failed *Error) {
	next = place{number: page.at.number + 1, offset: page.at.offset + page.elements}
	if page.got.empty {
		return next, true, nil
	}
	if !p.More.IsZero() {
		more, err := p.More.Holds(page.got.Answer)
		if err != nil || !more {
			return next, true, conditionFailure(p.More, err).from(p.place + ".more")
		}
	}
	if end, failed = p.goOn(page, &next); end && failed == nil && !p.More.IsZero() {
		failed = failure(PathMissing, "the CRM says that there is more, and does not say where")
	}
	return next, end, failed
}

// goOn finds the next page by the pages' own way.
func (p *pager) goOn(page reached, next *place) (end bool, failed *Error) {
	switch {
	case p.by == byNext:
		next.url, failed = p.nextURL(page)
		return next.url == nil, failed.from(p.place + ".next")
	case p.by == byCursor && (p.Cursor.record.IsZero() || page.elements > 0):
		next.cursor, failed = p.nextCursor(page)
		return next.cursor == "" || p.short(page), failed.from(p.place + ".cursor")
	case p.by == byNumber && !p.More.IsZero():
		return false, nil // an empty page too: there is more
	}
	return page.elements == 0 || p.short(page), nil
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
	switch {
	case value.Kind() == document.Text, value.Kind() == document.Number:
		return value.Text(), nil
	case value.Kind() == document.List, value.Kind() == document.Object, value.Text() == "true":
		return "", failure(DecodeFailed, "pages.cursor: it is %s, not a cursor", value.Kind())
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
	if failed := elsewhere(page.url, link); failed != nil {
		return nil, failed
	}
	link.RawQuery = strings.ReplaceAll(link.RawQuery, " ", "%20") // some write their dates so
	return link, nil
}

func (p *pager) nextText(page reached) (string, *Error) {
	if p.Next.IsHeader("Link") {
		return linkNext(page.got.links), nil
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

// track remembers pages: a CRM that gives one again would be asked for ever, or its records counted twice.
type track map[string]bool

// again tells whether a page has been there before: by its place if the CRM names it, and by its records.
func (t track) again(page reached, next place, end bool) *Error {
	if page.elements > 0 && t.seen(trackedRecords, page.print) {
		return samePage()
	}
	if !end && next.cursor != "" && t.seen("cursor:", next.cursor) {
		return failure(TooManyPages, "the CRM gives a cursor again that it gave before")
	}
	if !end && next.url != nil && t.seen("next:", next.url.String()) {
		return failure(TooManyPages, "the CRM gives a next page's URL again that it gave before")
	}
	return nil
}

// join takes over the records that another has seen. Two that saw the same ones were given one page twice.
func (t track) join(other track) *Error {
	for key := range other {
		if !strings.HasPrefix(key, trackedRecords) {
			continue
		}
		if t[key] {
			return samePage()
		}
		t[key] = true
	}
	return nil
}

const trackedRecords = "records:"

func samePage() *Error { return failure(TooManyPages, "the CRM answers the same page again") }

func (t track) seen(kind, what string) bool {
	key := kind + what
	before := t[key]
	t[key] = true
	return before
}
