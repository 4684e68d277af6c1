package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"bonus-adapter/adapter"
	"bonus-adapter/cmd/bonus-adapter/watch"
	"bonus-adapter/config"
	"bonus-adapter/crm"
)

// status is how the adapter is doing at one moment, for the console: what a watch remembers, and what can be looked at.
// Times are milliseconds since 1970.
type status struct {
	Version string       `json:"version"`
	Seen    watch.Seen   `json:"seen"`
	CRM     crmStatus    `json:"crm"`
	Door    doorStatus   `json:"door"`
	Cache   *cacheStatus `json:"cache"` // nil if no answers are kept
	Config  configStatus `json:"config"`
}

// crmStatus is the way to the CRM.
type crmStatus struct {
	UnderWay int             `json:"under_way"`
	Places   int             `json:"places"`
	Waiting  int             `json:"waiting"`
	Breakers []breakerStatus `json:"breakers"` // of the steps that were asked since the config was taken, by name
}

type breakerStatus struct {
	Step  string `json:"step"`
	State string `json:"state"` // closed, half-open or open
}

// doorStatus is the way in.
type doorStatus struct {
	Requests int    `json:"requests"` // under way
	Asking   int    `json:"asking"`
	Waiting  int    `json:"waiting"`
	Refused  uint64 `json:"refused"` // since the config was taken, because there were too many
	Shared   uint64 `json:"shared"`
}

// cacheStatus counts since the config was taken.
type cacheStatus struct {
	Store     string `json:"store"` // memory or redis
	TTL       int64  `json:"ttl"`   // milliseconds
	Fresh     uint64 `json:"fresh"`
	Stale     uint64 `json:"stale"`
	Hits      uint64 `json:"hits"`
	Misses    uint64 `json:"misses"`
	Evicted   uint64 `json:"evicted"`
	Unwritten uint64 `json:"unwritten"`
	Failures  uint64 `json:"failures"`
	Open      bool   `json:"open"` // the store is left alone because it failed too often
}

// configStatus is which config answers.
type configStatus struct {
	Generation int      `json:"generation"`
	Since      int64    `json:"since"`
	Tried      int64    `json:"tried"` // when the last one that was to take over was looked at; 0 if there was none
	Refused    bool     `json:"refused"`
	Problems   []string `json:"problems"` // why it was refused
}

const (
	mostProblems   = 20
	longestProblem = 1000
)

// status tells how everything is; nil before the first config.
func (o *operations) status() any {
	now := o.serving.Load()
	if now == nil {
		return nil
	}
	door := now.made.handler.Stats()
	return &status{
		Version: version(), Seen: o.watched.Seen(), CRM: statusOfCRM(now.made.client.State()),
		Door:   doorStatus{door.Requests, door.Asking, door.Waiting, door.Crowded + door.Shed, door.Shared},
		Cache:  statusOfCache(&now.made.config.Adapter.Cache, &door),
		Config: now.status(),
	}
}

// askAgain asks the CRM about whom one of the last requests was about.
func (o *operations) askAgain(ctx context.Context, request uint64, lookup config.Lookup) (any, error) {
	customer, known := o.watched.Customer(request)
	if !known {
		return nil, errors.New("it is not known any more whom this request was about: only the last hundred are")
	}
	return o.askFor(ctx, customer.Reveal(), lookup)
}

func (s *serving) status() configStatus {
	told := configStatus{Generation: s.generation, Since: s.since.UnixMilli(), Refused: len(s.problems) > 0, Problems: []string{}}
	if !s.tried.IsZero() {
		told.Tried = s.tried.UnixMilli()
	}
	for _, problem := range s.problems[:min(len(s.problems), mostProblems)] {
		told.Problems = append(told.Problems, strings.ToValidUTF8(problem[:min(len(problem), longestProblem)], ""))
	}
	return told
}

func statusOfCRM(state crm.State) crmStatus {
	told := crmStatus{UnderWay: state.UnderWay, Places: state.Places, Waiting: state.Waiting, Breakers: []breakerStatus{}}
	for _, step := range sortedNames(state.Breakers) {
		told.Breakers = append(told.Breakers, breakerStatus{step, state.Breakers[step]})
	}
	return told
}

func statusOfCache(cfg *adapter.Cache, door *adapter.Stats) *cacheStatus {
	if cfg.Store != adapter.CacheMemory && cfg.Store != adapter.CacheRedis {
		return nil
	}
	told := &cacheStatus{
		Store: cfg.Store, TTL: time.Duration(cfg.TTL).Milliseconds(), Fresh: door.Fresh, Stale: door.Stale, Hits: door.Store.Hits, Misses: door.Store.Misses,
		Evicted: door.Store.Evicted, Unwritten: door.Store.Unwritten, Open: door.Store.Open,
	}
	for _, times := range door.Store.Failed {
		told.Failures += times
	}
	return told
}

// watchedLines gives the lines of the places that package crm tells: its own section, and where the records are. They are
// copied out of the file, which is let go of. It is called once the literal secrets of the file are known.
func (f *configFile) watchedLines() watch.Lines {
	lines := map[string]watch.Line{}
	for place := range f.places {
		name, own := strings.CutPrefix(place, "crm.")
		switch {
		case own:
		case place == "mapping.records", strings.HasPrefix(place, "mapping.records["):
			name = "/" + place
		default:
			continue
		}
		at := f.lineOf(place)
		source, _ := excerpt(at.Source, at.Column)
		lines[name] = watch.Line{File: at.File, Line: at.Line, Source: strings.Clone(strings.TrimSpace(source))}
	}
	return func(place string) (watch.Line, bool) {
		for place != "" {
			if line, found := lines[place]; found {
				return line, true
			}
			place = parentPlace(place)
		}
		return watch.Line{}, false
	}
}
