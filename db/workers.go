package db

import (
	"context"
	"time"

	"dribble/domain"
)

// Worker is what the store remembers of a source's worker between two lives of the
// server.
type Worker struct {
	ID        string
	SourceID  string
	Backend   string // "process", "docker", …
	Address   string
	State     domain.WorkerState
	SpecHash  string
	Restarts  int
	StartedAt time.Time // zero if it has not started
	LastSeen  time.Time // zero if it never answered
}

// SaveWorker adds the worker or replaces the row with its ID.
func (s *Store) SaveWorker(ctx context.Context, w Worker) error {
	_, err := s.write.ExecContext(ctx, `
		INSERT INTO workers (id, source_id, backend, address, state, spec_hash, restarts, started_at, last_seen)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (id) DO UPDATE SET source_id = excluded.source_id, backend = excluded.backend, address = excluded.address,
			state = excluded.state, spec_hash = excluded.spec_hash, restarts = excluded.restarts,
			started_at = excluded.started_at, last_seen = excluded.last_seen`,
		w.ID, w.SourceID, w.Backend, w.Address, w.State, w.SpecHash, w.Restarts, orNull(w.StartedAt), orNull(w.LastSeen))
	return fail("save worker", err)
}

// Workers returns all workers of the install, by source.
func (s *Store) Workers(ctx context.Context) ([]Worker, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT id, source_id, backend, address, state, spec_hash, restarts, started_at, last_seen
		FROM workers ORDER BY source_id, id`)
	list, err := collect(rows, err, func(row scanner) (Worker, error) {
		var w Worker
		err := row.Scan(&w.ID, &w.SourceID, &w.Backend, &w.Address, &w.State, &w.SpecHash, &w.Restarts,
			timeIn{&w.StartedAt}, timeIn{&w.LastSeen})
		return w, err
	})
	return list, fail("read workers", err)
}

// DeleteWorker forgets a worker. One that is not there is no error.
func (s *Store) DeleteWorker(ctx context.Context, id string) error {
	_, err := s.write.ExecContext(ctx, "DELETE FROM workers WHERE id = $1", id)
	return fail("delete worker", err)
}
