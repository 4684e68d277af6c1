package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"

	"bonus-adapter/cmd/bonus-adapter/infer"
)

// begunIn runs init in a new folder and gives the folder and what it printed.
func begunIn(t *testing.T, args ...string) (dir, out string, code int) {
	t.Helper()
	dir = t.TempDir()
	var printed bytes.Buffer
	p := &program{out: &printed, err: &printed, getenv: func(string) (string, bool) { return "", false }, readFile: os.ReadFile}
	code = p.execute(t.Context(), append([]string{"init", "--dir", dir}, args...))
	return dir, printed.String(), code
}

// runs runs a command over the config in a folder.
func runs(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	var printed bytes.Buffer
	p := &program{out: &printed, err: &printed, getenv: func(string) (string, bool) { return "", false }, readFile: os.ReadFile}
	code = p.execute(t.Context(), args)
	return printed.String(), code
}

// entriesOf shows the expected answer of a case: added-expired, time, time, text; and what the header is to say.
func entriesOf(t *testing.T, folder string) string {
	t.Helper()
	body, err := os.ReadFile(filepath.Join(folder, "irp.json"))
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Bonuses []struct {
			Added, Expired json.Number
			Message        string  `json:"definitionMessage"`
			Activation     *string `json:"activationDate"`
			Expiration     *string `json:"expirationDate"`
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, one := range answer.Bonuses {
		line := fmt.Sprintf("+%s -%s %s", one.Added, one.Expired, one.Message)
		for _, at := range []*string{one.Activation, one.Expiration} {
			if at != nil {
				var ms int64
				_, _ = fmt.Sscan(*at, &ms)
				line += " " + strings.TrimSuffix(time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.999"), "T00:00:00")
			}
		}
		lines = append(lines, line)
	}
	text, err := os.ReadFile(filepath.Join(folder, "case.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var made struct{ History string }
	if err := yaml.Unmarshal(text, &made); err != nil {
		t.Fatal(err)
	}
	if made.History != "" {
		lines = append(lines, made.History)
	}
	return strings.Join(lines, "\n")
}

// TestInitSample proposes configs after answers of made-up CRMs. Each is checked, its case is played, and what customers
// would read is compared.
func TestInitSample(t *testing.T) {
	for name, c := range madeUpAnswers() {
		t.Run(name, func(t *testing.T) {
			dir, out, code := begunIn(t, "--sample", filepath.Join("testdata", "answers", name))
			if c.refused != "" {
				if code != 1 || !strings.Contains(out, c.refused) {
					t.Errorf("exit %d\n%s", code, out)
				}
				return
			}
			if code != 0 {
				t.Fatalf("exit %d\n%s", code, out)
			}
			config := filepath.Join(dir, "config.yaml")
			text, err := os.ReadFile(config)
			if err != nil {
				t.Fatal(err)
			}
			if got, code := runs(t, "check", config); code != 0 || !strings.Contains(got, "fine") {
				t.Errorf("check: %s\n%s", got, text)
			}
			if got, code := runs(t, "test", dir); code != 0 {
				t.Errorf("test: %s", got)
			}
			if got, want := entriesOf(t, filepath.Join(dir, "tests", "sample")), strings.Join(c.entries, "\n"); got != want {
				t.Errorf("got\n%s\nwant\n%s\n%s", got, want, text)
			}
			for _, want := range c.says {
				if !strings.Contains(squeeze(string(text)), want) {
					t.Errorf("the config does not say %q:\n%s", want, text)
				}
			}
			for _, secret := range []string{"intern", "memo", "note:", "9001112233", "Анна"} {
				if strings.Contains(string(text), "at: "+secret) {
					t.Errorf("%q is proposed:\n%s", secret, text)
				}
			}
		})
	}
}

// squeeze makes a text comparable that was broken into comment lines.
func squeeze(text string) string {
	words := slices.DeleteFunc(strings.Fields(text), func(word string) bool { return word == "#" })
	return strings.Join(words, " ")
}

// TestInitSampleMergesPages looks at several answers together.
func TestInitSampleMergesPages(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	first := write("one.json", `{"ops":[{"bonus":5,"kind":"earn","at":"13.02.2024"}]}`)
	second := write("two.json", `{"ops":[{"bonus":3,"kind":"spend","at":"03.04.2024"}]}`)
	into, out, code := begunIn(t, "--sample", first, second)
	if code != 0 || !strings.Contains(out, `"spend" seen once`) || strings.Contains(out, "day") {
		t.Fatalf("exit %d\n%s", code, out)
	}
	if got := entriesOf(t, filepath.Join(into, "tests", "sample-2")); !strings.HasPrefix(got, "+0 -3 Списание бонусов 2024-04-02T21:00:00") {
		t.Error(got)
	}
	if _, out, code = begunIn(t, "--sample", first, "--sample", write("three.xml", "<a/>")); code != 1 || !strings.Contains(out, "give answers of one kind") {
		t.Errorf("exit %d\n%s", code, out)
	}
}

func TestInitNeverOverwrites(t *testing.T) {
	dir, out, code := begunIn(t)
	if code != 0 || !strings.Contains(out, "wrote") {
		t.Fatalf("exit %d\n%s", code, out)
	}
	config := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(config, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	sample := filepath.Join("testdata", "answers", "german.json")
	for _, args := range [][]string{{"init", "--dir", dir}, {"init", "--dir", dir, "--sample", sample}, {"init", "--dir", dir, "--preset", "retailcrm"}} {
		out, code := runs(t, args...)
		text, err := os.ReadFile(config)
		if _, missing := os.Stat(filepath.Join(dir, "tests")); code != 1 || err != nil || string(text) != "mine" || missing == nil || !strings.Contains(out, "--force") {
			t.Errorf("%v: exit %d, %s\n%s", args, code, out, text)
		}
	}
	if out, code := runs(t, "init", "--dir", dir, "--sample", sample, "--force"); code != 0 {
		t.Errorf("exit %d\n%s", code, out)
	}
}

// TestInitKeepsEveryFile: each file that init would write stands in its way, the case's expected answer too.
func TestInitKeepsEveryFile(t *testing.T) {
	sample := filepath.Join("testdata", "answers", "german.json")
	for _, name := range []string{"config.yaml", "tests/sample/case.yaml", "tests/sample/german.json", "tests/sample/irp.json"} {
		dir := t.TempDir()
		file := filepath.Join(dir, filepath.FromSlash(name))
		writeFile(t, file, "mine")
		out, code := runs(t, "init", "--dir", dir, "--sample", sample)
		text, err := os.ReadFile(file)
		if code != 1 || err != nil || string(text) != "mine" || !strings.Contains(out, "nothing was written") {
			t.Errorf("%s: exit %d, it holds %.40q\n%s", name, code, text, out)
		}
	}
}

func TestInitUsage(t *testing.T) {
	for _, c := range []struct {
		args []string
		want string
		code int
	}{
		{[]string{"--preset", "retialcrm"}, "did you mean retailcrm?", 2},
		{[]string{"answer.json"}, "a sample is given as --sample FILE", 2},
		{[]string{"--preset", "retailcrm", "--sample", "x"}, "not from both", 2},
		{[]string{"--sample", "nowhere.json"}, "the sample cannot be read", 1},
	} {
		if _, out, code := begunIn(t, c.args...); code != c.code || !strings.Contains(out, c.want) {
			t.Errorf("%v: exit %d\n%s", c.args, code, out)
		}
	}
}

// TestInitPreset copies a preset with its cases, which pass where it put them.
func TestInitPreset(t *testing.T) {
	for _, preset := range allPresets(t) {
		dir, out, code := begunIn(t, "--preset", preset.Name)
		if code != 0 || !strings.Contains(out, "IRP_KEY") || !strings.Contains(out, preset.Values[0].Name) {
			t.Errorf("%s: exit %d\n%s", preset.Name, code, out)
		}
		if got, code := runs(t, "check", filepath.Join(dir, "config.yaml")); code != 0 {
			t.Errorf("%s: %s", preset.Name, got)
		}
		if _, err := os.Stat(filepath.Join(dir, "tests")); err == nil {
			if got, code := runs(t, "test", dir); code != 0 {
				t.Errorf("%s: %s", preset.Name, got)
			}
		}
	}
}

func FuzzPropose(f *testing.F) {
	names, err := filepath.Glob(filepath.Join("testdata", "answers", "*"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) > 4000 {
			return
		}
		proposal, err := infer.Propose([]infer.Sample{{Name: "sample", Body: body}})
		if err != nil {
			return
		}
		text := proposal.Config(infer.Writing{Files: []string{"sample"}})
		if _, err := proposedConfig("config.yaml", []byte(text)); err != nil {
			t.Errorf("%v\n%s", err, text)
		}
	})
}
