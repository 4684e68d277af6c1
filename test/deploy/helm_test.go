// Package deploy proves what stands in deploy/ with the tools that would carry it out.
package deploy

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/lint"
	"helm.sh/helm/v3/pkg/releaseutil"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	security "k8s.io/pod-security-admission/api"
	profiles "k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

const chartDir = "../../deploy/helm/bonus-adapter"

// kinds are the API's own types: a manifest is decoded into one of them, and may hold nothing that it has no place for.
func kinds() map[string]func() any {
	return map[string]func() any{
		"ConfigMap":               func() any { return &core.ConfigMap{} },
		"Secret":                  func() any { return &core.Secret{} },
		"Service":                 func() any { return &core.Service{} },
		"Deployment":              func() any { return &apps.Deployment{} },
		"Ingress":                 func() any { return &networking.Ingress{} },
		"NetworkPolicy":           func() any { return &networking.NetworkPolicy{} },
		"HorizontalPodAutoscaler": func() any { return &autoscaling.HorizontalPodAutoscaler{} },
		"PodDisruptionBudget":     func() any { return &policy.PodDisruptionBudget{} },
		"ServiceMonitor":          func() any { return &monitoring.ServiceMonitor{} },
	}
}

// secrets are the ones that the chart's own config names.
var secrets = map[string]any{"IRP_KEY": "irp", "ID_KEY": "id", "ADMIN_KEY": "admin", "CRM_TOKEN": "crm"}

func loaded(t *testing.T) *chart.Chart {
	t.Helper()
	made, err := loader.Load(chartDir)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// rendered gives the chart's objects for some values, by kind and name.
func rendered(t *testing.T, values map[string]any) map[string]any {
	t.Helper()
	files, err := render(t, values)
	if err != nil {
		t.Fatal(err)
	}
	objects := map[string]any{}
	for name, file := range files {
		if strings.HasSuffix(name, "NOTES.txt") {
			continue
		}
		for _, manifest := range releaseutil.SplitManifests(file) {
			var head releaseutil.SimpleHead
			if err := yaml.Unmarshal([]byte(manifest), &head); err != nil || head.Metadata == nil {
				t.Fatalf("%s: %v\n%s", name, err, manifest)
			}
			kind, known := kinds()[head.Kind]
			if !known {
				t.Fatalf("%s: a %s is not known here", name, head.Kind)
			}
			object := kind()
			if err := yaml.UnmarshalStrict([]byte(manifest), object); err != nil {
				t.Errorf("%s: %v\n%s", name, err, manifest)
			}
			objects[head.Kind+" "+head.Metadata.Name] = object
		}
	}
	return objects
}

func render(t *testing.T, values map[string]any) (map[string]string, error) {
	t.Helper()
	release := chartutil.ReleaseOptions{Name: "shop", Namespace: "loyalty", IsInstall: true}
	all, err := chartutil.ToRenderValues(loaded(t), values, release, chartutil.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	return engine.Render(loaded(t), all)
}

func TestTheChartIsClean(t *testing.T) {
	for _, message := range lint.All(chartDir, map[string]any{"secrets": map[string]any{"data": secrets}}, "loyalty", true).Messages {
		if !strings.Contains(message.Error(), "icon is recommended") {
			t.Error(message)
		}
	}
}

func TestTheChartAsItIs(t *testing.T) {
	objects := rendered(t, map[string]any{"secrets": map[string]any{"data": secrets}})
	var names []string
	for name := range objects {
		names = append(names, name)
	}
	slices.Sort(names)
	want := []string{
		"ConfigMap shop", "Deployment shop", "HorizontalPodAutoscaler shop", "NetworkPolicy shop", "PodDisruptionBudget shop", "Secret shop", "Service shop", "Service shop-admin",
	}
	if !slices.Equal(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
	deployment := objects["Deployment shop"].(*apps.Deployment)
	pod := deployment.Spec.Template.Spec
	if deployment.Spec.Replicas != nil {
		t.Error("an autoscaler and a number of replicas would argue")
	}
	hardened(t, &pod)
	for _, service := range []string{"shop", "shop-admin"} {
		for key, value := range objects["Service "+service].(*core.Service).Spec.Selector {
			if deployment.Spec.Template.Labels[key] != value {
				t.Errorf("the service %s looks for %s: %s", service, key, value)
			}
		}
	}
	if drain := *pod.TerminationGracePeriodSeconds; drain < pod.Containers[0].Lifecycle.PreStop.Sleep.Seconds+7 {
		t.Errorf("%d s are too few to drain", drain)
	}
	if len(pod.TopologySpreadConstraints) != 2 || pod.TopologySpreadConstraints[0].LabelSelector.MatchLabels["app.kubernetes.io/instance"] != "shop" {
		t.Errorf("pods are not spread: %+v", pod.TopologySpreadConstraints)
	}
}

// hardened looks for what takes rights away.
func hardened(t *testing.T, pod *core.PodSpec) {
	t.Helper()
	own := pod.Containers[0].SecurityContext
	switch {
	case !*pod.SecurityContext.RunAsNonRoot, *own.AllowPrivilegeEscalation, !*own.ReadOnlyRootFilesystem, *pod.AutomountServiceAccountToken:
		t.Errorf("%+v %+v", pod.SecurityContext, own)
	case len(own.Capabilities.Drop) != 1 || own.Capabilities.Drop[0] != "ALL", pod.SecurityContext.SeccompProfile.Type != core.SeccompProfileTypeRuntimeDefault:
		t.Errorf("%+v %+v", pod.SecurityContext, own)
	}
	restricted := security.LevelVersion{Level: security.LevelRestricted, Version: security.LatestVersion()}
	for _, result := range evaluator(t).EvaluatePod(restricted, &meta.ObjectMeta{}, pod) {
		if !result.Allowed {
			t.Errorf("Kubernetes' restricted profile refuses it: %s %s", result.ForbiddenReason, result.ForbiddenDetail)
		}
	}
	for _, mount := range pod.Containers[0].VolumeMounts {
		if mount.SubPath != "" || !mount.ReadOnly {
			t.Errorf("%+v: a file that is mounted alone is never swapped", mount)
		}
	}
}

// evaluator judges pods as a cluster does that enforces the Pod Security Standards.
func evaluator(t *testing.T) profiles.Evaluator {
	t.Helper()
	made, err := profiles.NewEvaluator(profiles.DefaultChecks(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestTheChartWithEverything(t *testing.T) {
	peer := map[string]any{"namespaceSelector": map[string]any{"matchLabels": map[string]any{"name": "monitoring"}}}
	objects := rendered(t, map[string]any{
		"secrets":        map[string]any{"existing": "our-keys"},
		"ingress":        map[string]any{"enabled": true, "className": "nginx", "tlsSecret": "tls", "annotations": map[string]any{"a/b": "c"}},
		"autoscaling":    map[string]any{"enabled": false},
		"serviceMonitor": map[string]any{"enabled": true},
		"networkPolicy":  map[string]any{"from": []any{peer}, "metricsFrom": []any{peer}, "to": []any{map[string]any{"to": []any{map[string]any{"ipBlock": map[string]any{"cidr": "10.1.2.3/32"}}}}}},
		"image":          map[string]any{"tag": "1.2.3", "pullSecrets": []any{map[string]any{"name": "registry"}}},
		"podAnnotations": map[string]any{"x": "y"}, "nodeSelector": map[string]any{"disk": "ssd"},
		"tolerations": []any{map[string]any{"key": "k", "operator": "Exists"}},
		"affinity":    map[string]any{"podAntiAffinity": map[string]any{}},
	})
	deployment := objects["Deployment shop"].(*apps.Deployment)
	monitor := objects["ServiceMonitor shop"].(*monitoring.ServiceMonitor)
	rules := objects["NetworkPolicy shop"].(*networking.NetworkPolicy).Spec
	switch {
	case *deployment.Spec.Replicas != 2, deployment.Spec.Template.Spec.Containers[0].Image != "bonus-adapter:1.2.3":
		t.Errorf("%+v", deployment.Spec)
	case deployment.Spec.Template.Spec.Volumes[1].Secret.SecretName != "our-keys", objects["Secret shop"] != nil:
		t.Error("the Secret that is there is not used")
	case len(rules.Ingress) != 2 || len(rules.Ingress[0].From) != 1 || len(rules.Egress) != 3:
		t.Errorf("%+v", rules)
	case monitor.Spec.Endpoints[0].Authorization.Credentials.Name != "our-keys":
		t.Errorf("%+v", monitor.Spec)
	}
	admin := objects["Service shop-admin"].(*core.Service)
	for key, value := range monitor.Spec.Selector.MatchLabels {
		if admin.Labels[key] != value {
			t.Errorf("the monitor looks for %s: %s", key, value)
		}
	}
}

// TestTheChartsConfig: what the chart mounts is a config that the adapter takes, and its secrets are those of the Secret.
func TestTheChartsConfig(t *testing.T) {
	objects := rendered(t, map[string]any{"secrets": map[string]any{"data": secrets}})
	text := objects["ConfigMap shop"].(*core.ConfigMap).Data["config.yaml"]
	dir := t.TempDir()
	for name := range objects["Secret shop"].(*core.Secret).StringData {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(fmt.Sprintf("a-secret-of-thirty-two-characters-%s", name)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text = strings.ReplaceAll(text, "/run/secrets/bonus-adapter", dir)
	config := filepath.Join(dir, "config.yaml")
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	check := exec.Command("go", "run", "./cmd/bonus-adapter", "check", "--strict-env", config)
	check.Dir = "../.."
	if output, err := check.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, output)
	}
}
