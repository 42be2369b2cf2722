// Package testenv gives tests the real servers they need.
//
// Run everything with one set of servers:
//
//	go run ./internal/testenv/run -- go test ./...
//
// or just one package; a server that is not running yet is then started once for
// that test process and ends with it:
//
//	go test ./engine/postgres
//
// In a test:
//
//	server := testenv.Postgres(t).NewDatabase(t) // fresh, empty, dropped at the end
//	conn, err := pgx.Connect(ctx, server.ConnString())
//
// If a program is not installed the test is skipped with the reason, unless
// DRIBBLE_TEST_REQUIRE (a comma list of postgres, mariadb, redis, chromium) names
// it: then it fails. No clean-up and no TestMain is needed.
//
// The variables that hand over running servers are DRIBBLE_TEST_POSTGRES,
// DRIBBLE_TEST_MARIADB and DRIBBLE_TEST_REDIS (addresses as service.Server.URL
// writes them, e.g. postgres://user:password@127.0.0.1:5432/postgres) and
// DRIBBLE_TEST_CHROMIUM (a path).
package testenv

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"

	"dribble/internal/testenv/service"
)

// Server is a running server; see service.Server for its fields.
type Server struct{ service.Server }

// started holds what this process has started. It is the one place where tests
// share state: a server is too slow to start for each of them.
type started struct {
	once   sync.Once
	server service.Server
	err    error
	// process is kept so that the pipe to the supervisor stays open until this
	// process ends.
	process *service.Process
}

//nolint:gochecknoglobals // one server per test process is the point of this package
var postgresOnce, mariadbOnce, redisOnce started

// Postgres returns a PostgreSQL server with TLS and client certificates.
func Postgres(t testing.TB) Server {
	t.Helper()
	return postgresOnce.use(t, service.KindPostgres, service.StartPostgres)
}

// MariaDB returns a MariaDB server with TLS and client certificates.
func MariaDB(t testing.TB) Server {
	t.Helper()
	return mariadbOnce.use(t, service.KindMariaDB, service.StartMariaDB)
}

// Redis returns a Redis server, shared with other tests.
func Redis(t testing.TB) Server {
	t.Helper()
	return redisOnce.use(t, service.KindRedis, service.StartRedis)
}

// Chromium returns the path of a Chromium browser.
func Chromium(t testing.TB) string {
	t.Helper()
	path, _, err := service.FindChromium()
	if err != nil {
		absent(t, service.KindChromium, err)
	}
	return path
}

func (s *started) use(t testing.TB, kind service.Kind,
	start func(context.Context) (service.Server, *service.Process, error),
) Server {
	t.Helper()
	s.once.Do(func() {
		server, ok, err := service.FromEnv(kind)
		if ok || err != nil {
			s.server, s.err = server, err
			return
		}
		// Not the test's context: the server outlives the test that asked first.
		s.server, s.process, s.err = start(context.Background())
	})
	if s.err != nil {
		absent(t, kind, s.err)
	}
	return Server{s.server}
}

// absent skips the test if the program is not installed and nobody requires it.
// Any other failure to start is a failure of the test.
func absent(t testing.TB, kind service.Kind, err error) {
	t.Helper()
	required := strings.Split(os.Getenv("DRIBBLE_TEST_REQUIRE"), ",")
	if !service.IsMissing(err) || slices.Contains(required, string(kind)) {
		t.Fatalf("%s is needed: %v (%s)", kind, err, kind.Install())
	}
	t.Skipf("SKIPPED: %s is not installed (%s)", kind, kind.Install())
}

// NewDatabase makes an empty database, drops it when the test ends and returns
// the server with Database set to it.
func (s Server) NewDatabase(t testing.TB) Server {
	t.Helper()
	s2 := s
	s2.Database = "t_" + strings.ToLower(rand.Text()[:12])
	switch s.Kind {
	case service.KindPostgres:
		s.runPostgres(t, "CREATE DATABASE "+s2.Database)
		t.Cleanup(func() { s.runPostgres(t, "DROP DATABASE IF EXISTS "+s2.Database+" WITH (FORCE)") })
	case service.KindMariaDB:
		s.runMariaDB(t, "CREATE DATABASE "+s2.Database)
		t.Cleanup(func() { s.runMariaDB(t, "DROP DATABASE IF EXISTS "+s2.Database) })
	default:
		t.Fatalf("%s has no databases to make", s.Kind)
	}
	return s2
}

// ConnString is a PostgreSQL connection string without TLS.
func (s Server) ConnString() string {
	return fmt.Sprintf("host=%s port=%d user=%s password='%s' database=%s sslmode=disable",
		s.Host, s.Port, s.User, s.Password, s.Database)
}

// MySQLConfig is a driver configuration without TLS.
func (s Server) MySQLConfig() *mysql.Config {
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.User, cfg.Passwd, cfg.DBName = "tcp", s.Addr(), s.User, s.Password, s.Database
	return cfg
}

// Fields are the connection fields of an engine's form: host, port, database,
// user, password, and sslmode as given (left out if empty).
func (s Server) Fields(sslmode string) map[string]string {
	f := map[string]string{
		"host": s.Host, "port": strconv.Itoa(s.Port), "database": s.Database, "user": s.User, "password": s.Password,
	}
	if sslmode != "" {
		f["sslmode"] = sslmode
	}
	return f
}

// PEM reads one of the server's certificate files.
func (s Server) PEM(t testing.TB, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("read certificate: %v", err)
	}
	return string(text)
}

func (s Server) runPostgres(t testing.TB, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.ConnString())
	if err != nil {
		t.Fatalf("connect to PostgreSQL: %v", err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func (s Server) runMariaDB(t testing.TB, statement string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s.Database = ""
	connector, err := mysql.NewConnector(s.MySQLConfig())
	if err != nil {
		t.Fatalf("configure MariaDB: %v", err)
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}
