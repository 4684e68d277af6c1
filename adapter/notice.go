package adapter

import (
	"slices"
	"sync"

	"go.uber.org/zap"

	"bonus-adapter/mapping"
)

// notices tells what a config does not seem to cover, each thing once: codes that no rule and no kind knows, and optional
// fields that records do not have. It is safe for concurrent use.
type notices struct {
	log    *zap.Logger
	mu     sync.Mutex
	codes  map[string]bool
	absent map[string]int // by an optional field that was never there: how many records had none
}

const (
	mostNotices = 100 // codes; a CRM that makes one for each record must not fill the log, or the memory
	sureAbsence = 100 // records; a few that lack a field are no sign
)

func newNotices(log *zap.Logger, optional []string) *notices {
	made := &notices{log: log, codes: map[string]bool{}, absent: map[string]int{}}
	for _, field := range optional {
		made.absent[field] = 0
	}
	return made
}

// learn takes notice of a history.
func (n *notices) learn(result *mapping.Result) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, unknown := range result.Codes {
		if unknown.Code != mapping.OtherCodes && !n.codes[unknown.Code] && len(n.codes) < mostNotices {
			n.codes[unknown.Code] = true
			message := "no rule or kind covers records of this code"
			if unknown.Code == "" {
				message = "no rule or kind covers some records, whose code is not known"
			}
			n.log.Warn(message, zap.String("code", unknown.Code), zap.Int("records", unknown.Count))
		}
	}
	if readable := result.Records - result.Unreadable; readable > 0 {
		n.learnFields(result.NeverSeen, readable)
	}
}

func (n *notices) learnFields(neverSeen []string, records int) {
	for field := range n.absent {
		if !slices.Contains(neverSeen, field) {
			delete(n.absent, field)
		} else if n.absent[field] += records; n.absent[field] >= sureAbsence {
			n.log.Warn("an optional field was in no record so far: is its path right?", zap.String("field", "mapping.fields."+field), zap.Int("records", n.absent[field]))
			delete(n.absent, field)
		}
	}
}
