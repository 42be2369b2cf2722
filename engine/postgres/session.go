package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"dribble/domain"
	"dribble/engine"
)

const (
	// rowSlack is what a row may hold beyond Statement.MaxCell before the driver
	// refuses to read it into memory.
	rowSlack = 32 << 20
	// settleTimeout bounds the trivial exchange after a cancel.
	settleTimeout = 3 * time.Second
	beginTimeout  = 10 * time.Second
)

// session is a connection in a user's hands.
type session struct {
	db     *database
	conn   *conn
	values [][]byte // of the arguments; kept to be used again
	closed bool
}

var _ engine.Session = (*session)(nil)

// Exec runs one statement; see engine.Session.
func (s *session) Exec(ctx context.Context, st engine.Statement, sink engine.Sink) (engine.Outcome, error) {
	none := engine.Outcome{Affected: -1}
	if err := context.Cause(ctx); err != nil {
		return none, err
	}
	if s.closed || s.conn.broken() {
		return none, &domain.SQLError{
			Code:    domain.CodeConnection,
			Message: "The connection to " + s.db.set.where() + " was lost by an earlier statement of this run. Run again.",
		}
	}
	if err := admit(st.Text, s.db.set.readOnly); err != nil {
		return none, err
	}
	if !s.db.begin() {
		return none, s.db.closedError()
	}
	defer s.db.running.Done()
	if err := s.beginReadOnly(ctx); err != nil {
		return none, err
	}
	return s.run(ctx, st, sink)
}

// beginReadOnly opens the transaction that every statement of a read-only source
// runs in. The trivial SELECT after it is what makes it last: from then on the
// server refuses to make the transaction writable again.
func (s *session) beginReadOnly(ctx context.Context) error {
	if !s.db.set.readOnly {
		return nil
	}
	bounded, cancel := context.WithTimeout(ctx, beginTimeout)
	defer cancel()
	var err error
	if s.conn.pg.TxStatus() == 'E' {
		err = s.conn.run(bounded, "ROLLBACK")
	}
	if err == nil && !s.conn.inTransaction() {
		err = s.conn.run(bounded, "BEGIN READ ONLY; SELECT 1")
	}
	if err == nil {
		return nil
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return s.db.set.statementError(err, "")
}

func (s *session) run(ctx context.Context, st engine.Statement, sink engine.Sink) (engine.Outcome, error) {
	s.limitRow(st.MaxCell)
	s.conn.notice = sink.Notice
	stop := watch(ctx, s.db.life, s.conn, s.db.side)

	rows := s.conn.pg.ExecParams(context.Background(), st.Text, s.args(st.Args), nil, nil, nil)
	stream := stream{db: s.db, sink: sink, maxCell: st.MaxCell}
	sinkErr := stream.copy(ctx, rows)
	if sinkErr != nil {
		stop.stop() // before closing: closing reads the rest of the rows
	}
	tag, err := rows.Close()

	s.conn.notice = nil
	if cancelled := stop.end(); cancelled {
		s.settle()
	}
	if cause := context.Cause(ctx); cause != nil {
		return outcome(tag), cause
	}
	if sinkErr != nil {
		if errors.Is(sinkErr, engine.ErrStop) {
			sinkErr = nil
		}
		return engine.Outcome{Affected: -1}, sinkErr
	}
	if s.db.life.Err() != nil {
		return outcome(tag), s.db.closedError()
	}
	if err != nil {
		return engine.Outcome{Affected: -1}, s.failure(err, st)
	}
	return outcome(tag), nil
}

// failure names a statement's error.
func (s *session) failure(err error, st engine.Statement) *domain.SQLError {
	var tooLong *pgproto3.ExceededMaxBodyLenErr
	if errors.As(err, &tooLong) {
		return &domain.SQLError{
			Code: codeCellTooLong,
			Message: fmt.Sprintf("A row of the result is %s long. At most %s of one row can be read.",
				byteCount(tooLong.ActualBodyLen), byteCount(tooLong.MaxExpectedBodyLen)),
			Hint: "Select fewer columns, or shorten the long ones with left(column, 1000).",
		}
	}
	return s.db.set.statementError(err, st.Text)
}

// limitRow keeps the driver from reading a row of any length into memory.
func (s *session) limitRow(maxCell int) {
	limit := 0
	if maxCell > 0 {
		limit = maxCell + rowSlack
	}
	s.conn.pg.Frontend().SetMaxBodyLen(limit)
}

// settle makes sure that a cancel request which arrived late cannot hit the next
// statement: the server forgets it when it answers a trivial message.
func (s *session) settle() {
	for range 2 {
		if s.conn.broken() {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), settleTimeout)
		err := s.conn.run(ctx, "-- settle")
		cancel()
		if err == nil {
			return
		}
	}
	s.conn.close()
}

func (s *session) args(args []*string) [][]byte {
	s.values = s.values[:0]
	for _, a := range args {
		if a == nil {
			s.values = append(s.values, nil)
		} else {
			s.values = append(s.values, append([]byte{}, *a...))
		}
	}
	return s.values
}

// Close gives the connection back, clean.
func (s *session) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	s.db.give(s.conn)
	return nil
}

// outcome reads the command tag: only tags of writes count rows written.
func outcome(tag pgconn.CommandTag) engine.Outcome {
	out := engine.Outcome{Affected: -1, Tag: tag.String()}
	verb, _, _ := strings.Cut(out.Tag, " ")
	switch verb {
	case "INSERT", "UPDATE", "DELETE", "MERGE", "COPY":
		out.Affected = tag.RowsAffected()
	}
	return out
}

func byteCount(n int) string { return strconv.FormatFloat(float64(n)/(1<<20), 'f', 1, 64) + " MB" }
