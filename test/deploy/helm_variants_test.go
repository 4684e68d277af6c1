package deploy

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
)

// configured gives values with the chart's own config, changed: from, to, from, to ….
func configured(t *testing.T, more map[string]any, changes ...string) map[string]any {
	t.Helper()
	text := loaded(t).Values["config"].(string)
	for from, to := range pairs(changes) {
		if !strings.Contains(text, from) {
			t.Fatalf("the chart's config has no %q", from)
		}
		text = strings.Replace(text, from, to, 1)
	}
	values := map[string]any{"config": text, "secrets": map[string]any{"existing": "keys"}}
	maps.Copy(values, more)
	return values
}

func pairs(texts []string) func(yield func(string, string) bool) {
	return func(yield func(string, string) bool) {
		for pair := range slices.Chunk(texts, 2) {
			if !yield(pair[0], pair[1]) {
				return
			}
		}
	}
}

const (
	crmURL = "base_url: https://crm.example.ru/api"
	first  = "  admin: 0.0.0.0:9090\n" // the line of the chart's config
	redis  = "  redis: { url: \"rediss://u:${file:/run/secrets/bonus-adapter/PW}@redis.example.ru:6380/0\", key: \"${file:/run/secrets/bonus-adapter/KEY}\" }\n"
)

// TestTheChartLetsTheAdapterOut to where its config sends it, and says so.
func TestTheChartLetsTheAdapterOut(t *testing.T) {
	rule := map[string]any{"ports": []any{map[string]any{"port": 8443, "protocol": "TCP"}}}
	for name, test := range map[string]struct {
		values map[string]any
		want   string
	}{
		"the chart's own":         {configured(t, nil), "53 53 443"},
		"a CRM at another port":   {configured(t, nil, crmURL, "base_url: http://crm.example.ru:8069/api"), "53 53 8069"},
		"a CRM without a port":    {configured(t, nil, crmURL, "base_url: http://crm.example.ru/api"), "53 53 80"},
		"Redis":                   {configured(t, nil, first, first+redis), "53 53 443 6380"},
		"Redis at its usual port": {configured(t, nil, first, first+strings.Replace(redis, ":6380", "", 1)), "53 53 443 6379"},
		"a collector":             {configured(t, nil, first, first+"  tracing: { endpoint: \"http://collector:4318\" }\n"), "53 53 4318 443"},
		"a reference, and named":  {configured(t, map[string]any{"networkPolicy": map[string]any{"to": []any{rule}}}, crmURL, "base_url: ${file:/run/secrets/bonus-adapter/URL}"), "53 53 8443"},
		"a host in a reference":   {configured(t, nil, crmURL, "base_url: https://${file:/run/secrets/bonus-adapter/ACCOUNT}.example.ru/api"), "53 53 443"},
		"by hand alone":           {configured(t, map[string]any{"networkPolicy": map[string]any{"portsOfConfig": false, "to": []any{rule}}}), "53 53 8443"},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, rule := range rendered(t, test.values)["NetworkPolicy shop"].(*networking.NetworkPolicy).Spec.Egress {
				for _, port := range rule.Ports {
					got = append(got, port.Port.String())
				}
			}
			if strings.Join(got, " ") != test.want {
				t.Errorf("%v, want %s", got, test.want)
			}
		})
	}
}

// TestTheChartProbesWhatListens: the admin port if it can be reached, else the public one in its own scheme.
func TestTheChartProbesWhatListens(t *testing.T) {
	certificate := "  tls: { certificate: \"${file:/run/secrets/tls/tls.crt}\", key: \"${file:/run/secrets/tls/tls.key}\" }\n"
	mounted := map[string]any{"tls": map[string]any{"secret": "bonus-tls"}}
	for name, test := range map[string]struct {
		values map[string]any
		want   string // port and scheme of probes; ports of the container; whether there is a Service for the admin port
	}{
		"the chart's own":              {configured(t, nil), "admin ; 8080 9090; true"},
		"no admin port":                {configured(t, nil, first, "  admin: off\n"), "http HTTP; 8080; false"},
		"on loopback":                  {configured(t, nil, first, ""), "http HTTP; 8080; false"},
		"TLS":                          {configured(t, mounted, first, first+certificate), "admin ; 8080 9090; true"},
		"TLS and no admin port":        {configured(t, mounted, first, certificate), "http HTTPS; 8080; false"},
		"other ports, by IPv6 as well": {configured(t, nil, first, "  admin: \"[::]:9999\"\n  listen: \":8443\"\n"), "admin ; 8443 9999; true"},
	} {
		t.Run(name, func(t *testing.T) {
			objects := rendered(t, test.values)
			pod := objects["Deployment shop"].(*apps.Deployment).Spec.Template.Spec
			hardened(t, &pod)
			container, ports := pod.Containers[0], []string(nil)
			for _, port := range container.Ports {
				ports = append(ports, fmt.Sprint(port.ContainerPort))
			}
			for _, probe := range []*core.Probe{container.StartupProbe, container.LivenessProbe, container.ReadinessProbe} {
				got := fmt.Sprintf("%s %s; %s; %t", probe.HTTPGet.Port.String(), probe.HTTPGet.Scheme, strings.Join(ports, " "), objects["Service shop-admin"] != nil)
				if got != test.want {
					t.Errorf("%s: %s, want %s", probe.HTTPGet.Path, got, test.want)
				}
			}
			if scheme := *objects["Service shop"].(*core.Service).Spec.Ports[0].AppProtocol; strings.HasPrefix(name, "TLS") != (scheme == "https") {
				t.Error(scheme)
			}
		})
	}
}

// TestTheChartCanBeDrained: nodes can be emptied, pods have the time that they need to end.
func TestTheChartCanBeDrained(t *testing.T) {
	one := map[string]any{"autoscaling": map[string]any{"enabled": false}, "replicas": 1}
	budget := rendered(t, configured(t, one))["PodDisruptionBudget shop"].(*policy.PodDisruptionBudget)
	if budget.Spec.MinAvailable != nil || budget.Spec.MaxUnavailable.String() != "1" {
		t.Errorf("one replica, and %+v", budget.Spec)
	}
	for written, want := range map[string]int64{"5s": 17, "4500ms": 17, "30s": 42, "1m": 72, "1m30s": 102, "1500ms": 14} {
		values := configured(t, nil, first, first+"  budget: "+written+"\n")
		pod := rendered(t, values)["Deployment shop"].(*apps.Deployment).Spec.Template.Spec
		if got := *pod.TerminationGracePeriodSeconds; got != want {
			t.Errorf("a budget of %s: pods have %d s, want %d", written, got, want)
		}
	}
}

// TestTheChartTellsTheMemory that there is.
func TestTheChartTellsTheMemory(t *testing.T) {
	for limit, want := range map[string]string{"256Mi": "241591910", "1Gi": "966367641", "500M": "450000000", "": ""} {
		values := configured(t, map[string]any{"resources": map[string]any{"limits": map[string]any{"memory": limit}}})
		if limit == "" {
			values["resources"] = map[string]any{"limits": map[string]any{"memory": nil}}
		}
		got := ""
		for _, variable := range rendered(t, values)["Deployment shop"].(*apps.Deployment).Spec.Template.Spec.Containers[0].Env {
			got = variable.Name + "=" + variable.Value
		}
		if got != strings.TrimSuffix("GOMEMLIMIT="+want, "GOMEMLIMIT=") && got != "GOMEMLIMIT="+want {
			t.Errorf("%s: %q, want %s", limit, got, want)
		}
	}
}

// TestTheChartSaysWhatIsMissing: where an installation could only fail, rendering fails, and says what to do.
func TestTheChartSaysWhatIsMissing(t *testing.T) {
	monitor := map[string]any{"serviceMonitor": map[string]any{"enabled": true}}
	for name, test := range map[string]struct {
		values map[string]any
		want   string
	}{
		"no secrets":             {map[string]any{}, "secrets.existing"},
		"one secret is missing":  {map[string]any{"secrets": map[string]any{"data": map[string]any{"IRP_KEY": "x"}}}, "secrets.data: ID_KEY is missing"},
		"no certificate":         {configured(t, map[string]any{"ingress": map[string]any{"enabled": true}}), "ingress.tlsSecret"},
		"nobody may scrape":      {configured(t, monitor), "networkPolicy.metricsFrom"},
		"nothing to scrape":      {configured(t, monitor, first, ""), "admin: 0.0.0.0:9090"},
		"no admin keys":          {configured(t, nil, "  admin_keys: [", "  pprof: false # ["), "there are no adapter.admin_keys"},
		"only loopback":          {configured(t, nil, first, first+"  listen: 127.0.0.1:8080\n"), "adapter.listen is 127.0.0.1:8080"},
		"ACME":                   {configured(t, nil, first, first+"  tls: { acme: { hosts: [x.ru] } }\n"), "adapter.tls.acme"},
		"a certificate unnamed":  {configured(t, nil, first, first+"  tls: { certificate: \"${file:/run/secrets/tls/tls.crt}\" }\n"), "tls.secret"},
		"too little time":        {configured(t, map[string]any{"terminationGracePeriodSeconds": 10}), "make 12"},
		"an odd budget":          {configured(t, nil, first, first+"  budget: 4.5s\n"), "adapter.budget is 4.5s"},
		"a variable":             {configured(t, nil, "${file:/run/secrets/bonus-adapter/CRM_TOKEN}", "${env:CRM_TOKEN}"), "${env:CRM_TOKEN} is not among env"},
		"the start's config":     {map[string]any{"config": read(t, "config.yaml"), "secrets": map[string]any{"existing": "x"}}, "${env:IRP_KEY} is not among env: write ${file:/run/secrets/bonus-adapter/IRP_KEY}"},
		"a port in a reference":  {configured(t, nil, crmURL, "base_url: ${file:/run/secrets/bonus-adapter/URL}"), "networkPolicy.to: in config, base_url"},
		"a port in a variable":   {configured(t, map[string]any{"env": []any{map[string]any{"name": "PORT", "value": "1"}}}, crmURL, "base_url: \"https://x.ru:${env:PORT}/\""), "networkPolicy.to: in config, base_url"},
		"an odd limit":           {configured(t, map[string]any{"resources": map[string]any{"limits": map[string]any{"memory": "0.5Gi"}}}), "resources.limits.memory: 0.5Gi"},
		"no YAML":                {map[string]any{"config": "adapter: [\ncrm:\nmapping:\n", "secrets": map[string]any{"existing": "x"}}, "section adapter cannot be read"},
		"another file":           {map[string]any{"config": "image: x", "secrets": map[string]any{"existing": "x"}}, "no section adapter"},
		"an empty config":        {map[string]any{"config": "", "secrets": map[string]any{"existing": "x"}}, "config"},
		"a misspelt value":       {map[string]any{"replica": 1}, "replica"},
		"a misspelt value below": {map[string]any{"networkPolicy": map[string]any{"metricFrom": []any{}}}, "metricFrom"},
		"a text for a number":    {map[string]any{"replicas": "2"}, "replicas"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := render(t, test.values); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %s", err, test.want)
			}
		})
	}
}

// TestTheChartTakesEveryPreset, though Helm reads less YAML than the adapter does.
func TestTheChartTakesEveryPreset(t *testing.T) {
	files, err := filepath.Glob("../../presets/*/config.yaml")
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	for _, file := range append(files, "../../config.yaml", "../../deploy/compose/config.yaml") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var env []any
		for _, found := range regexp.MustCompile(`\$\{env:(\w+)\}`).FindAllStringSubmatch(string(text), -1) {
			env = append(env, map[string]any{"name": found[1], "value": "x"})
		}
		rule := map[string]any{"ports": []any{map[string]any{"port": 443}}}
		values := map[string]any{"config": string(text), "secrets": map[string]any{"existing": "keys"}, "env": env, "networkPolicy": map[string]any{"to": []any{rule}}}
		if _, err := render(t, values); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestTheNotesOfTheChart tell where it answers, and what is odd.
func TestTheNotesOfTheChart(t *testing.T) {
	for name, test := range map[string]struct {
		values map[string]any
		want   []string
	}{
		"its own":        {configured(t, nil), []string{"http://shop.loyalty/bonus-history", "port 53 443;", "Imshop wants HTTPS", "rollout restart deployment/shop"}},
		"behind a proxy": {configured(t, nil, first, first+"  allow: [203.0.113.0/24]\n  path: /history\n"), []string{"shop.loyalty/history", "adapter.trusted_proxies is not"}},
		"nobody scrapes": {configured(t, nil, first, ""), []string{"nobody can scrape it"}},
	} {
		files, err := render(t, test.values)
		if err != nil {
			t.Fatal(err)
		}
		notes := files["bonus-adapter/templates/NOTES.txt"]
		for _, want := range test.want {
			if !strings.Contains(notes, want) {
				t.Errorf("%s: the notes do not say %q:\n%s", name, want, notes)
			}
		}
	}
}
