package adapter

import "bonus-adapter/store"

// Stats tell what the layers between the door and the ledger do: counts since the start, and how many are where now.
type Stats struct {
	Requests int // under way
	Asking   int // histories that are asked for
	Waiting  int // histories that wait for that

	Crowded uint64 // requests refused because too many were under way
	Shed    uint64 // histories refused because too many were asked for and waited
	Shared  uint64 // requests that waited for the history of another one

	CertificateUntil int64 // when the public port's certificate ends, in seconds since 1970; 0 if there is none

	Fresh, Stale uint64 // answers from the cache
	Corrupt      uint64 // answers in the cache that were not the customer's own, and were dropped
	Store        store.Stats
}

// Stats gives the numbers of this moment.
func (h *Handler) Stats() Stats {
	stats := Stats{
		Requests: len(h.requests), Asking: len(h.places.free), Waiting: len(h.places.queue),
		Crowded: h.crowded.Load(), Shed: h.places.shed.Load(), Shared: h.flights.shared.Load(),
		CertificateUntil: h.until.Load(),
	}
	if h.cache != nil {
		stats.Fresh, stats.Stale, stats.Corrupt = h.cache.fresh.Load(), h.cache.stale.Load(), h.cache.corrupt.Load()
		stats.Store = h.cache.store.Stats()
	}
	return stats
}
