package main

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"bonus-adapter/cmd/bonus-adapter/replay"
	"bonus-adapter/config"
	"bonus-adapter/mapping"
)

// asking is the line of the request that was asked last: where a conversation goes another way than its recording, that
// is the one which did. Nil if none was.
func (p *played) asking(file *configFile) *configLine {
	if len(p.heard.exchanges) == 0 {
		return nil
	}
	step := "crm." + p.heard.exchanges[len(p.heard.exchanges)-1].Place
	for _, key := range []string{"get", "post", "put", "token_url"} {
		if line := file.lineAt(step + "." + key); line != nil {
			return line
		}
	}
	return file.lineAt(step)
}

// decider is the line that decided what the header says, if there is one.
func (p *played) decider(file *configFile) *configLine {
	if failed := p.heard.failed; failed != nil && failed.Place != "" {
		return file.lineOf(strings.TrimPrefix(config.Join("crm", failed.Place), "/"))
	}
	all, _ := p.told()
	for _, told := range all {
		switch told.Fate {
		case mapping.Unreadable:
			return file.lineOf(config.Join("mapping", told.Place))
		case mapping.Unmatched:
			return firstLine(file.lineAt("mapping.rules"), file.lineAt("mapping.kinds"))
		}
	}
	return nil
}

// told is what became of each record, and the entries in their order.
func (p *played) told() ([]mapping.Told, []mapping.Entry) {
	if p.heard.history == nil {
		return nil, nil
	}
	all, result, _ := p.mapping.Explain(p.heard.history.Records, p.now)
	return all, result.Entries
}

// deciderOf is the line that decided a field of an entry: what is shown beside the points is said by mapping.entry, the
// points by the rule or kind that the record met.
func (p *played) deciderOf(file *configFile, d replay.Difference) *configLine {
	switch d.Field {
	case "definitionMessage", "activationDate", "expirationDate":
		return file.lineOf("mapping.entry." + d.Field)
	}
	if d.Entry < 0 {
		return firstLine(file.lineAt("mapping.rules"), file.lineAt("mapping.kinds"))
	}
	if all, entries := p.told(); d.Entry < len(entries) && spelt(&entries[d.Entry]) == p.entry(d.Entry) {
		return file.lineOf(config.Join("mapping", all[entries[d.Entry].Record-1].Place))
	}
	return firstLine(file.lineAt("mapping.rules"), file.lineAt("mapping.kinds"))
}

// irpEntry is an entry of an answer, with its numbers as they are written.
type irpEntry struct {
	Added             json.Number
	Expired           json.Number
	DefinitionMessage string
	ActivationDate    string
	ExpirationDate    string
}

// entry gives an entry of the answer.
func (p *played) entry(number int) irpEntry {
	var answer struct{ Bonuses []irpEntry }
	if err := json.Unmarshal(p.body, &answer); err != nil || number >= len(answer.Bonuses) {
		return irpEntry{}
	}
	return answer.Bonuses[number]
}

// spelt is an entry as an answer has it.
func spelt(made *mapping.Entry) irpEntry {
	return irpEntry{
		json.Number(made.Added.String()), json.Number(made.Expired.String()), made.Message, inMilliseconds(made.Activation), inMilliseconds(made.Expiration),
	}
}

func inMilliseconds(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return strconv.FormatInt(at.UnixMilli(), 10)
}
