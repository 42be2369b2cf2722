package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"sync/atomic"
	"time"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// Bounds of a connection. They keep one statement from eating the worker.
const (
	maxValue    = 64 << 20        // bytes of one text or blob, also in between
	maxSQL      = 2 << 20         // bytes of a statement
	maxLike     = 4096            // bytes of a LIKE pattern; long ones are quadratic
	busyTimeout = 5 * time.Second // wait for another program's lock
)

// conn is one SQLite connection. It belongs to one goroutine at a time; only
// the interrupt of watch comes from another.
type conn struct {
	tls     *libc.TLS
	db      uintptr
	scratch uintptr
	file    fs.FileInfo // the file as it was when opened
	guard   guard

	authorizer authorizerFunc // held for SQLite
	busy       busyFunc       // held for SQLite
	busySince  time.Time
	cancelled  atomic.Bool

	cells [][]byte // of the current row
	hex   []byte   // backs the current row's blobs
}

// openConn opens an existing regular file. The error is a *domain.SQLError or
// from the file system.
func openConn(path string, readOnly bool) (*conn, error) {
	info, err := statDatabase(path)
	if err != nil {
		return nil, err
	}
	c := &conn{tls: libc.NewTLS(), file: info, guard: guard{readOnly: readOnly}}
	if err := c.open(path); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *conn) open(path string) error {
	if c.scratch = lib.Xsqlite3_malloc64(c.tls, slots); c.scratch == 0 {
		return errMemory
	}
	name, err := c.copyIn(path)
	if err != nil {
		return err
	}
	defer c.release(name)
	// No CREATE and no URI: the field names one existing file and nothing else.
	// NOMUTEX: a connection is used by one goroutine at a time.
	flags := int32(lib.SQLITE_OPEN_READWRITE | lib.SQLITE_OPEN_NOMUTEX | lib.SQLITE_OPEN_EXRESCODE)
	if c.guard.readOnly {
		flags = lib.SQLITE_OPEN_READONLY | lib.SQLITE_OPEN_NOMUTEX | lib.SQLITE_OPEN_EXRESCODE
	}
	rc := lib.Xsqlite3_open_v2(c.tls, name, c.slot(0), flags, 0)
	c.db = c.loaded(0)
	if rc != lib.SQLITE_OK {
		return c.failure(rc)
	}
	return c.harden()
}

// harden sets limits, safety options and callbacks.
func (c *conn) harden() error {
	for id, bound := range map[int32]int32{
		lib.SQLITE_LIMIT_LENGTH:              maxValue,
		lib.SQLITE_LIMIT_SQL_LENGTH:          maxSQL,
		lib.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: maxLike,
		lib.SQLITE_LIMIT_WORKER_THREADS:      0,
	} {
		lib.Xsqlite3_limit(c.tls, c.db, id, bound)
	}
	err := errors.Join(
		// A file's own schema must not be able to do harm, nor SQL to break the file.
		c.configure(lib.SQLITE_DBCONFIG_DEFENSIVE, true),
		c.configure(lib.SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
		c.configure(lib.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, false),
		// Foreign keys that the file declares hold.
		c.configure(lib.SQLITE_DBCONFIG_ENABLE_FKEY, true),
		// A misspelt "column" is an error, not a string; as in the sqlite3 shell.
		c.configure(lib.SQLITE_DBCONFIG_DQS_DML, false),
	)
	if err != nil {
		return err
	}
	if c.guard.readOnly {
		if err := c.query("PRAGMA query_only = 1", nil, nil); err != nil {
			return err
		}
	}
	c.busy = c.waitForLock
	c.setBusyHandler()
	c.authorizer = c.guard.authorize
	lib.Xsqlite3_set_authorizer(c.tls, c.db, authorizerPointer(&c.authorizer), 0)
	return nil
}

// setBusyHandler installs the wait for locks. PRAGMA busy_timeout replaces it,
// so it is set again before each statement.
func (c *conn) setBusyHandler() {
	lib.Xsqlite3_busy_handler(c.tls, c.db, busyPointer(&c.busy), 0)
}

// waitForLock is SQLite's busy callback: it waits a little and says 1 to try
// again, 0 to give up. A cancelled statement gives up at once.
func (c *conn) waitForLock(_ *libc.TLS, _ uintptr, count int32) int32 {
	if count == 0 {
		c.busySince = time.Now()
	}
	if c.cancelled.Load() || time.Since(c.busySince) >= busyTimeout {
		return 0
	}
	time.Sleep(time.Duration(min(count+1, 25)) * time.Millisecond)
	return 1
}

// watch makes the end of ctx interrupt whatever runs on the connection until
// the returned function is called. SQLite forgets an interrupt that comes before
// a statement's first step, so it is repeated.
func (c *conn) watch(ctx context.Context) (unwatch func()) {
	c.cancelled.Store(false)
	done, ended := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		c.cancelled.Store(true)
		again := time.NewTicker(5 * time.Millisecond)
		defer again.Stop()
		for {
			lib.Xsqlite3_interrupt(c.tls, c.db)
			select {
			case <-done:
				return
			case <-again.C:
			}
		}
	})
	return func() {
		close(done)
		if !stop() {
			<-ended
		}
	}
}

// autocommit reports whether no transaction is open.
func (c *conn) autocommit() bool { return lib.Xsqlite3_get_autocommit(c.tls, c.db) != 0 }

// fileReadOnly reports whether SQLite could open the file only for reading.
func (c *conn) fileReadOnly() bool { return lib.Xsqlite3_db_readonly(c.tls, c.db, 0) != 0 }

// close closes the connection, which rolls back anything open.
func (c *conn) close() {
	if c.db != 0 {
		lib.Xsqlite3_close_v2(c.tls, c.db)
		c.db = 0
	}
	if c.scratch != 0 {
		c.release(c.scratch)
		c.scratch = 0
	}
	c.tls.Close()
}
