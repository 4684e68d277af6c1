package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	bonusadapter "bonus-adapter"
)

// testCases plays the cases that lie in the folder tests beside a folder's config.yaml, each as a test of its own.
func testCases(t *testing.T, folder fs.FS, shown string) {
	t.Helper()
	text, err := fs.ReadFile(folder, "config.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file, err := parseConfig(path.Join(shown, "config.yaml"), text)
	if err != nil {
		t.Fatal(err)
	}
	cases, err := fs.Sub(folder, casesFolder)
	if err != nil {
		t.Fatal(err)
	}
	report := &testReport{}
	if err := (&suite{path.Join(shown, casesFolder), cases, file}).test(report, testOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, one := range report.Cases {
		t.Run(one.Name, func(t *testing.T) {
			for i := range one.Failures {
				t.Error(one.Failures[i].text(""))
			}
		})
	}
}

// TestCasesOfThePresets plays what every preset brings along.
func TestCasesOfThePresets(t *testing.T) {
	for _, one := range allPresets(t) {
		folder, err := fs.Sub(bonusadapter.Presets, path.Join("presets", one.Name))
		if err != nil {
			t.Fatal(err)
		}
		t.Run(one.Name, func(t *testing.T) {
			testCases(t, folder, one.Name)
		})
	}
}

// A small config and a case of it, which passes.
const (
	caseConfig = `adapter:
  keys: ["${env:IRP_KEY}"]
crm:
  base_url: https://${env:ACCOUNT}.example.ru/api
  auth: { bearer: "${file:/run/secrets/token}" }
  tls: { ca: "${file:/etc/ssl/ca.pem}" }
  rate: { requests: 1, per: 1h }
  steps:
    - name: history
      get: /customers/{{ user }}/bonuses
      query: { since: '{{ format(now, "2006-01-02") }}' }
      verdicts: [{ when: status == 503, then: retry }]
      pages: { param: page, last: body.pages }
mapping:
  records: history.items
  fields:
    kind:  { at: kind }
    sum:   { at: sum, as: decimal }
    at:    { at: at, as: time }
  rules:
    - { when: kind == "earned", added: sum }
    - { when: kind == "spent", expired: sum }
  entry: { definitionMessage: kind, activationDate: at }
`
	caseYAML = `user: "4711"
now: 2026-03-04T00:00:00Z   # a comment that stays
history: live; unmatched=1
answers:
  - request: GET https://account.example.ru/api/customers/4711/bonuses?since=2026-03-04&page=1
    status: 503
    headers: { Retry-After: "3" }
  - request: GET /api/customers/4711/bonuses?since=2026-03-04&page=1
    body: page-1.json
  - request: GET /api/customers/4711/bonuses?since=2026-03-04&page=2
    text: '{"pages":2,"items":[{"kind":"other","sum":1,"at":"2026-01-01T00:00:00Z"}]}'
`
	casePage = `{"pages":2,"items":[{"kind":"earned","sum":10.50,"at":"2026-01-02T00:00:00Z"},{"kind":"spent","sum":3,"at":"2026-01-03T00:00:00Z"}]}`
	caseIRP  = `{"bonuses":[
{"added":0,"expired":3,"definitionMessage":"spent","activationDate":"1767398400000","expirationDate":null},
{"added":10.5,"expired":0,"definitionMessage":"earned","activationDate":"1767312000000","expirationDate":null}
]}
`
)

// caseFolder makes a folder with the config and the case, with some files replaced ("" is none), and gives its path.
func caseFolder(t *testing.T, replaced map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	files := map[string]string{
		"config.yaml": caseConfig, "tests/first/case.yaml": caseYAML, "tests/first/page-1.json": casePage, "tests/first/irp.json": caseIRP,
	}
	for name, text := range replaced {
		files[name] = text
	}
	for name, text := range files {
		if text == "" {
			continue
		}
		name = filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil { //nolint:gosec // a test's own folder
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// runReal executes a command line against real files and an empty environment.
func runReal(t *testing.T, args ...string) (code int, out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	p := &program{out: &stdout, err: &stderr, readFile: os.ReadFile, getenv: func(string) (string, bool) { return "", false }}
	code = p.execute(context.Background(), args)
	return code, stdout.String(), stderr.String()
}

// TestACaseNeedsNothing: no network (the host does not exist), no secrets, no certificates, no patience (the CRM asks for
// 3 seconds, and the rate limit for an hour).
func TestACaseNeedsNothing(t *testing.T) {
	folder := caseFolder(t, nil)
	for _, args := range [][]string{
		{"test", folder},
		{"test", filepath.Join(folder, "tests")},
		{"test", filepath.Join(folder, "tests", "first")},
		{"test", "--config", filepath.Join(folder, "config.yaml")},
	} {
		if code, out, errs := runReal(t, args...); code != 0 || !strings.HasPrefix(out, "ok ") || !strings.HasSuffix(out, "\n1 case\n") || errs != "" {
			t.Errorf("%v: %d\n%s%s", args, code, out, errs)
		}
	}
}

// TestADifferenceIsTold: each change of the config, of the recording or of what is expected is told by the line of the
// case, and by the line of the config that decided.
func TestADifferenceIsTold(t *testing.T) {
	for name, test := range map[string]struct {
		file, old, new string
		code           int
		says           []string
	}{
		"an amount":       {"tests/first/irp.json", "10.5", "10.50", 1, []string{"irp.json: entry 2, added: it is 10.5, expected is 10.50", "config.yaml:21"}},
		"a date":          {"tests/first/irp.json", "1767398400000", "1", 1, []string{"entry 1, activationDate:", "config.yaml:23"}},
		"a text":          {"tests/first/irp.json", `"earned"`, `"Earned"`, 1, []string{"entry 2, definitionMessage:", "config.yaml:23"}},
		"an entry less":   {"tests/first/irp.json", `{"added":0,"expired":3,"definitionMessage":"spent","activationDate":"1767398400000","expirationDate":null},`, "", 1, []string{"entry 1 is not expected"}},
		"the header":      {"tests/first/case.yaml", "unmatched=1", "unmatched=2", 1, []string{"case.yaml:3: Bonus-History", "got       live; unmatched=1", "expected  live; unmatched=2"}},
		"a parameter":     {"config.yaml", "since:", "from:", 1, []string{"case.yaml:5: request 1: query: since is recorded and not sent", "asked     GET /api/customers/4711/bonuses?from=2026-03-04&page=1", "config.yaml:10"}},
		"a request less":  {"config.yaml", "last: body.pages", "more: false", 1, []string{"case.yaml:10: request 3: 1 of 3 answers were not asked for"}},
		"a request more":  {"tests/first/page-1.json", `"pages":2`, `"pages":3`, 1, []string{"request 4: one request more than there are answers", "page=3"}},
		"another key":     {"tests/first/case.yaml", "history:", "histroy:", 1, []string{"case.yaml:3: histroy: unknown key", "did you mean history?"}},
		"a missing body":  {"tests/first/case.yaml", "page-1.json", "page-9.json", 1, []string{"case.yaml:9: answers[1].body: the file page-9.json cannot be read"}},
		"nothing to meet": {"tests/first/irp.json", caseIRP, "", 1, []string{"irp.json: it is missing", "--update"}},
		"a broken config": {"config.yaml", "as: decimal", "as: decimel", 1, []string{"config.yaml:18:", "did you mean decimal?"}},
		"no case":         {"tests/first/case.yaml", caseYAML, "", 1, []string{"the folder has no case.yaml"}},
	} {
		t.Run(name, func(t *testing.T) {
			original := map[string]string{"config.yaml": caseConfig, "tests/first/case.yaml": caseYAML, "tests/first/page-1.json": casePage, "tests/first/irp.json": caseIRP}[test.file]
			changed := strings.Replace(original, test.old, test.new, 1)
			if changed == original {
				t.Fatal("nothing is changed")
			}
			code, out, errs := runReal(t, "test", caseFolder(t, map[string]string{test.file: changed}))
			for _, says := range test.says {
				if !strings.Contains(out+errs, says) {
					t.Errorf("it does not say %q", says)
				}
			}
			if code != test.code || t.Failed() {
				t.Errorf("%d\n%s%s", code, out, errs)
			}
		})
	}
}

func TestNoCasesAreAnError(t *testing.T) {
	empty := t.TempDir()
	if err := os.WriteFile(filepath.Join(empty, "config.yaml"), []byte(caseConfig), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"test", empty}, {"test", "--config", filepath.Join(empty, "config.yaml")}, {"test", filepath.Join(empty, "nosuch")}} {
		if code, out, errs := runReal(t, args...); code != 1 || !strings.Contains(errs, "explain USER --record") {
			t.Errorf("%v: %d %s%s", args, code, out, errs)
		}
	}
}

func TestUpdateWritesWhatIsAnswered(t *testing.T) {
	folder := caseFolder(t, map[string]string{
		"tests/first/irp.json": "", "tests/first/case.yaml": strings.Replace(caseYAML, "history: live; unmatched=1\n", "", 1),
		"tests/other/case.yaml": "user: x\nanswers: []\n",
	})
	code, out, _ := runReal(t, "test", "--update", folder)
	if code != 1 || !strings.Contains(out, "updated  ") || !strings.Contains(out, "FAIL     ") {
		t.Errorf("%d\n%s", code, out)
	}
	for name, want := range map[string]string{"irp.json": caseIRP, "case.yaml": caseYAML} {
		if got, err := os.ReadFile(filepath.Join(folder, "tests", "first", name)); err != nil || string(got) != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if _, err := os.Stat(filepath.Join(folder, "tests", "other", "irp.json")); err == nil {
		t.Error("a conversation that went another way was written as what is expected")
	}
}

func TestReportsForMachines(t *testing.T) {
	folder := caseFolder(t, map[string]string{"tests/first/irp.json": strings.Replace(caseIRP, "10.5", "11", 1), "tests/second/case.yaml": "user: x\n"})
	file := filepath.Join(folder, "report.xml")
	code, out, _ := runReal(t, "test", "--json", "--junit", file, folder)
	var told testReport
	if err := json.Unmarshal([]byte(out), &told); err != nil || code != 1 || told.Failed != 2 || told.Cases[0].Failures[0].Entry != 2 || told.Cases[0].Failures[0].Config == nil {
		t.Errorf("%d %v\n%s", code, err, out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var whole junitSuite
	if err := xml.Unmarshal(text, &whole); err != nil || whole.Tests != 2 || whole.Failures != 2 || whole.Cases[0].Failure == nil {
		t.Errorf("%v\n%s", err, text)
	}
}
