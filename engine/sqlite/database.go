package sqlite

import (
	"context"
	"os"
	"sync"

	"dribble/domain"
	"dribble/engine"
	"dribble/result"
)

// mainSchema is SQLite's name for the file itself.
const mainSchema = "main"

// database is one file and the connections to it. Idle connections are kept;
// at most cap(slots) sessions exist at a time. Check, Ping and Schema use a
// short-lived connection of their own, so they never wait for a long query.
type database struct {
	path     string
	readOnly bool
	slots    chan struct{} // one token per session in use

	mu      sync.Mutex
	idle    []*conn
	running map[*session]context.CancelCauseFunc // ends the session's statement
	closed  bool
}

var _ engine.DB = (*database)(nil)

func newDatabase(path string, readOnly bool, sessions int) *database {
	return &database{path: path, readOnly: readOnly, slots: make(chan struct{}, sessions), running: map[*session]context.CancelCauseFunc{}}
}

// Session waits for a free session until ctx ends; the error is then ctx's
// cause. A file that cannot be opened is a *domain.SQLError.
func (d *database) Session(ctx context.Context) (engine.Session, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	select {
	case d.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	c, err := d.take()
	if err != nil {
		<-d.slots
		return nil, err
	}
	return &session{db: d, conn: c}, nil
}

// take gives an idle connection to the file as it is on disk now, or a new one.
func (d *database) take() (*conn, error) {
	now, err := statDatabase(d.path)
	if err != nil {
		return nil, connectionError(d.path, err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, closedError()
	}
	for len(d.idle) > 0 {
		last := len(d.idle) - 1
		c := d.idle[last]
		d.idle = d.idle[:last]
		if os.SameFile(c.file, now) {
			return c, nil
		}
		c.close() // the file was replaced
	}
	c, err := openConn(d.path, d.readOnly)
	if err != nil {
		return nil, connectionError(d.path, err)
	}
	return c, nil
}

// give takes a session's connection back.
func (d *database) give(c *conn) {
	d.mu.Lock()
	keep := !d.closed && !c.guard.used && c.autocommit()
	if keep {
		d.idle = append(d.idle, c)
	}
	d.mu.Unlock()
	if !keep {
		c.close()
	}
	<-d.slots
}

// once opens a connection for a short errand.
func (d *database) once(ctx context.Context, do func(c *conn) error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	c, err := openConn(d.path, d.readOnly)
	if err != nil {
		return err
	}
	defer c.close()
	unwatch := c.watch(ctx)
	err = do(c)
	unwatch()
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// Ping reads the file's header.
func (d *database) Ping(ctx context.Context) error {
	err := d.once(ctx, func(c *conn) error { return c.query("PRAGMA schema_version", nil, nil) })
	if err != nil && ctx.Err() == nil {
		return connectionError(d.path, err)
	}
	return err
}

// KillOrphans has nothing to do: a SQLite statement dies with its process.
func (d *database) KillOrphans(context.Context) error { return nil }

// enter notes that s runs a statement, which cancel ends. It fails once the
// database is closed.
func (d *database) enter(s *session, cancel context.CancelCauseFunc) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return closedError()
	}
	d.running[s] = cancel
	return nil
}

func (d *database) leave(s *session) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.running, s)
}

func closedError() error {
	return &domain.SQLError{Code: domain.CodeConnection, Message: "The connection to this source was closed."}
}

// Close ends what runs and closes idle connections; those of open sessions
// follow as they are given back.
func (d *database) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	for _, cancel := range d.running {
		cancel(closedError())
	}
	for _, c := range d.idle {
		c.close()
	}
	d.idle = nil
	return nil
}

// query runs one of the engine's own statements and hands each row to row, if
// given. Cells are valid only during the call.
func (c *conn) query(text string, args []*string, row func(cells [][]byte)) error {
	s, err := c.prepare(text)
	if err != nil {
		return err
	}
	if err = s.bind(args); err == nil {
		err = s.run(rows(row))
	}
	if ended := s.finalize(); err == nil {
		err = ended
	}
	return err
}

// rows is a sink that cares for rows alone.
type rows func(cells [][]byte)

func (rows) Columns([]result.Column) error { return nil }
func (rows) Notice(string)                 {}
func (r rows) Row(cells [][]byte) error {
	if r != nil {
		r(cells)
	}
	return nil
}
