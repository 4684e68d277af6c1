package main

// wholeConfig is a config of many keys that works; the corpus breaks one thing of it at a time.
const wholeConfig = `adapter:
  listen: 127.0.0.1:8080
  path: /bonus-history
  keys: ["${env:IRP_KEY}"]
  budget: 4s
  limits: { body: 64KiB, concurrent: 256 }
  cache: { store: memory, ttl: 1m }
crm:
  base_url: https://crm.example.ru/api
  values: { shop: main }
  auth:
    headers: { X-Key: "${env:CRM_KEY}" }
  fail: body.success == false
  verdicts:
    - { when: status == 503, then: retry }
  timeout: 2s
  rate: { requests: 10, per: 1s }
  retry: { attempts: 2, wait: 200ms }
  breaker: { window: 1m, requests: 20, failures: 50%, open: 10s, probes: 3 }
  steps:
    - name: account
      get: /accounts
      query: { "filter[id]": "{{ user }}", shop: "{{ values.shop }}" }
      not_found: len(body.accounts) == 0
      keep: { id: "body.accounts[0].id" }
    - name: history
      get: /accounts/{{ account.id }}/operations
      query: { limit: 100 }
      pages: { param: page, last: body.meta.totalPages }
mapping:
  records: history.data.items
  fields:
    code:    { at: type }
    amount:  { at: amount, as: decimal }
    created: { at: createdAt, as: time, zone: Europe/Moscow }
    expires: { at: expiresAt, as: date, zone: Europe/Moscow, optional: true }
    comment: { at: info.comment, optional: true }
    void:    { at: void, as: bool, optional: true }
  rules:
    - { when: void, skip: true }
    - { when: amount >= 0, added: amount }
    - { when: amount < 0, expired: -amount }
  entry:
    definitionMessage: comment ?? "Бонусы"
    activationDate: created
    expirationDate: expires
  limit: 200
  on_unreadable: skip
  max_unreadable: 10%
`

// breakage replaces a part of wholeConfig, which is there once. A ‸ stands where each problem is to be told.
type breakage struct{ old, new string }

// breakages are mistakes that integrators make, in every section: wrong keys, values, paths, expressions, references,
// and YAML that does not mean what it looks like.
func breakages() []breakage {
	return []breakage{
		// The two traps of YAML: a path with brackets inside { }, and a value that begins with [.
		{`keep: { id: "body.accounts[0].id" }`, `keep: { id: body.accounts‸[0].id }`},
		{`definitionMessage: comment ?? "Бонусы"`, `definitionMessage: [comment] ‸?? "Бонусы"`},
		{`{ when: void, skip: true }`, `{ when: code in ‸["A", "B"], skip: true }`},
		{`query: { "filter[id]": "{{ user }}", shop`, `query: { filter‸[id]: "{{ user }}", shop`},
		{`shop: "{{ values.shop }}" }`, `shop: {‸{ values.shop }} }`},
		{`keys: ["${env:IRP_KEY}"]`, `keys: [$‸{env:IRP_KEY}]`},
		{`keys: ["${env:IRP_KEY}"]`, `keys: ‸"${env:IRP_KEY}"`},
		// Keys.
		{`  budget: 4s`, `  ‸budjet: 4s`},
		{`  listen: 127`, `  ‸lisen: 127`},
		{`body: 64KiB`, `‸bodi: 64KiB`},
		{`store: memory`, `‸stor: memory`},
		{`  timeout: 2s`, `  ‸time_out: 2s`},
		{`requests: 10,`, `‸request: 10,`},
		{`attempts: 2`, `‸attempt: 2`},
		{`failures: 50%`, `‸failure: 50%`},
		{`      not_found: len`, `      ‸notfound: len`},
		{`param: page`, `‸parm: page`},
		{`then: retry`, `‸than: retry`},
		{`as: date, zone`, `as: date, ‸zome`},
		{`  limit: 200`, `  ‸limits: 200`},
		{`  on_unreadable: skip`, `  ‸on_unreadble: skip`},
		{`    expirationDate: expires`, `    ‸expiration_date: expires`},
		{`skip: true }`, `skip: true, ‸comment: x }`},
		{`  budget: 4s`, "  budget: 4s\n  ‸budget: 5s"},
		{`  budget: 4s`, "  budget: 4s\n  ‸<<: { path: /x }"},
		// Values of the wrong kind.
		{`budget: 4s`, `budget: ‸4`},
		{`budget: 4s`, `budget: ‸-4s`},
		{`budget: 4s`, `budget: ‸forever`},
		{`budget: 4s`, `‸budget:`},
		{`body: 64KiB`, `body: ‸64kb`},
		{`concurrent: 256`, `concurrent: ‸many`},
		{`concurrent: 256`, `concurrent: ‸"256"`},
		{`concurrent: 256`, `concurrent: ‸0x10`},
		{`concurrent: 256`, `concurrent: ‸0`},
		{`store: memory`, `store: ‸memroy`},
		{`ttl: 1m`, `ttl: ‸1 minute`},
		{`failures: 50%`, `failures: ‸0.5`},
		{`failures: 50%`, `failures: ‸150%`},
		{`max_unreadable: 10%`, `max_unreadable: ‸10`},
		{`limit: 200`, `limit: ‸-1`},
		{`on_unreadable: skip`, `on_unreadable: ‸skp`},
		{`skip: true }`, `skip: ‸yes }`},
		{`optional: true }
    comment`, `optional: ‸"true" }
    comment`},
		{`path: /bonus-history`, `path: ‸bonus-history`},
		{`listen: 127.0.0.1:8080`, `listen: ‸8080`},
		{"  rules:\n    - { when: void, skip: true }\n    - { when: amount >= 0, added: amount }\n    - { when: amount < 0, expired: -amount }\n", "  rules:\n    ‸when: void\n"},
		// References.
		{`"${env:CRM_KEY}"`, `‸"${env:}"`},
		{`"${env:CRM_KEY}"`, `‸"${CRM_KEY}"`},
		{`"${env:CRM_KEY}"`, `"Key ‸${evn:CRM_KEY}"`},
		{`"${env:CRM_KEY}"`, `‸"${env:CRM_KEY"`},
		// Requests and slots.
		{`base_url: https://crm.example.ru/api`, `base_url: ‸crm.example.ru/api`},
		{`base_url: https://crm.example.ru/api`, `base_url: ‸ftp://crm.example.ru/api`},
		{`{{ account.id }}`, `{{ ‸acount.id }}`},
		{`{{ account.id }}`, `{{ ‸account.idd }}`},
		{`{{ account.id }}`, `‸{{ account.id }`},
		{`"{{ values.shop }}"`, `"{{ ‸values.shp }}"`},
		{`"{{ user }}"`, `"{{ ‸usr }}"`},
		{`"{{ user }}"`, `"{{ ‸uper(user) }}"`},
		{`"{{ user }}"`, `"{{ user +‸ }}"`},
		{`      get: /accounts
`, "      get: /accounts\n      post: ‸/accounts\n"},
		{`      pages: { param: page, last: body.meta.totalPages }
`, "      pages: { param: page, last: body.meta.totalPages }\n    - { name: ‸account, get: /x }\n"},
		{`last: body.meta.totalPages`, `last: ‸meta.totalPages`},
		{`last: body.meta.totalPages`, `last: body.meta.‸.totalPages`},
		// Conditions.
		{`fail: body.success == false`, `fail: body.success ‸= false`},
		{`fail: body.success == false`, `fail: ‸succes == false`},
		{`fail: body.success == false`, `fail: body.success == ‸flase`},
		{`not_found: len(body.accounts) == 0`, `not_found: ‸lenght(body.accounts) == 0`},
		{`not_found: len(body.accounts) == 0`, `not_found: len(body.accounts == 0‸`},
		{`when: status == 503`, `when: ‸statsu == 503`},
		{`then: retry`, `then: ‸retyr`},
		// The mapping.
		{`records: history.data.items`, `records: ‸histori.data.items`},
		{`records: history.data.items`, `records: history.‸[0.items`},
		{`code:    { at: type }`, `code:    ‸{ as: text }`},
		{`code:    { at: type }`, `code:    { at: type.‸.code }`},
		{`as: decimal`, `as: ‸decimel`},
		{`as: decimal`, `as: decimal, zone: ‸Europe/Moscow`},
		{`as: time, zone: Europe/Moscow`, `as: time, zone: ‸Europe/Moskow`},
		{`as: time, zone: Europe/Moscow`, `as: time, layout: ‸DD.MM.YYYY`},
		{`{ at: expiresAt, as: date, zone: Europe/Moscow, `, `‸{ at: expiresAt, as: date, `},
		{`when: void, skip`, `when: ‸viod, skip`},
		{`when: void, skip`, `when: code == ‸5, skip`},
		{`added: amount }`, `added: ‸amuont }`},
		{`added: amount }`, `added: ‸comment }`},
		{`- { when: void, skip: true }`, `- ‸{ when: void, skip: true, added: amount }`},
		{`expired: -amount }`, `expired: -amount, text: "{{ ‸ordr }}" }`},
		{`comment ?? "Бонусы"`, `comment ?? ‸Бонусы`},
		{`comment ?? "Бонусы"`, `‸coment ?? "Бонусы"`},
		{`activationDate: created`, `activationDate: ‸comment`},
		{`activationDate: created`, `activationDate: created ??‸`},
		// YAML itself.
		{`  budget: 4s`, "‸\tbudget: 4s"},
		{`  timeout: 2s`, "   ‸timeout: 2s"},
		{`definitionMessage: comment ?? "Бонусы"`, `definitionMessage: ‸"Бонусы`},
		{`code:    { at: type }`, `code:    ‸{ at: type`},
		{`fail: body.success == false`, `fail: ‸!body.success`},
		{`when: void, skip: true }`, `when: code == "A" ? void ‸: void, skip: true }`},
		{`rate: { requests: 10, per: 1s }`, `rate: {‸requests:10, per: 1s }`},
		{`param: page,`, `‸param:page,`},
	}
}
