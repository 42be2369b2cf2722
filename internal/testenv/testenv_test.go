package testenv_test

import (
	"context"
	"database/sql"
	"net"
	"os"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/jackc/pgx/v5"

	"dribble/internal/testenv"
	"dribble/internal/testenv/service"
)

func TestPostgresGivesFreshDatabases(t *testing.T) {
	t.Parallel()
	server := testenv.Postgres(t)
	seen := map[string]bool{}
	for range 2 {
		db := server.NewDatabase(t)
		conn, err := pgx.Connect(t.Context(), db.ConnString())
		if err != nil {
			t.Fatal(err)
		}
		var name, tables string
		err = conn.QueryRow(t.Context(),
			"SELECT current_database(), count(*)::text FROM pg_tables WHERE schemaname = 'public'").Scan(&name, &tables)
		if err != nil {
			t.Fatal(err)
		}
		if name != db.Database || seen[name] || tables != "0" {
			t.Errorf("got database %q with %s tables, want a new empty %q", name, tables, db.Database)
		}
		seen[name] = true
		if err := conn.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

func TestMariaDBSpeaksTLS(t *testing.T) {
	t.Parallel()
	server := testenv.MariaDB(t).NewDatabase(t)
	cfg := server.MySQLConfig()
	cfg.TLSConfig = "skip-verify"
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	var name, cipher string
	if err := db.QueryRow("SHOW STATUS LIKE 'Ssl_cipher'").Scan(&name, &cipher); err != nil {
		t.Fatal(err)
	}
	if cipher == "" {
		t.Error("got no TLS cipher, want one")
	}
}

func TestRedisListens(t *testing.T) {
	t.Parallel()
	conn, err := net.Dial("tcp", testenv.Redis(t).Addr())
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
}

func TestChromiumIsAFile(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(testenv.Chromium(t)); err != nil {
		t.Error(err)
	}
}

func TestServerURLRoundTrip(t *testing.T) {
	t.Parallel()
	want := service.Server{
		Kind: service.KindPostgres, Version: "15.18", Host: "127.0.0.1", Port: 5432, Socket: "/run/a b",
		User: "u@x", Password: "p:/@ %", Database: "d", CAFile: "/ca", OtherCAFile: "/other", CertFile: "/c",
		KeyFile: "/k", CertUser: "cu", PlainUser: "pu", TLSUser: "tu", BarredUser: "bu",
	}
	got, err := service.Parse(service.KindPostgres, want.URL())
	if err != nil {
		t.Fatal(err)
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
