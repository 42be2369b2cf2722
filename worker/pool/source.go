package pool

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"dribble/domain"
	"dribble/worker"
)

// source is what the pool knows of one source. The pool's mutex guards it.
type source struct {
	id       string
	last     domain.Source    // as last asked for; ID is "" before
	current  *member          // takes new runs; nil if there is none
	members  map[*member]bool // all live ones: current, draining, stopping
	starting *start           // a start under way

	running int // runs that hold a place
	waiting []*waiter

	isStopped   bool // stopped on purpose, by idleness or by a person
	isLost      bool // the last worker ended unasked
	fails       int  // quick failures in a row
	failedUntil time.Time
	failedHash  string        // with other settings it is not failed
	failure     *domain.Error // why it is failed
	restarts    int
	lastError   string
}

// member is one worker of a source. The pool's mutex guards what may change.
type member struct {
	source   *source // nil in a connection test
	instance Instance
	client   *worker.Client
	hash     string
	lost     chan struct{} // closed when it is gone

	users      int // runs and catalogue reads
	isDraining bool
	isStopping bool
	isLost     bool
	isProbing  bool
	misses     int // health calls in a row without an answer
	rss        int64
	readyAt    time.Time
	lastUsed   time.Time
	lastProbe  time.Time
	lastMiss   time.Time // in real time, whatever the pool's clock
}

// start is a worker's start under way, shared by all who wait for it.
type start struct {
	hash        string
	state       domain.WorkerState // starting or configuring
	cancel      context.CancelFunc // ends it
	isAbandoned bool               // somebody has stopped the worker meanwhile
	done        chan struct{}
	err         error // set before done is closed
}

// sourceLocked returns the entry of a source, a new one if need be.
func (p *Pool) sourceLocked(id string) *source {
	s := p.sources[id]
	if s == nil {
		s = &source{id: id, members: map[*member]bool{}}
		p.sources[id] = s
	}
	return s
}

// state derives the source's state for people.
func (s *source) state(now time.Time) domain.WorkerState {
	switch {
	case s.starting != nil:
		return s.starting.state
	case s.current != nil && s.current.misses > 0:
		return domain.WorkerUnhealthy
	case s.current != nil && s.current.users > 0:
		return domain.WorkerBusy
	case s.current != nil:
		return domain.WorkerReady
	case now.Before(s.failedUntil):
		return domain.WorkerFailed
	case s.isLost:
		return domain.WorkerUnhealthy
	case s.isStopped:
		return domain.WorkerStopped
	}
	return domain.WorkerAbsent
}

// isUsable reports whether a worker may take another run of a spec.
func (m *member) isUsable(hash string) bool {
	return m != nil && m.hash == hash && m.misses == 0 && !m.isLost && !m.isStopping && !m.isDraining
}

// specHash names what a source's worker is made from. Secrets are covered by the
// revision and stay out of it, for the hash is no secret.
func (p *Pool) specHash(src domain.Source) (string, error) {
	text, err := json.Marshal(struct {
		Protocol, MaxConns, Revision int
		Engine                       string
		Settings                     map[string]string
		ReadOnly                     bool
	}{worker.Version, p.opt.MaxConns, src.Revision, src.Engine, src.Settings, src.ReadOnly})
	if err != nil {
		return "", fmt.Errorf("hash source: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}
