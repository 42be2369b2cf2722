package db

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"dribble/domain"
)

// postgresConns bounds the connections of one server process.
const postgresConns = 16

func (s *Store) openPostgres(ctx context.Context, address string) error {
	s.kind, s.dialect = KindPostgres, postgresDialect{}
	config, err := pgx.ParseConfig(address)
	if err != nil {
		// The parser's own text may repeat the address, password included.
		return domain.FieldError("database-url", "The address of the metadata database is not a valid postgres:// address.")
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "dribble"
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second
	}
	s.write = stdlib.OpenDB(*config)
	s.write.SetMaxOpenConns(postgresConns)
	s.write.SetMaxIdleConns(postgresConns / 2)
	s.write.SetConnMaxIdleTime(5 * time.Minute)
	s.read = s.write
	if err := s.Ping(ctx); err != nil {
		_ = s.Close() // it never opened
		return err
	}
	return nil
}

// markAlive gives this process a number and, on PostgreSQL, holds the advisory
// lock of that number for as long as the process lives. InterruptRuns of another
// server tells by it whose runs are orphans. Connection poolers that share
// sessions between clients break it.
func (s *Store) markAlive(ctx context.Context) error {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	number := int64(binary.BigEndian.Uint64(b[:]) >> 1)
	s.server = strconv.FormatInt(number, 10)
	if s.kind != KindPostgres {
		return nil
	}
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return fail("mark server alive", err)
	}
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock($1)", number); err != nil {
		_ = conn.Close()
		return fail("mark server alive", err)
	}
	s.alive = conn
	return nil
}

// isDead reports whether the server process of that number has ended.
func (s *Store) isDead(ctx context.Context, server string) (bool, error) {
	if s.kind != KindPostgres || server == s.server {
		return true, nil // SQLite has one process, and it has just begun
	}
	number, err := strconv.ParseInt(server, 10, 64)
	if err != nil {
		return false, fmt.Errorf("read server number: %w", err)
	}
	var free bool
	// The transaction's lock ends with the statement.
	err = s.write.QueryRowContext(ctx, "SELECT pg_try_advisory_xact_lock($1)", number).Scan(&free)
	return free, fail("look for server", err)
}
