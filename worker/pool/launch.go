package pool

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"time"

	"dribble/domain"
	"dribble/worker"
)

// exitError reports a worker that ended while it started.
type exitError struct{ status string }

func (e *exitError) Error() string { return "worker ended while it started: " + e.status }

// stopTimeout bounds the stop of one worker.
const stopTimeout = 10 * time.Second

// exitDelay is how much later than a broken connection a worker's end may show.
const exitDelay = 500 * time.Millisecond

// launch starts one worker and configures it. s and st are nil in a connection
// test. On failure nothing is left of it.
func (p *Pool) launch(ctx context.Context, s *source, st *start, cfg worker.Configuration) (*member, error) {
	id, token := strings.ToLower(rand.Text()[:12]), rand.Text()+rand.Text()
	spec := Spec{ID: id, InstanceID: p.opt.Instance, SpecHash: cfg.SpecHash, Token: token, MemoryLimit: p.opt.MemoryLimit}
	if s != nil {
		spec.SourceID = s.id
	}
	p.mu.Lock()
	p.known[id] = true
	p.mu.Unlock()
	p.enterState(st, domain.WorkerStarting)
	begin := time.Now()
	instance, err := p.opt.Launcher.Start(ctx, spec)
	if err != nil {
		p.forget(id)
		return nil, fmt.Errorf("launch worker: %w", err)
	}
	m := &member{
		source: s, instance: instance, hash: cfg.SpecHash, lost: make(chan struct{}),
		client: worker.NewClient(instance.Network, instance.Address, token),
	}
	p.enterState(st, domain.WorkerConfiguring)
	// One session more than runs, so that the catalogue can be read beside them.
	cfg.MaxConns = p.opt.MaxConns + 1
	if err := p.configure(ctx, m, cfg); err != nil {
		p.discard(m)
		return nil, err
	}
	p.opt.Log.Info("worker started", "source", spec.SourceID, "worker", id, "pid", instance.Pid, "took", time.Since(begin))
	p.adopt(s, m)
	return m, nil
}

// configure gives a new worker its database, or says how the worker ended.
func (p *Pool) configure(ctx context.Context, m *member, cfg worker.Configuration) error {
	h, err := m.client.Health(ctx)
	if err == nil && h.Protocol != worker.Version {
		return fmt.Errorf("worker speaks version %d: %w", h.Protocol, worker.ErrVersion)
	}
	if err == nil {
		err = m.client.Configure(ctx, cfg)
	}
	if err == nil {
		return nil
	}
	if m.ended(err) {
		return &exitError{status: m.exit()}
	}
	return fmt.Errorf("configure worker: %w", err)
}

// ended reports whether a worker has ended, after a call to it failed with err.
// A broken connection is seen a moment before the end that broke it.
func (m *member) ended(err error) bool {
	select {
	case <-m.instance.Done:
		return true
	default:
	}
	if m.instance.Done == nil || isOther(err) || !errors.Is(err, worker.ErrLost) {
		return false
	}
	select {
	case <-m.instance.Done:
		return true
	case <-time.After(exitDelay):
		return false
	}
}

// exit says how a worker that has ended did so.
func (m *member) exit() string {
	if m.instance.Exit == nil {
		return "it ended"
	}
	return m.instance.Exit()
}

// adopt makes a configured worker a member of its source and watches for its end.
func (p *Pool) adopt(s *source, m *member) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.opt.Clock()
	m.readyAt, m.lastUsed, m.lastProbe = now, now, now
	if s != nil {
		s.members[m] = true
	}
	p.work.Go(func() {
		select {
		case <-m.instance.Done: // nil, so never, if the launcher cannot tell
			p.lose(m, m.exit())
		case <-m.lost:
		}
	})
}

// discard ends a worker that never became a member.
func (p *Pool) discard(m *member) {
	m.client.Close()
	p.end(m.instance.ID)
	p.forget(m.instance.ID)
}

// end stops a worker's process or container.
func (p *Pool) end(id string) {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	if err := p.opt.Launcher.Stop(ctx, id); err != nil {
		p.opt.Log.Error("stop worker", "worker", id, "error", err)
	}
}

func (p *Pool) forget(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.known, id)
}

func (p *Pool) enterState(st *start, state domain.WorkerState) {
	if st == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	st.state = state
	p.changedLocked()
}

// appName names a source's sessions in its database's process list. It must stay
// the same over restarts, for orphans are found by it, and within 63 bytes.
func (p *Pool) appName(sourceID string) string {
	sum := sha256.Sum256([]byte(p.opt.Instance))
	return "dribble/" + hex.EncodeToString(sum[:4]) + "/" + sourceID
}
