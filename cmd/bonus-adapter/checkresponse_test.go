package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	responseAccount = `{"ok":true,"accounts":[{"id":7001}]}`
	responsePage    = `{"ok":true,"pages":1,"operations":[
		{"type":"EARN","amount":"215.10","created":"01.02.2026 10:00","expires":"2027-02-01","title":"x"},
		{"type":"SPEND","amount":"40","created":"03.02.2026 10:00"}]}`
)

// TestCheckAgainstARecording: what finds nothing, what cannot be read and what no rule covers is told with line and
// column of the config; a config that fits says so.
func TestCheckAgainstARecording(t *testing.T) {
	for name, test := range map[string]struct {
		old, new string // in the config
		page     string // responsePage if empty
		code     int
		says     []string
	}{
		"it fits":                  {"", "", "", 0, []string{"config.yaml: fine"}},
		"a path of records":        {"history.operations", "history.items", "", 1, []string{"config.yaml:20:12: mapping.records: path_missing", "1 problem"}},
		"a kept value":             {"body.accounts[0].id", "body.accounts[0].key", "", 1, []string{"config.yaml:15:13: crm.steps[0].keep.id: path_missing"}},
		"an optional kept value":   {"body.accounts[0].id", "body.accounts[0].key?", "", 1, []string{"config.yaml:15:13: crm.steps[0].keep.id: it finds nothing"}},
		"an optional field":        {"at: expires", "at: expiry", "", 1, []string{"config.yaml:33:11: mapping.fields.expires.at: the field is in none of 2 records"}},
		"a field of some":          {"at: title\n      optional: true", "at: title", "", 1, []string{"config.yaml:38:11: mapping.fields.title.at: 1 of 2 records cannot be read: it is missing"}},
		"a field of none":          {"at: amount", "at: sum", "", 1, []string{"config.yaml:25:11: mapping.fields.amount.at: the field is in none of 2 records", "hint: sum: sum is not there; there are: type, amount, created, expires, title", "1 problem"}},
		"a layout":                 {"02.01.2006", "2006-01-02", "", 1, []string{"config.yaml:31:15: mapping.fields.created.layout: 2 of 2 records cannot be read", "1 problem"}},
		"a code without a rule":    {`"SPEND"`, `"SPENT"`, "", 1, []string{"config.yaml:41:5: mapping.rules: no rule covers 1 of 2 records: SPEND (1)"}},
		"pages":                    {"body.pages", "body.total", "", 1, []string{"config.yaml:18:35: crm.steps[1].pages.last: path_missing"}},
		"a condition":              {"body.ok == false", "body.okay == false", "", 0, []string{"config.yaml:7:9: crm.fail: warning: body.okay is in no answer", "config.yaml: fine"}},
		"len of what is not there": {"len(body.accounts) == 0", "len(body.account) == 0", "", 1, []string{"config.yaml:13:18: crm.steps[0].not_found: it cannot be asked"}},
		"more pages than recorded": {"", "", strings.Replace(responsePage, `"pages":1`, `"pages":7`, 1), 0, []string{"config.yaml: fine"}},
		"no records":               {"", "", `{"ok":true,"pages":1,"operations":[]}`, 1, []string{"config.yaml:20:12: mapping.records: the recording holds no records"}},
		"no JSON":                  {"", "", "<html>", 1, []string{"decode_failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			account, page := filepath.Join(folder, "account.json"), filepath.Join(folder, "page.json")
			for file, text := range map[string]string{account: responseAccount, page: firstOf(test.page, responsePage)} {
				if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			config := strings.Replace(explainedConfig, test.old, test.new, 1)
			if config == explainedConfig && test.old != "" {
				t.Fatal("nothing is changed")
			}
			code, out, errs := explained(t, folder, config, "https://crm.example.ru", "check", "--response", account, "--response", page)
			for _, says := range test.says {
				if !strings.Contains(out+errs, says) {
					t.Errorf("it does not say %q", says)
				}
			}
			if code != test.code || t.Failed() {
				t.Errorf("%d, want %d\n%s%s", code, test.code, out, errs)
			}
		})
	}
}
