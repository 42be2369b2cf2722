package pool_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"strings"
	"testing"
	"time"

	_ "github.com/go-sql-driver/mysql"
	_ "github.com/jackc/pgx/v5/stdlib"

	"dribble/domain"
	"dribble/engine/all"
	"dribble/internal/testenv"
	"dribble/worker/pool"
)

// server is a real database server as the worker tests need it.
type server struct {
	engine   string
	start    func(testing.TB) testenv.Server
	driver   string // of the watching connection
	watch    func(testenv.Server) string
	running  string // counts the statements of a source's workers; takes its ID
	rows     string // a hundred thousand rows of ten columns
	endless  string // rows without end, none of them kept by the server
	endsIt   bool   // the server ends a lost worker's statement by itself
	sleepOne string // sleeps for longer than any test
}

func servers() []server {
	return []server{
		{
			engine: "postgres", start: testenv.Postgres, driver: "pgx", watch: testenv.Server.ConnString, endsIt: true,
			running: "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND application_name LIKE '%/' || $1",
			rows: "SELECT i, i * 2, i / 7.0, 'customer number ' || i, 'street ' || i, now(), i % 2 = 0, " +
				"json_build_object('key', i), NULL::text, i * 1.5e10 FROM generate_series(1, 100000) AS i",
			endless:  "SELECT generate_series(1, 100000000000), 'some text'",
			sleepOne: "SELECT pg_sleep(300)",
		},
		{
			engine: "mysql", start: testenv.MariaDB, driver: "mysql",
			watch: func(s testenv.Server) string { return s.MySQLConfig().FormatDSN() },
			running: "SELECT count(*) FROM information_schema.PROCESSLIST " +
				"WHERE ID <> CONNECTION_ID() AND INFO LIKE CONCAT('/* dribble app=%-', ?, ' %')",
			rows: "SELECT seq, seq * 2, seq / 7, concat('customer number ', seq), concat('street ', seq), now(), seq % 2 = 0, " +
				"json_object('key', seq), NULL, seq * 1.5e10 FROM seq_1_to_100000",
			endless:  "SELECT seq, 'some text' FROM seq_1_to_100000000000",
			sleepOne: "SELECT SLEEP(300)",
		},
	}
}

// onServer is a pool with a source on a fresh database of a real server.
type onServer struct {
	*bench
	server
	db *sql.DB
}

// eachServer runs a test against every real server.
func eachServer(t *testing.T, try func(*testing.T, *onServer)) {
	t.Helper()
	t.Parallel()
	for _, kind := range servers() {
		t.Run(kind.engine, func(t *testing.T) {
			t.Parallel()
			s := kind.start(t).NewDatabase(t)
			settings := s.Fields("disable")
			secret := map[string]string{"password": settings["password"]}
			delete(settings, "password")
			b := started(t, "", func(o *pool.Options) {
				o.Engines = all.Specs()
				o.Credentials = func(context.Context, string) (domain.Credentials, error) {
					return domain.NewCredentials(secret), nil
				}
			})
			b.src = domain.Source{ // the ID is in the server's process list, which others share
				ID: strings.ToLower(rand.Text()), Name: kind.engine, Engine: kind.engine, Settings: settings, Revision: 1,
			}
			db, err := sql.Open(kind.driver, kind.watch(s))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			try(t, &onServer{bench: b, server: kind, db: db})
		})
	}
}

// counts returns how many statements of the source the server runs.
func (s *onServer) counts(t *testing.T) int {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), soon)
	defer cancel()
	var n int
	if err := s.db.QueryRowContext(ctx, s.running, s.src.ID).Scan(&n); err != nil {
		t.Fatalf("read the process list: %v", err)
	}
	return n
}

// idle proves that the server runs nothing of the source, within a promise that
// counts from begin.
func (s *onServer) idle(t *testing.T, begin time.Time, promise time.Duration) {
	t.Helper()
	eventually(t, soon, "the statement to end in the server", func() bool { return s.counts(t) == 0 })
	took := time.Since(begin).Round(time.Millisecond)
	t.Logf("%s: nothing runs in the server after %v", s.engine, took)
	if took > within(promise) {
		t.Errorf("the statement ended in the server after %v, want at most %v", took, within(promise))
	}
}

// begun starts a run without end and returns when the server works on it.
func (s *onServer) begun(t *testing.T, lease *pool.Lease, text string) (ended <-chan finished) {
	t.Helper()
	ended = begin(t, lease, text)
	eventually(t, soon, "the statement to run in the server", func() bool { return s.counts(t) == 1 })
	return ended
}
