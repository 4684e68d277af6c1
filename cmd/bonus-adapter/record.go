package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"bonus-adapter/cmd/bonus-adapter/redact"
	"bonus-adapter/cmd/bonus-adapter/replay"
	"bonus-adapter/config"
	"bonus-adapter/crm"
)

// recordedUser stands for the customer's id in recordings.
const recordedUser = "12345"

// record writes what was said as a case. Of the live conversation only the answers are kept, redacted. Everything else
// comes from playing them: the requests hold placeholders because nothing else is known when they are made.
func (p *program) record(x *explainer, folder string) error {
	if isFile(filepath.Join(folder, replay.CaseFile)) {
		return fmt.Errorf("%s is there already: name another folder", filepath.Join(folder, replay.CaseFile))
	}
	if len(x.heard.exchanges) == 0 {
		return errors.New("there is nothing to record: the CRM was not asked")
	}
	c := x.recording(x.recordingMask(), x.addresses())
	got, err := playRecorded(x.file, &c)
	if err != nil {
		return fmt.Errorf("the recording cannot be played: %w", err)
	}
	c.History = got.history
	if err := writeFolder(folder, c.Files(got.body)); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(p.err, "%s: %s recorded, without secrets and with the customer %s; look through it before you share it\n", folder, counted(len(c.Answers), "answer"), recordedUser)
	if got.departed != nil {
		_, _ = fmt.Fprintf(p.err, "played back it goes another way than it was recorded: %s\n", got.departed.Why)
	}
	return nil
}

// recording makes a case of the answers, with what the mask takes out, and with values of references in it.
func (x *explainer) recording(mask *redact.Redactor, values map[string]string) replay.Case {
	c := replay.Default()
	c.User, c.Now, c.Env = recordedUser, x.now.UTC().Truncate(time.Second), values
	for _, exchange := range x.heard.exchanges {
		body := mask.Text(string(exchange.Answer))
		body = withoutPeople(body, string(x.file.text))
		c.Answers = append(c.Answers, replay.Recorded(exchange.Status, x.recordedHeaders(mask, exchange.AnswerHeader), []byte(body), failOf(exchange)))
	}
	return c
}

// recordingMask takes out of answers what a replay does not know: the values of references, tokens, the id.
func (x *explainer) recordingMask() *redact.Redactor {
	mask := &redact.Redactor{}
	for _, secret := range x.file.secret {
		mask.Add(secret, "literal-secret")
	}
	environment := x.addresses()
	for reference, value := range x.values {
		scheme, name, _ := strings.Cut(strings.Trim(reference, "${}"), ":")
		if len(value) >= leastSecret {
			mask.Add(value, firstOf(environment[name], replay.Placeholder(scheme, name)))
		}
	}
	for i, token := range x.heard.secrets() {
		mask.Add(token, fmt.Sprintf("recorded-token-%d", i+1))
	}
	mask.AddCustomer(x.user, recordedUser)
	return mask
}

// addresses are placeholders for references that stand for URLs, where their names do not say so.
func (x *explainer) addresses() map[string]string {
	made := map[string]string{}
	for reference, value := range x.values {
		scheme, name, _ := strings.Cut(strings.Trim(reference, "${}"), ":")
		target, err := url.Parse(value)
		isURL := err == nil && (target.Scheme == "http" || target.Scheme == "https") && target.Host != ""
		if placeholder := replay.Placeholder(scheme, name); isURL && scheme == "env" && !strings.HasPrefix(placeholder, "https://") {
			made[name] = "https://" + placeholder + ".invalid"
		}
	}
	return made
}

// recordedHeaders are those of an answer that may mean something to the adapter.
func (x *explainer) recordedHeaders(mask *redact.Redactor, header http.Header) map[string]string {
	kept := map[string]string{}
	text := strings.ToLower(string(x.file.text))
	for name, values := range header {
		known := slices.Contains([]string{"Content-Type", "Link", "Retry-After", "Location"}, name)
		if known || strings.Contains(text, strings.ToLower(name)) && !slices.Contains([]string{"Date", "Server", "Set-Cookie"}, name) {
			kept[name] = mask.Text(strings.Join(values, ", "))
		}
	}
	return kept
}

// failOf tells in which way there was no answer; empty if there was one.
func failOf(e crm.Exchange) string {
	switch {
	case e.Status != 0 && e.Answer != nil:
		return ""
	case e.Failed != nil && e.Failed.Kind == crm.Timeout:
		return "timeout"
	case e.Failed != nil && e.Failed.Err != nil && strings.Contains(e.Failed.Err.Error(), "refused"):
		return "refused"
	}
	return "reset"
}

// playRecorded plays answers without their requests, notes which requests they are for, and plays the case as it will be
// played from now on.
func playRecorded(file *configFile, c *replay.Case) (*played, error) {
	got, err := play(file, c)
	if err != nil {
		return nil, errors.New(config.All(err)[0].Error())
	}
	c.Ask(got.sent)
	return got, nil
}

func writeFolder(folder string, files map[string][]byte) error {
	if err := os.MkdirAll(folder, 0o750); err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			return withoutPath(err)
		}
	}
	return nil
}

// withoutPath keeps an error of the file system short.
func withoutPath(err error) error {
	var known *fs.PathError
	if errors.As(err, &known) {
		return fmt.Errorf("%s cannot be written: %w", known.Path, known.Err)
	}
	return err
}
