package faults

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"bonus-adapter/crm/crmtest"

	"bonus-adapter/test/rig"
)

// load asks without a pause, on kept connections, until it is stopped. It gives what it got, by header and status, and
// failures.
type load struct {
	got    sync.Map // string: *atomic.Int64
	asking sync.WaitGroup
	stop   context.CancelFunc
	leave  func()
}

func startLoad(t *testing.T, p *rig.Program, workers int) *load {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	l := &load{stop: stop}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: workers}}
	for worker := range workers {
		l.asking.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				got, err := rig.Ask(context.WithoutCancel(ctx), client, p.URL+"/bonus-history", patience, fmt.Sprintf("%d-%d", worker, i))
				word := fmt.Sprint(got.Status, " ", got.History)
				if err != nil {
					word = "failed: " + err.Error()
				}
				count, _ := l.got.LoadOrStore(word, new(atomic.Int64))
				count.(*atomic.Int64).Add(1)
			}
		})
	}
	l.leave = client.CloseIdleConnections
	t.Cleanup(func() { l.end() })
	return l
}

// end stops asking, and gives how often there was which answer.
func (l *load) end() map[string]int {
	l.stop()
	l.asking.Wait()
	l.leave()
	all := map[string]int{}
	l.got.Range(func(word, count any) bool {
		all[word.(string)] = int(count.(*atomic.Int64).Load())
		return true
	})
	return all
}

func (l *load) answers() (sum int) {
	l.got.Range(func(_, count any) bool {
		sum += int(count.(*atomic.Int64).Load())
		return true
	})
	return sum
}

// TestReloadUnderLoad is D2 and D3: a hundred times another config while requests come, every second one broken.
func TestReloadUnderLoad(t *testing.T) {
	s := newStage(t, settings, good)
	p, yaml := s.Program, fmt.Sprintf(settings, s.address(), "")
	s.expect(t, "first", "live")
	l := startLoad(t, p, 8)
	for i := range 100 {
		changed := strings.Replace(yaml, "budget: 2s", fmt.Sprintf("budget: %dms", 2000+i), 1)
		if i%2 == 1 {
			changed = strings.Replace(yaml, "records:", "recrods:", 1)
		}
		if i%20 == 0 { // the way to the CRM is another one too
			changed = strings.Replace(changed, "timeout: 1s", fmt.Sprintf("timeout: %dms", 1000+i), 1)
		}
		if err := os.WriteFile(p.ConfigFile, []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		p.Signal(t, syscall.SIGHUP)
		rig.Until(t, "the signal is heeded", func() bool {
			log := p.Log.String()
			return strings.Count(log, "the config is reloaded")+strings.Count(log, "the config is refused") == i+1
		})
		at := l.answers()
		rig.Until(t, "requests are answered", func() bool { return l.answers() > at+8 })
	}
	got := l.end()
	if log := p.Log.String(); strings.Count(log, "the config is reloaded") != 50 || strings.Count(log, "the config is refused") != 50 || !strings.Contains(log, "recrods") {
		t.Error("not every second config was refused, with its reason")
	}
	if len(got) != 1 || got["200 live"] < 900 {
		t.Errorf("answers: %v", got)
	}
	t.Logf("answers: %v", got)
}

// TestTermination is D4 and D5.
func TestTermination(t *testing.T) {
	t.Run("D4 keep-alive ends, what is under way is answered, the end is 0", func(t *testing.T) {
		crowd := crmtest.NewCrowd(10)
		crm := crmtest.New(t, crowd.Hold(good))
		p := program.Serve(t, fmt.Sprintf(settings, strings.TrimPrefix(crm.URL, "http://"), ""))
		got := make(chan rig.Reply, 1)
		go func() {
			client := &http.Client{Transport: &http.Transport{}}
			reply, err := rig.Ask(t.Context(), client, p.URL+"/bonus-history", patience, "1")
			if err != nil {
				t.Error(err)
			}
			got <- reply
		}()
		crowd.Await(1)
		p.Signal(t, syscall.SIGTERM)
		rig.Until(t, "no more connections are taken", func() bool {
			response, err := http.Get(p.URL + "/readyz")
			if err == nil {
				_ = response.Body.Close()
			}
			return err != nil
		})
		crowd.Let(1)
		if reply := <-got; reply.History != "live" || !reply.Close {
			t.Errorf("%d %q, the connection ends: %v", reply.Status, reply.History, reply.Close)
		}
		if err := p.Wait(t); err != nil {
			t.Error(err)
		}
	})
	t.Run("D5 a second signal ends it at once, and it starts again", func(t *testing.T) {
		crowd := crmtest.NewCrowd(10)
		crm := crmtest.New(t, crowd.Hold(good))
		yaml := strings.NewReplacer("budget: 2s", "budget: 10m", "timeout: 1s", "timeout: 9m", "window: 1m", "window: 1h").Replace(settings)
		p := program.Serve(t, fmt.Sprintf(yaml, strings.TrimPrefix(crm.URL, "http://"), ""))
		go func() { _, _ = p.Ask(t.Context(), rig.Patience, "1") }()
		crowd.Await(1)
		p.Signal(t, syscall.SIGTERM)
		rig.Until(t, "it drains", func() bool {
			_, err := http.Get(p.URL + "/readyz")
			return err != nil
		})
		p.Signal(t, syscall.SIGTERM)
		if err := p.Wait(t); err == nil || !strings.Contains(err.Error(), "terminated") {
			t.Errorf("it ended with %v", err)
		}
		again := &scene{Program: program.ServeFile(t, p.ConfigFile), crm: crm}
		crowd.Let(1)
		again.expect(t, "1", "live")
		again.Signal(t, syscall.SIGKILL)
		_ = again.Wait(t)
		third := &scene{Program: program.ServeFile(t, p.ConfigFile), crm: crm}
		third.Frees(crm.Drop)
		crowd.Let(1)
		third.expect(t, "1", "live")
	})
}

// TestKeyRotation is C5, as an operator does it: the keys are files, a signal is enough.
func TestKeyRotation(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(dir+"/"+name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("key", rig.Key)
	crm := crmtest.New(t, good)
	yaml := strings.Replace(fmt.Sprintf(settings, strings.TrimPrefix(crm.URL, "http://"), ""), "${env:IRP_KEY}", "${file:"+dir+"/key}", 1)
	p := program.Serve(t, yaml)
	p.Frees(crm.Drop)
	for i, test := range []struct{ key, want string }{{rig.Key, "live"}, {"another", "rejected; reason=unauthorized"}, {rig.Key + "\n", "live"}} {
		write("key", test.key)
		p.Signal(t, syscall.SIGHUP)
		rig.Until(t, "the signal is heeded", func() bool { return strings.Count(p.Log.String(), "the config is reloaded") == i+1 })
		if got, err := p.Ask(t.Context(), patience, "1"); err != nil || got.History != test.want {
			t.Errorf("%d: %v %q, want %q", i, err, got.History, test.want)
		}
	}
	if asked := len(crm.Asked()); asked != 2 {
		t.Errorf("the CRM was asked %d times", asked)
	}
}

// TestLogThatIsNotRead is D8: the reader of the log stops reading, then goes away.
func TestLogThatIsNotRead(t *testing.T) {
	crm := crmtest.New(t, good)
	file := t.TempDir() + "/config.yaml"
	if err := os.WriteFile(file, fmt.Appendf(nil, settings, strings.TrimPrefix(crm.URL, "http://"), ""), 0o600); err != nil {
		t.Fatal(err)
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := program.ServeInto(t, file, write)
	_ = write.Close()
	p.URL = "http://" + firstAddress(t, read)
	s := &scene{Program: p, crm: crm}
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for i := range 2000 { // far more than a pipe holds, and more than is kept
		s.quietly(t, client, fmt.Sprint(i))
	}
	_ = read.Close()
	for i := range 50 {
		s.quietly(t, client, fmt.Sprint("later-", i))
	}
	if asked := len(crm.Asked()); asked != 2050 {
		t.Errorf("the CRM was asked %d times", asked)
	}
	p.Signal(t, syscall.SIGTERM)
	if err := p.Wait(t); err != nil {
		t.Error(err)
	}
}

// firstAddress reads a log, and no more than the beginning of it, until that names the public port.
func firstAddress(t *testing.T, log io.Reader) string {
	t.Helper()
	var text []byte
	for chunk := make([]byte, 4096); ; {
		if _, rest, found := bytes.Cut(text, []byte(`"address":"`)); found && bytes.Contains(rest, []byte(`"`)) {
			address, _, _ := bytes.Cut(rest, []byte(`"`))
			return string(address)
		}
		n, err := log.Read(chunk)
		if err != nil {
			t.Fatal(err)
		}
		text = append(text, chunk[:n]...)
	}
}

// quietly is expect for many.
func (s *scene) quietly(t *testing.T, client *http.Client, customer string) {
	t.Helper()
	if got, err := rig.Ask(t.Context(), client, s.URL+"/bonus-history", patience, customer); err != nil || got.History != "live" {
		t.Fatalf("%s: %v %q", customer, err, got.History)
	}
}

// TestFewMeans is D11: a machine that gives little.
func TestFewMeans(t *testing.T) {
	t.Run("64 files, one processor, 128 MiB", func(t *testing.T) {
		crowd := crmtest.NewCrowd(1000)
		crm := crmtest.New(t, func(w http.ResponseWriter, r *http.Request) {
			if strings.Contains(r.URL.Path, "held") {
				crowd.Hold(good)(w, r)
				return
			}
			good(w, r)
		})
		p := program.ServeWith(t, fmt.Sprintf(settings, strings.TrimPrefix(crm.URL, "http://"), ""),
			[]string{"sh", "-c", `ulimit -n 64; exec "$@"`, "sh"}, "GOMAXPROCS=1", "GOMEMLIMIT=128MiB")
		p.Frees(crm.Drop)
		s := &scene{Program: p, crm: crm}
		s.expect(t, "before", "live")
		var all sync.WaitGroup
		words := make(chan string, 100)
		for i := range 100 {
			all.Go(func() {
				got, err := p.Ask(t.Context(), rig.Patience, fmt.Sprint("held-", i))
				if err != nil {
					got.History = "none"
				}
				words <- got.History
			})
		}
		crowd.Await(10)
		rig.Until(t, "the files are used up", func() bool { return p.Figures(t).Files >= 60 })
		crowd.Let(1000)
		all.Wait()
		close(words)
		got := map[string]int{}
		for word := range words {
			got[word]++
		}
		t.Logf("%v", got)
		if got["none"] > 0 || got["live"] == 0 {
			t.Errorf("%v", got)
		}
		s.expect(t, "after", "live")
	})
	t.Run("nothing may be written, nobody's user", func(t *testing.T) {
		crm := crmtest.New(t, good)
		yaml := fmt.Sprintf(settings, strings.TrimPrefix(crm.URL, "http://"), "")
		sealed := `mount --bind / /mnt && mount -o remount,bind,ro /mnt && exec chroot /mnt setpriv --reuid 65532 --regid 65532 --clear-groups "$@"`
		seal := []string{"unshare", "--mount", "sh", "-c", sealed, "sh"}
		if out, err := exec.Command(seal[0], append(slices.Clone(seal[1:]), "true")...).CombinedOutput(); err != nil {
			t.Skipf("this machine lets nobody mount: %v %s", err, out)
		}
		p := program.ServeWith(t, yaml, seal, "TMPDIR=/nowhere", "HOME=/nowhere")
		p.Frees(crm.Drop)
		(&scene{Program: p, crm: crm}).expect(t, "1", "live")
	})
}

// TestNamesAreNotNeededAtStart is D11 too: the CRM's name is looked up when the CRM is asked.
func TestNamesAreNotNeededAtStart(t *testing.T) {
	p := program.Serve(t, fmt.Sprintf(settings, "crm.invalid", ""))
	got, err := p.Ask(t.Context(), patience, "1")
	if err != nil || !strings.HasPrefix(got.History, "fallback; reason=crm_") {
		t.Errorf("%v %q", err, got.History)
	}
	if strings.Contains(p.Log.String(), "crm.invalid") {
		t.Error("the log tells the name of the host")
	}
	t.Log(got.History, got.Took.Round(time.Millisecond))
}
