package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"

	"bonus-adapter/adapter"
)

// TestComposeServesTheConfigOfTheStart: what is tried out with compose is what users start from.
func TestComposeServesTheConfigOfTheStart(t *testing.T) {
	_, start, _ := strings.Cut(read(t, "config.yaml"), "\ncrm:\n")
	_, compose, _ := strings.Cut(read(t, "deploy/compose/config.yaml"), "\ncrm:\n")
	if start == "" || start != compose {
		t.Error("crm and mapping of deploy/compose/config.yaml are not those of config.yaml")
	}
}

// composed is docker-compose.yml, as far as tests look at it.
type composed struct {
	Services map[string]struct {
		ReadOnly    bool     `json:"read_only"`
		CapDrop     []string `json:"cap_drop"`
		SecurityOpt []string `json:"security_opt"`
		Pids        int      `json:"pids_limit"`
		Memory      string   `json:"mem_limit"`
		Grace       string   `json:"stop_grace_period"`
		Build       any
		Ports       []string
		Environment map[string]string
	}
}

// TestComposeTakesRightsAway from every service, and gives each an end to what it may use.
func TestComposeTakesRightsAway(t *testing.T) {
	var file composed
	if err := yaml.Unmarshal([]byte(read(t, "docker-compose.yml")), &file); err != nil || len(file.Services) < 7 {
		t.Fatal(err, file)
	}
	for name, s := range file.Services {
		if !slices.Equal(s.CapDrop, []string{"ALL"}) || !slices.Equal(s.SecurityOpt, []string{"no-new-privileges:true"}) || s.Pids == 0 || s.Memory == "" {
			t.Errorf("%s has rights or no limits: %+v", name, s)
		}
		if !s.ReadOnly && name != "grafana" {
			t.Errorf("%s may write", name)
		}
		for _, port := range s.Ports {
			if !strings.HasPrefix(port, "127.0.0.1:") {
				t.Errorf("%s opens %s to everybody", name, port)
			}
		}
		if s.Build == nil {
			continue
		}
		if grace, err := time.ParseDuration(s.Grace); err != nil || grace < toEnd() {
			t.Errorf("%s has %q to end, and may need %s", name, s.Grace, toEnd())
		}
	}
	adapter := file.Services["adapter"]
	limit, _ := strconv.Atoi(strings.TrimSuffix(adapter.Memory, "m"))
	if want := fmt.Sprintf("%dMiB", limit*9/10); adapter.Environment["GOMEMLIMIT"] != want {
		t.Errorf("Go is told of %s, 90 %% of %s is %s", adapter.Environment["GOMEMLIMIT"], adapter.Memory, want)
	}
	docker := read(t, "Dockerfile")
	for _, want := range []string{"\nUSER nonroot\n", "\nHEALTHCHECK ", ":nonroot\n", "-trimpath", "-s -w", "CGO_ENABLED=0"} {
		if !strings.Contains(docker, want) {
			t.Errorf("Dockerfile has no %q", want)
		}
	}
}

// toEnd is how long a process may take to end, with the budget as it comes: docs/operations.md, "Ending".
func toEnd() time.Duration { return time.Duration(adapter.DefaultConfig().Budget) + 2*time.Second }

// TestCompose follows docs/deploy.md, and then brings up everything that docker-compose.yml has, but Grafana, for which there
// is no stand-in: the images are those of deploy/standins.sh where a registry cannot be reached.
func TestCompose(t *testing.T) {
	if err := exec.Command("docker", "info").Run(); err != nil {
		t.Skip("there is no Docker engine on this machine")
	}
	root := clone(t)
	must(t, root, "deploy/standins.sh")
	c := compose{t: t, root: root, project: "bonus-adapter-test-" + strconv.Itoa(os.Getpid())}
	defer c.run("--profile", "scale", "--profile", "observability", "down", "--volumes", "--timeout", "10")
	follow(t, "Containers", root, []string{"COMPOSE_PROJECT_NAME=" + c.project, "PATH=" + dockerCompose(t) + ":" + os.Getenv("PATH")})
	c.run("--profile", "scale", "up", "--detach")
	c.run("--profile", "observability", "up", "--detach", "--no-deps", "prometheus")

	size, err := strconv.Atoi(strings.TrimSpace(must(t, root, "docker", "image", "inspect", "--format", "{{.Size}}", "bonus-adapter")))
	if err != nil || size > 25_000_000 {
		t.Errorf("the image has %d bytes: %v", size, err)
	}
	t.Logf("the image has %.1f MB", float64(size)/1e6)

	const first = `{"bonuses":[{"added":250,"expired":100,"definitionMessage":"За покупку Машинка для стрижки волос и бороды Philips HC 3510/15 Hairclipper series 3000","activationDate":"1627391774032","expirationDate":null}]}`
	c.until("the adapter answers", func() error { return c.asks("127.0.0.1:8080", "12345", "", first) })
	c.until("from the cache in the Redis", func() error { return c.asks("127.0.0.1:8080", "12345", "cache", first) })
	c.until("the proxy in front of three replicas answers", func() error { return c.asks("127.0.0.1:8081", "unknown", "", `{"bonuses":[]}`) })
	c.until("replicas share the cache", func() error { return c.asks("127.0.0.1:8081", "12345", "cache", first) })
	c.until("all is healthy", c.healthy)
	c.until("Prometheus has all four", c.scraped)
}

// dockerCompose gives a folder with a program docker that has compose, where the one of this machine has it as
// docker-compose only.
func dockerCompose(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if exec.Command("docker", "compose", "version").Run() == nil {
		return dir
	}
	docker, err := exec.LookPath("docker")
	if err != nil {
		t.Fatal(err)
	}
	text := "#!/bin/sh\nif [ \"$1\" = compose ]; then shift; exec docker-compose \"$@\"; fi\nexec " + docker + " \"$@\"\n"
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte(text), 0o755); err != nil { //nolint:gosec // it is a program
		t.Fatal(err)
	}
	return dir
}

type compose struct {
	t             *testing.T
	root, project string
}

func (c *compose) run(args ...string) string {
	c.t.Helper()
	return must(c.t, c.root, "docker-compose", append([]string{"--project-name", c.project, "--file", "docker-compose.yml"}, args...)...)
}

// until tries for two minutes: containers start when they like.
func (c *compose) until(what string, try func() error) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), 2*time.Minute)
	defer cancel()
	for {
		err := try()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			c.t.Fatalf("%s: %v\n%s", what, err, c.run("logs", "--tail", "20"))
		case <-time.After(time.Second):
		}
	}
}

var caller = &http.Client{Timeout: 10 * time.Second}

func (c *compose) asks(address, user, source, want string) error {
	request, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, "http://"+address+"/bonus-history", strings.NewReader(`{"userIdentifier":"`+user+`"}`))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer demo-key")
	response, err := caller.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if got := response.Header.Get("Bonus-History"); err != nil || strings.TrimSpace(string(body)) != want || !strings.HasPrefix(got, source) {
		return fmt.Errorf("%s, %q, %s %v", response.Status, got, body, err)
	}
	return nil
}

func (c *compose) healthy() error {
	for _, service := range []string{"adapter", "redis", "replica"} {
		for id := range strings.FieldsSeq(c.run("--profile", "scale", "ps", "--quiet", service)) {
			if state := strings.TrimSpace(must(c.t, c.root, "docker", "inspect", "--format", "{{.State.Health.Status}} {{.RestartCount}}", id)); state != "healthy 0" {
				return fmt.Errorf("%s is %s", service, state)
			}
		}
	}
	return nil
}

// scraped asks Prometheus whether it sees every adapter, and has the rules.
func (c *compose) scraped() error {
	var up struct {
		Data struct{ Result []struct{ Value [2]any } }
	}
	if err := get(c.t, "http://127.0.0.1:9091/api/v1/query?query=sum(up)", &up); err != nil {
		return err
	}
	if len(up.Data.Result) != 1 || up.Data.Result[0].Value[1] != "4" {
		return fmt.Errorf("up: %v", up.Data.Result)
	}
	var rules struct {
		Data struct {
			Groups []struct {
				Rules []struct{ Health, Name string }
			}
		}
	}
	if err := get(c.t, "http://127.0.0.1:9091/api/v1/rules", &rules); err != nil {
		return err
	}
	if len(rules.Data.Groups) == 0 || len(rules.Data.Groups[0].Rules) < 10 {
		return fmt.Errorf("rules: %+v", rules)
	}
	for _, rule := range rules.Data.Groups[0].Rules {
		if rule.Health == "err" {
			c.t.Errorf("the rule %s fails", rule.Name)
		}
	}
	return nil
}

func get(t *testing.T, url string, into any) error {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := caller.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	return json.NewDecoder(response.Body).Decode(into)
}
