package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"testing"

	bonusadapter "bonus-adapter"
	"bonus-adapter/cmd/bonus-adapter/console"
	"bonus-adapter/cmd/bonus-adapter/replay"
)

// consoleTells gives what the console tells of a question, as the page gets it.
func consoleTells(t *testing.T, asked console.Question) (*playground, string) {
	t.Helper()
	told, err := playTyped(t.Context(), asked)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(told)
	if err != nil {
		t.Fatal(err)
	}
	return told.(*playground), string(text)
}

const typedConfig = `adapter:
  keys: [a-literal-key-of-imshop]
crm:
  base_url: ${env:CONSOLE_CANARY_URL}
  auth: { bearer: "${file:/etc/hostname}" }
  headers: { X-Shop: "${env:CONSOLE_CANARY}" }
  steps:
    - name: history
      get: /customers/{{ user }}
      pages: { param: page, last: body.pages }
mapping:
  records: history.items
  fields: { type: { at: type }, amount: { at: amount, as: decimal } }
  rules:
    - { when: type == "EARN", added: amount }
`

const typedAnswer = `{"pages":2,"items":[{"type":"EARN","amount":250},{"type":"GIFT","amount":5},{"type":"EARN","amount":"x"}]}`

func oneAnswer(body string) []console.Answer {
	return []console.Answer{{Headers: map[string]string{"Content-Type": "application/json"}, Body: body}}
}

// TestTheConsoleResolvesNothing: a typed config is anybody's text, and its references are the machine's secrets.
func TestTheConsoleResolvesNothing(t *testing.T) {
	t.Setenv("CONSOLE_CANARY", "canary-of-the-environment")
	t.Setenv("CONSOLE_CANARY_URL", "https://canary-host.example")
	told, text := consoleTells(t, console.Question{Config: typedConfig, Answers: oneAnswer(typedAnswer)})
	if told.Explained == nil || strings.Contains(text, "canary-") || !strings.Contains(text, "${env:CONSOLE_CANARY_URL}/customers/12345") {
		t.Errorf("%s", text)
	}
	if strings.Contains(text, "a-literal-key-of-imshop") {
		t.Errorf("a secret comes back: %s", text)
	}
}

// TestTheConsoleTellsWhatTheAnswersShow: problems of the config alone, then those that answers bring to light.
func TestTheConsoleTellsWhatTheAnswersShow(t *testing.T) {
	told, _ := consoleTells(t, console.Question{Config: strings.Replace(typedConfig, "as: decimal", "as: decimall", 1), Answers: oneAnswer(typedAnswer)})
	if told.Explained != nil || len(told.Problems) != 1 || told.Problems[0].Line != 13 {
		t.Errorf("%+v", told.Problems)
	}
	told, _ = consoleTells(t, console.Question{Config: typedConfig, Answers: oneAnswer(typedAnswer)})
	var lines []int
	for _, problem := range told.Problems {
		lines = append(lines, problem.Line)
	}
	if len(lines) != 2 || lines[0] != 13 || lines[1] != 15 { // "x" is no amount, and nothing covers GIFT
		t.Errorf("%+v", told.Problems)
	}
	told, _ = consoleTells(t, console.Question{Config: typedConfig, Answers: oneAnswer(strings.Replace(typedAnswer, `"x"`, "1", 1))})
	if got := told.Explained.Answer.History; got != "live; partial=crm_unreachable; unmatched=1" {
		t.Errorf("the second page is not there, and the first is to be told all the same: %s", got)
	}
	if _, err := caseTyped(t.Context(), console.Question{Config: typedConfig, Answers: oneAnswer(typedAnswer)}); err == nil || !strings.Contains(err.Error(), "request 2") {
		t.Errorf("a case without its second page: %v", err)
	}
}

// TestACaseOfTheConsoleHoldsNoSecrets: neither one that was written into the config nor the customer.
func TestACaseOfTheConsoleHoldsNoSecrets(t *testing.T) {
	body := `{"pages":1,"customer":"4711000","phone":"+7 900 123-45-67","echo":"a-literal-key-of-imshop","items":[{"type":"EARN","amount":250}]}`
	archive, err := caseTyped(t.Context(), console.Question{Config: typedConfig, Customer: "4711000", Answers: oneAnswer(body)})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range unzipped(t, archive) {
		for _, secret := range []string{"4711000", "123-45-67", "a-literal-key"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds %s: %s", name, secret, text)
			}
		}
	}
}

func unzipped(t *testing.T, archive []byte) map[string]string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, file := range r.File {
		text, err := fs.ReadFile(r, file.Name)
		if err != nil {
			t.Fatal(err)
		}
		files[file.Name] = string(text)
	}
	return files
}

// TestTheConsoleSaysWhatTestSays: every recording of every preset comes to what its case expects, and the case that the
// console makes of it passes.
func TestTheConsoleSaysWhatTestSays(t *testing.T) {
	all, err := newPresets(bonusadapter.Presets)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range all {
		t.Run(one.Name, func(t *testing.T) {
			t.Parallel()
			got, err := shownPreset(one.Name)
			if err != nil {
				t.Fatal(err)
			}
			point := got.(*startingPoint)
			for _, recording := range point.Recordings {
				if len(recording.Answers) == 0 {
					continue // the CRM is not asked: there is nothing to paste
				}
				asked := console.Question{Config: point.Config, Customer: recording.Customer, Now: recording.Now, Env: recording.Env, Answers: recording.Answers}
				judgeRecording(t, path.Join("presets", one.Name, casesFolder, recording.Name), asked)
			}
		})
	}
}

func judgeRecording(t *testing.T, folder string, asked console.Question) {
	t.Helper()
	want, err := fs.ReadFile(bonusadapter.Presets, path.Join(folder, replay.IRPFile))
	if err != nil {
		t.Fatal(err)
	}
	told, _ := consoleTells(t, asked)
	if told.Explained == nil {
		t.Errorf("%s: %+v", folder, told.Problems)
		return
	}
	if differences, err := replay.Compare(told.Explained.Answer.Body, want); err != nil || len(differences) > 0 {
		t.Errorf("%s: %v %v (%s)", folder, err, differences, told.Explained.Answer.History)
	}
	archive, err := caseTyped(t.Context(), asked)
	if err != nil {
		t.Errorf("%s: %v", folder, err)
		return
	}
	r, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	within, err := fs.Sub(r, path.Join(casesFolder, typedFolder))
	if err != nil {
		t.Fatal(err)
	}
	file, _ := parseConfig(newConfigFile, []byte(asked.Config))
	if result, err := testCase(file, within, typedFolder); err != nil || !result.OK {
		t.Errorf("%s: %v %+v", folder, err, result.Failures)
	}
}

// TestTheConsoleAsksOnlyWithLeave: and what it then gets holds neither the token nor the customer.
func TestTheConsoleAsksOnlyWithLeave(t *testing.T) {
	for _, live := range []bool{false, true} {
		args := []string{"--admin", "127.0.0.1:0"}
		if live {
			args = append(args, "--console-live")
		}
		_, log := startDemo(t, args...)
		address := "http://" + log.await(t, `"msg":"admin port","listens":"([^"]+)"`)
		response, err := http.Post(address+console.APIPath+"ask", "application/json", strings.NewReader(`{"customer":"12345"}`))
		if err != nil {
			t.Fatal(err)
		}
		var body bytes.Buffer
		_, _ = body.ReadFrom(response.Body)
		_ = response.Body.Close()
		text := body.String()
		switch {
		case !live && response.StatusCode != http.StatusForbidden:
			t.Errorf("without leave: %d %s", response.StatusCode, text)
		case live && (response.StatusCode != http.StatusOK || strings.Contains(text, demoToken) || !strings.Contains(text, `"added":250`)):
			t.Errorf("with leave: %d %s", response.StatusCode, text)
		case live && !strings.Contains(text, "/customers/[customer]/transactions"):
			t.Errorf("the customer is told: %s", text)
		}
	}
}
