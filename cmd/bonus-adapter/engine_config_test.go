package main

import (
	"strings"
	"testing"

	"bonus-adapter/config"
)

// TestEngineConfigs: what could never work, or would give a wrong history without a word, is told at load.
func TestEngineConfigs(t *testing.T) {
	const card = `{ name: card, get: /card, keep: { id: body.id, all: "body.cards[*].id" } }, `
	for name, test := range map[string]struct{ section, place, says string }{
		"when of each":        {"steps: [" + card + `{ name: history, each: card.all, when: 'each == "a"', get: "/{{ each }}" }]`, "crm.steps[1].when", "each"},
		"when of a page":      {`steps: [{ name: history, when: page.number == 1, get: /tx, pages: { param: p } }]`, "crm.steps[0].when", "asked once"},
		"when of a window":    {`steps: [{ name: history, when: window.to > now, get: /tx, windows: { span: 1h, back: 2h }, query: { to: '{{ format(window.to, "unix") }}' } }]`, "crm.steps[0].when", "asked once"},
		"when of a token":     {`auth: { login: { post: /l, token: body.t } }` + "\n" + `steps: [{ name: history, when: auth.token == "a", get: /tx }]`, "crm.steps[0].when", "asked once"},
		"each not named":      {"steps: [" + card + "{ name: history, each: card.all, get: /tx }]", "crm.steps[1].each", "does not name"},
		"each of a value":     {"steps: [" + card + `{ name: history, each: card.id, get: "/{{ each }}" }]`, "crm.steps[1].each", "card.all"},
		"window not named":    {"steps: [{ name: history, get: /tx, windows: { span: 1h, back: 2h } }]", "crm.steps[0].windows", "names neither"},
		"half a window":       {`steps: [{ name: history, get: /tx, windows: { span: 1h }, query: { to: '{{ format(window.to, "unix") }}' } }]`, "crm.steps[0].windows", "both"},
		"too many windows":    {`steps: [{ name: history, get: /tx, windows: { span: 1h, back: 51h }, query: { to: '{{ format(window.to, "unix") }}' } }]`, "crm.steps[0].windows", "51"},
		"keep with windows":   {`steps: [{ name: history, get: /tx, keep: { a: body.a }, windows: { span: 1h, back: 2h }, query: { to: '{{ format(window.to, "unix") }}' } }]`, "crm.steps[0].keep.a", "many times"},
		"keep with each":      {"steps: [" + card + `{ name: history, each: card.all, get: "/{{ each }}", keep: { a: body.a } }]`, "crm.steps[1].keep.a", "many times"},
		"a list with pages":   {`steps: [{ name: history, get: /tx, keep: { a: "body.items[*].id" }, pages: { param: p } }]`, "crm.steps[0].keep.a", "first page"},
		"total and more":      {paged("get: /tx", "{ param: p, total: body.t, more: body.m }"), "crm.steps[0].pages", "keep one"},
		"total and a cursor":  {paged("get: /tx", "{ param: p, total: body.t, cursor: body.c }"), "crm.steps[0].pages.total", "no next one"},
		"cursor and next":     {paged("get: /tx", "{ param: p, next: body.t, cursor: body.c }"), "crm.steps[0].pages", "keep one"},
		"page nowhere":        {paged("get: /tx", "{ total: body.t }"), "crm.steps[0].pages", "param is missing"},
		"parallel over all":   {"limits: { concurrent: 8 }\nsteps: [{ name: history, get: /tx, parallel: 9 }]", "crm.steps[0].parallel", "limits.concurrent"},
		"weight over rate":    {"rate: { requests: 2 }\nsteps: [{ name: history, get: /tx, weight: 3 }]", "crm.steps[0].weight", "never fits"},
		"constant not found":  {"steps: [{ name: shop, get: /s, keep_for: 1h, keep: { a: body.a }, not_found: status == 404 }, { name: history, get: /tx }]", "crm.steps[0].not_found", "no customer"},
		"constant of a user":  {`steps: [{ name: shop, get: "/s/{{ user }}", keep_for: 1h, keep: { a: body.a } }, { name: history, get: /tx }]`, "crm.steps[0].get", "same for every customer"},
		"constant below user": {"base_url: CRM/{{ user }}\nsteps: [{ name: shop, get: /s, keep_for: 1h, keep: { a: body.a } }, { name: history, get: /tx }]", "crm.steps[0].keep_for", "base_url"},
		"login below user":    {"base_url: CRM/{{ user }}\nauth: { login: { post: /l, token: body.t } }\n" + oneStep, "crm.auth.login.base_url", "missing"},
		"login below token":   {"base_url: CRM/{{ auth.token }}\nauth: { login: { post: /l, token: body.t } }\n" + oneStep, "crm.auth.login.base_url", "missing"},
		"login of a user":     {`auth: { login: { post: /l, json: { a: "{{ user }}" }, token: body.t } }` + "\n" + oneStep, "crm.auth.login.json.a", "same for every customer"},
		"two lives":           {"auth: { login: { post: /l, token: body.t, expires_in: body.a, expires_at: body.b } }\n" + oneStep, "crm.auth.login.expires_at", "keep one"},
		"host with a port":    {"auth: { login: { post: /l, token: body.t }, host: { at: body.u, allow: [\"crm.example.com:8443\"] } }\n" + oneStep, "crm.auth.host.allow[0]", "not the name"},
		"host of a country":   {"auth: { login: { post: /l, token: body.t }, host: { at: body.u, allow: [\"*.ru\"] } }\n" + oneStep, "crm.auth.host.allow[0]", "not the name"},
		"host too deep":       {"auth: { oauth2: { token_url: CRM/t, client_id: a, client_secret: b }, host: { at: body.a.u, allow: [crm.example.com] } }\n" + oneStep, "crm.auth.host.at", "at the top"},
		"host of nobody":      {"auth: { host: { at: body.u, allow: [crm.example.com] } }\n" + oneStep, "crm.auth.host", "no login"},
		"two logins":          {"auth: { login: { post: /l, token: body.t }, oauth2: { token_url: CRM/t, client_id: a, client_secret: b } }\n" + oneStep, "crm.auth", "keep one"},
		"a broken header":     {"headers: { X-A: \"a\\nb\" }\n" + oneStep, "crm.headers.X-A", "line break"},
		"owner of nobody":     {`steps: [{ name: history, get: /tx, owner: body.id, owner_is: "7" }]`, "crm.steps[0].owner_is", "same for every"},
		"owner of a page":     {`steps: [{ name: history, get: /tx, owner: body.id, owner_is: "{{ page.number }}", pages: { param: p } }]`, "crm.steps[0].owner_is", "same for every"},
		"owner nowhere":       {`steps: [{ name: history, get: /tx, owner_is: "{{ user }}" }]`, "crm.steps[0].owner_is", "owner is missing"},
		"owner of a constant": {"steps: [{ name: shop, get: /s, keep_for: 1h, keep: { a: body.a }, owner: body.id }, { name: history, get: /tx }]", "crm.steps[0].owner", "no customer"},
		"owner misspelt":      {`steps: [{ name: history, get: /tx, owner: body.id, owner_is: "{{ usr }}" }]`, "crm.steps[0].owner_is", "usr"},
		"not a verdict":       {"verdicts: [{ when: status == 1, then: repeat }]\n" + oneStep, "crm.verdicts[0].then", "repeat"},
		"not its reason":      {"verdicts: [{ when: status == 1, then: empty, reason: crm_auth }]\n" + oneStep, "crm.verdicts[0].reason", "crm_auth"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tryEngine("http://127.0.0.1:1", "history.items", test.section)
			for _, problem := range config.All(err) {
				if problem.Place == test.place && strings.Contains(problem.Error(), test.says) {
					return
				}
			}
			t.Errorf("no problem at %s that says %q in: %v", test.place, test.says, err)
		})
	}
}

// TestEngineConfigsSayOneThing: a misspelt name is told, and nothing that only follows from it.
func TestEngineConfigsSayOneThing(t *testing.T) {
	const card = `{ name: card, get: /card, keep: { all: "body.cards[*].id" } }, `
	for name, section := range map[string]string{
		"each":   "steps: [" + card + `{ name: history, each: card.all, get: "/{{ ech }}" }]`,
		"window": `steps: [{ name: history, get: /tx, windows: { span: 1h, back: 2h }, query: { to: '{{ format(window.too, "unix") }}' } }]`,
		"when":   `steps: [{ name: history, get: /tx, when: usr == "a" }]`,
	} {
		if _, err := tryEngine("http://127.0.0.1:1", "history.items", section); len(config.All(err)) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
}
