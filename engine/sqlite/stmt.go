package sqlite

import (
	"strings"

	"dribble/domain"
	"dribble/engine"

	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"
)

// transient tells SQLite to copy a bound value.
const transient = ^uintptr(0)

// stmt is one compiled statement. It must be finalized.
type stmt struct {
	conn    *conn
	handle  uintptr // 0 for a text of comments only
	maxCell int     // bytes; 0 = no bound
	writes  bool    // it changes rows: changes() counts them
	garbled bool    // a text cell was not valid UTF-8
}

// prepare compiles text, which must hold one statement. Errors are
// *domain.SQLError with the position SQLite knows.
func (c *conn) prepare(text string) (*stmt, error) {
	if at := strings.IndexByte(text, 0); at >= 0 {
		return nil, &domain.SQLError{Code: codeNotAllowed, Position: &at,
			Message: "The statement holds a NUL character.", Hint: "Remove the invisible character and run again."}
	}
	sql, err := c.copyIn(text)
	if err != nil {
		return nil, err
	}
	defer c.release(sql)
	c.guard.begin()
	handle, tail, err := c.compile(sql, len(text))
	if err != nil {
		return nil, err
	}
	s := &stmt{conn: c, handle: handle, writes: c.guard.writes && !c.guard.defines}
	if err := c.refuse(s); err != nil {
		_ = s.finalize() // the refusal says more
		return nil, err
	}
	if rest := strings.TrimLeft(text[tail:], " \t\r\n\f;"); rest != "" && handle != 0 {
		second, _, err := c.compile(sql+uintptr(tail), len(text)-tail)
		lib.Xsqlite3_finalize(c.tls, second)
		if second != 0 || err != nil {
			_ = s.finalize() // the refusal says more
			at := len(text) - len(rest)
			return nil, &domain.SQLError{Code: codeNotAllowed, Position: &at,
				Message: "Only one statement can be run at a time; a second one begins here."}
		}
	}
	return s, nil
}

// compile compiles the first statement of length bytes at sql and tells where
// it ended. A text of comments gives handle 0.
func (c *conn) compile(sql uintptr, length int) (handle uintptr, tail int, err error) {
	rc := lib.Xsqlite3_prepare_v2(c.tls, c.db, sql, int32(length+1), c.slot(0), c.slot(1))
	if rc != lib.SQLITE_OK {
		return 0, 0, c.failure(rc)
	}
	return c.loaded(0), int(c.loaded(1) - sql), nil
}

// refuse refuses what the authorizer is not asked about, such as VACUUM on
// a read-only source. SQLite counts PRAGMA journal_mode as a write even when it
// only tells the mode.
func (c *conn) refuse(s *stmt) error {
	if !c.guard.readOnly || c.guard.tells || s.handle == 0 || lib.Xsqlite3_stmt_readonly(c.tls, s.handle) != 0 {
		return nil
	}
	c.guard.refuseWrite("this statement")
	return c.guard.refused
}

// bind binds args as text; nil is NULL. Their number must be the statement's.
func (s *stmt) bind(args []*string) error {
	if s.handle == 0 {
		return nil
	}
	if want := int(lib.Xsqlite3_bind_parameter_count(s.conn.tls, s.handle)); want != len(args) {
		return s.argumentMismatch(want, len(args))
	}
	for i, arg := range args {
		if arg == nil {
			continue // unbound is NULL
		}
		if len(*arg) > maxValue {
			return s.conn.failure(lib.SQLITE_TOOBIG)
		}
		p, err := s.conn.copyIn(*arg)
		if err != nil {
			return err
		}
		rc := lib.Xsqlite3_bind_text(s.conn.tls, s.handle, int32(i+1), p, int32(len(*arg)), transient)
		s.conn.release(p)
		if rc != lib.SQLITE_OK {
			return s.conn.failure(rc)
		}
	}
	return nil
}

// run steps through the statement and hands its rows to sink. The error is
// sink's own or a *domain.SQLError.
func (s *stmt) run(sink engine.Sink) error {
	if s.handle == 0 {
		return nil
	}
	announced := false
	for {
		rc := lib.Xsqlite3_step(s.conn.tls, s.handle)
		if rc != lib.SQLITE_ROW && rc != lib.SQLITE_DONE {
			return s.conn.failure(rc)
		}
		if !announced && lib.Xsqlite3_column_count(s.conn.tls, s.handle) > 0 {
			// Only now: SQLite may have compiled the statement anew at its first
			// step, and a computed column's type is that of its first value.
			announced = true
			if err := sink.Columns(s.columns(rc == lib.SQLITE_ROW)); err != nil {
				return err
			}
		}
		if rc == lib.SQLITE_DONE {
			return nil
		}
		cells, err := s.row()
		if err != nil {
			return err
		}
		if err := sink.Row(cells); err != nil {
			return err
		}
	}
}

// finalize frees the statement and ends its part of a transaction. The error is
// that of a commit that failed.
func (s *stmt) finalize() error {
	if s.handle == 0 {
		return nil
	}
	rc := lib.Xsqlite3_finalize(s.conn.tls, s.handle)
	s.handle = 0
	if rc != lib.SQLITE_OK {
		return s.conn.failure(rc)
	}
	return nil
}

// parameter gives the name of the statement's i-th parameter, from 1.
func (s *stmt) parameter(i int) string {
	if p := lib.Xsqlite3_bind_parameter_name(s.conn.tls, s.handle, int32(i)); p != 0 {
		return libc.GoString(p)
	}
	return "?"
}
