package crm_test

import (
	"context"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"bonus-adapter/config"
	"bonus-adapter/crm"
	"bonus-adapter/crm/crmtest"
)

// listener keeps the attempts that it hears of.
type listener struct {
	mu    sync.Mutex
	heard []crm.Attempt
}

func (l *listener) hear(_ context.Context, attempt crm.Attempt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.heard = append(l.heard, attempt)
}

func observed(t *testing.T, cfg crm.Config, o crm.Options) (*crm.Client, *listener) {
	t.Helper()
	heard := &listener{}
	o.Observe = heard.hear
	made, err := crm.New(cfg, plan(t), o)
	must(t, err)
	t.Cleanup(made.Close)
	return made, heard
}

func TestEveryAttemptIsObserved(t *testing.T) {
	asked := 0
	server := crmtest.New(t, func(w http.ResponseWriter, r *http.Request) {
		if asked++; asked == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		crmtest.Answer(200, `{"items":[]}`)(w, r)
	})
	client, heard := observed(t, simple(t, server.URL), crm.Options{})
	if _, failed := ask(t, client, "1"); failed != nil {
		t.Fatal(failed)
	}
	if len(heard.heard) != 2 {
		t.Fatalf("%+v", heard.heard)
	}
	first, second := heard.heard[0], heard.heard[1]
	if first.Step != "history" || first.Number != 1 || first.Kind != crm.Status || first.Status != 503 || !first.Sent || first.Took <= 0 {
		t.Errorf("%+v", first)
	}
	if second.Number != 2 || second.Kind != 0 || second.Status != 200 || second.Place != "steps[0]" || second.Page != 1 || !second.Sent {
		t.Errorf("%+v", second)
	}
}

// TestWhatIsNotSentIsObservedToo opens the breaker: its refusals are attempts that did not reach the network.
func TestWhatIsNotSentIsObservedToo(t *testing.T) {
	server := crmtest.New(t, crmtest.Answer(500, ``))
	cfg := simple(t, server.URL)
	cfg.Breaker.Requests = 2
	client, heard := observed(t, cfg, crm.Options{})
	if states := client.State().Breakers; len(states) != 0 {
		t.Errorf("before anybody asked: %v", states)
	}
	for range 3 {
		_, _ = ask(t, client, "1")
	}
	last := heard.heard[len(heard.heard)-1]
	if last.Kind != crm.BreakerOpen || last.Sent || last.Took != 0 {
		t.Errorf("%+v", last)
	}
	if state := client.State(); state.Breakers["history"] != "open" || state.Places != cfg.Limits.Concurrent || state.UnderWay != 0 {
		t.Errorf("%+v", state)
	}
}

func TestTheStateTellsWhatIsUnderWay(t *testing.T) {
	arrived, release := make(chan struct{}), make(chan struct{})
	server := crmtest.New(t, func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-release
		crmtest.Answer(200, `{"items":[]}`)(w, r)
	})
	cfg := simple(t, server.URL)
	cfg.Timeout = config.Duration(15 * time.Second)
	client, _ := observed(t, cfg, crm.Options{})
	done := make(chan struct{})
	go func() { defer close(done); _, _ = ask(t, client, "1") }()
	<-arrived
	if state := client.State(); state.UnderWay != 1 || state.Breakers["history"] != "closed" {
		t.Errorf("%+v", state)
	}
	close(release)
	<-done
}

// steps is a network that notes whose requests it carries.
type steps struct {
	http.RoundTripper
	mu    sync.Mutex
	names []string
}

func (s *steps) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.names = append(s.names, crm.StepOf(r.Context()))
	s.mu.Unlock()
	return s.RoundTripper.RoundTrip(r)
}

// TestTheNetworkKnowsTheStep asks by both kinds of login.
func TestTheNetworkKnowsTheStep(t *testing.T) {
	server := crmtest.New(t, crmtest.Answer(200, `{"access_token":"t","token_type":"Bearer","expires_in":3600,"items":[]}`))
	login := simple(t, server.URL)
	login.Auth.Login = &crm.Login{Request: crm.Request{Post: tmpl(t, "/login")}, Token: pick(t, "body.access_token")}
	oauth2 := simple(t, server.URL)
	oauth2.Auth.OAuth2 = &crm.OAuth2{TokenURL: config.Plain(server.URL + "/token"), ClientID: config.Plain("id"), ClientSecret: config.Plain("secret")}
	for _, cfg := range []crm.Config{login, oauth2} {
		network := &steps{}
		client, heard := observed(t, cfg, crm.Options{Transport: func(next http.RoundTripper) http.RoundTripper { network.RoundTripper = next; return network }})
		if _, failed := ask(t, client, "1"); failed != nil {
			t.Fatal(failed)
		}
		if want := []string{"login", "history"}; !slices.Equal(network.names, want) {
			t.Errorf("%v", network.names)
		}
		if len(heard.heard) != 2 || heard.heard[0].Step != "login" || !heard.heard[0].Sent || heard.heard[1].Step != "history" {
			t.Errorf("%+v", heard.heard)
		}
	}
}
