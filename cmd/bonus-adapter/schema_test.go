package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"

	bonusadapter "bonus-adapter"
	"bonus-adapter/config"
)

func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := configSchema()
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schemaFile, document); err != nil {
		t.Fatal(err)
	}
	made, err := compiler.Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// valid judges a YAML text by the schema, as an editor would.
func valid(t *testing.T, by *jsonschema.Schema, text string) error {
	t.Helper()
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		return err
	}
	asJSON, err := json.Marshal(plainKeys(value))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	if err != nil {
		t.Fatal(err)
	}
	return by.Validate(plain)
}

// plainKeys makes texts of keys that YAML takes for numbers or truths.
func plainKeys(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			value[name] = plainKeys(inner)
		}
	case map[any]any:
		made := map[string]any{}
		for name, inner := range value {
			made[fmt.Sprint(name)] = plainKeys(inner)
		}
		return made
	case []any:
		for i := range value {
			value[i] = plainKeys(value[i])
		}
	}
	return value
}

// TestSchemaTakesWhatTheLoaderTakes judges every config that is known to work.
func TestSchemaTakesWhatTheLoaderTakes(t *testing.T) {
	by, judged := compiledSchema(t), 0
	take := func(name, text string) {
		judged++
		if err := valid(t, by, text); err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
	for _, name := range []string{"README.md", "README.ru.md", "CONFIGURATION.md"} {
		for i, block := range yamlBlocks(t, "../../"+name) {
			take(fmt.Sprintf("%s, block %d", name, i+1), completed(block))
		}
	}
	take("config.yaml", string(bonusadapter.Config))
	take("the whole config", wholeConfig)
	for _, preset := range allPresets(t) {
		text, err := bonusadapter.Presets.ReadFile("presets/" + preset.Name + "/config.yaml")
		if err != nil {
			t.Fatal(err)
		}
		take(preset.Name, string(text))
	}
	answers, err := filepath.Glob("testdata/answers/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, answer := range answers {
		if dir, _, code := begunIn(t, "--sample", answer); code == 0 {
			text, err := os.ReadFile(filepath.Join(dir, "config.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			take(answer, string(text))
		}
	}
	t.Logf("%d configs that work are valid", judged)
}

// TestSchemaRefusesWhatTheLoaderRefuses judges the corpus of broken configs: what the decoder refuses, the shape of a
// file and the form of its values, the schema refuses too.
func TestSchemaRefusesWhatTheLoaderRefuses(t *testing.T) {
	by := compiledSchema(t)
	structural, others := 0, 0
	for _, b := range breakages() {
		text, _ := b.broken(t)
		err := valid(t, by, text)
		if !brokenInStructure(text) {
			others++
			continue
		}
		if structural++; err == nil {
			t.Errorf("the schema takes %q", b.new)
		}
	}
	t.Logf("%d configs that are broken in their structure are refused; %d others are for check", structural, others)
	if structural < 30 {
		t.Error("that is too few")
	}
}

// brokenInStructure tells whether a config is refused for its shape: its YAML, its keys or the form of its values. What
// is inside of texts, such as a path or an expression, is not.
func brokenInStructure(text string) bool {
	file, err := parseConfig("config.yaml", []byte(text))
	if err != nil {
		return true
	}
	var whole sections
	for _, problem := range config.All(file.decode(&whole, nil)) {
		if strings.Contains(problem.Hint, "merge keys") || strings.Contains(problem.Hint, "decimal digits") {
			return false // an editor reads YAML before it looks at the schema
		}
		if strings.HasPrefix(problem.Message, "expected ") {
			return true
		}
		for _, structural := range []string{"unknown key", "is not a duration", "is not a size", "is not a share", "must be longer", "second time", "has no value"} {
			if strings.Contains(problem.Message, structural) {
				return true
			}
		}
	}
	return false
}

// TestSchemaKnowsEveryWord tries each word that the schema allows, and one that it does not, on the loader.
func TestSchemaKnowsEveryWord(t *testing.T) {
	tried := 0
	for place, config := range map[string]string{
		"adapter.cache.store":       "adapter:\n  keys: [k]\n  cache: { store: WORD }\n",
		"crm.on_partial":            "crm:\n  base_url: https://x.ru\n  on_partial: WORD\n  steps: [{ name: history, get: /x }]\n",
		"crm.rate.retry_after.unit": "crm:\n  base_url: https://x.ru\n  rate: { requests: 1, retry_after: { unit: WORD } }\n  steps: [{ name: history, get: /x }]\n",
		"crm.steps[].answer":        "crm:\n  base_url: https://x.ru\n  steps: [{ name: history, get: /x, answer: WORD }]\n",
		"crm.steps[].pages.by":      "crm:\n  base_url: https://x.ru\n  steps: [{ name: history, get: /x, pages: { by: WORD, param: p } }]\n",
		"crm.verdicts[].then":       "crm:\n  base_url: https://x.ru\n  verdicts: [{ when: status == 1, then: WORD }]\n  steps: [{ name: history, get: /x }]\n",
		"crm.verdicts[].breaker":    "crm:\n  base_url: https://x.ru\n  verdicts: [{ when: status == 1, then: fail, breaker: WORD }]\n  steps: [{ name: history, get: /x }]\n",
		"crm.auth.oauth2.client":    "crm:\n  base_url: https://x.ru\n  auth: { oauth2: { token_url: https://x.ru, client_id: a, client_secret: b, client: WORD } }\n  steps: [{ name: history, get: /x }]\n",
		"mapping.order":             "mapping:\n  records: history\n  fields: { n: { at: n, as: decimal } }\n  rules: [{ added: n }]\n  order: WORD\n",
		"mapping.pending.then":      "mapping:\n  records: history\n  fields: { n: { at: n, as: decimal } }\n  rules: [{ added: n }]\n  pending: { when: n > 1, then: WORD, activation: now }\n",
		"mapping.on_unreadable":     "mapping:\n  records: history\n  fields: { n: { at: n, as: decimal } }\n  rules: [{ added: n }]\n  on_unreadable: WORD\n",
	} {
		words := wordsAt(place)
		if len(words) == 0 {
			t.Errorf("%s has no words", place)
		}
		for _, word := range append(words, "nosuch") {
			if word == "redis" {
				continue // it needs more than the word
			}
			text := completed(strings.Replace(config, "WORD", word, 1))
			file, err := parseConfig("config.yaml", []byte(text))
			if err == nil {
				err = try(file, nil)
			}
			tried++
			needsMore := place == "crm.verdicts[].then" || place == "mapping.pending.then" // some of the words do
			if word == "nosuch" && (err == nil || !strings.Contains(err.Error(), word)) || word != "nosuch" && err != nil && !needsMore {
				t.Errorf("%s: %s: %v", place, word, err)
			}
		}
	}
	t.Logf("%d words tried", tried)
}

// TestSchemaDescribesEveryKey looks for keys without a text, and types whose shape is not told.
func TestSchemaDescribesEveryKey(t *testing.T) {
	s := schemer{told: toldKeys(string(bonusadapter.Configuration))}
	var look func(made any, place string)
	look = func(made any, place string) {
		properties, _ := made.(schema)["properties"].(schema)
		for name, inner := range properties {
			at := config.Join(place, name)
			inner := inner.(schema)
			_, nested := inner["properties"]
			_, listed := inner["items"]
			_, mapped := inner["additionalProperties"]
			if inner["description"] == nil && !nested && !listed && !mapped {
				t.Errorf("%s has no description", at)
			}
			look(inner, at)
			if items, ok := inner["items"].(schema); ok {
				look(items, at+"[]")
			}
			if values, ok := inner["additionalProperties"].(schema); ok {
				look(values, at+".*")
			}
		}
	}
	look(s.of(reflect.TypeFor[sections](), ""), "")
}

// TestEveryNewConfigNamesItsSchema looks at what init writes.
func TestEveryNewConfigNamesItsSchema(t *testing.T) {
	for _, args := range [][]string{nil, {"--preset", "retailcrm"}, {"--sample", "testdata/answers/german.json"}} {
		dir, out, code := begunIn(t, args...)
		config, err := os.ReadFile(filepath.Join(dir, "config.yaml"))
		if code != 0 || err != nil || !bytes.HasPrefix(config, []byte(modeline)) {
			t.Errorf("%v: exit %d, %v\n%s\n%s", args, code, err, out, config)
		}
		if written, err := os.ReadFile(filepath.Join(dir, schemaFile)); err != nil || !json.Valid(written) {
			t.Errorf("%v: %v", args, err)
		}
	}
	if out, code := runs(t, "schema"); code != 0 || !strings.Contains(out, `"description": "the API keys that are accepted`) {
		t.Errorf("exit %d\n%.200s", code, out)
	}
}
