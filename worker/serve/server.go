// Package serve is what runs inside a worker: an HTTP server in front of one
// database. It takes its configuration once, over the wire, runs statements in
// sessions of the engine and streams the rows back. It keeps no state beyond its
// runs and knows nothing of users, queries or the metadata store.
package serve

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"dribble/engine"
)

// Options configure a worker.
type Options struct {
	Listener net.Listener // Serve closes it
	Token    string       // what callers must present; must not be empty
	Engines  []engine.Engine
	Log      *slog.Logger
	// Dial is passed to the engine for all its network connections; nil means
	// a plain dialer.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// IdleExit ends the worker when no authenticated call has come for so
	// long: its server is gone for good. 0 means 10 minutes.
	IdleExit time.Duration
	// WriteStall ends a run whose rows nobody takes for so long. 0 means 30 s.
	WriteStall time.Duration
	// MaxRSS ends the worker when it uses more memory than this many bytes, so
	// that one result cannot starve the machine. 0 means no bound.
	MaxRSS int64
}

// Reasons for the end of Serve.
var (
	// ErrIdle says that no server has called for Options.IdleExit.
	ErrIdle = errors.New("serve: no server has called")
	// ErrMemory says that the worker grew over Options.MaxRSS.
	ErrMemory = errors.New("serve: memory limit reached")
)

// Times and sizes that callers need not choose.
const (
	defaultIdleExit   = 10 * time.Minute
	defaultWriteStall = 30 * time.Second
	stopGrace         = 1500 * time.Millisecond // for running statements when the worker stops
	maxConfigure      = 4 << 20                 // bytes of a Configuration
	maxExec           = 16 << 20                // bytes of an Exec
	maxCall           = 1 << 16                 // bytes of any other call
)

type server struct {
	opt      Options
	token    [sha256.Size]byte
	lastCall atomic.Int64 // Unix nanoseconds of the last authenticated call
	life     context.Context
	stop     context.CancelCauseFunc
	work     sync.WaitGroup // background work beside the HTTP handlers

	mu         sync.Mutex
	conf       *configured // nil until configured
	runs       map[string]*run
	isStopping bool
}

// Serve answers calls until ctx ends (nil error), the worker has been forgotten
// (ErrIdle) or has grown too large (ErrMemory). Running statements are then
// cancelled in the database, for which it takes up to two seconds.
func Serve(ctx context.Context, opt Options) error {
	if opt.Token == "" {
		_ = opt.Listener.Close()
		return errors.New("serve: a token is needed")
	}
	if opt.IdleExit <= 0 {
		opt.IdleExit = defaultIdleExit
	}
	if opt.WriteStall <= 0 {
		opt.WriteStall = defaultWriteStall
	}
	s := &server{opt: opt, token: sha256.Sum256([]byte(opt.Token)), runs: map[string]*run{}}
	s.life, s.stop = context.WithCancelCause(ctx)
	defer s.stop(nil)
	s.touch()
	s.work.Go(s.watch)
	return s.serve(ctx)
}

func (s *server) serve(ctx context.Context) error {
	web := &http.Server{
		Handler:           s.routes(),
		ReadHeaderTimeout: 5 * time.Second,
		ErrorLog:          slog.NewLogLogger(s.opt.Log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	s.work.Go(func() { failed <- web.Serve(s.opt.Listener) })

	var end error
	select {
	case err := <-failed:
		end = fmt.Errorf("serve: %w", err)
	case <-s.life.Done():
		if ctx.Err() == nil {
			end = context.Cause(s.life)
		}
	}
	s.shutdown(ctx, web)
	return end
}

// shutdown refuses new runs, stops those under way in the database, and gives
// them a moment to say so to the server.
func (s *server) shutdown(ctx context.Context, web *http.Server) {
	s.stop(nil)
	s.mu.Lock()
	s.isStopping = true
	why := errStopping
	if errors.Is(context.Cause(s.life), ErrMemory) {
		why = ErrMemory
	}
	for _, r := range s.runs {
		r.cancel(why)
	}
	s.mu.Unlock()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
	defer cancel()
	if err := web.Shutdown(grace); err != nil {
		_ = web.Close()
	}
	s.work.Wait()
	if conf := s.configured(); conf != nil {
		if err := conf.db.Close(); err != nil {
			s.opt.Log.Warn("close database", "error", err)
		}
	}
}

// watch ends the worker when nobody calls any more or memory runs away.
func (s *server) watch() {
	tick := time.NewTicker(min(time.Second, s.opt.IdleExit/4))
	defer tick.Stop()
	for {
		select {
		case <-s.life.Done():
			return
		case now := <-tick.C:
			if now.Sub(time.Unix(0, s.lastCall.Load())) > s.opt.IdleExit {
				s.stop(ErrIdle)
				return
			}
			if s.opt.MaxRSS > 0 && residentBytes() > s.opt.MaxRSS {
				s.stop(ErrMemory)
				return
			}
		}
	}
}

func (s *server) touch() { s.lastCall.Store(time.Now().UnixNano()) }
