package main

import (
	"regexp"
	"slices"
	"strings"

	"bonus-adapter/cmd/bonus-adapter/redact"
	"bonus-adapter/config"
	"bonus-adapter/crm"
)

// customerShown stands for a customer's id in everything that is printed.
const customerShown = "[customer]"

// leastSecret is the length from which a reference's value is masked. A shorter one is no secret: it is a number or a
// code, and would be masked in every amount.
const leastSecret = 4

// newMask makes what takes the secrets of a config out of texts: the values of its references are told as the
// references, secrets that are written into it as ***.
func newMask(file *configFile, values map[string]string) *redact.Redactor {
	mask := &redact.Redactor{}
	for _, secret := range file.secret {
		mask.Add(secret, "***")
	}
	for _, reference := range sortedNames(values) {
		if len(values[reference]) >= leastSecret {
			mask.Add(values[reference], reference)
		}
	}
	return mask
}

// hideLiterals takes the secrets that are written into the file out of a text.
func (f *configFile) hideLiterals(text string) string {
	if len(f.secret) == 0 {
		return text
	}
	return newMask(f, nil).Text(text)
}

// collected lends what lookup lends, and notes it under its reference.
func collected(lookup config.Lookup, values map[string]string) config.Lookup {
	return func(scheme, name string) (string, error) {
		value, err := lookup(scheme, name)
		if err == nil {
			values["${"+scheme+":"+name+"}"] = value
		}
		return value, err
	}
}

// secretName matches the names of values that are likely to prove who is asking.
var secretName = regexp.MustCompile(`(?i)token|session|secret|password|passwd|ticket|cookie|credential|signature|^(sid|key|auth|hash|sign)$|_(sid|key|auth|hash|sign)$`)

// computed matches what is likely to be computed of a secret, such as a signature or a token: a mask finds only what it
// knows.
var computed = regexp.MustCompile(`\b[0-9a-fA-F]{32,}\b|[A-Za-z0-9+/_~.-]*[0-9][A-Za-z0-9+/_-]{39,}={0,2}`)

// learn makes the mask know what a conversation has brought to light: tokens, and kept values that are some.
func learn(mask *redact.Redactor, heard *conversation) {
	for _, secret := range heard.secrets() {
		mask.Add(secret, "***")
	}
}

// secrets are the values that the CRM itself has given, and that prove who is asking.
func (c *conversation) secrets() []string {
	all := slices.Clone(c.tokens)
	for _, step := range c.steps {
		for i := 0; step.done != nil && i < len(step.done.Kept); i++ {
			if kept := step.done.Kept[i]; secretName.MatchString(kept.Name) {
				all = append(all, kept.Text)
			}
		}
	}
	return slices.DeleteFunc(all, func(text string) bool { return len(text) < leastSecret })
}

// text gives a text of a request or about one as it may be shown.
func (x *explainer) text(text string) string {
	return computed.ReplaceAllString(x.mask.Text(text), "***")
}

var (
	jsonText = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"(\s*:\s*)"((?:[^"\\]|\\.)*)"`)
	xmlText  = regexp.MustCompile(`<([^<>/\s]+)([^<>]*)>([^<>]+)<`)
	telling  = regexp.MustCompile(`(?i)error|message|description|reason|detail|fault|status|code$`)
)

// answerHead gives the beginning of an answer. A login's answer holds what is secret by what it is: of that only what
// tells about an error is shown.
func (x *explainer) answerHead(e crm.Exchange) string {
	text := string(e.Answer)
	if strings.HasPrefix(e.Place, "auth.") {
		text = maskedValues(text)
	}
	return headOf(x.text(text))
}

func maskedValues(text string) string {
	if !strings.ContainsAny(text, "{<") {
		return "***"
	}
	text = jsonText.ReplaceAllStringFunc(text, func(found string) string {
		parts := jsonText.FindStringSubmatch(found)
		if telling.MatchString(parts[1]) {
			return found
		}
		return `"` + parts[1] + `"` + parts[2] + `"***"`
	})
	return xmlText.ReplaceAllStringFunc(text, func(found string) string {
		parts := xmlText.FindStringSubmatch(found)
		if telling.MatchString(parts[1]) || strings.TrimSpace(parts[3]) == "" {
			return found
		}
		return "<" + parts[1] + parts[2] + ">***<"
	})
}
