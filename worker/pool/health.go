package pool

import (
	"context"
	"errors"
	"fmt"
	"time"

	"dribble/worker"
)

// Answers that make a worker useless though it lives.
var (
	errOtherSpec = errors.New("worker has lost its configuration")
	errEnds      = errors.New("the worker ended by itself")
)

// lookAfter asks the workers that are due how they are, and stops idle ones.
func (p *Pool) lookAfter() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isClosed {
		return
	}
	now := p.opt.Clock()
	for _, s := range p.sources {
		if m := s.current; m != nil && m.users == 0 && now.Sub(m.lastUsed) >= p.opt.IdleStop {
			p.opt.Log.Info("worker idle", "source", s.id, "worker", m.instance.ID)
			s.isStopped = true
			p.stopLocked(m)
			p.changedLocked()
		}
		for m := range s.members {
			if now.Sub(m.readyAt) >= quickLife && s.current == m {
				s.fails = 0
			}
			isDue := m.users > 0 || m.misses > 0 || now.Sub(m.lastProbe) >= p.opt.HealthEvery
			if isDue && !m.isProbing && !m.isLost && !m.isStopping {
				m.isProbing = true
				p.work.Go(func() { p.examine(m) })
			}
		}
	}
}

// examine asks one worker. If it does not answer, it is asked again without
// waiting for the next round, and given up when it has missed some calls in a row:
// a hang under a run then costs three seconds and not twice as many.
func (p *Pool) examine(m *member) {
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		m.isProbing = false
	}()
	for {
		begin := time.Now()
		err := p.probe(p.life, m)
		p.mu.Lock()
		misses := m.misses
		p.mu.Unlock()
		switch {
		case err == nil || p.life.Err() != nil:
			return
		case isOther(err):
			p.lose(m, err.Error())
			return
		case misses >= maxMisses:
			p.lose(m, "the worker did not answer")
			return
		}
		select { // a refusal at once, by a full backlog say, must not count thrice in a moment
		case <-time.After(time.Until(begin.Add(busyEvery))):
		case <-m.lost:
			return
		case <-p.life.Done():
			return
		}
	}
}

// isOther reports an answer that shows the worker to be another than thought.
func isOther(err error) bool {
	return errors.Is(err, errOtherSpec) || errors.Is(err, worker.ErrVersion) || errors.Is(err, worker.ErrUnauthorized)
}

// probe makes one health call and takes its result down, unless ctx has ended it.
// Calls that were waiting at the same time count as one miss.
func (p *Pool) probe(ctx context.Context, m *member) error {
	begin := time.Now()
	call, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	h, err := m.client.Health(call)
	switch {
	case err != nil && ctx.Err() != nil:
		return fmt.Errorf("ask worker: %w", context.Cause(ctx))
	case err != nil:
		err = fmt.Errorf("ask worker: %w", err)
	case h.Protocol != worker.Version:
		err = fmt.Errorf("ask worker: %w", worker.ErrVersion)
	case !h.Configured || h.SpecHash != m.hash:
		err = errOtherSpec
	case h.Stopping:
		err = errEnds
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	m.lastProbe = p.opt.Clock()
	before := m.misses
	switch {
	case err == nil:
		m.misses, m.rss = 0, h.RSS
	case begin.After(m.lastMiss):
		m.misses, m.lastMiss = m.misses+1, time.Now()
	}
	if (before == 0) != (m.misses == 0) {
		p.changedLocked()
	}
	return err
}

// reconcile compares what runs with what is known: workers of this install that
// nobody knows are stopped, known ones that do not run are given up.
func (p *Pool) reconcile(ctx context.Context) {
	before := p.opt.Clock()
	list, err := p.opt.Launcher.List(ctx)
	if err != nil {
		p.opt.Log.Warn("list workers", "error", err)
		return
	}
	runs := make(map[string]bool, len(list))
	for _, i := range list {
		runs[i.ID] = true
		p.mu.Lock()
		unknown := i.InstanceID == p.opt.Instance && !p.known[i.ID] && !p.isClosed
		p.mu.Unlock()
		if unknown {
			p.opt.Log.Info("stop worker of an earlier server", "source", i.SourceID, "worker", i.ID)
			p.end(i.ID)
			p.unsave(i.ID)
		}
	}
	p.mu.Lock()
	var lost, alive []*member
	for _, s := range p.sources {
		for m := range s.members {
			if !runs[m.instance.ID] && m.readyAt.Before(before) && !m.isStopping {
				lost = append(lost, m)
			} else if !m.isStopping {
				alive = append(alive, m)
			}
		}
	}
	p.mu.Unlock()
	for _, m := range lost {
		p.lose(m, "the worker had gone")
	}
	for _, m := range alive {
		p.save(m)
	}
}
