package main

import (
	"encoding"
	"fmt"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	bonusadapter "bonus-adapter"
	"bonus-adapter/adapter"
	"bonus-adapter/config"
	"bonus-adapter/crm"
	"bonus-adapter/mapping"
)

var yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")

func yamlBlocks(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, match := range yamlBlock.FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, match[1])
	}
	return blocks
}

// TestEveryConfigInTheDocsWorks builds what the documentation shows. A block that shows some sections only is completed
// with the others of config.yaml.
func TestEveryConfigInTheDocsWorks(t *testing.T) {
	for _, name := range []string{"README.md", "README.ru.md", "CONFIGURATION.md", "config.yaml"} {
		blocks := []string{string(bonusadapter.Config)}
		if name != "config.yaml" {
			blocks = yamlBlocks(t, "../../"+name)
		}
		for i, block := range blocks {
			file, err := parseConfig(fmt.Sprintf("%s block %d", name, i+1), []byte(completed(block)))
			if err == nil {
				err = try(file, nil)
			}
			if err != nil {
				t.Errorf("%s, block %d: %v\n%s", name, i+1, err, block)
			}
		}
	}
}

func completed(block string) string {
	if !strings.Contains(block, "adapter:\n") {
		block += "\nadapter:\n  keys: [k]\n"
	}
	if !strings.Contains(block, "crm:\n") {
		block += "\ncrm:\n  base_url: https://x.ru\n  steps: [{ name: history, get: /x }]\n"
	}
	if !strings.Contains(block, "mapping:\n") {
		block += "\nmapping:\n  records: history\n  fields: { n: { at: n, as: decimal } }\n  rules: [{ added: n }]\n  entry: { definitionMessage: '\"x\"' }\n"
	}
	return block
}

var documentedKey = regexp.MustCompile("(?m)^\\| `((?:adapter|crm|mapping)\\.[^`]+)` \\| ([^|]*) \\|")

// TestEveryKeyIsDocumented compares CONFIGURATION.md with the types: the keys, and their defaults.
func TestEveryKeyIsDocumented(t *testing.T) {
	text, err := os.ReadFile("../../CONFIGURATION.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]string{}
	for _, match := range documentedKey.FindAllStringSubmatch(string(text), -1) {
		documented[match[1]] = strings.Trim(strings.TrimSpace(match[2]), "`")
	}
	defaults := sections{adapter.DefaultConfig(), crm.DefaultConfig(), mapping.DefaultConfig()}
	for key, value := range keysOf("", reflect.ValueOf(defaults)) {
		got, known := documented[key]
		if !known {
			t.Errorf("%s is not documented", key)
		} else if value != "" && got != value {
			t.Errorf("%s: the documented default is %q, the real one %q", key, got, value)
		}
		delete(documented, key)
	}
	for key := range documented {
		t.Errorf("%s is documented and does not exist", key)
	}
}

// keysOf gives the keys that a config may have, with their defaults as a user would write them ("" if there is none).
func keysOf(place string, value reflect.Value) map[string]string {
	keys := map[string]string{}
	kind := value.Kind()
	switch {
	case kind == reflect.Pointer && value.IsNil():
		value = reflect.New(value.Type().Elem())
		fallthrough
	case kind == reflect.Pointer:
		return keysOf(place, value.Elem())
	case isLeaf(value.Type()):
		keys[place] = defaultText(value)
	case kind == reflect.Slice:
		return keysOf(place+"[]", reflect.Zero(value.Type().Elem()))
	case kind == reflect.Map:
		return keysOf(place+".*", reflect.Zero(value.Type().Elem()))
	case kind == reflect.Struct:
		for i := range value.NumField() {
			name := strings.TrimSuffix(value.Type().Field(i).Tag.Get("yaml"), ",inline")
			if told := config.Join(place, name); isToldElsewhere(told, value.Type().Field(i).Type) {
				if name != "" {
					keys[told] = ""
				}
				continue
			}
			for key, text := range keysOf(config.Join(place, name), value.Field(i)) {
				keys[key] = text
			}
		}
	}
	return keys
}

// isToldElsewhere tells whether the keys of a type are documented at another place, which the text refers to.
func isToldElsewhere(place string, t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[crm.Request]():
		return place == "crm.auth.login"
	case reflect.TypeFor[[]crm.Verdict]():
		return place != "crm.verdicts"
	case reflect.TypeFor[*crm.Basic]():
		return place != "crm.auth.basic"
	}
	return false
}

func isLeaf(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	switch t.Kind() {
	case reflect.Slice, reflect.Map:
		inner := t.Elem()
		return p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) || p.Implements(reflect.TypeFor[config.TreeUnmarshaler]()) ||
			inner.Kind() == reflect.String || reflect.PointerTo(inner).Implements(reflect.TypeFor[config.TreeUnmarshaler]()) || reflect.PointerTo(inner).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
	case reflect.Struct:
		return p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) || p.Implements(reflect.TypeFor[config.TreeUnmarshaler]())
	}
	return t.Kind() != reflect.Pointer
}

func defaultText(value reflect.Value) string {
	if value.IsZero() || value.Kind() == reflect.Struct || value.Kind() == reflect.Slice || value.Kind() == reflect.Map {
		return ""
	}
	return fmt.Sprint(value.Interface())
}

var curlLine = regexp.MustCompile(`curl -i http://127.0.0.1:8080(\S+) -H '(\S+): ([^']+)' -d '([^']+)'`)

// TestTheCurlOfTheReadme sends what README.md tells a newcomer to send, and expects what it shows: every line of it.
func TestTheCurlOfTheReadme(t *testing.T) {
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	curl := curlLine.FindStringSubmatch(string(text))
	shown := regexp.MustCompile("(?s)```http\n(.*?)```").FindStringSubmatch(string(text))
	if curl == nil || shown == nil {
		t.Fatal("README.md shows no curl or no answer")
	}
	url, _ := startDemo(t)
	s := &subject{url: strings.TrimSuffix(url, "/bonus-history")}
	got := s.send(t, "POST", curl[1], curl[4], curl[2], curl[3])
	got.header.Del("Date")
	lines := []string{fmt.Sprintf("HTTP/1.1 %d OK", got.status)}
	for _, name := range slices.Sorted(maps.Keys(got.header)) {
		lines = append(lines, name+": "+got.header.Get(name))
	}
	if answer := strings.Join(lines, "\n") + "\n\n" + got.body; answer != shown[1] {
		t.Errorf("%s\nREADME.md shows\n%s", answer, shown[1])
	}
}
