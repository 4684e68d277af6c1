package redact_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"bonus-adapter/cmd/bonus-adapter/redact"
)

func TestText(t *testing.T) {
	var r redact.Redactor
	r.Add("hunter2/&\"", "${env:TOKEN}")
	r.Add("shop", "${env:SITE}")
	r.AddCustomer("+7 (900) 123-45-67", "[customer]")
	r.AddCustomer("", "[customer]")
	for text, want := range map[string]string{
		"a hunter2/&\" b":                "a ${env:TOKEN} b",
		"/x?k=hunter2%2F%26%22&s=shop":   "/x?k=${env:TOKEN}&s=${env:SITE}",
		`{"k":"hunter2/\u0026\"","s":1}`: `{"k":"${env:TOKEN}","s":1}`,
		"<k>hunter2/&amp;&#34;</k>":      "<k>${env:TOKEN}</k>",
		"aHVudGVyMi8mIg==":               "${env:TOKEN}",
		"workshop, shops, shop.":         "workshop, shops, ${env:SITE}.",
		"+7 (900) 123-45-67 79001234567": "[customer] [customer]",
		"89001234567 9001234567":         "[customer] [customer]",
		"%2B7+%28900%29+123-45-67":       "[customer]",
		"nothing":                        "nothing",
	} {
		if got := r.Text(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	var short redact.Redactor
	short.AddCustomer("42", "12345")
	if got := short.Text(`{"id":42,"sum":420,"of":"42","x":1.42}`); got != `{"id":12345,"sum":420,"of":"12345","x":1.12345}` {
		t.Error(got)
	}
}

// FuzzText: whatever is replaced in whatever, nothing panics, and a long secret does not stay where it was.
func FuzzText(f *testing.F) {
	f.Add("a secret-secret b", "secret-secret")
	f.Fuzz(func(t *testing.T, text, secret string) {
		var r redact.Redactor
		r.Add(secret, "[hidden]")
		got := r.Text(text)
		if utf8.RuneCountInString(secret) >= 8 && strings.TrimSpace(secret) != "" && strings.Contains(text, secret) && got == text && secret != "[hidden]" {
			t.Errorf("%q is left in %q", secret, got)
		}
	})
}
