package adapter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/http/pprof"
	"strings"
	"time"
)

// AdminOff is the adapter.admin of an adapter without an admin port.
const AdminOff = "off"

// AdminOptions are what the admin port shows.
type AdminOptions struct {
	Door   *Door                   // whose readiness is told; its config has the keys
	Detail func() map[string]any   // more for /readyz; nil for none
	Pages  map[string]http.Handler // by pattern of [http.ServeMux]; behind the keys
	Open   map[string]http.Handler // the same, but without a key: they hold no data
}

// Admin answers operators, on a port of its own: /healthz, /readyz with what stands behind it, and pages, which want one
// of adapter.admin_keys if there are any. It is safe for concurrent use, and follows its door from config to config.
type Admin struct {
	door   *Door
	detail func() map[string]any
	mux    *http.ServeMux
}

const profiles = "/debug/pprof/"

// NewAdmin makes the admin port of a door.
func NewAdmin(o AdminOptions) *Admin {
	a := &Admin{door: o.Door, detail: o.Detail, mux: http.NewServeMux()}
	a.mux.HandleFunc("GET "+healthPath, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	a.mux.HandleFunc("GET "+readyPath, a.ready)
	for pattern, page := range o.Pages {
		a.mux.Handle(pattern, a.guarded(page))
	}
	for pattern, page := range o.Open {
		a.mux.Handle(pattern, a.named(page))
	}
	for name, page := range map[string]http.HandlerFunc{
		"": pprof.Index, "cmdline": pprof.Cmdline, "profile": pprof.Profile, "symbol": pprof.Symbol, "trace": pprof.Trace,
	} {
		a.mux.Handle(profiles+name, a.guarded(a.profiled(page)))
	}
	return a
}

// ServeHTTP answers one request.
func (a *Admin) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "no-store")
	a.mux.ServeHTTP(w, r)
}

// ready tells what the public port's /readyz does, and why the answers may be empty all the same.
func (a *Admin) ready(w http.ResponseWriter, _ *http.Request) {
	status, word := http.StatusOK, "ready"
	if a.door.handler().draining.Load() {
		status, word = http.StatusServiceUnavailable, "draining"
	}
	told := map[string]any{"status": word}
	if a.detail != nil {
		maps.Copy(told, a.detail())
	}
	text, err := json.Marshal(told)
	if err != nil {
		http.Error(w, "the detail cannot be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n'))
}

// guarded lets through who has a key, where there are any.
func (a *Admin) guarded(page http.Handler) http.Handler {
	return a.named(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keys := a.door.handler().adminKeys
		key, given := credential(http.Header{"Authorization": r.Header.Values("Authorization")}, nil)
		if len(keys) > 0 && (!given || keys.find(key) == 0) {
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "one of adapter.admin_keys is needed, as Authorization: Bearer KEY", http.StatusUnauthorized)
			return
		}
		page.ServeHTTP(w, r)
	}))
}

// named refuses other names than the machine's own where there are no keys. The port is on loopback then, and a browser
// there must not be led to it under a foreign name.
func (a *Admin) named(page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(a.door.handler().adminKeys) == 0 && !isLoopback(r.Host) {
			http.Error(w, "this port is for the machine itself: ask it as 127.0.0.1 or localhost", http.StatusForbidden)
			return
		}
		page.ServeHTTP(w, r)
	})
}

// profiled is there only where the config says so: a profile costs time, and its names tell about the program.
func (a *Admin) profiled(page http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !a.door.handler().pprof {
			http.NotFound(w, r)
			return
		}
		page.ServeHTTP(w, r)
	})
}

// CheckAdmin says what is wrong with an address for the admin port; keyed tells whether there are adapter.admin_keys.
func CheckAdmin(address string, keyed bool) error {
	if address == AdminOff {
		return nil
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		return fmt.Errorf("%q is not an address to listen on: for example 127.0.0.1:9090, or off", address)
	}
	if !keyed && !isLoopback(address) {
		return fmt.Errorf("%s can be reached from other machines: adapter.admin_keys are needed then", address)
	}
	return nil
}

// isLoopback tells whether a host, with its port or without, is the machine itself.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.Trim(host, "[]")
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

// ServeAdmin answers on listener until ctx ends. Requests under way are broken off then: whoever reads numbers can ask
// again.
func ServeAdmin(ctx context.Context, listener net.Listener, admin *Admin) error {
	server := &http.Server{
		Handler:           admin,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      2 * time.Minute, // a profile takes a minute if one asks for it
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
	ending, end := context.WithCancel(ctx)
	defer end()
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		<-ending.Done()
		_ = server.Close()
	}()
	err := server.Serve(listener)
	end()
	<-closed
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}
