// Command bonus-adapter answers Imshop's «История бонусов» from a retailer's own loyalty CRM, as config.yaml describes
// it.
//
// One file holds one command. What they share is in config.go (from a file to a running adapter) and decode.go (YAML
// with positions); everything else is in the packages that the sections of the config are named after.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"

	_ "time/tzdata" // zones must not depend on what the machine has installed
)

// command is one verb of the program. It prints results to out, and gives an error that names what to do.
type command struct {
	name, args, about string
	run               func(ctx context.Context, p *program, args []string) error
	example           string // what a user may type, without the program's name
}

// program is what a command may touch of the outside.
type program struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) (string, bool)
	readFile func(string) ([]byte, error)

	asked *flag.FlagSet // the flags of the command that runs
}

func commands() []command {
	return []command{
		{"demo", "", "a built-in loyalty CRM and the adapter in front of it, ready to curl", runDemo, `demo --fail 10%`},
		{"serve", "", "answer Imshop's requests", runServe, `serve --config config.yaml`},
		{"check", "[config.yaml]", "say everything that is wrong with a config, with line and column", runCheck, `check --audit config.yaml`},
		{"init", "", "a commented config to start from: a preset, or one proposed after a CRM's answer", runInit, `init --sample history.json --dir shop`},
		{"explain", "USER", "how the answer for one customer comes about, with the config line that decides each thing", runExplain, `explain 12345 --record tests/first`},
		{"test", "[DIR…]", "play the cases beside a config: CRM answers in, expected answers out, no network", runTest, `test --update`},
		{"presets", "[NAME]", "the CRMs that are known, with what each needs", runPresets, `presets retailcrm`},
		{"conformance", "URL", "play Imshop's server against any endpoint and judge it, clause by clause", runConformance, `conformance https://bonus.example.ru/bonus-history --key "$IRP_KEY" --user 12345`},
		{"schema", "", "the JSON Schema of a config, for editors", runSchema, `schema > config.schema.json`},
		{"hash", "USER", "the name under which a customer appears in the logs", runHash, `hash 12345 --config config.yaml`},
		{"healthcheck", "[URL]", "ask a running adapter whether it is alive (for containers)", runHealthcheck, `healthcheck http://127.0.0.1:8080/healthz`},
		{"completion", "SHELL", "what makes bash, zsh or fish complete commands and flags", runCompletion, `completion bash > /etc/bash_completion.d/bonus-adapter`},
		{"version", "", "the version of this binary", runVersion, `version`},
	}
}

// Exit codes: the thing that was asked about is wrong, or the question was.
const (
	exitWrong = 1
	exitUsage = 2
)

var errUsage = errors.New("usage")

// errReported is an error whose text was already printed.
var errReported = errors.New("reported")

func main() {
	// net/http writes to the standard logger what a CRM sends unasked, which may be a customer's history.
	log.SetOutput(io.Discard)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	ctx, end := context.WithCancel(context.Background())
	go func() {
		<-signals
		signal.Stop(signals) // a second signal ends the process at once: from before anybody can see that it drains
		end()
	}()
	p := &program{in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.LookupEnv, readFile: os.ReadFile}
	os.Exit(p.execute(ctx, os.Args[1:]))
}

func (p *program) execute(ctx context.Context, args []string) int {
	if len(args) == 0 {
		p.usage(p.err)
		return exitUsage
	}
	if args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		p.usage(p.out)
		return 0
	}
	for _, c := range commands() {
		if c.name == args[0] {
			return p.exit(c, c.run(ctx, p, args[1:]))
		}
	}
	_, _ = fmt.Fprintf(p.err, "bonus-adapter: there is no command %q\n\n", args[0])
	p.usage(p.err)
	return exitUsage
}

func (p *program) exit(c command, err error) int {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flag.ErrHelp):
		p.help(p.out, c)
		return 0
	case errors.Is(err, errReported):
		return exitWrong
	case errors.Is(err, errUsage):
		_, _ = fmt.Fprintf(p.err, "bonus-adapter %s: %v\nSee bonus-adapter %s --help\n", c.name, err, c.name)
		return exitUsage
	}
	_, _ = fmt.Fprintf(p.err, "bonus-adapter %s: %v\n", c.name, err)
	return exitWrong
}

func (p *program) usage(w io.Writer) {
	_, _ = fmt.Fprint(w, "bonus-adapter answers Imshop's bonus history from a retailer's loyalty CRM.\n\n")
	for _, c := range commands() {
		_, _ = fmt.Fprintf(w, "  %-36s %s\n", "bonus-adapter "+strings.TrimSpace(c.name+" "+c.args), c.about)
	}
	_, _ = fmt.Fprint(w, "\nStart with: bonus-adapter demo\n")
}

// flags makes a command's set of flags, which tells its help and what shells may complete. A mistake in one is told by
// exit, so the set itself prints nothing.
func (p *program) flags(name string) *flag.FlagSet {
	p.asked = flag.NewFlagSet(name, flag.ContinueOnError)
	p.asked.SetOutput(io.Discard)
	return p.asked
}

// parse reads a command's arguments: flags, and at most most others before, between or after them.
func parse(set *flag.FlagSet, args []string, most int) error {
	others := []string{"--"}
	for {
		if err := set.Parse(args); errors.Is(err, flag.ErrHelp) {
			return err
		} else if err != nil {
			return fmt.Errorf("%w: %w", errUsage, err)
		}
		if set.NArg() == 0 {
			break
		}
		others, args = append(others, set.Arg(0)), set.Args()[1:]
	}
	if err := set.Parse(others); err != nil {
		return fmt.Errorf("%w: %w", errUsage, err)
	}
	if set.NArg() > most {
		return fmt.Errorf("%w: too many arguments: %s", errUsage, strings.Join(set.Args()[most:], " "))
	}
	return nil
}
