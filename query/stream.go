package query

import (
	"context"
	"errors"
	"fmt"

	"dribble/domain"
	"dribble/result"
)

// RowWriter receives the rows of Stream, in the caller's goroutine's stead.
type RowWriter interface {
	Columns(cols []result.Column) error
	Row(cells [][]byte) error
	// Flush is called when no further row is at hand yet.
	Flush() error
	// Abort makes a call of the others that blocks return with an error. It
	// comes from another goroutine, when the run must end, and nothing is
	// written after it.
	Abort()
}

// Stream runs one statement and hands every row to w straight from the database,
// without row limit and without storing them. The run is recorded in the history.
// It blocks until the end; a slow w slows the database down. When ctx ends the
// statement is cancelled. A failure before the first column is returned as it
// would be by Start or as the statement's *domain.SQLError.
func (s *Service) Stream(ctx context.Context, p domain.Principal, req Request, w RowWriter) (domain.Run, error) {
	src, err := s.store.Source(ctx, p, req.SourceID)
	if err != nil {
		return domain.Run{}, err
	}
	plan, err := s.check(req, src)
	if err != nil {
		return domain.Run{}, err
	}
	if len(plan.statements) != 1 {
		return domain.Run{}, domain.FieldError("sql", "A streamed query must be one statement, not %d. Use POST /api/v1/runs for scripts.", len(plan.statements))
	}
	_, timeout, err := s.bounds(req, src)
	if err != nil {
		return domain.Run{}, err
	}
	run, err := s.record(ctx, p, req, plan, 0)
	if err != nil {
		return domain.Run{}, err
	}
	j := &job{service: s, source: src, plan: plan, timeout: timeout, unlimited: true, out: &direct{w: w}}
	if err := s.launch(ctx, j, run); err != nil {
		return domain.Run{}, err
	}
	stop := context.AfterFunc(ctx, func() { j.active.stop(errCancel) })
	defer stop()
	snap, err := s.Wait(context.WithoutCancel(ctx), p, run.ID)
	if err != nil {
		return run, err
	}
	if snap.Run.Status != domain.RunSuccess && snap.Run.Error != nil {
		return snap.Run, snap.Run.Error
	}
	return snap.Run, nil
}

// errClient says that the receiver of a stream takes no more.
var errClient = errors.New("query: receiver of the rows is gone")

// direct hands rows to a RowWriter.
type direct struct {
	w     RowWriter
	cells [][]byte
}

func (o *direct) begin(_ int, columns []result.Column) (string, error) {
	o.cells = make([][]byte, len(columns))
	if err := o.w.Columns(columns); err != nil {
		return "", fmt.Errorf("%w: write columns: %w", errClient, err)
	}
	return "", nil
}

func (o *direct) rows(n int, data []byte) error {
	for range n {
		var err error
		if data, err = result.DecodeRow(data, o.cells); err != nil {
			return err
		}
		if err := o.w.Row(o.cells); err != nil {
			return fmt.Errorf("%w: write row: %w", errClient, err)
		}
	}
	if err := o.w.Flush(); err != nil {
		return fmt.Errorf("%w: write rows: %w", errClient, err)
	}
	return nil
}

func (o *direct) end() error { return nil }

func (o *direct) abort() { o.w.Abort() }
