package postgres_test

import (
	"context"
	"runtime"
	"testing"

	"dribble/engine"
	"dribble/internal/testenv"
	"dribble/result"
)

// counter is a sink that only counts.
type counter struct {
	rows, bytes int
}

func (c *counter) Columns([]result.Column) error { return nil }
func (c *counter) Notice(string)                 {}
func (c *counter) Row(cells [][]byte) error {
	c.rows++
	for _, cell := range cells {
		c.bytes += len(cell)
	}
	return nil
}

// big gives n rows of ten columns of common types.
const big = `SELECT n::int4, n::int8 * 1000003, (n / 7.0)::numeric(12,4), 'name ' || n, md5(n::text), now(), n % 2 = 0,
	'{"a": 1}'::jsonb, CASE WHEN n % 10 = 0 THEN 'x' END, n::float8 / 3
	FROM (SELECT generate_series(1, 200000) AS n) AS s`

// BenchmarkRows reports rows/s and mallocs/row of a result of 200,000 x 10.
func BenchmarkRows(b *testing.B) {
	s := newSession(b, openDB(b, testenv.Postgres(b).Fields("disable"), nil))
	b.ReportAllocs()
	rows := 0
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		c := &counter{}
		if _, err := s.Exec(context.Background(), engine.Statement{Text: big, MaxCell: 1 << 20}, c); err != nil {
			b.Fatal(err)
		}
		rows += c.rows
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/float64(rows), "mallocs/row")
}

// BenchmarkSmall is the round trip of a trivial statement.
func BenchmarkSmall(b *testing.B) {
	s := newSession(b, openDB(b, testenv.Postgres(b).Fields("disable"), nil))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Exec(context.Background(), engine.Statement{Text: "SELECT 1"}, &counter{}); err != nil {
			b.Fatal(err)
		}
	}
}

func TestRowsAreNotCopied(t *testing.T) {
	s := newSession(t, openDB(t, testenv.Postgres(t).Fields("disable"), nil))
	run(t, s, "SELECT 1")
	const n = 20000
	perRun := testing.AllocsPerRun(3, func() {
		c := &counter{}
		text := "SELECT g, 'text ' || g, now() FROM (SELECT generate_series(1, 20000) AS g) AS s"
		if _, err := s.Exec(context.Background(), engine.Statement{Text: text}, c); err != nil || c.rows != n {
			t.Errorf("got %d rows, error %v", c.rows, err)
		}
	})
	if perRow := perRun / n; perRow > 0.1 {
		t.Errorf("got %.2f mallocs a row, want none", perRow)
	}
}
