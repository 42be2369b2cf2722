// Package db is the metadata store: everything Dribble remembers beside result
// rows, kept in embedded SQLite or in PostgreSQL through one SQL text. Each method
// is scoped by the domain.Principal it gets, so no row of another workspace is
// seen or changed. It knows nothing of HTTP, of workers, or of the databases that
// people query.
//
// IDs are UUIDv7 and times UTC with microseconds, both made here and not by the
// database. Failures that have a public face are *domain.Error; all others are
// plain wrapped errors and mean domain.Internal.
package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"

	"dribble/domain"
)

// Kinds of metadata database.
const (
	KindSQLite   = "sqlite"
	KindPostgres = "postgres"
)

// Options say where the store is and how its secrets are sealed.
type Options struct {
	// URL is postgres://… for PostgreSQL. Anything else is the path of a SQLite
	// file; if empty, Path is.
	URL  string
	Path string
	// Keys seal the secrets. Open needs them, Migrate does not.
	Keys *Keyring
	Log  *slog.Logger // nil logs nowhere
	// Shared lets a short administrative command use a SQLite file while a
	// server has it open. It then neither locks nor migrates it.
	Shared bool
}

// Store is the open metadata store, safe for concurrent use.
type Store struct {
	kind    string
	write   *sql.DB // the one writer on SQLite
	read    *sql.DB // the same pool as write on PostgreSQL
	dialect dialect
	keys    *Keyring
	log     *slog.Logger
	lock    *os.File // the held lock beside a SQLite file
	server  string   // marks the runs of this process
	closing sync.Once
	alive   *sql.Conn // PostgreSQL: its session lock tells other servers that we live
}

// Open opens the store and brings its schema up to date; several servers starting
// at once on one PostgreSQL take turns. The caller must Close it.
//
// It is domain.Conflict if another server process has the SQLite file open or the
// schema is newer than this program, domain.Invalid if the address or the keys do
// not fit, domain.Unavailable if the database cannot be reached.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.Keys == nil {
		return nil, errors.New("db.Open: Options.Keys is missing")
	}
	s, err := connect(ctx, o)
	if err != nil {
		return nil, err
	}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// connect opens the database without looking at its schema.
func connect(ctx context.Context, o Options) (*Store, error) {
	s := &Store{keys: o.Keys, log: o.Log}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	scheme, _, found := strings.Cut(o.URL, "://")
	switch {
	case found && (scheme == "postgres" || scheme == "postgresql"):
		return s, s.openPostgres(ctx, o.URL)
	case found:
		return nil, domain.FieldError("database-url", "The metadata database must be a postgres:// address or the path of a SQLite file, not %s://.", scheme)
	case o.URL != "":
		return s, s.openSQLite(ctx, o.URL, o.Shared)
	case o.Path != "":
		return s, s.openSQLite(ctx, o.Path, o.Shared)
	}
	return nil, domain.FieldError("database-url", "The metadata database needs an address or a file path.")
}

// prepare migrates and checks that every secret can be opened.
func (s *Store) prepare(ctx context.Context) error {
	if err := s.up(ctx); err != nil {
		return err
	}
	if err := s.checkKeys(ctx); err != nil {
		return err
	}
	return s.markAlive(ctx)
}

// Kind tells which database this is: KindSQLite or KindPostgres.
func (s *Store) Kind() string { return s.kind }

// Ping proves that the database answers.
func (s *Store) Ping(ctx context.Context) error {
	var one int
	return fail("ping", s.read.QueryRowContext(ctx, "SELECT 1").Scan(&one))
}

// Close gives the database back. The Store is of no use afterwards; closing again
// does nothing.
func (s *Store) Close() error {
	var err error
	s.closing.Do(func() { err = s.close() })
	return err
}

func (s *Store) close() error {
	var errs []error
	errs = append(errs, s.unmarkAlive())
	if s.read != nil && s.read != s.write {
		errs = append(errs, s.read.Close())
	}
	if s.write != nil {
		errs = append(errs, s.write.Close())
	}
	if s.lock != nil {
		errs = append(errs, s.lock.Close()) // gives up the lock with the file
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close metadata store: %w", err)
	}
	return nil
}
