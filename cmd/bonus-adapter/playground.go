package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"time"

	"go.uber.org/zap"

	"bonus-adapter/cmd/bonus-adapter/console"
	"bonus-adapter/cmd/bonus-adapter/redact"
	"bonus-adapter/cmd/bonus-adapter/replay"
	"bonus-adapter/crm"
	"bonus-adapter/mapping"
)

// playground is what the console tells of a config that is being typed.
type playground struct {
	Problems  []finding    `json:"problems"` // of the config, and what the answers show to be wrong with it
	Doubts    []finding    `json:"doubts"`
	Explained *explanation `json:"explained,omitempty"` // nil if the config does not work, or there are no answers
	Left      int          `json:"left_out,omitempty"`  // records that are not told, for there are too many
}

// mostRecordsSeen is how many records of a kind the console shows: of those that became entries or were left out, and of
// those that are odd.
const mostRecordsSeen = 500

// playTyped holds a typed config against typed answers, as check and explain --response do. The config is somebody's text:
// its references are never resolved, and nobody is asked.
func playTyped(ctx context.Context, asked console.Question) (any, error) {
	told := &playground{Problems: []finding{}, Doubts: []finding{}}
	file, err := parseConfig(newConfigFile, []byte(asked.Config))
	if err == nil {
		err = worksAlone(file)
	}
	if err != nil {
		told.Problems = file.report(err)
		return told, nil
	}
	if len(asked.Answers) == 0 {
		return told, nil
	}
	x, explained, err := explainTyped(ctx, asked)
	if err != nil {
		told.Problems = append(told.Problems, file.report(err)...)
		return told, nil
	}
	defer x.built.close(nil)
	told.Explained = explained
	problems, doubts := x.judge()
	told.Problems, told.Doubts = append(told.Problems, problems...), append(told.Doubts, doubts...)
	told.shorten()
	return told, nil
}

// worksAlone builds the adapter of a config without anything from outside, and lets it go.
func worksAlone(file *configFile) error {
	x := &explainer{}
	made, err := constructIn(file, surroundings{log: zap.NewNop(), amend: x.alone, crm: crm.Options{Replay: true}})
	made.close(nil)
	return err
}

// explainTyped plays the answers. They are taken for all that the CRM would answer, or, where the config asks for more,
// for as much of it as is known. The error is a config that does not work.
func explainTyped(ctx context.Context, asked console.Question) (*explainer, *explanation, error) {
	x, explained, err := playedTyped(ctx, asked, true)
	if err != nil || !x.short() {
		return x, explained, err
	}
	x.built.close(nil)
	return playedTyped(ctx, asked, false)
}

func playedTyped(ctx context.Context, asked console.Question, exact bool) (*explainer, *explanation, error) {
	file, err := parseConfig(newConfigFile, []byte(asked.Config))
	if err != nil {
		return nil, nil, err
	}
	x, err := offlineExplainer(file, typedCase(asked), exact)
	if err != nil {
		return nil, nil, err
	}
	return x, x.run(ctx, false), nil
}

// short tells whether the config asks for more than there are answers.
func (x *explainer) short() bool {
	way := x.player.Departed()
	return way != nil && way.Recorded == ""
}

// typedCase makes a case of typed answers, for whatever is asked.
func typedCase(asked console.Question) *replay.Case {
	c := replay.Default()
	c.User, c.Now, c.Env = firstOf(asked.Customer, sampleUser), asked.Now, asked.Env
	if c.Now.IsZero() {
		c.Now = time.Now()
	}
	for _, one := range asked.Answers {
		c.Answers = append(c.Answers, replay.Recorded(one.Status, one.Headers, []byte(one.Body), one.Fail))
	}
	return &c
}

// shorten leaves out records of which there are more than anybody looks at, the odd ones last.
func (p *playground) shorten() {
	if p.Explained == nil {
		return
	}
	kept, count := p.Explained.Records[:0], map[bool]int{}
	for _, record := range p.Explained.Records {
		odd := record.Fate == mapping.Unmatched.String() || record.Fate == mapping.Unreadable.String()
		if count[odd]++; count[odd] <= mostRecordsSeen {
			kept = append(kept, record)
		} else {
			p.Left++
		}
	}
	p.Explained.Records = kept
}

// typedFolder is the folder of a case from the console.
const typedFolder = "playground"

// caseTyped makes the folder of a case of a typed config and typed answers, as explain --record does: without what is
// secret, and with another customer.
func caseTyped(ctx context.Context, asked console.Question) ([]byte, error) {
	if len(asked.Answers) == 0 {
		return nil, errors.New("a case needs an answer of the CRM: paste one")
	}
	x, _, err := explainTyped(ctx, asked)
	if err != nil {
		return nil, errors.New("the config does not work yet: put right what is marked, and then make a case of it")
	}
	defer x.built.close(nil)
	if x.short() {
		return nil, fmt.Errorf("the config asks the CRM for more than there are answers: add the answer to request %d", x.player.Departed().Answer+1)
	}
	mask := &redact.Redactor{}
	for _, secret := range x.file.secret {
		mask.Add(secret, "literal-secret")
	}
	mask.AddCustomer(x.user, recordedUser)
	c := x.recording(mask, maps.Clone(asked.Env))
	got, err := playRecorded(x.file, &c)
	if err != nil {
		return nil, err
	}
	c.History = got.history
	return zipped(path.Join(casesFolder, typedFolder), c.Files(got.body))
}

// zipped packs files into a folder of an archive.
func zipped(folder string, files map[string][]byte) ([]byte, error) {
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for _, name := range sortedNames(files) {
		one, err := w.Create(path.Join(folder, name))
		if err != nil {
			return nil, err
		}
		if _, err := one.Write(files[name]); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return archive.Bytes(), err
}
