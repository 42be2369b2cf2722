package query

import (
	"context"
	"errors"
	"time"

	"dribble/domain"
)

// Why a run was asked to end before its time.
var (
	errCancel   = errors.New("query: cancelled by a person")
	errShutdown = errors.New("query: server is stopping")
	errDeadline = errors.New("query: time limit of the server")
)

// How long the server waits for a worker to end a run that it was asked to
// stop, and beyond a run's time limit, before it hangs up; hanging up makes the
// worker cancel too.
const (
	cancelGrace  = 6 * time.Second
	timeoutGrace = 5 * time.Second
)

// Cancel stops a run in its database. Rows that have arrived are kept. A run
// that has ended already is left as it is.
func (s *Service) Cancel(ctx context.Context, p domain.Principal, runID string) error {
	if a := s.find(p, runID); a != nil {
		a.update(func(snap *Snapshot) {
			if !snap.Done() {
				snap.Phase = Phase{Name: PhaseCancelling}
			}
		})
		a.stop(errCancel)
		return nil
	}
	_, err := s.store.Run(ctx, p, runID)
	return err
}

// cancelledError words the end of a run that was stopped for cause.
func cancelledError(cause error, limit time.Duration) (domain.RunStatus, *domain.SQLError) {
	switch {
	case errors.Is(cause, errShutdown):
		return domain.RunCancelled, &domain.SQLError{Code: domain.CodeCancelled, Message: "Dribble was stopped while this ran. The rows that had arrived are kept."}
	case errors.Is(cause, errDeadline):
		return domain.RunError, &domain.SQLError{Code: domain.CodeTimeout, Message: "Stopped after " + limit.String() + ". That is this source's limit."}
	}
	return domain.RunCancelled, &domain.SQLError{Code: domain.CodeCancelled, Message: "Cancelled."}
}
