// Package query is the run pipeline: it checks a text, records the run, finds the
// source's worker, streams what the worker sends into the result store, lets any
// number of viewers watch, and stores the outcome. It knows nothing of HTTP, of
// the metadata database or of how workers are started.
package query

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"dribble/domain"
	"dribble/result"
	"dribble/worker"
)

// Store is the part of the metadata store that a run needs.
type Store interface {
	Source(ctx context.Context, p domain.Principal, id string) (domain.Source, error)
	Query(ctx context.Context, p domain.Principal, id string) (domain.Query, error)
	CreateRun(ctx context.Context, p domain.Principal, run domain.NewRun) (domain.Run, error)
	StartRun(ctx context.Context, id, worker string) error
	// FinishRun stores status, totals, error and statements of a run.
	FinishRun(ctx context.Context, run domain.Run) error
	Run(ctx context.Context, p domain.Principal, id string) (domain.Run, error)
	InterruptRuns(ctx context.Context) (int, error)
	// SaveColumns and Columns keep the columns of a statement's rows for when
	// the rows themselves are gone.
	SaveColumns(ctx context.Context, runID string, seq int, columns []result.Column) error
	Columns(ctx context.Context, p domain.Principal, runID string, seq int) ([]result.Column, error)
	ExpireResults(ctx context.Context, keys []string) error
}

// Workers finds the worker of a source.
type Workers interface {
	// Acquire waits for a place in the source's worker, starting it if
	// needed, and reports what it waits for. The caller must Release.
	Acquire(ctx context.Context, src domain.Source, notify func(Phase)) (Lease, error)
}

// Lease is one run's place in a worker.
type Lease struct {
	Client   *worker.Client
	WorkerID string
	Lost     <-chan struct{} // closed when the worker is gone
	Release  func()
}

// Names of phases, in the order of a run's life.
const (
	PhaseQueued     = "queued"
	PhaseStarting   = "starting" // the worker is being started
	PhaseWaiting    = "waiting"  // for a place; Ahead runs come first
	PhaseRunning    = "running"
	PhaseReceiving  = "receiving"
	PhaseCancelling = "cancelling"
	PhaseDone       = "done"
)

// Phase is what a run is doing now.
type Phase struct {
	Name  string
	Ahead int // of PhaseWaiting
}

// Limits are the workspace's bounds of every run.
type Limits struct {
	DefaultRows int           // rows of a statement when neither run nor source says
	MaxRows     int           // most that a run may ask for
	Timeout     time.Duration // of a run when neither run nor source says
	MaxTimeout  time.Duration
	Bytes       int64 // of one statement's result
	Cell        int   // of one cell
}

// DefaultLimits are used where an Options field is zero.
func DefaultLimits() Limits {
	return Limits{
		DefaultRows: 10_000,
		MaxRows:     5_000_000,
		Timeout:     5 * time.Minute,
		MaxTimeout:  6 * time.Hour,
		Bytes:       4 << 30,
		Cell:        8 << 20,
	}
}

// Options are what a Service is made of.
type Options struct {
	Store   Store
	Workers Workers
	Results *result.Store
	Cache   Cache
	Limits  Limits
	Log     *slog.Logger
	// Observe is told of every finished run, for metrics and listeners. May be nil.
	Observe func(domain.Run)
	// ResultTTL and ResultQuota bound what the result store keeps. 0 means
	// 7 days and 10 GB.
	ResultTTL   time.Duration
	ResultQuota int64
}

// Service runs queries. Make one with New, call Recover once, then Sweep in
// a goroutine of its own, and Shutdown at the end.
type Service struct {
	store   Store
	workers Workers
	results *result.Store
	limits  Limits
	log     *slog.Logger
	observe func(domain.Run)
	ttl     time.Duration
	quota   int64
	cache   Cache

	mu     sync.Mutex
	active map[string]*active // by run ID, also shortly after the end
	wg     sync.WaitGroup
	closed bool
}

// New makes a Service.
func New(o Options) *Service {
	s := &Service{
		store: o.Store, workers: o.Workers, results: o.Results, limits: o.Limits, log: o.Log,
		observe: o.Observe, ttl: o.ResultTTL, quota: o.ResultQuota,
		cache: o.Cache, active: make(map[string]*active),
	}
	if s.observe == nil {
		s.observe = func(domain.Run) {}
	}
	if s.limits == (Limits{}) {
		s.limits = DefaultLimits()
	}
	s.limits.DefaultRows = min(s.limits.DefaultRows, s.limits.MaxRows)
	s.limits.Timeout = min(s.limits.Timeout, s.limits.MaxTimeout)
	if s.ttl == 0 {
		s.ttl = 7 * 24 * time.Hour
	}
	if s.quota == 0 {
		s.quota = 10_000_000_000
	}
	return s
}

// Kept is how long results are kept at most.
func (s *Service) Kept() time.Duration { return s.ttl }

// Limits returns the workspace's bounds.
func (s *Service) Limits() Limits { return s.limits }

// Shutdown cancels every run in its database, keeps the rows that have arrived,
// and waits for the runs to be stored, at most until ctx ends.
func (s *Service) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	for _, a := range s.active {
		a.stop(errShutdown)
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() { s.wg.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("wait for runs to end: %w", ctx.Err())
	}
}
