package main

import (
	"context"
	"log/slog"
	"path/filepath"

	"dribble/db"
	"dribble/engine/all"
	"dribble/worker/pool"
	workerserve "dribble/worker/serve"
)

// newLauncher makes the back end that the settings choose.
func newLauncher(c config, log *slog.Logger) (pool.Launcher, error) {
	return pool.NewProcessLauncher(pool.ProcessOptions{Dir: filepath.Join(c.Data, "workers"), Log: log})
}

// runWorker is what a child process of the server does. It reads no settings: its
// orders come over its arguments, standard input and socket.
func runWorker(ctx context.Context, args []string, env environment) error {
	log := slog.New(slog.NewTextHandler(env.err, nil))
	return workerserve.Main(ctx, args, env.in, all.Engines(), log)
}

// workerStore keeps the pool's records in the metadata store.
type workerStore struct{ store *db.Store }

func (w workerStore) SaveWorker(ctx context.Context, r pool.Record) error {
	return w.store.SaveWorker(ctx, db.Worker{
		ID: r.ID, SourceID: r.SourceID, Backend: r.Backend, Address: r.Address, State: r.State,
		SpecHash: r.SpecHash, StartedAt: r.StartedAt, Restarts: r.Restarts, LastSeen: r.LastSeen,
	})
}

func (w workerStore) DeleteWorker(ctx context.Context, id string) error {
	return w.store.DeleteWorker(ctx, id)
}
