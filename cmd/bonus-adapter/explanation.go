package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"bonus-adapter/adapter"
	"bonus-adapter/cmd/bonus-adapter/redact"
	"bonus-adapter/cmd/bonus-adapter/replay"
	"bonus-adapter/config"
	"bonus-adapter/crm"
)

// explanation is how one answer came about, step by step. It is what explain prints, and its JSON. Its texts are
// redacted.
type explanation struct {
	Config   string            `json:"config"`
	Customer string            `json:"customer"`
	Steps    []explainedStep   `json:"steps"`
	Records  []explainedRecord `json:"records"`
	Fields   []explainedField  `json:"fields"`
	Notes    []explainedNote   `json:"notes,omitempty"`
	Answer   explainedAnswer   `json:"answer"`
	States   []explainedNote   `json:"states"`
}

// explainedStep is a step, or the login.
type explainedStep struct {
	Name      string              `json:"name"`
	Config    *configLine         `json:"config,omitempty"`
	Left      bool                `json:"left_out,omitempty"`
	When      *configLine         `json:"when,omitempty"`
	Exchanges []explainedExchange `json:"exchanges"`
	Kept      []explainedNote     `json:"kept,omitempty"`
	Records   int                 `json:"records"`
	Paging    *explainedNote      `json:"paging,omitempty"`
	Place     *configLine         `json:"records_config,omitempty"` // where the config says that its records are
	Failure   *explainedFailure   `json:"failure,omitempty"`
}

// explainedExchange is one request with its answer, and what that means.
type explainedExchange struct {
	Page    int               `json:"page"`
	Method  string            `json:"method"`
	URL     string            `json:"url"`
	Lines   []*configLine     `json:"config"` // of the request
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body,omitempty"`
	Status  int               `json:"status,omitempty"`
	Type    string            `json:"type,omitempty"`
	Size    int               `json:"size,omitempty"`
	TookMS  float64           `json:"took_ms"`
	Asked   []explainedAsked  `json:"conditions,omitempty"`
	Verdict string            `json:"verdict"`
	Decided *configLine       `json:"decided,omitempty"`
	Failed  bool              `json:"failed,omitempty"`
	Head    string            `json:"head,omitempty"` // of an answer that means a failure
	Answer  map[string]string `json:"answer_headers,omitempty"`
}

// explainedAsked is a condition that was asked of an answer.
type explainedAsked struct {
	Name   string      `json:"name"` // its key: not_found, fail, verdicts[0]
	Config *configLine `json:"config,omitempty"`
	Text   string      `json:"text"`
	Held   bool        `json:"held"`
	Why    string      `json:"why,omitempty"` // it could not be asked
}

// explainedNote is one thing with the line of the config that it comes from.
type explainedNote struct {
	Name   string      `json:"name,omitempty"`
	Text   string      `json:"text"`
	Config *configLine `json:"config,omitempty"`
}

// explainedFailure is why a step gives nothing.
type explainedFailure struct {
	Text   string      `json:"text"`
	Config *configLine `json:"config,omitempty"`
	Goes   bool        `json:"goes_on"`
}

// explainedAnswer is what Imshop would get.
type explainedAnswer struct {
	Status  int             `json:"status"`
	History string          `json:"bonus_history"`
	Body    json.RawMessage `json:"body"`
	TookMS  float64         `json:"took_ms"`
}

// explainer turns what was heard into an explanation.
type explainer struct {
	file  *configFile
	built *built
	mask  *redact.Redactor
	heard *conversation

	cache  adapter.Cache // that serve would ask first
	user   string
	now    time.Time         // that requests speak of
	values map[string]string // of references
	player *replay.Player    // in place of the network; nil if the CRM is asked itself
}

// explain tells how an answer came about.
func (x *explainer) explain(customer string, got *answered, took time.Duration) *explanation {
	told := &explanation{Config: x.file.name, Customer: x.mask.Text(customer)}
	for _, step := range x.heard.steps {
		told.Steps = append(told.Steps, x.step(step))
	}
	x.records(told)
	if x.player != nil {
		x.departed(told)
	}
	body := []byte(x.mask.Text(got.body.String()))
	if !json.Valid(body) {
		body, _ = json.Marshal(string(body)) // a string always encodes
	}
	told.Answer = explainedAnswer{got.status, got.header.Get("Bonus-History"), body, milliseconds(took)}
	told.States = x.states(took)
	return told
}

// departed tells where the recording does not go on as the config asks.
func (x *explainer) departed(told *explanation) {
	way := x.player.Departed()
	if way == nil {
		return
	}
	note := explainedNote{Name: "recording", Text: x.text(fmt.Sprintf("at request %d: %s", way.Answer+1, way.Why))}
	if way.Asked != "" {
		note.Text += x.text("; asked is " + way.Asked)
	}
	told.Notes = append(told.Notes, note)
}

func milliseconds(span time.Duration) float64 {
	return float64(span.Round(100*time.Microsecond)) / float64(time.Millisecond)
}

func (x *explainer) step(heard *stepTold) explainedStep {
	place := config.Join("crm", heard.place)
	told := explainedStep{Name: heard.name, Config: x.file.lineAt(place)}
	slices.SortStableFunc(heard.exchanges, func(a, b crm.Exchange) int { return cmp.Compare(a.Page, b.Page) })
	for _, exchange := range heard.exchanges {
		told.Exchanges = append(told.Exchanges, x.exchange(exchange))
	}
	if done := heard.done; done != nil {
		told.Left, told.Records = done.Left, done.Records
		told.When = x.file.lineAt(place + ".when")
		for _, kept := range done.Kept {
			if done.Failed != nil && !kept.There && kept.Rows <= 0 {
				continue
			}
			told.Kept = append(told.Kept, explainedNote{kept.Name, x.kept(kept), x.lineOf(kept.Place)})
		}
		told.Failure = x.failure(done.Failed, heard.place)
		if told.Failure != nil {
			told.Failure.Goes = done.Goes
		}
		told.Place = x.recordsOf(heard.name)
	}
	if line := x.file.lineAt(place + ".pages"); line != nil && len(told.Exchanges) > 0 {
		told.Paging = &explainedNote{"pages", counted(len(told.Exchanges), "request") + " by " + strings.TrimSpace(line.Source), line}
	}
	return told
}

func (x *explainer) kept(kept crm.Kept) string {
	switch {
	case kept.Rows >= 0:
		return counted(kept.Rows, "element")
	case !kept.There:
		return "nothing"
	case secretName.MatchString(kept.Name):
		return "***"
	}
	return x.text(kept.Text)
}

// recordsOf is the line that says where a step's records are; nil if they are not read.
func (x *explainer) recordsOf(step string) *configLine {
	for i, source := range x.built.plan.Sources {
		if source.Step != step {
			continue
		}
		if line := x.file.lineAt(config.Index("mapping.records", i)); line != nil {
			return line
		}
		return x.file.lineAt("mapping.records")
	}
	return nil
}

// lineOf is the line of a place in the section crm, or of the nearest one around it; nil for none.
func (x *explainer) lineOf(place string) *configLine {
	if place == "" {
		return nil
	}
	return x.file.lineOf(strings.TrimPrefix(config.Join("crm", place), "/"))
}

func (x *explainer) exchange(e crm.Exchange) explainedExchange {
	told := explainedExchange{
		Page: e.Page, Method: e.Method, URL: readable(x.text(e.URL)), Lines: x.requestLines(e.Place), Body: x.text(string(e.Body)),
		Headers: x.headers(e.Header), Status: e.Status, Size: len(e.Answer), TookMS: milliseconds(e.Took),
	}
	if e.AnswerHeader != nil {
		told.Type, told.Answer = e.AnswerHeader.Get("Content-Type"), x.headers(e.AnswerHeader)
	}
	for _, asked := range e.Asked {
		one := explainedAsked{Name: asked.Place[strings.LastIndexByte(asked.Place, '.')+1:], Config: x.lineOf(asked.Place), Text: asked.Text, Held: asked.Held}
		if asked.Err != nil {
			one.Why = x.text(asked.Err.Error())
		}
		told.Asked = append(told.Asked, one)
	}
	told.Verdict, told.Decided = x.verdict(e)
	if told.Failed = e.Failed != nil && e.Failed.Kind != crm.NoSuchCustomer; told.Failed {
		told.Head = x.answerHead(e)
	}
	return told
}

// requestLines are the lines of the config that a request was made of.
func (x *explainer) requestLines(place string) []*configLine {
	lines := map[int]*configLine{}
	places := []string{"crm." + place + ".base_url"}
	if x.file.lineAt(places[0]) == nil && place != "auth.oauth2" {
		places[0] = "crm.base_url"
	}
	for _, key := range []string{"get", "post", "put", "token_url", "query", "headers", "json", "form", "xml", "soap", "graphql", "jsonrpc"} {
		places = append(places, "crm."+place+"."+key)
	}
	for _, place := range places {
		for _, line := range x.file.linesWithin(place) {
			lines[line.Line] = line
		}
	}
	return ordered(lines)
}

// verdict tells what an answer means, and which line says so.
func (x *explainer) verdict(e crm.Exchange) (string, *configLine) {
	switch {
	case e.Failed != nil:
		told := x.failure(e.Failed, e.Place)
		return told.Text, told.Config
	case e.Empty:
		return "no transactions, as a verdict says", x.lineOf(e.Decided)
	case e.Decided != "":
		return "may be read, as a verdict says", x.lineOf(e.Decided)
	}
	return "may be read", nil
}

// failure tells why there is nothing, and which line is to be looked at; nil for no failure.
func (x *explainer) failure(failed *crm.Error, step string) *explainedFailure {
	if failed == nil {
		return nil
	}
	text := string(adapter.ReasonOf(failed.Kind))
	if failed.Status != 0 {
		text += fmt.Sprintf(", HTTP %d", failed.Status)
	}
	if failed.Err != nil {
		text += ": " + strings.ReplaceAll(failed.Err.Error(), "\n", ": ")
	}
	place := failed.Place
	if place == "" {
		place = suspect(failed.Kind, step, x.file)
	}
	if place == "auth" {
		place = credential(x.file)
	}
	return &explainedFailure{Text: x.text(text), Config: x.lineOf(place)}
}

// suspect is the place of the config to look at first when a failure names none.
func suspect(kind crm.Kind, step string, file *configFile) string {
	switch kind {
	case crm.Timeout:
		return "timeout"
	case crm.Unreachable, crm.HostRefused:
		if file.lineAt("crm."+step+".base_url") != nil {
			return step + ".base_url"
		}
		return "base_url"
	case crm.Auth:
		return "auth"
	case crm.BreakerOpen:
		return "breaker"
	case crm.RateLimited:
		return "rate"
	case crm.TooLarge, crm.Busy:
		return "limits"
	}
	for _, key := range []string{"get", "post", "put", "token_url"} {
		if file.lineAt("crm."+step+"."+key) != nil {
			return step + "." + key
		}
	}
	return step
}

// credential is the place of what proves who is asking.
func credential(file *configFile) string {
	for _, key := range []string{"bearer", "basic", "headers", "query", "login", "oauth2"} {
		if file.lineAt("crm.auth."+key) != nil {
			return "auth." + key
		}
	}
	return "auth"
}

// mostOfHead is how much of a failed answer is shown, in characters.
const mostOfHead = 400

// headOf gives the beginning of a text in one line.
func headOf(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\ufffd")), " ")
	if utf8.RuneCountInString(text) > mostOfHead {
		text = string([]rune(text)[:mostOfHead]) + "…"
	}
	return text
}

// states tells what there is beyond this one answer.
func (x *explainer) states(took time.Duration) []explainedNote {
	budget := x.built.config.Adapter.Budget
	states := []explainedNote{
		{"budget", took.Round(time.Millisecond).String() + " of " + budget.String(), x.file.lineAt("adapter.budget")},
		{"breaker", "closed: this program has just begun to ask; a running serve has its own", x.file.lineAt("crm.breaker")},
	}
	if line := x.file.lineAt("adapter.cache"); line != nil {
		text := "not asked: explain always asks the CRM; serve keeps answers for " + x.cache.TTL.String()
		if x.cache.Store == adapter.DefaultConfig().Cache.Store {
			text = "off"
		}
		states = append(states, explainedNote{"cache", text, line})
	}
	return states
}
