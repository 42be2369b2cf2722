package db_test

import (
	"database/sql"
	"errors"
	"net/url"
	"path/filepath"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"dribble/db"
	"dribble/domain"
	"dribble/internal/testenv"
)

// env is a fresh store with its own database.
type env struct {
	*db.Store
	options db.Options
	keyFile string
	p       domain.Principal
	raw     *sql.DB // beside the store, to look and to plant
}

// onBoth runs a test on SQLite and on PostgreSQL.
func onBoth(t *testing.T, test func(t *testing.T, e env)) {
	t.Helper()
	t.Parallel()
	for _, kind := range []string{db.KindSQLite, db.KindPostgres} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			test(t, newEnv(t, kind))
		})
	}
}

func newEnv(t *testing.T, kind string) env {
	t.Helper()
	e := env{}
	e.options, e.keyFile = newOptions(t, kind)
	e.Store = open(t, e.options)
	e.raw = rawDB(t, e.options)
	var err error
	if e.p, err = e.EnsureLocal(t.Context()); err != nil {
		t.Fatalf("EnsureLocal: %v", err)
	}
	return e
}

// newOptions names an empty database and a new key file.
func newOptions(t *testing.T, kind string) (o db.Options, keyFile string) {
	t.Helper()
	dir := t.TempDir()
	keyFile = filepath.Join(dir, "keys")
	keys, err := db.LoadKeyring(keyFile)
	if err != nil {
		t.Fatalf("LoadKeyring: %v", err)
	}
	if kind == db.KindSQLite {
		return db.Options{Path: filepath.Join(dir, "dribble.db"), Keys: keys}, keyFile
	}
	server := testenv.Postgres(t).NewDatabase(t)
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(server.User, server.Password), Host: server.Addr(),
		Path: "/" + server.Database, RawQuery: "sslmode=disable",
	}
	return db.Options{URL: u.String(), Keys: keys}, keyFile
}

func open(t *testing.T, o db.Options) *db.Store {
	t.Helper()
	s, err := db.Open(t.Context(), o)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

func rawDB(t *testing.T, o db.Options) *sql.DB {
	t.Helper()
	driver, dsn := "pgx", o.URL
	if o.URL == "" {
		driver, dsn = "sqlite", "file://"+o.Path+"?_time_format=sqlite&_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)"
	}
	raw, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	return raw
}

func (e env) exec(t *testing.T, statement string, args ...any) {
	t.Helper()
	if _, err := e.raw.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// stranger plants a second workspace with a user of its own.
func (e env) stranger(t *testing.T) domain.Principal {
	t.Helper()
	p := domain.Principal{WorkspaceID: "w2", UserID: "u2", UserName: "Stranger", Role: domain.RoleAdmin}
	at := e.p.UserID // any row's time will do
	e.exec(t, "INSERT INTO users (id, name, created_at) SELECT 'u2', 'Stranger', created_at FROM users WHERE id = $1", at)
	e.exec(t, "INSERT INTO workspaces (id, name, created_at) SELECT 'w2', 'Elsewhere', created_at FROM users WHERE id = $1", at)
	e.exec(t, "INSERT INTO members (workspace_id, user_id, role, created_at) SELECT 'w2', 'u2', 'admin', created_at FROM users WHERE id = $1", at)
	return p
}

func (e env) source(t *testing.T, name string) domain.Source {
	t.Helper()
	src, err := e.CreateSource(t.Context(), e.p, domain.Source{
		Name: name, Engine: "postgres", IsActive: true, Settings: map[string]string{"host": "db.example"},
	}, map[string]string{"password": "hunter2hunter2"})
	if err != nil {
		t.Fatalf("CreateSource: %v", err)
	}
	return src
}

func (e env) query(t *testing.T, name, text string) domain.Query {
	t.Helper()
	q, err := e.CreateQuery(t.Context(), e.p, domain.Query{Name: name, SQL: text}, domain.TriggerManual)
	if err != nil {
		t.Fatalf("CreateQuery: %v", err)
	}
	return q
}

func wantCode(t *testing.T, what string, err error, want domain.Code) {
	t.Helper()
	if got := domain.CodeOf(err); got != want {
		t.Errorf("%s: got code %q (%v), want %q", what, got, err, want)
	}
}

func must[T any](t *testing.T, what string) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		return v
	}
}

func asError(err error) (*domain.Error, bool) {
	var e *domain.Error
	ok := errors.As(err, &e)
	return e, ok
}
