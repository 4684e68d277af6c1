package crm

import (
	"regexp"
	"strings"
)

// headSize is how much of an answer is looked at for that, in bytes.
const headSize = 400

// head gives the beginning of an answer that is no document, for whoever has to find out what it is. Of its words only
// those are told that the pages of servers and proxies are made of: any other one may be a name, an id or a key, also if
// it has no digit.
func head(raw []byte) string {
	text := headWord.ReplaceAllStringFunc(string(raw[:min(len(raw), headSize)]), func(word string) string {
		for part := range strings.FieldsFuncSeq(strings.ToLower(word), func(r rune) bool { return r == '.' || r == '-' }) {
			if !tellingWords[part] {
				return "…"
			}
		}
		return word
	})
	text = repeated.ReplaceAllString(strings.Join(strings.Fields(text), " "), "…")
	if runes := []rune(text); len(runes) > 100 {
		text = string(runes[:100])
	}
	return text
}

var (
	headWord = regexp.MustCompile(`[^\s<>/!?="':;,()]+`)
	repeated = regexp.MustCompile(`…(?:[\s:;,]*…)+`)
)

var tellingWords = wordSet(`
	html head body title meta link script style doctype public div span center p h hr br a b i em table tr td pre noscript iframe form input
	charset content type text http equiv lang en ru utf windows name class id href rel src xml version encoding soap envelope fault
	error errors exception failed failure not found bad gateway internal server service unavailable temporarily timeout time out
	forbidden access denied unauthorized authorization authentication required login log sign in please password request too many large
	requests limit exceeded moved permanently temporary redirect method allowed invalid unknown missing empty null undefined true false
	nginx apache tomcat iis microsoft cloudflare envoy varnish haproxy caddy php java python bitrix proxy firewall guard ddos captcha
	check checking browser your the is an are you of to on for with and or this that has have been was can cannot could no host page
	site maintenance upstream connect connection refused reset closed database query warning notice fatal stack trace ok status code message
`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}
