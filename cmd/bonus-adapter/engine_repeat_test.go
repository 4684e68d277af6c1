package main

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"bonus-adapter/crm"
	"bonus-adapter/crm/crmtest"
)

const (
	getStep        = "steps: [{ name: history, get: /tx }]"
	postStep       = "steps: [{ name: history, post: /tx }]"
	idempotentStep = "steps: [{ name: history, post: /tx, idempotent: true }]"
)

// TestEngineRepeatsWhatMayPass without a word in the config, and nothing else.
func TestEngineRepeatsWhatMayPass(t *testing.T) {
	never := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	soon := func(code string) http.HandlerFunc { return withHeader("X-Wait", "20", replies(code)) }
	const waits = "rate: { retry_after: { header: X-Wait, unit: ms } }\n"
	for name, test := range map[string]struct {
		section string
		answer  http.HandlerFunc
		want    string
		calls   int
	}{
		"B6 500":                        {getStep, replies("500!"), "! status", 1},
		"B6 501":                        {getStep, replies("501!"), "! status", 1},
		"B6 502":                        {getStep, replies("502!<html>"), "! status", 2},
		"B6 503":                        {getStep, replies("503!"), "! status", 2},
		"B6 504":                        {getStep, replies("504!"), "! status", 2},
		"B6 505":                        {getStep, replies("505!"), "! status", 1},
		"B7 503, then good":             {getStep, replies("503!", page("1")), "1", 2},
		"B7 503 twice, then good":       {getStep, replies("503!", "503!", page("1")), "! status", 2},
		"503, a POST":                   {postStep, replies("503!"), "! status", 1},
		"503, a POST that only asks":    {idempotentStep, replies("503!"), "! status", 2},
		"503, never again":              {"retry: { attempts: 1 }\n" + getStep, replies("503!"), "! status", 1},
		"503, a verdict says fail":      {"verdicts: [{ when: status == 503, then: fail, reason: crm_rate_limited }]\n" + getStep, replies("503!"), "! rate limited", 1},
		"503, fail holds":               {"fail: body.e == 1\n" + getStep, replies(`503!{"e":1}`), "! error body", 1},
		"B2 400":                        {getStep, replies("400!"), "! status", 1},
		"B2 422":                        {getStep, replies("422!"), "! status", 1},
		"B10 an error in a 200":         {"fail: body.e == 1\n" + getStep, replies(`{"e":1}`), "! error body", 1},
		"B9 html":                       {getStep, replies(`<html>`), "! decode failed", 1},
		"B5 429 with a time":            {waits + getStep, soon("429!"), "! rate limited", 2},
		"B5 429 with a time, a POST":    {waits + postStep, soon("429!"), "! rate limited", 1},
		"B5 429 without":                {getStep, replies("429!"), "! rate limited", 1},
		"B5 429 too late":               {getStep, withHeader("Retry-After", "3600", replies("429!")), "! rate limited", 1},
		"B5 429, a negative time":       {getStep, withHeader("Retry-After", "-1", replies("429!")), "! rate limited", 1},
		"B5 429, a garbled time":        {getStep, withHeader("Retry-After", "soon", replies("429!")), "! rate limited", 1},
		"A7 closed, nothing said":       {getStep, crmtest.Raw(""), "! unreachable", 2},
		"A7 closed, a POST":             {postStep, crmtest.Raw(""), "! unreachable", 1},
		"A7 closed, a POST that asks":   {idempotentStep, crmtest.Raw(""), "! unreachable", 2},
		"closed in the headers":         {getStep, crmtest.Raw("HTTP/1.1 200 OK\r\nConte"), "! unreachable", 1},
		"A13 closed in the body":        {getStep, crmtest.Raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), "! unreachable", 1},
		"no http":                       {getStep, crmtest.Raw("SSH-2.0-OpenSSH_9\r\n"), "! unreachable", 1},
		"A9 too slow":                   {"timeout: 100ms\n" + getStep, never, "! timeout", 1},
		"A9 too slow, and asked for":    {"timeout: 100ms\nretry: { timeouts: true }\n" + getStep, never, "! timeout", 2},
		"A9 too slow, a POST":           {"timeout: 100ms\nretry: { timeouts: true }\n" + postStep, never, "! timeout", 1},
		"B14 redirected":                {getStep, redirectTo("/tx"), "! status", 1},
		"B14 redirected to another one": {getStep, redirectTo("http://other.example/tx"), "! host refused", 1},
	} {
		t.Run(name, func(t *testing.T) {
			newEngine(t, test.section, test.answer).expect(t, test.want, test.calls)
		})
	}
}

// TestEngineRepeatsAConnection that was refused, whatever the request: nothing of it was sent.
func TestEngineRepeatsAConnection(t *testing.T) {
	for _, step := range []string{getStep, postStep} {
		_, err := engineClient(t, "http://127.0.0.1:1", "history.items", step).History(t.Context(), crm.NewCustomer("1"))
		var failed *crm.Error
		if !errors.As(err, &failed) || failed.Kind != crm.Unreachable || failed.Calls != 2 {
			t.Errorf("%s: %v after %d calls", step, err, failed.Calls)
		}
	}
}

// TestEngineKeptConnections: a CRM that closes each connection just after its answer, without a word. Whoever asks next
// must not notice, and the CRM sees every request once.
func TestEngineKeptConnections(t *testing.T) {
	body := page("1")
	e := newEngine(t, "retry: { attempts: 1 }\n"+getStep, crmtest.Raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "+fmt.Sprint(len(body))+"\r\n\r\n"+body))
	for range 100 {
		if got := e.tell(t); got != "1" {
			t.Fatal(got)
		}
	}
	if asked := len(e.crm.Asked()); asked != 100 {
		t.Errorf("the CRM was asked %d times", asked)
	}
}
