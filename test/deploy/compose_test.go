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
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestComposeServesTheConfigOfTheStart: what is tried out with compose is what users start from.
func TestComposeServesTheConfigOfTheStart(t *testing.T) {
	_, start, _ := strings.Cut(read(t, "config.yaml"), "\ncrm:\n")
	_, compose, _ := strings.Cut(read(t, "deploy/compose/config.yaml"), "\ncrm:\n")
	if start == "" || start != compose {
		t.Error("crm and mapping of deploy/compose/config.yaml are not those of config.yaml")
	}
}

// TestCompose brings up everything that docker-compose.yml has, but Grafana, for which there is no stand-in: the images are
// those of deploy/standins.sh where a registry cannot be reached.
func TestCompose(t *testing.T) {
	if err := exec.Command("docker", "info").Run(); err != nil {
		t.Skip("there is no Docker engine on this machine")
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	must(t, root, "deploy/standins.sh")
	c := compose{t: t, root: root, project: "bonus-adapter-test-" + strconv.Itoa(os.Getpid())}
	defer c.run("--profile", "scale", "--profile", "observability", "down", "--volumes", "--timeout", "10")
	c.run("--profile", "scale", "up", "--detach", "--build")
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
