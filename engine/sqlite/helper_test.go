package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"dribble/domain"
	"dribble/engine"
	"dribble/result"
)

// newFile makes a database file by running statements through the engine.
func newFile(t testing.TB, statements ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	s := newSession(t, openFile(t, path, false))
	for _, text := range statements {
		mustRun(t, s, text)
	}
	return path
}

func openFile(t testing.TB, path string, readOnly bool) engine.DB {
	t.Helper()
	db, err := New().Open(engine.Config{Fields: map[string]string{"path": path}, ReadOnly: readOnly, MaxConns: 3})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func newSession(t testing.TB, db engine.DB) engine.Session {
	t.Helper()
	s, err := db.Session(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// table is a sink that keeps everything; nil cells are NULL.
type table struct {
	columns []result.Column
	rows    [][]*string
	notices []string
	stopAt  int   // stop after this many rows; 0 = never
	fail    error // returned by Row
}

func (t *table) Columns(cols []result.Column) error { t.columns = cols; return nil }
func (t *table) Notice(text string)                 { t.notices = append(t.notices, text) }
func (t *table) Row(cells [][]byte) error {
	row := make([]*string, len(cells))
	for i, c := range cells {
		if c != nil {
			s := string(c)
			row[i] = &s
		}
	}
	t.rows = append(t.rows, row)
	if t.fail != nil {
		return t.fail
	}
	if len(t.rows) == t.stopAt {
		return engine.ErrStop
	}
	return nil
}

// value is the only cell of a one-row result, "NULL" for NULL.
func (t *table) value() string {
	if len(t.rows) != 1 || len(t.rows[0]) != 1 {
		return "(not one value)"
	}
	return shown(t.rows[0][0])
}

func shown(cell *string) string {
	if cell == nil {
		return "NULL"
	}
	return *cell
}

func run(s engine.Session, text string, args ...*string) (*table, engine.Outcome, error) {
	var out table
	outcome, err := s.Exec(context.Background(), engine.Statement{Text: text, Args: args}, &out)
	return &out, outcome, err
}

func mustRun(t testing.TB, s engine.Session, text string, args ...*string) *table {
	t.Helper()
	out, _, err := run(s, text, args...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}

func codeOf(err error) string {
	var e *domain.SQLError
	if errors.As(err, &e) {
		return e.Code
	}
	if err == nil {
		return ""
	}
	return "not a SQLError: " + err.Error()
}

func writeFile(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
