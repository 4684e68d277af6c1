// Command bench runs the real adapter beside a handler written by hand for the same job (the floor) and a proxy that
// passes the bytes on, all in front of one CRM, in turns, and prints what a request costs each of them.
//
// The figures that hold are ratios: of one round, on one machine, against the floor of that round. Absolute times of a
// shared machine mean little.
//
//	go run . -rounds 5
//
// It needs Linux (/proc) and builds ../cmd/bonus-adapter by itself.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run plays one of the servers if it is told to, as a process of its own whose cost can be read.
func run(ctx context.Context, args []string) error {
	if len(args) > 0 {
		switch args[0] {
		case "crm":
			return serve(ctx, newCRM())
		case "floor":
			return serve(ctx, newFloor(os.Getenv("CRM_URL")))
		case "proxy":
			return serve(ctx, newProxy(os.Getenv("CRM_URL")))
		}
	}
	set := flag.NewFlagSet("bench", flag.ContinueOnError)
	rounds := set.Int("rounds", 5, "how often every contender has its turn")
	records := set.String("records", "1,20,1000,100000", "lengths of the history")
	rate := set.Int("rate", 50, "requests a second while latency is measured, for up to 1,000 records; 0 leaves it out")
	adapter := set.String("adapter", "", "a built `binary` instead of ../cmd/bonus-adapter")
	before := set.String("before", "", "another built `binary` that has its turns too, to be compared with")
	profile := set.String("profile", "", "write a CPU profile of the adapter into a `file`, and do nothing else")
	if err := set.Parse(args); err != nil {
		return err
	}
	b := bench{rounds: *rounds, rate: *rate, adapter: *adapter, before: *before}
	for size := range strings.SplitSeq(*records, ",") {
		n, err := strconv.Atoi(size)
		if err != nil || n < 0 {
			return errors.New("-records: numbers with commas between them are expected")
		}
		b.records = append(b.records, n)
	}
	if *profile != "" {
		return b.profile(ctx, *profile)
	}
	return b.run(ctx)
}
