package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var updateGolden = flag.Bool("update-golden", false, "write the help texts of testdata/help")

// TestHelpTexts compares every help text with the one that was read last.
func TestHelpTexts(t *testing.T) {
	texts := map[string]string{}
	out, code := runs(t, "--help")
	if code != 0 {
		t.Errorf("exit %d", code)
	}
	texts["bonus-adapter"] = out
	for _, c := range commands() {
		out, code := runs(t, c.name, "--help")
		if code != 0 || !strings.Contains(out, "example:\n  bonus-adapter "+c.name) {
			t.Errorf("%s: exit %d\n%s", c.name, code, out)
		}
		texts[c.name] = out
	}
	for name, text := range texts {
		file := filepath.Join("testdata", "help", name+".txt")
		if *updateGolden {
			writeFile(t, file, text)
		}
		golden, err := os.ReadFile(file)
		if err != nil || string(golden) != text {
			t.Errorf("%s: %v; go test -run TestHelpTexts -update-golden writes it\ngot\n%s\nwant\n%s", name, err, text, golden)
		}
	}
}

// TestExamplesAreCommands asks each example's flags of its command.
func TestExamplesAreCommands(t *testing.T) {
	for _, c := range commands() {
		flags := map[string]bool{}
		for _, one := range flagsOf(t.Context(), c) {
			flags["--"+one.name] = true
		}
		for _, word := range strings.Fields(c.example) {
			if strings.HasPrefix(word, "--") && !flags[word] {
				t.Errorf("%s has no flag %s", c.name, word)
			}
		}
	}
}

// completes asks a real bash what it would complete.
func completes(t *testing.T, script string, words ...string) []string {
	t.Helper()
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	program := `source "$1"; shift; COMP_WORDS=(bonus-adapter "$@"); COMP_CWORD=$#; _bonus_adapter; printf '%s\n' "${COMPREPLY[@]}"`
	out, err := exec.CommandContext(t.Context(), bash, append([]string{"--norc", "--noprofile", "-c", program, "bash", script}, words...)...).CombinedOutput() //nolint:gosec // our own script
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return strings.Fields(string(out))
}

func TestBashCompletes(t *testing.T) {
	out, code := runs(t, "completion", "bash")
	if code != 0 {
		t.Fatal(out)
	}
	script := filepath.Join(t.TempDir(), "completion.bash")
	writeFile(t, script, out)
	for _, c := range []struct{ words, want string }{
		{"con", "conformance"},
		{"he", "healthcheck"},
		{"check --au", "--audit"},
		{"check --strict", "--strict-env"},
		{"init --sam", "--sample"},
		{"completion z", "zsh"},
		{"presets retail", "retailcrm"},
		{"init --preset retail", "retailcrm"},
		{"nosuch --x", ""},
	} {
		if got := strings.Join(completes(t, script, strings.Fields(c.words)...), " "); got != c.want {
			t.Errorf("%s: %q, want %q", c.words, got, c.want)
		}
	}
}

// TestOtherShellsReadTheirScripts lets zsh and fish judge, where they are installed.
func TestOtherShellsReadTheirScripts(t *testing.T) {
	for shell, asks := range map[string][]string{
		"zsh":  {"-f", "-c", `autoload -U compinit; compinit -D; source "$1"; whence _bonus_adapter`, "zsh"},
		"fish": {"--no-config", "-c", `source $argv[1]; complete -C "bonus-adapter che"`},
	} {
		out, code := runs(t, "completion", shell)
		if code != 0 || !strings.Contains(out, "strict-env") {
			t.Errorf("%s: exit %d", shell, code)
		}
		program, err := exec.LookPath(shell)
		if err != nil {
			t.Logf("there is no %s", shell)
			continue
		}
		script := filepath.Join(t.TempDir(), "completion")
		writeFile(t, script, out)
		printed, err := exec.CommandContext(t.Context(), program, append(asks, script)...).CombinedOutput() //nolint:gosec // our own script
		if err != nil || shell == "fish" && !strings.HasPrefix(string(printed), "check\t") || shell == "zsh" && strings.TrimSpace(string(printed)) != "_bonus_adapter" {
			t.Errorf("%s: %v\n%s", shell, err, printed)
		}
	}
	if out, code := runs(t, "completion", "csh"); code != 2 {
		t.Errorf("exit %d\n%s", code, out)
	}
}
