// Package adapter is the door for Imshop: it reads an IRP request, asks the retailer's ledger within one budget of
// time, and answers in IRP's form. Whatever fails behind it becomes an answer with a reason.
//
// How a CRM is asked is package crm's business, what its records mean is package mapping's. Only this room knows Echo:
// New gives an http.Handler.
package adapter

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"
	"go.uber.org/zap"

	"bonus-adapter/config"
	"bonus-adapter/crm"
	"bonus-adapter/mapping"
	"bonus-adapter/store"
)

// Options are what the door needs from the other rooms. Only Answers, Now, Observe and Before may be nil.
type Options struct {
	Ledger  crm.Ledger
	Mapping *mapping.Mapping
	Log     *zap.Logger
	Now     func() time.Time // the time for which a history is understood; the machine's if nil
	Answers store.Store      // where answers are kept; nil keeps none
	// Identity is what no other config has: whatever changes the meaning of an answer changes it. Kept answers are told
	// apart by it.
	Identity string
	Observe  Observer // hears of every answer
	// Before is the Handler that this one takes the place of, while it still answers; nil if there is none. Both together
	// take no more requests and ask for no more histories at once than one may, unless the number itself has changed.
	Before *Handler
}

// Handler answers IRP requests, /healthz and /readyz. It is safe for concurrent use.
type Handler struct {
	echo        *echo.Echo
	ledger      crm.Ledger
	mapping     *mapping.Mapping
	log         *zap.Logger
	now         func() time.Time
	notices     *notices
	keys        keyring
	adminKeys   keyring
	pprof       bool // on the admin port
	observe     Observer
	callers     callers
	certificate *tls.Certificate // nil if there is none
	acme        *ACME            // nil if there is none
	until       atomic.Int64     // when the certificate ends, in seconds since 1970; 0 if none is known
	idKey       string
	forgetful   bool // idKey is new with every start
	budget      time.Duration
	body        int64
	connections int
	requests    chan struct{} // a place for each request under way
	crowded     atomic.Uint64 // requests that found none
	histories   atomic.Uint64 // the number of the last one that the ledger was asked for
	ask         asker         // the layers between the door and the ledger
	cache       *cache        // nil if there is none
	flights     *flights
	places      *places
	draining    atomic.Bool
	guests      sync.WaitGroup // requests under way
}

// New builds the door that cfg declares. It is the validator of the section: the error holds every [config.Problem].
func New(cfg Config, o Options) (*Handler, error) {
	var problems config.Problems
	cfg.check(&problems)
	from := newCallers(&cfg, &problems)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	h := &Handler{
		echo: echo.New(), ledger: o.Ledger, mapping: o.Mapping, log: o.Log, now: o.Now, observe: o.Observe,
		keys: newKeyring(cfg.Keys), adminKeys: newKeyring(cfg.AdminKeys), pprof: cfg.Pprof, idKey: cfg.IDKey.Reveal(),
		budget: time.Duration(cfg.Budget), body: int64(cfg.Limits.Body), requests: make(chan struct{}, cfg.Limits.Requests),
		connections: cfg.Limits.Connections,
		callers:     from, certificate: cfg.TLS.pair(&problems), acme: cfg.TLS.ACME,
	}
	h.certified(h.certificate)
	h.histories.Store(anyNumber())
	if h.idKey == "" {
		h.idKey, h.forgetful = rand.Text(), true
	}
	if o.Mapping != nil { // nil where a config is only checked
		h.notices = newNotices(o.Log, o.Mapping.Optional())
	}
	if h.now == nil {
		h.now = time.Now
	}
	if o.Answers != nil {
		h.cache = &cache{Cache: cfg.Cache, store: o.Answers, identity: o.Identity}
	}
	// From outside in: cache, flights, places, ledger. A fresh answer needs no place, one flight takes one.
	h.places = newPlaces(cfg.Limits, h.budget/2, h.history)
	h.inherit(o.Before)
	h.flights = newFlights(h.budget-h.reserve(), h.panicked, h.cache.withKeeping(h.places.ask))
	h.ask = h.cache.withRecall(h.flights.ask)

	h.route(cfg.Path)
	return h, nil
}

// route says what is answered at which path.
func (h *Handler) route(path string) {
	h.echo.HTTPErrorHandler = h.refuse
	h.echo.Use(h.recovered)
	h.echo.POST(path, h.BonusHistory)
	for _, path := range []string{path, healthPath, readyPath} { // Echo would answer OPTIONS by itself
		h.echo.OPTIONS(path, func(echo.Context) error { return echo.ErrMethodNotAllowed })
	}
	health := []string{http.MethodGet, http.MethodHead}
	h.echo.Match(health, healthPath, func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	h.echo.Match(health, readyPath, h.ready)
}

const (
	healthPath = "/healthz"
	readyPath  = "/readyz"
)

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.echo.ServeHTTP(w, r) }

// Drain makes /readyz say that no more requests should come. Those that come all the same are answered.
func (h *Handler) Drain() { h.draining.Store(true) }

// ready tells whether requests should come here. It never asks the CRM: a CRM that is down must not take down the
// adapters in front of it, who answer with the reason.
func (h *Handler) ready(c echo.Context) error {
	if h.draining.Load() {
		return c.String(http.StatusServiceUnavailable, "draining\n")
	}
	return c.String(http.StatusOK, "ready\n")
}

// BonusHistory is the story of a request: read it, ask the ledger, understand the records, answer. One deadline, from
// the request's headers on, covers all of it.
func (h *Handler) BonusHistory(c echo.Context) error {
	story := &story{started: time.Now()}
	deadline := story.started.Add(h.budget)
	connection := http.NewResponseController(c.Response())
	_ = connection.SetReadDeadline(deadline.Add(-h.reserve()))
	_ = connection.SetWriteDeadline(deadline.Add(writing))

	if !h.callers.admits(c.Request()) {
		story.from = h.callers.address(c.Request())
		return h.answer(c, story, foreign())
	}
	customer, refused := h.read(c.Request(), story)
	if refused != nil {
		return h.answer(c, story, *refused)
	}
	_ = connection.SetReadDeadline(time.Time{}) // from here on its end would look like a caller who left
	story.Whom, story.customer = customer, HashCustomer(h.idKey, customer.Reveal())
	select {
	case h.requests <- struct{}{}:
		defer func() { <-h.requests }()
	default:
		h.crowded.Add(1)
		return h.answer(c, story, overloaded())
	}
	ctx, cancel := context.WithDeadline(c.Request().Context(), deadline.Add(-h.reserve()/2))
	defer cancel()
	found := h.ask(ctx, customer)
	story.trail, story.shared = found.trail, found.shared
	return h.answer(c, story, found.outcome)
}

// reserve is the part of the budget that is kept: half of it for understanding an answer, which then still tells what
// the ledger did with its time, and half for writing one.
func (h *Handler) reserve() time.Duration { return min(100*time.Millisecond, h.budget/10) }

// recovered turns a bug of ours into an answer. The stack goes to the log only.
func (h *Handler) recovered(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		started := time.Now()
		defer func() {
			cause := recover()
			if cause == nil {
				return
			}
			if cause == http.ErrAbortHandler {
				panic(cause)
			}
			bug := h.panicked(cause)
			if !c.Response().Committed {
				err = h.answer(c, &story{started: started}, bug)
			}
		}()
		return next(c)
	}
}

// panicked is the outcome of a panic. What was panicked with may hold a customer's data; its type and the stack tell
// enough.
func (h *Handler) panicked(cause any) outcome {
	h.log.Error("panic", zap.String("type", fmt.Sprintf("%T", cause)), zap.ByteString("stack", debug.Stack()))
	return rejected(Internal, bugMessage)
}

// refuse answers what the router refuses.
func (h *Handler) refuse(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	story := &story{started: time.Now()}
	switch {
	case errors.Is(err, echo.ErrNotFound):
		_ = h.answer(c, story, rejected(NotFound, "there is nothing at this path"))
	case errors.Is(err, echo.ErrMethodNotAllowed):
		allow := http.MethodPost
		if path := c.Request().URL.Path; path == healthPath || path == readyPath {
			allow = "GET, HEAD"
		}
		c.Response().Header().Set("Allow", allow)
		_ = h.answer(c, story, rejected(MethodNotAllowed, "only "+allow+" is answered here"))
	default:
		_ = h.answer(c, story, rejected(Internal, bugMessage))
	}
}

// answer writes the outcome and the request's line of log.
func (h *Handler) answer(c echo.Context, story *story, o outcome) error {
	defer func() {
		h.answered(c.Request().Context(), story, &o)
		h.record(story, &o)
	}()
	if o.reason == Canceled {
		panic(http.ErrAbortHandler) // returning would send a 200 without a body, which one who only half left can read
	}
	header := c.Response().Header()
	header.Set("Content-Type", "application/json")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Bonus-History", o.history())
	switch {
	case o.status == http.StatusUnauthorized:
		header.Set("WWW-Authenticate", "Bearer")
	case o.reason == Overloaded:
		header.Set("Retry-After", "1")
	}
	if o.hangUp || h.draining.Load() {
		header.Set("Connection", "close")
	}
	if o.listed != nil {
		c.Response().WriteHeader(o.status)
		_ = writeEntries(c.Response(), o.listed) // a caller who does not read cannot be told
		return nil
	}
	body := o.body()
	header.Set("Content-Length", strconv.Itoa(len(body)))
	c.Response().WriteHeader(o.status)
	_, _ = c.Response().Write(body) // likewise
	return nil
}

// history gives the header that says where an answer comes from, and why it is empty if it is.
func (o *outcome) history() string {
	var text strings.Builder
	text.WriteString(o.source)
	if o.reason != "" {
		text.WriteString("; reason=" + string(o.reason))
	}
	if o.partial != "" {
		text.WriteString("; partial=" + string(o.partial))
	}
	if o.skipped > 0 {
		text.WriteString("; skipped=" + strconv.Itoa(o.skipped))
	}
	if o.unmatched > 0 {
		text.WriteString("; unmatched=" + strconv.Itoa(o.unmatched))
	}
	return text.String()
}
