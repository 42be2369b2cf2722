package pool

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dribble/domain"
)

// Status is one source's worker as people see it.
type Status struct {
	SourceID  string
	State     domain.WorkerState
	WorkerID  string // "" if there is none
	Pid       int
	RSS       int64 // bytes, by its last report
	Running   int   // runs that hold a place
	Waiting   int   // runs in the queue
	Restarts  int   // workers lost so far
	StartedAt time.Time
	LastError string // why the last worker was lost or could not start
}

// Status lists all sources that have been asked for, by ID.
func (p *Pool) Status() []Status {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.opt.Clock()
	list := make([]Status, 0, len(p.sources))
	for _, s := range p.sources {
		st := Status{
			SourceID: s.id, State: s.state(now), Running: s.running, Waiting: len(s.waiting),
			Restarts: s.restarts, LastError: s.lastError,
		}
		if m := s.current; m != nil {
			st.WorkerID, st.Pid, st.RSS, st.StartedAt = m.instance.ID, m.instance.Pid, m.rss, m.instance.StartedAt
		}
		list = append(list, st)
	}
	slices.SortFunc(list, func(a, b Status) int { return strings.Compare(a.SourceID, b.SourceID) })
	return list
}

// State returns the state of one source's worker.
func (p *Pool) State(sourceID string) domain.WorkerState {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.sources[sourceID]; s != nil {
		return s.state(p.opt.Clock())
	}
	return domain.WorkerAbsent
}

// Watch returns a channel that gets a value after any change of what Status
// tells; changes in quick succession may come as one. Call cancel when done.
func (p *Pool) Watch() (changes <-chan struct{}, cancel func()) {
	c := make(chan struct{}, 1)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.watchers[c] = true
	return c, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.watchers, c)
	}
}

func (p *Pool) changedLocked() {
	for c := range p.watchers {
		poke(c)
	}
}

// Stop ends the source's workers at once, with the runs they have. The next run
// starts a new one.
func (p *Pool) Stop(ctx context.Context, sourceID string) error {
	p.mu.Lock()
	s := p.sources[sourceID]
	if s == nil || p.isClosed {
		p.mu.Unlock()
		return nil
	}
	var lost []chan struct{}
	for m := range s.members {
		p.retireLocked(s, m)
		p.stopLocked(m)
		lost = append(lost, m.lost)
	}
	if s.starting != nil {
		s.starting.isAbandoned = true
		s.starting.cancel()
		lost = append(lost, s.starting.done)
	}
	s.isStopped, s.isLost = true, false
	p.changedLocked()
	p.mu.Unlock()
	for _, c := range lost {
		select {
		case <-c:
		case <-ctx.Done():
			return fmt.Errorf("stop worker: %w", context.Cause(ctx))
		}
	}
	return nil
}

// Restart ends the source's workers and starts a new one, also when the source
// has been given up as failed. It returns when that one is ready.
func (p *Pool) Restart(ctx context.Context, sourceID string) error {
	if err := p.Stop(ctx, sourceID); err != nil {
		return err
	}
	p.mu.Lock()
	s := p.sources[sourceID]
	var src domain.Source
	if s != nil {
		s.failedHash, s.failedUntil, s.fails, src = "", time.Time{}, 0, s.last
	}
	p.mu.Unlock()
	if src.ID == "" {
		return domain.Errorf(domain.NotFound, "This source has had no worker yet. It gets one with its first run.")
	}
	m, err := p.worker(ctx, src, func(Phase) {})
	if err != nil {
		return err
	}
	p.done(m)
	return nil
}

// Forget stops the workers of a source that has been deleted and drops it from
// Status.
func (p *Pool) Forget(ctx context.Context, sourceID string) error {
	err := p.Stop(ctx, sourceID)
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.sources[sourceID]; s != nil && s.running == 0 && len(s.waiting) == 0 && s.starting == nil {
		delete(p.sources, sourceID)
		p.changedLocked()
	}
	return err
}
