package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"dribble/domain"
)

// sqliteReaders is the number of reading connections: readers neither wait for
// the writer nor for each other in WAL mode.
const sqliteReaders = 8

// openSQLite opens or makes the file at path, readable by its owner alone.
func (s *Store) openSQLite(ctx context.Context, path string, shared bool) error {
	s.kind, s.dialect = KindSQLite, sqliteDialect{}
	path, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("find metadata file: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return unusable(path, err)
	}
	if err := s.lockFile(path, shared); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return errors.Join(unusable(path, err), s.Close())
	}
	if err := f.Close(); err != nil {
		return errors.Join(unusable(path, err), s.Close())
	}
	if s.write, err = sql.Open("sqlite", sqliteDSN(path, "immediate", "synchronous(NORMAL)")); err == nil {
		s.write.SetMaxOpenConns(1)
		s.read, err = sql.Open("sqlite", sqliteDSN(path, "deferred", "query_only(1)"))
	}
	if err != nil {
		return errors.Join(unusable(path, err), s.Close())
	}
	s.read.SetMaxOpenConns(sqliteReaders)
	s.read.SetMaxIdleConns(sqliteReaders)
	var tables int
	if err := s.write.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_schema").Scan(&tables); err != nil {
		return errors.Join(unusable(path, err), s.Close()) // a file of another kind
	}
	return nil
}

func sqliteDSN(path, lock, pragma string) string {
	q := url.Values{
		"_time_format": {"sqlite"}, "_timezone": {"UTC"}, "_txlock": {lock}, "_dqs": {"0"},
		"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "foreign_keys(1)", pragma},
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	return u.String()
}

// lockPatience is how long a start waits for the lock of a server that has ended.
const lockPatience = 500 * time.Millisecond

// lockFile keeps a second server process away from the file, since runs and
// caches of one would be unknown to the other.
func (s *Store) lockFile(path string, shared bool) error {
	f, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return unusable(path, err)
	}
	// A lock that was just given back may live on for a moment in a child process
	// that is between fork and exec.
	for end := time.Now().Add(lockPatience); ; time.Sleep(10 * time.Millisecond) {
		if err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err == nil {
			s.lock = f
			return nil
		}
		if shared || time.Now().After(end) {
			break
		}
	}
	err = errors.Join(err, f.Close())
	if shared {
		return nil
	}
	return &domain.Error{
		Code: domain.Conflict, Op: "db.Open", Err: err,
		Message: "Another Dribble server is using the metadata file " + path + ".",
		Hint:    "Stop that server, choose another data folder, or use PostgreSQL to run several servers.",
	}
}

func unusable(path string, err error) error {
	return &domain.Error{
		Code: domain.Unavailable, Op: "db.Open", Err: err,
		Message: "The metadata file " + path + " cannot be opened.",
		Hint:    "Check that it is a Dribble database and belongs to the user that runs Dribble.",
	}
}
