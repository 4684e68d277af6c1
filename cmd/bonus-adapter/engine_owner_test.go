package main

import (
	"net/http"
	"strings"
	"testing"
)

// TestEngineOwners: an answer that is another customer's is none, also if only one of its records is.
func TestEngineOwners(t *testing.T) {
	const one, all, account = `owner: body.customer`, `owner: "body.items[*].customer"`, `owner: "body.items[*].account?", owner_is: "{{ account.id }}"`
	for name, test := range map[string]struct{ step, answer, want string }{
		"mine":                 {one, `{"customer":"7","items":[{"id":1}]}`, "1"},
		"mine, as a number":    {one, `{"customer":7,"items":[{"id":1}]}`, "1"},
		"another's":            {one, `{"customer":"8","items":[{"id":1}]}`, "! error body"},
		"another's, empty":     {one, `{"customer":"8","items":[]}`, "! error body"},
		"nearly mine":          {one, `{"customer":"07","items":[{"id":1}]}`, "! error body"},
		"not said":             {one, `{"items":[{"id":1}]}`, "! path missing"},
		"null":                 {one, `{"customer":null,"items":[{"id":1}]}`, "! path missing"},
		"a list of customers":  {one, `{"customer":["7","8"],"items":[{"id":1}]}`, "! path missing"},
		"an object":            {one, `{"customer":{"id":7},"items":[{"id":1}]}`, "! path missing"},
		"each mine":            {all, `{"items":[{"id":1,"customer":7},{"id":2,"customer":"7"}]}`, "1 2"},
		"one another's":        {all, `{"items":[{"id":1,"customer":7},{"id":2,"customer":8}]}`, "! error body"},
		"one not said":         {all, `{"items":[{"id":1,"customer":7},{"id":2}]}`, "! path missing"},
		"none":                 {all, `{"items":[]}`, ""},
		"the account's":        {account, `{"items":[{"id":1,"account":"a-7"},{"id":2}]}`, "1 2"},
		"another account's":    {account, `{"items":[{"id":1,"account":"a-8"}]}`, "! error body"},
		"called empty":         {one + ", verdicts: [{ when: body.none == true, then: empty, reason: no_transactions }]", `{"none":true}`, ""},
		"said in a header":     {`owner: "header['X-Customer']"`, `{"items":[{"id":1}]}`, "1"},
		"of another, a header": {`owner: "header['X-Other']"`, `{"items":[{"id":1}]}`, "! error body"},
	} {
		t.Run(name, func(t *testing.T) {
			e := newEngine(t, `steps: [{ name: account, get: "/accounts/{{ user }}", keep: { id: body.id } }, { name: history, get: "/tx/{{ user }}", `+test.step+` }]`, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Customer", "7")
				w.Header().Set("X-Other", "8")
				if strings.Contains(r.URL.Path, "/accounts/") {
					_, _ = w.Write([]byte(`{"id":"a-7"}`))
					return
				}
				_, _ = w.Write([]byte(test.answer))
			})
			if got := e.tellOf(t, "7"); got != test.want || len(e.asked()) != 2 {
				t.Errorf("%q after %d requests, want %q", got, len(e.asked()), test.want)
			}
		})
	}
}
