// Package infer proposes a config from a CRM's answer: where the transactions are, what each of their members is, which
// of them earn points and which lose some.
//
// It judges by names and by values, and says for everything why. What it cannot know it asks: a wrong guess about a sign
// shows a customer points that they do not have, so a code that may mean either stays without a rule until the integrator
// has answered. It reads values with mapping's own readers, so that what it proposes is what serve reads. It has no
// network and no clock, and remembers nothing.
package infer

import (
	"bytes"
	"errors"
	"fmt"

	"bonus-adapter/document"
)

// Sample is one answer of a CRM, as it came.
type Sample struct {
	Name string // of the file, for messages
	Body []byte
}

// maxDepth is that of crm.limits.depth.
const maxDepth = 64

// ErrNoList is a sample that holds no list of anything like transactions.
var ErrNoList = errors.New("no list of transactions was found: give an answer that holds some, one JSON or XML document a file")

// Propose finds out what the samples hold. All of them are answers of the same kind: pages, or several customers. Err is
// ErrNoList, an EmptyError or about a sample that cannot be read.
func Propose(samples []Sample) (*Proposal, error) { return ProposeWith(samples, Choices{}) }

// ProposeWith is Propose with what was decided about the samples already.
func ProposeWith(samples []Sample, choices Choices) (*Proposal, error) {
	var roots []document.Value
	format := document.JSON
	for _, sample := range samples {
		root, how, err := parse(sample)
		if err != nil {
			return nil, err
		}
		if len(roots) > 0 && how != format {
			return nil, fmt.Errorf("%s is %s and %s is %s: give answers of one kind", samples[0].Name, format, sample.Name, how)
		}
		roots, format = append(roots, root), how
	}
	lists := findLists(roots)
	for _, list := range lists {
		list.judge()
	}
	best := choose(lists)
	if best == nil {
		return nil, nothing(lists)
	}
	best.choose(choices)
	made := &Proposal{Format: format, list: best}
	made.describe(lists, roots)
	return made, nil
}

func parse(sample Sample) (document.Value, document.Format, error) {
	format := document.JSON
	if bytes.HasPrefix(bytes.TrimLeft(sample.Body, "\ufeff \t\r\n"), []byte("<")) {
		format = document.XML
	}
	root, err := document.Parse(sample.Body, format, "", document.Limits{Depth: maxDepth})
	if err != nil {
		return root, format, fmt.Errorf("%s cannot be read: %w", sample.Name, err)
	}
	return root, format, nil
}

// EmptyError is a sample whose list of transactions is there, but empty.
type EmptyError struct{ Path string }

// Error says which list it is.
func (e *EmptyError) Error() string {
	return fmt.Sprintf("the list at %s is empty: give the answer for a customer who has transactions", e.Path)
}

// nothing tells why no list will do: the likeliest one may just be empty.
func nothing(lists []*list) error {
	for _, one := range lists {
		if one.empty && one.nameScore() > 0 {
			return &EmptyError{one.path}
		}
	}
	return ErrNoList
}
