package crm

import (
	"context"
	"encoding/json"
	"time"

	"bonus-adapter/store"
)

// commonLogin shares the token of a login among replicas: one of them logs in and keeps the token in the store, and the
// others take it from there. A CRM that gives one token at a time would otherwise have the replicas log each other out.
//
// It is called by one goroutine at a time: see [fresh].
type commonLogin struct {
	store store.Store
	name  string
	turn  store.Limit // of logins
	login func(context.Context) (fetched[*token], *Error)
	given string // the token that it gave last, as it is kept
}

// shareLogin makes a login common to the replicas, if they have a store.
func (b *builder) shareLogin(login func(context.Context) (fetched[*token], *Error)) func(context.Context) (fetched[*token], *Error) {
	if b.shared == nil {
		return login
	}
	c := &commonLogin{store: b.shared, name: "token " + b.identity, turn: store.Limit{Units: 1, Per: time.Duration(b.cfg.Timeout)}, login: login}
	return c.fetch
}

// betweenLooks is how long it waits before it looks again for the token of another replica.
const betweenLooks = 50 * time.Millisecond

// fetch gives a token that this replica does not have yet: the one it has is too old, or refused, or it would not ask. If
// another replica is logging in, it waits for that one's. A login that fails makes all of them wait: as long as one may
// take.
func (c *commonLogin) fetch(ctx context.Context) (fetched[*token], *Error) {
	for {
		if found, ok := c.look(ctx); ok {
			return found, nil
		}
		turn, err := c.store.Take(ctx, c.name, store.Want{Units: 1, Limit: c.turn})
		if err != nil || turn.Taken {
			return c.renew(ctx)
		}
		if err := pause(ctx, min(turn.Wait, betweenLooks)); err != nil {
			return fetched[*token]{}, transportFailure(ctx, err)
		}
	}
}

// look finds a token that another replica has kept.
func (c *commonLogin) look(ctx context.Context) (found fetched[*token], ok bool) {
	kept, ok := c.store.Get(ctx, c.name)
	if !ok || string(kept.Bytes) == c.given {
		return found, false
	}
	value, ok := unpackToken(kept.Bytes)
	if ok {
		c.given = string(kept.Bytes)
	}
	return fetched[*token]{value, time.Now().Add(kept.Left)}, ok
}

// renew logs in, and keeps the token for the others: for as long as they should begin to use it.
func (c *commonLogin) renew(ctx context.Context) (fetched[*token], *Error) {
	got, failed := c.login(ctx)
	if failed != nil {
		return got, failed
	}
	c.given = got.value.pack()
	lifetime := time.Until(got.until)
	c.store.Set(c.name, []byte(c.given), lifetime-margin(lifetime))
	return got, nil
}

// packedToken is how a token is kept. That a token itself cannot be written as JSON is on purpose.
type packedToken struct {
	Host   string         `json:"host,omitempty"`
	Values map[int]string `json:"values"` // by the number of their name
}

func (t *token) pack() string {
	packed := packedToken{Host: t.host, Values: map[int]string{}}
	for _, value := range t.values {
		packed.Values[value.index] = value.text
	}
	text, _ := json.Marshal(packed) // texts and numbers always encode
	return string(text)
}

func unpackToken(text []byte) (*token, bool) {
	var packed packedToken
	if json.Unmarshal(text, &packed) != nil || len(packed.Values) == 0 {
		return nil, false
	}
	t := &token{host: packed.Host}
	for index, text := range packed.Values {
		t.values = append(t.values, tokenValue{index, text})
	}
	return t, true
}
