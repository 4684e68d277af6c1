package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"bonus-adapter/crm/crmtest"
)

// referenceConfig gives the reference job: the YAML that README.md shows.
func referenceConfig(t *testing.T) string {
	t.Helper()
	for _, block := range yamlBlocks(t, "../../README.md") {
		if strings.Contains(block, "mapping:") {
			return block
		}
	}
	t.Fatal("README.md shows no config")
	return ""
}

// process is the real program, built and started.
type process struct {
	url   string
	admin string // the admin port
	log   *output
	cmd   *exec.Cmd
}

func startServe(t *testing.T, yaml, crmURL string) *process {
	t.Helper()
	yaml = strings.Replace(yaml, "https://crm.example.ru/api", crmURL, 1)
	return startProgram(t, buildProgram(t), yaml, map[string]string{"IRP_KEY": demoKey, "CRM_TOKEN": "secret-token"})
}

// buildProgram gives the path of the real binary.
func buildProgram(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "bonus-adapter")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return binary
}

// startProgram starts it with a config, more of an environment and more flags; it ends with the test.
func startProgram(t *testing.T, binary, yaml string, env map[string]string, args ...string) *process {
	t.Helper()
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &process{log: newOutput(), cmd: exec.Command(binary, append([]string{"serve", "--config", file, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"}, args...)...)}
	p.cmd.Env = os.Environ()
	for name, value := range env {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	p.cmd.Stderr = p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	p.admin = "http://" + p.log.await(t, `"listens":"([^"]+)"`)
	p.url = "http://" + p.log.await(t, `"address":"([^"]+)"`) + "/bonus-history"
	return p
}

func TestTheReferenceJobIsShortAndWorks(t *testing.T) {
	yaml := referenceConfig(t)
	if lines := strings.Count(strings.TrimSpace(yaml), "\n") + 1; lines > 25 {
		t.Errorf("%d lines", lines)
	}
	server := crmtest.New(t, func(w http.ResponseWriter, r *http.Request) {
		items := `{"type":"ACCRUAL","amount":"215.10","createdAt":"2024-03-01 10:00:00","comment":"Покупка"},
			{"type":"NOTE","amount":0,"createdAt":"2024-03-01 10:00:00"}`
		if r.URL.Query().Get("page") == "2" {
			items = `{"type":"SPEND","amount":40,"createdAt":"2024-03-02T10:00:00","expiresAt":null},
				{"type":"GIFT","amount":1,"createdAt":"2024-03-02T10:00:00"}`
		}
		_, _ = fmt.Fprintf(w, `{"data":{"items":[%s]},"meta":{"totalPages":2}}`, items)
	})
	p := startServe(t, yaml, server.URL+"/shop")
	status, history, body := post(t, http.DefaultClient, p.url, "7 7")
	want := `{"bonuses":[{"added":0,"expired":40,"definitionMessage":"Бонусы","activationDate":"1709362800000","expirationDate":null},` +
		`{"added":215.1,"expired":0,"definitionMessage":"Покупка","activationDate":"1709276400000","expirationDate":null}]}`
	if status != 200 || history != "live; unmatched=1" || strings.TrimSpace(body) != want {
		t.Errorf("%d %q\n%s\nwant\n%s", status, history, body, want)
	}
	asked := server.Asked()
	if asked[0].URI != "/shop/customers/7%207/transactions?limit=100&page=1" || asked[0].Header.Get("Authorization") != "Bearer secret-token" {
		t.Errorf("%+v", asked[0])
	}
	if log := p.log.String(); strings.Contains(log, "7 7") || strings.Contains(log, "secret-token") {
		t.Errorf("the log tells too much:\n%s", log)
	}
}

// TestSIGTERMLosesNothing stops the real process while it is asked: whatever reached the CRM is answered.
func TestSIGTERMLosesNothing(t *testing.T) {
	const workers = 16
	release := make(chan struct{})
	server := crmtest.New(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "held") {
			<-release
		}
		_, _ = io.WriteString(w, `{"data":{"items":[]},"meta":{"totalPages":1}}`)
	})
	p := startServe(t, referenceConfig(t), server.URL)
	var mu sync.Mutex
	answered := map[string]bool{}
	var asking sync.WaitGroup
	ask := func(id string) bool {
		request, _ := http.NewRequest(http.MethodPost, p.url, bytes.NewBufferString(`{"userIdentifier":"`+id+`"}`))
		request.Header.Set("Authorization", "Bearer "+demoKey)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return false
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		mu.Lock()
		defer mu.Unlock()
		answered[id] = err == nil && response.StatusCode == 200 && strings.Contains(string(body), `"bonuses"`)
		return true
	}
	for worker := range workers {
		asking.Go(func() { ask(fmt.Sprintf("held-%d", worker)) })
		asking.Go(func() {
			for i := 0; i < 10_000 && ask(fmt.Sprintf("load-%d-%d", worker, i)); i++ {
			}
		})
	}
	waitUntil(t, func() bool { return len(server.Asked()) > 50*workers })
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, func() bool {
		response, err := http.Get(strings.Replace(p.url, "/bonus-history", "/readyz", 1))
		if err == nil {
			_ = response.Body.Close()
		}
		return err != nil || response.StatusCode == http.StatusServiceUnavailable
	})
	close(release)
	asking.Wait()
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("the process ended with %v\n%s", err, p.log)
	}
	for _, asked := range server.Asked() {
		id := strings.Split(asked.URI, "/")[2]
		if !answered[id] {
			t.Errorf("%s reached the CRM and was not answered", id)
		}
	}
	t.Logf("%d answered", len(answered))
}

func waitUntil(t *testing.T, met func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !met() {
		if time.Now().After(deadline) {
			t.Fatal("it never happened")
		}
		<-time.After(5 * time.Millisecond)
	}
}
