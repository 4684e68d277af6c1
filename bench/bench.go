package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

type bench struct {
	rounds, rate int
	adapter      string // the binary
	before       string // another one; empty if there is none
	records      []int
	dir          string
}

// contender is one of the servers, as a process.
type contender struct {
	name    string
	url     string
	admin   string // the address of the adapter's admin port
	process *exec.Cmd
	ratios  []float64 // of CPU, to the floor of the same round
	cpu     []float64 // µs a request
}

const yaml = `
adapter: { keys: [` + key + `], budget: 60s, listen: "127.0.0.1:0", admin: "127.0.0.1:0" }
crm:
  base_url: ${env:CRM_URL}
  auth: { bearer: token }
  timeout: 50s
  breaker: { window: 5m }
  limits: { body: 256MiB, records: 200000 }
  fail: body.ok == false
  steps:
    - name: history
      get: /customers/{{ user }}/transactions
      query: { limit: 100 }
      pages: { param: page, last: body.meta.totalPages }
mapping:
  records: history.data.items
  fields:
    type:    { at: type }
    amount:  { at: amount, as: decimal }
    created: { at: createdAt, as: time }
    expires: { at: expiresAt, as: time, optional: true }
    comment: { at: comment, optional: true }
  rules:
    - { when: type == "ACCRUAL", added: amount }
    - { when: 'type in ["EXPIRE", "SPEND"]', expired: amount }
  entry: { definitionMessage: comment ?? "Бонусы", activationDate: created, expirationDate: expires }
`

// The configs that the adapter runs with.
const (
	asIs     = "as it is"
	computed = "computed" // an expression computes everything of an entry
	kept     = "kept"     // answers come out of the memory cache
	watched  = "watched"  // it can be profiled
)

var variants = map[string]*strings.Replacer{
	asIs: strings.NewReplacer(),
	computed: strings.NewReplacer(
		`type == "ACCRUAL"`, `type + "" == "ACCRUAL"`, "added: amount", "added: abs(amount) + 0", "expired: amount", "expired: abs(amount) + 0",
		`definitionMessage: comment ?? "Бонусы"`, `definitionMessage: (comment ?? "Бонусы") + ""`, "activationDate: created", "activationDate: created + days(0)",
		"expirationDate: expires", "expirationDate: expires + days(0)"),
	watched: strings.NewReplacer(`admin: "127.0.0.1:0"`, `admin: "127.0.0.1:0", pprof: true`),
	kept:    strings.NewReplacer("budget: 60s,", "budget: 60s, cache: { store: memory, ttl: 10m, size: 256MiB },"),
}

// config names the file of a variant.
func (b *bench) config(variant string) string {
	return filepath.Join(b.dir, strings.ReplaceAll(variant, " ", "-")+".yaml")
}

func (b *bench) run(ctx context.Context) (err error) {
	if b.dir, err = os.MkdirTemp("", "bench"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.dir) }()
	if err := b.build(ctx); err != nil {
		return err
	}
	own, err := os.Executable()
	if err != nil {
		return err
	}
	crm, err := start("crm", "", own, "crm")
	if err != nil {
		return err
	}
	defer crm.stop()
	for _, records := range b.records {
		if err := b.compare(ctx, own, crm.url, records); err != nil {
			return fmt.Errorf("%d records: %w", records, err)
		}
	}
	return nil
}

func (b *bench) build(ctx context.Context) error {
	for name, change := range variants {
		if err := os.WriteFile(b.config(name), []byte(change.Replace(yaml)), 0o600); err != nil {
			return err
		}
	}
	if b.adapter != "" {
		return nil
	}
	b.adapter = filepath.Join(b.dir, "bonus-adapter")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", b.adapter, "./cmd/bonus-adapter")
	build.Dir, build.Env = "..", append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("building the adapter: %w\n%s", err, output)
	}
	return nil
}

// compare lets the contenders take turns over histories of one length.
func (b *bench) compare(ctx context.Context, own, crm string, records int) error {
	all, err := b.contenders(own, fmt.Sprintf("%s/%d/0s", crm, records))
	defer all.stop()
	if err != nil {
		return err
	}
	if err := all.costs(ctx, b.rounds, records); err != nil {
		return err
	}
	all.print(b.rounds, records)
	if b.rate == 0 || records >= manyRecords {
		return nil
	}
	if err := b.latencies(ctx, all, crm, records, 0); err != nil {
		return err
	}
	const far = 50 * time.Millisecond
	slow, err := b.contenders(own, fmt.Sprintf("%s/%d/%s", crm, records, far))
	defer slow.stop()
	if err != nil {
		return err
	}
	return b.latencies(ctx, slow, crm, records, far)
}

// contenders are the servers that take turns.
type contenders []*contender

func (all contenders) stop() {
	for _, c := range all {
		c.stop()
	}
}

// contenders starts them all, in front of one CRM. Those that run are given with an error too.
func (b *bench) contenders(own, crm string) (all contenders, err error) {
	for _, command := range [][]string{
		{"floor", own, "floor"},
		{"floor again", own, "floor"},
		{"proxy", own, "proxy"},
		{"before", b.before, "serve", "--config", b.config(asIs)},
		{"adapter", b.adapter, "serve", "--config", b.config(asIs)},
		{"expressions", b.adapter, "serve", "--config", b.config(computed)},
		{"cached", b.adapter, "serve", "--config", b.config(kept)},
	} {
		if command[1] == "" {
			continue
		}
		c, err := start(command[0], crm, command[1], command[2:]...)
		if err != nil {
			return all, fmt.Errorf("%s: %w", command[0], err)
		}
		all = append(all, c)
	}
	return all, nil
}

// turns is how many requests each has in its turn.
func turns(records int) int { return max(3, min(4000, 400_000/max(records, 1))) }

// costs measures what a request costs each, in turns.
func (all contenders) costs(ctx context.Context, rounds, records int) error {
	requests := turns(records)
	for round := range rounds + 1 { // the first one warms up
		for _, c := range all {
			cost, err := c.cost(ctx, requests, records)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			if round > 0 {
				c.cpu = append(c.cpu, cost)
				c.ratios = append(c.ratios, cost/all[0].cpu[round-1])
			}
		}
	}
	return nil
}

func (all contenders) print(rounds, records int) {
	fmt.Printf("\n%d records, %d requests a turn, %d turns\n%-14s %28s %20s %10s\n", records, turns(records), rounds, "", "CPU × floor: min median max", "µs a request, median", "peak RSS")
	for _, c := range all {
		fmt.Printf("%-14s %8.2f %9.2f %9.2f %20.0f %7d MiB\n", c.name, slices.Min(c.ratios), median(c.ratios), slices.Max(c.ratios), median(c.cpu), c.peak()>>10)
	}
}

// start starts a process that prints its address, or logs it.
func start(name, crm, binary string, args ...string) (*contender, error) {
	c := &contender{name: name, process: exec.Command(binary, args...)}
	c.process.Env = append(os.Environ(), "CRM_URL="+crm)
	read, write, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	c.process.Stdout, c.process.Stderr = write, write
	if err := c.process.Start(); err != nil {
		return nil, err
	}
	_ = write.Close()
	lines := bufio.NewReader(read)
	var told strings.Builder
	for {
		line, err := lines.ReadString('\n')
		told.WriteString(line)
		if strings.Contains(line, `"admin port"`) {
			c.admin = localIn(line)
		}
		if address := addressIn(line); address != "" {
			c.url = "http://" + address
			break
		}
		if err != nil {
			c.stop()
			return nil, fmt.Errorf("it did not start: %s", told.String())
		}
	}
	go func() { _, _ = io.Copy(io.Discard, lines); _ = read.Close() }() // ends with the process
	return c, nil
}

// addressIn finds the address in a line: alone, or in the adapter's line of log.
func addressIn(line string) string {
	if strings.HasPrefix(line, "127.0.0.1:") || strings.Contains(line, `"listening"`) {
		return localIn(line)
	}
	return ""
}

func localIn(line string) string {
	i := max(0, strings.Index(line, "127.0.0.1:"))
	return strings.TrimRight(strings.SplitN(line[i:], `"`, 2)[0], "\n")
}

func (c *contender) stop() {
	_ = c.process.Process.Kill()
	_ = c.process.Wait()
}

// manyRecords is from where on a history is asked for by one caller at a time: the peak of memory is that of one then.
const manyRecords = 100_000

// cost gives the CPU time of a request, in µs, over so many requests by two callers, or one.
func (c *contender) cost(ctx context.Context, requests, records int) (float64, error) {
	before, err := c.cpuTime()
	if err != nil {
		return 0, err
	}
	var group sync.WaitGroup
	failed := make(chan error, 2)
	callers := 2
	if records >= manyRecords {
		callers = 1
	}
	for range callers {
		group.Go(func() {
			for range requests / callers {
				if err := c.ask(ctx, records); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	group.Wait()
	select {
	case err := <-failed:
		return 0, err
	default:
	}
	after, err := c.cpuTime()
	return float64((after - before).Nanoseconds()) / 1000 / float64(requests/callers*callers), err
}

var caller = &http.Client{Transport: newTransport(), Timeout: 60 * time.Second}

// ask asks once, and looks whether the answer is as long as it has to be.
func (c *contender) ask(ctx context.Context, records int) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url+"/bonus-history", strings.NewReader(`{"userIdentifier":"12345"}`))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+key)
	response, err := caller.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if got := bytes.Count(body, []byte(`"expirationDate"`)); c.name != "proxy" && got != records || response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s, %d entries of %d, %s", response.Status, got, records, response.Header.Get("Bonus-History"))
	}
	return nil
}

// cpuTime sums up what the process's threads have used.
func (c *contender) cpuTime() (time.Duration, error) {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", c.process.Process.Pid))
	if err != nil {
		return 0, err
	}
	var all time.Duration
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		if err != nil {
			continue // it has ended
		}
		spent, _, _ := strings.Cut(string(text), " ")
		nanoseconds, err := strconv.ParseInt(spent, 10, 64)
		if err != nil {
			return 0, err
		}
		all += time.Duration(nanoseconds)
	}
	return all, nil
}

// peak gives the most memory that the process held, in KiB.
func (c *contender) peak() int {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.process.Process.Pid))
	for line := range strings.Lines(string(status)) {
		if rest, found := strings.CutPrefix(line, "VmHWM:"); found {
			kib, _ := strconv.Atoi(strings.Fields(rest)[0])
			return kib
		}
	}
	return 0
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
