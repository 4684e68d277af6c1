package crmtest

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// Gate lets in only who shows the token that its login gave last. It counts.
type Gate struct {
	Login  string                       // the login's path; /login if empty
	Answer func(token string) string    // the login's answer; {"token":"…"} if nil
	Shown  func(r *http.Request) string // the token of a request; that of Authorization: Bearer if nil
	Behind http.HandlerFunc
	Refuse http.HandlerFunc // answers who shows another token; 401 if nil

	mu     sync.Mutex
	logins int
	token  string
}

// ServeHTTP answers the login and what is behind it.
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	login := g.Login
	if login == "" {
		login = "/login"
	}
	if r.URL.Path == login {
		g.give(w)
		return
	}
	switch {
	case g.shown(r) == g.valid():
		g.Behind(w, r)
	case g.Refuse != nil:
		g.Refuse(w, r)
	default:
		w.WriteHeader(http.StatusUnauthorized)
	}
}

func (g *Gate) give(w http.ResponseWriter) {
	g.mu.Lock()
	g.logins++
	g.token = fmt.Sprintf("token-%d", g.logins)
	token := g.token
	g.mu.Unlock()
	if g.Answer == nil {
		_, _ = fmt.Fprintf(w, `{"token":%q}`, token)
		return
	}
	_, _ = fmt.Fprint(w, g.Answer(token))
}

func (g *Gate) shown(r *http.Request) string {
	if g.Shown != nil {
		return g.Shown(r)
	}
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

func (g *Gate) valid() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.token
}

// Expire makes the token worthless before its time.
func (g *Gate) Expire() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.token = "none is valid"
}

// Logins tells how often a token was asked for.
func (g *Gate) Logins() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.logins
}
