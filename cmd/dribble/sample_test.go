package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"dribble/engine"
	"dribble/engine/sqlite"
	"dribble/result"
)

// answer is a sink that keeps the rows, cells joined by "|".
type answer struct {
	columns []result.Column
	rows    []string
}

func (a *answer) Columns(cols []result.Column) error { a.columns = cols; return nil }
func (a *answer) Notice(string)                      {}
func (a *answer) Row(cells [][]byte) error {
	parts := make([]string, len(cells))
	for i, c := range cells {
		parts[i] = string(c)
	}
	a.rows = append(a.rows, strings.Join(parts, "|"))
	return nil
}

func sampleDB(t *testing.T, now time.Time) engine.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "roastery.db")
	if err := makeSampleAt(context.Background(), path, now); err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.New().Open(engine.Config{Fields: map[string]string{"path": path}, ReadOnly: true, MaxConns: 1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func ask(t *testing.T, db engine.DB, text string) *answer {
	t.Helper()
	s, err := db.Session(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	var a answer
	if _, err := s.Exec(context.Background(), engine.Statement{Text: text}, &a); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return &a
}

func TestSampleIsWhole(t *testing.T) {
	t.Parallel()
	began := time.Now()
	db := sampleDB(t, time.Now().UTC())
	t.Logf("sample made in %s", time.Since(began).Round(time.Millisecond))

	schema, err := db.Schema(context.Background(), engine.SchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]int64{}
	for _, table := range schema.Schemas[0].Tables {
		counts[table.Name] = table.RowsEstimate
	}
	for name, want := range map[string]int64{"beans": 38, "customers": 2_400, "subscriptions": 1_150, "orders": 24_000, "shipments": 23_000, "daily_revenue": -1, "bean_sales": -1} {
		if counts[name] != want {
			t.Errorf("%s: %d rows in the tree, want %d", name, counts[name], want)
		}
	}
	if counts["order_items"] < 100_000 {
		t.Errorf("order_items: %d rows, want at least 100000", counts["order_items"])
	}
	// Each of these looks for something that cannot be.
	for _, text := range []string{
		"PRAGMA foreign_key_check",
		"SELECT * FROM orders WHERE placed_at > datetime('now', '+1 second')",
		"SELECT * FROM orders WHERE placed_at IS NOT datetime(placed_at)",
		"SELECT * FROM shipments WHERE delivered_at < shipped_at",
		"SELECT * FROM shipments h JOIN orders o ON o.id = h.order_id WHERE h.shipped_at < o.placed_at",
		"SELECT * FROM orders o JOIN customers c ON c.id = o.customer_id WHERE o.placed_at < c.joined_on",
		"SELECT * FROM orders o JOIN subscriptions s ON s.id = o.subscription_id WHERE o.placed_at < s.started_on",
		"SELECT order_id FROM order_items JOIN orders o ON o.id = order_id GROUP BY order_id HAVING abs(sum(quantity * unit_price) - max(total)) > 0.001",
		"SELECT * FROM customers WHERE email GLOB '*[^a-z0-9.@]*'",
	} {
		if a := ask(t, db, text); len(a.rows) != 0 {
			t.Errorf("%s: %d rows, the first %s", text, len(a.rows), a.rows[0])
		}
	}
	if a := ask(t, db, "PRAGMA integrity_check"); !slices.Equal(a.rows, []string{"ok"}) {
		t.Errorf("integrity: %q", a.rows)
	}
	if a := ask(t, db, "SELECT * FROM daily_revenue"); len(a.rows) < 700 {
		t.Errorf("daily_revenue has %d days, want two years", len(a.rows))
	}
}

func TestSampleQueriesAnswer(t *testing.T) {
	t.Parallel()
	days := map[string]time.Time{
		"now":                       time.Now().UTC(),
		"first second of a month":   time.Date(2026, 3, 1, 0, 0, 1, 0, time.UTC),
		"made long ago, end of feb": time.Date(2024, 2, 29, 23, 59, 59, 0, time.UTC),
	}
	for name, now := range days {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := sampleDB(t, now)
			for _, q := range sampleQueries() {
				if q.SQL == slowSQL && name != "now" {
					continue // its work does not depend on the date
				}
				began := time.Now()
				a := ask(t, db, q.SQL)
				t.Logf("%s: %d rows in %s", q.Name, len(a.rows), time.Since(began).Round(time.Millisecond))
				if len(a.rows) == 0 {
					t.Errorf("%s: no rows", q.Name)
					continue
				}
				for _, row := range a.rows[:min(3, len(a.rows))] {
					t.Log("   ", row)
				}
				if q.Note == "" || strings.Contains(a.rows[0], "||") {
					t.Errorf("%s: note %q, first row %s has empty cells", q.Name, q.Note, a.rows[0])
				}
			}
		})
	}
}

func TestSampleIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	const text = `SELECT (SELECT group_concat(name) FROM customers), (SELECT sum(bean_id * id % 1009 * quantity) FROM order_items),
		(SELECT sum(total) FROM orders WHERE id > 20000), (SELECT group_concat(tracking) FROM shipments), (SELECT sum(stock_bags * id) FROM beans)`
	first := ask(t, sampleDB(t, time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC)), text)
	second := ask(t, sampleDB(t, time.Date(2027, 8, 3, 22, 0, 0, 0, time.UTC)), text)
	if !slices.Equal(first.rows, second.rows) {
		t.Error("two samples made on different days differ in more than their dates")
	}
}

func TestSampleReplacesInOneStep(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "roastery.db")
	if err := os.WriteFile(path, []byte("older"), 0o600); err != nil {
		t.Fatal(err)
	}
	stopped, stop := context.WithCancel(context.Background())
	stop()
	if err := makeSample(stopped, path); err == nil {
		t.Error("a stopped making gave no error")
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "older" {
		t.Errorf("after a failure the file holds %d bytes (%v), want the older one", len(got), err)
	}
	if err := makeSample(context.Background(), path); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() < 1<<20 {
		t.Errorf("the new sample: %v, %v", info, err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) != 1 {
		t.Errorf("%s files left, want the sample alone (%v)", strconv.Itoa(len(files)), err)
	}
	if err := makeSample(context.Background(), filepath.Join(dir, "missing", "roastery.db")); err == nil {
		t.Error("a missing folder gave no error")
	}
}
