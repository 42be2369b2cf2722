package postgres

import (
	"context"
	"errors"
	"sync"

	"dribble/domain"
	"dribble/engine"
)

// errClosed is the reason for stopping statements when the database is closed
// under them.
var errClosed = errors.New("postgres: database closed")

// database is one PostgreSQL database and its sessions.
type database struct {
	set   settings
	side  *sideConns
	types *typeNames
	keys  *keyColumns
	slots chan struct{} // holds a token per session in use
	// life ends when the database is closed and ends all statements.
	life context.Context //nolint:containedctx // it is the database's own life, not a caller's
	end  context.CancelCauseFunc

	mu      sync.Mutex
	idle    []*conn
	running sync.WaitGroup // statements
	closed  bool
}

var _ engine.DB = (*database)(nil)

func newDatabase(set settings) *database {
	side := &sideConns{set: set}
	db := &database{
		set: set, side: side, slots: make(chan struct{}, set.maxConns),
		types: newTypeNames(side), keys: newKeyColumns(side),
	}
	db.life, db.end = context.WithCancelCause(context.Background())
	return db
}

// Session waits for one of the MaxConns places and connects if no idle
// connection is left. Its error is a *domain.SQLError, or ctx's cause.
func (db *database) Session(ctx context.Context) (engine.Session, error) {
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	select {
	case db.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-db.life.Done():
		return nil, db.closedError()
	}
	c, err := db.take(ctx)
	if err != nil {
		<-db.slots
		return nil, err
	}
	return &session{db: db, conn: c}, nil
}

// take returns an idle connection that still lives, or a new one.
func (db *database) take(ctx context.Context) (*conn, error) {
	for {
		db.mu.Lock()
		if db.closed {
			db.mu.Unlock()
			return nil, db.closedError()
		}
		last := len(db.idle) - 1
		if last < 0 {
			db.mu.Unlock()
			break
		}
		c := db.idle[last]
		db.idle = db.idle[:last]
		db.mu.Unlock()
		if c.alive() {
			return c, nil
		}
		c.close()
	}
	c, err := connect(ctx, db.set)
	if err == nil {
		return c, nil
	}
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	return nil, db.set.connectError(err)
}

// give takes a session's connection back. One that cannot be proven clean is
// closed.
func (db *database) give(c *conn) {
	defer func() { <-db.slots }()
	if c.reset() != nil {
		c.close()
		return
	}
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		c.close()
		return
	}
	db.idle = append(db.idle, c)
}

// begin registers a running statement; false if the database is closed.
func (db *database) begin() bool {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return false
	}
	db.running.Add(1)
	return true
}

// Close ends running statements in the server and closes all idle connections.
// Connections of sessions in use are closed with their sessions.
func (db *database) Close() error {
	db.mu.Lock()
	if db.closed {
		db.mu.Unlock()
		return nil
	}
	db.closed = true
	idle := db.idle
	db.idle = nil
	db.mu.Unlock()

	db.end(errClosed)
	db.running.Wait()
	for _, c := range idle {
		c.close()
	}
	db.side.close()
	return nil
}

func (db *database) closedError() *domain.SQLError {
	return &domain.SQLError{
		Code:    domain.CodeConnection,
		Message: "This source's connections are being closed, because it was changed or stopped. Run again.",
	}
}

// Ping runs a trivial statement.
func (db *database) Ping(ctx context.Context) error {
	return db.side.do(ctx, func(c *conn) error {
		return c.query(ctx, func([][]byte) error { return nil }, "SELECT 1")
	})
}

// KillOrphans does nothing: client_connection_check_interval makes the server
// notice a lost worker within a second by itself. Servers 12 and 13 do not have
// it: there a statement of a lost worker runs to its own end.
func (db *database) KillOrphans(context.Context) error { return nil }
