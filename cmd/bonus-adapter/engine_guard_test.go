package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"bonus-adapter/crm/crmtest"
)

// byPage answers with the body of the page that is asked for; 500 if there is none.
func byPage(bodies ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		number := crmtest.Asked(r, "page", 1)
		if number > len(bodies) || bodies[number-1] == "" {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		_, _ = fmt.Fprint(w, bodies[number-1])
	}
}

func TestEngineGuardsPages(t *testing.T) {
	total := `,"total":6`
	for name, test := range map[string]struct {
		section string
		answer  http.HandlerFunc
		want    string
		calls   int
	}{
		"the same page for ever":      {"{ param: page }", crmtest.Answer(200, page("1 2")), "! too many pages", 2},
		"the same, envelope differs":  {"{ param: page }", replies(page("1 2", `,"n":1`), page("1 2", `,"n":2`), page("1 2", `,"n":3`)), "! too many pages", 2},
		"the same, known number":      {"{ param: page, count: body.n }", crmtest.Answer(200, page("1", `,"n":3`)), "! too many pages", 3},
		"the same, differs, known":    {"{ param: page, count: body.n }", replies(page("1", `,"n":3,"at":1`), page("1", `,"n":3,"at":2`), page("1", `,"n":3,"at":3`)), "! too many pages", 3},
		"to and fro":                  {"{ param: page }", replies(page("1"), page("2"), page("1"), page("2")), "! too many pages", 3},
		"to and fro, known":           {"{ param: page, count: body.n }", byPage(page("1", `,"n":4`), page("2"), page("1"), page("2")), "! too many pages", 4},
		"more than limits.pages":      {"{ param: page }", crmtest.List{Records: 99, Size: 1}.ByNumber("page", 1), "! too many pages", 50},
		"more than limits.pages, all": {"{ param: page, count: body.count }", crmtest.List{Records: 51, Size: 1}.ByNumber("page", 1), "! too many pages", 1},
		"absurdly many":               {"{ param: page, count: body.n }", crmtest.Answer(200, page("1", `,"n":2147483647`)), "! too many pages", 1},
		"more than an int":            {"{ param: page, count: body.n }", crmtest.Answer(200, page("1", `,"n":9223372036854775808`)), "! decode failed", 1},
		"negative":                    {"{ param: page, total: body.n }", crmtest.Answer(200, page("1", `,"n":-1`)), "! decode failed", 1},
		"a fraction":                  {"{ param: page, total: body.n }", crmtest.Answer(200, page("1", `,"n":1.5`)), "! decode failed", 1},
		"a fraction of 0":             {"{ param: page, count: body.n }", byPage(page("1", `,"n":2.0`), page("2")), "1 2", 2},
		"a fraction of 0, as text":    {"{ param: page, total: body.n }", byPage(page("1", `,"n":"2.00"`), page("2")), "1 2", 2},
		"null":                        {"{ param: page, total: body.n }", crmtest.Answer(200, page("1", `,"n":null`)), "! decode failed", 1},
		"empty in the middle":         {"{ param: page, total: body.total }", byPage(page("1 2", total), page(""), page("5 6")), "! decode failed", 0},
		"short in the middle":         {"{ param: page, total: body.total }", byPage(page("1 2", total), page("3"), page("5 6")), "! decode failed", 3},
		"empty first page":            {"{ param: page, total: body.total }", byPage(page("", total)), "! decode failed", 1},
		"total of another thing":      {"{ param: page, total: body.pages }", byPage(page("1 2 3", `,"pages":2`), page("4 5 6")), "! decode failed", 1},
		"total 0, and records":        {"{ param: page, total: body.total }", byPage(page("1 2", `,"total":0`), page("3")), "! decode failed", 1},
		"count 0, and records":        {"{ param: page, count: body.n }", byPage(page("1 2", `,"n":0`), page("3")), "! decode failed", 1},
		"last 0 of pages from 0":      {"{ param: page, start: 0, last: body.n }", crmtest.Answer(200, page("1", `,"n":0`)), "1", 1},
		"500 on page 3":               {"{ param: page }", byPage(page("1"), page("2")), "! status", 3},
		"500 on page 3 of 4":          {"{ param: page, count: body.n }", byPage(page("1", `,"n":4`), page("2"), "", page("4")), "! status", 0},
		"no list on page 2":           {"{ param: page }", replies(page("1"), `{}`), "! path missing", 2},
		"not known on page 2":         {"{ param: page }", replies(page("1"), `404!{}`), "! error body", 2},
		"not known on page 1":         {"{ param: page }", replies(`404!{}`), "! no such customer", 1},
		"none, by verdict":            {"{ param: page, count: body.n }", replies(`410!{}`), "", 1},
		"none, by verdict, cursor":    {"{ param: page, cursor: body.cursor }", replies(`410!{}`), "", 1},
		"none, by verdict, page 2":    {"{ param: page }", replies(page("1"), `410!{}`), "1", 2},
		"none, by verdict, 2 of 3":    {"{ param: page, count: body.n }", byPage(page("1", `,"n":3`), `{"gone":true}`, page("3")), "! decode failed", 0},
	} {
		t.Run(name, func(t *testing.T) {
			section := "steps: [{ name: history, get: /tx, not_found: status == 404, pages: " + test.section +
				", verdicts: [{ when: status == 410 or body.gone == true, then: empty, reason: no_transactions }] }]"
			newEngine(t, section, test.answer).expect(t, test.want, test.calls)
		})
	}
}

func TestEngineGuardsRecords(t *testing.T) {
	for name, test := range map[string]struct{ pages, want string }{
		"one page":         {"{ param: page, size: 9 }", "! too large"},
		"page after page":  {"{ param: page }", "! too large"},
		"known pages":      {"{ param: page, total: body.total }", "! too large"},
		"newest, in order": {"{ param: page }, parallel: 1", "! too large"},
	} {
		t.Run(name, func(t *testing.T) {
			list := crmtest.List{Records: 7, Size: 2}
			if name == "one page" {
				list.Size = 7
			}
			newEngine(t, "limits: { records: 5 }\n"+paged("get: /tx", test.pages), list.ByNumber("page", 1)).expect(t, test.want, 0)
		})
	}
	e := newEngine(t, "limits: { records: 5 }\non_partial: newest\n"+paged("get: /tx", "{ param: page }"), sevenByTwo.ByNumber("page", 1))
	e.expect(t, "1 2 3 4 | too large", 3)
}

// TestEngineGivesTheNewest: what stands before the failure and nothing behind it, also if that was read.
func TestEngineGivesTheNewest(t *testing.T) {
	for name, test := range map[string]struct{ section, want string }{
		"nothing":              {paged("get: /tx", "{ param: page }"), "! status"},
		"page after page":      {"on_partial: newest\n" + paged("get: /tx", "{ param: page }"), "1 2 3 4 5 6 | status"},
		"known pages":          {"on_partial: newest\n" + paged("get: /tx", "{ param: page, count: body.count }"), "1 2 3 4 5 6 | status"},
		"known pages, all":     {"on_partial: newest\n" + paged("get: /tx, parallel: 50", "{ param: page, count: body.count }"), "1 2 3 4 5 6 | status"},
		"known pages, one":     {"on_partial: newest\n" + paged("get: /tx, parallel: 1", "{ param: page, count: body.count }"), "1 2 3 4 5 6 | status"},
		"known pages, nothing": {paged("get: /tx", "{ param: page, count: body.count }"), "! status"},
	} {
		t.Run(name, func(t *testing.T) {
			failed := make(chan struct{})
			list := crmtest.List{Records: 20, Size: 2}.ByNumber("page", 1)
			e := newEngine(t, test.section, func(w http.ResponseWriter, r *http.Request) {
				switch number := crmtest.Asked(r, "page", 1); {
				case number == 4:
					w.WriteHeader(http.StatusInternalServerError)
					close(failed)
					return
				case number == 2 && name == "known pages":
					<-failed // it is still under way when the fourth has failed
				}
				list(w, r)
			})
			e.expect(t, test.want, 0)
		})
	}
}

// TestEngineKnownPagesAtOnce measures how many requests of a step are under way, and looks at their order.
func TestEngineKnownPagesAtOnce(t *testing.T) {
	for name, test := range map[string]struct {
		section string
		most    int
	}{
		"4 if not said":           {paged("get: /tx", "{ param: page, count: body.count }"), 4},
		"1":                       {paged("get: /tx, parallel: 1", "{ param: page, count: body.count }"), 1},
		"6":                       {paged("get: /tx, parallel: 6", "{ param: page, total: body.total }"), 6},
		"no more than concurrent": {"limits: { concurrent: 2 }\n" + paged("get: /tx", "{ param: page, last: body.last }"), 2},
	} {
		t.Run(name, func(t *testing.T) {
			crowd := crmtest.NewCrowd(20)
			list := crmtest.List{Records: 20, Size: 1}.ByNumber("page", 1)
			e := newEngine(t, test.section, crowd.Hold(list))
			told := make(chan string)
			go func() { told <- e.tell(t) }()
			crowd.Await(1)
			crowd.Let(1)
			crowd.Await(test.most)
			for range 19 - test.most {
				crowd.Let(1)
				crowd.Await(1)
			}
			crowd.Let(test.most)
			if got, want := <-told, strings.Join(idsTo(20), " "); got != want || crowd.Most() != test.most {
				t.Errorf("%q with %d at once, want %q with %d", got, crowd.Most(), want, test.most)
			}
		})
	}
}

func idsTo(count int) []string {
	var ids []string
	for i := range count {
		ids = append(ids, fmt.Sprint(i+1))
	}
	return ids
}
