package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

// api answers the page's questions.
type api struct {
	engine Engine
	about  About
	places chan struct{} // one for each question that is worked on
}

// About is what the page knows of the program from the start.
type About struct {
	Version string `json:"version"`
	Live    bool   `json:"live"` // the CRM may be asked
}

// API gives what the page asks, below APIPath. Who may ask is for the caller to say: a key, or a port that only the
// machine itself reaches.
func API(version string, engine Engine) http.Handler {
	a := &api{engine: engine, about: About{version, engine.Ask != nil}, places: make(chan struct{}, atOnce)}
	mux := http.NewServeMux()
	for pattern, answer := range map[string]http.HandlerFunc{
		"GET " + APIPath + "about":          func(w http.ResponseWriter, _ *http.Request) { write(w, a.about, nil) },
		"GET " + APIPath + "presets":        a.presets,
		"GET " + APIPath + "presets/{name}": a.preset,
		"GET " + APIPath + "status":         a.status,
		"POST " + APIPath + "explain":       a.bounded(a.explain),
		"POST " + APIPath + "case":          a.bounded(a.testCase),
		"POST " + APIPath + "propose":       a.bounded(a.propose),
		"POST " + APIPath + "ask":           a.bounded(a.ask),
		"POST " + APIPath + "again":         a.bounded(a.again),
	} {
		mux.HandleFunc(pattern, answer)
	}
	return hardened(ownPage(mux))
}

// bounded works on few questions at once, each for a limited time.
func (a *api) bounded(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), maxTime)
		defer cancel()
		select {
		case a.places <- struct{}{}:
			defer func() { <-a.places }()
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
			next(w, r.WithContext(ctx))
		case <-ctx.Done():
			refuse(w, http.StatusServiceUnavailable, "other questions are being worked on: ask again in a moment")
		}
	}
}

func (a *api) presets(w http.ResponseWriter, _ *http.Request) {
	found, err := a.engine.Presets()
	write(w, found, err)
}

func (a *api) preset(w http.ResponseWriter, r *http.Request) {
	found, err := a.engine.Preset(r.PathValue("name"))
	write(w, found, err)
}

func (a *api) explain(w http.ResponseWriter, r *http.Request) {
	if question, ok := readQuestion(w, r); ok {
		told, err := a.engine.Explain(r.Context(), question)
		write(w, told, err)
	}
}

func (a *api) testCase(w http.ResponseWriter, r *http.Request) {
	question, ok := readQuestion(w, r)
	if !ok {
		return
	}
	archive, err := a.engine.Case(r.Context(), question)
	if err != nil {
		write(w, nil, err)
		return
	}
	w.Header().Set("Content-Type", "application/zip")
	_, _ = w.Write(archive)
}

func (a *api) propose(w http.ResponseWriter, r *http.Request) {
	var sample Sample
	if !read(w, r, &sample) {
		return
	}
	size := 0
	for _, body := range sample.Bodies {
		size += len(body)
	}
	if size > maxAnswers {
		refuse(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the samples are larger than %d MiB", maxAnswers>>20))
		return
	}
	proposal, err := a.engine.Propose(r.Context(), sample)
	write(w, proposal, err)
}

func (a *api) ask(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Customer string `json:"customer"`
	}
	switch {
	case a.engine.Ask == nil:
		refuse(w, http.StatusForbidden, notLive)
	case !read(w, r, &asked):
	case asked.Customer == "":
		refuse(w, http.StatusBadRequest, "name a customer")
	default:
		told, err := a.engine.Ask(r.Context(), asked.Customer)
		write(w, told, err)
	}
}

const notLive = "the console was not started with --console-live: it does not ask the CRM"

func readQuestion(w http.ResponseWriter, r *http.Request) (question Question, ok bool) {
	if !read(w, r, &question) {
		return question, false
	}
	size := 0
	for _, answer := range question.Answers {
		size += len(answer.Body)
	}
	switch {
	case len(question.Config) > maxConfig:
		refuse(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the config is larger than %d KiB", maxConfig>>10))
	case size > maxAnswers:
		refuse(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the answers are larger than %d MiB together", maxAnswers>>20))
	default:
		return question, true
	}
	return question, false
}

// read decodes a request; if that fails, it is answered already.
func read(w http.ResponseWriter, r *http.Request, into any) bool {
	err := json.NewDecoder(r.Body).Decode(into)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		refuse(w, http.StatusRequestEntityTooLarge, fmt.Sprintf("the request is larger than %d MiB", maxBody>>20))
	case err != nil:
		refuse(w, http.StatusBadRequest, "the request cannot be read as JSON: "+err.Error())
	}
	return err == nil
}

// write answers with a result, or with why there is none.
func write(w http.ResponseWriter, result any, err error) {
	if err != nil {
		refuse(w, http.StatusUnprocessableEntity, err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(result)
}

func refuse(w http.ResponseWriter, status int, why string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": why})
}
