package serve

import (
	"context"
	"errors"
	"net/http"

	"dribble/worker"
)

// Causes with which a run's context ends. They, and never the driver's error,
// decide what the run is said to have died of: an interrupted statement can look
// like a success.
var (
	errCancelled = errors.New("cancelled")
	errTimeout   = errors.New("time limit reached")
	errStopping  = errors.New("worker is stopping")
)

// run is one Exec under way.
type run struct {
	cancel context.CancelCauseFunc
}

// exec runs statements and streams their results.
func (s *server) exec(w http.ResponseWriter, r *http.Request) error {
	var ex worker.Exec
	if err := read(w, r, maxExec, &ex); err != nil {
		return err
	}
	if ex.RunID == "" || len(ex.Statements) == 0 {
		return failure{Code: worker.FailInvalid, Message: "A run needs an ID and a statement."}
	}
	conf, err := s.database()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	if err := s.enter(ex.RunID, &run{cancel: cancel}); err != nil {
		return err
	}
	defer s.leave(ex.RunID)

	w.Header().Set("Content-Type", "application/octet-stream")
	out := newSender(w, s.opt.WriteStall, func(error) { cancel(errCancelled) })
	defer out.close()
	e := &executor{db: conf.db, exec: ex, out: out, log: s.opt.Log.With("run", ex.RunID)}
	_ = out.json(worker.FrameDone, e.run(ctx, conf.swept))
	return nil
}

// enter makes a run known, so that it can be cancelled.
func (s *server) enter(id string, r *run) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isStopping {
		return failure{Code: worker.FailStopping, Message: "The worker is stopping."}
	}
	if s.runs[id] != nil {
		return failure{Code: worker.FailInvalid, Message: "This run is under way already."}
	}
	s.runs[id] = r
	return nil
}

func (s *server) leave(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.runs, id)
}

// cancel stops a run. It answers at once; the run's stream tells its end.
func (s *server) cancel(w http.ResponseWriter, r *http.Request) error {
	var c worker.Cancel
	if err := read(w, r, maxCall, &c); err != nil {
		return err
	}
	s.mu.Lock()
	found := s.runs[c.RunID]
	s.mu.Unlock()
	if found == nil {
		return failure{Code: worker.FailNoRun, Message: "There is no such run."}
	}
	found.cancel(errCancelled)
	w.WriteHeader(http.StatusNoContent)
	return nil
}
