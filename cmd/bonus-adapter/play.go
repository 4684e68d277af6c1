package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"bonus-adapter/adapter"
	"bonus-adapter/cmd/bonus-adapter/replay"
	"bonus-adapter/crm"
	"bonus-adapter/mapping"
)

// played is what a case came to.
type played struct {
	history  string // the header Bonus-History
	body     []byte
	departed *replay.Departure // where the conversation went another way than the recorded one; nil if it did not
	sent     []replay.Sent     // the requests that were answered
	heard    *conversation
	mapping  *mapping.Mapping
	now      time.Time
}

// play asks the whole adapter for the customer of a case, with the recording in place of the network. The error is a
// config that does not work.
func play(file *configFile, c *replay.Case) (*played, error) {
	player, heard := replay.NewPlayer(c, file.hideLiterals), &conversation{}
	made, err := constructIn(file, surroundings{lookup: c.Lookup, log: zap.NewNop(), ledger: heard.ledger, amend: alone, crm: crm.Options{
		Transport: func(http.RoundTripper) http.RoundTripper { return player },
		Now:       func() time.Time { return c.Now },
		Replay:    true,
	}})
	if err != nil {
		return nil, err
	}
	defer made.close(nil)
	got := made.ask(heard.within(context.Background()), c.User)
	heard.end()
	return &played{
		history: got.Header().Get("Bonus-History"), body: got.body.Bytes(), departed: player.Departed(), sent: player.Sent(),
		heard: heard, mapping: made.mapping, now: c.Now,
	}, nil
}

// alone takes out of a config what an answer may come from instead of the CRM, and what is shared with others.
func alone(read *sections) {
	read.Adapter.Redis, read.Adapter.Cache = nil, adapter.DefaultConfig().Cache
}

// ask sends the adapter an IRP request as Imshop does, and gives what it answers.
func (b *built) ask(ctx context.Context, user string) *answered {
	body, _ := json.Marshal(map[string]string{"userIdentifier": user}) // a string always encodes
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.config.Adapter.Path, bytes.NewReader(body))
	got := &answered{header: http.Header{}}
	if err != nil { // the path was judged by adapter.New
		http.Error(got, err.Error(), http.StatusInternalServerError)
		return got
	}
	request.Header.Set("Authorization", "Bearer "+strings.TrimSpace(b.config.Adapter.Keys[0].Reveal()))
	b.handler.ServeHTTP(got, request)
	return got
}

// answered is an answer of the adapter, kept instead of sent.
type answered struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answered) Header() http.Header { return a.header }

func (a *answered) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *answered) Write(part []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(part)
}
