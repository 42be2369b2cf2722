package handlers_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"dribble/internal/testenv"
)

// maxStop is how long a result of a hundred million rows may take to end at the
// default limit on a busy machine. On a quiet one it is well below 1.5 s.
const maxStop = 5 * time.Second

// TestHundredMillionRowsEndAtTheLimit runs a statement that would take minutes
// with the default limits: it ends as a success with the first 10,000 rows, and
// the database is at rest. It measures time, so it does not run beside this
// package's other tests.
func TestHundredMillionRowsEndAtTheLimit(t *testing.T) {
	b := newBed(t, options{})
	for name, make := range map[string]func(t *testing.T) (string, string, func(t *testing.T) int){
		"PostgreSQL": func(t *testing.T) (string, string, func(t *testing.T) int) {
			src, server := b.postgres(t)
			return src, "SELECT generate_series(1,100000000)", pgWatch(t, server).active
		},
		"MariaDB": func(t *testing.T) (string, string, func(t *testing.T) int) {
			src, server := b.mariadb(t)
			b.succeeded(t, src, "CREATE TABLE ten AS SELECT 1 n UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9 UNION SELECT 10")
			return src, "SELECT a.n FROM ten a, ten b, ten c, ten d, ten e, ten f, ten g, ten h", mariaWatch(t, server).active
		},
		"SQLite": func(t *testing.T) (string, string, func(t *testing.T) int) {
			return b.shop(t), endless, func(*testing.T) int { return 0 }
		},
	} {
		t.Run(name, func(t *testing.T) {
			src, text, active := make(t)
			b.succeeded(t, src, "SELECT 1") // the worker is up
			start := time.Now()
			r := b.succeeded(t, src, text)
			took := time.Since(start)
			if r.RowCount != 10_000 || r.Statements[0].Truncated != "rows" || r.Error != nil {
				t.Errorf("got %d rows, truncated %q, %+v", r.RowCount, r.Statements[0].Truncated, r.Error)
			}
			if n := active(t); n != 0 {
				t.Errorf("%d statements are still active in the database", n)
			}
			t.Logf("first 10,000 rows of 100,000,000: done after %v (the run says %v ms), nothing left active", took, r.MS)
			if took > maxStop {
				t.Errorf("took %v, more than %v", took, maxStop)
			}
			if w := b.rows(t, r.ID, "offset=9999"); len(w.Rows) != 1 || w.RowCount != 10_000 {
				t.Errorf("the last row kept: got %d of %d", len(w.Rows), w.RowCount)
			}
		})
	}
}

// mariaEye looks at what runs in one MariaDB database.
type mariaEye struct {
	db   *sql.DB
	name string
}

func mariaWatch(t *testing.T, s testenv.Server) mariaEye {
	t.Helper()
	name := s.Database
	s.Database = "information_schema"
	connector, err := mysql.NewConnector(s.MySQLConfig())
	if err != nil {
		t.Fatal(err)
	}
	d := sql.OpenDB(connector)
	t.Cleanup(func() { _ = d.Close() })
	return mariaEye{d, name}
}

func (e mariaEye) active(t *testing.T) int {
	t.Helper()
	var n int
	if err := e.db.QueryRowContext(t.Context(), "SELECT count(*) FROM PROCESSLIST WHERE DB = ? AND COMMAND IN ('Query', 'Execute')", e.name).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
