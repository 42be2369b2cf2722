package result

import (
	"fmt"
	"testing"
)

// BenchmarkSortedScan reads 200,000 rows of a result in the order of another column,
// as a sorted export does.
func BenchmarkSortedScan(b *testing.B) {
	s, err := OpenStore(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	w, err := s.Create("v-0", testColumns)
	if err != nil {
		b.Fatal(err)
	}
	const rows = 200_000
	for i := range rows {
		if err := w.Append(1, encode([]string{fmt.Sprint((i * 7919) % 1_000_003), fmt.Sprintf("a note of customer %d that is about as long as notes are", i)})); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	r, err := s.Open("v-0")
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	v, err := r.View(b.Context(), Order{Sort: "id"})
	if err != nil {
		b.Fatal(err)
	}
	defer v.Close()
	for b.Loop() {
		if err := v.Scan(b.Context(), 0, -1, func(int64, [][]byte) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/rows, "µs/row")
}
