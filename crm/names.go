package crm

import (
	"fmt"
	"slices"
	"strings"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// userSlot is where the customer's id stands among the values of a run.
const userSlot = 0

// names is what the slots of the steps may speak of: {{ user }}, and {{ step.name }} for what an earlier step keeps.
// It grows as the steps are built, so that a slot cannot speak of a later step.
type names struct {
	known    []string
	keptUsed int // how often a kept value was named so far
}

func newNames() *names { return &names{known: []string{"user"}} }

func (n *names) add(step, name string) int {
	n.known = append(n.known, step+"."+name)
	return len(n.known) - 1
}

// Resolve finds a slot's name. Every one of them is a text.
func (n *names) Resolve(ref document.Ref, _ document.Type) (int, document.Type, error) {
	name := ref.Root
	if path := ref.Path.String(); path != "" {
		name += "." + path
	}
	index := slices.Index(n.known, name)
	if index < 0 || ref.Call != "" {
		hint := "a slot may name " + strings.Join(n.known, ", ")
		if near := config.Nearest(name, n.known); near != "" {
			hint = "did you mean " + near + "?"
		}
		return 0, document.TypeNone, &slotError{message: fmt.Sprintf("nothing is called %q here", name), hint: hint}
	}
	if index != userSlot {
		n.keptUsed++
	}
	return index, document.TypeText, nil
}
