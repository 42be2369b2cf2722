package query

import (
	"testing"
	"time"

	"dribble/db"
	"dribble/domain"
)

func TestDefaultsStayBelowTheWorkspacesMaximum(t *testing.T) {
	t.Parallel()
	b := newBed(t, func(s *domain.Source) { s.RowLimit, s.Timeout = 900, time.Hour })
	small := DefaultLimits()
	small.MaxRows, small.MaxTimeout = 500, time.Minute
	s := New(Options{Store: b.store, Workers: b.workers, Results: b.results, Cache: b.cache, Limits: small, Log: b.log})
	if l := s.Limits(); l.DefaultRows != 500 || l.Timeout != time.Minute {
		t.Errorf("default limits: got %d rows and %s, want the maximum of 500 and 1m", l.DefaultRows, l.Timeout)
	}
	for name, src := range map[string]domain.Source{"source without limits": {}, "source beyond the maximum": b.source} {
		rows, timeout, err := s.bounds(Request{}, src)
		if err != nil || rows != 500 || timeout != time.Minute {
			t.Errorf("%s: got %d rows, %s, %v; want 500 and 1m", name, rows, timeout, err)
		}
	}
	if _, _, err := s.bounds(Request{MaxRows: 501}, domain.Source{}); domain.CodeOf(err) != domain.Invalid {
		t.Errorf("asked beyond the maximum: got %v, want a refusal", err)
	}
}

func TestRefusedAtShutdownIsNotLeftQueued(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	if err := b.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := b.Start(t.Context(), b.who, Request{SourceID: b.source.ID, SQL: "SELECT 1", Trigger: domain.TriggerEditor})
	if domain.CodeOf(err) != domain.Unavailable {
		t.Fatalf("start: got %v, want unavailable", err)
	}
	runs, _, err := b.store.Runs(t.Context(), b.who, db.RunFilter{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range runs {
		if !run.Status.Done() {
			t.Errorf("the history has a run that is %s for ever", run.Status)
		}
	}
}

func TestHungWorkerThatIsGivenUpIsLost(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	run := b.begin(t, Request{SQL: endless, MaxRows: 5_000_000})
	waitFor(t, b, run.ID, func(s Snapshot) bool { return s.Run.RowCount > 0 })
	b.workers.giveUp()
	snap := b.end(t, run.ID)
	if e := snap.Run.Error; snap.Run.Status != domain.RunError || e == nil || e.Code != domain.CodeWorkerLost {
		t.Errorf("got %s, %+v; want worker_lost", snap.Run.Status, e)
	}
}

// giveUp says that the worker is gone while its connections still stand, as when
// its machine has vanished.
func (w *inProcess) giveUp() {
	w.mu.Lock()
	defer w.mu.Unlock()
	close(w.lost)
	w.t.Cleanup(w.stop)
	w.client = nil
}
