package db

import (
	"context"
	"database/sql"
	"time"

	"dribble/domain"
)

// FinishRun stores the end of a run in one transaction: status, times, totals,
// error, and its statements in place of any stored before. A run that another
// process had taken for interrupted becomes what it really was; any other ended
// run is domain.Conflict, an unknown one domain.NotFound.
func (s *Store) FinishRun(ctx context.Context, run domain.Run) error {
	if !run.Status.Done() {
		return domain.Errorf(domain.Invalid, "A run cannot end as %s.", run.Status)
	}
	var e domain.SQLError
	if run.Error != nil {
		e = *run.Error
	}
	if run.FinishedAt.IsZero() {
		run.FinishedAt = now()
	}
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if err := lockRow(ctx, tx, "run", "UPDATE query_runs SET status = status WHERE id = $1", run.ID); err != nil {
			return err
		}
		r, err := tx.ExecContext(ctx, `
			UPDATE query_runs SET status = $2, execution_time_ms = $3, row_count = $4, bytes = $5, error_code = $6,
				error_message = $7, error_position = $8, error_detail = $9, error_hint = $10, error_severity = $11,
				cached_from = $12, started_at = COALESCE(started_at, $13), finished_at = $14,
				worker = CASE WHEN $15 = '' THEN worker ELSE $15 END
			WHERE id = $1 AND status IN ('queued', 'running', 'interrupted')`,
			run.ID, run.Status, millis(run.Elapsed), run.RowCount, run.Bytes, storable(e.Code),
			storable(e.Message), nullInt(e.Position), storable(e.Detail), storable(e.Hint), storable(e.Severity),
			run.CachedFrom, orNull(run.StartedAt), stamp(run.FinishedAt), run.Worker)
		err = touched("finish run", "run", r, err)
		if domain.CodeOf(err) == domain.NotFound {
			return &domain.Error{Code: domain.Conflict, Op: "finish run", Message: "This run has ended already."}
		}
		if err != nil {
			return err
		}
		return replaceStatements(ctx, tx, run)
	})
}

func nullInt(n *int) sql.NullInt64 {
	if n == nil {
		return sql.NullInt64{}
	}
	return sql.NullInt64{Int64: int64(*n), Valid: true}
}

// InterruptRuns ends, as interrupted, the runs that are queued or running in this
// process or in one that has died, and returns how many. On PostgreSQL the runs of
// other living servers stay; it may take a second to tell those. Call it before the
// first run.
func (s *Store) InterruptRuns(ctx context.Context) (int, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT DISTINCT server FROM query_runs WHERE status IN ('queued', 'running')`)
	servers, err := collect(rows, err, scanText)
	if err != nil {
		return 0, fail("find open runs", err)
	}
	deadline := time.Now().Add(deathWait)
	total := 0
	for _, server := range servers {
		dead, err := s.isDead(ctx, server, deadline)
		if err != nil {
			return total, err
		}
		if !dead {
			continue
		}
		r, err := s.write.ExecContext(ctx, `
			UPDATE query_runs SET status = 'interrupted', finished_at = $2
			WHERE server = $1 AND status IN ('queued', 'running')`, server, now())
		if err != nil {
			return total, fail("interrupt runs", err)
		}
		n, err := r.RowsAffected()
		if err != nil {
			return total, fail("interrupt runs", err)
		}
		total += int(n)
	}
	return total, nil
}

// purgeBatch bounds how many runs one transaction of PurgeRuns deletes, so that
// others can write in between.
const purgeBatch = 1000

// PurgeRuns deletes the ended runs created before that time, in all workspaces,
// and returns how many.
func (s *Store) PurgeRuns(ctx context.Context, before time.Time) (int, error) {
	rows, err := s.read.QueryContext(ctx, "SELECT id FROM workspaces")
	workspaces, err := collect(rows, err, scanText)
	if err != nil {
		return 0, fail("find workspaces", err)
	}
	total := 0
	for _, workspace := range workspaces {
		n, err := s.purgeWorkspace(ctx, workspace, stamp(before))
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

func (s *Store) purgeWorkspace(ctx context.Context, workspace string, before time.Time) (int, error) {
	for total := 0; ; {
		r, err := s.write.ExecContext(ctx, `
			DELETE FROM query_runs WHERE id IN (
				SELECT id FROM query_runs
				WHERE workspace_id = $1 AND created_at < $2 AND status NOT IN ('queued', 'running')
				ORDER BY created_at, id LIMIT $3)`, workspace, before, purgeBatch)
		if err != nil {
			return total, fail("purge runs", err)
		}
		n, err := r.RowsAffected()
		if err != nil {
			return total, fail("purge runs", err)
		}
		total += int(n)
		if n < purgeBatch {
			return total, nil
		}
	}
}
