package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	bonusadapter "bonus-adapter"
)

func allPresets(t *testing.T) []preset {
	t.Helper()
	all, err := newPresets(bonusadapter.Presets)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// configOf gives a preset's config.
func configOf(t *testing.T, one preset) string {
	t.Helper()
	text, err := fs.ReadFile(bonusadapter.Presets, path.Join("presets", one.Name, "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// environmentOf gives the examples of what a preset needs.
func environmentOf(one preset) map[string]string {
	env := map[string]string{"IRP_KEY": "irp-key-of-the-examples"}
	for _, needed := range one.Values {
		env[needed.Name] = needed.Example
	}
	return env
}

// TestEveryFolderIsAPreset: a folder without preset.yaml would be embedded, and never shown.
func TestEveryFolderIsAPreset(t *testing.T) {
	folders, err := fs.ReadDir(bonusadapter.Presets, "presets")
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range folders {
		if !slices.ContainsFunc(allPresets(t), func(one preset) bool { return one.Name == folder.Name() }) {
			t.Errorf("presets/%s has no %s", folder.Name(), presetFile)
		}
	}
}

// TestEveryPresetTellsAll: what presets prints is complete.
func TestEveryPresetTellsAll(t *testing.T) {
	for _, one := range allPresets(t) {
		for what, text := range map[string]string{
			"vendor": one.Vendor, "customer": one.Customer, "calls": one.Calls, "limit": one.Limit,
			"dates.activation": one.Dates.Activation, "dates.expiration": one.Dates.Expiration,
		} {
			if text == "" {
				t.Errorf("%s: %s is missing", one.Name, what)
			}
		}
		for _, needed := range one.Values {
			if needed.Name == "" || needed.What == "" || needed.Where == "" || needed.Example == "" {
				t.Errorf("%s: the value %+v is told in part only", one.Name, needed)
			}
		}
		if one.Rank != rankGeneric && (len(one.Unverified) == 0 || len(one.Account) == 0 || len(one.Handled) == 0) {
			t.Errorf("%s: is nothing unverified, nothing to do in the vendor's account, no trap handled?", one.Name)
		}
	}
}

var referenced = regexp.MustCompile(`\$\{(?:env|file):([^}]+)\}`)

// TestPresetsNeedWhatTheySay compares the references of a config with the values that presets prints.
func TestPresetsNeedWhatTheySay(t *testing.T) {
	for _, one := range allPresets(t) {
		told, text := environmentOf(one), configOf(t, one)
		for _, match := range referenced.FindAllStringSubmatch(text, -1) {
			if told[match[1]] == "" {
				t.Errorf("%s: config.yaml refers to %s, which preset.yaml does not tell", one.Name, match[1])
			}
		}
		for name := range told {
			if !strings.Contains(text, "${env:"+name+"}") {
				t.Errorf("%s: preset.yaml tells of %s, to which config.yaml does not refer", one.Name, name)
			}
		}
		if one.Rank == rankSecond && !strings.Contains(text, "verify with your vendor") {
			t.Errorf("%s is of second rank, and its config.yaml does not say: verify with your vendor", one.Name)
		}
	}
}

// TestEveryPresetWorks builds each with its examples, as serve would, and checks it without any, as check does.
func TestEveryPresetWorks(t *testing.T) {
	for _, one := range allPresets(t) {
		files, env := map[string]string{"config.yaml": configOf(t, one)}, environmentOf(one)
		if code, out, errs := run(files, env, "check", "--strict-env", "config.yaml"); code != 0 || errs != "" {
			t.Errorf("%s: %s%s", one.Name, out, errs)
		}
		file, err := parseConfig(one.Name, []byte(files["config.yaml"]))
		if err == nil {
			err = try(file, nil)
		}
		if err != nil {
			t.Errorf("%s, without its values: %v", one.Name, err)
		}
	}
}

// TestEveryPresetHasCases: a history, an empty one, and whatever else its vendor does. That they pass is
// TestCasesOfThePresets.
func TestEveryPresetHasCases(t *testing.T) {
	for _, one := range allPresets(t) {
		entries, err := fs.ReadDir(bonusadapter.Presets, path.Join("presets", one.Name, casesFolder))
		least := 4
		if one.Rank == rankGeneric {
			least = 1
		}
		if err != nil || len(entries) < least {
			t.Errorf("%s has %d cases, fewer than %d", one.Name, len(entries), least)
		}
	}
}

// leftAdvice gives the numbers of the advice that a preset does not follow: its own, and A06, since a config goes live
// without an id_key.
func leftAdvice(one preset) string {
	numbers := "A06"
	for _, advice := range one.Advice {
		number, _, _ := strings.Cut(advice, ":")
		numbers += "," + number
	}
	return numbers
}

// TestPresetsGoLive does what an integrator does: init, the values, check with all advice, test. The config that is checked
// is the one that init wrote.
func TestPresetsGoLive(t *testing.T) {
	for _, one := range allPresets(t) {
		dir, _, code := begunIn(t, "--preset", one.Name)
		if code != 0 {
			t.Errorf("%s: init gives %d", one.Name, code)
			continue
		}
		var out bytes.Buffer
		env := environmentOf(one)
		p := &program{out: &out, err: &out, readFile: os.ReadFile, getenv: func(name string) (string, bool) { value, set := env[name]; return value, set }}
		code = p.execute(t.Context(), []string{"check", "--strict-env", "--audit", "--ignore", leftAdvice(one), filepath.Join(dir, "config.yaml")})
		if code != 0 || strings.Count(out.String(), "\n") != 1 || !strings.Contains(out.String(), "it works; advice: 0 high, 0 medium, 0 low, ") {
			t.Errorf("%s: %d\n%s", one.Name, code, out.String())
		}
		if code, out, errs := runReal(t, "test", dir); code != 0 {
			t.Errorf("%s: %d\n%s%s", one.Name, code, out, errs)
		}
	}
}

func TestPresetsAreListed(t *testing.T) {
	code, out, errs := run(nil, nil, "presets")
	if code != 0 || errs != "" {
		t.Fatalf("%d %s", code, errs)
	}
	for _, one := range allPresets(t) {
		if !strings.Contains(out, "\n"+one.Name+"\n") {
			t.Errorf("%s is not listed", one.Name)
		}
	}
	for _, line := range strings.Split(out, "\n") {
		if len([]rune(line)) > textWidth || strings.TrimRight(line, " ") != line {
			t.Errorf("a line of %d characters: %q", len([]rune(line)), line)
		}
	}
}

func TestOnePresetIsTold(t *testing.T) {
	code, out, errs := run(nil, nil, "presets", "retailcrm")
	for _, part := range []string{"RETAILCRM_SITE", "Администрирование", "unverified", "10 requests a second"} {
		if code != 0 || !strings.Contains(out, part) {
			t.Fatalf("%d %s%s does not tell %s", code, out, errs, part)
		}
	}
	code, out, errs = run(nil, nil, "presets", "--json", "retailcrm")
	var told []preset
	if err := json.Unmarshal([]byte(out), &told); err != nil || code != 0 || len(told) != 1 || told[0].Name != "retailcrm" {
		t.Errorf("%d %v %s%s", code, err, out, errs)
	}
	code, _, errs = run(nil, nil, "presets", "retialcrm")
	if code != exitUsage || !strings.Contains(errs, "did you mean retailcrm?") {
		t.Errorf("%d %s", code, errs)
	}
}
