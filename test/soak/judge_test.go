package soak

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"bonus-adapter/test/rig"
)

// judge compares the last third of the run with the one before it; the first is for warming up. Memory may differ by a
// tenth and 8 MiB, files and threads by a few: what leaks grows far beyond that in many thousand requests.
func (s *soak) judge(t *testing.T) {
	t.Helper()
	for word := range s.answers {
		if strings.HasPrefix(word, noAnswer) || strings.HasPrefix(word, "5") && !strings.Contains(word, "overloaded") {
			t.Errorf("answers %q: %d", word, s.answers[word])
		}
	}
	third := len(s.samples) / 3
	before, after := middle(s.samples[third:2*third]), middle(s.samples[2*third:])
	if after.RSS > before.RSS+before.RSS/10+8<<20 || after.Files > before.Files+16 || after.Threads > before.Threads+8 {
		t.Errorf("it grows: from %+v to %+v", before, after)
	}
}

// quiet waits until connections are let go, and compares the goroutines that are left with those of a program that was
// asked once.
func (s *soak) quiet(t *testing.T, program rig.Binary) {
	t.Helper()
	crm := httptest.NewServer(http.HandlerFunc(history))
	defer crm.Close()
	fresh := program.ServeQuietly(t, fmt.Sprintf(settings, strings.TrimPrefix(crm.URL, "http://")))
	if got, err := fresh.Ask(t.Context(), 2*time.Second, "1"); err != nil || got.History != "live" {
		t.Fatalf("%v %q", err, got.History)
	}
	rig.Until(t, "connections are let go", func() bool { return s.p.Figures(t).Sockets <= fresh.Figures(t).Sockets })
	s.fresh, s.left = fresh.Goroutines(t), s.p.Goroutines(t)
	if s.left > s.fresh+4 {
		t.Errorf("%d goroutines are left, a fresh program has %d:\n%s", s.left, s.fresh, s.p.Log)
	}
}

// middle is the median of each figure.
func middle(samples []sampled) rig.Figures {
	of := func(figure func(rig.Figures) int64) int64 {
		var all []int64
		for _, sample := range samples {
			all = append(all, figure(sample.Figures))
		}
		slices.Sort(all)
		return all[len(all)/2]
	}
	return rig.Figures{
		RSS:     of(func(f rig.Figures) int64 { return f.RSS }),
		Files:   int(of(func(f rig.Figures) int64 { return int64(f.Files) })),
		Sockets: int(of(func(f rig.Figures) int64 { return int64(f.Sockets) })),
		Threads: int(of(func(f rig.Figures) int64 { return int64(f.Threads) })),
	}
}

// markdown tells the figures of the run, a line for each tenth of it.
func (s *soak) markdown() string {
	var text strings.Builder
	fmt.Fprintf(&text, "%d requests in %s, %d a second; the slowest answer after %s of a budget of 1 s, %d after more than 2 s.\n\n",
		s.samples[len(s.samples)-1].answers, soakFor, *rate, s.slowest.Round(time.Millisecond), s.late)
	fmt.Fprint(&text, "| after | answers | memory, MiB | files | sockets | threads |\n|---|---|---|---|---|---|\n")
	for tenth := range 10 {
		part := s.samples[tenth*len(s.samples)/10 : (tenth+1)*len(s.samples)/10]
		if len(part) == 0 {
			continue
		}
		last, figures := part[len(part)-1], middle(part)
		fmt.Fprintf(&text, "| %s | %d | %.1f | %d | %d | %d |\n",
			last.at.Round(time.Second), last.answers, float64(figures.RSS)/(1<<20), figures.Files, figures.Sockets, figures.Threads)
	}
	fmt.Fprintf(&text, "\nGoroutines afterwards: %d; of a program that was asked once: %d.\n", s.left, s.fresh)
	fmt.Fprint(&text, "\n| answers | how many |\n|---|---|\n")
	for _, word := range slices.Sorted(maps.Keys(s.answers)) {
		fmt.Fprintf(&text, "| `%s` | %d |\n", word, s.answers[word])
	}
	return text.String()
}
