package main

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// plainHeaders are those whose values may be shown: they say how something is written, and not who asks.
func plainHeaders() []string {
	return []string{
		"Accept", "Accept-Language", "Content-Type", "Content-Encoding", "Content-Length", "Content-Language", "Date", "Retry-After",
		"Server", "Soapaction", "User-Agent", "Allow", "Www-Authenticate", "Cache-Control",
	}
}

// headers gives headers as they may be shown: a secret by its reference, and everything that may be computed of one, such
// as a signature, as ***.
func (x *explainer) headers(all http.Header) map[string]string {
	shown := map[string]string{}
	for name, values := range all {
		text := x.mask.Text(strings.Join(values, ", "))
		if !slices.Contains(plainHeaders(), name) && !strings.HasPrefix(name, "X-Ratelimit") && !named(text) {
			text = schemeOf(name, text) + "***"
		}
		shown[name] = text
	}
	return shown
}

// schemeOf gives the word before a credential, such as Basic, with the space behind it.
func schemeOf(header, text string) string {
	if scheme, _, found := strings.Cut(text, " "); found && header == "Authorization" && nameOnly.MatchString(scheme) {
		return scheme + " "
	}
	return ""
}

// nameOnly matches what is left of a header whose secret is told by its reference: a scheme, and nothing that could be
// computed of the secret.
var nameOnly = regexp.MustCompile(`^[A-Za-z]{0,12}[ :=]?$`)

var maskedPart = regexp.MustCompile(`\$\{(?:env|file):[^}]*\}|\*\*\*|\[customer\]`)

// named tells whether a header's text holds references in place of all that is secret.
func named(text string) bool {
	return maskedPart.MatchString(text) && nameOnly.MatchString(maskedPart.ReplaceAllString(text, ""))
}

// readable gives a URL for people: decoded where that leaves no doubt.
func readable(address string) string {
	before, query, found := strings.Cut(address, "?")
	if path, err := url.PathUnescape(before); err == nil && !strings.ContainsAny(path[min(len(path), 8):], "?#%") && strings.Count(path, "/") == strings.Count(before, "/") {
		before = path
	}
	if !found {
		return before
	}
	parts := strings.Split(query, "&")
	for i, part := range parts {
		if plain, err := url.QueryUnescape(part); err == nil && !strings.ContainsAny(plain, "&#%+\n") && strings.Count(plain, "=") == strings.Count(part, "=") {
			parts[i] = plain
		}
	}
	return before + "?" + strings.Join(parts, "&")
}
