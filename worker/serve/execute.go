package serve

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"dribble/domain"
	"dribble/engine"
	"dribble/worker"
)

// executor runs the statements of one Exec in one session.
type executor struct {
	db   engine.DB
	exec worker.Exec
	out  *sender
	log  *slog.Logger
}

// run runs all statements, in order, and returns how the run ended.
func (e *executor) run(ctx context.Context, swept <-chan struct{}) worker.Done {
	if limit := e.exec.Limits.Timeout; limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, limit, errTimeout)
		defer cancel()
	}
	select {
	case <-swept:
	case <-ctx.Done():
	}
	session, err := e.db.Session(ctx)
	if err != nil {
		return done(e.verdict(ctx, err))
	}
	defer func() {
		if err := session.Close(); err != nil {
			e.log.Warn("close session", "error", err)
		}
	}()
	_ = e.out.json(worker.FrameHello, worker.Hello{Protocol: worker.Version})
	status := domain.RunSuccess
	for _, st := range e.exec.Statements {
		failed := e.statement(ctx, session, st)
		if failed == nil {
			continue
		}
		status = done(failed).Status
		if !e.exec.KeepGoing || ctx.Err() != nil || failed.Code == domain.CodeConnection {
			break
		}
	}
	return worker.Done{Status: status}
}

// statement runs one statement and returns its error as the person will see it.
func (e *executor) statement(ctx context.Context, session engine.Session, st worker.Statement) *domain.SQLError {
	_ = e.out.json(worker.FrameBegin, worker.Begin{Seq: st.Seq})
	sink := &sink{ctx: ctx, out: e.out, statement: st, limits: e.exec.Limits}
	start := time.Now()
	outcome, err := session.Exec(ctx, engine.Statement{
		Text: st.Text, Args: st.Args, Tag: e.exec.RunID, MaxCell: e.exec.Limits.Cell,
	}, sink)
	end := worker.End{
		Seq: st.Seq, Rows: sink.rows, Affected: outcome.Affected, Tag: outcome.Tag,
		Truncated: sink.truncated, Elapsed: time.Since(start), Error: e.verdict(ctx, err),
	}
	if sink.isDone() && (err == nil || ctx.Err() != nil) {
		end.Error = nil // it had all its rows before the run's time was up
	}
	if end.Error != nil {
		end.Affected, end.Tag = -1, ""
		if end.Error.Code == domain.CodeCancelled && end.Rows > 0 {
			end.Truncated = domain.TruncatedCancel
		}
	}
	_ = e.out.json(worker.FrameEnd, end)
	return end.Error
}

// verdict says what a statement died of; nil if it did not. What the worker meant
// to happen comes before what the driver says has happened.
func (e *executor) verdict(ctx context.Context, err error) *domain.SQLError {
	if ctx.Err() != nil {
		switch cause := context.Cause(ctx); {
		case errors.Is(cause, errTimeout):
			return &domain.SQLError{Code: domain.CodeTimeout, Message: fmt.Sprintf(
				"Stopped after %s. That is this source's limit.", limitText(e.exec.Limits.Timeout))}
		case errors.Is(cause, errStopping):
			return &domain.SQLError{Code: domain.CodeWorkerLost,
				Message: "The worker was stopped while the statement ran. Run it again."}
		case errors.Is(cause, ErrMemory):
			return &domain.SQLError{Code: domain.CodeWorkerLost,
				Message: "The worker was stopped because its statements used too much memory. " +
					"Ask for fewer or smaller values, then run again."}
		}
		return &domain.SQLError{Code: domain.CodeCancelled, Message: "The run was cancelled."}
	}
	if err == nil {
		return nil
	}
	return sqlError(err, e.log)
}

// sqlError gives an engine's error its public form. What is not meant for people
// goes to the log.
func sqlError(err error, log *slog.Logger) *domain.SQLError {
	var failed *domain.SQLError
	if errors.As(err, &failed) {
		return failed
	}
	var check *engine.CheckError
	if errors.As(err, &check) {
		return &domain.SQLError{Code: domain.CodeConnection, Message: check.Title, Detail: check.Raw}
	}
	log.Warn("statement failed outside the database", "error", err)
	return &domain.SQLError{Code: domain.CodeConnection,
		Message: "The connection to the database broke. Check that the database is running, then run again."}
}

// done gives the end of a run that failed outside any statement.
func done(failed *domain.SQLError) worker.Done {
	if failed.Code == domain.CodeCancelled {
		return worker.Done{Status: domain.RunCancelled}
	}
	return worker.Done{Status: domain.RunError, Error: failed}
}

// limitText writes a time limit as people do: "30 s", "1 min 30 s", "500 ms".
func limitText(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	if d < time.Minute {
		return fmt.Sprintf("%g s", d.Round(100*time.Millisecond).Seconds())
	}
	var parts []string
	for _, unit := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "h"}, {time.Minute, "min"}, {time.Second, "s"}} {
		if n := d / unit.size; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, unit.name))
			d -= n * unit.size
		}
	}
	return strings.Join(parts, " ")
}
