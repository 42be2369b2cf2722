package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"dribble/db"
	"dribble/domain"
	"dribble/engine/all"
	"dribble/handlers"
	"dribble/query"
	"dribble/result"
	"dribble/static"
	"dribble/worker/pool"
)

// stopTime bounds everything between SIGTERM and exit.
const stopTime = 5 * time.Second

// serve wires the system, top to bottom, and runs it until ctx ends.
func serve(ctx context.Context, args []string, env environment) error {
	c, err := readConfig("serve", args, env.getenv, env.out)
	if err != nil {
		return err
	}
	log := newLogger(c, env.err)
	if err := makeFolder(c.Data); err != nil {
		return err
	}
	// Listening comes first: a taken port must not leave half a start behind.
	listener, err := listen(ctx, c.Addr)
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }()

	store, err := openStore(ctx, c, storeOptions(c, log))
	if err != nil {
		return err
	}
	defer func() { _ = store.Close() }()
	local, err := store.EnsureLocal(ctx)
	if err != nil {
		return err
	}
	sample, err := addSample(ctx, c, store, local)
	if err != nil {
		return err
	}
	instance, err := store.Instance(ctx)
	if err != nil {
		return err
	}
	cache, err := db.OpenCache(c.RedisURL, log)
	if err != nil {
		return err
	}
	defer func() { _ = cache.Close() }()
	results, err := result.OpenStore(filepath.Join(c.Data, "results"))
	if err != nil {
		return err
	}
	launcher, err := newLauncher(c, log)
	if err != nil {
		return err
	}
	workers := pool.New(pool.Options{
		Launcher: launcher, Engines: all.Specs(), Credentials: store.Credentials,
		Store: workerStore{store}, Instance: instance, IdleStop: c.IdleStop, MemoryLimit: int64(c.WorkerMB) << 20, Log: log,
	})
	counters := newMetrics(workers)
	limits := query.DefaultLimits()
	limits.MaxRows = c.MaxRows
	var server *handlers.Server
	runs := query.New(query.Options{
		Store: store, Workers: leases{workers}, Results: results, Cache: cache, Limits: limits, Log: log,
		ResultTTL: c.ResultTTL, ResultQuota: c.ResultQuota,
		Observe: func(run domain.Run) { counters.observe(run); server.RunEnded(run) },
	})
	server = handlers.New(handlers.Options{
		Store: store, Runs: runs, Workers: workers, Cache: cache, Engines: all.Specs(), Local: local,
		Hosts: c.Hosts, DataDir: c.Data, SampleFile: filepath.Join(c.Data, sampleFile), Samples: samples(sample), Version: version, Log: log, Metrics: counters.handler(runs),
		Measure: counters.middleware,
	})
	if err := runs.Recover(ctx); err != nil {
		return err
	}
	if text := static.Missing(); text != "" {
		log.WarnContext(ctx, text)
	}
	return operate(ctx, system{listener, server, runs, workers, log, env})
}

// system is what runs while the server is up.
type system struct {
	listener net.Listener
	server   *handlers.Server
	runs     *query.Service
	workers  *pool.Pool
	log      *slog.Logger
	env      environment
}

// operate runs the system's goroutines until ctx ends, then stops them in order:
// runs are cancelled in their databases and stored, streams end, workers stop.
func operate(ctx context.Context, s system) error {
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	web := &http.Server{
		Handler:           s.server.Handler(),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return base },
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.workers.Run(ctx) })
	group.Go(func() error { s.runs.Sweep(ctx); return nil })
	group.Go(func() error {
		if err := web.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve: %w", err)
		}
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		// Not from base, which is cut before the rest has stopped.
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime-time.Second)
		defer cancel()
		err := s.runs.Shutdown(end)
		cut() // ends event streams, which would otherwise hold Shutdown up
		return errors.Join(err, web.Shutdown(end), s.workers.Close(end))
	})
	_, _ = fmt.Fprintf(s.env.out, "Dribble is at http://%s\n", s.listener.Addr())
	err := group.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

func listen(ctx context.Context, addr string) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s is taken by another program; choose another address with --addr", addr)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	return listener, nil
}

// makeFolder makes the data folder and proves that it can be written.
func makeFolder(dir string) error {
	err := os.MkdirAll(dir, 0o700)
	if err == nil {
		var f *os.File
		if f, err = os.CreateTemp(dir, ".probe-*"); err == nil {
			err = errors.Join(f.Close(), os.Remove(f.Name()))
		}
	}
	if err != nil {
		return fmt.Errorf("the data folder %s cannot be written: %w; choose another with --data", dir, err)
	}
	return nil
}

func openStore(ctx context.Context, c config, options db.Options) (*db.Store, error) {
	var err error
	if options.Keys, err = db.LoadKeyring(filepath.Join(c.Data, "keyring")); err != nil {
		return nil, err
	}
	return db.Open(ctx, options)
}

func storeOptions(c config, log *slog.Logger) db.Options {
	return db.Options{URL: c.DatabaseURL, Path: filepath.Join(c.Data, "dribble.db"), Log: log}
}

// leases fits the pool to what a run needs of it.
type leases struct{ pool *pool.Pool }

func (l leases) Acquire(ctx context.Context, src domain.Source, notify func(query.Phase)) (query.Lease, error) {
	lease, err := l.pool.Acquire(ctx, src, func(p pool.Phase) { notify(query.Phase{Name: p.Name, Ahead: p.Ahead}) })
	if err != nil {
		return query.Lease{}, err
	}
	return query.Lease{Client: lease.Client, WorkerID: lease.WorkerID, Lost: lease.Lost(), Release: lease.Release}, nil
}
