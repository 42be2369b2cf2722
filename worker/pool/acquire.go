package pool

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"dribble/domain"
	"dribble/worker"
)

// Names of the phases before a run has its worker.
const (
	PhaseStarting = "starting" // the worker is being started
	PhaseWaiting  = "waiting"  // all places are taken
)

// Phase tells where a run that waits for its worker stands.
type Phase struct {
	Name  string
	Ahead int // runs that come first, when waiting; 0 = it is next
}

// Lease is a run's place on a worker. The holder must Release it.
type Lease struct {
	Client   *worker.Client
	WorkerID string
	lost     chan struct{}
	release  func()
}

// Release gives the place back. Further calls do nothing.
func (l *Lease) Release() { l.release() }

// Lost is closed when the worker is gone, whatever the reason.
func (l *Lease) Lost() <-chan struct{} { return l.lost }

// waiter is a run in a source's queue.
type waiter struct {
	turn  chan struct{} // closed when the place is its
	moved chan struct{} // a hint that others have left the queue
}

// Acquire waits for a place among the source's runs and for a live worker, which
// it starts if need be. It calls notify, from this goroutine, on each change of
// what it waits for. Errors are *domain.Error: RateLimited when too many wait,
// Unavailable when no worker can be had, Invalid for an unknown engine; or ctx's
// cause.
func (p *Pool) Acquire(ctx context.Context, src domain.Source, notify func(Phase)) (*Lease, error) {
	if notify == nil {
		notify = func(Phase) {}
	}
	if err := p.enter(ctx, src.ID, notify); err != nil {
		return nil, err
	}
	m, err := p.worker(ctx, src, notify)
	if err != nil {
		p.leave(src.ID)
		return nil, err
	}
	return &Lease{
		Client: m.client, WorkerID: m.instance.ID, lost: m.lost,
		release: sync.OnceFunc(func() {
			p.done(m)
			p.leave(src.ID)
		}),
	}, nil
}

// enter takes a place among the source's runs, in the order of arrival.
func (p *Pool) enter(ctx context.Context, id string, notify func(Phase)) error {
	p.mu.Lock()
	s := p.sourceLocked(id)
	switch {
	case p.isClosed:
		p.mu.Unlock()
		return errClosed
	case s.running < p.opt.MaxConns && len(s.waiting) == 0:
		s.running++
		p.mu.Unlock()
		return nil
	case len(s.waiting) >= maxWaiting:
		p.mu.Unlock()
		return domain.Errorf(domain.RateLimited,
			"%d runs wait for this source already. Wait for some of them to end, then run again.", maxWaiting)
	}
	w := &waiter{turn: make(chan struct{}), moved: make(chan struct{}, 1)}
	s.waiting = append(s.waiting, w)
	ahead := len(s.waiting) - 1
	p.changedLocked()
	p.mu.Unlock()
	return p.wait(ctx, s, w, ahead, notify)
}

func (p *Pool) wait(ctx context.Context, s *source, w *waiter, ahead int, notify func(Phase)) error {
	notify(Phase{Name: PhaseWaiting, Ahead: ahead})
	for {
		select {
		case <-w.turn:
			return nil
		case <-w.moved:
			p.mu.Lock()
			now := slices.Index(s.waiting, w)
			p.mu.Unlock()
			if now >= 0 && now != ahead {
				ahead = now
				notify(Phase{Name: PhaseWaiting, Ahead: ahead})
			}
		case <-ctx.Done():
			p.giveUp(s, w)
			return fmt.Errorf("wait for a place: %w", context.Cause(ctx))
		case <-p.life.Done():
			p.giveUp(s, w)
			return errClosed
		}
	}
}

// giveUp takes a run out of the queue, or passes on the place it got meanwhile.
func (p *Pool) giveUp(s *source, w *waiter) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.Index(s.waiting, w); i >= 0 {
		s.waiting = slices.Delete(s.waiting, i, i+1)
		moveUp(s.waiting[i:])
		p.changedLocked()
		return
	}
	p.leaveLocked(s)
}

// leave gives a place back.
func (p *Pool) leave(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.leaveLocked(p.sourceLocked(id))
}

func (p *Pool) leaveLocked(s *source) {
	s.running--
	for s.running < p.opt.MaxConns && len(s.waiting) > 0 {
		s.running++
		close(s.waiting[0].turn)
		s.waiting = slices.Delete(s.waiting, 0, 1)
	}
	moveUp(s.waiting)
	p.changedLocked()
}

func moveUp(waiting []*waiter) {
	for _, w := range waiting {
		poke(w.moved)
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
