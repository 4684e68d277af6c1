package crm

import (
	"bytes"
	"context"
	"strconv"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// pages is a Pages, compiled.
type pages struct {
	param string
	start int
	last  document.Pick
	most  int
}

func newPages(place string, cfg *Step, most int, problems *config.Problems) *pages {
	if cfg.Pages == nil {
		return nil
	}
	p := &pages{param: cfg.Pages.Param, start: 1, last: cfg.Pages.Last, most: most}
	if cfg.Pages.Start != nil {
		p.start = *cfg.Pages.Start
	}
	if p.param == "" {
		problems.Add(place, "param is missing: which query parameter holds the page's number?")
	}
	if cfg.Query.has(p.param) {
		problems.Add(place+".param", "query sets %q already", p.param)
	}
	if p.start != 0 && p.start != 1 {
		problems.Add(place+".start", "pages are counted from 0 or from 1, not from %d", p.start)
	}
	return p
}

// runPages asks page after page. A history is complete or it is an error: a page that fails fails them all.
func (s *step) runPages(ctx context.Context, r *run, req request) *Error {
	var before []byte
	for page := 1; page <= s.pages.most; page++ {
		got, records, err := s.ask(ctx, r, req.page(s.pages.param, s.pages.start+page-1), page)
		if err != nil {
			return err
		}
		if records > 0 && bytes.Equal(before, got.raw) {
			return &Error{Kind: TooManyPages, Page: page, Err: failure(TooManyPages, "the CRM answers the same page again").Err}
		}
		before = got.raw
		done, err := s.pages.done(got, page, records)
		if err != nil || done {
			return err
		}
	}
	return failure(TooManyPages, "the history goes on after limits.pages: %d", s.pages.most)
}

// done tells whether this was the last page. It gives up at once on a last page that lies beyond the limit: asking up
// to the limit would only cost the CRM.
func (p *pages) done(got *answer, page, records int) (bool, *Error) {
	if p.last.IsZero() {
		return records == 0, nil
	}
	value, err := p.last.From(got.Answer)
	if err != nil {
		return false, documentFailure(err)
	}
	last, err := strconv.ParseInt(value.Text(), 10, 64)
	if err != nil {
		return false, failure(DecodeFailed, "pages.last: %s is not a whole number", p.last)
	}
	if last-int64(p.start)+1 > int64(p.most) {
		return false, failure(TooManyPages, "the CRM names more pages than limits.pages allows: %d", p.most)
	}
	return int64(p.start+page-1) >= last, nil
}
