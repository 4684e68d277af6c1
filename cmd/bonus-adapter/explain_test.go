package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"bonus-adapter/crm/crmtest"
)

// explainedConfig is a config for explainedCRM, and everything in it is right.
const explainedConfig = `adapter:
  keys: ["${env:IRP_KEY}"]
crm:
  base_url: ${env:CRM_URL}/v1
  auth:
    bearer: "${env:CRM_TOKEN}"
  fail: body.ok == false
  steps:
    - name: account
      get: /accounts
      query:
        phone: "{{ user }}"
      not_found: len(body.accounts) == 0
      keep:
        id: body.accounts[0].id
    - name: history
      get: /accounts/{{ account.id }}/operations
      pages: { param: page, last: body.pages }
mapping:
  records: history.operations
  fields:
    type:
      at: type
    amount:
      at: amount
      as: decimal
    created:
      at: created
      as: time
      zone: Europe/Moscow
      layout: "02.01.2006 15:04"
    expires:
      at: expires
      as: date
      zone: Europe/Moscow
      optional: true
    title:
      at: title
      optional: true
  rules:
    - { when: type == "NOTE", skip: true }
    - { when: type == "EARN", added: amount }
    - { when: type == "SPEND", expired: amount }
  entry:
    definitionMessage: title ?? type
    activationDate: created
    expirationDate: expires
  limit: 100
`

// Canaries: nothing that is printed or recorded may hold them.
const (
	canaryID     = "+79161234567"
	canaryToken  = "crm-token-0815-canary"
	canaryKey    = "irp-key-4711-canary"
	canaryDigits = "9161234567"
)

// explainedCRM is a loyalty CRM with accounts, pages and manners.
func explainedCRM(t *testing.T) *crmtest.CRM {
	t.Helper()
	return crmtest.New(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		answer := `{"ok":false,"error":"there is no ` + r.URL.Path + ` for ` + canaryID + `"}`
		switch {
		case r.Header.Get("Authorization") != "Bearer "+canaryToken:
			w.WriteHeader(http.StatusUnauthorized)
			answer = `{"ok":false,"error":"not accepted: ` + r.Header.Get("Authorization") + `"}`
		case r.URL.Path == "/v1/accounts" && r.URL.Query().Get("phone") == canaryID:
			answer = `{"ok":true,"accounts":[{"id":7001,"phone":"8` + canaryDigits + `","firstName":"Anna","mail":"anna@mail.example.ru"}]}`
		case r.URL.Path == "/v1/accounts":
			answer = `{"ok":true,"accounts":[]}`
		case r.URL.Path == "/v1/accounts/7001/operations" && r.URL.Query().Get("page") == "2":
			answer = `{"ok":true,"pages":2,"operations":[{"type":"SPEND","amount":"40","created":"03.02.2026 10:00"}]}`
		case r.URL.Path == "/v1/accounts/7001/operations":
			answer = `{"ok":true,"pages":2,"operations":[{"type":"EARN","amount":"215.10","created":"01.02.2026 10:00","expires":"2027-02-01",
				"title":"Purchase of 7` + canaryDigits + `"},{"type":"NOTE","amount":"0","created":"02.02.2026 10:00"}]}`
		default:
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = io.WriteString(w, answer)
	})
}

// explained runs a command line with a config, in front of the CRM. The config is config.yaml in the folder.
func explained(t *testing.T, folder, config, crmURL string, args ...string) (code int, out, errs string) {
	t.Helper()
	const file = "config.yaml"
	t.Chdir(folder)
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"CRM_URL": crmURL, "CRM_TOKEN": canaryToken, "IRP_KEY": canaryKey}
	var stdout, stderr bytes.Buffer
	p := &program{out: &stdout, err: &stderr, readFile: os.ReadFile, getenv: func(name string) (string, bool) { value, set := env[name]; return value, set }}
	code = p.execute(context.Background(), append([]string{args[0], "--config", file}, args[1:]...))
	return code, stdout.String(), stderr.String()
}

// TestExplainNamesTheGuiltyLine plants one mistake after the other into a config that loads all the same. What explain
// prints has to name the line of the mistake, on the line that tells what goes wrong there.
func TestExplainNamesTheGuiltyLine(t *testing.T) {
	server := explainedCRM(t)
	for name, seeded := range map[string]struct{ old, new, says string }{
		"a key that is not this CRM's":        {`bearer: "${env:CRM_TOKEN}"`, `bearer: "${env:IRP_KEY}"`, "crm_auth"},
		"a path of the API that is not there": {"/operations\n", "/operation\n", `crm_error_body|GET .*/operation\?`},
		"a wrong version in the base":         {"/v1", "/v2", "GET .*/v2/accounts"},
		"a condition that always holds":       {"len(body.accounts) == 0", "len(body.accounts) >= 0", "not_found holds"},
		"an error where there is none":        {"body.ok == false", "body.ok == true", "fail holds"},
		"a kept value from a wrong place":     {"body.accounts[0].id", "body.accounts[0].identifier", "path_missing"},
		"a kept value of somebody else":       {"body.accounts[0].id", "body.accounts[0].phone", "kept id = "},
		"records at a wrong place":            {"history.operations", "history.items", "path_missing"},
		"pages that end at a wrong place":     {"last: body.pages", "last: body.total", "path_missing"},
		"a field that is not there":           {"at: amount", "at: sum", "unreadable .*fields.amount"},
		"a layout of another country":         {`layout: "02.01.2006 15:04"`, `layout: "2006-01-02 15:04"`, "unreadable .*fields.created"},
		"an optional field never there":       {"at: expires", "at: expiry", "^expires: the field has no value in any of 3 records"},
		"a code that is misspelt":             {`type == "EARN"`, `type == "ERAN"`, `no: .*ERAN`},
		"added and expired mixed up":          {"expired: amount }", "added: amount }", `shown .*type == "SPEND"`},
		"a skip for too much":                 {`when: type == "NOTE"`, `when: amount < 100`, "skipped .*amount < 100"},
		"a wrong zone":                        {"as: time\n      zone: Europe/Moscow", "as: time\n      zone: Asia/Tokyo", "created .*zone: Asia/Tokyo"},
		"a limit that is too low":             {"limit: 100", "limit: 1", "1 of 2 entries"},
		"a parameter under another name":      {`phone: "{{ user }}"`, `mobile: "{{ user }}"`, `GET .*mobile=`},
	} {
		t.Run(name, func(t *testing.T) {
			before, _, found := strings.Cut(explainedConfig, seeded.old)
			if !found {
				t.Fatal("nothing is seeded")
			}
			line := 1 + strings.Count(before, "\n") + strings.Count(seeded.old[:differs(seeded.old, seeded.new)], "\n")
			_, out, errs := explained(t, t.TempDir(), strings.Replace(explainedConfig, seeded.old, seeded.new, 1), server.URL, "explain", canaryID)
			if !names(out, seeded.says, line) {
				t.Errorf("line %d is not named where it says %s:\n%s%s", line, seeded.says, out, errs)
			}
		})
	}
}

// names tells whether a line of what was printed says something and names a line of the config.
func names(printed, says string, line int) bool {
	wanted, lines := regexp.MustCompile("(?m)"+says), regexp.MustCompile(`config\.yaml:([\d,-]+)`)
	for text := range strings.Lines(printed) {
		found := lines.FindStringSubmatch(text)
		if found == nil || !wanted.MatchString(text) {
			continue
		}
		for part := range strings.SplitSeq(found[1], ",") {
			first, last, isRange := strings.Cut(part, "-")
			from, _ := strconv.Atoi(first)
			to, _ := strconv.Atoi(last)
			if from == line || isRange && from <= line && line <= to {
				return true
			}
		}
	}
	return false
}

// differs gives where two texts begin to differ.
func differs(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// TestNothingSecretIsPrintedOrRecorded looks for the customer's id and the secrets in all that explain, test and check
// print, and in what is recorded.
func TestNothingSecretIsPrintedOrRecorded(t *testing.T) {
	server := explainedCRM(t)
	digest := sha256.Sum256([]byte(canaryToken))
	canaries := []string{canaryToken, canaryKey, canaryDigits, "%2B79", "Anna", "anna@", hex.EncodeToString(digest[:])}
	clean := func(what, text string) {
		t.Helper()
		for _, canary := range canaries {
			if strings.Contains(text, canary) {
				t.Errorf("%s holds %s:\n%s", what, canary, text)
			}
		}
	}
	for name, config := range map[string]string{
		"right":       explainedConfig,
		"unaccepted":  strings.Replace(explainedConfig, "${env:CRM_TOKEN}", "${env:IRP_KEY}", 1),
		"not there":   strings.Replace(explainedConfig, "/operations", "/operation", 1),
		"unreadable":  strings.Replace(explainedConfig, "at: amount", "at: title", 1),
		"query":       strings.Replace(explainedConfig, "auth:\n", "values: { key: \"${env:CRM_TOKEN}\" }\n  auth:\n    query: { token: \"${env:CRM_TOKEN}\", sign: '{{ hash(\"sha256\", values.key) }}' }\n", 1),
		"literal":     strings.Replace(explainedConfig, "${env:CRM_TOKEN}", canaryToken, 1),
		"literals":    strings.Replace(explainedConfig, "auth:\n", "auth:\n    query: { token: "+canaryToken+" }\n", 1),
		"broken":      strings.Replace(explainedConfig, "as: decimal", "as: decimel", 1),
		"unreachable": explainedConfig,
	} {
		t.Run(name, func(t *testing.T) {
			folder, url := t.TempDir(), server.URL
			if name == "unreachable" {
				url = "http://127.0.0.1:1"
			}
			recording := filepath.Join(folder, "tests", "recorded")
			for _, args := range [][]string{
				{"explain", canaryID, "--all"},
				{"explain", canaryID, "--json", "--record", recording},
				{"explain", "--response", recording},
				{"test"},
				{"test", "--json"},
				{"check"},
			} {
				_, out, errs := explained(t, folder, config, url, args...)
				clean(strings.Join(args, " "), out+errs)
			}
			files, _ := filepath.Glob(filepath.Join(recording, "*"))
			for _, file := range files {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				clean(file, string(text))
			}
			if name != "broken" && len(files) < 2 {
				t.Errorf("nothing is recorded: %v", files)
			}
		})
	}
}

// TestARecordingIsACase: what explain records passes as it is, and says the same as the live answer.
func TestARecordingIsACase(t *testing.T) {
	server, folder := explainedCRM(t), t.TempDir()
	recording := filepath.Join(folder, "tests", "recorded")
	_, live, errs := explained(t, folder, explainedConfig, server.URL, "explain", canaryID, "--record", recording)
	if code, out, errs := explained(t, folder, explainedConfig, "", "test"); code != 0 || !strings.HasPrefix(out, "ok ") {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
	if _, again, _ := explained(t, folder, explainedConfig, "", "explain", "--response", recording); tail(again) != tail(strings.ReplaceAll(live, customerShown, customerShown)) {
		t.Errorf("live:\n%s%s\nrecorded:\n%s", live, errs, again)
	}
	if code, _, errs := explained(t, folder, explainedConfig, server.URL, "explain", canaryID, "--record", recording); code != 1 || !strings.Contains(errs, "is there already") {
		t.Errorf("%d %s", code, errs)
	}
}

// tail is what explain says of the answer.
func tail(told string) string {
	_, answer, _ := strings.Cut(told, "\nHTTP ")
	return answer
}

// TestExplainAsJSON: the same structure, with places and lines.
func TestExplainAsJSON(t *testing.T) {
	server := explainedCRM(t)
	_, out, errs := explained(t, t.TempDir(), explainedConfig, server.URL, "explain", canaryID, "--json", "--show-id")
	var told explanation
	if err := json.Unmarshal([]byte(out), &told); err != nil {
		t.Fatalf("%v\n%s%s", err, out, errs)
	}
	if told.Customer != canaryID || len(told.Steps) != 2 || len(told.Records) != 3 || told.Records[0].Config.Line != 42 || told.Answer.History != "live" {
		t.Errorf("%+v", told)
	}
	if strings.Contains(out, canaryToken) {
		t.Error("--show-id shows a secret")
	}
}

func TestExplainOffline(t *testing.T) {
	folder := t.TempDir()
	answers := map[string]string{
		"account.json": `{"ok":true,"accounts":[{"id":7001}]}`,
		"page.json":    `{"ok":true,"pages":3,"operations":[{"type":"GIFT","amount":"1","created":"01.02.2026 10:00"}]}`,
	}
	for name, text := range answers {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	account, page := filepath.Join(folder, "account.json"), filepath.Join(folder, "page.json")
	code, out, errs := explained(t, folder, explainedConfig, "", "explain", "77", "--response", account, "--response", page)
	for _, says := range []string{"kept id = 7001", "1 record", "unmatched", "recording: at request 3: one request more than there are answers", "/accounts/7001/operations?page=2"} {
		if !strings.Contains(out, says) {
			t.Errorf("it does not say %q", says)
		}
	}
	if code != 0 || t.Failed() {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
	for _, args := range [][]string{{"explain"}, {"explain", "1", "--response", account, "--record", folder}, {"explain", "1", "2"}} {
		if code, _, _ := explained(t, folder, explainedConfig, "", args...); code != exitUsage {
			t.Errorf("%v: %d", args, code)
		}
	}
	if code, _, errs := explained(t, folder, explainedConfig, "", "explain", "1", "--response", "nosuch.json"); code != exitWrong || !strings.Contains(errs, "nosuch.json") {
		t.Errorf("%d %s", code, errs)
	}
}

// TestExplainTellsWhyRecordsAreNoEntries: each by the line of the config that has it so.
func TestExplainTellsWhyRecordsAreNoEntries(t *testing.T) {
	folder := t.TempDir()
	yesterday := time.Now().Add(-24 * time.Hour).Format("02.01.2006 15:04") // an answer alone is read as if it came now
	account, page := filepath.Join(folder, "account.json"), filepath.Join(folder, "page.json")
	for name, text := range map[string]string{
		account: `{"ok":true,"accounts":[{"id":7001}]}`,
		page: `{"ok":true,"pages":1,"operations":[
			{"type":"EARN","amount":1,"created":"YESTERDAY","title":"a"},{"type":"EARN","amount":1,"created":"YESTERDAY","title":"a"},
			{"type":"EARN","amount":2,"created":"YESTERDAY","expires":"2027-01-01"},{"type":"EARN","amount":3,"created":"YESTERDAY","expires":"2027-01-01"},
			{"type":"EARN","amount":4,"created":"01.02.2016 10:00"},{"type":"EARN","amount":5000,"created":"YESTERDAY"}]}`,
	} {
		if err := os.WriteFile(name, []byte(strings.ReplaceAll(text, "YESTERDAY", yesterday)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	policies := "  unique: title\n  group: expires\n  since: 365d\n  pending: { when: amount > 1000 or created > now }\n  limit: 1\n"
	code, out, errs := explained(t, folder, strings.Replace(explainedConfig, "  limit: 100\n", policies, 1), "", "explain", "77", "--response", account, "--response", page)
	for says, line := range map[string]int{
		"duplicate  it is record 1 again": 48, "grouped    it is part of the entry of record 3": 49, "old        it is older than what is looked at": 50,
		"pending    its points cannot be used yet": 51, "cut off    other entries come first": 52,
	} {
		if !names(out, says, line) {
			t.Errorf("it does not say %q with line %d", says, line)
		}
	}
	if code != 0 || t.Failed() {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
}

// TestOutputIsPlainWithoutATerminal: neither colour nor anything of a CRM's text that could steer a terminal.
func TestOutputIsPlainWithoutATerminal(t *testing.T) {
	folder := t.TempDir()
	evil := filepath.Join(folder, "evil.json")
	if err := os.WriteFile(evil, []byte(`{"ok":false,"x":"\u001b[2J\u0007","accounts":[{"id":"\u001b[31m"}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, out, _ := explained(t, folder, explainedConfig, "", "explain", "1", "--response", evil)
	if strings.ContainsAny(out, "\x1b\x07") {
		t.Errorf("%q", out)
	}
	if painted := (painter{on: true}).as(colourBad, "x"); painted != "\x1b[31mx\x1b[0m" {
		t.Errorf("%q", painted)
	}
}
