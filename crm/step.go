package crm

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// step is a Step, compiled.
type step struct {
	name    string
	method  string
	target  Template
	query   Params
	headers map[string]Template
	body    Body
	verdict verdict
	keeps   []keep
	pages   *pages
	plan    *document.Plan // nil if its answers hold no records
	send    sender
}

type keep struct {
	name  string
	pick  document.Pick
	index int
}

var stepName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func newStep(place string, cfg *Step, section *Config, names *names, problems *config.Problems) *step {
	s := &step{name: cfg.Name, query: cfg.Query, headers: cfg.Headers, body: cfg.JSON}
	s.verdict = verdict{notFound: cfg.NotFound, fails: []document.Condition{cfg.Fail, section.Fail}}
	checkStepName(place, cfg.Name, section, problems)
	s.chooseMethod(place, cfg, names, problems)
	s.query.bind(place+".query", names, problems)
	s.body.bind(place+".json", names, problems)
	for _, name := range sortedKeys(cfg.Headers) {
		header := cfg.Headers[name]
		checkHeaderName(config.Member(place+".headers", name), name, problems)
		header.bind(config.Member(place+".headers", name), names, problems)
	}
	s.pages = newPages(place+".pages", cfg, section.Limits.Pages, problems)
	for _, name := range sortedKeys(cfg.Keep) {
		if !stepName.MatchString(name) {
			problems.Add(config.Member(place+".keep", name), "%q cannot be the name of a kept value", name).Key = true
		}
		s.keeps = append(s.keeps, keep{name, cfg.Keep[name], names.add(cfg.Name, name)})
	}
	return s
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

func checkStepName(place, name string, section *Config, problems *config.Problems) {
	switch {
	case !stepName.MatchString(name):
		problems.Add(place+".name", "a step needs a name of letters, digits and _, not %q", name)
	case name == "user":
		problems.Add(place+".name", "user is the customer's id and cannot be a step")
	default:
		same := 0
		for i := range section.Steps {
			if section.Steps[i].Name == name {
				same++
			}
		}
		if same > 1 {
			problems.Add(place+".name", "%d steps are called %q", same, name)
		}
	}
}

func (s *step) chooseMethod(place string, cfg *Step, names *names, problems *config.Problems) {
	switch {
	case cfg.Get.IsZero() == cfg.Post.IsZero():
		problems.Add(place, "a step has either get or post, with the path below base_url")
		return
	case cfg.Get.IsZero():
		s.method, s.target, place = http.MethodPost, cfg.Post, place+".post"
	default:
		s.method, s.target, place = http.MethodGet, cfg.Get, place+".get"
		if cfg.JSON.root != nil {
			problems.Add(place, "a body needs post").Hint = "write post: instead of get:"
		}
	}
	if !strings.HasPrefix(s.target.source, "/") {
		problems.Add(place, "a path begins with /: it is appended to base_url")
	}
	if at := strings.IndexAny(literals(s.target), "?#"); at >= 0 {
		problems.Add(place, "a path has no ? or #").Hint = "parameters belong in query"
	}
	s.target.bind(place, names, problems)
}

func literals(t Template) string {
	var text strings.Builder
	for _, p := range t.parts {
		if p.slot == "" {
			text.WriteString(p.literal.Source())
		}
	}
	return text.String()
}

// run asks the step and leaves in r what it finds.
func (s *step) run(ctx context.Context, r *run) *Error {
	req, err := s.request(r)
	if err != nil {
		return err
	}
	if s.pages != nil {
		return s.runPages(ctx, r, req)
	}
	_, _, err = s.ask(ctx, r, req, 1)
	return err
}

// ask sends one page's request and takes from the answer what the step is there for. It gives the answer and how many
// records it held.
func (s *step) ask(ctx context.Context, r *run, req request, page int) (*answer, int, *Error) {
	r.history.Calls++
	got, err := s.send(ctx, req, s.verdict)
	records := 0
	if err == nil {
		r.history.Pages++
		if records, err = s.take(r, got); err == nil {
			return got, records, nil
		}
		err.Status = got.Status
	}
	err.Page = page
	return nil, 0, err
}

func (s *step) take(r *run, got *answer) (int, *Error) {
	for _, keep := range s.keeps {
		text, err := keep.from(got)
		if err != nil {
			return 0, err
		}
		r.values[keep.index] = document.Datum{Type: document.TypeText, Text: text}
	}
	if s.plan == nil {
		return 0, nil
	}
	records, err := s.plan.Extract(got.Body)
	if err != nil {
		return 0, documentFailure(err)
	}
	if len(r.history.Records)+len(records) > r.most {
		return 0, failure(TooLarge, "more records than limits.records allows: %d", r.most)
	}
	r.history.Records = append(r.history.Records, records...)
	return len(records), nil
}

func (k keep) from(got *answer) (string, *Error) {
	value, err := k.pick.From(got.Answer)
	if err != nil {
		return "", documentFailure(err)
	}
	switch value.Kind() {
	case document.Text, document.Number, document.Bool:
		return value.Text(), nil
	}
	return "", failure(PathMissing, "keep.%s: %s is %s, not a value to keep", k.name, k.pick, value.Kind())
}

func (s *step) request(r *run) (request, *Error) {
	req := request{method: s.method, headers: make(map[string]string, len(s.headers))}
	var err *Error
	if req.target, err = s.target.fill(r, inPath()); err != nil {
		return req, err
	}
	if req.query, err = s.query.fill(r); err != nil {
		return req, err
	}
	for name, template := range s.headers {
		if req.headers[name], err = template.fill(r, inHeader()); err != nil {
			return req, err
		}
	}
	req.body, err = s.body.fill(r)
	return req, err
}
