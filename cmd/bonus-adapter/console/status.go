package console

import "net/http"

// status answers what the page of that name asks every few seconds. It takes no place among the questions: it is cheap, and
// has to be there when they are not.
func (a *api) status(w http.ResponseWriter, _ *http.Request) {
	if a.engine.Status == nil {
		refuse(w, http.StatusNotFound, "this process keeps no status")
		return
	}
	write(w, a.engine.Status(), nil)
}

// again asks the CRM anew for a request of the status.
func (a *api) again(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		Request uint64 `json:"request"`
	}
	switch {
	case a.engine.Again == nil:
		refuse(w, http.StatusForbidden, notLive)
	case !read(w, r, &asked):
	default:
		told, err := a.engine.Again(r.Context(), asked.Request)
		write(w, told, err)
	}
}
