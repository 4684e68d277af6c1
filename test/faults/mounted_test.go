package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bonus-adapter/crm/crmtest"

	"bonus-adapter/test/rig"
)

// mounted is a folder as Kubernetes mounts a ConfigMap or a Secret: each file is a link to ..data/NAME, ..data is a link to
// a folder with the time in its name, and a change makes another folder and turns ..data to it by one rename.
type mounted struct {
	dir        string
	generation int
}

func (m *mounted) swap(t *testing.T, files map[string]string) {
	t.Helper()
	m.generation++
	folder := fmt.Sprintf("..2026_01_01_00_00_%02d.1", m.generation)
	old, _ := os.Readlink(filepath.Join(m.dir, "..data"))
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.Mkdir(filepath.Join(m.dir, folder), 0o755)) //nolint:gosec // as kubelet does
	for name, text := range files {
		must(os.WriteFile(filepath.Join(m.dir, folder, name), []byte(text), 0o600))
		if old == "" {
			must(os.Symlink(filepath.Join("..data", name), filepath.Join(m.dir, name)))
		}
	}
	must(os.Symlink(folder, filepath.Join(m.dir, "..data_tmp")))
	must(os.Rename(filepath.Join(m.dir, "..data_tmp"), filepath.Join(m.dir, "..data")))
	if old != "" {
		must(os.RemoveAll(filepath.Join(m.dir, old)))
	}
}

// TestAConfigMapIsSwapped is D3 in a cluster: nobody sends a signal there. The running program takes over a new config,
// refuses a broken one, and takes over a new key in a Secret.
func TestAConfigMapIsSwapped(t *testing.T) {
	crm := crmtest.New(t, good)
	configs, secrets := &mounted{dir: t.TempDir()}, &mounted{dir: t.TempDir()}
	yaml := strings.Replace(fmt.Sprintf(settings, strings.TrimPrefix(crm.URL, "http://"), ""), "${env:IRP_KEY}", "${file:"+secrets.dir+"/IRP_KEY}", 1)
	secrets.swap(t, map[string]string{"IRP_KEY": rig.Key})
	configs.swap(t, map[string]string{"config.yaml": yaml})
	p := program.ServeFileOften(t, filepath.Join(configs.dir, "config.yaml"))
	asks := func() string {
		got, err := p.Ask(t.Context(), patience, "1")
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(got.Status, " ", got.History)
	}
	if got := asks(); got != "200 live" {
		t.Fatal(got)
	}
	configs.swap(t, map[string]string{"config.yaml": strings.Replace(yaml, "rules: [{ added: amount }]", "rules: [{ skip: true }]", 1)})
	rig.Until(t, "the new config answers", func() bool { return asks() == "200 live; reason=all_filtered" })
	configs.swap(t, map[string]string{"config.yaml": strings.Replace(yaml, "rules:", "rulez:", 1)})
	p.Log.Await(t, `(the config is refused)`)
	if got := asks(); got != "200 live; reason=all_filtered" {
		t.Errorf("after a broken config: %s", got)
	}
	configs.swap(t, map[string]string{"config.yaml": yaml})
	rig.Until(t, "the good config answers", func() bool { return asks() == "200 live" })
	secrets.swap(t, map[string]string{"IRP_KEY": "the-next-key"})
	rig.Until(t, "the old key is refused", func() bool { return asks() == "401 rejected; reason=unauthorized" })
}
