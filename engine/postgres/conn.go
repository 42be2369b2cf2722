package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// resetTimeout bounds the clean-up of a session before it is used again.
const resetTimeout = 5 * time.Second

// conn is one connection to the server.
type conn struct {
	pg *pgconn.PgConn
	// notice gets the server's messages while a statement runs; it is nil
	// between statements. The driver calls it on the reading goroutine.
	notice func(text string)
}

// connect signs in. Its error is the driver's own.
func connect(ctx context.Context, set settings) (*conn, error) {
	c, err := connectWith(ctx, set, false)
	if err != nil && unknownParameter(err) {
		return connectWith(ctx, set, true)
	}
	return c, err
}

func connectWith(ctx context.Context, set settings, bare bool) (*conn, error) {
	c := &conn{}
	cfg, err := set.driver(bare, func(_ *pgconn.PgConn, n *pgconn.Notice) {
		if c.notice != nil {
			c.notice(noticeText(n))
		}
	})
	if err != nil {
		return nil, err
	}
	if c.pg, err = pgconn.ConnectConfig(ctx, cfg); err != nil {
		return nil, err
	}
	return c, nil
}

// unknownParameter reports that the server (before 14) or a pooler refused a
// parameter of the sign-in.
func unknownParameter(err error) bool {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return false
	}
	return e.Code == "42704" || e.Code == "08P01" && strings.Contains(e.Message, "parameter")
}

func noticeText(n *pgconn.Notice) string {
	text := n.Severity + ": " + n.Message
	if n.Detail != "" {
		text += "\nDETAIL: " + n.Detail
	}
	if n.Hint != "" {
		text += "\nHINT: " + n.Hint
	}
	return text
}

// broken reports that the connection can no longer be used.
func (c *conn) broken() bool { return c.pg.IsClosed() || c.pg.IsBusy() }

// inTransaction reports an open (perhaps failed) transaction.
func (c *conn) inTransaction() bool { return c.pg.TxStatus() != 'I' }

// query runs one of Dribble's own statements and calls row for each of its rows.
// The cells are valid only during the call. If ctx ends the connection is lost.
func (c *conn) query(ctx context.Context, row func(cells [][]byte) error, text string, args ...string) error {
	values := make([][]byte, len(args))
	for i, a := range args {
		values[i] = []byte(a)
	}
	rows := c.pg.ExecParams(ctx, text, values, nil, nil, nil)
	var rowErr error
	for rowErr == nil && rows.NextRow() {
		rowErr = row(rows.Values())
	}
	_, err := rows.Close()
	return errors.Join(rowErr, err)
}

// run runs Dribble's own statements, several in one text, for their effect.
func (c *conn) run(ctx context.Context, text string) error {
	return c.pg.Exec(ctx, text).Close()
}

// reset ends what the session's user left behind: transaction, temporary tables,
// settings, locks, cursors. An error means the connection must be closed.
func (c *conn) reset() error {
	if c.broken() {
		return errors.New("connection is broken")
	}
	ctx, cancel := context.WithTimeout(context.Background(), resetTimeout)
	defer cancel()
	if c.inTransaction() {
		if err := c.run(ctx, "ROLLBACK"); err != nil {
			return fmt.Errorf("roll back: %w", err)
		}
	}
	if err := c.run(ctx, "DISCARD ALL"); err != nil {
		return fmt.Errorf("discard session state: %w", err)
	}
	if c.inTransaction() {
		return errors.New("still in a transaction after ROLLBACK")
	}
	return nil
}

// alive finds out whether an idle connection was closed by the server meanwhile.
func (c *conn) alive() bool {
	return !c.broken() && c.pg.CheckConn() == nil //nolint:staticcheck // Ping would cost each run a round trip; a lost connection still fails the statement clearly
}

// close says goodbye to the server and closes the connection.
func (c *conn) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = c.pg.Close(ctx)
}
