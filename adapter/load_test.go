package adapter_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"bonus-adapter/adapter"
	"bonus-adapter/crm"
)

// waits is a ledger that says who arrives and answers when it is released.
func waits() (asked ledger, arrived chan string, release chan struct{}) {
	arrived, release = make(chan string), make(chan struct{})
	return func(ctx context.Context, customer crm.Customer) (*crm.History, error) {
		select {
		case arrived <- customer.Reveal():
		case <-ctx.Done():
			return nil, &crm.Error{Kind: crm.Canceled}
		}
		select {
		case <-release:
			return &crm.History{Calls: 1}, nil
		case <-ctx.Done():
			return nil, &crm.Error{Kind: crm.Canceled}
		}
	}, arrived, release
}

func TestOverload(t *testing.T) {
	cfg := settings()
	cfg.Limits.Concurrent, cfg.Limits.Queue = 1, 1
	asked, arrived, release := waits()
	d := open(t, cfg, asked)
	first, second := make(chan answer, 1), make(chan answer, 1)
	go func() { first <- d.askFor(t, "1") }()
	<-arrived
	go func() { second <- d.askFor(t, "2") }()
	eventually(t, func() bool { return d.handler.Stats().Waiting == 1 })
	got := d.ask(t)
	d.expect(t, got, 503, "rejected; reason=overloaded")
	if got.header.Get("Retry-After") != "1" || d.logs.FilterLevelExact(zap.WarnLevel).Len() != 1 {
		t.Error(got.header, d.logs.All())
	}
	if bad := d.send(t, "POST", path, `{}`, "key", key); bad.status != 400 {
		t.Errorf("what is unreadable is judged before the load: %d", bad.status)
	}
	release <- struct{}{}
	d.expect(t, <-first, 200, "live; reason=no_transactions")
	if next := <-arrived; next != "2" { // who waited, and only then
		t.Error(next)
	}
	release <- struct{}{}
	d.expect(t, <-second, 200, "live; reason=no_transactions")
	go func() { first <- d.ask(t) }()
	<-arrived // the place is free again
	release <- struct{}{}
	<-first
	if stats := d.handler.Stats(); stats.Shed != 1 || stats.Waiting != 0 || stats.Asking != 0 {
		t.Errorf("%+v", stats)
	}
}

// TestGenerationsShareTheirPlaces: a config that takes over, and the one before it that still answers, ask for together no
// more histories than one may, and take no more requests. Another number makes new places.
func TestGenerationsShareTheirPlaces(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*adapter.Limits)
		want   string
	}{
		"concurrent": {func(l *adapter.Limits) { l.Concurrent, l.Queue = 1, 0 }, "rejected; reason=overloaded"},
		"requests":   {func(l *adapter.Limits) { l.Requests = 1 }, "rejected; reason=overloaded"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := settings()
			test.change(&cfg.Limits)
			asked, arrived, release := waits()
			before := open(t, cfg, asked)
			first, second := make(chan answer, 1), make(chan answer, 1)
			go func() { first <- before.askFor(t, "1") }()
			<-arrived
			next := openAfter(t, before, cfg, reads("5"))
			next.expect(t, next.ask(t), 503, test.want)
			cfg.Limits.Concurrent, cfg.Limits.Requests = 2, 2
			changed := openAfter(t, next, cfg, asked)
			go func() { second <- changed.ask(t) }()
			<-arrived
			close(release)
			before.expect(t, <-first, 200, "live; reason=no_transactions")
			changed.expect(t, <-second, 200, "live; reason=no_transactions")
			next.expect(t, next.ask(t), 200, "live") // the place is free again
		})
	}
}

// openAfter opens a door that takes the place of another.
func openAfter(t *testing.T, before *door, cfg adapter.Config, asked ledger) *door {
	t.Helper()
	core, logs := observer.New(zap.DebugLevel)
	handler, err := adapter.New(cfg, adapter.Options{Ledger: asked, Mapping: newMapping(t), Log: zap.New(core), Before: before.handler})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return &door{handler, server.URL, logs}
}

// A queue that does not move is no use: who waited in it for half of the budget is told so.
func TestAQueueThatDoesNotMove(t *testing.T) {
	cfg := hurried()
	cfg.Limits.Concurrent, cfg.Limits.Queue = 1, 5
	asked, arrived, _ := waits()
	d := open(t, cfg, asked)
	first := make(chan answer, 1)
	go func() { first <- d.askFor(t, "1") }()
	<-arrived
	d.expect(t, d.ask(t), 503, "rejected; reason=overloaded")
	d.expect(t, <-first, 200, "fallback; reason=crm_timeout")
}

func TestMoreRequestsThanMayBe(t *testing.T) {
	cfg := settings()
	cfg.Limits.Requests = 2
	asked, arrived, release := waits()
	d := open(t, cfg, asked)
	answers := make(chan answer, 2)
	for range 2 {
		go func() { answers <- d.ask(t) }()
	}
	<-arrived
	eventually(t, func() bool { return d.handler.Stats().Shared == 1 })
	d.expect(t, d.ask(t), 503, "rejected; reason=overloaded")
	close(release)
	for range 2 {
		d.expect(t, <-answers, 200, "live; reason=no_transactions")
	}
	if stats := d.handler.Stats(); stats.Crowded != 1 {
		t.Errorf("%+v", stats)
	}
}

// TestAHerdIsOneHistory: any number of simultaneous requests for one customer are one history.
func TestAHerdIsOneHistory(t *testing.T) {
	const herd = 200
	var calls atomic.Int64
	asked, arrived, release := waits()
	d := open(t, settings(), func(ctx context.Context, customer crm.Customer) (*crm.History, error) {
		calls.Add(1)
		return asked(ctx, customer)
	})
	var asking sync.WaitGroup
	for range herd {
		asking.Go(func() {
			if got := d.ask(t); got.status != 200 || got.header.Get("Bonus-History") != "live; reason=no_transactions" {
				t.Error(got)
			}
		})
	}
	<-arrived
	eventually(t, func() bool { return d.handler.Stats().Shared == herd-1 })
	close(release)
	asking.Wait()
	if calls.Load() != 1 {
		t.Errorf("%d histories", calls.Load())
	}
	if shared := d.logs.FilterField(zap.Bool("shared", true)).Len(); shared != herd-1 {
		t.Errorf("%d lines say that they waited with another", shared)
	}
	if stats := d.handler.Stats(); stats.Asking != 0 || stats.Requests != 0 {
		t.Errorf("%+v", stats)
	}
}

// TestWhoLeavesHarmsNobody: the first of two who wait hangs up, and the other one gets the answer of the same history.
func TestWhoLeavesHarmsNobody(t *testing.T) {
	asked, arrived, release := waits()
	d := open(t, settings(), asked)
	conn := leaving(t, d.url, nil)
	<-arrived
	other := make(chan answer, 1)
	go func() { other <- d.ask(t) }()
	eventually(t, func() bool { return d.handler.Stats().Shared == 1 })
	_ = conn.Close()
	eventually(t, func() bool { return d.logs.FilterField(zap.String("reason", "canceled")).Len() == 1 })
	release <- struct{}{}
	d.expect(t, <-other, 200, "live; reason=no_transactions")
}

// TestNobodyJoinsWhatWasCalledOff: when all have left, the history is called off, and who comes then begins another.
func TestNobodyJoinsWhatWasCalledOff(t *testing.T) {
	called := make(chan context.Context)
	stuck := make(chan struct{})
	var calls atomic.Int64
	d := open(t, settings(), func(ctx context.Context, _ crm.Customer) (*crm.History, error) {
		if calls.Add(1) > 1 {
			return &crm.History{}, nil
		}
		called <- ctx
		<-stuck // a ledger that is slow to give up
		return nil, &crm.Error{Kind: crm.Canceled}
	})
	conn := leaving(t, d.url, nil)
	flight := <-called
	_ = conn.Close()
	<-flight.Done()
	if !errors.Is(flight.Err(), context.Canceled) {
		t.Error(flight.Err())
	}
	d.expect(t, d.ask(t), 200, "live; reason=no_transactions")
	close(stuck)
}

// TestCustomersDoNotMeet asks for many at once, each of whom has another history.
func TestCustomersDoNotMeet(t *testing.T) {
	d := open(t, settings(), func(ctx context.Context, customer crm.Customer) (*crm.History, error) {
		return reads(customer.Reveal())(ctx, customer)
	})
	var asking sync.WaitGroup
	for i := range 60 {
		asking.Go(func() {
			number := fmt.Sprint(1 + i%20)
			want := `{"bonuses":[{"added":` + number + `,"expired":0,"definitionMessage":"Бонусы","activationDate":null,"expirationDate":null}]}` + "\n"
			if got := d.askFor(t, number); got.body != want {
				t.Errorf("%s got %s", number, got.body)
			}
		})
	}
	asking.Wait()
}
