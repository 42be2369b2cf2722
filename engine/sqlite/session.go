package sqlite

import (
	"context"
	"errors"

	"dribble/domain"
	"dribble/engine"
	"dribble/result"

	lib "modernc.org/sqlite/lib"
)

// session is one connection in use. See engine.Session for the contract.
type session struct {
	db   *database
	conn *conn // nil once closed
}

var _ engine.Session = (*session)(nil)

// keepBuffer is how much memory for blob text an idle connection may hold.
const keepBuffer = 64 << 10

// Exec runs one statement. If the statement reaches its end before the end of
// ctx takes effect, it counts as done: SQLite does not misreport that.
func (s *session) Exec(ctx context.Context, st engine.Statement, sink engine.Sink) (engine.Outcome, error) {
	none := engine.Outcome{Affected: -1}
	if ctx.Err() != nil {
		return none, context.Cause(ctx)
	}
	if s.conn == nil {
		return none, &domain.SQLError{Code: domain.CodeConnection, Message: "The session is closed."}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if err := s.db.enter(s, cancel); err != nil {
		return none, err
	}
	defer s.db.leave(s)
	c := s.conn
	c.setBusyHandler()
	keeper := &sinkKeeper{Sink: sink}
	unwatch := c.watch(ctx)
	affected, err := c.exec(st, keeper)
	unwatch()
	if cap(c.hex) > keepBuffer {
		c.hex = nil
	}
	switch {
	case err == nil:
		return engine.Outcome{Affected: affected}, nil
	case keeper.err != nil:
		return none, keeper.err
	case ctx.Err() != nil:
		return none, context.Cause(ctx)
	}
	return none, err
}

// exec compiles, binds and runs one statement and tells the rows it wrote, -1
// if it is not a write. A sink that has enough is no error.
func (c *conn) exec(st engine.Statement, sink engine.Sink) (affected int64, err error) {
	s, err := c.prepare(st.Text)
	if err != nil {
		return -1, err
	}
	s.maxCell = st.MaxCell
	if err = s.bind(st.Args); err == nil {
		err = s.run(sink)
	}
	if errors.Is(err, engine.ErrStop) {
		err = nil
	}
	if ended := s.finalize(); err == nil {
		err = ended
	}
	if s.garbled {
		sink.Notice("Some text is not valid UTF-8; its bad bytes are shown as \uFFFD. hex(column) gives the bytes as they are.")
	}
	if err != nil || !s.writes {
		return -1, err
	}
	return lib.Xsqlite3_changes64(c.tls, c.db), nil
}

// Close rolls back anything open and gives the connection back. One that holds
// session state is closed for good.
func (s *session) Close() error {
	if s.conn == nil {
		return nil
	}
	c := s.conn
	s.conn = nil
	s.db.give(c)
	return nil
}

// sinkKeeper remembers the sink's own error, which goes before all others.
type sinkKeeper struct {
	engine.Sink
	err error
}

func (k *sinkKeeper) keep(err error) error {
	if err != nil && !errors.Is(err, engine.ErrStop) {
		k.err = err
	}
	return err
}

// Columns passes columns on.
func (k *sinkKeeper) Columns(cols []result.Column) error { return k.keep(k.Sink.Columns(cols)) }

// Row passes a row on.
func (k *sinkKeeper) Row(cells [][]byte) error { return k.keep(k.Sink.Row(cells)) }
