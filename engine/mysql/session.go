package mysql

import (
	"context"
	"errors"
	"strings"

	"dribble/domain"
	"dribble/engine"
	"dribble/result"
	"dribble/sqltext"
)

// session is one connection in use. See engine.Session for the contract.
type session struct {
	db   *database
	wire *wire // nil once closed
}

var _ engine.Session = (*session)(nil)

// Exec runs one statement. An end that was asked for, by ctx or by the sink,
// decides the outcome, whatever the server reports.
func (s *session) Exec(ctx context.Context, st engine.Statement, sink engine.Sink) (engine.Outcome, error) {
	none := engine.Outcome{Affected: -1}
	if ctx.Err() != nil {
		return none, context.Cause(ctx)
	}
	if s.wire == nil || s.wire.isBroken {
		return none, &domain.SQLError{Code: domain.CodeConnection,
			Message: "This session's connection to " + s.db.addr + " is closed. Run the statement again in a new one."}
	}
	sent, parsed, err := s.prepare(st)
	if err != nil {
		return none, err
	}
	s.wire.isUsed = true

	k := newKiller(s.db, s.wire)
	if err := s.db.enter(k); err != nil {
		k.stop()
		return none, err
	}
	defer s.db.leave(k)
	unwatch := context.AfterFunc(ctx, k.start)
	end, err := s.wire.run(sent, st.MaxCell, &sinkTaker{sink: sink, killer: k})
	isEnded := !unwatch()
	if k.finish() {
		s.wire.settle()
	}
	stop := new(stopError)
	isStopped := errors.As(err, &stop)
	switch {
	case isEnded:
		return none, context.Cause(ctx)
	case k.isAborted:
		return none, s.db.closedError()
	case isStopped && errors.Is(stop, engine.ErrStop):
		return none, nil
	case isStopped:
		return none, stop.error
	case err != nil:
		return none, s.db.statementError(err, sent, st.Text)
	}
	s.tell(end, sink)
	return engine.Outcome{Affected: end.written(parsed), Tag: end.info}, nil
}

// prepare checks the statement and writes it as it will be sent: with its tag
// before it and its arguments in it.
func (s *session) prepare(st engine.Statement) (sent string, parsed sqltext.Statement, err error) {
	parsed = parse(st.Text)
	if s.db.readOnly {
		if err := s.guard(parsed.Class); err != nil {
			return "", parsed, err
		}
	}
	body, err := bind(st.Text, st.Args, s.wire.status)
	if err != nil {
		return "", parsed, err
	}
	return s.db.tag(st.Tag) + body, parsed, nil
}

// written tells the rows a statement wrote; -1 if it is not a write.
func (e ending) written(st sqltext.Statement) int64 {
	switch {
	case st.Class == sqltext.Write && e.results == 1 && st.Keyword != "CALL":
		// MariaDB counts no rows of INSERT … RETURNING, but returns them all.
		return e.rows
	case st.Class == sqltext.Write, e.affected > 0 && e.results == 0:
		return e.affected
	}
	return -1
}

// tagStart begins the comment before each statement, by which a later worker
// finds what an earlier one left running.
func (s settings) tagStart() string { return "/* dribble app=" + s.appName + " " }

func (s settings) tag(run string) string {
	var b strings.Builder
	b.WriteString(s.tagStart())
	b.WriteString("run=")
	b.WriteString(plainWord(run))
	b.WriteString(" */ ")
	return b.String()
}

// Close resets the session and gives the connection back, or closes it for good.
func (s *session) Close() error {
	w := s.wire
	if w == nil {
		return nil
	}
	s.wire = nil
	defer func() { <-s.db.slots }()
	if w.isBroken || w.isUsed && w.reset() != nil {
		s.db.drop(w)
		return nil
	}
	s.db.keep(w)
	return nil
}

// sinkTaker hands a result on to a sink and has the statement killed when the
// sink has enough.
type sinkTaker struct {
	sink   engine.Sink
	killer *killer
}

func (t *sinkTaker) columns(defs []definition) error {
	cols := make([]result.Column, len(defs))
	for i := range defs {
		cols[i] = defs[i].column()
	}
	return t.sink.Columns(cols)
}

func (t *sinkTaker) row(cells [][]byte) error { return t.sink.Row(cells) }

func (t *sinkTaker) halt() { t.killer.startSoon() }
