package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"bonus-adapter/crm/crmtest"
)

const reloadConfig = `
adapter:
  keys: ["${file:%s/key}"]
crm:
  base_url: %s
  auth: { login: { post: /login, token: body.token } }
  steps: [{ name: history, get: /tx }]
mapping:
  records: history.items
  fields: { n: { at: n, as: decimal } }
  rules: [{ added: n }]
  entry: { definitionMessage: '"first"' }
`

// reloading is an adapter whose config is a file, and which reloads by hand.
type reloading struct {
	*subject
	r    *reloader
	dir  string
	gate *crmtest.Gate
}

func newReloading(t *testing.T) *reloading {
	t.Helper()
	gate := &crmtest.Gate{Behind: crmtest.Answer(200, `{"items":[{"n":1}]}`)}
	s := &reloading{subject: &subject{crm: crmtest.New(t, gate.ServeHTTP)}, dir: t.TempDir(), gate: gate}
	s.write(t, "key", "one-key\n")
	s.write(t, "config.yaml", s.config())
	core, logs := observer.New(zap.InfoLevel)
	s.logs = logs
	p := &program{out: io.Discard, err: io.Discard, getenv: os.LookupEnv, readFile: os.ReadFile}
	s.r = newReloader(p, filepath.Join(s.dir, "config.yaml"), newOperationsOf(zap.New(core), zap.NewAtomicLevel()))
	if err := s.r.start(); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.r.serve(ctx, ports{public: listener}, nil, 0) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	s.url = "http://" + listener.Addr().String()
	return s
}

func (s *reloading) config() string { return fmt.Sprintf(reloadConfig, s.dir, s.crm.URL) }

func (s *reloading) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// change writes the config with one text replaced.
func (s *reloading) change(t *testing.T, from, to string) {
	t.Helper()
	changed := strings.Replace(s.config(), from, to, 1)
	if changed == s.config() {
		t.Fatalf("the config has no %q", from)
	}
	s.write(t, "config.yaml", changed)
}

// message gives the text of the only entry, or the header if there is none.
func (s *reloading) message(t *testing.T, key string) string {
	t.Helper()
	got := s.send(t, "POST", "/bonus-history", `{"userIdentifier":"1"}`, "key", key)
	_, rest, found := strings.Cut(got.body, `"definitionMessage":"`)
	if !found {
		return got.history
	}
	text, _, _ := strings.Cut(rest, `"`)
	return text
}

// TestReloadKeepsWhatIsNotChanged: the login's token outlives a change of the mapping, and not one of the crm.
func TestReloadKeepsWhatIsNotChanged(t *testing.T) {
	s := newReloading(t)
	for i, test := range []struct {
		from, to, want string
		logins         int
	}{
		{`"first"`, `"second"`, "second", 1},
		{"\nmapping:", "\n# a comment\nmapping:", "first", 1},
		{"[{ name: history, get: /tx }]", "\n    - name: history\n      get: /tx # the same in other words", "first", 1},
		{"fields: {", "fields: { m: { at: m, optional: true },", "first", 2}, // the client knows which members are read
		{"get: /tx", "get: /transactions", "first", 3},
	} {
		if got := s.message(t, "one-key"); got == "" {
			t.Fatal("no answer")
		}
		s.change(t, test.from, test.to)
		s.r.reload()
		if got := s.message(t, "one-key"); got != test.want || s.gate.Logins() != test.logins {
			t.Errorf("%d: %q after %d logins, want %q after %d", i, got, s.gate.Logins(), test.want, test.logins)
		}
	}
}

// TestReloadOfBrokenConfigs changes nothing, and says what is wrong with them.
func TestReloadOfBrokenConfigs(t *testing.T) {
	s := newReloading(t)
	for text, says := range map[string]string{
		"":           "1:1: ",
		"adapter: [": "config.yaml:",
		strings.Replace(s.config(), "rules:", "rulez:", 1):                          "rulez",
		strings.Replace(s.config(), `'"first"'`, "nobody", 1):                       "mapping.entry.definitionMessage",
		strings.Replace(s.config(), s.dir+"/key", s.dir+"/none", 1):                 "adapter.keys[0]",
		strings.Replace(s.config(), "post: /login", "post: '/login/{{ user }}'", 1): "crm.auth.login.post",
		strings.Replace(s.config(), `["${file`, `["a-literal-secret", "${vault`, 1): "adapter.keys[1]",
	} {
		s.logs.TakeAll()
		s.write(t, "config.yaml", text)
		s.r.reload()
		if got := s.message(t, "one-key"); got != "first" {
			t.Errorf("%q answers", got)
		}
		lines := s.logs.FilterMessageSnippet("refused").All()
		if len(lines) != 1 {
			t.Fatalf("%d lines of log for %q", len(lines), text)
		}
		told := fmt.Sprint(lines[0].ContextMap()["problems"])
		if !strings.Contains(told, says) || strings.Contains(told, "a-literal-secret") || strings.Contains(told, "one-key") {
			t.Errorf("the log says %s, want %q", told, says)
		}
	}
	s.write(t, "config.yaml", s.config())
	s.r.reload()
	if got := s.message(t, "one-key"); got != "first" || s.gate.Logins() != 1 {
		t.Errorf("%q after %d logins", got, s.gate.Logins())
	}
}

// TestReloadRotatesKeys, which are in a file that the config refers to.
func TestReloadRotatesKeys(t *testing.T) {
	s := newReloading(t)
	s.write(t, "next", "next-key")
	expect := func(old, next string) {
		t.Helper()
		s.r.reload()
		if a, b := s.message(t, "one-key"), s.message(t, "next-key"); a != old || b != next {
			t.Errorf("the old key: %s, the next: %s, want %s, %s", a, b, old, next)
		}
	}
	const refused = "rejected; reason=unauthorized"
	expect("first", refused)
	s.change(t, `/key}"]`, `/key}", "${file:`+s.dir+`/next}"]`)
	expect("first", "first")
	s.write(t, "config.yaml", s.config())
	s.write(t, "key", "next-key")
	expect(refused, "first")
	if s.gate.Logins() != 1 {
		t.Errorf("%d logins", s.gate.Logins())
	}
}

// TestPolling sees a changed file, a changed file that is referred to, and a link that leads elsewhere, once they have
// stopped changing.
func TestPolling(t *testing.T) {
	s := newReloading(t)
	expect := func(want string) {
		t.Helper()
		if got := s.message(t, "one-key"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	s.r.poll()
	s.r.poll()
	if s.logs.FilterMessageSnippet("config").Len() != 0 {
		t.Error("reloaded without a change")
	}
	s.change(t, `"first"`, `"half written`)
	s.r.poll()
	s.change(t, `"first"`, `"second"`)
	s.r.poll()
	expect("first")
	s.r.poll()
	expect("second")
	if s.logs.FilterMessageSnippet("refused").Len() != 0 {
		t.Error("half a file was taken for the whole")
	}
	s.write(t, "key", "other-key")
	s.r.poll()
	s.r.poll()
	expect("rejected; reason=unauthorized")
	s.write(t, "key", "one-key")
	s.write(t, "third.yaml", strings.Replace(s.config(), "first", "third", 1))
	if err := os.Symlink("third.yaml", filepath.Join(s.dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(s.dir, "link"), filepath.Join(s.dir, "config.yaml")); err != nil {
		t.Fatal(err)
	}
	s.r.poll()
	s.r.poll()
	expect("third")
	if err := os.Remove(filepath.Join(s.dir, "config.yaml")); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		s.r.poll()
	}
	expect("third")
	if got := s.logs.FilterMessageSnippet("refused").Len(); got != 1 {
		t.Errorf("a config that is gone was told %d times", got)
	}
}

// TestPollingSeesWhatChangedMeanwhile: a file that changes just after it was read, while the config is built, is not taken
// for the one that was built.
func TestPollingSeesWhatChangedMeanwhile(t *testing.T) {
	s := newReloading(t)
	noting := s.r.program.readFile
	for name, change := range map[string]func(){
		"config.yaml": func() { s.change(t, `"first"`, `"third"`) },
		"key":         func() { s.write(t, "key", "other-key") },
	} {
		s.write(t, "key", "one-key")
		s.change(t, `"first"`, `"second"`)
		s.r.program.readFile = func(file string) ([]byte, error) {
			content, err := noting(file)
			if filepath.Base(file) == name {
				change()
			}
			return content, err
		}
		s.r.reload()
		s.r.program.readFile = noting
		if got := s.message(t, "one-key"); got != "second" {
			t.Errorf("%s: %q", name, got)
		}
		s.r.poll()
		s.r.poll()
		if third, second := s.message(t, "one-key"), s.message(t, "other-key"); third != "third" && second != "second" {
			t.Errorf("%s: its change was never seen: %q, %q", name, third, second)
		}
	}
	s.logs.TakeAll()
	for range 4 {
		s.r.poll()
	}
	if got := s.logs.FilterMessageSnippet("config").Len(); got != 0 {
		t.Errorf("reloaded %d times without a change", got)
	}
}

// TestReloadWhileAsked: a request is answered by the config that it met, and what was replaced is closed after it.
func TestReloadWhileAsked(t *testing.T) {
	s := newReloading(t)
	arrived, release := make(chan struct{}), make(chan struct{})
	s.gate.Behind = func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/tx" {
			arrived <- struct{}{}
			<-release
		}
		crmtest.Answer(200, `{"items":[{"n":1}]}`)(w, r)
	}
	old := make(chan string)
	go func() { old <- s.message(t, "one-key") }()
	<-arrived
	s.change(t, `get: /tx }]`+"\nmapping:\n  records: history.items\n  fields: { n: { at: n, as: decimal } }\n  rules: [{ added: n }]\n  entry: { definitionMessage: '\"first\"' }",
		`get: /other }]`+"\nmapping:\n  records: history.items\n  fields: { n: { at: n, as: decimal } }\n  rules: [{ added: n }]\n  entry: { definitionMessage: '\"second\"' }")
	s.r.reload()
	if got := s.message(t, "one-key"); got != "second" {
		t.Error(got)
	}
	select {
	case <-s.r.retired:
		t.Error("closed while it is used")
	default:
	}
	close(release)
	if got := <-old; got != "first" {
		t.Error(got)
	}
	select {
	case <-s.r.retired:
	case <-time.After(30 * time.Second):
		t.Error("never closed")
	}
}
