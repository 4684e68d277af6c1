package crmtest

import (
	"net/http"
	"sync"
)

// Crowd holds requests back until they are let go, and counts how many are there at once.
type Crowd struct {
	arrived, free chan struct{}

	mu         sync.Mutex
	here, most int
}

// NewCrowd makes a crowd of up to so many requests in all.
func NewCrowd(all int) *Crowd {
	return &Crowd{arrived: make(chan struct{}, all), free: make(chan struct{}, all)}
}

// Hold lets a request through to next when it is let go.
func (c *Crowd) Hold(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c.count(1)
		defer c.count(-1)
		c.arrived <- struct{}{}
		select {
		case <-c.free:
			next(w, r)
		case <-r.Context().Done():
		}
	}
}

func (c *Crowd) count(change int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.here += change
	c.most = max(c.most, c.here)
}

// Await waits until so many more requests are there.
func (c *Crowd) Await(count int) {
	for range count {
		<-c.arrived
	}
}

// Let lets so many go.
func (c *Crowd) Let(count int) {
	for range count {
		c.free <- struct{}{}
	}
}

// Most tells how many there were at once.
func (c *Crowd) Most() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.most
}
