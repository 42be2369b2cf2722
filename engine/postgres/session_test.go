package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"dribble/domain"
	"dribble/engine"
	"dribble/engine/postgres"
	"dribble/internal/testenv"
	"dribble/result"
)

// sink keeps columns and rows as text.
type sink struct {
	columns []result.Column
	rows    [][]string
}

func (s *sink) Columns(cols []result.Column) error { s.columns = cols; return nil }
func (s *sink) Notice(string)                      {}
func (s *sink) Row(cells [][]byte) error {
	row := make([]string, len(cells))
	for i, c := range cells {
		row[i] = string(c)
	}
	s.rows = append(s.rows, row)
	return nil
}

func openDB(t testing.TB, fields map[string]string, change func(*engine.Config)) engine.DB {
	t.Helper()
	cfg := engine.Config{Fields: fields, MaxConns: 3, AppName: t.Name()[:min(40, len(t.Name()))]}
	if change != nil {
		change(&cfg)
	}
	db, err := postgres.New().Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func newSession(t testing.TB, db engine.DB) engine.Session {
	t.Helper()
	s, err := db.Session(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func run(t testing.TB, s engine.Session, text string) *sink {
	t.Helper()
	out := &sink{}
	if _, err := s.Exec(context.Background(), engine.Statement{Text: text}, out); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}

func TestCopyIsRefusedAndTheSessionLives(t *testing.T) {
	t.Parallel()
	s := newSession(t, openDB(t, testenv.Postgres(t).NewDatabase(t).Fields("disable"), nil))
	run(t, s, "CREATE TABLE c (a int)")
	for _, text := range []string{
		"COPY c FROM STDIN", "copy c to stdout", "/* x */ COPY (SELECT 1) TO STDOUT", "-- x\n COPY c FROM '/etc/passwd'", "COPY",
	} {
		_, err := s.Exec(t.Context(), engine.Statement{Text: text}, &sink{})
		var e *domain.SQLError
		if !errors.As(err, &e) || !strings.Contains(e.Message, "COPY is not available") {
			t.Errorf("%s: got %v, want a refusal", text, err)
		}
		run(t, s, "SELECT 1")
	}
}

// TestTypeOfOpenTransaction: a type that only the user's own transaction can see
// must neither fail the statement nor disturb the transaction.
func TestTypeOfOpenTransaction(t *testing.T) {
	t.Parallel()
	s := newSession(t, openDB(t, testenv.Postgres(t).NewDatabase(t).Fields("disable"), nil))
	run(t, s, "BEGIN")
	run(t, s, "CREATE TYPE fresh AS ENUM ('a')")
	got := run(t, s, "SELECT 'a'::fresh AS v")
	if got.rows[0][0] != "a" || !strings.HasPrefix(got.columns[0].Type, "oid ") {
		t.Errorf("got %+v, want the value with a type known by number", got)
	}
	run(t, s, "COMMIT")
	if got := run(t, s, "SELECT 'a'::fresh AS v"); got.columns[0].Type != "fresh" {
		t.Errorf("after COMMIT: got type %q, want fresh", got.columns[0].Type)
	}
}

// TestCancelAlwaysStops repeats the case in which PostgreSQL loses a single
// cancel request: a statement that is being compiled.
func TestCancelAlwaysStops(t *testing.T) { // not parallel: its bound is the promise, kept on an idle package
	s := newSession(t, openDB(t, testenv.Postgres(t).Fields("disable"), nil))
	run(t, s, "SET jit_above_cost = 0")
	run(t, s, "SET jit_optimize_above_cost = 0")
	run(t, s, "SET jit_inline_above_cost = 0")
	var worst time.Duration
	stopped, tries := 0, 0
	for _, delay := range []time.Duration{1, 5, 20} {
		for range 8 {
			tries++
			ctx, cancel := context.WithTimeout(t.Context(), delay*time.Millisecond)
			began := time.Now()
			_, err := s.Exec(ctx, engine.Statement{Text: busy}, &sink{})
			took := time.Since(began) - delay*time.Millisecond
			cancel()
			worst = max(worst, took)
			if errors.Is(err, context.DeadlineExceeded) && took < time.Second {
				stopped++
			}
			run(t, s, "SELECT 1")
		}
	}
	fmt.Printf("postgres: cancels during compilation honoured: %d of %d, worst %v\n", stopped, tries, worst.Round(time.Millisecond))
	if stopped != tries {
		t.Errorf("stopped %d of %d", stopped, tries)
	}
}

// TestStubbornBackend: a backend that ignores cancel requests is terminated, and
// the session says so.
func TestStubbornBackend(t *testing.T) {
	t.Parallel()
	db := openDB(t, testenv.Postgres(t).NewDatabase(t).Fields("disable"), nil)
	s := newSession(t, db)
	// The function swallows every cancel and goes on.
	run(t, s, `CREATE FUNCTION stubborn() RETURNS int LANGUAGE plpgsql AS $$
		BEGIN
			LOOP
				BEGIN PERFORM pg_sleep(60);
				EXCEPTION WHEN query_canceled THEN NULL;
				END;
			END LOOP;
		END $$`)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := s.Exec(ctx, engine.Statement{Text: "SELECT stubborn()"}, &sink{})
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v, want the backend terminated after about 2 s", took)
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the context's cause", err)
	}
	var e *domain.SQLError
	if _, err := s.Exec(t.Context(), engine.Statement{Text: "SELECT 1"}, &sink{}); !errors.As(err, &e) || e.Code != domain.CodeConnection {
		t.Errorf("the lost session: got %v, want code %q", err, domain.CodeConnection)
	}
	run(t, newSession(t, db), "SELECT 1")
}

// TestSessionParameters holds what sign-in sets, and that nothing else is changed.
func TestSessionParameters(t *testing.T) {
	t.Parallel()
	s := newSession(t, openDB(t, testenv.Postgres(t).Fields("disable"), nil))
	for name, want := range map[string]string{
		"client_connection_check_interval": "1s", "DateStyle": "ISO, MDY", "IntervalStyle": "postgres", "client_encoding": "UTF8",
		"application_name": "TestSessionParameters", "extra_float_digits": "1",
	} {
		if got := run(t, s, "SHOW "+name).rows[0][0]; got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestLongRowIsRefused(t *testing.T) {
	t.Parallel()
	db := openDB(t, testenv.Postgres(t).Fields("disable"), nil)
	s := newSession(t, db)
	var parts []string
	for i := range 60 {
		parts = append(parts, fmt.Sprintf("repeat('x', 900000) AS c%d", i))
	}
	_, err := s.Exec(t.Context(), engine.Statement{Text: "SELECT " + strings.Join(parts, ", "), MaxCell: 1 << 20}, &sink{})
	var e *domain.SQLError
	if !errors.As(err, &e) || !strings.Contains(e.Message, "row of the result") {
		t.Errorf("got %v, want a refusal of the long row", err)
	}
	run(t, newSession(t, db), "SELECT 1")
}

// TestManySessionsAtOnce looks for races: sessions of one database with unknown
// types, keys, cancels and errors at the same time.
func TestManySessionsAtOnce(t *testing.T) {
	t.Parallel()
	db := openDB(t, testenv.Postgres(t).NewDatabase(t).Fields("disable"), nil)
	setup := newSession(t, db)
	run(t, setup, "CREATE TYPE shade AS ENUM ('dark')")
	run(t, setup, "CREATE TABLE shades (id bigint PRIMARY KEY, s shade)")
	run(t, setup, "INSERT INTO shades VALUES (1, 'dark')")
	var wait sync.WaitGroup
	for i := range 12 {
		wait.Go(func() {
			s, err := db.Session(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = s.Close() }()
			out := &sink{}
			if _, err := s.Exec(t.Context(), engine.Statement{Text: "SELECT id, s FROM shades"}, out); err != nil {
				t.Error(err)
				return
			}
			if !out.columns[0].Key || out.columns[1].Type != "shade" {
				t.Errorf("got columns %+v, want a key and type shade", out.columns)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i)*5*time.Millisecond)
			defer cancel()
			if _, err := s.Exec(ctx, engine.Statement{Text: "SELECT pg_sleep(30)"}, out); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want the context's cause", err)
			}
		})
	}
	wait.Wait()
}

// TestEnvironmentIsIgnored: what the driver would read from the environment must
// not reach a user's connection.
func TestEnvironmentIsIgnored(t *testing.T) {
	server := testenv.Postgres(t)
	for name, value := range map[string]string{
		"PGHOST": "elsewhere.invalid", "PGPORT": "1", "PGUSER": "eve", "PGPASSWORD": "x", "PGDATABASE": "x", "PGSSLMODE": "verify-full",
		"PGOPTIONS": "-c search_path=evil", "PGAPPNAME": "eve", "PGTARGETSESSIONATTRS": "standby", "PGCHANNELBINDING": "require",
		"PGREQUIREAUTH": "none", "PGSSLNEGOTIATION": "direct",
	} {
		t.Setenv(name, value)
	}
	s := newSession(t, openDB(t, server.Fields("disable"), nil))
	if got := run(t, s, "SELECT current_user || ' ' || current_setting('search_path')").rows[0][0]; got != server.User+` "$user", public` {
		t.Errorf("got %q", got)
	}
}

func TestUnixSocket(t *testing.T) {
	t.Parallel()
	server := testenv.Postgres(t)
	if server.Socket == "" {
		t.Skip("the server has no socket that is known")
	}
	fields := server.Fields("prefer")
	fields["host"], fields["password"] = server.Socket, ""
	db := openDB(t, fields, nil)
	info, err := db.Check(t.Context(), func(engine.CheckStep) {})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(info.TLS, "TLS not") {
		t.Errorf("got %q, want no TLS", info.TLS)
	}
	s := newSession(t, db)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := s.Exec(ctx, engine.Statement{Text: "SELECT pg_sleep(20)"}, &sink{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("cancel over the socket: got %v", err)
	}
}
