package deploy

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// command is one of docs/deploy.md, with what it is said to print.
type command struct{ text, prints string }

// transcript gives the commands of all blocks below a heading of docs/deploy.md.
func transcript(t *testing.T, heading string) []command {
	t.Helper()
	_, section, found := strings.Cut(read(t, "docs/deploy.md"), "\n## "+heading+"\n")
	section, _, _ = strings.Cut(section, "\n## ")
	var commands []command
	for _, block := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(section, -1) {
		for line := range strings.Lines(block[1]) {
			if text, is := strings.CutPrefix(line, "$ "); is {
				commands = append(commands, command{text: text})
			} else {
				commands[len(commands)-1].prints += line
			}
		}
	}
	if !found || len(commands) == 0 {
		t.Fatalf("docs/deploy.md has no commands below %q", heading)
	}
	return commands
}

// between stands before the output of each command.
const between = "\x1e"

// script makes one shell of the commands, which ends at the first that fails, and everything with it that it has begun.
func script(commands []command) string {
	text := "exec 2>&1; set -e; trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n"
	for _, command := range commands {
		text += "printf '\\036'\n" + command.text
	}
	return text
}

// expect compares what a script has printed with what is said that it prints.
func expect(t *testing.T, commands []command, output string, err error) {
	t.Helper()
	printed := strings.Split(output, between)[1:]
	for i, one := range printed {
		pattern := regexp.QuoteMeta(strings.TrimSpace(commands[i].prints))
		pattern = regexp.MustCompile(`(?m)^…$`).ReplaceAllString(pattern, "(?s:.*)")
		pattern = strings.ReplaceAll(pattern, "…", ".*")
		if !regexp.MustCompile("^" + pattern + "$").MatchString(strings.TrimSpace(one)) {
			t.Errorf("$ %sprints\n%s\nand docs/deploy.md says\n%s", commands[i].text, one, commands[i].prints)
		}
	}
	if err != nil || len(printed) != len(commands) {
		t.Fatalf("%v after %d of %d commands:\n%s", err, len(printed), len(commands), output)
	}
}

// follow executes the commands of docs/deploy.md below a heading, in a folder, by a shell that other words may come before.
func follow(t *testing.T, heading, dir string, env []string, before ...string) {
	t.Helper()
	commands := transcript(t, heading)
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Minute)
	defer cancel()
	words := append(before, "bash", "-c", script(commands))
	shell := exec.CommandContext(ctx, words[0], words[1:]...)
	shell.Dir, shell.Env, shell.WaitDelay = dir, append(os.Environ(), env...), 10*time.Second
	output, err := shell.CombinedOutput()
	expect(t, commands, string(output), err)
}

// clone is a fresh clone of what is committed, at a place of its own.
func clone(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "bonus-adapter")
	must(t, root, "git", "clone", "--quiet", "--no-local", root, dir)
	return dir
}

// alone are words that give a command a loopback of its own, where this machine lets us: no port is taken there.
func alone() []string {
	words := []string{"unshare", "--net", "sh", "-c", `ip link set lo up && exec "$@"`, "sh"}
	if exec.Command(words[0], append(words[1:], "true")...).Run() != nil {
		return nil
	}
	return words
}

func TestTheTranscriptOfTheBinary(t *testing.T) {
	follow(t, "A binary", clone(t), nil, alone()...)
}

func TestTheTranscriptOfHelm(t *testing.T) {
	tools := t.TempDir()
	// As helm's own Makefile does; without, it takes itself for the helm of an old Kubernetes.
	const version = "-X helm.sh/helm/v3/pkg/chartutil.k8sVersionMajor=1 -X helm.sh/helm/v3/pkg/chartutil.k8sVersionMinor=37"
	must(t, "../..", "go", "build", "-modfile=tools/helm.mod", "-ldflags", version, "-o", filepath.Join(tools, "helm"), "helm.sh/helm/v3/cmd/helm")
	follow(t, "Kubernetes", clone(t), []string{"PATH=" + tools + ":" + os.Getenv("PATH"), "HELM_CACHE_HOME=" + tools, "HELM_CONFIG_HOME=" + tools})
}
