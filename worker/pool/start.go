package pool

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"dribble/domain"
	"dribble/worker"
)

// worker returns a live worker of the source as it is now, with a user more. The
// caller must call done. One that is gone or was made for other settings is
// replaced.
func (p *Pool) worker(ctx context.Context, src domain.Source, notify func(Phase)) (*member, error) {
	if _, err := p.engine(src.Engine); err != nil {
		return nil, err
	}
	hash, err := p.specHash(src)
	if err != nil {
		return nil, err
	}
	told := false
	for {
		m, st, err := p.claim(src, hash)
		switch {
		case err != nil:
			return nil, err
		case m != nil && p.answers(ctx, m):
			return m, nil
		case m != nil:
			p.done(m)
			if ctx.Err() != nil {
				return nil, fmt.Errorf("wait for the worker: %w", context.Cause(ctx))
			}
			continue
		}
		if !told {
			told = true
			notify(Phase{Name: PhaseStarting})
		}
		select {
		case <-st.done:
			if st.err != nil && st.hash == hash {
				return nil, st.err
			}
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the worker: %w", context.Cause(ctx))
		}
	}
}

// claim returns the usable worker with a user more, or the start to wait for.
func (p *Pool) claim(src domain.Source, hash string) (*member, *start, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.isClosed {
		return nil, nil, errClosed
	}
	s := p.sourceLocked(src.ID)
	s.last = src
	if s.current.isUsable(hash) {
		s.current.users++
		s.current.lastUsed = p.opt.Clock()
		p.changedLocked()
		return s.current, nil, nil
	}
	if s.starting != nil {
		return nil, s.starting, nil
	}
	if s.failedHash == hash && p.opt.Clock().Before(s.failedUntil) {
		return nil, nil, s.failure
	}
	if s.current != nil {
		p.retireLocked(s, s.current)
	}
	ctx, cancel := context.WithCancel(p.life)
	st := &start{hash: hash, state: domain.WorkerStarting, cancel: cancel, done: make(chan struct{})}
	s.starting = st
	p.work.Go(func() { p.start(ctx, s, src, st) })
	p.changedLocked()
	return nil, st, nil
}

// answers proves that a worker is neither dead nor hung. An idle one that does not
// answer is given up. One with runs only takes no new ones: it may be just slow,
// and whether it is lost is for examine to say.
func (p *Pool) answers(ctx context.Context, m *member) bool {
	err := p.probe(ctx, m)
	if err == nil {
		return true
	}
	p.mu.Lock()
	isIdle := m.users == 1
	p.mu.Unlock()
	if ctx.Err() == nil && (isIdle || isOther(err)) {
		p.lose(m, lastWords(m, err))
	}
	return false
}

// lastWords says why a worker that lives no more, or should not, gave the error.
func lastWords(m *member, err error) string {
	switch {
	case m.ended(err):
		return m.exit()
	case isOther(err), errors.Is(err, errEnds):
		return err.Error()
	}
	return "the worker did not answer"
}

// start brings a source's worker up, with some patience.
func (p *Pool) start(ctx context.Context, s *source, src domain.Source, st *start) {
	defer st.cancel()
	m, err := p.startPatiently(ctx, s, src, st)
	p.mu.Lock()
	s.starting = nil
	switch {
	case p.isClosed || st.isAbandoned:
		if err == nil {
			p.stopLocked(m)
		}
		err = unavailable(err, "The worker was stopped before the run began. Run again.")
	case err == nil:
		s.current, s.isLost, s.isStopped = m, false, false
	}
	st.err = err
	close(st.done)
	p.changedLocked()
	p.mu.Unlock()
	if err == nil {
		p.save(m)
	}
}

func (p *Pool) startPatiently(ctx context.Context, s *source, src domain.Source, st *start) (*member, error) {
	creds, err := p.opt.Credentials(ctx, src.ID)
	if err != nil {
		return nil, p.noted(s, err, "The connection details of %q could not be read.", src.Name)
	}
	fields := maps.Clone(src.Settings)
	if fields == nil {
		fields = map[string]string{}
	}
	maps.Copy(fields, creds.Reveal())
	pause := firstBackoff
	for {
		m, err := p.launch(ctx, s, st, worker.Configuration{
			SpecHash: st.hash, Engine: src.Engine, Fields: fields, ReadOnly: src.ReadOnly,
			AppName: p.appName(src.ID), KeepOrphans: p.hasRuns(s),
		})
		var invalid *worker.InvalidError
		switch {
		case err == nil:
			return m, nil
		case ctx.Err() != nil:
			return nil, err
		case errors.As(err, &invalid):
			return nil, p.noted(s, err, "The connection details of %q do not work: %s", src.Name, invalid.Message)
		}
		if failure := p.failed(s, st.hash, "it could not be started: "+reason(err), err); failure != nil {
			return nil, failure
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, fmt.Errorf("start worker: %w", context.Cause(ctx))
		}
		pause *= 2
	}
}

// reason gives what people may read of a failed start.
func reason(err error) string {
	var exit *exitError
	switch {
	case errors.As(err, &exit):
		return exit.status
	case errors.Is(err, worker.ErrVersion):
		return "it speaks another protocol version"
	case errors.Is(err, context.DeadlineExceeded):
		return "it did not answer in time"
	case errors.Is(err, worker.ErrUnauthorized):
		return "it did not accept its token"
	}
	return "see the log of Dribble for the cause"
}

// noted records an error that trying again would not mend.
func (p *Pool) noted(s *source, cause error, format string, args ...any) error {
	failure := unavailable(cause, format, args...)
	p.opt.Log.Warn("worker cannot start", "source", s.id, "error", cause)
	p.mu.Lock()
	defer p.mu.Unlock()
	s.lastError = failure.Message
	return failure
}

// failed counts a quick failure of the source's worker. From the fifth in a row
// on the source is failed for a while, and that error is returned.
func (p *Pool) failed(s *source, hash, why string, cause error) *domain.Error {
	p.opt.Log.Warn("worker failed", "source", s.id, "reason", why, "error", cause)
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failedLocked(s, hash, why, cause)
}

func (p *Pool) failedLocked(s *source, hash, why string, cause error) *domain.Error {
	s.lastError = why
	if s.failedHash != hash {
		s.failedHash, s.fails = hash, 0
	}
	s.fails++
	p.changedLocked()
	if s.fails < maxFails {
		return nil
	}
	s.fails = 0
	s.failedUntil = p.opt.Clock().Add(failedPause)
	s.failure = unavailable(cause, "The worker of this source failed %d times in a row; the last time %s. "+
		"Dribble tries again in %d seconds.", maxFails, why, int(failedPause.Seconds()))
	return s.failure
}

// hasRuns reports whether runs still go on in a worker that is being replaced.
// Those of a lost or stopping one do not count: what is left of them in the
// database has to go.
func (p *Pool) hasRuns(s *source) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for m := range s.members {
		if m.users > 0 && !m.isLost && !m.isStopping {
			return true
		}
	}
	return false
}
