package mapping

import (
	"strings"

	"bonus-adapter/config"
	"bonus-adapter/document"
)

// text is what the customer reads of a kind: words with slots, "Заказ {{ order }}". The zero text is empty.
type text struct {
	parts []part
	place string
}

// part is words, or a slot.
type part struct {
	words string
	slot  formula // of a slot
}

func newText(place, source string, names *scope) text {
	made := text{place: place}
	for offset := 0; offset < len(source); {
		words, rest, slot := strings.Cut(source[offset:], "{{")
		if words != "" {
			made.parts = append(made.parts, part{words: words})
		}
		if !slot {
			break
		}
		offset += len(words) + 2
		inside, _, closed := strings.Cut(rest, "}}")
		if !closed {
			problem := names.problems.Add(place, "a slot that begins with {{ has no closing }}")
			problem.Offset = offset - 2
			break
		}
		made.parts = append(made.parts, part{slot: newSlot(place, inside, offset, names)})
		offset += len(inside) + 2
	}
	return made
}

// newSlot compiles a slot that begins at offset. It may hold what has one obvious text: a text or a number.
func newSlot(place, source string, offset int, names *scope) formula {
	var found config.Problems
	inner := *names
	inner.problems = &found
	made := inner.formula(place, source, document.TypeNone)
	switch {
	case strings.TrimSpace(source) == "":
		found.Add(place, "an empty slot").Hint = "name the field that stands here, for example {{ order }}"
	case !made.isZero() && made.of.Type() == document.TypeTime:
		found.Add(place, "a slot holds a text or a number, and this is a time").Hint = `format(` + strings.TrimSpace(source) + `, "02.01.2006", "Europe/Moscow")`
	case !made.isZero() && made.of.Type() != document.TypeText && made.of.Type() != document.TypeNumber:
		found.Add(place, "a slot holds a text or a number, and this is %s", made.of.Type())
	}
	for _, problem := range config.All(found.Err()) {
		problem.Offset += offset
		names.problems.AddError("", problem)
	}
	return made
}

func (t *text) isZero() bool { return len(t.parts) == 0 }

// render fills the slots; it gives the empty text if one of them has no value.
func (t *text) render(row *row) (string, *Problem) {
	if len(t.parts) == 1 && t.parts[0].slot.isZero() {
		return t.parts[0].words, nil
	}
	var whole strings.Builder
	for i := range t.parts {
		if t.parts[i].slot.isZero() {
			whole.WriteString(t.parts[i].words)
			continue
		}
		datum, problem := t.parts[i].slot.eval(row)
		filling := datum.String()
		if problem != nil || strings.TrimSpace(filling) == "" {
			return "", problem
		}
		whole.WriteString(filling)
	}
	return whole.String(), nil
}

// kindText is what the customer reads of a record: the text of the rule that decided, or of the record's code, or else
// one that suits every record with such points.
func (m *Mapping) kindText(row *row) (string, *Problem) {
	decided := &row.meaning
	if decided.rule != nil && !decided.rule.text.isZero() {
		if made, problem := decided.rule.text.render(row); made != "" || problem != nil {
			return made, problem
		}
	}
	kind, problem := decided.kind, (*Problem)(nil)
	if kind == nil {
		kind, _, problem = m.kinds.find(row)
	}
	if kind != nil && problem == nil {
		var made string
		if made, problem = kind.text.render(row); made == "" {
			made = kind.group.text
		}
		if made != "" {
			return made, problem
		}
	}
	if decided.added.Sign() > 0 {
		return textAdded, problem
	}
	return textExpired, problem
}
