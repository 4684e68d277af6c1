package adapter_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/zap"

	"bonus-adapter/adapter"
	"bonus-adapter/config"
	"bonus-adapter/crm"
	"bonus-adapter/store"
)

// kept is a door with a cache, inside of a bubble whose time the test makes.
type kept struct {
	*door
	answers store.Store
	says    ledger // what the CRM says now
	calls   int
}

func (k *kept) History(ctx context.Context, customer crm.Customer) (*crm.History, error) {
	k.calls++
	return k.says(ctx, customer)
}

func keeping(t *testing.T, answers store.Store) *kept {
	t.Helper()
	cfg := settings()
	cfg.Cache.Store, cfg.Cache.StaleIfError = "memory", config.Duration(10*time.Minute)
	k := &kept{answers: answers}
	handler, logs := newKeeper(t, cfg, k.History, answers)
	k.door = &door{handler: handler, logs: logs}
	return k
}

// expects asks, without a network, and judges the answer: the first amount of its entries, 0 if it is empty.
func (k *kept) expects(t *testing.T, customer, history, amount string) {
	t.Helper()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(`{"userIdentifier":"`+customer+`"}`))
	request.Header.Set("key", key)
	recorded := httptest.NewRecorder()
	k.handler.ServeHTTP(recorded, request)
	got := recorded.Body.String()
	if recorded.Header().Get("Bonus-History") != history || strings.Contains(got, `"added":`) != (amount != "") || !strings.Contains(got, amount) {
		t.Errorf("%s: %q %s, want %q with %s", customer, recorded.Header().Get("Bonus-History"), got, history, amount)
	}
	k.logged(t, strings.Split(history, ";")[0], "=") // and nothing tells the id
}

var down = fails(&crm.Error{Kind: crm.Unreachable, Step: "history", Err: errors.New("refused")})

func TestAnAnswerIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := keeping(t, store.NewMemory(1<<20))
		k.says = reads("5", "-1", `"x"`, "7", "8", "9", "10")
		k.expects(t, "1", "live; skipped=1; unmatched=1", "5")
		k.says = reads("6")
		k.expects(t, "1", "cache; skipped=1; unmatched=1", "5")
		k.expects(t, "2", "live", "6") // another customer has an answer of their own
		k.expects(t, "2", "cache", "6")
		time.Sleep(53 * time.Second) // less than a minute without a tenth
		k.expects(t, "1", "cache; skipped=1; unmatched=1", "5")
		time.Sleep(7 * time.Second)
		k.expects(t, "1", "live", "6")
		if k.calls != 3 {
			t.Errorf("the CRM was asked %d times", k.calls)
		}
		if stats := k.handler.Stats(); stats.Fresh != 3 || stats.Stale != 0 {
			t.Errorf("%+v", stats)
		}
	})
}

func TestEmptyAnswersAreKeptWithTheirReasons(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for reason, says := range map[string]ledger{
			"no_transactions": reads(),
			"all_filtered":    reads("0"),
			"user_not_found":  fails(&crm.Error{Kind: crm.NoSuchCustomer}),
		} {
			k := keeping(t, store.NewMemory(1<<20))
			k.says = says
			k.expects(t, "1", "live; reason="+reason, "")
			k.says = reads("5")
			k.expects(t, "1", "cache; reason="+reason, "")
			time.Sleep(30 * time.Second)
			if reason == "user_not_found" { // who is new is soon seen
				k.expects(t, "1", "live", "5")
			} else {
				k.expects(t, "1", "cache; reason="+reason, "")
			}
		}
	})
}

func TestAFailureIsNeverKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, kind := range crm.Kinds() {
			if kind == crm.NoSuchCustomer || kind == crm.Canceled || kind == crm.BadCustomer {
				continue
			}
			k := keeping(t, store.NewMemory(1<<20))
			k.says = fails(&crm.Error{Kind: kind})
			k.expects(t, "1", kindReasons[kind], "")
			k.says = reads("5")
			k.expects(t, "1", "live", "5")
		}
		k := keeping(t, store.NewMemory(1<<20))
		k.says = reads(`"x"`)
		k.expects(t, "1", "fallback; reason=mapping_failed", "")
		k.says = func(ctx context.Context, customer crm.Customer) (*crm.History, error) {
			history, err := reads("5")(ctx, customer)
			history.Partial = &crm.Error{Kind: crm.Timeout}
			return history, err
		}
		k.expects(t, "1", "live; partial=crm_timeout", "5")
		k.says = reads("6")
		k.expects(t, "1", "live", "6") // a part of a history is not kept either
	})
}

func TestAStaleAnswerStandsIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := keeping(t, store.NewMemory(1<<20))
		k.says = reads("5")
		k.expects(t, "1", "live", "5")
		k.says = down
		time.Sleep(time.Minute)
		k.expects(t, "1", "stale; reason=crm_unreachable", "5")
		k.expects(t, "2", "fallback; reason=crm_unreachable", "") // who has no answer gets nobody else's
		line := k.logs.All()[1]
		if line.Level.String() != "warn" || line.ContextMap()["step"] != "history" || line.ContextMap()["entries"] != int64(1) {
			t.Error(line.Level, line.ContextMap())
		}
		time.Sleep(8 * time.Minute)
		k.expects(t, "1", "stale; reason=crm_unreachable", "5")
		time.Sleep(2 * time.Minute)
		k.expects(t, "1", "fallback; reason=crm_unreachable", "")
		if stats := k.handler.Stats(); stats.Stale != 2 {
			t.Errorf("%+v", stats)
		}
	})
}

// TestWhoWasDeletedStaysSo: the answer of before must not come back when the CRM fails.
func TestWhoWasDeletedStaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := keeping(t, store.NewMemory(1<<20))
		k.says = reads("5")
		k.expects(t, "1", "live", "5")
		time.Sleep(time.Minute)
		k.says = fails(&crm.Error{Kind: crm.NoSuchCustomer})
		k.expects(t, "1", "live; reason=user_not_found", "")
		k.says = down
		k.expects(t, "1", "cache; reason=user_not_found", "")
		time.Sleep(30 * time.Second)
		k.expects(t, "1", "fallback; reason=crm_unreachable", "")
	})
}

// full is a store that has no time for what is to be kept.
type full struct{ store.Store }

func (full) Set(string, []byte, time.Duration) {}

// TestWhoWasDeletedStaysSoThoughNothingCanBeKept: what cannot be replaced is dropped.
func TestWhoWasDeletedStaysSoThoughNothingCanBeKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answers := store.NewMemory(1 << 20)
		k, busy := keeping(t, answers), keeping(t, full{answers})
		k.says = reads("5")
		k.expects(t, "1", "live", "5")
		time.Sleep(time.Minute)
		busy.says = fails(&crm.Error{Kind: crm.NoSuchCustomer})
		busy.expects(t, "1", "live; reason=user_not_found", "")
		busy.says = down
		busy.expects(t, "1", "fallback; reason=crm_unreachable", "")
	})
}

// switched gives every name another one, as somebody would who can write into the store.
type switched struct{ store.Store }

func (s switched) Get(ctx context.Context, _ string) (store.Value, bool) {
	return s.Store.Get(ctx, "x")
}

func (s switched) Set(_ string, bytes []byte, life time.Duration) { s.Store.Set("x", bytes, life) }

func (s switched) Drop(string) { s.Store.Drop("x") }

func TestAnAnswerOfSomebodyElseIsNoAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := keeping(t, switched{store.NewMemory(1 << 20)})
		k.says = reads("5")
		k.expects(t, "1", "live", "5")
		k.says = reads("6")
		k.expects(t, "2", "live", "6") // under the name there is the answer of 1
		k.expects(t, "2", "cache", "6")
		if stats := k.handler.Stats(); stats.Corrupt != 1 {
			t.Errorf("%+v", stats)
		}
	})
}

// TestAnAnswerDoesNotOutliveItsConfig: two configs with one store have two answers.
func TestAnAnswerDoesNotOutliveItsConfig(t *testing.T) {
	answers := store.NewMemory(1 << 20)
	k := keeping(t, answers)
	k.says = reads("5")
	k.expects(t, "1", "live", "5")
	cfg := settings()
	cfg.Cache.Store = "memory"
	other, err := adapter.New(cfg, adapter.Options{Ledger: reads(), Mapping: newMapping(t), Log: zap.NewNop(), Answers: answers, Identity: "config 2"})
	if err != nil {
		t.Fatal(err)
	}
	recorded := httptest.NewRecorder()
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(`{"userIdentifier":"1"}`))
	request.Header.Set("key", key)
	other.ServeHTTP(recorded, request)
	if got := recorded.Header().Get("Bonus-History"); got != "live; reason=no_transactions" {
		t.Error(got)
	}
}

// TestExpiryIsSpread: what was kept at once does not end at once.
func TestExpiryIsSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := keeping(t, store.NewMemory(1<<20))
		k.says = reads("5")
		ask := func() {
			for i := range 100 {
				request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(`{"userIdentifier":"`+strings.Repeat("x", i+1)+`"}`))
				request.Header.Set("key", key)
				k.handler.ServeHTTP(httptest.NewRecorder(), request)
			}
		}
		ask()
		time.Sleep(57 * time.Second)
		k.calls = 0
		ask()
		if k.calls < 10 || k.calls > 90 {
			t.Errorf("%d of 100 ended in the middle of the last tenth", k.calls)
		}
	})
}
