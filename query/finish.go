package query

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"dribble/domain"
	"dribble/result"
)

// storeTimeout bounds the writing of a run's end into the metadata store.
const storeTimeout = 10 * time.Second

// finish settles the run's status, stores it and shows the end to the viewers.
// ctx is the run's own and may have ended; failure is what attempt returned.
func (j *job) finish(ctx context.Context, failure error) {
	now := time.Now().UTC()
	var run domain.Run
	j.active.update(func(s *Snapshot) {
		s.Run.FinishedAt, s.Run.Elapsed = now, s.elapsed(now)
		if status, err := j.verdict(ctx, failure); err != nil && !s.Run.Status.Done() {
			s.Run.Status, s.Run.Error = status, err
		} else if errors.Is(context.Cause(ctx), errShutdown) && s.Run.Status == domain.RunCancelled {
			_, s.Run.Error = cancelledError(errShutdown, j.timeout)
		}
		s.closeStatements()
		run = s.clone().Run
	})
	save, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	if err := j.service.store.FinishRun(save, run); err != nil {
		j.service.log.ErrorContext(save, "store run", slog.String("run", run.ID), slog.Any("error", err))
	}
	j.service.saveColumns(save, run.ID, j.active.snapshot().Columns)
	if key, ok := cacheKey(j.source, j.plan, run.MaxRows); ok && run.Status == domain.RunSuccess && !j.unlimited {
		j.service.cache.Set(save, key, []byte(run.ID), j.source.CacheTTL)
	}
	j.active.update(func(s *Snapshot) { s.Phase = Phase{Name: PhaseDone} })
	close(j.active.ended)
	j.service.observe(run)
}

// saveColumns keeps the columns of every statement of a run that has rows.
func (s *Service) saveColumns(ctx context.Context, runID string, statements [][]result.Column) {
	for seq, columns := range statements {
		if columns == nil {
			continue
		}
		if err := s.store.SaveColumns(ctx, runID, seq, columns); err != nil {
			s.log.ErrorContext(ctx, "store columns", slog.String("run", runID), slog.Any("error", err))
		}
	}
}

// verdict words a failure that no statement told. It is nil if there was none.
func (j *job) verdict(ctx context.Context, failure error) (domain.RunStatus, *domain.SQLError) {
	var sqlError *domain.SQLError
	var public *domain.Error
	switch {
	case ctx.Err() != nil:
		return cancelledError(context.Cause(ctx), j.timeout)
	case failure == nil:
		return domain.RunError, &domain.SQLError{Code: domain.CodeWorkerLost, Message: "The worker ended the run without saying how."}
	case errors.Is(failure, errDeadline):
		return cancelledError(errDeadline, j.timeout)
	case errors.Is(failure, errNotSent):
		return domain.RunError, &domain.SQLError{Code: domain.CodeWorkerLost, Message: "The worker of " + j.source.Name + " was being replaced. Nothing was sent. Run it again."}
	case errors.Is(failure, errLost), errors.Is(failure, errRetry):
		return domain.RunError, &domain.SQLError{Code: domain.CodeWorkerLost, Message: j.lostText()}
	case errors.As(failure, &sqlError):
		return domain.RunError, sqlError
	case errors.As(failure, &public):
		j.service.log.InfoContext(ctx, "run failed", slog.String("run", j.active.id), slog.Any("error", failure))
		return domain.RunError, &domain.SQLError{Code: string(public.Code), Message: public.Message, Hint: public.Hint}
	case errors.Is(failure, errClient):
		return cancelledError(errCancel, j.timeout)
	}
	j.service.log.ErrorContext(ctx, "run failed", slog.String("run", j.active.id), slog.Any("error", failure))
	return domain.RunError, &domain.SQLError{Code: string(domain.Internal), Message: "Dribble could not finish this run. The cause is in the server's log under run " + j.active.id + "."}
}

func (j *job) lostText() string {
	text := "The worker of " + j.source.Name + " was lost while this ran."
	switch {
	case j.plan.reads && !j.progressed:
		return text + " The query was sent twice. Run it again when the worker is ready."
	case j.plan.reads:
		return text + " The rows that had arrived are kept. Run it again for the rest."
	}
	return text + " It may have written something, so it was not sent again. Check before you run it again."
}

// closeStatements ends the statements that had begun but not ended.
func (s *Snapshot) closeStatements() {
	for i := range s.Run.Statements {
		st := &s.Run.Statements[i]
		if st.Status.Done() {
			continue
		}
		st.Status = s.Run.Status
		st.Error = s.Run.Error
		if s.Run.Status == domain.RunCancelled && st.HasRows {
			st.Truncated = domain.TruncatedCancel
		}
	}
}
