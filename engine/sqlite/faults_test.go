package sqlite

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"dribble/engine"
)

// TestDamagedFiles reads files with bytes overwritten at random places, as
// a broken disk or a hostile sender would leave them. Each must give rows or an
// error, and in time.
func TestDamagedFiles(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile(newFile(t,
		"CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)", "CREATE INDEX t_name ON t (name)", "CREATE VIEW v AS SELECT * FROM t",
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 2000) INSERT INTO t SELECT i, hex(randomblob(20)) FROM n", "ANALYZE"))
	if err != nil {
		t.Fatal(err)
	}
	const files = 200
	r := rand.New(rand.NewPCG(7, 7))
	dir, survived, errors := t.TempDir(), 0, 0
	for i := range files {
		damaged := append([]byte{}, whole...)
		for range 1 + r.IntN(30) {
			damaged[r.IntN(len(damaged))] = byte(r.Uint32())
		}
		if r.IntN(4) == 0 {
			damaged = damaged[:r.IntN(len(damaged))]
		}
		path := filepath.Join(dir, strconv.Itoa(i)+".db")
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if readEverything(t, path) != nil {
			errors++
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("damaged file %d took %s", i, took)
			continue
		}
		survived++
	}
	t.Logf("faults survived: %d of %d (%d files gave an error)", survived, files, errors)
	if errors == 0 {
		t.Error("no file was found damaged; the test damages nothing")
	}
}

func readEverything(t *testing.T, path string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	db := openFile(t, path, true)
	if _, err := db.Schema(ctx, engine.SchemaRequest{Columns: true}); err != nil {
		return err
	}
	s, err := db.Session(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	for _, text := range []string{"SELECT * FROM t", "SELECT name FROM t ORDER BY name", "SELECT count(*) FROM v", "PRAGMA quick_check"} {
		if _, err = s.Exec(ctx, engine.Statement{Text: text, MaxCell: 1 << 20}, discard{}); err != nil {
			return err
		}
	}
	return nil
}

// TestGrowingFile reads while another connection writes, in both journal modes.
func TestGrowingFile(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"delete", "wal"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			path := newFile(t, "PRAGMA journal_mode = "+mode, "CREATE TABLE t (id INTEGER PRIMARY KEY, filler TEXT)")
			writer := newSession(t, openFile(t, path, false))
			stop, stopped := make(chan struct{}), make(chan error, 1)
			go func() {
				for {
					select {
					case <-stop:
						stopped <- nil
						return
					default:
					}
					if _, _, err := run(writer, "INSERT INTO t (filler) VALUES (hex(zeroblob(400)))"); err != nil {
						stopped <- err
						return
					}
				}
			}()
			defer func() {
				close(stop)
				if err := <-stopped; err != nil {
					t.Errorf("write: %v", err)
				}
			}()
			s := newSession(t, openFile(t, path, true))
			last := 0
			for until := time.Now().Add(300 * time.Millisecond); time.Now().Before(until); {
				got := mustRun(t, s, "SELECT count(*) = max(id) OR count(*) = 0, count(*) FROM t")
				n, err := strconv.Atoi(shown(got.rows[0][1]))
				if err != nil || n < last || shown(got.rows[0][0]) == "0" {
					t.Fatalf("read %v after %d rows", got.rows, last)
				}
				last = n
			}
			if last == 0 {
				t.Error("the reader never saw a row")
			}
		})
	}
}

// FuzzReadOnly throws any text at a read-only source. The table must stay as it is.
func FuzzReadOnly(f *testing.F) {
	path := newFile(f, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)", "INSERT INTO t VALUES (1, 'a')")
	before, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	for _, a := range writeAttempts(filepath.Dir(path)) {
		f.Add(a.sql)
	}
	f.Add("SELECT * FROM t; -- é")
	f.Add("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n")
	db := openFile(f, path, true)
	f.Fuzz(func(t *testing.T, text string) {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		s, err := db.Session(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = s.Close() }()
		_, _ = s.Exec(ctx, engine.Statement{Text: text, MaxCell: 1 << 20}, &table{stopAt: 100})
		after, err := os.ReadFile(path)
		if err != nil || string(after) != string(before) {
			t.Fatalf("%q changed the file (%v)", text, err)
		}
		if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
			t.Fatalf("%q left files: %v (%v)", text, files, err)
		}
	})
}
