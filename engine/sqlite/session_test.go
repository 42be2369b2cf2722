package sqlite

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"dribble/domain"
	"dribble/engine"
	"dribble/result"
)

const endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT "

var errGone = errors.New("the viewer has gone")

func TestCancelStopsEndlessQueries(t *testing.T) {
	t.Parallel()
	db := openFile(t, newFile(t, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)"), false)
	queries := map[string]string{
		"no rows":    endless + "i FROM n WHERE i < 0",
		"rows":       endless + "i FROM n",
		"aggregate":  endless + "count(*) FROM n",
		"sort":       endless + "i FROM n ORDER BY i % 7",
		"cross join": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT count(*) FROM n a, n b, n c",
		"write":      "INSERT INTO t (name) " + endless + "'x' FROM n",
	}
	for name, text := range queries {
		for _, wait := range []time.Duration{0, time.Millisecond, 5 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond, 300 * time.Millisecond} {
			s, err := db.Session(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancelCause(context.Background())
			time.AfterFunc(wait, func() { cancel(errGone) })
			began := time.Now()
			_, err = s.Exec(ctx, engine.Statement{Text: text}, discard{})
			if took := time.Since(began) - wait; !errors.Is(err, errGone) || took > time.Second {
				t.Errorf("%s cancelled after %s: error %v, %s late; want the cause within 1 s", name, wait, err, took)
			}
			if got := mustRun(t, s, "SELECT count(*) FROM t").value(); got != "0" {
				t.Errorf("%s: the next statement gave %s, want 0", name, got)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			cancel(nil)
		}
	}
}

// discard is a sink that keeps nothing and allocates nothing.
type discard struct{}

func (discard) Columns([]result.Column) error { return nil }
func (discard) Row([][]byte) error            { return nil }
func (discard) Notice(string)                 {}

func TestDeadlineGivesItsCause(t *testing.T) {
	t.Parallel()
	s := newSession(t, openFile(t, newFile(t), true))
	ctx, cancel := context.WithTimeoutCause(context.Background(), 100*time.Millisecond, errGone)
	defer cancel()
	began := time.Now()
	if _, err := s.Exec(ctx, engine.Statement{Text: endless + "max(i) FROM n"}, discard{}); !errors.Is(err, errGone) {
		t.Errorf("error = %v, want the deadline's cause", err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("stopped after %s, want 100 ms", took)
	}
}

func TestSinkEndsTheStatement(t *testing.T) {
	t.Parallel()
	s := newSession(t, openFile(t, newFile(t), false))
	enough := &table{stopAt: 10_000}
	if _, err := s.Exec(context.Background(), engine.Statement{Text: endless + "i FROM n"}, enough); err != nil {
		t.Errorf("enough rows: error %v, want none", err)
	}
	if len(enough.rows) != 10_000 {
		t.Errorf("rows = %d, want 10000", len(enough.rows))
	}
	if _, err := s.Exec(context.Background(), engine.Statement{Text: endless + "i FROM n"}, &table{fail: errGone}); !errors.Is(err, errGone) {
		t.Errorf("error = %v, want the sink's own", err)
	}
	mustRun(t, s, "SELECT 1")
}

func TestStoppingReturningKeepsTheWrite(t *testing.T) {
	t.Parallel()
	path := newFile(t, "CREATE TABLE t (id INTEGER PRIMARY KEY)")
	s := newSession(t, openFile(t, path, false))
	out, err := s.Exec(context.Background(), engine.Statement{Text: "INSERT INTO t VALUES (1), (2), (3) RETURNING id"}, &table{stopAt: 1})
	if err != nil || out.Affected != 3 {
		t.Errorf("affected %d, error %v; want 3 and none", out.Affected, err)
	}
	if got := mustRun(t, newSession(t, openFile(t, path, true)), "SELECT count(*) FROM t").value(); got != "3" {
		t.Errorf("rows in the file = %s, want 3", got)
	}
}

func TestAffected(t *testing.T) {
	t.Parallel()
	s := newSession(t, openFile(t, newFile(t), false))
	tests := []struct {
		text string
		want int64
	}{
		{"CREATE TABLE t (id INTEGER PRIMARY KEY, n INT)", -1},
		{"INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)", 3},
		{"SELECT * FROM t", -1},
		{"UPDATE t SET n = 0 WHERE id > 1", 2},
		{"UPDATE t SET n = 0 WHERE id > 9", 0},
		{"CREATE TABLE u AS SELECT * FROM t", -1},
		{"BEGIN", -1},
		{"DELETE FROM t", 3},
		{"ROLLBACK", -1},
		{"ALTER TABLE u RENAME TO w", -1},
		{"DROP TABLE w", -1},
		{"ANALYZE", -1},
		{"-- only a comment", -1},
		{"INSERT INTO t VALUES (4, 4) ON CONFLICT DO NOTHING RETURNING id", 1},
	}
	for _, tt := range tests {
		_, out, err := run(s, tt.text)
		if err != nil || out.Affected != tt.want {
			t.Errorf("%s: affected %d, error %v; want %d", tt.text, out.Affected, err, tt.want)
		}
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()
	s := newSession(t, openFile(t, newFile(t, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)",
		"INSERT INTO t VALUES (1, 'a'), (2, 'b'' OR 1=1 --'), (3, NULL)"), true))
	one, evil, empty, nul := "1", "b' OR 1=1 --", "", "a\x00b"
	if got := mustRun(t, s, "SELECT name FROM t WHERE id = ?", &one).value(); got != "a" {
		t.Errorf("number by text = %q, want a", got)
	}
	if got := mustRun(t, s, "SELECT id FROM t WHERE name = ?", &evil).value(); got != "2" {
		t.Errorf("injection text found %q, want row 2 only", got)
	}
	if got := mustRun(t, s, "SELECT coalesce(?, 'null')", nil).value(); got != "null" {
		t.Errorf("nil argument = %q, want null", got)
	}
	if got := mustRun(t, s, "SELECT typeof(?) ", &empty).value(); got != "text" {
		t.Errorf("empty argument is %q, want text", got)
	}
	if got := mustRun(t, s, "SELECT ?", &nul).value(); got != nul {
		t.Errorf("argument with NUL = %q, want %q", got, nul)
	}
	if got := mustRun(t, s, "SELECT count(*) FROM (SELECT 1 FROM t LIMIT ?)", &one).value(); got != "1" {
		t.Errorf("LIMIT by text = %q, want 1", got)
	}
	for _, text := range []string{"SELECT ?", "SELECT :name", "SELECT ?, ?"} {
		args := []*string{}
		if text == "SELECT ?, ?" {
			args = append(args, &one)
		}
		_, _, err := run(s, text, args...)
		if got := codeOf(err); got != codeArguments {
			t.Errorf("%s with %d values: code %q, want %q", text, len(args), got, codeArguments)
		}
	}
	_, _, err := run(s, "SELECT :name")
	var e *domain.SQLError
	if !errors.As(err, &e) || !strings.Contains(e.Hint, ":name") {
		t.Errorf("hint for a missing value = %v, want it to name :name", err)
	}
}

func TestErrorsHavePositions(t *testing.T) {
	t.Parallel()
	s := newSession(t, openFile(t, newFile(t, "CREATE TABLE t (id INTEGER PRIMARY KEY)", "INSERT INTO t VALUES (1)"), false))
	tests := []struct {
		text, code, message string
		at                  string // the text at the position; "" if none
	}{
		{"SELECT é, nope FROM t", "SQLITE_ERROR", "no such column: é", "é, nope"},
		{"SELECT 'é', nope FROM t", "SQLITE_ERROR", "no such column: nope", "nope FROM"},
		{"SELCT 1", "SQLITE_ERROR", "near \"SELCT\": syntax error", "SELCT"},
		{"SELECT * FROM missing", "SQLITE_ERROR", "no such table: missing", ""},
		{"SELECT \"typo\" FROM t", "SQLITE_ERROR", "no such column", "\"typo\""},
		{"INSERT INTO t VALUES (1)", "SQLITE_CONSTRAINT_PRIMARYKEY", "UNIQUE constraint failed: t.id", ""},
		{"SELECT abs(-9223372036854775807 - 1)", "SQLITE_ERROR", "integer overflow", ""},
		{"SELECT 1; SELECT 2", codeNotAllowed, "Only one statement", "SELECT 2"},
		{"SELECT 1\x00", codeNotAllowed, "NUL", "\x00"},
		{"SELECT 'open", "SQLITE_ERROR", "unrecognized token", "'open"},
	}
	for _, tt := range tests {
		_, _, err := run(s, tt.text)
		var e *domain.SQLError
		if !errors.As(err, &e) {
			t.Errorf("%q: error %v, want a SQLError", tt.text, err)
			continue
		}
		if e.Code != tt.code || !strings.Contains(e.Message, tt.message) {
			t.Errorf("%q: %s %q, want %s with %q", tt.text, e.Code, e.Message, tt.code, tt.message)
		}
		switch {
		case tt.at == "" && e.Position != nil:
			t.Errorf("%q: position %d, want none", tt.text, *e.Position)
		case tt.at != "" && (e.Position == nil || !strings.HasPrefix(tt.text[*e.Position:], tt.at)):
			t.Errorf("%q: position %v, want that of %q", tt.text, e.Position, tt.at)
		}
	}
}

func TestSessionStateEndsWithTheSession(t *testing.T) {
	t.Parallel()
	db := openFile(t, newFile(t, "CREATE TABLE t (id INTEGER PRIMARY KEY)"), false)
	first := newSession(t, db)
	mustRun(t, first, "CREATE TEMP TABLE mine (x)")
	mustRun(t, first, "PRAGMA case_sensitive_like = 1")
	mustRun(t, first, "BEGIN")
	mustRun(t, first, "INSERT INTO t VALUES (1)")
	mustRun(t, first, "INSERT INTO mine VALUES (1)")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := newSession(t, db)
	if got := mustRun(t, second, "SELECT count(*) FROM t").value(); got != "0" {
		t.Errorf("rows of the open transaction = %s, want 0", got)
	}
	if _, _, err := run(second, "SELECT * FROM mine"); err == nil {
		t.Error("the temporary table outlived its session")
	}
	if got := mustRun(t, second, "SELECT 'A' LIKE 'a'").value(); got != "1" {
		t.Error("a setting outlived its session")
	}
	if _, err := first.Exec(context.Background(), engine.Statement{Text: "SELECT 1"}, discard{}); codeOf(err) != domain.CodeConnection {
		t.Errorf("a closed session answered %v", err)
	}
}

func TestSessionsWaitTheirTurn(t *testing.T) {
	t.Parallel()
	db := openFile(t, newFile(t), true) // three sessions
	held := []engine.Session{newSession(t, db), newSession(t, db), newSession(t, db)}
	ctx, cancel := context.WithTimeoutCause(context.Background(), 50*time.Millisecond, errGone)
	defer cancel()
	if _, err := db.Session(ctx); !errors.Is(err, errGone) {
		t.Fatalf("a fourth session: error %v, want the cause", err)
	}
	time.AfterFunc(20*time.Millisecond, func() { _ = held[1].Close() })
	ctx, cancel2 := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel2()
	s, err := db.Session(ctx)
	if err != nil {
		t.Fatalf("after one was given back: %v", err)
	}
	mustRun(t, s, "SELECT 1")
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if err := db.Ping(context.Background()); err != nil {
		t.Errorf("ping with sessions in use: %v", err)
	}
}
