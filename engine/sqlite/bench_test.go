package sqlite

import (
	"context"
	"testing"

	"dribble/engine"
)

const tenColumns = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000)
SELECT i, i * 2, i * 1.5, 'row ' || i, 'constant', NULL, x'0011', date(i), i % 2, 'the tenth column' FROM n`

func TestRowsCostNoAllocation(t *testing.T) {
	s := newSession(t, openFile(t, newFile(t), true))
	exec := func() {
		if _, err := s.Exec(context.Background(), engine.Statement{Text: tenColumns}, discard{}); err != nil {
			t.Fatal(err)
		}
	}
	perRow := testing.AllocsPerRun(3, exec) / 20_000
	t.Logf("allocations per row of ten columns: %.4f", perRow)
	if perRow > 0.1 {
		t.Errorf("%.2f allocations per row, want none", perRow)
	}
}

func BenchmarkRows(b *testing.B) {
	s := newSession(b, openFile(b, newFile(b), true))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Exec(context.Background(), engine.Statement{Text: tenColumns}, discard{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*20_000/b.Elapsed().Seconds(), "rows/s")
}
