package service

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/jackc/pgx/v5"
)

const (
	testUser     = "dribble_test"
	testPassword = "test-Passw0rd of dribble"
)

// postgresHBA lets the test account in by password from loopback, with TLS and
// without, and gives the special accounts of Server their rules.
const postgresHBA = `local   all all                       trust
host    all barred_user 127.0.0.1/32 reject
hostssl all cert_user  127.0.0.1/32 cert
hostssl all plain_user 127.0.0.1/32 reject
hostnossl all tls_user 127.0.0.1/32 reject
host    all all        127.0.0.1/32 scram-sha-256
`

// Durability is off: the data lives as long as the test run.
const postgresConf = `listen_addresses = '127.0.0.1'
port = %d
unix_socket_directories = '%s'
max_connections = 300
shared_buffers = 64MB
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum_naptime = 20s
ssl = on
ssl_ca_file = '%s'
ssl_cert_file = '%s'
ssl_key_file = '%s'
jit = on
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
`

// postgresSetup makes the accounts of Server.
const postgresSetup = `
CREATE ROLE cert_user LOGIN;
CREATE ROLE plain_user LOGIN PASSWORD '%[1]s';
CREATE ROLE tls_user LOGIN PASSWORD '%[1]s';
CREATE ROLE barred_user LOGIN PASSWORD '%[1]s';
ALTER ROLE %[2]s PASSWORD '%[1]s'`

// StartPostgres starts a private PostgreSQL. It returns when the server answers.
func StartPostgres(ctx context.Context) (Server, *Process, error) {
	bin, err := find("postgres", "/usr/lib/postgresql/*/bin/postgres", "/usr/pgsql-*/bin/postgres",
		"/opt/homebrew/opt/postgresql*/bin/postgres")
	if err != nil {
		return Server{}, nil, err
	}
	h, err := newHome(KindPostgres, "postgres")
	if err != nil {
		return Server{}, nil, err
	}
	s := Server{
		Kind: KindPostgres, Version: versionOf(bin), Host: "127.0.0.1", Socket: h.dir, User: testUser,
		Password: testPassword, Database: "postgres", PlainUser: "plain_user", TLSUser: "tls_user",
		BarredUser: "barred_user",
	}
	p, err := startPostgres(ctx, h, bin, &s)
	if err != nil {
		h.remove()
		return Server{}, nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	return s, p, nil
}

func startPostgres(ctx context.Context, h home, bin string, s *Server) (*Process, error) {
	err := h.run(ctx, filepath.Join(filepath.Dir(bin), "initdb"), "--pgdata="+h.path("data"), "--username="+testUser,
		"--encoding=UTF8", "--locale=C", "--no-sync", "--auth=trust")
	if err != nil {
		return nil, err
	}
	if s.Port, err = freePort(); err != nil {
		return nil, err
	}
	cert, key, err := writeCerts(s, h.dir)
	if err != nil {
		return nil, err
	}
	conf := fmt.Sprintf(postgresConf, s.Port, h.dir, s.CAFile, cert, key)
	if err := h.write("data/postgresql.conf", conf); err != nil {
		return nil, err
	}
	if err := h.write("data/pg_hba.conf", postgresHBA); err != nil {
		return nil, err
	}
	if err := h.own(); err != nil {
		return nil, fmt.Errorf("own folder: %w", err)
	}
	p, err := h.start("INT", bin, "-D", h.path("data"))
	if err != nil {
		return nil, err
	}
	if err := p.waitReady(ctx, func() error { return setupPostgres(ctx, *s) }); err != nil {
		p.Stop()
		return nil, err
	}
	return p, nil
}

func setupPostgres(ctx context.Context, s Server) error {
	conn, err := pgx.Connect(ctx, fmt.Sprintf("host=%s port=%d user=%s database=postgres", s.Socket, s.Port, s.User))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, fmt.Sprintf(postgresSetup, s.Password, s.User))
	return err
}
