package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.uber.org/zap"

	"bonus-adapter/cmd/bonus-adapter/replay"
	"bonus-adapter/config"
	"bonus-adapter/crm"
)

// explainOptions are the flags of explain.
type explainOptions struct {
	config    string
	responses texts
	record    string
	showID    bool
	json      bool
	all       bool
}

// texts is a flag that may be given several times.
type texts []string

// String gives what was given.
func (t *texts) String() string { return strings.Join(*t, ", ") }

// Set adds one.
func (t *texts) Set(text string) error {
	*t = append(*t, text)
	return nil
}

// runExplain asks for one customer as serve would, and tells how the answer came about, with the line of the config that
// decided each thing.
func runExplain(ctx context.Context, p *program, args []string) error {
	var options explainOptions
	set := p.flags("explain")
	set.StringVar(&options.config, "config", "config.yaml", "the config `file`")
	set.Var(&options.responses, "response", "read the CRM's answer from this `file` instead of asking it, or from the folder of a case; may be given again for further answers")
	set.StringVar(&options.record, "record", "", "write the conversation into this `folder` as a case for bonus-adapter test, without secrets and with another id")
	set.BoolVar(&options.showID, "show-id", false, "show the customer's id; secrets are never shown")
	set.BoolVar(&options.json, "json", false, "print JSON")
	set.BoolVar(&options.all, "all", false, "show every record, not only the first and the odd ones")
	if err := parse(set, args, 1); err != nil {
		return err
	}
	switch {
	case set.NArg() == 0 && len(options.responses) == 0:
		return fmt.Errorf("%w: name one customer", errUsage)
	case options.record != "" && len(options.responses) > 0:
		return fmt.Errorf("%w: --record is for a live call, and --response is none", errUsage)
	}
	text, err := p.read(options.config)
	if err != nil {
		return err
	}
	file, err := parseConfig(options.config, text)
	if err != nil {
		return p.reportConfig(file, err)
	}
	x, err := p.newExplainer(file, set.Arg(0), options)
	if err != nil {
		return err
	}
	defer x.built.client.Close()
	return p.explainTo(ctx, x, options)
}

func (p *program) explainTo(ctx context.Context, x *explainer, options explainOptions) error {
	told := x.run(ctx, !options.showID)
	if options.record != "" {
		if err := p.record(x, options.record); err != nil {
			return err
		}
	}
	if options.json {
		encoder := json.NewEncoder(p.out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(told)
	}
	(&explainPrinter{paint: p.painter(), all: options.all}).print(p.out, told)
	return nil
}

// newExplainer builds the adapter in surroundings that listen.
func (p *program) newExplainer(file *configFile, user string, options explainOptions) (*explainer, error) {
	if len(options.responses) == 0 {
		x, err := liveExplainer(file, user, environment(p.getenv, p.readFile), options.record != "")
		if err != nil {
			return nil, p.reportConfig(file, err)
		}
		return x, nil
	}
	c, exact, err := p.responses(user, options.responses)
	if err != nil {
		return nil, err
	}
	if !exact {
		c.Now = time.Now() // an answer alone does not say when it was given: it is read as if it came now
	}
	x, err := offlineExplainer(file, c, exact)
	if err != nil {
		return nil, p.reportConfig(file, err)
	}
	return x, nil
}

// liveExplainer builds the adapter so that it asks the CRM itself. The error is a config that does not work.
func liveExplainer(file *configFile, user string, lookup config.Lookup, recorded bool) (*explainer, error) {
	x := &explainer{file: file, heard: &conversation{}, user: user, values: map[string]string{}, now: time.Now()}
	around := x.surroundings()
	x.live(&around, lookup, recorded)
	return x.construct(around)
}

// offlineExplainer builds the adapter with the answers of a case in place of the network. The error is a config that does
// not work.
func offlineExplainer(file *configFile, c *replay.Case, exact bool) (*explainer, error) {
	x := &explainer{file: file, heard: &conversation{}, user: c.User, values: map[string]string{}, now: c.Now}
	around := x.surroundings()
	x.offline(&around, c, exact)
	return x.construct(around)
}

func (x *explainer) surroundings() surroundings {
	return surroundings{log: zap.NewNop(), ledger: x.heard.ledger, amend: x.alone}
}

func (x *explainer) construct(around surroundings) (*explainer, error) {
	made, err := constructIn(x.file, around)
	if err != nil {
		made.close(nil)
		return nil, err
	}
	x.built = made
	return x, nil
}

// alone asks the CRM itself, and remembers what would be asked instead.
func (x *explainer) alone(read *sections) {
	x.cache = read.Adapter.Cache
	alone(read)
}

// live asks the CRM itself. For a recording its requests come in order, each at the time that the recording will have.
func (x *explainer) live(around *surroundings, lookup config.Lookup, recorded bool) {
	around.lookup = collected(x.needed(lookup), x.values)
	if recorded {
		around.crm = crm.Options{InOrder: true, Now: func() time.Time { return x.now }}
	}
}

// needed leaves out what explain does not need: the keys that Imshop sends are not asked for here.
func (x *explainer) needed(lookup config.Lookup) config.Lookup {
	return func(scheme, name string) (string, error) {
		value, err := lookup(scheme, name)
		if err != nil && !x.file.refersIn("crm", "${"+scheme+":"+name+"}") {
			return replay.Placeholder(scheme, name), nil
		}
		return value, err
	}
}

// refersIn tells whether a section of the file holds a reference.
func (f *configFile) refersIn(section, reference string) bool {
	for place, node := range f.places {
		if strings.HasPrefix(place, section+".") && strings.Contains(follow(node).Value, reference) {
			return true
		}
	}
	return false
}

// offline plays answers in place of the network. Answers alone, without the requests they belong to, may be fewer than
// the config asks for: then what they hold is told all the same.
func (x *explainer) offline(around *surroundings, c *replay.Case, exact bool) {
	x.player = replay.NewPlayer(c, x.file.hideLiterals)
	around.lookup = collected(c.Lookup, x.values)
	around.crm = crm.Options{
		Transport: func(http.RoundTripper) http.RoundTripper { return x.player },
		Now:       func() time.Time { return c.Now },
		Replay:    true,
	}
	if !exact {
		around.amend = func(read *sections) {
			x.alone(read)
			read.CRM.OnPartial = "newest"
		}
	}
}

// responses reads recorded answers: the folder of a case, whose requests have to be asked as it says (exact), or files
// of answers for whatever is asked.
func (p *program) responses(user string, names []string) (c *replay.Case, exact bool, err error) {
	if isFile(filepath.Join(names[0], replay.CaseFile)) && len(names) == 1 {
		recorded, err := openCase(os.DirFS(names[0]), filepath.ToSlash(names[0]))
		if err != nil {
			return nil, false, p.reportConfig(recorded.file, err)
		}
		return &recorded.Case, true, nil
	}
	var bodies [][]byte
	for _, name := range names {
		body, err := p.readFile(name)
		if err != nil {
			return nil, false, fmt.Errorf("the answer cannot be read: %w", err)
		}
		bodies = append(bodies, body)
	}
	made := replay.OfBodies(firstOf(user, "12345"), names, bodies)
	return &made, false, nil
}

// run asks, and tells what happened.
func (x *explainer) run(ctx context.Context, hideID bool) *explanation {
	begun := time.Now()
	got := x.built.ask(x.heard.within(ctx), x.user)
	took := time.Since(begun)
	x.heard.end()
	x.mask = newMask(x.file, x.values)
	if hideID {
		x.mask.AddCustomer(x.user, customerShown)
	}
	learn(x.mask, x.heard)
	return x.explain(x.user, got, took)
}
