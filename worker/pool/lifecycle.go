package pool

import (
	"context"
	"time"
)

// storeTimeout bounds one write to the table of workers.
const storeTimeout = 5 * time.Second

// done gives back a use of a worker. The last user of a draining one ends it.
func (p *Pool) done(m *member) {
	p.mu.Lock()
	defer p.mu.Unlock()
	m.users--
	m.lastUsed = p.opt.Clock()
	if m.isDraining && m.users == 0 {
		p.stopLocked(m)
	}
	p.changedLocked()
}

// retireLocked takes a worker out of use for new runs. Those under way finish.
func (p *Pool) retireLocked(s *source, m *member) {
	if s.current == m {
		s.current = nil
	}
	m.isDraining = true
	if m.users == 0 {
		p.stopLocked(m)
	}
	p.changedLocked()
}

// stopLocked begins a worker's end, on a goroutine of its own.
func (p *Pool) stopLocked(m *member) {
	if m.isStopping || m.isLost {
		return
	}
	m.isStopping = true
	if m.source != nil && m.source.current == m {
		m.source.current = nil
	}
	p.work.Go(func() {
		p.end(m.instance.ID)
		p.lose(m, "stopped")
	})
}

// lose records that a worker is gone or of no more use, and makes sure of it.
func (p *Pool) lose(m *member, why string) {
	p.mu.Lock()
	if m.isLost {
		p.mu.Unlock()
		return
	}
	m.isLost = true
	p.work.Go(func() { p.bury(m) }) // before its watcher ends: Close may wait
	close(m.lost)
	if s := m.source; s != nil {
		if s.current == m {
			s.current = nil
		}
		if !m.isStopping {
			p.mournLocked(s, m, why)
		}
	}
	p.changedLocked()
	p.mu.Unlock()
}

// bury ends what may be left of a lost worker, and then all that is known of it.
func (p *Pool) bury(m *member) {
	m.client.Close()
	p.end(m.instance.ID)
	p.mu.Lock()
	delete(p.known, m.instance.ID)
	if m.source != nil {
		delete(m.source.members, m)
	}
	p.mu.Unlock()
	if m.source != nil {
		p.unsave(m.instance.ID)
	}
}

// mournLocked takes note of a worker that ended unasked.
func (p *Pool) mournLocked(s *source, m *member, why string) {
	p.opt.Log.Warn("worker lost", "source", s.id, "worker", m.instance.ID, "reason", why, "runs", m.users)
	s.restarts++
	s.isLost = true
	s.lastError = why
	if p.opt.Clock().Sub(m.readyAt) < quickLife {
		_ = p.failedLocked(s, m.hash, why, nil) // the next Acquire tells it
	} else {
		s.fails = 0
	}
}

// save and unsave keep the table of workers; it is for people, so its failures
// stop nothing.
func (p *Pool) save(m *member) {
	if p.opt.Store == nil {
		return
	}
	p.mu.Lock()
	r := Record{
		ID: m.instance.ID, SourceID: m.source.id, Backend: p.opt.Launcher.Name(), Address: m.instance.Address,
		State: m.source.state(p.opt.Clock()), SpecHash: m.hash, StartedAt: m.instance.StartedAt,
		Restarts: m.source.restarts, LastSeen: p.opt.Clock(),
	}
	gone := m.isLost
	p.mu.Unlock()
	if gone {
		return
	}
	if err := p.opt.Store.SaveWorker(p.life, r); err != nil && p.life.Err() == nil {
		p.opt.Log.Warn("save worker", "worker", r.ID, "error", err)
	}
}

func (p *Pool) unsave(id string) {
	if p.opt.Store == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	if err := p.opt.Store.DeleteWorker(ctx, id); err != nil {
		p.opt.Log.Warn("delete worker", "worker", id, "error", err)
	}
}
