package main

import (
	"strings"

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
	all, result, _ := p.mapping.Explain(p.heard.history.Records, p.now) // what the error says, is told of each record
	return all, result.Entries
}

// deciders finds the lines that decided the entries of an answer.
type deciders struct {
	file   *configFile
	places []string // in the section mapping, for each entry: what its points come from
}

func (p *played) deciders(file *configFile) *deciders {
	d := &deciders{file: file}
	all, entries := p.told()
	for i := range entries {
		d.places = append(d.places, all[entries[i].Record-1].Place)
	}
	return d
}

// of is the line that decided a field of an entry: what is shown beside the points is said by mapping.entry, the points
// by the rule or kind that the record met.
func (d *deciders) of(difference replay.Difference) *configLine {
	switch difference.Field {
	case "definitionMessage", "activationDate", "expirationDate":
		return d.file.lineOf("mapping.entry." + difference.Field)
	}
	if at := difference.Entry; at >= 0 && at < len(d.places) {
		return d.file.lineOf(config.Join("mapping", d.places[at]))
	}
	return firstLine(d.file.lineAt("mapping.rules"), d.file.lineAt("mapping.kinds"))
}
