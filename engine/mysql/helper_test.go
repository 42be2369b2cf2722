package mysql

import (
	"context"
	"errors"
	"testing"

	"dribble/domain"
	"dribble/engine"
	"dribble/internal/testenv"
	"dribble/result"
)

// recorder is a sink that keeps what it gets. With most > 0 it has enough
// after that many rows.
type recorder struct {
	cols    []result.Column
	rows    [][]string // NULL as "NULL"
	notices []string
	most    int
	isBlind bool // count rows only
	count   int
}

func (r *recorder) Columns(cols []result.Column) error { r.cols = cols; return nil }
func (r *recorder) Notice(text string)                 { r.notices = append(r.notices, text) }

func (r *recorder) Row(cells [][]byte) error {
	r.count++
	if !r.isBlind {
		row := make([]string, len(cells))
		for i, c := range cells {
			row[i] = string(c)
			if c == nil {
				row[i] = "NULL"
			}
		}
		r.rows = append(r.rows, row)
	}
	if r.most > 0 && r.count >= r.most {
		return engine.ErrStop
	}
	return nil
}

// openDB opens a database of the test's own.
func openDB(t testing.TB, change func(*engine.Config)) *database {
	t.Helper()
	server := testenv.MariaDB(t).NewDatabase(t)
	return openAt(t, server, change)
}

func openAt(t testing.TB, server testenv.Server, change func(*engine.Config)) *database {
	t.Helper()
	cfg := engine.Config{Fields: server.Fields("disable"), MaxConns: 2, AppName: "dt-" + server.Database}
	if change != nil {
		change(&cfg)
	}
	db, err := New().Open(cfg)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { _ = db.Close() })
	d, ok := db.(*database)
	if !ok {
		t.Fatalf("Open gave a %T", db)
	}
	return d
}

func sessionOf(t testing.TB, d *database) *session {
	t.Helper()
	s, err := d.session(context.Background())
	if err != nil {
		t.Fatalf("session: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func exec(t testing.TB, s engine.Session, text string, args ...string) *recorder {
	t.Helper()
	r := &recorder{}
	st := engine.Statement{Text: text, Tag: "t"}
	for i := range args {
		st.Args = append(st.Args, &args[i])
	}
	if _, err := s.Exec(context.Background(), st, r); err != nil {
		t.Fatalf("%.200s: %v", text, err)
	}
	return r
}

// execAll runs statements whose results do not matter.
func execAll(t testing.TB, s engine.Session, list ...string) {
	t.Helper()
	for _, text := range list {
		exec(t, s, text)
	}
}

// sqlError runs a statement that must fail and returns its error.
func sqlError(t testing.TB, s engine.Session, text string) *domain.SQLError {
	t.Helper()
	_, err := s.Exec(context.Background(), engine.Statement{Text: text}, &recorder{})
	var e *domain.SQLError
	if !errors.As(err, &e) {
		t.Fatalf("%.200s: got %v, want an SQL error", text, err)
	}
	return e
}
