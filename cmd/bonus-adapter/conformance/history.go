package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// history is an answer, read as far as it has the form of one.
type history struct {
	entries []entry
	raw     []byte // of the list
}

// entry is one element of bonuses: its members as they were written.
type entry map[string]json.RawMessage

// readHistory reads a body; why tells what keeps it from being a history.
func readHistory(body []byte) (read *history, why string) {
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return nil, "the body is empty"
	case !utf8.Valid(body):
		return nil, "the body is not UTF-8"
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	var whole map[string]json.RawMessage
	if err := decoder.Decode(&whole); err != nil || whole == nil {
		return nil, "the body is not a JSON object"
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, "there is more after the JSON object"
	}
	list, there := whole["bonuses"]
	if !there {
		return nil, "the object has no bonuses"
	}
	read = &history{raw: list}
	if err := json.Unmarshal(list, &read.entries); err != nil || !bytes.HasPrefix(bytes.TrimSpace(list), []byte("[")) {
		return nil, "bonuses is not a list of objects"
	}
	return read, ""
}

var amount = regexp.MustCompile(`^\d+(\.\d+)?$`)

// wrongFields tells what is wrong with the amounts and the text.
func (e entry) wrongFields() string {
	for _, name := range []string{"added", "expired"} {
		raw, there := e[name]
		switch text := string(raw); {
		case !there:
			return name + " is missing"
		case text[0] == '"':
			return name + " is a text, not a number"
		case strings.HasPrefix(text, "-"):
			return name + " is negative"
		case strings.ContainsAny(text, "eE") && text != "null" && text != "true" && text != "false":
			return name + " is written with an exponent"
		case !amount.MatchString(text):
			return name + " is not a number"
		case len(text) > 20 && strings.Contains(text, "."):
			return name + " has the noise of binary fractions: " + text
		}
	}
	var message string
	switch raw, there := e["definitionMessage"]; {
	case !there:
		return "definitionMessage is missing"
	case json.Unmarshal(raw, &message) != nil || raw[0] != '"':
		return "definitionMessage is not a text"
	}
	return ""
}

// Times in milliseconds have as many digits from 1973 on until 5138, and in seconds as many until 5138.
const (
	leastMillis = 100_000_000_000
	mostMillis  = 253_402_300_799_999 // the end of 9999
)

// wrongDates tells what is wrong with the dates.
func (e entry) wrongDates() string {
	for _, name := range []string{"activationDate", "expirationDate"} {
		raw, there := e[name]
		if !there {
			return name + " is missing; null says that there is none"
		}
		if string(raw) == "null" {
			continue
		}
		var text string
		if raw[0] != '"' || json.Unmarshal(raw, &text) != nil {
			return name + " is a number; milliseconds stand in a text"
		}
		moment, err := strconv.ParseInt(text, 10, 64)
		switch {
		case err != nil:
			return fmt.Sprintf("%s is no number of milliseconds, but such as %q", name, form(text))
		case moment > 0 && moment < leastMillis:
			return name + " looks like seconds: milliseconds have three digits more"
		case moment < 0 || moment > mostMillis:
			return name + " is outside of 1970 to 9999"
		}
	}
	return ""
}

// form shows how a text is written without telling what: digits become 9, letters a.
func form(text string) string {
	shown := strings.Map(func(c rune) rune {
		switch {
		case c >= '0' && c <= '9':
			return '9'
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			return 'a'
		}
		return c
	}, text)
	return shown[:min(len(shown), 40)]
}

// activation is when an entry's points came or went, in milliseconds; 0 if that is not known.
func (e entry) activation() int64 {
	moment, _ := strconv.ParseInt(strings.Trim(string(e["activationDate"]), `"`), 10, 64)
	return moment
}
