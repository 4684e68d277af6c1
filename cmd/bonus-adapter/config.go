package main

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"go.uber.org/zap"

	"bonus-adapter/adapter"
	"bonus-adapter/config"
	"bonus-adapter/crm"
	"bonus-adapter/document"
	"bonus-adapter/mapping"
	"bonus-adapter/store"
)

// sections is a whole config file: its three sections are the three packages.
type sections struct {
	Adapter adapter.Config `yaml:"adapter"`
	CRM     crm.Config     `yaml:"crm"`
	Mapping mapping.Config `yaml:"mapping"`
}

// built is a config that works: what New of every section made of it.
type built struct {
	handler *adapter.Handler
	client  *crm.Client
	shared  *store.Redis // what replicas have in common; nil if there is none
	answers store.Store  // nil if none are kept
	mapping *mapping.Mapping
	config  sections
	name    string // of the file that it was built of
	text    []byte // of that file

	plan   document.Plan // that the client was built with
	print  print         // of the section crm
	common print         // of adapter.redis
}

// close lets go of what the parts hold, after the last request, but for what next has taken over; next may be nil.
func (b *built) close(next *built) {
	if next == nil || next.client != b.client {
		b.client.Close()
	}
	if b.shared != nil && (next == nil || next.shared != b.shared) {
		b.shared.Close()
	}
}

// build reads a config and makes the adapter of it. What is wrong is printed to the program's errors, all of it at
// once; the error is then errReported.
func (p *program) build(name string, text []byte, around surroundings) (*built, error) {
	file, err := parseConfig(name, text)
	if err != nil {
		return nil, p.reportConfig(file, err)
	}
	made, err := constructIn(file, around)
	if err != nil {
		return nil, p.reportConfig(file, err)
	}
	return made, nil
}

// construct lets every section judge itself, so that check cannot disagree with serve. A section that could not be
// decoded is judged all the same: one run tells everything.
func construct(file *configFile, lookup config.Lookup, log *zap.Logger) (*built, error) {
	return constructIn(file, surroundings{lookup: lookup, log: log})
}

// try is construct for a config that is judged only: what was opened for it is closed.
func try(file *configFile, lookup config.Lookup) error {
	made, err := construct(file, lookup, zap.NewNop())
	made.close(nil)
	return err
}

// surroundings are what a config is put into: where its references lead, who hears of its requests, what stands between
// it and the network, and what it takes the place of.
type surroundings struct {
	lookup   config.Lookup // nil leaves references unresolved
	log      *zap.Logger
	answered func(*configFile) adapter.Observer // gives who hears of a config's answers; nil if nobody does
	crm      crm.Options
	before   *built // nil if there is none

	ledger func(crm.Ledger) crm.Ledger // stands before the client; nil: nothing does
	amend  func(*sections)             // changes what was read, before anything is built of it; nil: nothing does
}

// constructIn is construct in any surroundings. A config that takes the place of another one shares its client, and what
// that knows of the CRM, if nothing that it was built from has changed.
func constructIn(file *configFile, around surroundings) (*built, error) {
	made := &built{name: file.name, text: file.text, config: sections{adapter.DefaultConfig(), crm.DefaultConfig(), mapping.DefaultConfig()}, print: file.print("crm", around.lookup), common: file.print("adapter.redis", around.lookup)}
	unread := file.decode(&made.config, around.lookup)
	if around.amend != nil {
		around.amend(&made.config)
	}
	var problems config.Problems
	meaning, err := mapping.New(made.config.Mapping)
	problems.AddError("mapping", err)
	made.plan = made.config.Mapping.Plan()
	if err == nil {
		made.plan = meaning.Plan()
	}
	problems.AddError("adapter.redis", made.openStores(around.before))
	if before := around.before; before != nil && before.print == made.print && before.shared == made.shared && reflect.DeepEqual(before.plan, made.plan) {
		made.client = before.client
	} else {
		around.crm.Identity = string(made.print[:])
		if before != nil {
			around.crm.Before = before.client
		}
		if made.shared != nil {
			around.crm.Shared = made.shared
		}
		made.client, err = crm.New(made.config.CRM, made.plan, around.crm)
		problems.AddError("crm", err)
	}
	made.mapping = meaning
	var ledger crm.Ledger = made.client
	if around.ledger != nil {
		ledger = around.ledger(ledger)
	}
	options := adapter.Options{
		Ledger: ledger, Mapping: meaning, Log: around.log, Now: around.crm.Now, Answers: made.answers, Identity: file.identity(around.lookup),
		Observe: around.observer(file),
	}
	if around.before != nil {
		options.Before = around.before.handler
	}
	made.handler, err = adapter.New(made.config.Adapter, options)
	problems.AddError("adapter", err)
	return made, errors.Join(unread, withoutEchoes(problems.Err(), unread))
}

// observer is who hears of the answers that a config gives; nil if nobody does.
func (s *surroundings) observer(file *configFile) adapter.Observer {
	if s.answered == nil {
		return nil
	}
	return s.answered(file)
}

// openStores opens the Redis, and chooses where answers are kept. Both are those of the config before where nothing that
// they were made from has changed.
func (b *built) openStores(before *built) (err error) {
	cfg := &b.config.Adapter
	switch {
	case cfg.Redis == nil:
	case before != nil && before.shared != nil && before.common == b.common:
		b.shared = before.shared
	default:
		b.shared, err = store.NewRedis(*cfg.Redis)
	}
	switch {
	case cfg.Cache.Store == adapter.CacheRedis && b.shared != nil:
		b.answers = b.shared
	case cfg.Cache.Store != adapter.CacheMemory:
	case before != nil && before.config.Adapter.Cache.Store == adapter.CacheMemory && before.config.Adapter.Cache.Size == cfg.Cache.Size:
		b.answers = before.answers
	default:
		b.answers = store.NewMemory(int64(cfg.Cache.Size))
	}
	return err
}

// withoutEchoes leaves out what a section says only because a value could not be read: that it is missing.
func withoutEchoes(err, unread error) error {
	told := map[string]bool{}
	var misspelt []string // sections whose name is: all of what they hold is missing then
	for _, problem := range config.All(unread) {
		told[problem.Place], told[parentPlace(problem.Place)] = true, true
		if _, meant, found := strings.Cut(problem.Hint, "did you mean "); found { // the key that is missing then
			place := config.Join(parentPlace(problem.Place), strings.TrimSuffix(meant, "?"))
			told[place], misspelt = true, append(misspelt, place+".")
		}
		if _, meant, found := strings.Cut(problem.Hint, "a space after the colon: "); found {
			meant, _, _ = strings.Cut(meant, ":")
			told[config.Join(problem.Place, meant)] = true
		}
	}
	var problems config.Problems
	for _, problem := range config.All(err) {
		inside := func(section string) bool { return strings.HasPrefix(problem.Place, section) }
		if (!told[problem.Place] || problem.Place == "") && !slices.ContainsFunc(misspelt, inside) {
			problems.AddError("", problem)
		}
	}
	return problems.Err()
}

func (p *program) reportConfig(file *configFile, err error) error {
	p.tellFindings(file.report(err))
	return errReported
}

// tellFindings prints problems for people, and how many there are.
func (p *program) tellFindings(findings []finding) {
	writeFindings(p.err, findings)
	if len(findings) == 1 {
		_, _ = fmt.Fprintf(p.err, "\n1 problem\n")
	} else {
		_, _ = fmt.Fprintf(p.err, "\n%d problems\n", len(findings))
	}
}

// read gives a config file's bytes, with an error that says what to do.
func (p *program) read(name string) ([]byte, error) {
	text, err := p.readFile(name)
	if err != nil {
		return nil, fmt.Errorf("the config cannot be read: %w; name it with --config FILE, or try bonus-adapter demo", err)
	}
	return text, nil
}
