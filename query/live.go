package query

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"dribble/domain"
	"dribble/result"
)

// Snapshot is a run as it is now. It shares nothing with the run.
type Snapshot struct {
	Run     domain.Run // Statements holds those begun so far
	Columns [][]result.Column
	Planned int // statements of the run, begun or not; 0 once it has left memory
	Phase   Phase
	Base    int   // byte offset of Run.SQL in the editor's text at the start; 0 once the run has left memory
	Seq     int64 // grows with each change
}

// Done reports whether the run has ended and been stored.
func (s Snapshot) Done() bool { return s.Phase.Name == PhaseDone }

// keepDone is how long an ended run stays watchable in memory, so that viewers
// who are a moment late see the same end as the others.
const keepDone = 30 * time.Second

// active is a run in this process. Its goroutine alone changes it, through
// update; viewers take snapshots.
type active struct {
	id, workspace string
	cancel        context.CancelCauseFunc
	ended         chan struct{} // closed when the run has ended and been stored

	mu      sync.Mutex
	snap    Snapshot
	changed chan struct{} // closed at the next change; nil if nobody waits
}

// stop asks the run to end for cause; later causes are ignored.
func (a *active) stop(cause error) { a.cancel(cause) }

// update changes the run under its lock and wakes the viewers.
func (a *active) update(change func(*Snapshot)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	change(&a.snap)
	a.snap.Seq++
	if a.changed != nil {
		close(a.changed)
		a.changed = nil
	}
}

func (a *active) snapshot() Snapshot {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.snap.clone()
}

func (s Snapshot) clone() Snapshot {
	s.Run.Statements = slices.Clone(s.Run.Statements)
	s.Columns = slices.Clone(s.Columns)
	return s
}

// next waits until the run differs from what a viewer has seen.
func (a *active) next(ctx context.Context, seen int64) (Snapshot, error) {
	for {
		a.mu.Lock()
		if a.snap.Seq != seen {
			defer a.mu.Unlock()
			return a.snap.clone(), nil
		}
		if a.changed == nil {
			a.changed = make(chan struct{})
		}
		wait := a.changed
		a.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return Snapshot{}, ctx.Err()
		}
	}
}

// Next waits until the run differs from the snapshot numbered seen (0 for the
// first look) and returns it as it is then. A run that is not in this process any
// more is read from the store and is done. Access is checked by the store, or by
// the run's workspace while it is live.
func (s *Service) Next(ctx context.Context, p domain.Principal, runID string, seen int64) (Snapshot, error) {
	if a := s.find(p, runID); a != nil {
		return a.next(ctx, seen)
	}
	run, err := s.store.Run(ctx, p, runID)
	if err != nil {
		return Snapshot{}, err
	}
	return s.stored(ctx, p, run), nil
}

// Now returns the run as it is.
func (s *Service) Now(ctx context.Context, p domain.Principal, runID string) (Snapshot, error) {
	return s.Next(ctx, p, runID, -1)
}

// Wait returns the run as soon as it has ended, or as it is when ctx ends.
func (s *Service) Wait(ctx context.Context, p domain.Principal, runID string) (Snapshot, error) {
	if a := s.find(p, runID); a != nil {
		select {
		case <-a.ended:
		case <-ctx.Done(): // the time to wait is over, and the run goes on
		}
		return a.snapshot(), nil
	}
	return s.Now(ctx, p, runID)
}

func (s *Service) find(p domain.Principal, runID string) *active {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.active[runID]
	if a == nil || a.workspace != p.WorkspaceID {
		return nil
	}
	return a
}

// stored makes the snapshot of a run that has left memory.
func (s *Service) stored(ctx context.Context, p domain.Principal, run domain.Run) Snapshot {
	snap := Snapshot{Run: run, Phase: Phase{Name: PhaseDone}, Columns: make([][]result.Column, len(run.Statements))}
	for i, st := range run.Statements {
		if !st.HasRows {
			continue
		}
		r, err := s.results.Open(st.ResultKey)
		if err == nil {
			snap.Columns[i] = r.Columns()
			r.Close()
			continue
		}
		snap.Run.Statements[i].ResultKey = "" // expired or damaged: "Run again" is offered
		if snap.Columns[i], err = s.store.Columns(ctx, p, run.ID, st.Seq); err != nil {
			s.log.WarnContext(ctx, "read columns", slog.String("run", run.ID), slog.Any("error", err))
		}
	}
	return snap
}

// Active counts the runs that have not ended, for metrics.
func (s *Service) Active() (queued, running int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.active {
		switch a.snapshot().Phase.Name {
		case PhaseDone:
		case PhaseQueued, PhaseStarting, PhaseWaiting:
			queued++
		default:
			running++
		}
	}
	return queued, running
}
