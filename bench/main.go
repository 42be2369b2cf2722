// Command bench measures the built product (bin/dribble) over its real path (HTTP,
// server, worker, database) on seeded data, with psql COPY as the floor in the same
// rounds. It prints one table; it asserts nothing, because machines differ. Run it
// by `make bench`, which starts a private PostgreSQL.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	binary := flag.String("binary", "bin/dribble", "the program to measure")
	rounds := flag.Int("rounds", 7, "rounds of the floor comparison")
	only := flag.String("only", "", "run only the scenarios whose name contains this")
	flag.Parse()
	if err := measure(ctx, *binary, *rounds, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// scenario measures one thing in a fresh server.
type scenario struct {
	name string
	run  func(ctx context.Context, b *bench) error
}

func scenarios() []scenario {
	return []scenario{
		{"start", measureStart},
		{"first-rows", measureFirstRows},
		{"spool", measureSpool},
		{"windows", measureWindows},
		{"stream", measureStream},
		{"slow-reader", measureSlowReader},
		{"users", measureUsers},
		{"probe", measureProbe},
		{"cold-worker", measureColdWorker},
	}
}

// bench is what the scenarios share.
type bench struct {
	binary string
	rounds int
	pg     database
	report *report
}

func measure(ctx context.Context, binary string, rounds int, only string) error {
	pg, err := findDatabase()
	if err != nil {
		return err
	}
	if err := pg.seed(ctx); err != nil {
		return err
	}
	b := &bench{binary: binary, rounds: rounds, pg: pg, report: newReport()}
	for _, s := range scenarios() {
		if !strings.Contains(s.name, only) {
			continue
		}
		fmt.Fprintf(os.Stderr, "measuring %s\n", s.name)
		if err := s.run(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
	}
	b.report.print(os.Stdout)
	return nil
}
