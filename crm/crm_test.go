package crm_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"bonus-adapter/config"
	"bonus-adapter/crm"
	"bonus-adapter/crm/crmtest"
	"bonus-adapter/document"
)

func tmpl(t testing.TB, text string) (made crm.Template) {
	t.Helper()
	must(t, made.UnmarshalText([]byte(text)))
	return made
}

func params(t testing.TB, pairs ...string) (made crm.Params) {
	t.Helper()
	tree := config.Tree{Kind: config.Map}
	for i := 0; i < len(pairs); i += 2 {
		tree.Members = append(tree.Members, config.Branch{Name: pairs[i], Value: config.Tree{Kind: config.Text, Text: pairs[i+1]}})
	}
	must(t, made.UnmarshalTree(tree))
	return made
}

func credential(t testing.TB, text string) (made crm.Credential) {
	t.Helper()
	must(t, made.UnmarshalText([]byte(text)))
	return made
}

func keep(t testing.TB, text string) (made crm.Keep) {
	t.Helper()
	must(t, made.UnmarshalText([]byte(text)))
	return made
}

func condition(t testing.TB, text string) document.Condition {
	t.Helper()
	made, err := document.ParseCondition(text)
	must(t, err)
	return made
}

func pick(t testing.TB, text string) (made document.Pick) {
	t.Helper()
	must(t, made.UnmarshalText([]byte(text)))
	return made
}

func path(t testing.TB, text string) document.Path {
	t.Helper()
	made, err := document.ParsePath(text)
	must(t, err)
	return made
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func plan(t testing.TB) document.Plan {
	t.Helper()
	return document.Plan{Sources: []document.Source{{Step: "history", Records: path(t, "items")}}, Fields: []document.Path{path(t, "id")}}
}

// simple is one GET with the id in the path.
func simple(t testing.TB, base string) crm.Config {
	t.Helper()
	cfg := crm.DefaultConfig()
	cfg.BaseURL = tmpl(t, base)
	cfg.Steps = []crm.Step{{Name: "history", Request: crm.Request{Get: tmpl(t, "/customers/{{ user }}/tx")}}}
	return cfg
}

func client(t testing.TB, cfg crm.Config) *crm.Client {
	t.Helper()
	made, err := crm.New(cfg, plan(t), crm.Options{})
	must(t, err)
	t.Cleanup(made.Close)
	return made
}

func ask(t testing.TB, c *crm.Client, id string) (*crm.History, *crm.Error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	history, err := c.History(ctx, crm.NewCustomer(id))
	if err == nil {
		return history, nil
	}
	var failed *crm.Error
	if !errors.As(err, &failed) {
		t.Fatalf("an error of another type: %T %v", err, err)
	}
	return nil, failed
}

func TestPagesAreReadInOrder(t *testing.T) {
	server := crmtest.New(t, func(w http.ResponseWriter, r *http.Request) {
		page := r.URL.Query().Get("page")
		_, _ = fmt.Fprintf(w, `{"items":[{"id":"%s-a"},{"id":"%s-b"}],"meta":{"totalPages":3}}`, page, page)
	})
	cfg := simple(t, server.URL+"/api/")
	cfg.Auth = crm.Credentials{Bearer: credential(t, "T0ken"), Headers: map[string]crm.Credential{"X-Shop": credential(t, "7")}}
	cfg.Steps[0].Query = params(t, "limit", "2", "filter[x][]", "{{ user }}", "y", "ы&")
	cfg.Steps[0].Pages = &crm.Pages{Param: "page", Last: pick(t, "body.meta.totalPages")}
	history, failed := ask(t, client(t, cfg), "12 34")
	if failed != nil {
		t.Fatal(failed)
	}
	if history.Pages != 3 || history.Calls != 3 || len(history.Records) != 6 || history.Records[4].Field(0).Text() != "3-a" {
		t.Fatalf("%+v", history)
	}
	asked := server.Asked()
	if want := "/api/customers/12%2034/tx?limit=2&filter%5Bx%5D%5B%5D=12+34&y=%D1%8B%26&page=1"; asked[0].URI != want {
		t.Errorf("asked %s\nwant  %s", asked[0].URI, want)
	}
	if h := asked[0].Header; h.Get("Authorization") != "Bearer T0ken" || h.Get("X-Shop") != "7" || h.Get("User-Agent") != "bonus-adapter" {
		t.Errorf("headers: %v", h)
	}
}

func TestPagesWithoutATotalEndAtAnEmptyPage(t *testing.T) {
	server := crmtest.New(t, func(w http.ResponseWriter, r *http.Request) {
		items := `{"id":"` + r.URL.Query().Get("p") + `"}`
		if r.URL.Query().Get("p") == "2" {
			items = ""
		}
		_, _ = fmt.Fprintf(w, `{"items":[%s]}`, items)
	})
	zero := 0
	cfg := simple(t, server.URL)
	cfg.Steps[0].Pages = &crm.Pages{Param: "p", Start: &zero}
	history, failed := ask(t, client(t, cfg), "1")
	if failed != nil || len(history.Records) != 2 || history.Calls != 3 {
		t.Fatalf("%+v %v", history, failed)
	}
}

// TestAPageCalledEmptyIsTheLast: an answer that a verdict calls empty need not say where the pages end.
func TestAPageCalledEmptyIsTheLast(t *testing.T) {
	for i, test := range []struct {
		pages crm.Pages
		full  int // pages before it
	}{
		{crm.Pages{Param: "page", Count: pick(t, "body.pages")}, 0},
		{crm.Pages{Param: "page", Last: pick(t, "body.pages")}, 0},
		{crm.Pages{By: "offset", Param: "offset", Total: pick(t, "body.pages")}, 0},
		{crm.Pages{Next: pick(t, "body.next")}, 0},
		{crm.Pages{Next: pick(t, "body.next")}, 1},
		{crm.Pages{Param: "page", More: condition(t, `len(body.items) == 1`)}, 1},
		{crm.Pages{Param: "page"}, 1},
	} {
		server := crmtest.New(t, emptyAfter(test.full))
		cfg := simple(t, server.URL)
		cfg.Steps[0].Pages = &test.pages
		cfg.Steps[0].Verdicts = []crm.Verdict{{When: condition(t, `status == 404 and body.code == 114`), Then: "empty", Reason: "no_transactions"}}
		history, failed := ask(t, client(t, cfg), "1")
		if failed != nil || len(history.Records) != test.full || len(server.Asked()) != test.full+1 {
			t.Errorf("%d: %v %v, asked %d times", i, history, failed, len(server.Asked()))
		}
	}
}

// emptyAfter answers so many pages of one record, then that there is nothing.
func emptyAfter(full int) http.HandlerFunc {
	var asked atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) > int64(full) {
			crmtest.Answer(404, `{"code":114}`)(w, r)
			return
		}
		crmtest.Answer(200, `{"items":[{"id":"1"}],"next":"/customers/1/tx?page=2"}`)(w, r)
	}
}

func TestAStepReadsWhatAnEarlierOneKeeps(t *testing.T) {
	server := crmtest.New(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/accounts" {
			_, _ = fmt.Fprint(w, `{"accounts":[{"id":9007199254740993,"odd":null}]}`)
			return
		}
		_, _ = fmt.Fprint(w, `{"items":[]}`)
	})
	cfg := simple(t, server.URL)
	var body crm.JSONBody
	must(t, body.UnmarshalTree(config.Tree{Kind: config.Map, Members: []config.Branch{
		{Name: "account", Value: config.Tree{Kind: config.Text, Text: "{{ account.id }}"}},
		{Name: "who", Value: config.Tree{Kind: config.List, Items: []config.Tree{{Kind: config.Text, Text: "{{ user }}"}, {Kind: config.Number, Text: "5"}, {Kind: config.Null}}}},
	}}))
	cfg.Steps = []crm.Step{
		{Name: "account", Request: crm.Request{Get: tmpl(t, "/accounts"), Query: params(t, "ext", "{{ user }}")}, Keep: map[string]crm.Keep{"id": keep(t, "body.accounts[0].id")}},
		{Name: "history", Request: crm.Request{Post: tmpl(t, "/tx"), JSON: body}},
	}
	history, failed := ask(t, client(t, cfg), `x"y`)
	if failed != nil || len(history.Records) != 0 || history.Calls != 2 {
		t.Fatalf("%+v %v", history, failed)
	}
	if got, want := server.Asked()[1].Body, `{"account":"9007199254740993","who":["x\"y",5,null]}`; got != want {
		t.Errorf("body %s\nwant %s", got, want)
	}
	cfg.Steps[0].Keep["id"] = keep(t, "body.accounts[0].odd")
	if _, failed := ask(t, client(t, cfg), "1"); failed == nil || failed.Kind != crm.PathMissing || failed.Step != "account" {
		t.Errorf("a kept null: %v", failed)
	}
}

func gzipped(text string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = w.Write([]byte(text))
	_ = w.Close()
	return out.String()
}

func TestVerdicts(t *testing.T) {
	ok := `{"items":[{"id":"1"}]}`
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   crm.Kind
		calls  int
	}{
		"ok":                      {crmtest.Answer(200, ok), 0, 1},
		"201":                     {crmtest.Answer(201, ok), 0, 1},
		"bom":                     {crmtest.Answer(200, "\ufeff"+ok), 0, 1},
		"not found, declared":     {crmtest.Answer(404, `{"code":"nobody"}`), crm.NoSuchCustomer, 1},
		"not found, undeclared":   {crmtest.Answer(404, `{"code":"other"}`), crm.Status, 1},
		"404 html":                {crmtest.Answer(404, `<html>`), crm.Status, 1},
		"error in 200":            {crmtest.Answer(200, `{"ok":false}`), crm.ErrorBody, 1},
		"error in 500":            {crmtest.Answer(500, `{"ok":false}`), crm.ErrorBody, 1},
		"wrong type of condition": {crmtest.Answer(200, `{"ok":{},"items":[]}`), crm.DecodeFailed, 1},
		"500":                     {crmtest.Answer(500, `oops`), crm.Status, 1},
		"401":                     {crmtest.Answer(401, ``), crm.Auth, 1},
		"403":                     {crmtest.Answer(403, `{}`), crm.Auth, 1},
		"429":                     {crmtest.Answer(429, ``), crm.RateLimited, 1},
		"204":                     {crmtest.Answer(204, ``), crm.DecodeFailed, 1},
		"206":                     {crmtest.Answer(206, ok), crm.DecodeFailed, 1},
		"empty":                   {crmtest.Answer(200, ``), crm.DecodeFailed, 1},
		"html":                    {crmtest.Answer(200, `<html>`), crm.DecodeFailed, 1},
		"broken":                  {crmtest.Answer(200, `{"items":[`), crm.DecodeFailed, 1},
		"trailing":                {crmtest.Answer(200, ok+ok), crm.DecodeFailed, 1},
		"records missing":         {crmtest.Answer(200, `{"rows":[]}`), crm.PathMissing, 1},
		"records null":            {crmtest.Answer(200, `{"items":null}`), crm.PathMissing, 1},
		"records text":            {crmtest.Answer(200, `{"items":"none"}`), crm.PathMissing, 1},
		"records object":          {crmtest.Answer(200, `{"items":{}}`), crm.PathMissing, 1},
		"deep":                    {crmtest.Answer(200, `{"items":`+strings.Repeat("[", 100000)), crm.TooLarge, 1},
		"large":                   {crmtest.Answer(200, `{"items":["`+strings.Repeat("x", 1<<20)+`"]}`), crm.TooLarge, 1},
		"many records":            {crmtest.Answer(200, `{"items":[`+strings.Repeat(`{},`, 100)+`{}]}`), crm.TooLarge, 1},
		"redirect here":           {redirect("/elsewhere"), crm.Status, 1},
		"redirect away":           {redirect("http://127.0.0.1:1/"), crm.HostRefused, 1},
		"redirect to file":        {redirect("file:///etc/passwd"), crm.HostRefused, 1},
		"truncated":               {crmtest.Raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + ok), crm.Unreachable, 1},
		"truncated chunks":        {crmtest.Raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n16\r\n" + ok + "\r\n"), crm.Unreachable, 1},
		"no http":                 {crmtest.Raw("SSH-2.0-OpenSSH_9\r\n"), crm.Unreachable, 1},
		"huge header":             {crmtest.Raw("HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n"), crm.Unreachable, 1},
		"a short gzip garbage":    {encoded("gzip", "xxxx"), crm.DecodeFailed, 1},
		"charset": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json; charset=klingon")
			_, _ = w.Write([]byte(ok))
		}, crm.DecodeFailed, 1},
		"gzip garbage":             {encoded("gzip", "nonsense, and enough of it"), crm.DecodeFailed, 1},
		"gzip":                     {encoded("gzip", gzipped(ok)), 0, 1},
		"gzip bomb":                {encoded("gzip", gzipped(strings.Repeat(" ", 50<<20)+ok)), crm.TooLarge, 1},
		"an encoding nobody asked": {encoded("br", "nonsense"), crm.DecodeFailed, 1},
	} {
		t.Run(name, func(t *testing.T) {
			server := crmtest.New(t, test.answer)
			cfg := simple(t, server.URL)
			cfg.Fail = condition(t, `body.ok == false`)
			cfg.Steps[0].NotFound = condition(t, `status == 404 and body.code == "nobody"`)
			cfg.Limits.Body, cfg.Limits.Records = 1<<19, 50
			_, failed := ask(t, client(t, cfg), "secret-id")
			var got crm.Kind
			if failed != nil {
				got = failed.Kind
				if strings.Contains(failed.Error(), "secret-id") || strings.Contains(failed.Error(), "127.0.0.1") {
					t.Errorf("the error tells too much: %v", failed)
				}
			}
			if got != test.want {
				t.Errorf("%v, want %v: %v", got, test.want, failed)
			}
			if asked := len(server.Asked()); asked != test.calls {
				t.Errorf("asked %d times, want %d", asked, test.calls)
			}
		})
	}
}

// TestAnErrorIsNoMissingList: an error in a 200 is told as one, though not_found counts a list that no error has.
func TestAnErrorIsNoMissingList(t *testing.T) {
	for answer, want := range map[string]crm.Kind{
		`{"ok":false}`: crm.ErrorBody, `{"ok":false,"items":null}`: crm.ErrorBody, `{"ok":true}`: crm.PathMissing, `{"ok":false,"items":[]}`: crm.NoSuchCustomer,
	} {
		cfg := simple(t, crmtest.New(t, crmtest.Answer(200, answer)).URL)
		cfg.Fail, cfg.Steps[0].Fail = condition(t, `body.ok == false`), condition(t, `len(body.items) > 1`)
		cfg.Steps[0].NotFound = condition(t, `len(body.items) == 0`)
		if _, failed := ask(t, client(t, cfg), "1"); failed == nil || failed.Kind != want {
			t.Errorf("%s: %v, want %v", answer, failed, want)
		}
	}
}

func redirect(target string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Location", target)
		w.WriteHeader(http.StatusTemporaryRedirect)
	}
}

func encoded(encoding, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", encoding)
		_, _ = w.Write([]byte(body))
	}
}

func TestPageGuards(t *testing.T) {
	pageOf := func(total string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			_, _ = fmt.Fprintf(w, `{"items":[{"id":%q}],"n":%s}`, r.URL.Query().Get("page"), total)
		}
	}
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   crm.Kind
		calls  int
	}{
		"more pages than allowed": {pageOf("6"), crm.TooManyPages, 1},
		"as many as allowed":      {pageOf("5"), 0, 5},
		"total of zero":           {pageOf("0"), crm.DecodeFailed, 1},
		"negative total":          {pageOf("-1"), crm.DecodeFailed, 1},
		"total as text":           {pageOf(`"2"`), 0, 2},
		"total is not a number":   {pageOf(`"many"`), crm.DecodeFailed, 1},
		"no total":                {crmtest.Answer(200, `{"items":[{"id":"1"}]}`), crm.PathMissing, 1},
		"the same page again":     {crmtest.Answer(200, `{"items":[{"id":"1"}],"n":5}`), crm.TooManyPages, 5},
	} {
		t.Run(name, func(t *testing.T) {
			server := crmtest.New(t, test.answer)
			cfg := simple(t, server.URL)
			cfg.Limits.Pages = 5
			cfg.Steps[0].Pages = &crm.Pages{Param: "page", Last: pick(t, "body.n")}
			_, failed := ask(t, client(t, cfg), "1")
			if got := kindOf(failed); got != test.want || len(server.Asked()) != test.calls {
				t.Errorf("%v after %d calls, want %v after %d: %v", got, len(server.Asked()), test.want, test.calls, failed)
			}
		})
	}
}

func kindOf(failed *crm.Error) crm.Kind {
	if failed == nil {
		return 0
	}
	return failed.Kind
}

func TestAPageThatFailsFailsTheHistory(t *testing.T) {
	server := crmtest.New(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("page") == "3" {
			w.WriteHeader(500)
		}
		_, _ = fmt.Fprintf(w, `{"items":[{"id":%q}],"n":4}`, r.URL.Query().Get("page"))
	})
	cfg := simple(t, server.URL)
	cfg.Steps[0].Pages, cfg.Steps[0].Parallel = &crm.Pages{Param: "page", Last: pick(t, "body.n")}, 1
	history, failed := ask(t, client(t, cfg), "1")
	if history != nil || failed == nil || failed.Kind != crm.Status || failed.Page != 3 || failed.Status != 500 || failed.Pages != 2 || failed.Calls != 3 {
		t.Errorf("%+v %+v", history, failed)
	}
}

func TestUnreachable(t *testing.T) {
	server := crmtest.New(t, crmtest.Answer(200, `{}`))
	for _, base := range []string{"http://127.0.0.1:1", "https" + strings.TrimPrefix(server.URL, "http"), "http://no-such-host.invalid"} {
		if _, failed := ask(t, client(t, simple(t, base)), "1"); kindOf(failed) != crm.Unreachable {
			t.Errorf("%s: %v", base, failed)
		}
	}
}

func TestDeadlines(t *testing.T) {
	release := make(chan struct{})
	server := crmtest.New(t, func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-release:
		}
	})
	t.Cleanup(func() { close(release) })
	cfg := simple(t, server.URL)
	cfg.Timeout = config.Duration(50 * time.Millisecond)
	c := client(t, cfg)
	if _, failed := ask(t, c, "1"); kindOf(failed) != crm.Timeout {
		t.Errorf("one attempt: %v", failed)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	server.Forget()
	if _, err := c.History(ctx, crm.NewCustomer("1")); !isKind(err, crm.Timeout) || len(server.Asked()) != 0 {
		t.Errorf("no time left: %v", err)
	}
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, err := c.History(gone, crm.NewCustomer("1")); !isKind(err, crm.Canceled) {
		t.Errorf("the caller left: %v", err)
	}
}

func isKind(err error, kind crm.Kind) bool {
	var failed *crm.Error
	return errors.As(err, &failed) && failed.Kind == kind
}

func TestNoCookieIsKept(t *testing.T) {
	server := crmtest.New(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "SESSION=user-a; Path=/")
		_, _ = fmt.Fprint(w, `{"items":[]}`)
	})
	c := client(t, simple(t, server.URL))
	_, _ = ask(t, c, "a")
	_, _ = ask(t, c, "b")
	if got := server.Asked()[1].Header.Get("Cookie"); got != "" {
		t.Errorf("another customer's cookie: %s", got)
	}
}

func TestTheBreakerCountsTheCRMsHealthOnly(t *testing.T) {
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		opens  bool
	}{
		"500":         {crmtest.Answer(500, ``), true},
		"html":        {crmtest.Answer(200, `<html>`), true},
		"401":         {crmtest.Answer(401, ``), true},
		"truncated":   {crmtest.Raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), true},
		"404":         {crmtest.Answer(404, ``), false},
		"not found":   {crmtest.Answer(404, `{"code":"nobody"}`), false},
		"422":         {crmtest.Answer(422, ``), false},
		"429":         {crmtest.Answer(429, ``), false},
		"error body":  {crmtest.Answer(200, `{"ok":false}`), false},
		"error 500":   {crmtest.Answer(500, `{"ok":false}`), true},
		"wrong shape": {crmtest.Answer(200, `{}`), false},
	} {
		t.Run(name, func(t *testing.T) {
			server := crmtest.New(t, test.answer)
			cfg := simple(t, server.URL)
			cfg.Fail = condition(t, `body.ok == false`)
			cfg.Steps[0].NotFound = condition(t, `body.code == "nobody"`)
			c := client(t, cfg)
			var last *crm.Error
			for range 40 {
				_, last = ask(t, c, "1")
			}
			if opened := kindOf(last) == crm.BreakerOpen; opened != test.opens {
				t.Errorf("open %v, want %v: %v", opened, test.opens, last)
			}
			if test.opens && len(server.Asked()) != 20 {
				t.Errorf("asked %d times before it opened", len(server.Asked()))
			}
		})
	}
}

func TestCallersWhoLeaveDoNotOpenTheBreaker(t *testing.T) {
	arrived := make(chan struct{}, 100)
	server := crmtest.New(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "hangs") {
			arrived <- struct{}{}
			<-r.Context().Done()
			return
		}
		_, _ = fmt.Fprint(w, `{"items":[]}`)
	})
	c := client(t, simple(t, server.URL))
	for range 30 {
		ctx, leave := context.WithCancel(t.Context())
		go func() { <-arrived; leave() }()
		if _, err := c.History(ctx, crm.NewCustomer("hangs")); !isKind(err, crm.Canceled) {
			t.Fatal(err)
		}
	}
	if _, failed := ask(t, c, "1"); failed != nil {
		t.Errorf("after thirty who left: %v", failed)
	}
}

func TestTheCRMIsAskedOnlySoOftenAtOnce(t *testing.T) {
	release, arrived := make(chan struct{}), make(chan struct{}, 10)
	server := crmtest.New(t, func(w http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-release
		_, _ = fmt.Fprint(w, `{"items":[]}`)
	})
	cfg := simple(t, server.URL)
	cfg.Limits.Concurrent = 1
	c := client(t, cfg)
	var first sync.WaitGroup
	first.Go(func() { _, _ = ask(t, c, "1") })
	<-arrived
	if _, failed := ask(t, c, "2"); kindOf(failed) != crm.Busy {
		t.Errorf("%v", failed)
	}
	close(release)
	first.Wait()
}

// TestSlotsCannotEscape sends ids that try to be more than one value in one place.
func TestSlotsCannotEscape(t *testing.T) {
	server := crmtest.New(t, crmtest.Answer(200, `{"items":[]}`))
	cfg := simple(t, server.URL)
	var body crm.JSONBody
	must(t, body.UnmarshalTree(config.Tree{Kind: config.Map, Members: []config.Branch{{Name: "a", Value: config.Tree{Kind: config.Text, Text: "{{ user }}"}}}}))
	cfg.Steps[0] = crm.Step{Name: "history", Request: crm.Request{Post: tmpl(t, "/c/{{ user }}/tx"), Query: params(t, "q", "{{ user }}"), JSON: body, Headers: map[string]crm.Template{"X-User": tmpl(t, "{{ user }}")}}}
	each := map[string]crm.Config{"all": cfg}
	query := simple(t, server.URL)
	query.Steps[0] = crm.Step{Name: "history", Request: crm.Request{Post: tmpl(t, "/tx"), Query: params(t, "q", "{{ user }}"), JSON: body}}
	each["query and body"] = query
	for name, cfg := range each {
		t.Run(name, func(t *testing.T) {
			c := client(t, cfg)
			random := rand.New(rand.NewPCG(1, 2))
			passed := 0
			for range 5000 {
				id := oddID(random)
				server.Forget()
				_, failed := ask(t, c, id)
				asked := server.Asked()
				if failed != nil {
					if failed.Kind != crm.BadCustomer || len(asked) != 0 {
						t.Fatalf("%q: %v, asked %v", id, failed, asked)
					}
					continue
				}
				passed++
				onlyThere(t, id, asked)
			}
			if passed == 0 {
				t.Error("every id was refused")
			}
		})
	}
}

func onlyThere(t *testing.T, id string, asked []crmtest.Request) {
	t.Helper()
	if len(asked) != 1 {
		t.Fatalf("%q: asked %d times", id, len(asked))
	}
	target, err := url.ParseRequestURI(asked[0].URI)
	must(t, err)
	if strings.HasPrefix(target.Path, "/c/") {
		if want := "/c/" + id + "/tx"; target.Path != want || strings.Count(target.EscapedPath(), "/") != 3 {
			t.Fatalf("%q: path %q", id, asked[0].URI)
		}
		if got := asked[0].Header.Values("X-User"); len(got) != 1 || got[0] != id {
			t.Fatalf("%q: header %q", id, got)
		}
	}
	values, err := url.ParseQuery(target.RawQuery)
	must(t, err)
	if len(values) != 1 || len(values["q"]) != 1 || values.Get("q") != id {
		t.Fatalf("%q: query %q", id, target.RawQuery)
	}
	var body map[string]any
	must(t, json.Unmarshal([]byte(asked[0].Body), &body))
	if len(body) != 1 || body["a"] != id {
		t.Fatalf("%q: body %s", id, asked[0].Body)
	}
}

func oddID(random *rand.Rand) string {
	pieces := []string{
		"../", "..", "%2F", "%2e", "\r\nX-Evil: 1", `"`, "'", "\x00", "🙂", "a", "5", "/", `\`, "?", "#", "&q=2", ";", "+", " ",
		"{{ user }}", "${env:HOME}", `","b":"`, "<x>", "\u202e", "é", "\u2028", "=", "@", ":", "\t", "%00", strings.Repeat("z", 4096),
	}
	var id strings.Builder
	for range 1 + random.IntN(4) {
		id.WriteString(pieces[random.IntN(len(pieces))])
	}
	if !utf8.ValidString(id.String()) {
		panic("pieces are texts")
	}
	return id.String()
}

func TestConfigProblems(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*crm.Config)
		place  string
		says   string
	}{
		"no base":          {func(c *crm.Config) { c.BaseURL = crm.Template{} }, "base_url", "missing"},
		"base without //":  {func(c *crm.Config) { c.BaseURL = tmpl(t, "crm.example.ru") }, "base_url", "absolute"},
		"base with a slot": {func(c *crm.Config) { c.BaseURL = tmpl(t, "https://{{ user }}.ru") }, "base_url", "slot"},
		"base with query":  {func(c *crm.Config) { c.BaseURL = tmpl(t, "https://x.ru?a=1") }, "base_url", "only"},
		"no steps":         {func(c *crm.Config) { c.Steps = nil }, "steps", "no step"},
		"no records step":  {func(c *crm.Config) { c.Steps[0].Name = "other" }, "/mapping.records", `"history"`},
		"no method":        {func(c *crm.Config) { c.Steps[0].Get = crm.Template{} }, "steps[0]", "get, post and put"},
		"two methods":      {func(c *crm.Config) { c.Steps[0].Post = tmpl(t, "/x") }, "steps[0].post", "get, post and put"},
		"relative path":    {func(c *crm.Config) { c.Steps[0].Get = tmpl(t, "x") }, "steps[0].get", "begins with /"},
		"query in path":    {func(c *crm.Config) { c.Steps[0].Get = tmpl(t, "/x?a={{ user }}") }, "steps[0].get", "no ?"},
		"unknown slot":     {func(c *crm.Config) { c.Steps[0].Get = tmpl(t, "/x/{{ usr }}") }, "steps[0].get", "usr"},
		"slot of itself":   {func(c *crm.Config) { c.Steps[0].Query = params(t, "a", "{{ history.id }}") }, "steps[0].query.a", "history.id"},
		"two equal names":  {func(c *crm.Config) { c.Steps = append(c.Steps, c.Steps[0]) }, "steps[1].name", "already"},
		"no page param":    {func(c *crm.Config) { c.Steps[0].Pages = &crm.Pages{} }, "steps[0].pages", "param"},
		"short window":     {func(c *crm.Config) { c.Breaker.Window = c.Timeout }, "breaker.window", "too short"},
		"zero limit":       {func(c *crm.Config) { c.Limits.Pages = 0 }, "limits.pages", "at least 1"},
		"two credentials": {func(c *crm.Config) {
			c.Auth = crm.Credentials{Bearer: credential(t, "x"), Basic: &crm.Basic{User: credential(t, "u")}}
		}, "auth.basic", "already set"},
		"header with line break": {func(c *crm.Config) { c.Auth.Bearer = credential(t, "x\r\ny") }, "auth.bearer", "line break"},
		"the connection's header": {func(c *crm.Config) {
			c.Steps[0].Headers = map[string]crm.Template{"Host": tmpl(t, "x")}
		}, "steps[0].headers.Host", "own"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := simple(t, "https://crm.example.ru")
			test.change(&cfg)
			_, err := crm.New(cfg, plan(t), crm.Options{})
			for _, problem := range config.All(err) {
				if problem.Place == test.place && strings.Contains(problem.Error(), test.says) {
					return
				}
			}
			t.Errorf("no problem at %s saying %q in: %v", test.place, test.says, err)
		})
	}
}

func TestACustomerCannotBePrinted(t *testing.T) {
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		if text := fmt.Sprintf(verb, crm.NewCustomer("secret-id")); strings.Contains(text, "secret") {
			t.Errorf("%s prints %s", verb, text)
		}
	}
	if text, _ := json.Marshal(crm.NewCustomer("secret-id")); strings.Contains(string(text), "secret") {
		t.Errorf("JSON holds %s", text)
	}
}
