package crm

import "bonus-adapter/document"

// selection gives what the step reads of its answers, so that the rest need not be decoded: what its verdicts and pages
// speak of, what it keeps, and its records.
func (s *step) selection() *document.Selection {
	only := document.NewSelection()
	s.verdict.selects(only)
	for _, kept := range s.keeps {
		if len(kept.rows) > 0 {
			only.AddSource(kept.list.Sources[0], kept.list.Fields)
		} else {
			only.AddPick(kept.at)
		}
	}
	if s.owner != nil {
		only.AddPick(s.owner.at)
	}
	for _, source := range s.sources {
		only.AddSource(s.plan.Sources[source], s.plan.Fields)
	}
	if s.pager != nil {
		s.pager.selects(only, s)
	}
	return only
}

func (v *verdict) selects(only *document.Selection) {
	for i := range v.rules {
		only.AddCondition(v.rules[i].when)
	}
	only.AddCondition(v.notFound.when)
	for _, fail := range v.fails {
		only.AddCondition(fail.when)
	}
	if place := v.protocol.place(); place != "" {
		path, _ := document.ParsePath(place) // it is one name
		only.AddPath(path)
	}
}

func (p *pager) selects(only *document.Selection, of *step) {
	for _, pick := range []document.Pick{p.Cursor.at, p.Next, p.Last, p.Count, p.Total} {
		only.AddPick(pick)
	}
	only.AddCondition(p.More)
	if !p.Cursor.record.IsZero() && len(of.sources) > 0 {
		only.AddLast(of.plan.Sources[of.sources[0]], p.Cursor.record)
	}
}
