package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"go.uber.org/zap"

	"bonus-adapter/cmd/bonus-adapter/replay"
	"bonus-adapter/crm"
)

// played is what a case came to.
type played struct {
	status   int
	history  string // the header Bonus-History
	body     []byte
	departed *replay.Departure // where the conversation went another way than the recorded one; nil if it did not
}

// play asks the whole adapter for the customer of a case, with the recording in place of the network. The error is a
// config that does not work.
func play(file *configFile, c *replay.Case) (*played, error) {
	player := replay.NewPlayer(c)
	made, err := constructIn(file, surroundings{lookup: c.Lookup, log: zap.NewNop(), crm: crm.Options{
		Transport: func(http.RoundTripper) http.RoundTripper { return player },
		Now:       func() time.Time { return c.Now },
		Replay:    true,
	}})
	if err != nil {
		return nil, err
	}
	defer made.close(nil)
	got := made.ask(context.Background(), c.User)
	return &played{got.status, got.Header().Get("Bonus-History"), got.body.Bytes(), player.Departed()}, nil
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

// step is the place of the step that was being asked when a conversation went another way; empty if it is not known.
func (p *played) step() string { return "" }

// decider is the line that decided what the header says.
func (p *played) decider(*configFile) *configLine { return nil }

// deciderOf is the line that decided a field of an entry.
func (p *played) deciderOf(file *configFile, d replay.Difference) *configLine {
	switch d.Field {
	case "definitionMessage", "activationDate", "expirationDate":
		return file.lineOf("mapping.entry." + d.Field)
	}
	return file.lineOf("mapping.rules")
}
