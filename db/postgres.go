package db

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
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
	// Keep-alives let PostgreSQL notice within 90 s that our whole machine is gone.
	if _, err := conn.ExecContext(ctx, `
		SELECT pg_advisory_lock($1), set_config('tcp_keepalives_idle', '60', FALSE),
			set_config('tcp_keepalives_interval', '10', FALSE), set_config('tcp_keepalives_count', '3', FALSE)`, number); err != nil {
		return errors.Join(fail("mark server alive", err), conn.Close())
	}
	s.alive = conn
	return nil
}

// unmarkAlive gives the lock up at once: PostgreSQL would notice the closed
// connection only a little later, and a server started meanwhile would take our
// open runs for living ones.
func (s *Store) unmarkAlive() error {
	if s.alive == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if _, err := s.alive.ExecContext(ctx, "SELECT pg_advisory_unlock_all()"); err != nil {
		_ = s.alive.Close()
		return nil //nolint:nilerr // the connection is lost, and the lock with it
	}
	return s.alive.Close()
}

// deathWait is how long PostgreSQL may take to notice that a process has died,
// when it is started again at once.
const deathWait = time.Second

// isDead reports whether the server process of that number has ended, or does so
// before the deadline.
func (s *Store) isDead(ctx context.Context, server string, deadline time.Time) (bool, error) {
	if s.kind != KindPostgres || server == s.server {
		return true, nil // SQLite has one process, and it has just begun
	}
	number, err := strconv.ParseInt(server, 10, 64)
	if err != nil {
		return false, fmt.Errorf("read server number: %w", err)
	}
	for {
		var free bool
		// The transaction's lock ends with the statement.
		err = s.write.QueryRowContext(ctx, "SELECT pg_try_advisory_xact_lock($1)", number).Scan(&free)
		if err != nil || free || time.Now().After(deadline) {
			return free, fail("look for server", err)
		}
		select {
		case <-ctx.Done():
			return false, fail("look for server", ctx.Err())
		case <-time.After(deathWait / 10):
		}
	}
}
