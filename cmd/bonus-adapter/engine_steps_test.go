package main

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"bonus-adapter/crm/crmtest"
)

// routes answers by path; what has no route is a 404.
func routes(answers map[string]http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if answer := answers[r.URL.Path]; answer != nil {
			answer(w, r)
			return
		}
		w.WriteHeader(http.StatusNotFound)
		_, _ = fmt.Fprint(w, `{}`)
	}
}

func says(body string) http.HandlerFunc { return crmtest.Answer(200, body) }

const cardsAndHistory = `
steps:
  - { name: member, get: "/members/{{ user }}", keep: { cards: %s } }
  - { name: history, each: member.cards, get: "/cards/%s/tx"%s }
`

func TestEngineEach(t *testing.T) {
	members := func(body string) map[string]http.HandlerFunc {
		return map[string]http.HandlerFunc{
			"/members/" + engineID: says(body), "/cards/a/tx": says(page("1 2")), "/cards/b/tx": says(page("3")), "/cards/c/tx": says(page("4 5")),
			"/cards/P-a/tx": says(page("6")), "/cards/Q-b/tx": says(page("7")), "/cards/broken/tx": crmtest.Answer(500, `{}`),
		}
	}
	const list, rows = `"body.cards[*].id"`, `{ list: "body.programs[*].cards", id: id, program: ^.name }`
	many := `{"cards":[` + strings.TrimSuffix(strings.Repeat(`{"id":"a"},`, 25), ",") + `]}`
	for name, test := range map[string]struct {
		body, keep, slot, more, want string
		calls                        int
	}{
		"none":                {`{"cards":[]}`, list, "{{ each }}", "", "", 1},
		"one":                 {`{"cards":[{"id":"b"}]}`, list, "{{ each }}", "", "3", 2},
		"many, in order":      {`{"cards":[{"id":"c"},{"id":"a"},{"id":"b"}]}`, list, "{{ each }}", "", "4 5 1 2 3", 4},
		"twice the same":      {`{"cards":[{"id":"a"},{"id":"b"},{"id":"a"}]}`, list, "{{ each }}", "", "1 2 3", 3},
		"often the same":      {many, list, "{{ each }}", "", "1 2", 2},
		"too many":            {`{"cards":[` + strings.Join(manyCards(21), ",") + `]}`, list, "{{ each }}", "", "! too large", 1},
		"no list":             {`{}`, list, "{{ each }}", "", "! path missing", 1},
		"a null":              {`{"cards":[{"id":"a"},{"id":null}]}`, list, "{{ each }}", "", "! path missing", 1},
		"an object":           {`{"cards":[{"id":{}}]}`, list, "{{ each }}", "", "! path missing", 1},
		"rows":                {`{"programs":[{"name":"P","cards":[{"id":"a"}]},{"name":"Q","cards":[{"id":"b"}]}]}`, rows, "{{ each.program }}-{{ each.id }}", "", "6 7", 3},
		"rows, no cards":      {`{"programs":[{"name":"P","cards":[]}]}`, rows, "{{ each.program }}-{{ each.id }}", "", "", 1},
		"a row of none":       {`{"programs":[{"name":"P","cards":[5]}]}`, rows, "{{ each.program }}-{{ each.id }}", "", "! path missing", 1},
		"one fails":           {`{"cards":[{"id":"a"},{"id":"broken"},{"id":"b"}]}`, list, "{{ each }}", "", "! status", 0},
		"one fails, newest":   {`{"cards":[{"id":"a"},{"id":"broken"},{"id":"b"}]}`, list, "{{ each }}", "\non_partial: newest", "1 2 | status", 0},
		"one fails, optional": {`{"cards":[{"id":"a"},{"id":"broken"},{"id":"b"}]}`, list, "{{ each }}", ", optional: true", "| status", 0},
		"one is not known":    {`{"cards":[{"id":"a"},{"id":"x"},{"id":"b"}]}`, list, "{{ each }}", ", not_found: status == 404", "! error body", 4},
		"none is known":       {`{"cards":[{"id":"y"},{"id":"x"}]}`, list, "{{ each }}", ", not_found: status == 404", "! no such customer", 3},
		"one is empty":        {`{"cards":[{"id":"a"},{"id":"x"},{"id":"b"}]}`, list, "{{ each }}", ", verdicts: [{ when: status == 404, then: empty, reason: no_transactions }]", "1 2 3", 4},
		"a dangerous one":     {`{"cards":[{"id":"../members"}]}`, list, "{{ each }}", "", "! decode failed", 1},
		"an empty one":        {`{"cards":[{"id":""}]}`, list, "{{ each }}", "", "! decode failed", 1},
	} {
		t.Run(name, func(t *testing.T) {
			more, head, _ := strings.Cut(test.more, "\n")
			newEngine(t, head+fmt.Sprintf(cardsAndHistory, test.keep, test.slot, more), routes(members(test.body))).expect(t, test.want, test.calls)
		})
	}
}

func manyCards(count int) []string {
	var cards []string
	for _, id := range idsTo(count) {
		cards = append(cards, `{"id":"`+id+`"}`)
	}
	return cards
}

// TestEngineEachWithPagesAtOnce: lists and their pages count together.
func TestEngineEachWithPagesAtOnce(t *testing.T) {
	crowd := crmtest.NewCrowd(100)
	list := crowd.Hold(crmtest.List{Records: 4, Size: 1}.ByNumber("page", 1))
	section := fmt.Sprintf(cardsAndHistory, `"body.cards[*].id"`, "{{ each }}", ", parallel: 3, pages: { param: page, count: body.count }")
	var member http.HandlerFunc = says(`{"cards":[` + strings.Join(manyCards(5), ",") + `]}`)
	e := newEngine(t, section, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/members/") {
			member(w, r)
			return
		}
		list(w, r)
	})
	told := make(chan string)
	go func() { told <- e.tell(t) }()
	crowd.Await(3)
	for range 2 { // while there is surely something to ask
		crowd.Let(3)
		crowd.Await(3)
	}
	crowd.Let(5*4 - 6)
	if got, want := <-told, strings.TrimSpace(strings.Repeat("1 2 3 4 ", 5)); got != want || crowd.Most() != 3 {
		t.Errorf("%q with %d at once", got, crowd.Most())
	}
}

func TestEngineWhenAndOptional(t *testing.T) {
	const two = `
steps:
  - { name: account, get: /account, keep: { id: "body.id?", kind: body.kind }, optional: %s, not_found: status == 404 }
  - { name: extra, get: /extra, when: '%s', optional: true, not_found: status == 404, pages: { param: page } }
  - { name: history, get: /tx }
`
	history := says(page("1 2"))
	for name, test := range map[string]struct {
		optional, when string
		routes         map[string]http.HandlerFunc
		want           string
		calls          int
	}{
		"all":                   {"false", `account.kind == "gold"`, map[string]http.HandlerFunc{"/account": says(`{"id":1,"kind":"gold"}`), "/extra": replies(page("9"), page(""))}, "9 1 2", 4},
		"left out":              {"false", `account.kind == "gold"`, map[string]http.HandlerFunc{"/account": says(`{"id":1,"kind":"lead"}`), "/extra": says(page("9"))}, "1 2", 2},
		"kept by a ?":           {"false", `exists(account.id)`, map[string]http.HandlerFunc{"/account": says(`{"id":null,"kind":"x"}`), "/extra": says(page("9"))}, "1 2", 2},
		"by the clock":          {"false", `now > now - days(1)`, map[string]http.HandlerFunc{"/account": says(`{"id":1,"kind":"lead"}`), "/extra": replies(page("9"), page(""))}, "9 1 2", 4},
		"by the customer":       {"false", `user startsWith "secret"`, map[string]http.HandlerFunc{"/account": says(`{"id":1,"kind":"lead"}`), "/extra": replies(page("9"), page(""))}, "9 1 2", 4},
		"optional fails":        {"true", `user != ""`, map[string]http.HandlerFunc{"/account": crmtest.Answer(500, ``), "/extra": replies(page("9"), page(""))}, "9 1 2 | status", 4},
		"optional unknown":      {"true", `user != ""`, map[string]http.HandlerFunc{"/extra": replies(page("9"), page(""))}, "9 1 2", 4},
		"not kept":              {"true", `exists(account.kind)`, map[string]http.HandlerFunc{}, "1 2", 2},
		"half a list":           {"true", `user != ""`, map[string]http.HandlerFunc{"/account": says(`{"id":1,"kind":"x"}`), "/extra": replies(page("9"), `500!`)}, "1 2 | status", 4},
		"a list half unknown":   {"true", `user != ""`, map[string]http.HandlerFunc{"/account": says(`{"id":1,"kind":"x"}`), "/extra": replies(page("9"), `404!`)}, "1 2 | error body", 4},
		"required unknown":      {"false", `user != ""`, map[string]http.HandlerFunc{}, "! no such customer", 1},
		"required fails":        {"false", `user != ""`, map[string]http.HandlerFunc{"/account": crmtest.Answer(500, ``)}, "! status", 1},
		"required keeps no one": {"false", `user != ""`, map[string]http.HandlerFunc{"/account": says(`{"id":1}`)}, "! path missing", 1},
	} {
		t.Run(name, func(t *testing.T) {
			test.routes["/tx"] = history
			newEngineOf(t, "[extra.items, history.items]", fmt.Sprintf(two, test.optional, test.when), routes(test.routes)).expect(t, test.want, test.calls)
		})
	}
}

// TestEngineTellsWhyAValueIsMissing: the reason is the optional step's own, not that a slot is empty because of it.
func TestEngineTellsWhyAValueIsMissing(t *testing.T) {
	const section = `steps: [{ name: account, get: /account, optional: true, keep: { id: "body.id%s" } }, { name: history, get: "/tx/{{ account.id }}"%s }]`
	for name, test := range map[string]struct {
		mark, more string
		account    http.HandlerFunc
		want       string
	}{
		"the step failed":        {"", "", crmtest.Answer(500, ``), "! status"},
		"... and both may":       {"", ", optional: true", crmtest.Answer(500, ``), "| status"},
		"the CRM has no value":   {"?", "", says(`{"id":null}`), "! decode failed"},
		"the path is mistyped":   {"", "", says(`{"ID":7}`), "! path missing"},
		"the step was refused":   {"", "", crmtest.Answer(401, ``), "! auth"},
		"there is one, all good": {"", "", says(`{"id":7}`), "1"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEngine(t, fmt.Sprintf(section, test.mark, test.more), routes(map[string]http.HandlerFunc{"/account": test.account, "/tx/7": says(page("1"))}))
			e.expect(t, test.want, 0)
		})
	}
}

func TestEngineSources(t *testing.T) {
	const two = "steps: [{ name: earned, get: /earned }, { name: spent, get: /spent, not_found: status == 404 }]"
	for name, test := range map[string]struct {
		records, section string
		routes           map[string]http.HandlerFunc
		want             string
	}{
		"two steps":        {"[earned.items, spent.items]", two, map[string]http.HandlerFunc{"/earned": says(page("1 2")), "/spent": says(page("3"))}, "1 2 3"},
		"second unknown":   {"[earned.items, spent.items]", two, map[string]http.HandlerFunc{"/earned": says(page("1 2"))}, "! error body"},
		"... newest":       {"[earned.items, spent.items]", "on_partial: newest\n" + two, map[string]http.HandlerFunc{"/earned": says(page("1 2"))}, "1 2 | error body"},
		"... none before":  {"[earned.items, spent.items]", two, map[string]http.HandlerFunc{"/earned": says(page(""))}, "! no such customer"},
		"two lists":        {"[history.in, history.out]", "steps: [{ name: history, get: /tx }]", map[string]http.HandlerFunc{"/tx": says(`{"in":[{"id":1}],"out":[{"id":2}]}`)}, "1 2"},
		"two lists, paged": {"[history.in, history.out]", paged("get: /tx", "{ param: page }"), map[string]http.HandlerFunc{"/tx": replies(`{"in":[{"id":1}],"out":[{"id":2}]}`, `{"in":[],"out":[{"id":3}]}`, `{"in":[{"id":4}],"out":[]}`, `{"in":[],"out":[]}`)}, "1 2 3 4"},
		"two lists, sized": {"[history.in, history.out]", paged("get: /tx", "{ param: page, size: 2 }"), map[string]http.HandlerFunc{"/tx": replies(`{"in":[{"id":1}],"out":[{"id":2},{"id":3}]}`, `{"in":[],"out":[{"id":4}]}`)}, "1 2 3 4"},
		"one of two gone":  {"[history.in, history.out]", "steps: [{ name: history, get: /tx }]", map[string]http.HandlerFunc{"/tx": says(`{"in":[{"id":1}]}`)}, "! path missing"},
		"one may be gone":  {`[history.in, "history.out?"]`, "steps: [{ name: history, get: /tx }]", map[string]http.HandlerFunc{"/tx": says(`{"in":[{"id":1}]}`)}, "1"},
		"nested":           {`["history.items[*].lines"]`, "steps: [{ name: history, get: /tx }]", map[string]http.HandlerFunc{"/tx": says(`{"items":[{"lines":[{"id":1}]},{"lines":[]},{"lines":[{"id":2},{"id":3}]}]}`)}, "1 2 3"},
	} {
		t.Run(name, func(t *testing.T) {
			newEngineOf(t, test.records, test.section, routes(test.routes)).expect(t, test.want, 0)
		})
	}
}

// TestEngineCustomersDoNotMeet asks for many customers at once: everyone gets his own.
func TestEngineCustomersDoNotMeet(t *testing.T) {
	section := fmt.Sprintf(cardsAndHistory, `"body.cards[*].id"`, "{{ each }}", ", pages: { param: page, count: body.n }") +
		"limits: { concurrent: 500 }\ntimeout: 9s\nvalues: { who: \"{{ user }}\" }\nheaders: { X-Trace: \"{{ uuid }}\" }"
	var wrong atomic.Int32
	e := newEngine(t, strings.Replace(section, `}/tx"`, `}/tx", query: { who: "{{ values.who }}" }`, 1), func(w http.ResponseWriter, r *http.Request) {
		if id, found := strings.CutPrefix(r.URL.Path, "/members/"); found {
			_, _ = fmt.Fprintf(w, `{"cards":[{"id":"%s-a"},{"id":"%s-b"}]}`, id, id)
			return
		}
		card := strings.Split(r.URL.Path, "/")[2]
		if !strings.HasPrefix(card, r.URL.Query().Get("who")+"-") {
			wrong.Add(1)
		}
		_, _ = fmt.Fprint(w, page(card+"-"+r.URL.Query().Get("page"), `,"n":2`))
	})
	var all sync.WaitGroup
	for i := range 100 {
		all.Go(func() {
			if got, want := e.tellOf(t, fmt.Sprint("c", i)), fmt.Sprintf("c%[1]d-a-1 c%[1]d-a-2 c%[1]d-b-1 c%[1]d-b-2", i); got != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
	if all.Wait(); wrong.Load() > 0 {
		t.Errorf("%d requests for another customer", wrong.Load())
	}
}
