package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// report gathers the figures.
type report struct{ rows [][4]string }

func newReport() *report { return &report{} }

// add notes one figure with the goal it is held against, if any.
func (r *report) add(scenario, what, figure, goal string) {
	r.rows = append(r.rows, [4]string{scenario, what, figure, goal})
}

func (r *report) print(w io.Writer) {
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Fprintf(w, "load average at the end: %s", load)
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "scenario\tfigure\tmeasured\tgoal")
	for _, row := range r.rows {
		fmt.Fprintln(t, strings.Join(row[:], "\t"))
	}
	_ = t.Flush()
}

// series is a set of times.
type series []time.Duration

func (s series) at(share float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

func (s series) String() string {
	return fmt.Sprintf("p50 %s, p95 %s, p99 %s, max %s (n=%d)", ms(s.at(0.5)), ms(s.at(0.95)), ms(s.at(0.99)), ms(s.at(1)), len(s))
}

func ms(d time.Duration) string {
	if d >= 10*time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
}

func ratios(list []float64) string {
	sorted := slices.Sorted(slices.Values(list))
	return fmt.Sprintf("%.2f (min %.2f, max %.2f, n=%d)", sorted[len(sorted)/2], sorted[0], sorted[len(sorted)-1], len(sorted))
}

func mb(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }
