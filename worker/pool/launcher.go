// Package pool finds, starts, watches and stops workers: one per source, shared by
// all its runs. It decides when a worker is needed and when it has to go; how one
// is started is a Launcher's business. It knows nothing of what workers do inside.
package pool

import (
	"context"
	"log/slog"
	"time"
)

// Launcher starts isolated workers somewhere: as child processes, as containers.
// It is safe for concurrent use.
type Launcher interface {
	// Name is the back end's name: "process", "docker".
	Name() string
	// Start starts a worker and returns when it answers health calls. If that
	// fails, or ctx ends, nothing of it is left.
	Start(ctx context.Context, spec Spec) (Instance, error)
	// List returns the workers that run now, those of an earlier server
	// included, whatever install they belong to; and clears away the traces of
	// those that are gone.
	List(ctx context.Context) ([]Instance, error)
	// Stop ends a worker, kindly and then by force, and returns when it is
	// gone. It is no error if it is gone already.
	Stop(ctx context.Context, id string) error
}

// Spec says what to start. Printed or logged, it keeps its token to itself.
type Spec struct {
	ID          string // of the new worker; letters and digits
	InstanceID  string // of this install; workers of others are never touched
	SourceID    string // "" for a connection test
	SpecHash    string // changes when the worker must be replaced
	Token       string // what callers of the worker must present
	MemoryLimit int64  // bytes; 0 = the launcher's default
}

// String leaves the token out.
func (s Spec) String() string { return "worker " + s.ID + " of source " + s.SourceID }

// GoString leaves the token out of %#v.
func (s Spec) GoString() string { return s.String() }

// LogValue leaves the token out of slog.
func (s Spec) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Instance is a worker that has been started.
type Instance struct {
	ID         string
	InstanceID string
	SourceID   string
	SpecHash   string
	Network    string // "unix" or "tcp"
	Address    string
	Pid        int // 0 if unknown
	StartedAt  time.Time
	// Done is closed when the worker has ended; nil if the launcher cannot tell.
	Done <-chan struct{}
	// Exit says how the worker ended, once Done is closed: "exit status 3". It
	// holds no secrets. Nil if the launcher cannot tell.
	Exit func() string
}
