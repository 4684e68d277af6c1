// Package console_test drives the console in a real browser, as a user does: Debian's chromium, which test/install.sh
// installs.
package console_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"bonus-adapter/test/rig"
)

var (
	binary rig.Binary
	pages  = flag.String("screenshots", "", "write screenshots into this `folder`")
)

func TestMain(m *testing.M) {
	flag.Parse()
	dir, err := os.MkdirTemp("", "console")
	if err == nil {
		binary, err = rig.Build(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// demo runs the demo with an admin port, and gives the addresses of both.
func demo(t *testing.T, args ...string) (public, console string) {
	t.Helper()
	log := start(t, append([]string{"demo", "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"}, args...))
	public = log.Await(t, `curl -i (http://[^/]+)/`)
	return public, log.Await(t, `(http://\S+/console/)`)
}

// start runs the program until the test ends, and gives what it writes. env are further variables, NAME=value.
func start(t *testing.T, args []string, env ...string) *rig.Log {
	t.Helper()
	log := rig.NewLog()
	cmd := exec.Command(string(binary), args...)
	cmd.Env = append(cmd.Environ(), env...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return log
}

// tab is a tab of a browser of its own. What the page has asked for, and what it has complained of, is noted.
type tab struct {
	context.Context
	downloads string // the folder

	mu    sync.Mutex
	asked []string // addresses
	wrong []string // errors on the page's console
}

// open starts the browser. After the test, errors on the page's console and requests to other hosts fail it.
func open(t *testing.T, address string) *tab {
	t.Helper()
	b := &tab{downloads: t.TempDir()}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.WindowSize(1440, 900))
	if os.Getuid() == 0 {
		options = append(options, chromedp.NoSandbox) // chromium refuses to run as root otherwise
	}
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	tab, closeTab := chromedp.NewContext(allocator)
	limited, cancel := context.WithTimeout(tab, 2*time.Minute) // only ends a test that would hang
	t.Cleanup(func() { cancel(); closeTab(); stop() })
	b.Context = limited
	b.run(t) // starts it
	if err := chromedp.Listen(b, b.hear); err != nil {
		t.Fatal(err)
	}
	b.enable(t)
	b.run(t, chromedp.Navigate(address))
	t.Cleanup(func() { b.judge(t, address) })
	return b
}

// enable makes the browser tell what [tab.hear] hears.
func (b *tab) enable(t *testing.T) {
	t.Helper()
	_, err := chromedp.Call(b, network.Enable, network.EnableParams{})
	if err == nil {
		_, err = chromedp.Call(b, runtime.Enable, cdp.Empty{})
	}
	if err == nil {
		_, err = chromedp.Call(b, log.Enable, cdp.Empty{})
	}
	if err == nil { // a window that nobody sees has no focus otherwise
		_, err = chromedp.Call(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	}
	if err != nil {
		t.Fatal(err)
	}
}

func (b *tab) run(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(b, actions...); err != nil {
		t.Fatalf("%v\nthe page's console: %v", err, b.complaints())
	}
}

func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch event := event.(type) {
	case *network.EventRequestWillBeSent:
		b.asked = append(b.asked, event.Request.URL)
	case *runtime.EventExceptionThrown:
		b.wrong = append(b.wrong, event.ExceptionDetails.Text+" "+event.ExceptionDetails.Exception.Description)
	case *runtime.EventConsoleAPICalled:
		if event.Type == "error" || event.Type == "warning" {
			for _, argument := range event.Args {
				b.wrong = append(b.wrong, fmt.Sprintf("%s: %s %s", event.Type, argument.Value, argument.Description))
			}
		}
	case *log.EventEntryAdded:
		if event.Entry.Level == log.EntryLevelError {
			b.wrong = append(b.wrong, event.Entry.Text+" "+event.Entry.URL)
		}
	}
}

func (b *tab) complaints() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.wrong...)
}

// forget leaves out complaints so far, of a test that provokes them.
func (b *tab) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wrong = nil
}

func (b *tab) judge(t *testing.T, address string) {
	address, _, _ = strings.Cut(address, "#")
	for _, text := range b.complaints() {
		t.Errorf("on the page's console: %s", text)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, asked := range b.asked {
		if !strings.HasPrefix(asked, address) && !strings.HasPrefix(asked, "data:") && !strings.HasPrefix(asked, "blob:"+address[:strings.Index(address, "/console/")]) {
			t.Errorf("the page asked for %s", asked)
		}
	}
}

// ask gives what an action gives.
func ask[T any](t *testing.T, b *tab, action chromedp.Action[T]) T {
	t.Helper()
	got, err := chromedp.Run(b, action)
	if err != nil {
		t.Fatalf("%v\nthe page's console: %v", err, b.complaints())
	}
	return got
}

// text waits until an element is there, and gives its text.
func (b *tab) text(t *testing.T, selector string) string {
	t.Helper()
	b.run(t, chromedp.WaitVisible(chromedp.CSS(selector)))
	return ask(t, b, chromedp.Text(chromedp.CSS(selector)))
}

// until waits until a JavaScript expression holds.
func (b *tab) until(t *testing.T, expression string) {
	t.Helper()
	if _, err := chromedp.Run(b, chromedp.Poll[bool]("!!("+expression+")", chromedp.WithPollingTimeout(rig.Patience))); err != nil {
		body, _ := chromedp.Run(b, chromedp.Text(chromedp.CSS("body")))
		t.Fatalf("%s never held: %v\n%s\nthe page's console: %v", expression, err, body, b.complaints())
	}
}

// shot writes what is seen, if somebody wants to look.
func (b *tab) shot(t *testing.T, name string) {
	t.Helper()
	if *pages == "" {
		return
	}
	picture := ask(t, b, chromedp.FullScreenshot(100))
	if err := os.MkdirAll(*pages, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*pages, name+".png"), picture, 0o600); err != nil {
		t.Fatal(err)
	}
}
