package db

import (
	"context"
	"database/sql"
	"errors"

	"dribble/domain"
)

// runColumns and runNames read runs r with the names of what they refer to.
const runColumns = `
	SELECT r.id, r.workspace_id, r.query_id, q.name, r.query_version_id, v.version_number, r.source_id, s.name, s.engine,
		r.sql_text, r.params, r.trigger, r.status, r.max_rows, r.execution_time_ms, r.row_count, r.bytes,
		r.error_code, r.error_message, r.error_position, r.error_detail, r.error_hint, r.error_severity,
		r.worker, r.cached_from, r.created_by, u.name, r.created_at, r.started_at, r.finished_at`

const runNames = `
	LEFT JOIN queries q ON q.id = r.query_id
	LEFT JOIN query_versions v ON v.id = r.query_version_id
	LEFT JOIN sources s ON s.id = r.source_id
	LEFT JOIN users u ON u.id = r.created_by`

func scanRun(row scanner) (domain.Run, error) {
	var r domain.Run
	var e domain.SQLError
	var version, position sql.NullInt64
	err := row.Scan(&r.ID, &r.WorkspaceID, textIn{&r.QueryID}, textIn{&r.QueryName}, textIn{&r.VersionID}, &version, &r.SourceID,
		textIn{&r.SourceName}, textIn{&r.Engine}, &r.SQL, jsonIn{&r.Params}, &r.Trigger, &r.Status, &r.MaxRows,
		millisIn{&r.Elapsed}, &r.RowCount, &r.Bytes, &e.Code, &e.Message, &position, &e.Detail, &e.Hint, &e.Severity,
		&r.Worker, &r.CachedFrom, &r.CreatedBy, textIn{&r.Author}, timeIn{&r.CreatedAt}, timeIn{&r.StartedAt}, timeIn{&r.FinishedAt})
	r.Version = int(version.Int64)
	if position.Valid {
		n := int(position.Int64)
		e.Position = &n
	}
	if e != (domain.SQLError{}) {
		r.Error = &e
	}
	return r, err
}

// Run returns one run with its statements, or domain.NotFound. It does so for the
// runs of deleted queries and sources too.
func (s *Store) Run(ctx context.Context, p domain.Principal, id string) (domain.Run, error) {
	return runByID(ctx, s.read, p, id)
}

func runByID(ctx context.Context, q querier, p domain.Principal, id string) (domain.Run, error) {
	run, err := scanRun(q.QueryRowContext(ctx, runColumns+" FROM query_runs r"+runNames+`
		WHERE r.workspace_id = $1 AND r.id = $2`, p.WorkspaceID, id))
	if err != nil {
		return domain.Run{}, missing("read run", "run", err)
	}
	run.Statements, err = statements(ctx, q, id)
	return run, err
}

// CreateRun records a queued run. With SaveSQL the query gets it as draft and, if
// it differs from the newest version, as next version, in the same transaction; an
// ephemeral query stays ephemeral. The run is linked to the version whose text it
// is or is a part of. It is domain.NotFound without the query, domain.Invalid
// (Field "source_id") without the source.
func (s *Store) CreateRun(ctx context.Context, p domain.Principal, n domain.NewRun) (domain.Run, error) {
	if err := errors.Join(checkText("sql", n.SQL), checkText("sql", n.SaveSQL)); err != nil {
		return domain.Run{}, err
	}
	if n.Params == nil {
		n.Params = map[string]string{}
	}
	params, err := toJSON(n.Params)
	if err != nil {
		return domain.Run{}, err
	}
	var run domain.Run
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		if err := knownSource(ctx, tx, p, n.SourceID); err != nil {
			return err
		}
		version, err := versionOfRun(ctx, tx, p, n)
		if err != nil {
			return err
		}
		id := newID()
		if _, err := tx.ExecContext(ctx, `
			INSERT INTO query_runs (id, workspace_id, query_id, query_version_id, source_id, sql_text, params, trigger, status,
				max_rows, server, created_by, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
			id, p.WorkspaceID, nullText(n.QueryID), nullText(version), n.SourceID, n.SQL, params, n.Trigger, domain.RunQueued,
			n.MaxRows, s.server, p.UserID, now()); err != nil {
			return fail("create run", err)
		}
		run, err = runByID(ctx, tx, p, id)
		return err
	})
	return run, err
}

// versionOfRun returns the ID of the version that the run belongs to, after saving
// it if n asks for that; "" if there is none.
func versionOfRun(ctx context.Context, tx *sql.Tx, p domain.Principal, n domain.NewRun) (string, error) {
	if n.QueryID == "" {
		return "", nil
	}
	if n.SaveSQL == "" {
		if _, err := queryByID(ctx, tx, p, n.QueryID); err != nil {
			return "", err
		}
		newest, ok, err := newestVersion(ctx, tx, n.QueryID)
		if err != nil || !ok || !sameText(newest.SQL, n.SQL) {
			return "", err
		}
		return newest.ID, nil
	}
	if err := lockQuery(ctx, tx, p, n.QueryID); err != nil {
		return "", err
	}
	v, _, err := nextVersion(ctx, tx, p, domain.Version{QueryID: n.QueryID, SQL: n.SaveSQL, Trigger: domain.TriggerRun})
	if err != nil {
		return "", err
	}
	_, err = tx.ExecContext(ctx, "UPDATE queries SET draft_sql = $2 WHERE id = $1", n.QueryID, n.SaveSQL)
	return v.ID, fail("save draft", err)
}

// StartRun marks a run as running in a worker, from now or, when it is sent again,
// still from its first start. It is domain.Conflict if the run has ended.
func (s *Store) StartRun(ctx context.Context, id, worker string) error {
	r, err := s.write.ExecContext(ctx, `
		UPDATE query_runs SET status = 'running', worker = $2, started_at = COALESCE(started_at, $3)
		WHERE id = $1 AND status IN ('queued', 'running')`, id, worker, now())
	err = touched("start run", "run", r, err)
	if domain.CodeOf(err) == domain.NotFound {
		return &domain.Error{Code: domain.Conflict, Op: "start run", Message: "This run has ended already."}
	}
	return err
}
