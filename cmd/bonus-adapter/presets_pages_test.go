package main

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	bonusadapter "bonus-adapter"
)

var writePages = flag.Bool("write-pages", false, "write docs/presets anew instead of comparing")

// TestPagesOfThePresets: a page is made of what preset.yaml says and of what the commands print, so it is always true.
// go test ./cmd/bonus-adapter -run TestPagesOfThePresets -args -write-pages
func TestPagesOfThePresets(t *testing.T) {
	for _, one := range allPresets(t) {
		name, page := filepath.Join("../../docs/presets", one.Name+".md"), presetPage(t, one)
		if *writePages {
			if err := os.WriteFile(name, []byte(page), 0o644); err != nil { //nolint:gosec // for everybody to read
				t.Fatal(err)
			}
			continue
		}
		if text, err := os.ReadFile(name); err != nil || string(text) != page {
			t.Errorf("%s is not as it should be: write it anew with -args -write-pages (%v)", name, err)
		}
	}
}

func presetPage(t *testing.T, one preset) string {
	t.Helper()
	var page strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&page, format, args...) }
	say("# %s\n\n", one.Vendor)
	say("%s\n", wrapped("", "Preset `"+one.Name+"`, "+strings.TrimSpace(rankLine(one.Rank))+"."))
	say("| | |\n|---|---|\n| the customer's id is | %s |\n| `activationDate` | %s |\n| `expirationDate` | %s |\n", one.Customer, one.Dates.Activation, one.Dates.Expiration)
	say("| requests for one history | %s |\n| the vendor's limit | %s |\n\n", one.Calls, one.Limit)
	if len(one.Account) > 0 {
		say("## In the vendor's system\n\n")
		for i, item := range one.Account {
			say("%d. %s\n", i+1, item)
		}
		say("\n")
	}
	say("## In front of it\n\n```sh\nbonus-adapter init --preset %s\n```\n\n", one.Name)
	say("writes `config.yaml` with its cases in `tests`. Set what it refers to:\n\n| variable | what it is | where to find it | for example |\n|---|---|---|---|\n")
	for _, needed := range one.Values {
		say("| `%s` | %s | %s | `%s` |\n", needed.Name, needed.What, needed.Where, needed.Example)
	}
	say("| `IRP_KEY` | the API key that Imshop sends | Agree on it with Imshop | |\n\n")
	advice, checked := checkedPreset(t, one)
	say("```console\n$ bonus-adapter check --strict-env --audit --ignore %s config.yaml\n%s$ bonus-adapter test\n%s```\n\n", advice, checked, testedPreset(t, one))
	say("Then `bonus-adapter serve --config config.yaml`, and ask for a customer whom you know:\n\n")
	say("```sh\ncurl -i http://127.0.0.1:8080/bonus-history -H \"Authorization: Bearer $IRP_KEY\" -d '{\"userIdentifier\":\"…\"}'\n```\n\n")
	user, answer := historyOf(t, one)
	say("The header `Bonus-History` says `live`, and the history looks like that of the case:\n\n```json\n%s```\n\n%s", answer, user)
	for _, list := range []struct {
		title string
		items []string
	}{{"What the preset takes care of", one.Handled}, {"What is unverified", one.Unverified}, {"Advice that it does not follow", one.Advice}} {
		if len(list.items) > 0 {
			say("\n## %s\n\n* %s\n", list.title, strings.Join(list.items, "\n* "))
		}
	}
	return page.String()
}

// checkedPreset is what check prints in the folder that init has made, where the cases stand beside the config, and the
// advice that is left out.
func checkedPreset(t *testing.T, one preset) (advice, printed string) {
	t.Helper()
	dir, out, code := begunIn(t, "--preset", one.Name)
	if code != 0 {
		t.Fatalf("%s: init gives %d\n%s", one.Name, code, out)
	}
	var told bytes.Buffer
	env := environmentOf(one)
	p := &program{out: &told, err: &told, readFile: os.ReadFile, getenv: func(name string) (string, bool) { value, set := env[name]; return value, set }}
	advice = leftAdvice(one)
	if code := p.execute(t.Context(), []string{"check", "--strict-env", "--audit", "--ignore", advice, filepath.Join(dir, "config.yaml")}); code != 0 {
		t.Errorf("%s: check gives %d\n%s", one.Name, code, told.String())
	}
	return advice, strings.ReplaceAll(told.String(), dir+string(filepath.Separator), "")
}

// testedPreset is what test prints in the folder that init has made.
func testedPreset(t *testing.T, one preset) string {
	t.Helper()
	file, err := parseConfig("config.yaml", []byte(configOf(t, one)))
	if err != nil {
		t.Fatal(err)
	}
	cases, err := fs.Sub(bonusadapter.Presets, path.Join("presets", one.Name, casesFolder))
	if err != nil {
		t.Fatal(err)
	}
	report := &testReport{}
	if err := (&suite{casesFolder, cases, file}).test(report, testOptions{}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	report.write(&out)
	return out.String()
}

// historyOf gives the answer of a preset's case kinds, or else of its first case with a history, and says which it is.
func historyOf(t *testing.T, one preset) (told, answer string) {
	t.Helper()
	found, err := fs.Glob(bonusadapter.Presets, path.Join("presets", one.Name, casesFolder, "*", "irp.json"))
	if err != nil {
		t.Fatal(err)
	}
	first := path.Join("presets", one.Name, casesFolder, "kinds", "irp.json")
	for _, name := range append([]string{first}, found...) {
		text, err := fs.ReadFile(bonusadapter.Presets, name)
		if err == nil && bytes.Contains(text, []byte("definitionMessage")) {
			name = path.Base(path.Dir(name))
			return fmt.Sprintf("(The case is [`%s`](../../presets/%s/%s/%s).)\n", name, one.Name, casesFolder, name), string(text)
		}
	}
	t.Fatalf("%s has no case with a history", one.Name)
	return "", ""
}
