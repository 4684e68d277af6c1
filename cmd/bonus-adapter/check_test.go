package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	bonusadapter "bonus-adapter"
)

// run executes a command line against files and an environment, and gives its exit code and what it printed.
func run(files, env map[string]string, args ...string) (code int, out, errs string) {
	var stdout, stderr bytes.Buffer
	p := &program{
		out: &stdout, err: &stderr,
		getenv: func(name string) (string, bool) { value, set := env[name]; return value, set },
		readFile: func(name string) ([]byte, error) {
			if text, there := files[name]; there {
				return []byte(text), nil
			}
			return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("no such file")}
		},
	}
	code = p.execute(context.Background(), args)
	return code, stdout.String(), stderr.String()
}

const brokenConfig = `adapter:
  keys: ["${env:IRP_KEY}"]
  budjet: 4s
crm:
  base_url: https://crm.example.ru/api
  auth: { bearer: "${env:CRM_TOKEN}" }
  timeout: 2
  fail: body.ok = false
  steps:
    - name: history
      get: /customers/{{ usr }}/transactions
      query: { limit: 100 }
      pages: { last: body.meta.totalPages }
mapping:
  records: histori.data.items
  fields:
    type:    { at: type }
    amount:  { at: amount, as: decimel }
    sum:     { at: "a..b", as: decimal }
    created: { at: createdAt, as: time, zone: Europe/Moskow }
    note:    { as: text }
  rules:
    - { when: type == "ACCRUAL", added: amont }
    - { when: type > 5, skip: true }
    - { when: type == "X" }
  entry: { definitionMessage: comment ?? "x", activationDate: note }
  limit: many
`

// TestCheckSaysEverythingAtOnce counts: so many mistakes in, so many problems out, each at its line and column.
func TestCheckSaysEverythingAtOnce(t *testing.T) {
	code, _, errs := run(map[string]string{"c.yaml": brokenConfig}, nil, "check", "c.yaml")
	want := []string{
		"3:3: adapter.budjet: unknown key", "7:12: crm.timeout: ", "8:17: crm.fail: ", "11:26: crm.steps[0].get: ", "13:14: crm.steps[0].pages: param is missing",
		"15:12: mapping.records: no step", "18:32: mapping.fields.amount.as: ", "19:23: mapping.fields.sum.at: ", "20:47: mapping.fields.created.zone: ",
		"21:14: mapping.fields.note: ", "23:41: mapping.rules[0].added: there is no field amont", "24:22: mapping.rules[1].when: ", "25:7: mapping.rules[2]: ",
		"26:31: mapping.entry.definitionMessage: there is no field comment", "26:63: mapping.entry.activationDate: a time is wanted", "27:10: mapping.limit: ",
	}
	for _, each := range want {
		if !strings.Contains(errs, "c.yaml:"+each) {
			t.Errorf("not told: %s", each)
		}
	}
	if code != 1 || !strings.Contains(errs, fmt.Sprintf("\n%d problems\n", len(want))) {
		t.Errorf("exit code %d, want 1 and %d problems:\n%s", code, len(want), errs)
	}
	for _, hint := range []string{"did you mean budget?", "did you mean user?", "did you mean decimal?", "did you mean amount?", "compare with =="} {
		if !strings.Contains(errs, hint) {
			t.Errorf("no hint %q", hint)
		}
	}
}

func TestReferences(t *testing.T) {
	files := map[string]string{"config.yaml": string(bonusadapter.Config)}
	full := map[string]string{"IRP_KEY": "hunter2", "CRM_URL": "https://x.ru", "CRM_TOKEN": "hunter3"}
	for name, test := range map[string]struct {
		env  map[string]string
		args []string
		code int
		says string
	}{
		"unset, check warns":      {nil, []string{"check"}, 0, "config.yaml:9:19: crm.auth.bearer: warning: ${env:CRM_TOKEN} cannot be used"},
		"unset, strict refuses":   {nil, []string{"check", "--strict-env"}, 1, "3 problems"},
		"unset, serve refuses":    {nil, []string{"serve"}, 1, "config.yaml:5:10: adapter.keys[0]: ${env:IRP_KEY} cannot be used"},
		"empty, serve refuses":    {map[string]string{"IRP_KEY": "", "CRM_URL": "https://x.ru", "CRM_TOKEN": "x"}, []string{"serve"}, 1, "it is empty"},
		"the flag may be last":    {nil, []string{"check", "config.yaml", "--strict-env"}, 1, "3 problems"},
		"set, check is fine":      {full, []string{"check", "--strict-env"}, 0, ""},
		"set to what cannot be":   {map[string]string{"IRP_KEY": "k", "CRM_URL": "hunter2", "CRM_TOKEN": "hunter3\n"}, []string{"check"}, 1, "2 problems"},
		"no such file":            {full, []string{"check", "nosuch.yaml"}, 1, "nosuch.yaml"},
		"no such command":         {full, []string{"serv"}, 2, `no command "serv"`},
		"no such flag":            {full, []string{"check", "--nosuch"}, 2, "nosuch"},
		"too many arguments":      {full, []string{"check", "a", "b"}, 2, "too many"},
		"hash without a customer": {full, []string{"hash"}, 2, "one customer"},
		"hash without a key":      {full, []string{"hash", "1"}, 1, "adapter.id_key"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := run(files, test.env, test.args...)
			if code != test.code || !strings.Contains(errs, test.says) {
				t.Errorf("exit code %d, want %d and %q in:\n%s", code, test.code, test.says, errs)
			}
			if strings.Contains(out+errs, "hunter") {
				t.Errorf("a secret was printed:\n%s%s", out, errs)
			}
		})
	}
}

func TestHashIsTheNameInTheLog(t *testing.T) {
	files := map[string]string{"config.yaml": "adapter: { id_key: '${env:ID_KEY}' }"}
	code, out, _ := run(files, map[string]string{"ID_KEY": "k"}, "hash", "12345")
	if code != 0 || len(strings.TrimSpace(out)) != 16 {
		t.Errorf("%d %q", code, out)
	}
}

func TestHelpAndVersion(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"--help"}, {"version"}, {"serve", "--help"}, {"check", "-h"}, {"demo", "-h"}} {
		if code, out, errs := run(nil, nil, args...); code != 0 || out+errs == "" {
			t.Errorf("%v: %d", args, code)
		}
	}
	if code, _, errs := run(nil, nil); code != 2 || !strings.Contains(errs, "bonus-adapter demo") {
		t.Errorf("%d %s", code, errs)
	}
}
