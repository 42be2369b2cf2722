package pool

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"dribble/domain"
	"dribble/engine"
)

// Options configure a Pool. Launcher, Engines and Credentials are needed.
type Options struct {
	Launcher Launcher
	Engines  []engine.Spec
	// Credentials unseals a source's connection fields.
	Credentials func(ctx context.Context, sourceID string) (domain.Credentials, error)
	// Store keeps a record of live workers; may be nil.
	Store WorkerStore
	// Instance names this install; workers of another are never touched.
	Instance       string
	MaxConns       int           // runs of one source side by side; 0 = 5
	IdleStop       time.Duration // a worker unused for so long stops; 0 = 10 min
	HealthEvery    time.Duration // of an idle worker; 0 = 5 s. A busy one is asked each half second
	ReconcileEvery time.Duration // 0 = 30 s
	MemoryLimit    int64         // of one worker, in bytes; 0 = the launcher's default
	Log            *slog.Logger
	Clock          func() time.Time // nil = time.Now
}

// WorkerStore keeps the table of workers that people and other servers see.
type WorkerStore interface {
	SaveWorker(ctx context.Context, r Record) error
	DeleteWorker(ctx context.Context, id string) error
}

// Record is one row of that table.
type Record struct {
	ID        string
	SourceID  string
	Backend   string // the launcher's name
	Address   string
	State     domain.WorkerState
	SpecHash  string
	StartedAt time.Time
	Restarts  int
	LastSeen  time.Time
}

// Bounds that nobody needs to choose.
const (
	maxWaiting   = 100                    // runs that wait for one source
	maxTests     = 4                      // connection tests at a time
	probeTimeout = time.Second            // of one health call
	maxMisses    = 3                      // health calls without an answer before a worker is given up
	busyEvery    = 500 * time.Millisecond // between health calls to a worker with runs
	maxFails     = 5                      // quick failures in a row before a source is failed
	failedPause  = 30 * time.Second       // how long it then stays failed
	quickLife    = 10 * time.Second       // a worker that dies younger has failed quickly
	firstBackoff = 50 * time.Millisecond
)

// Pool holds the workers of all sources. It is safe for concurrent use.
type Pool struct {
	opt  Options
	life context.Context // of the workers' starts and watchers, until Close
	stop context.CancelFunc
	work sync.WaitGroup
	test chan struct{} // a place for each connection test

	mu       sync.Mutex
	sources  map[string]*source
	known    map[string]bool // IDs of workers from before their start to after their end
	watchers map[chan struct{}]bool
	isClosed bool
}

// New makes a pool. It starts nothing before Run or the first Acquire.
func New(opt Options) *Pool {
	if opt.MaxConns <= 0 {
		opt.MaxConns = 5
	}
	opt.IdleStop = orDefault(opt.IdleStop, 10*time.Minute)
	opt.HealthEvery = orDefault(opt.HealthEvery, 5*time.Second)
	opt.ReconcileEvery = orDefault(opt.ReconcileEvery, 30*time.Second)
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Clock == nil {
		opt.Clock = time.Now
	}
	p := &Pool{
		opt: opt, test: make(chan struct{}, maxTests),
		sources: map[string]*source{}, known: map[string]bool{}, watchers: map[chan struct{}]bool{},
	}
	p.life, p.stop = context.WithCancel(context.Background())
	return p
}

func orDefault(d, other time.Duration) time.Duration {
	if d <= 0 {
		return other
	}
	return d
}

// Run looks after the workers until ctx ends: health, idle stop, reconciling with
// what really runs. It does not stop the workers; Close does.
func (p *Pool) Run(ctx context.Context) error {
	p.reconcile(ctx)
	look := time.NewTicker(min(busyEvery, p.opt.HealthEvery))
	defer look.Stop()
	compare := time.NewTicker(p.opt.ReconcileEvery)
	defer compare.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.life.Done():
			return nil
		case <-look.C:
			p.lookAfter()
		case <-compare.C:
			p.reconcile(ctx)
		}
	}
}

// Close refuses new runs, stops all workers and waits until they are gone or ctx
// ends.
func (p *Pool) Close(ctx context.Context) error {
	p.mu.Lock()
	p.isClosed = true
	p.stop()
	for _, s := range p.sources {
		for m := range s.members {
			p.retireLocked(s, m)
			p.stopLocked(m)
		}
	}
	p.mu.Unlock()
	gone := make(chan struct{})
	go func() {
		p.work.Wait()
		close(gone)
	}()
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stop workers: %w", context.Cause(ctx))
	}
}

var errClosed = &domain.Error{
	Code: domain.Unavailable, Op: "pool.Acquire", Message: "Dribble is shutting down. Try again in a moment.",
}

// unavailable makes the public error of a worker that cannot be had.
func unavailable(cause error, format string, args ...any) *domain.Error {
	e := domain.Errorf(domain.Unavailable, format, args...)
	e.Op, e.Err = "pool", cause
	return e
}

// engine checks that there is such an engine.
func (p *Pool) engine(name string) (engine.Spec, error) {
	spec, ok := engine.Find(p.opt.Engines, name)
	if !ok {
		return spec, domain.FieldError("engine", "There is no engine called %q.", name)
	}
	return spec, nil
}

// isGone reports a context's own end among other errors.
func isGone(ctx context.Context, err error) bool {
	return ctx.Err() != nil && errors.Is(err, context.Cause(ctx))
}
