package mysql

import (
	"context"
	"testing"

	"dribble/engine"
)

const tenColumns = `SELECT seq, seq * 1000000007 AS b, seq / 7 AS n, CONCAT('name ', seq) AS t, 'some words of text' AS w,
	TIMESTAMPADD(SECOND, seq, '2024-01-01') AS d, seq % 2 AS f, CONCAT('{"k": ', seq, '}') AS j, NULL AS x,
	seq * 1.5e0 AS g FROM `

// TestNoAllocationPerRow measures 100,000 rows more against none.
func TestNoAllocationPerRow(t *testing.T) { //nolint:paralleltest // other tests would be counted too
	s := sessionOf(t, openDB(t, nil))
	run := func(rows string) float64 {
		return testing.AllocsPerRun(1, func() {
			_, err := s.Exec(context.Background(), engine.Statement{Text: tenColumns + rows}, &recorder{isBlind: true})
			if err != nil {
				t.Error(err)
			}
		})
	}
	per := (run("seq_1_to_100000") - run("seq_1_to_1")) / 100_000
	t.Logf("%.4f allocations a row of 10 columns", per)
	if per > 0.01 {
		t.Errorf("%.4f allocations a row, want none", per)
	}
}

func BenchmarkRows(b *testing.B) {
	s := sessionOf(b, openDB(b, nil))
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		r := &recorder{isBlind: true}
		if _, err := s.Exec(context.Background(), engine.Statement{Text: tenColumns + "seq_1_to_100000"}, r); err != nil {
			b.Fatal(err)
		}
		rows += r.count
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
