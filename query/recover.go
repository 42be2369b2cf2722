package query

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"dribble/domain"
	"dribble/result"
)

// Recover marks the runs that an earlier process left running as interrupted.
// Call it once, before the first run.
func (s *Service) Recover(ctx context.Context) error {
	n, err := s.store.InterruptRuns(ctx)
	if err != nil {
		return fmt.Errorf("interrupt runs of an earlier process: %w", err)
	}
	if n > 0 {
		s.log.WarnContext(ctx, "runs of an earlier process were interrupted", slog.Int("runs", n))
	}
	return nil
}

// Sweep removes results that are too old or too many, now and every ten minutes,
// until ctx ends.
func (s *Service) Sweep(ctx context.Context) {
	ticker := time.NewTicker(10 * time.Minute)
	defer ticker.Stop()
	for {
		keys, err := s.results.Sweep(ctx, time.Now().Add(-s.ttl), s.quota)
		if len(keys) > 0 {
			err = errors.Join(err, s.store.ExpireResults(ctx, keys))
		}
		if err != nil && ctx.Err() == nil {
			s.log.ErrorContext(ctx, "sweep results", slog.Any("error", err))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// ErrPending is the cause of the refusal to open a result whose statement has not
// come to its rows yet.
var ErrPending = errors.New("query: no rows yet")

// Result opens the stored rows of one statement of a run. The caller must Close
// the Reader. A run or statement without a stored result is domain.NotFound, with
// a hint to run again; one that may still get rows is domain.Conflict, and
// ErrPending.
func (s *Service) Result(ctx context.Context, p domain.Principal, runID string, seq int) (*result.Reader, domain.RunStatement, error) {
	snap, err := s.Now(ctx, p, runID)
	if err != nil {
		return nil, domain.RunStatement{}, err
	}
	if snap.isPending(seq) {
		return nil, domain.RunStatement{}, &domain.Error{
			Code: domain.Conflict, Op: "query.Result", Message: "This statement has no rows yet.",
			Hint: "Ask again in a moment, or wait for the run's end.", Err: ErrPending,
		}
	}
	if seq < 0 || seq >= len(snap.Run.Statements) {
		return nil, domain.RunStatement{}, domain.Errorf(domain.NotFound, "This run has no statement %d.", seq)
	}
	st := snap.Run.Statements[seq]
	if !st.HasRows {
		return nil, st, domain.Errorf(domain.NotFound, "Statement %d returned no rows.", seq)
	}
	r, err := s.results.Open(st.ResultKey)
	if err != nil {
		return nil, st, &domain.Error{
			Code: domain.NotFound, Op: "query.Result", Message: "The rows of this run are no longer stored.",
			Hint: "Run it again to see them.", Err: err,
		}
	}
	return r, st, nil
}

// isPending reports whether a statement may still get its rows.
func (s Snapshot) isPending(seq int) bool {
	if s.Done() || seq < 0 || seq >= s.Planned {
		return false
	}
	if seq >= len(s.Run.Statements) {
		return true
	}
	st := s.Run.Statements[seq]
	return !st.HasRows && !st.Status.Done()
}
