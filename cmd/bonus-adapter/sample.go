package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"go.uber.org/zap"

	"bonus-adapter/cmd/bonus-adapter/infer"
	"bonus-adapter/cmd/bonus-adapter/replay"
	"bonus-adapter/document"
)

// sampleUser is the customer of a proposed case.
const sampleUser = "12345"

// emptyAnswer stands for the expected answer of a new case until that is known.
const emptyAnswer = `{"bonuses":[]}` + "\n"

// beginSample proposes a config after samples, and makes each of them a case of it.
func (p *program) beginSample(options initOptions) (*begun, error) {
	var samples []infer.Sample
	with := infer.Writing{Schema: schemaFile}
	for _, name := range options.samples {
		body, err := p.readFile(name)
		if err != nil {
			return nil, fmt.Errorf("the sample cannot be read: %w", err)
		}
		samples = append(samples, infer.Sample{Name: name, Body: body})
		with.Files = append(with.Files, filepath.Base(name))
	}
	proposal, err := infer.Propose(samples)
	if err != nil {
		return nil, err
	}
	text := []byte(proposal.Config(with))
	file, err := proposedConfig(filepath.Join(options.dir, newConfigFile), text)
	if err != nil {
		return nil, err
	}
	files, cases := newFiles{{newConfigFile, text}}, []string{}
	asked := proposal.Asked
	if proposal.Mock {
		asked = append(asked, "the sample holds placeholders instead of values, so it is no case: give a real answer")
		samples = nil
	}
	for i, sample := range samples {
		folder, more := caseOf(sample, proposal.Format, i)
		files, cases = append(files, more...), append(cases, folder)
	}
	made, err := begin(files, options)
	if err != nil {
		return nil, err
	}
	made.Sure, made.Guessed, made.Asked = proposal.Sure, proposal.Guessed, asked
	return made, made.expect(file, options.dir, cases)
}

// proposedConfig builds the adapter of a proposal, which has to work: what does not is a mistake in the program.
func proposedConfig(name string, text []byte) (*configFile, error) {
	file, err := parseConfig(name, text)
	if err == nil {
		var made *built
		made, err = constructIn(file, surroundings{log: zap.NewNop()})
		made.close(nil)
	}
	if err != nil {
		return nil, fmt.Errorf("the proposed config does not work, which is a mistake in bonus-adapter: %w", err)
	}
	return file, nil
}

// caseOf gives the files of a sample's case. The expected answer is written once it can be played.
func caseOf(sample infer.Sample, format document.Format, number int) (folder string, files newFiles) {
	folder = path.Join(casesFolder, "sample")
	if number > 0 {
		folder = fmt.Sprintf("%s-%d", folder, number+1)
	}
	body := filepath.Base(sample.Name)
	if wanted := "." + strings.ToLower(format.String()); !strings.EqualFold(filepath.Ext(body), wanted) {
		body = "answer" + wanted
	}
	request := strings.ReplaceAll(infer.Request, "{{ user }}", sampleUser)
	text := fmt.Sprintf("# The CRM's answer as it was given to init. The request is the proposed one: it is to change with the config's.\n"+
		"user: %q\nanswers:\n  - request: GET %s\n    body: %s\n", sampleUser, request, quote(body))
	return folder, newFiles{{path.Join(folder, replay.CaseFile), []byte(text)}, {path.Join(folder, body), sample.Body}, {path.Join(folder, replay.IRPFile), []byte(emptyAnswer)}}
}

// expect writes what the adapter answers now into the new cases, and tells of those that it cannot read.
func (b *begun) expect(file *configFile, dir string, cases []string) error {
	for _, folder := range cases {
		place := filepath.Join(dir, filepath.FromSlash(folder))
		result, err := testCase(file, os.DirFS(place), filepath.ToSlash(place))
		if err != nil {
			return err
		}
		if result.played == nil {
			return fmt.Errorf("%s cannot be played: %s", place, result.Failures[0].Message)
		}
		if err := updateCase(os.DirFS(place), place, result); err != nil {
			return err
		}
		if history := result.played.history; history != replay.Default().History {
			b.Asked = append(b.Asked, fmt.Sprintf("as proposed, %s is answered with Bonus-History: %s", place, history))
		}
	}
	return nil
}
