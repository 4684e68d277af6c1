package main

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/document"
	"bonus-adapter/mapping"
)

// auditRules are all the rules, by number. A number is never used again for something else.
func auditRules() []auditRule {
	return []auditRule{
		{"A01", severityHigh, findPlainHTTP},
		{"A02", severityHigh, findLiteralSecrets},
		{"A03", severityHigh, findWeakKeys},
		{"A04", severityHigh, findPersonalTexts},
		{"A05", severityMedium, findNoCases},
		{"A06", severityMedium, findNoIDKey},
		{"A07", severityMedium, findSecretsInQueries},
		{"A08", severityMedium, findNoBreaker},
		{"A09", severityMedium, findLongBudget},
		{"A10", severityMedium, findWholeBudgetForOne},
		{"A11", severityMedium, findOldAnswers},
		{"A12", severityMedium, findTolerance},
		{"A13", severityMedium, findCatchAll},
		{"A14", severityMedium, findOptionalAmounts},
		{"A15", severityMedium, findUnanswered},
		{"A16", severityLow, findNoRate},
		{"A17", severityLow, findNoUnknownCustomer},
		{"A18", severityLow, findNoTimes},
		{"A19", severityLow, findNoLimit},
		{"A20", severityHigh, findNoCustomer},
	}
}

var urlPlaces = regexp.MustCompile(`^crm\.(base_url|steps\[\d+\]\.base_url|auth\.login\.base_url|auth\.oauth2\.token_url)$`)

func findPlainHTTP(a *audited) {
	for _, text := range a.texts(urlPlaces) {
		address, err := url.Parse(text.resolved)
		if err != nil || address.Scheme != "http" {
			continue
		}
		if host := address.Hostname(); host == "localhost" || strings.HasPrefix(host, "127.") || host == "::1" {
			continue
		}
		a.note(text.place, "use https://; if the CRM has no certificate of a public authority, trust its own with crm.tls.ca",
			"requests go over http://: whoever is on the way reads the CRM's key and the customers' histories")
	}
}

var secretPlaces = regexp.MustCompile(`^(adapter\.(keys\[\d+\]|id_key)|crm\.auth\.(bearer|basic\.password|headers\..*|query\..*|login\.basic\.password|oauth2\.(client_secret|password|refresh_token))|crm\.(tls\.key|proxy)|crm\.values\..*(key|secret|token|password).*|crm\.auth\.login\.(json|form)\..*(?i:pass|secret|token|key).*)$`)

func findLiteralSecrets(a *audited) {
	for _, text := range a.texts(secretPlaces) {
		if !text.refers() {
			a.note(text.place, "write ${env:NAME} or ${file:/run/secrets/name}, and give the CRM or Imshop a new one: this one was written down",
				"a secret stands in the file itself: whoever reads the file or its history has it")
		}
	}
}

// shortestKey is how long a key must be that nobody is to guess: 128 bits in hexadecimal digits are 32, in base64 22.
const shortestKey = 16

func findWeakKeys(a *audited) {
	for i, key := range a.whole.Adapter.Keys {
		if text := key.Reveal(); key.Resolved() && (len(text) < shortestKey || distinctRunes(text) < shortestKey/2) {
			a.note(config.Index("adapter.keys", i), "make one that nobody can guess: openssl rand -hex 32",
				"the key is short or simple: whoever guesses it reads every customer's history")
		}
	}
}

func distinctRunes(text string) int {
	seen := map[rune]bool{}
	for _, c := range text {
		seen[c] = true
	}
	return len(seen)
}

// personal are keys under which CRMs keep what is personal, or meant for the staff only.
var personal = regexp.MustCompile(`(?i)(^|[._])(e?mail|phone|tel|first_?name|last_?name|full_?name|surname|patronymic|birth\w*|passport|card_?number|internal\w*|notes?|memo|staff\w*|manager\w*|operator\w*|cashier\w*|employee\w*|фио|телефон|имя|фамилия|отчество|паспорт|примечание|заметка)$`)

func findPersonalTexts(a *audited) {
	for name, field := range a.whole.Mapping.Fields {
		if !slices.ContainsFunc(field.At, func(at document.Path) bool { return isPersonal(at.String()) }) {
			continue
		}
		for _, use := range a.shownTexts() {
			if wordIn(use.written, name) {
				a.note(use.place, "show a description that the CRM has for customers, or a text by kind",
					"customers read the field %s, which is personal or meant for the staff by its path", name)
			}
		}
	}
}

var shownPlaces = regexp.MustCompile(`^mapping\.(entry\.definitionMessage|rules\[\d+\]\.text|kinds\.\w+\..*)$`)

func (a *audited) shownTexts() []placedText { return a.texts(shownPlaces) }

// ofThings are words by which a name is that of a shop or a product.
var ofThings = regexp.MustCompile(`(?i)unit|store|shop|org|branch|product|brand|магазин|товар`)

func isPersonal(path string) bool {
	return personal.MatchString(camelParted(path)) && !ofThings.MatchString(path)
}

var camel = regexp.MustCompile(`([\p{Ll}\d])(\p{Lu})`)

func camelParted(text string) string { return camel.ReplaceAllString(text, "${1}_${2}") }

func wordIn(text, word string) bool {
	return slices.Contains(strings.FieldsFunc(text, func(r rune) bool { return !wordRune(r) && r != '_' }), word)
}

func findNoCases(a *audited) {
	if !a.cases {
		a.note("mapping", "bonus-adapter explain USER --record tests/first writes one from a live answer, init --sample from a recorded one",
			"there is no folder %s beside the config: nothing tells when the CRM or the config changes what customers see", casesFolder)
	}
}

func findNoIDKey(a *audited) {
	if a.whole.Adapter.IDKey.IsZero() {
		a.note("adapter", "id_key: ${env:ID_KEY}, with the same value in every process and at every start",
			"without id_key a customer has another name in the log after every start: support cannot follow one")
	}
}

var queryPlaces = regexp.MustCompile(`^crm\.(auth\.query\..*|steps\[\d+\]\.query\..*)$`)

func findSecretsInQueries(a *audited) {
	for _, text := range a.texts(queryPlaces) {
		if strings.HasPrefix(text.place, "crm.auth.query") || secretReference.MatchString(text.written) {
			a.note(text.place, "send it as a header (crm.auth.headers), if the CRM takes it there",
				"a secret goes in the URL: it ends up in the logs of the CRM and of every proxy on the way")
		}
	}
}

var secretReference = regexp.MustCompile(`(?i)\$\{(env|file):[^}]*(key|token|secret|pass)[^}]*\}|values\.\w*(key|token|secret|pass)`)

func findNoBreaker(a *audited) {
	breaker := a.whole.CRM.Breaker
	if breaker.Failures >= 1 || breaker.Requests > 1000 {
		a.note("crm.breaker", "leave it at its defaults: failures: 50%, requests: 20",
			"the breaker hardly ever opens: a CRM that is down is asked again for every customer, and each of them waits")
	}
}

// longestBudget is more than an app waits for a screen.
const longestBudget = 10 * time.Second

func findLongBudget(a *audited) {
	if budget := time.Duration(a.whole.Adapter.Budget); budget > longestBudget {
		a.note("adapter.budget", "5s or less: a customer who waits longer has left the screen",
			"%s is longer than an app waits: Imshop gives up first, and nothing tells why", budget)
	}
}

func findWholeBudgetForOne(a *audited) {
	budget, timeout := time.Duration(a.whole.Adapter.Budget), time.Duration(a.whole.CRM.Timeout)
	if timeout*2 > budget {
		a.note("crm.timeout", "at most half of adapter.budget, so that there is time for one more request",
			"one request may take %s of the %s that the whole answer has: a second one, or a second attempt, has no time", timeout, budget)
	}
}

// longestKept are how old an answer may get without anybody noticing.
const longestKept = 10 * time.Minute

func findOldAnswers(a *audited) {
	cache := a.whole.Adapter.Cache
	if oldest := time.Duration(cache.TTL) + time.Duration(cache.StaleIfError); cache.Store != "off" && oldest > longestKept {
		place := "adapter.cache.ttl"
		if time.Duration(cache.StaleIfError) > time.Duration(cache.TTL) {
			place = "adapter.cache.stale_if_error"
		}
		a.note(place, "ttl and stale_if_error of 10m or less together",
			"an answer may be %s old: a customer who has just paid with points still sees them", oldest)
	}
}

func findTolerance(a *audited) {
	if share := a.whole.Mapping.MaxUnreadable; share > 0.5 && a.whole.Mapping.OnUnreadable != "fail" {
		a.note("mapping.max_unreadable", "20% or less",
			"up to %s of a history may be left out before it counts as broken: a change of the CRM's format goes unnoticed", share)
	}
	if a.whole.CRM.OnPartial == "newest" {
		a.note("crm.on_partial", "nothing, unless customers only care for the newest transactions",
			"a history that breaks off is shown as if it were whole")
	}
}

func findCatchAll(a *audited) {
	if len(a.whole.Mapping.Rules) < 2 {
		return
	}
	for i, rule := range a.whole.Mapping.Rules {
		one := firstOf(rule.Added, rule.Expired)
		checksItself := rule.Added != "" && rule.Expired != "" || strings.HasPrefix(one, "-") // or is unreadable
		if rule.When == "" && !rule.Skip && !checksItself {
			a.note(config.Index("mapping.rules", i), "say which records are meant: when: type == \"…\"; the others are counted as unmatched",
				"this rule takes every record that is left: a kind that the CRM introduces tomorrow becomes points without anybody noticing")
		}
	}
}

func findOptionalAmounts(a *audited) {
	for name, field := range a.whole.Mapping.Fields {
		if field.As == "decimal" && field.Optional && a.isOnlyAmount(name) {
			a.note(config.Member("mapping.fields", name)+".optional", "leave optional out: a record without its amount is then told as unreadable",
				"a record without %s counts as one of no points, and is skipped in silence", name)
		}
	}
}

// isOnlyAmount tells whether a rule or kind gives the points of this field alone.
func (a *audited) isOnlyAmount(name string) bool {
	alone := func(expression string) bool {
		return slices.Contains([]string{name, "-" + name, "abs(" + name + ")"}, strings.TrimSpace(expression))
	}
	return alone(a.whole.Mapping.Kinds.Amount) || slices.ContainsFunc(a.whole.Mapping.Rules, func(rule mapping.Rule) bool {
		return alone(rule.Added) && rule.Expired == "" || alone(rule.Expired) && rule.Added == ""
	})
}

func findUnanswered(a *audited) {
	for i, line := range a.file.lines {
		if _, comment, found := strings.Cut(line, "#"); found && strings.Contains(comment, "ASK:") {
			a.noteLine(i+1, "answer it, and take the mark away", "init has left a question: "+strings.TrimSpace(comment))
		}
	}
}

// noteLine notes what was found on a line.
func (a *audited) noteLine(number int, hint, message string) {
	problem := a.found.Add("", "%s", message)
	problem.Hint = hint
	a.file.pin(problem, position{number, 1 + strings.Index(a.file.line(number), "ASK:")})
}

func findNoRate(a *audited) {
	if a.whole.CRM.Rate.Requests == 0 {
		a.note("crm", "rate: { requests: 10, per: 1s }, or what the vendor allows",
			"no rate is set: on a busy evening the app may use up what the vendor allows the whole shop")
	}
}

func findNoUnknownCustomer(a *audited) {
	for _, step := range a.whole.CRM.Steps {
		if !step.NotFound.IsZero() || len(step.Verdicts) > 0 {
			return
		}
	}
	if len(a.whole.CRM.Verdicts) == 0 {
		a.note("crm.steps", "tell it by the answer: not_found: status == 404 and body.code == \"customer_not_found\"",
			"no step tells that the CRM does not know a customer: each of them looks like a failure of the CRM")
	}
}

func findNoTimes(a *audited) {
	if strings.TrimSpace(a.whole.Mapping.Entry.ActivationDate) == "" {
		a.note("mapping.entry", "activationDate: the time of the transaction",
			"entries have no time: the app cannot sort them, and neither can the adapter")
	}
}

func findNoLimit(a *audited) {
	if a.whole.Mapping.Limit == 0 {
		a.note("mapping", "limit: 200, the newest ones",
			"there is no limit: a customer of ten years gets thousands of entries on a phone")
	}
}

var (
	crmPlaces  = regexp.MustCompile(`^crm\.`)
	slotOfUser = regexp.MustCompile(`\{\{[^}]*\buser\b`)
)

func findNoCustomer(a *audited) {
	named := func(text placedText) bool { return slotOfUser.MatchString(text.written) }
	if !slices.ContainsFunc(a.texts(crmPlaces), named) {
		a.note("crm.steps", "write {{ user }} where the CRM expects the customer's id: get: /customers/{{ user }}/bonuses",
			"no request names the customer: everybody is shown the same history")
	}
}
