package main

import (
	"context"
	"fmt"

	"bonus-adapter/cmd/bonus-adapter/console"
	"bonus-adapter/cmd/bonus-adapter/infer"
)

// proposed is what init would propose after samples, as the console shows it field by field.
type proposed struct {
	Config  string          `json:"config"`
	Format  string          `json:"format"`
	Records string          `json:"records"` // the path of the list
	Count   int             `json:"count"`
	By      string          `json:"by"` // what tells earned points from lost ones
	Fields  []proposedField `json:"fields"`
	Offered []string        `json:"offered"` // fields that can be chosen
	Columns []infer.Column  `json:"columns"` // what they can read
	Codes   []infer.Code    `json:"codes"`
	Groups  []string        `json:"groups"` // that a code can be put into
	Sure    []string        `json:"sure"`
	Guessed []string        `json:"guessed"`
	Asked   []string        `json:"asked"`
}

// proposedField is one field with what speaks for it.
type proposedField struct {
	Name       string   `json:"name"`
	At         string   `json:"at"`
	As         string   `json:"as"`
	Zone       string   `json:"zone"`
	Optional   bool     `json:"optional"`
	Notes      []string `json:"notes"`
	Confidence string   `json:"confidence"` // sure, guessed or asked
	Findings   []string `json:"findings"`
}

// proposeTyped proposes a config after typed samples, as init --sample does.
func proposeTyped(_ context.Context, asked console.Sample) (any, error) {
	var samples []infer.Sample
	var with infer.Writing
	for i, body := range asked.Bodies {
		name := fmt.Sprintf("sample %d", i+1)
		samples = append(samples, infer.Sample{Name: name, Body: []byte(body)})
		with.Files = append(with.Files, name)
	}
	if len(samples) == 0 {
		return nil, infer.ErrNoList
	}
	proposal, err := infer.ProposeWith(samples, infer.Choices{Fields: asked.Choices, Codes: asked.Codes})
	if err != nil {
		return nil, err
	}
	text := proposal.Config(with)
	if _, err := proposedConfig(newConfigFile, []byte(text)); err != nil {
		return nil, err
	}
	told := &proposed{
		Config: text, Format: proposal.Format.String(), Records: proposal.Records, Count: proposal.Count, By: proposal.By,
		Offered: infer.Fields(), Columns: proposal.Columns(), Codes: proposal.Codes(), Groups: infer.Groups(),
		Sure: append([]string{}, proposal.Sure...), Guessed: append([]string{}, proposal.Guessed...), Asked: append([]string{}, proposal.Asked...),
	}
	for _, field := range proposal.Fields {
		confidence, findings := proposal.Evidence(field)
		told.Fields = append(told.Fields, proposedField{field.Name, field.At, field.As, field.Zone, field.Optional, field.Notes, confidence, findings})
	}
	return told, nil
}
