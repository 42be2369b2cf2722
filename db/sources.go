package db

import (
	"context"
	"database/sql"
	"maps"
	"time"

	"dribble/domain"
)

const sourceColumns = `id, workspace_id, name, engine, connection_details, is_active, read_only, production,
	row_limit, timeout_ms, cache_ttl_s, color, revision, created_at, updated_at`

// Sources returns the workspace's sources by name, with their secrets left out.
func (s *Store) Sources(ctx context.Context, p domain.Principal) ([]domain.Source, error) {
	rows, err := s.read.QueryContext(ctx, `
		SELECT `+sourceColumns+` FROM sources
		WHERE workspace_id = $1 AND deleted_at IS NULL ORDER BY name_key, id`, p.WorkspaceID)
	list, err := collect(rows, err, func(row scanner) (domain.Source, error) {
		src, _, err := s.scanSource(row)
		return src, err
	})
	return list, fail("read sources", err)
}

// Source returns one source without its secrets, or domain.NotFound.
func (s *Store) Source(ctx context.Context, p domain.Principal, id string) (domain.Source, error) {
	src, _, err := s.source(ctx, s.read, p, id)
	return src, err
}

func (s *Store) source(ctx context.Context, q querier, p domain.Principal, id string) (domain.Source, details, error) {
	src, d, err := s.scanSource(q.QueryRowContext(ctx, `
		SELECT `+sourceColumns+` FROM sources
		WHERE workspace_id = $1 AND id = $2 AND deleted_at IS NULL`, p.WorkspaceID, id))
	return src, d, missing("read source", "source", err)
}

func (s *Store) scanSource(row scanner) (domain.Source, details, error) {
	var src domain.Source
	var sealed string
	var timeout, ttl int64
	err := row.Scan(&src.ID, &src.WorkspaceID, &src.Name, &src.Engine, &sealed, &src.IsActive, &src.ReadOnly, &src.Production,
		&src.RowLimit, &timeout, &ttl, &src.Color, &src.Revision, timeIn{&src.CreatedAt}, timeIn{&src.UpdatedAt})
	if err != nil {
		return domain.Source{}, details{}, err
	}
	d, err := s.openDetails(src.ID, sealed)
	if err != nil {
		return domain.Source{}, details{}, err
	}
	src.Timeout, src.CacheTTL = time.Duration(timeout)*time.Millisecond, time.Duration(ttl)*time.Second
	src.Settings = d.Settings
	return src, d, nil
}

// CreateSource stores a source with its secrets and returns it with ID, Revision
// and times filled in. A name that another source has, in any case, is
// domain.Conflict; one that is empty or too long is domain.Invalid; both carry
// Field "name".
func (s *Store) CreateSource(ctx context.Context, p domain.Principal, src domain.Source, secrets map[string]string) (domain.Source, error) {
	name, err := cleanName("name", src.Name)
	if err != nil {
		return domain.Source{}, err
	}
	src.ID, src.WorkspaceID, src.Name, src.Revision = newID(), p.WorkspaceID, name, 1
	src.CreatedAt = now()
	src.UpdatedAt = src.CreatedAt
	d := details{Settings: maps.Clone(src.Settings)}.with(secrets)
	src.Settings = d.Settings
	sealed, err := s.sealDetails(src.ID, d)
	if err != nil {
		return domain.Source{}, err
	}
	_, err = s.write.ExecContext(ctx, `
		INSERT INTO sources (id, workspace_id, name, name_key, engine, connection_details, is_active, read_only, production,
			row_limit, timeout_ms, cache_ttl_s, color, revision, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		src.ID, src.WorkspaceID, src.Name, fold(src.Name), src.Engine, sealed, src.IsActive, src.ReadOnly, src.Production,
		src.RowLimit, src.Timeout.Milliseconds(), seconds(src.CacheTTL), src.Color, src.Revision, src.CreatedAt, src.UpdatedAt)
	if err != nil {
		return domain.Source{}, s.sourceFailure("create source", src.Name, err)
	}
	return src, nil
}

// UpdateSource stores name, settings, flags and limits of src; the engine stays.
// Nil Settings stay as they are. Of the secrets only the named ones change, and
// one set to "" is removed. Revision grows if the connection or ReadOnly changed.
// Errors are those of CreateSource, and domain.NotFound.
func (s *Store) UpdateSource(ctx context.Context, p domain.Principal, src domain.Source, secrets map[string]string) (domain.Source, error) {
	name, err := cleanName("name", src.Name)
	if err != nil {
		return domain.Source{}, err
	}
	var after domain.Source
	err = s.inTx(ctx, func(tx *sql.Tx) error {
		if err := lockRow(ctx, tx, "source", "UPDATE sources SET revision = revision WHERE id = $1 AND workspace_id = $2", src.ID, p.WorkspaceID); err != nil {
			return err
		}
		stored, old, err := s.source(ctx, tx, p, src.ID)
		if err != nil {
			return err
		}
		d := old.with(secrets)
		if src.Settings != nil {
			d.Settings = maps.Clone(src.Settings)
		}
		if !d.equal(old) || src.ReadOnly != stored.ReadOnly {
			stored.Revision++
		}
		sealed, err := s.sealDetails(src.ID, d)
		if err != nil {
			return err
		}
		after = src
		after.Name, after.Settings, after.WorkspaceID, after.Engine = name, d.Settings, stored.WorkspaceID, stored.Engine
		after.Revision, after.CreatedAt, after.UpdatedAt = stored.Revision, stored.CreatedAt, now()
		_, err = tx.ExecContext(ctx, `
			UPDATE sources SET name = $3, name_key = $4, connection_details = $5, is_active = $6, read_only = $7, production = $8,
				row_limit = $9, timeout_ms = $10, cache_ttl_s = $11, color = $12, revision = $13, updated_at = $14
			WHERE id = $1 AND workspace_id = $2`,
			after.ID, p.WorkspaceID, after.Name, fold(after.Name), sealed, after.IsActive, after.ReadOnly, after.Production,
			after.RowLimit, after.Timeout.Milliseconds(), seconds(after.CacheTTL), after.Color, after.Revision, after.UpdatedAt)
		return s.sourceFailure("update source", after.Name, err)
	})
	if err != nil {
		return domain.Source{}, err
	}
	return after, nil
}

// DeleteSource hides a source and forgets its secrets. Queries and runs keep the
// row they refer to. It is domain.NotFound for a source already deleted.
func (s *Store) DeleteSource(ctx context.Context, p domain.Principal, id string) error {
	return s.inTx(ctx, func(tx *sql.Tx) error {
		if err := lockRow(ctx, tx, "source", "UPDATE sources SET revision = revision WHERE id = $1 AND workspace_id = $2", id, p.WorkspaceID); err != nil {
			return err
		}
		_, d, err := s.source(ctx, tx, p, id)
		if err != nil {
			return err
		}
		sealed, err := s.sealDetails(id, details{Settings: d.Settings})
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "DELETE FROM workers WHERE source_id = $1", id); err != nil {
			return fail("delete workers of source", err)
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE sources SET connection_details = $3, deleted_at = $4
			WHERE id = $1 AND workspace_id = $2`, id, p.WorkspaceID, sealed, now())
		return fail("delete source", err)
	})
}

// sourceFailure words a name already taken.
func (s *Store) sourceFailure(doing, name string, err error) error {
	if !s.dialect.isDuplicate(err) {
		return fail(doing, err)
	}
	return &domain.Error{
		Code: domain.Conflict, Op: doing, Field: "name", Err: err,
		Message: "There is already a source named " + name + ".",
		Hint:    "Choose another name.",
	}
}

func seconds(d time.Duration) int64 { return int64(d / time.Second) }
