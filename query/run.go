package query

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"dribble/domain"
	"dribble/sqltext"
	"dribble/worker"
)

// Start checks a request, records the run and begins it. It returns at once;
// the run goes on when ctx ends. Refusals are *domain.Error.
func (s *Service) Start(ctx context.Context, p domain.Principal, req Request) (domain.Run, error) {
	src, err := s.store.Source(ctx, p, req.SourceID)
	if err != nil {
		return domain.Run{}, err
	}
	plan, err := s.check(req, src)
	if err != nil {
		return domain.Run{}, err
	}
	rows, timeout, err := s.bounds(req, src)
	if err != nil {
		return domain.Run{}, err
	}
	run, err := s.record(ctx, p, req, plan, rows)
	if err != nil {
		return domain.Run{}, err
	}
	if key, ok := cacheKey(src, plan, rows); ok && !req.Refresh {
		if hit, ok := s.fromCache(ctx, p, key, run); ok {
			return hit, nil
		}
	}
	j := &job{
		service: s, source: src, plan: plan, timeout: timeout, keepGoing: req.KeepGoing,
		out: &stored{store: s.results, runID: run.ID},
	}
	if err := s.launch(ctx, j, run); err != nil {
		return domain.Run{}, err
	}
	return run, nil
}

// record makes the run's row, with the version that the request asks for.
func (s *Service) record(ctx context.Context, p domain.Principal, req Request, plan plan, rows int) (domain.Run, error) {
	row := domain.NewRun{
		QueryID: req.QueryID, SourceID: req.SourceID, SQL: plan.text, Params: req.Params,
		Trigger: req.Trigger, MaxRows: rows,
	}
	if req.SaveVersion {
		row.SaveSQL = req.SQL
	}
	return s.store.CreateRun(ctx, p, row)
}

// launch begins a recorded run. When the Service is closed the run ends at once, so
// that none stays queued in the history.
func (s *Service) launch(ctx context.Context, j *job, run domain.Run) error {
	if s.own(j, run) {
		return nil
	}
	run.Status, run.FinishedAt = domain.RunCancelled, time.Now().UTC()
	_, run.Error = cancelledError(errShutdown, j.timeout)
	save, cancel := context.WithTimeout(context.WithoutCancel(ctx), storeTimeout)
	defer cancel()
	if err := s.store.FinishRun(save, run); err != nil {
		s.log.ErrorContext(save, "store refused run", slog.String("run", run.ID), slog.Any("error", err))
	}
	return domain.Errorf(domain.Unavailable, "Dribble is stopping. Run again in a moment.")
}

// own puts the job into memory and starts its goroutine, which the Service owns. It
// reports false, and does nothing, when the Service is closed.
func (s *Service) own(j *job, run domain.Run) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	ctx, cancel := context.WithCancelCause(context.Background())
	a := &active{id: run.ID, workspace: run.WorkspaceID, cancel: cancel, ended: make(chan struct{})}
	a.snap = Snapshot{Run: run, Phase: Phase{Name: PhaseQueued}, Planned: len(j.plan.statements), Base: j.plan.base, Seq: 1}
	j.active = a
	s.active[run.ID] = a
	s.wg.Add(1)
	go func() {
		defer s.wg.Done()
		defer cancel(nil)
		j.run(ctx)
		time.AfterFunc(keepDone, func() {
			s.mu.Lock()
			delete(s.active, run.ID)
			s.mu.Unlock()
		})
	}()
	return true
}

// job is one run on its way through the pipeline. It belongs to its goroutine.
type job struct {
	service   *Service
	active    *active
	source    domain.Source
	plan      plan
	timeout   time.Duration
	keepGoing bool
	unlimited bool // no row or byte limit: the rows go to a client, not to the store
	out       output

	progressed bool // a frame that shows results or effects has arrived
}

// errRetry says that the worker was lost before it showed anything, and that
// the run only reads, so it may be sent once more. errNotSent says that the
// worker refused the run before it began, so that even a write may be sent.
var (
	errRetry   = errors.New("query: worker lost before its first frame")
	errNotSent = errors.New("query: worker took no more runs")
)

// maxNotSent bounds how often a run looks for another worker.
const maxNotSent = 3

func (j *job) run(ctx context.Context) {
	err := j.attempt(ctx)
	for n := 1; n < maxNotSent && errors.Is(err, errNotSent); n++ {
		err = j.attempt(ctx)
	}
	if errors.Is(err, errRetry) {
		j.service.log.WarnContext(ctx, "worker lost before any row arrived; this read is sent once more", slog.String("run", j.active.id))
		err = j.attempt(ctx)
	}
	j.finish(ctx, err)
}

// attempt takes the run to a worker and follows it to its end. The error is
// errRetry, or a failure outside any statement.
func (j *job) attempt(ctx context.Context) error {
	lease, err := j.service.workers.Acquire(ctx, j.source, func(p Phase) {
		j.active.update(func(s *Snapshot) { s.setPhase(p) })
	})
	if err != nil {
		return err
	}
	defer lease.Release()
	if err := j.service.store.StartRun(context.WithoutCancel(ctx), j.active.id, lease.WorkerID); err != nil {
		return err
	}
	j.active.update(func(s *Snapshot) {
		s.Run.Status, s.Run.Worker = domain.RunRunning, lease.WorkerID
		if s.Run.StartedAt.IsZero() {
			s.Run.StartedAt = time.Now().UTC()
		}
		s.setPhase(Phase{Name: PhaseRunning})
	})
	err = j.stream(ctx, lease)
	if err == nil || ctx.Err() != nil {
		return err
	}
	if errors.Is(err, worker.ErrStopping) || errors.Is(err, worker.ErrUnconfigured) {
		return fmt.Errorf("%w: %w", errNotSent, err)
	}
	if errors.Is(err, worker.ErrLost) || errors.Is(err, errLost) {
		if !j.progressed && j.plan.reads {
			return errRetry
		}
		return fmt.Errorf("%w: %w", errLost, err)
	}
	return err
}

var errLost = errors.New("query: worker lost")

// stream sends the run and consumes its frames. Cancelling ctx asks the worker to
// stop and lets it tell the end in its own words for a moment.
func (j *job) stream(ctx context.Context, lease Lease) error {
	hangUp, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	defer cancel(nil)
	limit := time.AfterFunc(j.timeout+timeoutGrace, func() { cancel(errDeadline) })
	defer limit.Stop()
	stopped := context.AfterFunc(ctx, func() {
		time.AfterFunc(cancelGrace, func() { cancel(context.Cause(ctx)) })
		// The worker may not have registered the run yet: it then answers
		// "no such run", so ask until the stream has ended.
		for hangUp.Err() == nil {
			err := lease.Client.Cancel(hangUp, j.active.id)
			if err == nil || errors.Is(err, worker.ErrLost) {
				return
			}
			select {
			case <-hangUp.Done():
			case <-time.After(20 * time.Millisecond):
			}
		}
	})
	defer stopped()

	stream, err := lease.Client.Exec(hangUp, j.exec())
	if err != nil {
		return err
	}
	defer stream.Close()
	stopWatch := watchLost(hangUp, lease.Lost, func() { cancel(errLost) })
	defer stopWatch()
	stopAbort := context.AfterFunc(hangUp, j.out.abort)
	defer stopAbort()
	err = j.consume(stream)
	if cause := context.Cause(hangUp); err != nil && cause != nil {
		return fmt.Errorf("%w: %w", cause, err) // why, whatever broke first
	}
	return err
}

// watchLost hangs up as soon as the worker's process is known to be gone.
func watchLost(until context.Context, lost <-chan struct{}, hangUp func()) func() {
	done := make(chan struct{})
	go func() {
		select {
		case <-lost:
			// What the worker wrote before it died is still on its way.
			select {
			case <-time.After(500 * time.Millisecond):
				hangUp()
			case <-done:
			}
		case <-until.Done():
		case <-done:
		}
	}()
	return func() { close(done) }
}

func (j *job) exec() worker.Exec {
	l := j.service.limits
	e := worker.Exec{
		RunID: j.active.id, KeepGoing: j.keepGoing,
		Limits: worker.Limits{Rows: int64(j.active.snapshot().Run.MaxRows), Bytes: l.Bytes, Cell: l.Cell, Timeout: j.timeout},
	}
	if j.unlimited {
		e.Limits.Rows, e.Limits.Bytes = 0, 0
	}
	for i, st := range j.plan.statements {
		e.Statements = append(e.Statements, worker.Statement{
			Seq: i, Text: st.bound.Text, Args: st.bound.Args, Writes: st.Class != sqltext.Read,
		})
	}
	return e
}

func (s *Snapshot) setPhase(p Phase) {
	if s.Phase.Name != PhaseCancelling {
		s.Phase = p
	}
}
