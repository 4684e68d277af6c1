package main

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"path"
	"time"

	bonusadapter "bonus-adapter"
	"bonus-adapter/cmd/bonus-adapter/console"
	"bonus-adapter/cmd/bonus-adapter/replay"
	"bonus-adapter/config"
)

// consoleHint tells where the console is, or how to get it.
func consoleHint(admin net.Listener) string {
	if admin == nil {
		return "To see it in a browser, add --admin 127.0.0.1:9090."
	}
	return "To see it in a browser: http://" + admin.Addr().String() + console.Path
}

// consoleFlag is how a command is told that the console may ask the CRM.
const (
	consoleLive      = "console-live"
	consoleLiveAbout = "let the console of the admin port ask the CRM about a customer; without it the console only shows"
)

// engine is what the console can do in this process. A nil lookup is a console that does not ask the CRM.
func (o *operations) engine(lookup config.Lookup) console.Engine {
	engine := console.Engine{
		Explain: playTyped,
		Case:    caseTyped,
		Presets: shownPresets,
		Preset:  shownPreset,
		Status:  o.status,
		Propose: proposeTyped,
	}
	if lookup != nil {
		o.watched.KeepCustomers()
		engine.Again = func(ctx context.Context, request uint64) (any, error) { return o.askAgain(ctx, request, lookup) }
		engine.Ask = func(ctx context.Context, customer string) (any, error) { return o.askFor(ctx, customer, lookup) }
	}
	return engine
}

// onlyIf gives a lookup to a console that may ask the CRM, and none to another one.
func onlyIf(live bool, lookup config.Lookup) config.Lookup {
	if !live {
		return nil
	}
	return lookup
}

// livePlayground is what the real CRM has answered, as a recording has it.
type livePlayground struct {
	Explained *explanation     `json:"explained"`
	Answers   []console.Answer `json:"answers"`
	Now       time.Time        `json:"now"`
}

// askFor asks the CRM about a customer by the config that serves, beside the running requests. What comes of it holds
// neither secrets nor the customer's id.
func (o *operations) askFor(ctx context.Context, customer string, lookup config.Lookup) (any, error) {
	serving := o.serving.Load()
	if serving == nil {
		return nil, errors.New("no config serves yet: ask again in a moment")
	}
	file, err := parseConfig(serving.made.name, serving.made.text)
	if err != nil {
		return nil, err
	}
	x, err := liveExplainer(file, customer, lookup, true)
	if err != nil {
		return nil, errors.New("the config cannot be used with the values that its references have now: bonus-adapter check says why")
	}
	defer x.built.close(nil)
	told := &livePlayground{Explained: x.run(ctx, true), Now: x.now.UTC().Truncate(time.Second)}
	c := x.recording(x.recordingMask(), x.addresses())
	told.Answers = shownAnswers(&c)
	return told, nil
}

// exampleName is the config of the program itself, among the presets.
const exampleName = "example"

// consolePreset is a preset as the console lists it.
type consolePreset struct {
	Name   string `json:"name"`
	Vendor string `json:"vendor"`
	Rank   string `json:"rank"`
}

// shownPresets lists the presets, the example first.
func shownPresets() (any, error) {
	all, err := newPresets(bonusadapter.Presets)
	shown := []consolePreset{{exampleName, "", exampleName}}
	for _, one := range all {
		shown = append(shown, consolePreset{one.Name, one.Vendor, one.Rank})
	}
	return shown, err
}

// startingPoint is a config with recorded answers to hold it against.
type startingPoint struct {
	Name       string          `json:"name"`
	Config     string          `json:"config"`
	Recordings []consoleRecord `json:"recordings"`
}

// consoleRecord is a case of a preset.
type consoleRecord struct {
	Name     string            `json:"name"`
	Customer string            `json:"customer"`
	Now      time.Time         `json:"now"`
	Env      map[string]string `json:"env"`
	Answers  []console.Answer  `json:"answers"`
}

// shownPreset gives a preset with its cases.
func shownPreset(name string) (any, error) {
	if name == exampleName {
		return example()
	}
	all, err := newPresets(bonusadapter.Presets)
	if err == nil {
		_, err = onePreset(all, name)
	}
	if err != nil {
		return nil, err
	}
	folder := path.Join("presets", name)
	text, err := fs.ReadFile(bonusadapter.Presets, path.Join(folder, newConfigFile))
	if err != nil {
		return nil, err
	}
	point := &startingPoint{Name: name, Config: string(text)}
	cases, err := fs.Sub(bonusadapter.Presets, path.Join(folder, casesFolder))
	if err != nil {
		return nil, err
	}
	names, err := casesIn(cases)
	for _, one := range names {
		within, err := fs.Sub(cases, one)
		if err != nil {
			return nil, err
		}
		record, err := openCase(within, one)
		if err != nil {
			return nil, err
		}
		point.Recordings = append(point.Recordings, consoleRecord{one, record.User, record.Now, record.Env, shownAnswers(&record.Case)})
	}
	return point, err
}

// shownAnswers gives the answers of a case.
func shownAnswers(c *replay.Case) []console.Answer {
	answers := []console.Answer{}
	for i := range c.Answers {
		status, headers, body := c.Answers[i].Given()
		answers = append(answers, console.Answer{Name: c.Answers[i].Request, Status: status, Headers: headers, Body: string(body), Fail: c.Answers[i].Fail})
	}
	return answers
}
