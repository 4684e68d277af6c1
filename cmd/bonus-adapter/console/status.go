package console

import "net/http"

// Status is how the running adapter fares.
type Status struct{}

func (a *api) status(w http.ResponseWriter, _ *http.Request) {
	if a.engine.Status == nil {
		refuse(w, http.StatusNotFound, "this process keeps no status")
		return
	}
	write(w, a.engine.Status(), nil)
}
