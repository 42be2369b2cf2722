package enginetest

import (
	"bytes"
	"errors"
	"testing"

	"dribble/domain"
	"dribble/engine"
	"dribble/result"
)

// recorder is a Sink that keeps what it gets, up to max rows, and counts.
type recorder struct {
	columns     []result.Column
	columnCalls int
	rows        [][][]byte
	notices     []string
	count       int

	keep     int           // rows to keep; 0 = all
	stopAt   int           // rows after which Row returns stopErr; 0 = never
	stopErr  error         // ErrStop if nil
	colErr   error         // returned by Columns
	onRow    func(row int) // called for each row
	noCopies bool
}

func (r *recorder) Columns(cols []result.Column) error {
	r.columns = append([]result.Column(nil), cols...)
	r.columnCalls++
	return r.colErr
}

func (r *recorder) Row(cells [][]byte) error {
	r.count++
	if r.onRow != nil {
		r.onRow(r.count)
	}
	if !r.noCopies && (r.keep == 0 || len(r.rows) < r.keep) {
		row := make([][]byte, len(cells))
		for i, c := range cells {
			row[i] = bytes.Clone(c)
		}
		r.rows = append(r.rows, row)
	}
	if r.stopAt > 0 && r.count >= r.stopAt {
		if r.stopErr != nil {
			return r.stopErr
		}
		return engine.ErrStop
	}
	return nil
}

func (r *recorder) Notice(text string) { r.notices = append(r.notices, text) }

// exec runs one statement that must succeed.
func exec(t *testing.T, s engine.Session, text string, args ...*string) *recorder {
	t.Helper()
	r := &recorder{}
	if _, err := s.Exec(bounded(t), engine.Statement{Text: text, Args: args, Tag: "suite"}, r); err != nil {
		t.Fatalf("%.200s: %v", text, err)
	}
	return r
}

func execAll(t *testing.T, s engine.Session, texts ...string) {
	t.Helper()
	for _, text := range texts {
		exec(t, s, text)
	}
}

// value runs a statement and returns the one cell of its one row, "NULL" for NULL.
func value(t *testing.T, s engine.Session, text string, args ...*string) string {
	t.Helper()
	r := exec(t, s, text, args...)
	if len(r.rows) != 1 || len(r.rows[0]) != 1 {
		t.Fatalf("%.200s: got %d rows of %d columns, want one cell", text, len(r.rows), len(r.columns))
	}
	return cell(r.rows[0][0])
}

func cell(c []byte) string {
	if c == nil {
		return "NULL"
	}
	return string(c)
}

// sqlError runs a statement that must fail with a *domain.SQLError.
func sqlError(t *testing.T, s engine.Session, text string) *domain.SQLError {
	t.Helper()
	_, err := s.Exec(bounded(t), statement(text), &recorder{})
	e := asSQLError(err)
	if e == nil {
		t.Fatalf("%.200s: got error %v, want a *domain.SQLError", text, err)
	}
	return e
}

// mustWork proves that the session is usable.
func mustWork(t *testing.T, s engine.Session) {
	t.Helper()
	if got := value(t, s, "SELECT 41 + 1"); got != "42" {
		t.Errorf("session after that: got %s, want 42", got)
	}
}

// asSQLError returns the *domain.SQLError in err's chain, or nil.
func asSQLError(err error) *domain.SQLError {
	var e *domain.SQLError
	if errors.As(err, &e) {
		return e
	}
	return nil
}

func statement(text string) engine.Statement { return engine.Statement{Text: text} }

// begin is the statement that opens a transaction.
func begin(f Fixture) string {
	if f.SQL.Begin != "" {
		return f.SQL.Begin
	}
	return "BEGIN"
}
