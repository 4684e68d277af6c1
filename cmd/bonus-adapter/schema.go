package main

import (
	"context"
	"encoding"
	"encoding/json"
	"reflect"
	"regexp"
	"slices"
	"strings"

	bonusadapter "bonus-adapter"
	"bonus-adapter/config"
	"bonus-adapter/crm"
	"bonus-adapter/mapping"
)

// schemaFile is the name under which init writes the schema beside a config.
const schemaFile = "config.schema.json"

// modeline tells editors with YAML's language server which schema a file has.
const modeline = "# yaml-language-server: $schema=" + schemaFile + "\n"

// schema is a JSON Schema, or a part of one.
type schema map[string]any

// runSchema prints the JSON Schema of a config.
func runSchema(_ context.Context, p *program, args []string) error {
	if err := parse(p.flags("schema"), args, 0); err != nil {
		return err
	}
	text, err := configSchema()
	if err != nil {
		return err
	}
	_, err = p.out.Write(text)
	return err
}

// configSchema writes the schema of a config: made of the types that are decoded, with what CONFIGURATION.md says about
// each key. It knows the structure and the forms of values; what only a whole section can tell is check's to say.
func configSchema() ([]byte, error) {
	s := schemer{told: toldKeys(string(bonusadapter.Configuration))}
	whole := s.of(reflect.TypeFor[sections](), "")
	whole["$schema"] = "http://json-schema.org/draft-07/schema#"
	whole["title"] = "The config of bonus-adapter"
	whole["required"] = []string{"adapter", "crm", "mapping"}
	text, err := json.MarshalIndent(whole, "", "  ")
	return append(text, '\n'), err
}

// toldKey is what CONFIGURATION.md says about a key.
type toldKey struct{ initially, about string }

var toldRow = regexp.MustCompile("(?m)^\\| `((?:adapter|crm|mapping)\\.[^`]+)` \\| ([^|]*) \\| (.*) \\|$")

func toldKeys(text string) map[string]toldKey {
	told := map[string]toldKey{}
	for _, row := range toldRow.FindAllStringSubmatch(text, -1) {
		told[row[1]] = toldKey{strings.Trim(strings.TrimSpace(row[2]), "`"), strings.TrimSpace(row[3])}
	}
	return told
}

type schemer struct{ told map[string]toldKey }

// of describes what is decoded into a type. The place is that of CONFIGURATION.md: crm.steps[].get.
func (s schemer) of(t reflect.Type, place string) schema {
	if made := s.known(t, place); made != nil {
		return made
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem(), place)
	case reflect.Struct:
		return s.object(t, place)
	case reflect.Map:
		return schema{"type": []string{"object", "null"}, "additionalProperties": s.of(t.Elem(), place+".*")}
	case reflect.Slice:
		return schema{"type": []string{"array", "null"}, "items": s.of(t.Elem(), place+"[]")}
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.Int:
		return schema{"type": "integer"}
	}
	return s.text(place)
}

// text is any scalar: the characters of the file are what counts. A place with a few words allows only these.
func (s schemer) text(place string) schema {
	if words := wordsAt(place); words != nil {
		return schema{"enum": words}
	}
	return schema{"type": []string{"string", "number", "boolean"}}
}

// known describes the values that compile themselves.
func (s schemer) known(t reflect.Type, place string) schema {
	scalars := []string{"string", "number", "boolean"}
	switch t {
	case reflect.TypeFor[config.Duration]():
		return schema{"type": "string", "pattern": `^\+?(\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d)((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d))*$`}
	case reflect.TypeFor[config.Size]():
		return schema{"type": []string{"string", "integer"}, "pattern": `^\s*\+?\d+\s*((K|M|G)iB)?\s*$`}
	case reflect.TypeFor[config.Share]():
		return schema{"type": "string", "pattern": `^\s*\+?(100(\.0*)?|\d{1,2}(\.\d*)?|\.\d+)%\s*$`}
	case reflect.TypeFor[mapping.Literals]():
		return schema{"anyOf": []schema{{"type": slices.Concat(scalars, []string{"null"})}, {"type": "array", "items": schema{"type": append(scalars, "null")}}}}
	case reflect.TypeFor[mapping.Codes]():
		entry := schema{"type": "object", "additionalProperties": false, "properties": schema{"text": schema{"type": scalars}, "amount": schema{"type": scalars}}}
		return schema{"anyOf": []schema{
			{"type": "null"},
			{"type": "array", "items": schema{"type": scalars}},
			{"type": "object", "additionalProperties": schema{"anyOf": []schema{{"type": slices.Concat(scalars, []string{"null"})}, entry}}},
		}}
	case reflect.TypeFor[crm.Keep]():
		return schema{"anyOf": []schema{
			{"type": "string"},
			{"type": "object", "required": []string{"list"}, "minProperties": 2, "additionalProperties": schema{"type": "string"}},
		}}
	case reflect.TypeFor[crm.Params](), reflect.TypeFor[crm.XMLBody]():
		return schema{"type": []string{"object", "null"}}
	case reflect.TypeFor[crm.JSONBody]():
		return schema{}
	}
	pointer := reflect.PointerTo(t)
	switch {
	case pointer.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()):
		return s.text(place)
	case pointer.Implements(reflect.TypeFor[config.TreeUnmarshaler]()): // one text or a list of them
		return schema{"anyOf": []schema{{"type": slices.Concat(scalars, []string{"null"})}, {"type": "array", "items": schema{"type": scalars}}}}
	}
	return nil
}

// object describes a struct: its keys and no others.
func (s schemer) object(t reflect.Type, place string) schema {
	properties, required := schema{}, []string{}
	fields, names := fieldsOf(t)
	for _, name := range names {
		at := config.Join(place, name)
		made := s.of(t.FieldByIndex(fields[name]).Type, at)
		told := s.tell(at)
		if told.about != "" {
			made["description"] = told.about
		}
		if told.initially == "required" {
			required = append(required, name)
		}
		properties[name] = made
	}
	made := schema{"type": []string{"object", "null"}, "additionalProperties": false, "properties": properties}
	if len(required) > 0 {
		made["required"], made["type"] = required, "object"
	}
	if _, asks := t.FieldByName("Request"); asks {
		made["oneOf"] = []schema{{"required": []string{"get"}}, {"required": []string{"post"}}, {"required": []string{"put"}}}
	}
	return made
}

// tell finds what is said about a key; what a login has in common with a step is said of the step, and so on.
func (s schemer) tell(place string) toldKey {
	if told, known := s.told[place]; known {
		return told
	}
	for _, same := range [][2]string{
		{"crm.auth.login.verdicts", "crm.verdicts"},
		{"crm.steps[].verdicts", "crm.verdicts"},
		{"crm.auth.login.basic", "crm.auth.basic"},
		{"crm.auth.login", "crm.steps[]"},
	} {
		if rest, found := strings.CutPrefix(place, same[0]); found {
			return s.tell(same[1] + rest)
		}
	}
	return toldKey{}
}

// wordsAt gives the words that are allowed at a place, nil if it is any text.
func wordsAt(place string) []string {
	words := map[string]string{
		"adapter.cache.store":       "off memory redis",
		"crm.auth.oauth2.grant":     "client_credentials password refresh_token",
		"crm.auth.oauth2.client":    "header body",
		"crm.on_partial":            "nothing newest",
		"crm.rate.retry_after.unit": "s ms epoch epoch_ms",
		"crm.steps[].answer":        "json xml text",
		"crm.auth.login.answer":     "json xml text",
		"crm.steps[].pages.by":      "number offset",
		"mapping.order":             "newest oldest crm",
		"mapping.pending.then":      "hide show future",
		"mapping.on_unreadable":     "skip fail",
	}
	for _, verdicts := range []string{"crm.verdicts", "crm.steps[].verdicts", "crm.auth.login.verdicts"} {
		words[verdicts+"[].then"] = "ok empty retry reauth fail"
		words[verdicts+"[].breaker"] = "count ignore"
	}
	if text, known := words[place]; known {
		return slices.Sorted(slices.Values(strings.Fields(text)))
	}
	return nil
}
